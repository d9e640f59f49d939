"""Webhook for Mycodo's action "Webhook" (docs/protocols/mycodo.md#push)."""

import asyncio
from collections.abc import Callable, Collection
from http import HTTPStatus
from typing import Final

from aiohttp import web
from homeassistant.components import webhook
from homeassistant.core import HomeAssistant

from ....const import DOMAIN, LOGGER
from ..client import OutputChange, parse

LONGEST: Final = 64 * 1024
"""Maximum size of a body in bytes; Mycodo sends a few hundred."""
PATIENCE: Final = 10.0
"""Seconds within which a body must arrive."""


class MycodoWebhook:
    """One registered webhook. ``on_changes`` is called once per request.

    The response is sent at once, because the command that caused the push waits for it.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        identity: str,
        on_changes: Callable[[Collection[OutputChange]], None],
    ) -> None:
        """Initialize without registering."""
        self._hass = hass
        self._identity = identity
        self._on_changes = on_changes
        self._registered = False
        self.received = 0

    def register(self, title: str, *, local_only: bool) -> None:
        """Register the webhook."""
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
        """Unregister the webhook; may be called more than once."""
        if self._registered:
            webhook.async_unregister(self._hass, self._identity)
        self._registered = False

    async def _handle(
        self, hass: HomeAssistant, webhook_id: str, request: web.Request
    ) -> web.Response:
        # Home Assistant logs the webhook id, which is a secret, if a handler raises. So
        # this one never raises.
        try:
            async with asyncio.timeout(PATIENCE):
                body = await _body(request)
            if body is None:
                return web.Response(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            self.received += 1
            words = " ".join(f"{k}={v}" for k, v in request.query.items())
            # The charset may be invalid; the relevant part is ASCII.
            self._on_changes(parse(f"{words}\n{body.decode(errors='replace')}"))
        except Exception:  # noqa: BLE001 - see above
            LOGGER.debug("A push from Mycodo could not be read", exc_info=True)
            return web.Response(status=HTTPStatus.BAD_REQUEST)
        return web.Response()


async def _body(request: web.Request) -> bytes | None:
    """Return the body of a request, None if it is too large."""
    body = bytearray()
    while chunk := await request.content.read(LONGEST):
        body += chunk
        if len(body) > LONGEST:
            return None
    return bytes(body)
