"""The whole history of a server, in pages, from meter positions.

See ``docs/protocols/dsmr_reader.md#history``.

Cleaned-up years have two readings per hour and are read in long pages. The last weeks
have one every few seconds; there the first reading of each hour is asked for alone.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any, Final

from .api import ReaderClient
from .contracts import Contract
from .day_statistics import AMOUNTS, TEMPERATURES, DayStatistics, HourStatistics
from .ledger import HOUR, Ledger, Rows, hour_of, moment_of
from .models import REGISTERS, Reading

LIMIT: Final = 1000
"""Readings per request: 0.6 MB, 0.05 s on a fast server and 1 s on a small one."""
SPAN: Final = timedelta(days=31)
DENSE: Final = 100
"""Readings per hour beyond which one request per hour moves less than a page does."""

_PROBES: Final = 24
_EMPTY_PROBES: Final = 3
_GAP: Final = 3 * HOUR
_LONGEST_GAP: Final = 900 * HOUR
_DAYS: Final = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A page of history, as ``statistics`` takes it."""

    rows: Rows
    cursor: dict[str, Any]
    progress: float


class History:
    """Works the history of one server out. ``zone`` is where its days begin."""

    def __init__(
        self,
        client: ReaderClient,
        zone: tzinfo,
        contracts: tuple[Contract, ...] = (),
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Get ready; nothing is asked yet."""
        self._client = client
        self._zone = zone
        self._contracts = contracts
        self._now = now

    # Hours, from readings

    async def readings(self, cursor: dict[str, Any] | None) -> AsyncGenerator[Stretch]:
        """Yield what was used in each hour, from where the cursor says."""
        now = self._now()
        ledger = Ledger(self._zone, self._contracts)
        kept = cursor or {}
        at = ledger.recall(kept)
        begin: int | None = kept.get("begin")
        if at is None:
            oldest = await self._client.oldest()
            async for stretch in self._before(oldest, kept):
                yield stretch
            if oldest is None:
                return
            at = hour_of(oldest.time)
        if begin is None:
            begin = at

        def stretch_to(hour: int) -> Stretch:
            span = max(now.timestamp() - begin, 1)
            return Stretch(
                ledger.take_rows(),
                {**ledger.remember(), "begin": begin},
                min((hour - begin) / span, 1.0),
            )

        end = hour_of(now)
        dense = False
        while at <= end:
            if dense:
                at = await self._probe(ledger, at, end)
            else:
                at, dense = await self._page(ledger, at, now)
            yield stretch_to(at)

    async def _page(self, ledger: Ledger, at: int, now: datetime) -> tuple[int, bool]:
        """Read a page; return the hour to go on from, and whether it was dense."""
        start = moment_of(at)
        until = min(start + SPAN, now)
        readings = await self._client.readings(start, until, LIMIT)
        if not readings:
            following = await self._client.next_reading(until, now)
            return (
                _beyond(now) if following is None else hour_of(following.time)
            ), False
        for reading in _firsts(readings):
            await self._take(ledger, reading)
        last = hour_of(readings[-1].time)
        if len(readings) < LIMIT:
            return (_beyond(now) if until == now else hour_of(until)), False
        hours = max((last - at) // HOUR, 1)
        # The last hour was seen from its beginning; it need not be read again.
        return (last if last > at else at + HOUR), len(readings) / hours > DENSE

    async def _probe(self, ledger: Ledger, at: int, end: int) -> int:
        """Ask for the first reading of each of the next hours, two at a time."""
        empty = 0
        stop = min(at + _PROBES * HOUR, end + HOUR)
        for hour in range(at, stop, 2 * HOUR):
            found = await asyncio.gather(
                *(self._first(one) for one in (hour, hour + HOUR) if one < stop)
            )
            for reading in found:
                empty = 0 if reading else empty + 1
                if reading is not None:
                    await self._take(ledger, reading)
            if empty >= _EMPTY_PROBES:
                following = await self._client.next_reading(
                    moment_of(hour + 2 * HOUR), moment_of(end + HOUR)
                )
                return end + HOUR if following is None else hour_of(following.time)
        return stop

    async def _first(self, hour: int) -> Reading | None:
        found = await self._client.readings(
            moment_of(hour), moment_of(hour + HOUR - 1), 1
        )
        return found[0] if found else None

    async def _take(self, ledger: Ledger, reading: Reading) -> None:
        weights: tuple[HourStatistics, ...] = ()
        if (last := ledger.last) is not None:
            gap = hour_of(reading.time) - last.hour
            if _GAP <= gap <= _LONGEST_GAP:
                weights = await self._client.hours(
                    moment_of(last.hour), reading.time - timedelta(hours=1)
                )
        ledger.take(reading, weights)

    # Days without readings: the server was cleaned by hand, or days were posted

    async def _before(
        self, oldest: Reading | None, kept: dict[str, Any]
    ) -> AsyncGenerator[Stretch]:
        """Yield the days before the first reading, by the server's own statistics."""
        end = (oldest.time if oldest else self._now()).astimezone(self._zone).date()
        first = await self._client.first_day()
        start = date.fromisoformat(kept["day"]) if "day" in kept else first
        if start is None or first is None or start >= end:
            return
        ledger = Ledger(self._zone, self._contracts)
        while start < end:
            # One more, whose positions are where the last one ends.
            until = min(start + SPAN, end)
            days = {one.day: one for one in await self._client.days(start, until)}
            if any(start <= on < until for on in days):
                opening = self._midnight(start)
                hours = await self._client.hours(
                    opening, self._midnight(until) - timedelta(hours=1)
                )
                for on in sorted(on for on in days if start <= on < until):
                    self._share_out(ledger, days[on], days.get(_next(on)), hours)
            start = until
            yield Stretch(ledger.take_rows(), {"day": start.isoformat()}, 0.0)

    def _share_out(
        self,
        ledger: Ledger,
        one: DayStatistics,
        following: DayStatistics | None,
        hours: tuple[HourStatistics, ...],
    ) -> None:
        """Share a day out over its hours, in the proportions of the hour statistics."""
        opening, closing = self._midnight(one.day), self._midnight(_next(one.day))
        inside = [hour for hour in hours if opening <= hour.start < closing]
        length = round((closing - opening) / timedelta(hours=1))
        begin = hour_of(opening)
        amounts = [one.values.get(name, 0.0) for name in AMOUNTS]
        if one.positions and following is not None and following.positions:
            amounts = [
                round(end - start, 3) if 0 <= end - start < 2400 else amount
                for start, end, amount in zip(
                    one.positions, following.positions, amounts, strict=True
                )
            ]
        shares = [
            _spread(
                amount,
                length,
                [((hour_of(h.start) - begin) // HOUR, h.amounts[n]) for h in inside],
            )
            for n, amount in enumerate(amounts)
        ]
        positions = one.positions or (None,) * len(REGISTERS)
        ledger.take_day(begin, shares, positions)
        if (gas := one.values.get("gas")) is not None:
            parts = [((hour_of(h.start) - begin) // HOUR, h.gas) for h in inside]
            ledger.emit("gas", begin, _spread(gas, length, parts), one.gas_position)

    def _midnight(self, on: date) -> datetime:
        return datetime(on.year, on.month, on.day, tzinfo=self._zone).astimezone(UTC)

    # Days: what the server reckons, and the weather

    async def days(self, cursor: dict[str, Any] | None) -> AsyncGenerator[Stretch]:
        """Yield total costs, on the last hour of each day, and temperatures."""
        today = self._now().astimezone(self._zone).date()
        if cursor is not None:
            first = start = date.fromisoformat(cursor["day"]) - timedelta(days=2)
        else:
            found = await self._client.first_day()
            if found is None:
                return
            first = start = found
        while start < today:
            until = min(start + _DAYS, today)
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
        opening, closing = self._midnight(one.day), self._midnight(_next(one.day))
        if (cost := one.values.get("total_cost")) is not None:
            rows["cost"].append((closing - timedelta(hours=1), cost, None))
        warmth = [one.values.get(name) for name in TEMPERATURES]
        if all(value is not None for value in warmth):
            for hour in range(hour_of(opening), hour_of(closing), HOUR):
                rows["temperature"].append((moment_of(hour), *warmth))


def _firsts(readings: tuple[Reading, ...]) -> Iterator[Reading]:
    """Yield the first reading of each hour."""
    last = None
    for reading in readings:
        if (hour := hour_of(reading.time)) != last:
            last = hour
            yield reading


def _beyond(now: datetime) -> int:
    return hour_of(now) + HOUR


def _next(on: date) -> date:
    return on + timedelta(days=1)


def _spread(amount: float, hours: int, parts: list[tuple[int, float]]) -> list[float]:
    """Share an amount out over a day; all of it on the last hour if nothing is known."""
    shares = [0.0] * hours
    total = sum(part for _, part in parts)
    if total <= 0:
        shares[-1] = round(amount, 3)
        return shares
    done = shared = 0.0
    for index, part in parts:
        done += part
        upto = round(amount * done / total, 3)
        shares[index] = round(upto - shared, 3)
        shared = upto
    return shares
