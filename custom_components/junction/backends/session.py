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

    Systems set cookies that then weigh more than the key of a request, or that would
    mix up two accounts on one server. It lives as long as the entry that is being set
    up; without ``cleanup`` until it is detached.
    """
    return async_create_clientsession(
        hass, auto_cleanup=cleanup, cookie_jar=aiohttp.DummyCookieJar()
    )


@asynccontextmanager
async def brief_session(hass: HomeAssistant) -> AsyncIterator[aiohttp.ClientSession]:
    """Give a session without cookies for a few requests, as flows make them."""
    session = create_session(hass, cleanup=False)
    try:
        yield session
    finally:
        session.detach()
