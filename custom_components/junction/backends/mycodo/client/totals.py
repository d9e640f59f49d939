"""Daily totals of outputs: time on, and volume dispensed since midnight.

Mycodo records each run when the output is turned off, with the time when it was turned
on (docs/protocols/mycodo.md#onoff-channels). A channel that is still on is not counted
yet.
"""

import asyncio
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from ....errors import BackendError
from .api import MycodoClient
from .measurements import Series
from .models import OutputStates

INTERVAL: Final = 300.0
"""Seconds between two reads of a channel that was not switched."""


class DailyTotals:
    """Daily sums of the requested series."""

    def __init__(self, client: MycodoClient, turn: asyncio.Lock) -> None:
        """Initialize. ``turn`` is held during each request."""
        self._turn = turn
        self._client = client
        self._monotonic = client.clock.monotonic
        self._series: dict[str, tuple[Series, int]] = {}
        self._due: dict[str, float] = {}
        self._states: OutputStates = {}
        self._day: datetime | None = None
        self.sums: dict[str, float | None] = {}

    def want(self, series: Iterable[tuple[Series, int]]) -> None:
        """Set the series to sum, each with the output channel that it records."""
        self._series = {one.id: (one, channel) for one, channel in series}
        self.sums = {k: v for k, v in self.sums.items() if k in self._series}
        self._due = {k: v for k, v in self._due.items() if k in self._series}

    def seen(self, states: OutputStates) -> None:
        """Detect which outputs were turned off, because their sums have changed."""
        for identity, (one, channel) in self._series.items():
            before = self._states.get(one.device, {}).get(channel)
            if before and states.get(one.device, {}).get(channel) is False:
                self._due.pop(identity, None)
        self._states = states

    async def poll(self, midnight: datetime) -> None:
        """Read what is due; without a database the sums stay unchanged."""
        if midnight != self._day:
            self._day = midnight
            self._due.clear()
            self.sums.clear()
        now = self._monotonic()
        for identity, (one, _channel) in self._series.items():
            if self._due.get(identity, now) > now:
                continue
            try:
                async with self._turn:
                    readings = await self._client.historical(
                        one.device, one.unit, one.channel, int(midnight.timestamp())
                    )
            except BackendError:
                return
            # Mycodo accepts and records negative volumes, but dispenses nothing.
            self.sums[identity] = sum(max(found.value, 0.0) for found in readings)
            self._due[identity] = now + INTERVAL
