"""Days of a server, from its own statistics (``docs/protocols/dsmr_reader.md#history``).

They are all that is left where there are no readings: the server was cleaned by hand,
or days were posted. Costs and temperatures are stored by day only.
"""

from collections.abc import AsyncGenerator, Callable
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any, Final

from ....moments import read_date
from .api import ReaderClient
from .continuity import HOUR
from .contracts import Contract
from .day_statistics import AMOUNTS, TEMPERATURES, DayStatistics, HourStatistics
from .ledger import Ledger, Rows, hour_of, moment_of
from .shares import spread
from .stretch import Stretch

SPAN: Final = timedelta(days=31)
"""Range of one request for hours."""
YEAR: Final = timedelta(days=365)
"""Range of one request for days."""

# Wh: more than any house connection carries in a day.
_MOST_A_DAY: Final = 2_400_000


def midnight(on: date, zone: tzinfo) -> datetime:
    """Return the start of a day in UTC."""
    return datetime(on.year, on.month, on.day, tzinfo=zone).astimezone(UTC)


def next_day(on: date) -> date:
    """Return the next day."""
    return on + timedelta(days=1)


class DayHistory:
    """Convert the day statistics of one server. ``zone`` is the one in which days begin."""

    def __init__(
        self,
        client: ReaderClient,
        zone: tzinfo,
        contracts: tuple[Contract, ...],
        now: Callable[[], datetime],
    ) -> None:
        """Initialize; nothing is requested yet."""
        self._client = client
        self._zone = zone
        self._contracts = contracts
        self._now = now

    def _midnight(self, on: date) -> datetime:
        return midnight(on, self._zone)

    async def before(
        self, oldest: datetime | None, kept: dict[str, Any]
    ) -> AsyncGenerator[Stretch]:
        """Yield the days before the first reading, from the server's own statistics."""
        end = (oldest or self._now()).astimezone(self._zone).date()
        first = await self._client.first_day()
        start = read_date(kept.get("day")) or first
        if start is None or first is None or start >= end:
            return
        ledger = Ledger(self._zone, self._contracts)
        while start < end:
            # One more day, whose positions are the end of the last one.
            until = min(start + SPAN, end)
            days = {one.day: one for one in await self._client.days(start, until)}
            if any(start <= on < until for on in days):
                opening = self._midnight(start)
                hours = await self._client.hours(
                    opening, self._midnight(until) - timedelta(hours=1)
                )
                for on in sorted(on for on in days if start <= on < until):
                    self._distribute_day(
                        ledger, days[on], days.get(next_day(on)), hours
                    )
            start = until
            yield Stretch(ledger.take_rows(), {"day": start.isoformat()}, 0.0)

    def _distribute_day(
        self,
        ledger: Ledger,
        one: DayStatistics,
        following: DayStatistics | None,
        hours: tuple[HourStatistics, ...],
    ) -> None:
        """Distribute a day over its hours, in proportion to the hour statistics."""
        opening, closing = self._midnight(one.day), self._midnight(next_day(one.day))
        inside = [hour for hour in hours if opening <= hour.start < closing]
        length = round((closing - opening) / timedelta(hours=1))
        begin = hour_of(opening)
        amounts = [round(one.values.get(name, 0.0) * 1000) for name in AMOUNTS]
        positions: list[int | None] = [None] * len(AMOUNTS)
        if one.positions:
            positions = [round(value * 1000) for value in one.positions]
            if following is not None and following.positions:
                ends = [round(value * 1000) for value in following.positions]
                amounts = [
                    end - start if 0 <= end - start < _MOST_A_DAY else amount
                    for start, end, amount in zip(
                        [round(value * 1000) for value in one.positions],
                        ends,
                        amounts,
                        strict=True,
                    )
                ]
        shares = [
            spread(
                amount,
                length,
                [((hour_of(h.start) - begin) // HOUR, h.amounts[n]) for h in inside],
            )
            for n, amount in enumerate(amounts)
        ]
        for hour, parts in enumerate(zip(*shares, strict=True)):
            positions = [
                None if before is None else before + part
                for before, part in zip(positions, parts, strict=True)
            ]
            ledger.put_power(begin + hour * HOUR, parts, positions)
        if (gas := one.values.get("gas")) is not None:
            counted = [((hour_of(h.start) - begin) // HOUR, h.gas) for h in inside]
            position = (
                None if one.gas_position is None else round(one.gas_position * 1000)
            )
            for hour, part in enumerate(spread(round(gas * 1000), length, counted)):
                position = None if position is None else position + part
                ledger.put_gas(begin + hour * HOUR, part, position)

    async def days(self, cursor: dict[str, Any] | None) -> AsyncGenerator[Stretch]:
        """Yield total costs, in the last hour of each day, and temperatures."""
        today = self._now().astimezone(self._zone).date()
        if (reached := read_date((cursor or {}).get("day"))) is not None:
            first = start = reached - timedelta(days=2)
        else:
            found = await self._client.first_day()
            if found is None:
                return
            first = start = found
        while start < today:
            until = min(start + YEAR, today)
            rows: Rows = {"cost": [], "temperature": []}
            for one in await self._client.days(start, until - timedelta(days=1)):
                self._put_day(rows, one)
            start = until
            yield Stretch(
                rows,
                {"day": start.isoformat()},
                (start - first) / max(today - first, timedelta(days=1)),
            )

    def _put_day(self, rows: Rows, one: DayStatistics) -> None:
        opening, closing = self._midnight(one.day), self._midnight(next_day(one.day))
        if (cost := one.values.get("total_cost")) is not None:
            # Days of some zones do not end with an hour.
            rows["cost"].append((moment_of(hour_of(closing) - HOUR), cost, None))
        warmth = [one.values.get(name) for name in TEMPERATURES]
        if all(value is not None for value in warmth):
            for hour in range(hour_of(opening), hour_of(closing), HOUR):
                rows["temperature"].append((moment_of(hour), *warmth))
