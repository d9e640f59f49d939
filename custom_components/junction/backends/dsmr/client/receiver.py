"""Receive the bytes of a line, no faster than any meter sends."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
import logging
from typing import Final, override

_LOGGER: Final = logging.getLogger(__name__)

PIECE: Final = 16 * 1024
"""Bytes that are passed on at a time: more than the longest telegram."""
PAUSE: Final = 0.1
"""Seconds between two pieces. That is ten times the rate of 115200 baud."""
MOST: Final = 1024 * 1024
"""Maximum buffered bytes of a line that cannot be paused. Further data is dropped."""


class Receiver(asyncio.Protocol):
    """Pass on received data; an exception would close some transports.

    The other end of a TCP connection can send faster than any meter, and invalid data
    takes time to process. The line is therefore paused between large pieces, so that
    Home Assistant stays responsive.
    """

    def __init__(
        self,
        on_data: Callable[[bytes], None],
        on_lost: Callable[[Exception | None], None],
    ) -> None:
        """Call ``on_data`` with data, and ``on_lost`` with the reason when the connection ends."""
        self._on_data = on_data
        self._on_lost = on_lost
        self._transport: asyncio.Transport | None = None
        self._waiting = bytearray()
        self._turn: asyncio.TimerHandle | None = None

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.Transport):
            self._transport = transport

    @override
    def data_received(self, data: bytes) -> None:
        if self._turn is None and len(data) <= PIECE:
            # The usual case.
            self._pass_on(bytes(data))
            return
        if len(self._waiting) < MOST:
            self._waiting += data
        if self._turn is None:
            self._next()

    def _next(self) -> None:
        self._turn = None
        piece = bytes(self._waiting[:PIECE])
        del self._waiting[:PIECE]
        if len(piece) < PIECE:
            self._read(on=True)
        else:
            self._read(on=False)
            self._turn = asyncio.get_running_loop().call_later(PAUSE, self._next)
        if piece:
            self._pass_on(piece)

    def _read(self, *, on: bool) -> None:
        if (transport := self._transport) is not None:
            # Some kinds of lines cannot be paused, nor can one that is closing.
            with suppress(NotImplementedError, RuntimeError):
                (transport.resume_reading if on else transport.pause_reading)()

    def _pass_on(self, data: bytes) -> None:
        try:
            self._on_data(data)
        except Exception:
            _LOGGER.exception("Unexpected error in what was received")

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        if self._turn is not None:
            self._turn.cancel()
            self._turn = None
        self._waiting.clear()
        self._transport = None
        self._on_lost(exc)
