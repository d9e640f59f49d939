"""Amounts that a server counted in gaps between readings, from its own statistics."""

from datetime import timedelta, tzinfo
from typing import Final

from .api import ReaderClient
from .continuity import HOUR, Step
from .day_statistics import AMOUNTS, HourStatistics
from .days import YEAR, midnight, next_day
from .ledger import hour_of, moment_of
from .shares import Known

_GAP: Final = 3
_LONG_GAP: Final = 31 * 24


async def counted_in(
    client: ReaderClient, zone: tzinfo, step: Step, *, is_gas: bool
) -> tuple[Known, ...]:
    """Return the amounts counted in a gap, to distribute it; empty for a short one.

    ``zone`` is the one in which days begin.
    """
    hours = (step.end.hour - step.begin) // HOUR
    if hours < _GAP or not any(step.amounts):
        return ()
    if hours <= _LONG_GAP:
        counted = await client.hours(
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
    start = moment_of(step.begin).astimezone(zone).date() + timedelta(days=1)
    end = moment_of(step.end.hour).astimezone(zone).date()
    while start < end:
        until = min(start + YEAR, end)
        for one in await client.days(start, until - timedelta(days=1)):
            opening, closing = (
                midnight(one.day, zone),
                midnight(next_day(one.day), zone),
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


def _amounts(one: HourStatistics, is_gas: bool) -> tuple[float, ...]:
    return (one.gas,) if is_gas else one.amounts
