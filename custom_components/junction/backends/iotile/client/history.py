"""Hourly history of a stream, in pages for the statistics.

See docs/protocols/iotile.md#history.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime, timedelta

from ....moments import moment_at
from ...hourly import CountedRow, HistoryPage, MeasuredRow, by_hour, hour_of, measured
from .api import IOTileClient
from .models import Stream


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
    convert: Callable[[float], float] | None = None,
) -> AsyncIterator[HistoryPage[MeasuredRow | CountedRow]]:
    """Yield the history of a stream from ``start`` to ``end``, oldest first.

    ``kind`` is "measured", "interval" (points are changes), or "meter" (points are
    positions). ``cursor`` is that of the last stored page; ``late`` before it is read
    again. ``convert`` converts a stored value to the displayed one; by default to the
    server's display unit.
    """
    shown = convert or stream.shown
    begin = hour_of(start)
    place = begin
    if isinstance(cursor, int) and (reached := moment_at(cursor)) is not None:
        place = max(begin, hour_of(reached - late))
    before: float | None = None
    if kind == "meter" and place > begin:
        before = await _position(client, stream, place, shown)
    async for points, until in client.span(stream.slug, place, end):
        values = [(point.time, shown(point.stored)) for point in points]
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
                    # A replaced meter starts again.
                    change += max(value - before, 0.0) if before is not None else 0.0
                    before = value
                counted.append((hour, change, found[-1]))
            rows = counted
        done = (until - begin) / (end - begin)
        yield HistoryPage({name: rows}, int(until.timestamp()), done)


async def _position(
    client: IOTileClient,
    stream: Stream,
    place: datetime,
    shown: Callable[[float], float],
) -> float | None:
    """Return the position of a meter before an hour that is read again, or None."""
    last = await client.last(stream.slug, place)
    if last is None:
        return None
    return shown(last.stored)
