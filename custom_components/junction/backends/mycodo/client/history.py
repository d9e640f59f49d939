"""History of a measurement, hour by hour, in pages of a size that Mycodo can answer."""

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
"""Values to ask for at once: about a megabyte."""
LONGEST: Final = 30 * DAY
PAUSE: Final = 0.35
"""Seconds between two requests: 170 of the 200 in a minute that Mycodo allows."""
OVERLAP: Final = 2 * HOUR
"""Seconds before the last page that are read again: the hour it ended in was not over."""

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
    """Yield the past of a series from ``start`` to ``end`` (s since 1970), oldest first.

    ``cursor`` is that of the last page that arrived, None to begin. Values are
    multiplied by ``factor``. Raises what ``MycodoClient.historical`` raises.
    """
    begin = start - start % HOUR
    place = begin
    if isinstance(cursor, int):
        place = max(begin, min(cursor, end) - OVERLAP)
        place -= place % HOUR
    step = _step(series.period)
    while place < end:
        until = min(place + step, end)
        readings = await _patiently(client, series, place, until)
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
    """Return how many seconds to ask for at once, in whole hours."""
    seconds = min(max(POINTS * (period or 15.0), 6 * HOUR), LONGEST)
    return int(seconds // HOUR) * HOUR


async def _patiently(
    client: MycodoClient, series: Series, start: int, end: int
) -> list[Reading]:
    """Read a stretch, and wait as long as Mycodo wants to be left alone."""
    while True:
        try:
            return await client.historical(
                series.device, series.unit, series.channel, max(start, 1), end - 1
            )
        except RateLimitedError as err:
            wait = _WINDOW if err.retry_after is None else err.retry_after
            await client.clock.sleep(wait)
