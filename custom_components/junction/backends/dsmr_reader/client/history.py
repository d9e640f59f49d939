"""History of a server, in pages, from meter positions.

See ``docs/protocols/dsmr_reader.md#history``.

Years that were cleaned up have two readings per hour and are read in long pages. The
last weeks have one every few seconds; there only the first reading of each hour is
requested.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator
from datetime import UTC, datetime, tzinfo
from typing import Any, Final

from ...http import TimedOutError
from .api import ReaderClient, TimedRow
from .continuity import HOUR, Step
from .contracts import Contract
from .days import SPAN, DayHistory
from .gaps import counted_in
from .ledger import MOST_HOURS, Ledger, hour_of, moment_of
from .positions import position_of
from .stretch import Stretch

LIMIT: Final = 1000
"""Readings per request: 0.6 MB, 0.05 s on a fast server and 1 s on a small one."""
DENSE: Final = 100
"""Readings per hour above which one request per hour transfers less than a page does.
"""
EARLIEST: Final = datetime(2010, 1, 1, tzinfo=UTC)
"""Earlier times mean that the clock was not set: no meter printed telegrams then."""

CLOCK: Final = "clock"
"""Readings from before ``EARLIEST``."""

# Readings per request from which a server that is too slow for it is given up.
_LEAST: Final = 100
_PROBES: Final = 24
_EMPTY_PROBES: Final = 3
# More than one, because the first reading of an hour may be ignored.
_CANDIDATES: Final = 4
_LATE: Final = 600
# Hours or rows after which the event loop gets control.
_AT_ONCE: Final = 100


class History:
    """Calculate the history of one server. ``zone`` is the one in which days begin."""

    def __init__(
        self,
        client: ReaderClient,
        zone: tzinfo,
        contracts: tuple[Contract, ...] = (),
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Initialize; nothing is requested yet."""
        self._client = client
        self._zone = zone
        self._contracts = contracts
        self._now = now
        self._parts = 1
        self._days = DayHistory(client, zone, contracts, now)

    async def readings(self, cursor: dict[str, Any] | None) -> AsyncGenerator[Stretch]:
        """Yield the consumption of each hour, starting at the cursor."""
        now = self._now()
        ledger = Ledger(self._zone, self._contracts)
        kept = cursor or {}
        at = ledger.recall(kept)
        begin: int | None = kept.get("begin")
        if at is None:
            oldest = await self._oldest(ledger, now)
            async for stretch in self._days.before(oldest, kept):
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
            async for stretch in self._fill_pages(page, page.certain()):
                yield stretch
            page.safe(at)
            if at <= end:
                yield page.stretch()
        async for stretch in self._fill_pages(page, page.open()):
            yield stretch
        yield page.stretch()

    async def _oldest(self, ledger: Ledger, now: datetime) -> datetime | None:
        """Return the time of the oldest valid reading."""
        for wrong in await self._client.unset(EARLIEST, LIMIT):
            ledger.leave_out(CLOCK, wrong.timestamp())
        oldest = await self._client.next_reading(EARLIEST, now)
        return None if oldest is None else oldest.time

    async def _fill_pages(
        self, page: _Page, steps: Iterable[tuple[Step, bool]]
    ) -> AsyncGenerator[Stretch]:
        """Create the rows of steps, and yield whenever a page is full.

        The cursor of such a page is the end of the last complete one.
        """
        for step, is_gas in steps:
            known = await counted_in(self._client, self._zone, step, is_gas=is_gas)
            rows_of_step = page.ledger.gas_rows if is_gas else page.ledger.power_rows
            for _ in rows_of_step(step, known):
                page.hours += 1
                if page.hours >= 2 * MOST_HOURS:
                    yield page.stretch()
                if page.hours % _AT_ONCE == 0:
                    await asyncio.sleep(0)

    async def _page(self, ledger: Ledger, at: int, now: datetime) -> tuple[int, bool]:
        """Read a page; return the hour to continue from, and whether it was dense."""
        start = moment_of(at)
        until = min(start + SPAN, now)
        rows, more = await self._rows(start, until)
        if not rows:
            following = await self._client.next_reading(until, now)
            return (
                _beyond(now) if following is None else hour_of(following.time)
            ), False
        await _take(ledger, rows)
        last = hour_of(rows[-1][0])
        if not more:
            return (_beyond(now) if until == now else hour_of(until)), False
        hours = max((last - at) // HOUR, 1)
        # The last hour was read from its start, so it need not be read again.
        return (last if last > at else at + HOUR), len(rows) / hours > DENSE

    async def _rows(
        self, start: datetime, until: datetime
    ) -> tuple[list[TimedRow], bool]:
        """Request a page; smaller ones from a server that does not get it ready in time."""
        while True:
            limit = LIMIT // self._parts
            try:
                return await self._client.rows(start, until, limit)
            except TimedOutError:
                if limit <= _LEAST:
                    raise
                self._parts *= 4

    async def _probe(self, ledger: Ledger, at: int, end: int) -> int:
        """Request the first reading of each of the next hours, two at a time."""
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
        rows, _ = await self._client.rows(
            moment_of(hour), moment_of(hour + HOUR - 1), _CANDIDATES
        )
        return rows

    # Days, from the server's own statistics.

    def days(self, cursor: dict[str, Any] | None) -> AsyncGenerator[Stretch]:
        """Yield total costs, in the last hour of each day, and temperatures."""
        return self._days.days(cursor)


class _Page:
    """The current page, and the position to return to if it is interrupted."""

    def __init__(
        self, ledger: Ledger, kept: dict[str, Any], begin: int, end: int
    ) -> None:
        self.ledger = ledger
        self.hours = 0
        self._cursor = {**kept, "begin": begin}
        self._at = self._begin = begin
        self._span = max(end + HOUR - begin, 1)

    def certain(self) -> Iterator[tuple[Step, bool]]:
        """Yield the final steps, and whether they are gas."""
        for step in self.ledger.electricity.take_steps():
            yield step, False
        for step in self.ledger.gas.take_steps():
            yield step, True

    def open(self) -> Iterator[tuple[Step, bool]]:
        """Yield the steps that later readings may still change."""
        for step in self.ledger.electricity.open_steps():
            yield step, False
        for step in self.ledger.gas.open_steps():
            yield step, True

    def safe(self, at: int) -> None:
        """Set the hour to continue from after an interruption."""
        self._at = at
        self._cursor = {**self.ledger.remember(), "begin": self._begin}

    def stretch(self) -> Stretch:
        """Return the results since the last call."""
        self.hours = 0
        return Stretch(
            self.ledger.take_rows(),
            self._cursor,
            min((self._at - self._begin) / self._span, 1.0),
            self.ledger.take_left_out(),
        )


async def _take(ledger: Ledger, rows: Iterable[TimedRow]) -> None:
    """Take the first reading of each hour that belongs to the meter."""
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


def _beyond(now: datetime) -> int:
    return hour_of(now) + HOUR
