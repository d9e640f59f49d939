"""The whole history of a server, in pages, from meter positions.

See ``docs/protocols/dsmr_reader.md#history``.

Cleaned-up years have two readings per hour and are read in long pages. The last weeks
have one every few seconds; there the first reading of each hour is asked for alone.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any, Final

from ....moments import read_date
from ...hourly import LeftOut
from .api import ReaderClient, TimedRow
from .continuity import HOUR, Step
from .contracts import Contract
from .day_statistics import AMOUNTS, TEMPERATURES, DayStatistics, HourStatistics
from .ledger import MOST_HOURS, Ledger, Rows, hour_of, moment_of
from .positions import position_of
from .shares import Known, spread

LIMIT: Final = 1000
"""Readings per request: 0.6 MB, 0.05 s on a fast server and 1 s on a small one."""
SPAN: Final = timedelta(days=31)
DENSE: Final = 100
"""Readings per hour beyond which one request per hour moves less than a page does."""
EARLIEST: Final = datetime(2010, 1, 1, tzinfo=UTC)
"""Before this there were no meters that print telegrams: their clock was not set."""

CLOCK: Final = "clock"
"""Readings from before ``EARLIEST``."""

_PROBES: Final = 24
_EMPTY_PROBES: Final = 3
# The first reading of an hour may be one that is left out.
_CANDIDATES: Final = 4
_LATE: Final = 600
_GAP: Final = 3
# Hours or rows after which other things get their turn in the event loop.
_AT_ONCE: Final = 100
_LONG_GAP: Final = 31 * 24
_DAYS: Final = timedelta(days=365)
# Wh: more than any house connection carries in a day.
_MOST_A_DAY: Final = 2_400_000


@dataclass(frozen=True, slots=True)
class Stretch:
    """A page of history, as ``statistics`` takes it."""

    rows: Rows
    cursor: dict[str, Any]
    progress: float
    left_out: tuple[LeftOut, ...] = ()


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
            oldest = await self._oldest(ledger, now)
            async for stretch in self._before(oldest, kept):
                yield stretch
            if oldest is None:
                return
            at = hour_of(oldest)
        if begin is None:
            begin = at
        end = hour_of(now)
        page = _Page(ledger, kept, begin, end)
        dense = False
        while at <= end:
            if dense:
                at = await self._probe(ledger, at, end)
            else:
                at, dense = await self._page(ledger, at, now)
            async for stretch in self._give(page, page.certain()):
                yield stretch
            page.safe(at)
            if at <= end:
                yield page.stretch()
        async for stretch in self._give(page, page.open()):
            yield stretch
        yield page.stretch()

    async def _oldest(self, ledger: Ledger, now: datetime) -> datetime | None:
        """Return the time of the oldest reading; those that cannot be are left out."""
        oldest = await self._client.oldest()
        if oldest is None or oldest.time >= EARLIEST:
            return None if oldest is None else oldest.time
        for wrong in await self._client.readings(oldest.time, EARLIEST, LIMIT):
            ledger.leave_out(CLOCK, wrong.time.timestamp())
        oldest = await self._client.next_reading(EARLIEST, now)
        return None if oldest is None else oldest.time

    async def _give(
        self, page: _Page, steps: Iterable[tuple[Step, bool]]
    ) -> AsyncGenerator[Stretch]:
        """Make the rows of steps, and yield whenever a page is full.

        Such a page goes back to where the last whole one ended.
        """
        for step, is_gas in steps:
            known = await self._known(step, is_gas=is_gas)
            give = page.ledger.give_gas if is_gas else page.ledger.give_power
            for _ in give(step, known):
                page.hours += 1
                if page.hours >= 2 * MOST_HOURS:
                    yield page.stretch()
                if page.hours % _AT_ONCE == 0:
                    await asyncio.sleep(0)

    async def _page(self, ledger: Ledger, at: int, now: datetime) -> tuple[int, bool]:
        """Read a page; return the hour to go on from, and whether it was dense."""
        start = moment_of(at)
        until = min(start + SPAN, now)
        rows = await self._client.rows(start, until, LIMIT)
        if not rows:
            following = await self._client.next_reading(until, now)
            return (
                _beyond(now) if following is None else hour_of(following.time)
            ), False
        await _take(ledger, rows)
        last = hour_of(rows[-1][0])
        if len(rows) < LIMIT:
            return (_beyond(now) if until == now else hour_of(until)), False
        hours = max((last - at) // HOUR, 1)
        # The last hour was seen from its beginning; it need not be read again.
        return (last if last > at else at + HOUR), len(rows) / hours > DENSE

    async def _probe(self, ledger: Ledger, at: int, end: int) -> int:
        """Ask for the first reading of each of the next hours, two at a time."""
        empty = 0
        stop = min(at + _PROBES * HOUR, end + HOUR)
        for hour in range(at, stop, 2 * HOUR):
            found = await asyncio.gather(
                *(self._first(one) for one in (hour, hour + HOUR) if one < stop)
            )
            for rows in found:
                empty = 0 if rows else empty + 1
                await _take(ledger, rows)
            if empty >= _EMPTY_PROBES:
                following = await self._client.next_reading(
                    moment_of(hour + 2 * HOUR), moment_of(end + HOUR)
                )
                return end + HOUR if following is None else hour_of(following.time)
        return stop

    async def _first(self, hour: int) -> list[TimedRow]:
        return await self._client.rows(
            moment_of(hour), moment_of(hour + HOUR - 1), _CANDIDATES
        )

    async def _known(self, step: Step, *, is_gas: bool) -> tuple[Known, ...]:
        """Return what the server counted in a gap, to share it out by."""
        hours = (step.end.hour - step.begin) // HOUR
        if hours < _GAP or not any(step.amounts):
            return ()
        if hours <= _LONG_GAP:
            counted = await self._client.hours(
                moment_of(step.begin), moment_of(step.end.hour - HOUR)
            )
            by_hour = {hour_of(one.start): _amounts(one, is_gas) for one in counted}
            if not by_hour:
                return ()
            nothing = (0.0,) * len(step.amounts)
            return tuple(
                Known(hour, hour + HOUR, by_hour.get(hour, nothing))
                for hour in range(step.begin, step.end.hour, HOUR)
            )
        found: list[Known] = []
        start = moment_of(step.begin).astimezone(self._zone).date() + timedelta(days=1)
        end = moment_of(step.end.hour).astimezone(self._zone).date()
        while start < end:
            until = min(start + _DAYS, end)
            for one in await self._client.days(start, until - timedelta(days=1)):
                opening, closing = (
                    self._midnight(one.day),
                    self._midnight(_next(one.day)),
                )
                names = ("gas",) if is_gas else AMOUNTS
                found.append(
                    Known(
                        hour_of(opening),
                        hour_of(closing),
                        tuple(one.values.get(name, 0.0) for name in names),
                    )
                )
            start = until
        return tuple(found)

    # Days without readings: the server was cleaned by hand, or days were posted

    async def _before(
        self, oldest: datetime | None, kept: dict[str, Any]
    ) -> AsyncGenerator[Stretch]:
        """Yield the days before the first reading, by the server's own statistics."""
        end = (oldest or self._now()).astimezone(self._zone).date()
        first = await self._client.first_day()
        start = read_date(kept.get("day")) or first
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

    def _midnight(self, on: date) -> datetime:
        return datetime(on.year, on.month, on.day, tzinfo=self._zone).astimezone(UTC)

    # Days: what the server reckons, and the weather

    async def days(self, cursor: dict[str, Any] | None) -> AsyncGenerator[Stretch]:
        """Yield total costs, on the last hour of each day, and temperatures."""
        today = self._now().astimezone(self._zone).date()
        if (reached := read_date((cursor or {}).get("day"))) is not None:
            first = start = reached - timedelta(days=2)
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


class _Page:
    """What is being worked out, and where to go back to if that is cut short."""

    def __init__(
        self, ledger: Ledger, kept: dict[str, Any], begin: int, end: int
    ) -> None:
        self.ledger = ledger
        self.hours = 0
        self._cursor = {**kept, "begin": begin}
        self._at = self._begin = begin
        self._span = max(end + HOUR - begin, 1)

    def certain(self) -> Iterator[tuple[Step, bool]]:
        """Yield the steps that are certain, and whether they are of gas."""
        for step in self.ledger.electricity.take_steps():
            yield step, False
        for step in self.ledger.gas.take_steps():
            yield step, True

    def open(self) -> Iterator[tuple[Step, bool]]:
        """Yield those that later readings may still change."""
        for step in self.ledger.electricity.open_steps():
            yield step, False
        for step in self.ledger.gas.open_steps():
            yield step, True

    def safe(self, at: int) -> None:
        """Go on from an hour, if it is cut short from now on."""
        self._at = at
        self._cursor = {**self.ledger.remember(), "begin": self._begin}

    def stretch(self) -> Stretch:
        """Return what was worked out since the last one."""
        self.hours = 0
        return Stretch(
            self.ledger.take_rows(),
            self._cursor,
            min((self._at - self._begin) / self._span, 1.0),
            self.ledger.take_left_out(),
        )


async def _take(ledger: Ledger, rows: Iterable[TimedRow]) -> None:
    """Take the first reading of each hour that is the meter's."""
    done = tried = -1
    for n, (time, row) in enumerate(rows, 1):
        if n % _AT_ONCE == 0:
            await asyncio.sleep(0)
        at = time.timestamp()
        hour = int(at) // HOUR * HOUR
        if hour == done or (at - hour > _LATE and hour == tried):
            continue
        tried = hour
        if ledger.take(position_of(time, row)):
            done = hour


def _amounts(one: HourStatistics, is_gas: bool) -> tuple[float, ...]:
    return (one.gas,) if is_gas else one.amounts


def _beyond(now: datetime) -> int:
    return hour_of(now) + HOUR


def _next(on: date) -> date:
    return on + timedelta(days=1)
