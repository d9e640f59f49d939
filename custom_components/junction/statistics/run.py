"""One run of an import: what is known of each series while it goes on."""

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
from itertools import pairwise
import math
from typing import Any, Final

from homeassistant.components.recorder.models import (
    StatisticData,
    StatisticMeanType,
    StatisticMetaData,
)
from homeassistant.components.recorder.statistics import UNIT_CLASS_TO_UNIT_CONVERTER
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from ..const import DOMAIN
from .database import (
    HOUR,
    async_commit,
    async_first_hour,
    async_metadata,
    async_raise,
    async_read,
    async_sum_before,
    async_write,
    utc,
)
from .series import (
    TAIL,
    ImportResult,
    NoStatisticsError,
    OtherUnitError,
    Page,
    Row,
    Series,
    Source,
    external_id,
)

# Sums of many small amounts: rounded where no meter counts, so that they do not drift.
_DIGITS: Final = 6

type Tail = list[tuple[float, float | None, float]]


class ImportRun:
    """One run. Sensors that history goes into are not looked at before it starts."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry[Any],
        series: Sequence[Series],
    ) -> None:
        """Get ready; nothing is read yet."""
        self._hass = hass
        self._series = {one.id: one for one in series}
        self._ids = {
            one.id: one.entity_id or external_id(entry, one.id) for one in series
        }
        self._metadata = {one.id: self._describe(one) for one in series}
        self._factor: dict[str, Callable[[float], float]] = {}
        # The last rows of each series, as (start, state, sum), and the first own hour
        # of the sensors that history is written before.
        self._tails: dict[str, Tail] = {}
        self._own: dict[str, float] = {}

    def _describe(self, series: Series) -> StatisticMetaData:
        return StatisticMetaData(
            source=DOMAIN,
            statistic_id=self._ids[series.id],
            name=series.name,
            unit_of_measurement=series.unit,
            unit_class=series.unit_class,
            has_sum=not series.measured,
            mean_type=(
                StatisticMeanType.ARITHMETIC
                if series.measured
                else StatisticMeanType.NONE
            ),
        )

    async def run(
        self,
        kept: Mapping[str, Any],
        source: Source,
        save: Callable[[Mapping[str, Any], float], Awaitable[None]],
    ) -> ImportResult:
        """Import from where ``kept`` says; ``save`` takes it, and the progress, anew."""
        result = ImportResult()
        self._own = dict(kept.get("own", {}))
        for one in self._series.values():
            if one.entity_id is not None:
                await self._join(one)
        cursor = kept.get("cursor")
        if cursor is not None:
            self._tails = {k: [*map(tuple, rows)] for k, rows in kept["tails"].items()}
            if not await self._intact():
                cursor, self._tails, result.restarted = None, {}, True
        async with aclosing(_ahead(source(cursor))) as pages:
            async for page in pages:
                await self._take(page, result)
                await save(self._kept(page.cursor), page.progress)
        await self._raise_own()
        return result

    def _kept(self, cursor: object) -> dict[str, Any]:
        return {"cursor": cursor, "tails": self._tails, "own": self._own}

    async def _take(self, page: Page, result: ImportResult) -> None:
        """Write a page, and return when it is in the database."""
        now = dt_util.utcnow().timestamp()
        for name, rows in page.rows.items():
            if name not in self._series or not rows:
                continue
            end = min(now - 3600, self._own.get(name, math.inf) - 3600)
            data = await self._convert(name, _checked(rows, end))
            if data:
                await async_write(self._hass, self._metadata[name], data)
                result.rows[name] = result.rows.get(name, 0) + len(data)
                first, last = data[0]["start"], data[-1]["start"]
                result.first = min(result.first or first, first)
                result.last = max(result.last or last, last)
        result.pages += 1
        await async_commit(self._hass)

    async def _convert(self, name: str, rows: list[Any]) -> list[StatisticData]:
        convert = self._factor.get(name, float)
        if not rows:
            return []
        if self._series[name].measured:
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
            position = None if state is None else round(convert(state), _DIGITS)
            row = StatisticData(start=start, sum=total)
            if position is not None:
                row["state"] = position
            data.append(row)
        begin = rows[0][0].timestamp()
        tail = [row for row in self._tails.get(name, ()) if row[0] < begin]
        tail += [
            (row["start"].timestamp(), row.get("state"), row.get("sum") or 0.0)
            for row in data[-TAIL:]
        ]
        self._tails[name] = tail[-TAIL:]
        return data

    # What the database says.

    async def _intact(self) -> bool:
        """Take over the sums of the last rows; return whether those are all there."""
        for name in self._series:
            if not (tail := self._tails.get(name)):
                continue
            first, last = utc(tail[0][0]), utc(tail[-1][0])
            rows = await async_read(self._hass, self._ids[name], first, last + HOUR)
            if not rows or rows[-1]["start"] != tail[-1][0]:
                return False
            if not self._series[name].measured:
                self._tails[name] = [
                    (row["start"], row.get("state"), row.get("sum") or 0.0)
                    for row in rows
                ]
        return True

    async def _sum_before(self, name: str, start: datetime) -> float:
        begin = start.timestamp()
        if earlier := [row for row in self._tails.get(name, ()) if row[0] < begin]:
            return earlier[-1][2]
        return await async_sum_before(self._hass, self._ids[name], start)

    async def _join(self, series: Series) -> None:
        """Find out which hours of a sensor are its own, and in what unit they are."""
        name, entity = series.id, self._ids[series.id]
        metadata = await async_metadata(self._hass, entity)
        if metadata is None or metadata["has_sum"] is series.measured:
            raise NoStatisticsError(entity=entity)
        self._metadata[name] = metadata
        unit = metadata["unit_of_measurement"]
        converter = UNIT_CLASS_TO_UNIT_CONVERTER.get(series.unit_class)
        if converter is not None and unit in converter.VALID_UNITS:
            self._factor[name] = converter.converter_factory(series.unit, unit)
        elif unit != series.unit:
            raise OtherUnitError(entity=entity, unit=str(unit))
        if name not in self._own:
            first = await async_first_hour(self._hass, entity)
            if first is None:
                raise NoStatisticsError(entity=entity)
            self._own[name] = first

    async def _raise_own(self) -> None:
        """Raise what sensors recorded themselves by what was counted before."""
        for name, own in self._own.items():
            series, tail = self._series.get(name), self._tails.get(name)
            if series is None or series.measured or not tail:
                continue
            _, state, total = tail[-1]
            rows = await async_read(
                self._hass, self._ids[name], utc(own), utc(own) + HOUR
            )
            if not rows:
                continue
            position, now = rows[0].get("state"), rows[0].get("sum") or 0.0
            if state is not None and position is not None and position >= state:
                total += position - state
            if missing := round(total - now, _DIGITS):
                await async_raise(self._hass, self._metadata[name], utc(own), missing)


async def _ahead(source: AsyncIterator[Page]) -> AsyncGenerator[Page]:
    """Yield the pages of a source, each while the one behind it is being read.

    The server then works while the recorder writes, and neither waits for the other.
    """
    async with aclosing(source) as pages:  # type: ignore[type-var]  # generators close
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


def _checked(rows: Sequence[Row], end: float) -> list[Row]:
    """Return the rows that begin at ``end`` or before, and hold numbers only.

    Raises ValueError where a backend broke the contract.
    """
    for one, other in pairwise(rows):
        if one[0] >= other[0]:
            msg = f"rows are not ascending at {other[0]}"
            raise ValueError(msg)
    for row in rows:
        if row[0].tzinfo is None or row[0].timestamp() % 3600:
            msg = f"{row[0]} is not the beginning of an hour"
            raise ValueError(msg)
    return [
        row
        for row in rows
        if row[0].timestamp() <= end
        and all(value is None or math.isfinite(value) for value in row[1:])
    ]
