"""Server side of TLS for clients that may break off the handshake.

A client that does not trust a certificate breaks off the handshake. With
``create_server(ssl=...)``, asyncio in debug mode reports that to the event loop's exception
handler; a test would count it as an error of Home Assistant, which shares the loop.
"""

import asyncio
from collections.abc import Callable
import ssl
from typing import cast, override


class TlsDoor(asyncio.Protocol):
    """Performs the TLS handshake, then hands the connection over to the protocol behind it."""

    def __init__(
        self, behind: Callable[[], asyncio.Protocol], context: ssl.SSLContext
    ) -> None:
        """Wait for the connection; ``behind`` is called once it is secured."""
        self._behind = behind
        self._context = context
        self._task: asyncio.Task[None] | None = None
        self._early = bytearray()
        self._lost = False

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._task = asyncio.create_task(
            self._shake_hands(cast("asyncio.Transport", transport))
        )

    @override
    def data_received(self, data: bytes) -> None:
        # The first request may arrive with the end of the handshake.
        self._early += data

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._lost = True

    async def _shake_hands(self, transport: asyncio.Transport) -> None:
        if transport.is_closing():
            # Already broken before this task began, so there is no second notification.
            return
        try:
            secured = await asyncio.get_running_loop().start_tls(
                transport, self, self._context, server_side=True
            )
        except OSError:
            # Certificate not trusted, no common version, no TLS at all, or disconnected.
            return
        if secured is None or self._lost:
            return
        protocol = self._behind()
        secured.set_protocol(protocol)
        protocol.connection_made(secured)
        if self._early:
            protocol.data_received(bytes(self._early))
