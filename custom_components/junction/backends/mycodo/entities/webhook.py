"""The webhook that Mycodo's action "Webhook" calls (docs/protocols/mycodo.md#push)."""

import asyncio
from collections.abc import Callable, Collection
from http import HTTPStatus
from typing import Final

from aiohttp import web
from homeassistant.components import webhook
from homeassistant.core import HomeAssistant

from ....const import DOMAIN, LOGGER
from ..client import Happened, parse

LONGEST: Final = 64 * 1024
"""Bytes of a body, at most; what Mycodo sends has a few hundred."""
PATIENCE: Final = 10.0
"""Seconds for a body to arrive."""


class MycodoWebhook:
    """One registered webhook. ``happened`` is told what a request says, once for each.

    The answer does not wait for anything: the command that caused a push waits for it.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        identity: str,
        happened: Callable[[Collection[Happened]], None],
    ) -> None:
        """Register nothing yet."""
        self._hass = hass
        self._identity = identity
        self._happened = happened
        self._registered = False
        self.received = 0

    def register(self, title: str, *, local_only: bool) -> None:
        """Take requests from now on."""
        webhook.async_register(
            self._hass,
            DOMAIN,
            title,
            self._identity,
            self._handle,
            local_only=local_only,
        )
        self._registered = True

    def unregister(self) -> None:
        """Take no more requests; more than once does no harm."""
        if self._registered:
            webhook.async_unregister(self._hass, self._identity)
        self._registered = False

    async def _handle(
        self, hass: HomeAssistant, webhook_id: str, request: web.Request
    ) -> web.Response:
        # Home Assistant writes the id, which is the secret, into the log when a handler
        # raises. So this one does not.
        try:
            async with asyncio.timeout(PATIENCE):
                body = await _body(request)
            if body is None:
                return web.Response(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            self.received += 1
            words = " ".join(f"{k}={v}" for k, v in request.query.items())
            # Its charset may be none; what matters is ASCII.
            self._happened(parse(f"{words}\n{body.decode(errors='replace')}"))
        except Exception:  # noqa: BLE001 - for the reason above
            LOGGER.debug("A push from Mycodo could not be read", exc_info=True)
            return web.Response(status=HTTPStatus.BAD_REQUEST)
        return web.Response()


async def _body(request: web.Request) -> bytes | None:
    """Return the body of a request, None when it is too long."""
    body = bytearray()
    while chunk := await request.content.read(LONGEST):
        body += chunk
        if len(body) > LONGEST:
            return None
    return bytes(body)
