"""Read the outputs between two polls, when something happened to them."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later

from ....errors import BackendError

# After the end of a timer, until Mycodo has noticed: it looks every 50 ms.
TIMER_MARGIN: Final = 0.3


class OutputReader:
    """Calls ``look`` in the background, in what ``start`` starts."""

    def __init__(
        self,
        hass: HomeAssistant,
        look: Callable[[], Awaitable[None]],
        start: Callable[[Callable[[], Awaitable[None]], str], asyncio.Task[None]],
    ) -> None:
        """Read nothing yet."""
        self._hass = hass
        self._look = look
        self._start = start
        self._timers: set[CALLBACK_TYPE] = set()
        self._reading: asyncio.Task[None] | None = None
        self._again = False

    @callback
    def read_after(self, seconds: float) -> None:
        """Look now, and again when something will have happened by itself.

        Nobody waits for the confirmation of a short time.
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
        """Read all outputs in the background; calls meanwhile are one more read."""
        if self._reading is not None and not self._reading.done():
            self._again = True
            return
        self._reading = self._start(self._read, "outputs")

    async def _read(self) -> None:
        try:
            while True:
                self._again = False
                await self._look()
                if not self._again:
                    return
        except BackendError:
            # The next poll says what is wrong.
            return

    def close(self) -> None:
        """Forget the timers."""
        for cancel in list(self._timers):
            cancel()
        self._timers.clear()
