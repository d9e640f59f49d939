"""One run of an import, with the state of each series."""

import asyncio
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Awaitable,
    Callable,
    Mapping,
    Sequence,
)
from contextlib import aclosing
from datetime import datetime
import math
from typing import Any, Final

from homeassistant.components.recorder.models import StatisticData
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from ..const import DOMAIN
from .database import (
    CHUNK,
    HOUR,
    async_commit,
    async_existing,
    async_last_hour,
    async_metadata,
    async_raise,
    async_read,
    async_sum_before,
    async_write,
    utc,
)
from .series import TAIL, ImportResult, ImportStatus, LeftOut, Page, Row, Source
from .target import Target

# Digits to which sums are rounded, finer than any meter, so that they do not drift.
_DIGITS: Final = 6

type Tail = list[tuple[float, float | None, float]]
type Existing = Mapping[float, Any]


class ImportRun:
    """One run. Its targets have been checked before it starts."""

    def __init__(
        self, hass: HomeAssistant, targets: Sequence[Target], status: ImportStatus
    ) -> None:
        """Initialize; nothing is read yet."""
        self._hass = hass
        self._status = status
        self._targets = {one.series.id: one for one in targets}
        # By series: the last rows as (start, state, sum), the first own hour of the
        # sensors that history is written before, and the last hour that existed before.
        self._tails: dict[str, Tail] = {}
        self._own: dict[str, float] = {}
        self._there: dict[str, float] = {}
        self._left_out: dict[str, LeftOut] = {}

    async def run(
        self,
        kept: Mapping[str, Any],
        source: Source,
        save: Callable[[Mapping[str, Any], float], Awaitable[None]],
    ) -> ImportResult:
        """Import from where ``kept`` says; call ``save`` with its new value and the progress."""
        result = ImportResult()
        self._own = dict(kept.get("own", {}))
        for name, target in self._targets.items():
            if target.own is not None:
                self._own.setdefault(name, target.own)
            self._there[name] = await async_last_hour(self._hass, target.id)
            await self._rename(target)
        cursor = kept.get("cursor")
        if cursor is not None:
            self._tails = {k: [*map(tuple, rows)] for k, rows in kept["tails"].items()}
            if not await self._intact():
                cursor, self._tails, result.restarted = None, {}, True
        if cursor is not None:
            # Of the runs before this one that did not get to their end.
            result.left_out = {
                one["reason"]: LeftOut(
                    reason=one["reason"],
                    count=one["count"],
                    first=utc(one["first"]),
                    last=utc(one["last"]),
                )
                for one in kept.get("left_out", ())
            }
        self._left_out = result.left_out
        if self._own != kept.get("own", {}):
            # Once rows are written before them, they can no longer be determined.
            await save(self._kept(cursor), 0.0)
        async with aclosing(_ahead(source(cursor))) as pages:
            async for page in pages:
                await self._take(page, result)
                cursor = page.cursor
                await save(self._kept(cursor), page.progress)
        await self._raise_own()
        if self._left_out:
            self._left_out = {}
            await save(self._kept(cursor), 1.0)
        return result

    def _kept(self, cursor: object) -> dict[str, Any]:
        # What is kept may be stored when later pages have added to the tails.
        kept = {"cursor": cursor, "tails": dict(self._tails), "own": self._own}
        if self._left_out:
            kept["left_out"] = [
                {
                    "reason": one.reason,
                    "count": one.count,
                    "first": one.first.timestamp(),
                    "last": one.last.timestamp(),
                }
                for one in self._left_out.values()
            ]
        return kept

    async def _rename(self, target: Target) -> None:
        """Update the name of an existing statistic of ours."""
        if target.metadata["source"] != DOMAIN:
            return
        known = await async_metadata(self._hass, target.id)
        if known is not None and known["name"] != target.metadata["name"]:
            async_write(self._hass, target.metadata, [])

    async def _take(self, page: Page, result: ImportResult) -> None:
        """Write a page, and return when it is in the database."""
        now = dt_util.utcnow().timestamp()
        found = {
            name: rows
            for name, rows in page.rows.items()
            if rows and name in self._targets
        }
        existing = await self._existing(found)
        for name, rows in found.items():
            end = min(now - 3600, self._own.get(name, math.inf) - 3600)
            there = existing.get(self._targets[name].id, {})
            await self._write(name, rows, end, there, result)
        for left_out in getattr(page, "left_out", ()):
            before = result.left_out.get(left_out.reason)
            result.left_out[left_out.reason] = (
                left_out if before is None else before + left_out
            )
        result.pages += 1
        await async_commit(self._hass)
        self._status.hours += max(map(len, found.values()), default=0)
        self._status.reached = result.last

    async def _existing(
        self, found: Mapping[str, Sequence[Row]]
    ) -> dict[str, dict[float, Any]]:
        """Return the rows of these hours that the database has already."""
        behind = {
            name: rows
            for name, rows in found.items()
            if rows[0][0].tzinfo is not None
            and rows[0][0].timestamp() <= self._there[name]
        }
        if not behind:
            return {}
        return await async_existing(
            self._hass,
            {self._targets[name].id for name in behind},
            min(rows[0][0] for rows in behind.values()),
            max(rows[-1][0] for rows in behind.values()) + HOUR,
        )

    async def _write(
        self,
        name: str,
        rows: Sequence[Row],
        end: float,
        existing: Existing,
        result: ImportResult,
    ) -> None:
        """Queue the rows of a series, in portions that do not block the event loop."""
        target = self._targets[name]
        last: datetime | None = None
        for index in range(0, len(rows), CHUNK):
            checked, last = _checked(rows[index : index + CHUNK], last, end)
            if not checked:
                continue
            data = await self._convert(name, checked)
            new = _changed(data, existing) if existing else data
            if new:
                async_write(self._hass, target.metadata, new)
            result.rows[name] = result.rows.get(name, 0) + len(new)
            if len(data) > len(new):
                result.unchanged[name] = (
                    result.unchanged.get(name, 0) + len(data) - len(new)
                )
            first, until = data[0]["start"], data[-1]["start"]
            result.first = min(result.first or first, first)
            result.last = max(result.last or until, until)
            # Yield to the event loop.
            await asyncio.sleep(0)

    async def _convert(self, name: str, rows: list[Any]) -> list[StatisticData]:
        target = self._targets[name]
        convert = target.convert
        if target.series.measured:
            self._tails[name] = [(rows[-1][0].timestamp(), None, 0.0)]
            return [
                StatisticData(
                    start=start, mean=convert(mean), min=convert(low), max=convert(high)
                )
                for start, mean, low, high in rows
            ]
        total = await self._sum_before(name, rows[0][0])
        data = []
        for start, change, state in rows:
            total = round(total + convert(change), _DIGITS)
            row = StatisticData(start=start, sum=total)
            if state is not None:
                row["state"] = round(convert(state), _DIGITS)
            data.append(row)
        begin = rows[0][0].timestamp()
        tail = [row for row in self._tails.get(name, ()) if row[0] < begin]
        tail += [
            (row["start"].timestamp(), row.get("state"), row.get("sum") or 0.0)
            for row in data[-TAIL:]
        ]
        self._tails[name] = tail[-TAIL:]
        return data

    # State of the database.

    async def _intact(self) -> bool:
        """Take over the sums of the last rows; return whether all of those rows still exist."""
        for name, target in self._targets.items():
            if not (tail := self._tails.get(name)):
                continue
            first, last = utc(tail[0][0]), utc(tail[-1][0])
            rows = await async_read(self._hass, target.id, first, last + HOUR)
            if not rows or rows[-1]["start"] != tail[-1][0]:
                return False
            if not target.series.measured:
                self._tails[name] = [
                    (row["start"], row.get("state"), row.get("sum") or 0.0)
                    for row in rows
                ]
        return True

    async def _sum_before(self, name: str, start: datetime) -> float:
        begin = start.timestamp()
        if earlier := [row for row in self._tails.get(name, ()) if row[0] < begin]:
            return earlier[-1][2]
        if self._there[name] == -math.inf:
            return 0.0
        return await async_sum_before(self._hass, self._targets[name].id, start)

    async def _raise_own(self) -> None:
        """Raise the sums that sensors recorded themselves by the imported total."""
        for name, own in self._own.items():
            target, tail = self._targets.get(name), self._tails.get(name)
            if target is None or target.series.measured or not tail:
                continue
            _, state, total = tail[-1]
            rows = await async_read(self._hass, target.id, utc(own), utc(own) + HOUR)
            if not rows:
                continue
            position, now = rows[0].get("state"), rows[0].get("sum") or 0.0
            if state is not None and position is not None and position >= state:
                total += position - state
            if missing := round(total - now, _DIGITS):
                await async_raise(self._hass, target.metadata, utc(own), missing)


async def _ahead(source: AsyncIterator[Page]) -> AsyncGenerator[Page]:
    """Yield the pages of a source, reading the next page while one is written.

    The server and the recorder thus work in parallel.
    """
    async with aclosing(source) as pages:  # type: ignore[type-var]  # async generators have aclose
        coming = asyncio.create_task(_next(pages))
        try:
            while (page := await coming) is not None:
                coming = asyncio.create_task(_next(pages))
                yield page
        finally:
            # A generator cannot be closed while it runs.
            coming.cancel()
            await asyncio.gather(coming, return_exceptions=True)


async def _next(pages: AsyncIterator[Page]) -> Page | None:
    return await anext(pages, None)


def _checked(
    rows: Sequence[Row], last: datetime | None, end: float
) -> tuple[list[Row], datetime | None]:
    """Return the valid rows that begin at or before ``end``, and the last time.

    Raises ValueError if a backend broke the contract.
    """
    good = []
    isfinite = math.isfinite
    for row in rows:
        start = row[0]
        if last is not None and last >= start:
            msg = f"rows are not ascending at {start}"
            raise ValueError(msg)
        last = start
        at = start.timestamp()
        if start.tzinfo is None or at % 3600:
            msg = f"{start} is not the beginning of an hour"
            raise ValueError(msg)
        if at > end:
            continue
        for value in row[1:]:
            if value is not None and not isfinite(value):
                break
        else:
            good.append(row)
    return good, last


def _changed(data: Sequence[StatisticData], existing: Existing) -> list[StatisticData]:
    """Return the rows that the database does not have in this form."""
    return [
        row
        for row in data
        if (old := existing.get(row["start"].timestamp())) is None
        or not _is_equal(row, old)
    ]


def _is_equal(row: StatisticData, old: Mapping[str, Any]) -> bool:
    """Return whether the database has this row with the same values."""
    for name in ("sum", "state", "mean", "min", "max"):
        one, other = row.get(name), old.get(name)
        if one is None or other is None:
            if one is not other:
                return False
        elif not math.isclose(one, other, rel_tol=1e-12, abs_tol=1e-9):  # type: ignore[arg-type]  # these keys hold numbers
            return False
    return True
