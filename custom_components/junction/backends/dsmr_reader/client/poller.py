"""Request the data of a server that is due.

The intervals follow ``docs/protocols/dsmr_reader.md#polling``.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, tzinfo
import logging
from typing import Final

from ....errors import AuthFailedError, BackendError
from ...forward.client.errors import ApiDisabledError
from ...http import Clock
from .api import ReaderClient
from .state import INTERVALS, STALE_AFTER, Group, ReaderState, zone_of
from .telegram import parse_telegram

_LOGGER: Final = logging.getLogger(__name__)

# Intervals for which a failing group is still shown; data that changes only at night
# stays.
_GRACE: Final = 3
_MIN_GRACE: Final = 120.0
_LIVE_FACTOR: Final = 5


class Poller:
    """Poll one server.

    ``home`` is Home Assistant's time zone, ``interval`` the time between polls (s).
    """

    def __init__(
        self,
        client: ReaderClient,
        home: tzinfo,
        interval: float,
        clock: Clock | None = None,
    ) -> None:
        """Initialize; nothing is requested yet."""
        self.client = client
        self.state = ReaderState(
            zone=home, stale_after=max(_LIVE_FACTOR * interval, STALE_AFTER)
        )
        self.failures: dict[Group, str] = {}
        """Errors of groups that failed the last time, by their key."""
        self._home = home
        self._clock = clock or Clock()
        self._asked: dict[Group, float] = {}
        self._answered: dict[Group, float] = {}
        self._day: object = None
        self._lost = False

    def again(self) -> None:
        """Request everything at the next poll, after a change."""
        self._asked.clear()

    async def poll(self) -> ReaderState:
        """Request the newest reading, and every group that is due.

        Raises BackendError if no reading can be read; other groups that fail affect
        only themselves.
        """
        now = self._clock.utcnow()
        try:
            reading = await self.client.latest(now)
        except BackendError:
            self._lost = True
            raise
        if self._lost:
            # The server may have been updated while it was away.
            self._lost = False
            self._asked.pop(Group.STATIC, None)
        state = self.state
        if reading is not None:
            # If the two clocks differ, the meter's time decides which one is wrong.
            clocks = (now, now + self.client.skew)
            now = min(clocks, key=lambda clock: abs(clock - reading.time))
        state.now = now
        state.zone = self.client.zone = zone_of(reading, self._home)
        state.take_reading(reading)
        self._mark(Group.READING)
        await self._groups(now)
        state.fresh = {Group.OWN, *self._fresh()}
        return state

    async def _groups(self, now: datetime) -> None:
        if (day := self.state.server_day) != self._day:
            # Prices and yesterday's totals change with the day.
            self._day = day
            for group in (Group.STATIC, Group.DAY, Group.TODAY):
                self._asked.pop(group, None)
        moment = self._clock.monotonic()
        due = [
            group
            for group, interval in INTERVALS.items()
            if moment - self._asked.get(group, -1e9) >= interval - 0.5
            and not (group is Group.COST and self._has_no_costs())
        ]
        results = await asyncio.gather(
            *(self._try(group, now) for group in due), return_exceptions=True
        )
        for result in results:
            if isinstance(result, BaseException):
                raise result

    def _has_no_costs(self) -> bool:
        """Return whether there are no costs, because there is no contract."""
        state = self.state
        return state.contracts == () and state.live.tariff_name is not None

    async def _try(self, group: Group, now: datetime) -> None:
        self._asked[group] = self._clock.monotonic()
        asks: dict[Group, Callable[[datetime], Awaitable[None]]] = {
            Group.COST: self._ask_cost,
            Group.TODAY: self._ask_today,
            Group.METER: self._ask_meter,
            Group.MONITORING: self._ask_monitoring,
            Group.GAS: self._ask_gas,
            Group.PEAKS: self._ask_peaks,
            Group.STATIC: self._ask_static,
            Group.DAY: self._ask_day,
        }
        try:
            await asks[group](now)
        except AuthFailedError, ApiDisabledError:
            # The error concerns all groups.
            raise
        except BackendError as err:
            if group not in self.failures:
                _LOGGER.debug("%s could not be read: %s", group, err)
            self.failures[group] = err.key
        else:
            self.failures.pop(group, None)
            self._mark(group)

    def _mark(self, group: Group) -> None:
        self._answered[group] = self._clock.monotonic()

    def _fresh(self) -> set[Group]:
        moment = self._clock.monotonic()
        return {
            group
            for group, at in self._answered.items()
            if moment - at <= max(_GRACE * INTERVALS.get(group, 0.0), _MIN_GRACE)
        }

    async def _ask_cost(self, now: datetime) -> None:
        self.state.live = await self.client.live()

    async def _ask_today(self, now: datetime) -> None:
        self.state.take_today(await self.client.today())

    async def _ask_meter(self, now: datetime) -> None:
        self.state.meter = meter = await self.client.meter_statistics()
        self.state.telegram = parse_telegram(meter.telegram, self.state.zone)

    async def _ask_monitoring(self, now: datetime) -> None:
        self.state.problems = await self.client.problems()

    async def _ask_gas(self, now: datetime) -> None:
        if self.state.gas is not None:
            self.state.gas_live = await self.client.gas_live()

    async def _ask_peaks(self, now: datetime) -> None:
        month = now.astimezone(self.state.zone).replace(
            day=1, hour=0, minute=0, second=0, microsecond=0
        )
        self.state.last_peak, self.state.month_peak = await self.client.peaks(
            month, now
        )

    async def _ask_static(self, now: datetime) -> None:
        # After the start, connecting has requested it already.
        if Group.STATIC in self._answered:
            self.client.take_version(await self.client.api.version())
        self.state.contracts = await self.client.contracts()

    async def _ask_day(self, now: datetime) -> None:
        self.state.day = await self.client.last_day()
