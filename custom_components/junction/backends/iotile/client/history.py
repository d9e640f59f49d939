"""History of a stream, hour by hour, in pages for the statistics.

See docs/protocols/iotile.md#history.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from ...hourly import CountedRow, HistoryPage, MeasuredRow, by_hour, hour_of, measured
from .api import IOTileClient
from .models import Point, Stream

WINDOW: Final = timedelta(days=30)


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
) -> AsyncIterator[HistoryPage[MeasuredRow | CountedRow]]:
    """Yield the past of a stream from ``start`` to ``end``, oldest first.

    ``kind`` is "measured", "interval" (points are changes) or "meter" (points are
    positions). ``cursor`` is that of the last page that arrived; ``late`` before it is
    read again. ``factor`` converts to the display unit.
    """
    begin = hour_of(start)
    place = begin
    if isinstance(cursor, int):
        place = max(begin, hour_of(datetime.fromtimestamp(cursor, UTC) - late))
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
        rows: Sequence[MeasuredRow | CountedRow]
        if kind == "measured":
            rows = [*measured(values)]
        elif kind == "interval":
            rows = [
                (hour, sum(max(v, 0.0) for v in found), None)
                for hour, found in by_hour(values)
            ]
        else:
            counted: list[CountedRow] = []
            for hour, found in by_hour(values):
                change = 0.0
                for value in found:
                    # A meter that was replaced begins again.
                    change += max(value - before, 0.0) if before is not None else 0.0
                    before = value
                counted.append((hour, change, found[-1]))
            rows = counted
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
