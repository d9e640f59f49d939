"""HTTP sessions of a backend, on Home Assistant's connector and resolver."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_create_clientsession


def create_session(
    hass: HomeAssistant, *, cleanup: bool = True
) -> aiohttp.ClientSession:
    """Return a session that keeps no cookies.

    Some systems set cookies that take precedence over an API key, or that would mix up
    two accounts on one server. The session lives as long as the entry that is being set
    up; with ``cleanup`` False until it is detached.
    """
    return async_create_clientsession(
        hass, auto_cleanup=cleanup, cookie_jar=aiohttp.DummyCookieJar()
    )


@asynccontextmanager
async def brief_session(hass: HomeAssistant) -> AsyncIterator[aiohttp.ClientSession]:
    """Provide a session without cookies for a few requests, such as those of a flow."""
    session = create_session(hass, cleanup=False)
    try:
        yield session
    finally:
        session.detach()
