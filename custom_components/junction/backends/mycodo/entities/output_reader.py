"""Read the outputs between two polls, after something happened."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later

from ....errors import BackendError

# Seconds after the end of a timer, because Mycodo checks it every 50 ms.
TIMER_MARGIN: Final = 0.3


class OutputReader:
    """Call ``read_outputs`` in a background task, created by ``start``."""

    def __init__(
        self,
        hass: HomeAssistant,
        read_outputs: Callable[[], Awaitable[None]],
        start: Callable[[Callable[[], Awaitable[None]], str], asyncio.Task[None]],
    ) -> None:
        """Initialize; nothing is read yet."""
        self._hass = hass
        self._read_outputs = read_outputs
        self._start = start
        self._timers: set[CALLBACK_TYPE] = set()
        self._reading: asyncio.Task[None] | None = None
        self._again = False

    @callback
    def read_after(self, seconds: float) -> None:
        """Read now, and again after the timer of ``seconds`` has ended.

        Used for durations that are too short to confirm.
        """
        cancel: CALLBACK_TYPE

        @callback
        def over(_now: datetime) -> None:
            self._timers.discard(cancel)
            self.read()

        cancel = async_call_later(self._hass, seconds + TIMER_MARGIN, over)
        self._timers.add(cancel)
        self.read()

    @callback
    def read(self) -> None:
        """Read all outputs in the background; calls during a read cause one more read."""
        if self._reading is not None and not self._reading.done():
            self._again = True
            return
        self._reading = self._start(self._read, "outputs")

    async def _read(self) -> None:
        try:
            while True:
                self._again = False
                await self._read_outputs()
                if not self._again:
                    return
        except BackendError:
            # The next poll reports the error.
            return

    def close(self) -> None:
        """Cancel the timers."""
        for cancel in list(self._timers):
            cancel()
        self._timers.clear()
