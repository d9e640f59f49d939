"""Receive the bytes of a line, no faster than any meter sends."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
import logging
from typing import Final, override

_LOGGER: Final = logging.getLogger(__name__)

PIECE: Final = 16 * 1024
"""Bytes that are handed on at a time: more than the longest telegram."""
PAUSE: Final = 0.1
"""Seconds between two pieces. That is ten times what a line of 115200 baud carries."""
MOST: Final = 1024 * 1024
"""Bytes that wait, of a line that cannot be paused. What comes then is lost."""


class Receiver(asyncio.Protocol):
    """Hands on what arrives; an exception would close some transports.

    Whoever sits at the other end of a TCP connection can send more than a meter, and
    what is no telegram takes time to be found out. So the line is paused between the
    pieces of what is too much, and Home Assistant goes on.
    """

    def __init__(
        self,
        on_data: Callable[[bytes], None],
        on_lost: Callable[[Exception | None], None],
    ) -> None:
        """Hand on to ``on_data``, and tell ``on_lost`` why the connection ended."""
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
            # As nearly always.
            self._hand_on(bytes(data))
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
            self._hand_on(piece)

    def _read(self, *, on: bool) -> None:
        if (transport := self._transport) is not None:
            # Not all kinds of lines can be paused, nor are those that are closing.
            with suppress(NotImplementedError, RuntimeError):
                (transport.resume_reading if on else transport.pause_reading)()

    def _hand_on(self, data: bytes) -> None:
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
