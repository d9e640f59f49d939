"""Hourly history of a measurement, in pages of a size that Mycodo can answer."""

from collections.abc import AsyncIterator
from typing import Final

from ....errors import RateLimitedError
from ....moments import moment_at
from ...hourly import HistoryPage, MeasuredRow, measured
from .api import MycodoClient
from .measurements import Series
from .models import Reading

HOUR: Final = 3600
DAY: Final = 24 * HOUR

POINTS: Final = 15_000
"""Values per request: about a megabyte."""
LONGEST: Final = 30 * DAY
PAUSE: Final = 0.35
"""Seconds between two requests: 170 per minute, of the 200 that Mycodo allows."""
OVERLAP: Final = 2 * HOUR
"""Seconds before the last page that are read again, because its last hour was not
complete.
"""

_WINDOW: Final = 60.0


async def pages(
    client: MycodoClient,
    series: Series,
    *,
    start: int,
    end: int,
    cursor: object = None,
    factor: float = 1.0,
) -> AsyncIterator[HistoryPage[MeasuredRow]]:
    """Yield the history of a series from ``start`` to ``end`` (Unix time), oldest first.

    ``cursor`` is that of the last stored page, None to start. Values are multiplied by
    ``factor``. Raises what ``MycodoClient.historical`` raises.
    """
    begin = start - start % HOUR
    place = begin
    if isinstance(cursor, int):
        place = max(begin, min(cursor, end) - OVERLAP)
        place -= place % HOUR
    step = _step(series.period)
    while place < end:
        until = min(place + step, end)
        readings = await _read_range(client, series, place, until)
        values = (
            (moment, one.value * factor)
            for one in readings
            if (moment := moment_at(one.time)) is not None
        )
        rows = {series.id: [*measured(values)]}
        yield HistoryPage(rows, until, (until - begin) / (end - begin))
        place = until
        await client.clock.sleep(PAUSE)


def _step(period: float) -> int:
    """Return the seconds to request at once, in whole hours."""
    seconds = min(max(POINTS * (period or 15.0), 6 * HOUR), LONGEST)
    return int(seconds // HOUR) * HOUR


async def _read_range(
    client: MycodoClient, series: Series, start: int, end: int
) -> list[Reading]:
    """Read a range, waiting as long as Mycodo asks to."""
    while True:
        try:
            return await client.historical(
                series.device, series.unit, series.channel, max(start, 1), end - 1
            )
        except RateLimitedError as err:
            wait = _WINDOW if err.retry_after is None else err.retry_after
            await client.clock.sleep(wait)
