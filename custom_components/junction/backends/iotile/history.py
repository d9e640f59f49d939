"""The past of a stream, hour by hour, in pages for the statistics (reference §5.5)."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Final

from .client import IOTileClient
from .models import Point, Stream

WINDOW: Final = timedelta(days=30)

type Row = tuple[datetime, float, float | None] | tuple[datetime, float, float, float]


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """A stretch of the past. ``cursor`` is its end in s since 1970, ``progress`` 0 to 1."""

    rows: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    cursor: int = 0
    progress: float = 0.0


async def pages(
    client: IOTileClient,
    stream: Stream,
    name: str,
    kind: str,
    *,
    start: datetime,
    end: datetime,
    late: timedelta,
    cursor: object = None,
    factor: bool = True,
) -> AsyncIterator[HistoryPage]:
    """Yield the past of a stream from ``start`` to ``end``, oldest first.

    ``kind`` is "measured", "interval" (points are changes) or "meter" (points are
    positions). ``cursor`` is that of the last page that arrived; ``late`` before it is
    read again. ``factor`` converts to the display unit.
    """
    begin = _hour(start)
    place = begin
    if isinstance(cursor, int):
        place = max(begin, _hour(datetime.fromtimestamp(cursor, UTC) - late))
    before: float | None = None
    if kind == "meter" and place > begin:
        before = await _position(client, stream, place, factor)
    while place < end:
        until = min(place + WINDOW, end)
        points: list[Point] = []
        async for page in client.pages(stream.slug, start=place, end=until):
            points += page
        values = [
            (p.time, stream.shown(p.stored) if factor else p.stored) for p in points
        ]
        rows: list[Row]
        if kind == "measured":
            rows = [*_measured(values)]
        elif kind == "interval":
            rows = [
                (hour, sum(max(v, 0.0) for v in found), None)
                for hour, found in _hours(values)
            ]
        else:
            rows = []
            for hour, found in _hours(values):
                change = 0.0
                for value in found:
                    # A meter that was replaced begins again.
                    change += max(value - before, 0.0) if before is not None else 0.0
                    before = value
                rows.append((hour, change, found[-1]))
        done = (until - begin) / (end - begin)
        yield HistoryPage({name: rows}, int(until.timestamp()), done)
        place = until


async def _position(
    client: IOTileClient, stream: Stream, place: datetime, factor: bool
) -> float | None:
    """Return where a meter stood before an hour that is read again."""
    last: Point | None = None
    async for page in client.pages(stream.slug, end=place, lastn=1, size=1):
        last = page[-1] if page else last
    if last is None:
        return None
    return stream.shown(last.stored) if factor else last.stored


def _measured(values: Iterable[tuple[datetime, float]]) -> Iterable[Row]:
    for hour, found in _hours(values):
        yield hour, sum(found) / len(found), min(found), max(found)


def _hours(
    values: Iterable[tuple[datetime, float]],
) -> Iterable[tuple[datetime, list[float]]]:
    for hour, group in groupby(values, key=lambda pair: _hour(pair[0])):
        yield hour, [value for _, value in group]


def _hour(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
