"""Past events and peaks of a meter from before the simulation, generated from the seed."""

from random import Random

from ..clock import DAY, HOUR, CivilTime
from .registers import (
    FACTORY_FAILURE,
    UNDEFINED_STAMP,
    Failure,
    MonthEnd,
    MonthPeak,
    Peak,
    Registers,
)

_QUARTER = 900


def _random(seed: int, what: str) -> Random:
    return Random(f"{seed}/{what}")


def past_failures(seed: int, civil: CivilTime, moment: int) -> tuple[Failure, ...]:
    """Return two long power failures of past years, newest first, and the factory's entry."""
    rng = _random(seed, "failures")
    recent = moment - rng.randrange(30 * DAY, 300 * DAY)
    older = recent - rng.randrange(200 * DAY, 900 * DAY)
    return (
        Failure(civil.stamp(recent), rng.randrange(200, 2000)),
        Failure(civil.stamp(older), rng.randrange(200, 8000)),
        FACTORY_FAILURE,
    )


def _peak_between(rng: Random, civil: CivilTime, start: int, end: int) -> Peak:
    quarters = (end - start) // _QUARTER
    return Peak(
        civil.stamp(start + _QUARTER * rng.randrange(1, quarters + 1)),
        rng.randrange(2500, 7200),
    )


def past_month_peaks(
    seed: int, civil: CivilTime, moment: int, months: int
) -> list[MonthPeak]:
    """Return the peaks of the last complete months, newest last."""
    peaks = []
    for back in range(-months, 0):
        start, end = (
            civil.month_start(moment, back),
            civil.month_start(moment, back + 1),
        )
        peak = _peak_between(_random(seed, f"month {end}"), civil, start, end)
        peaks.append(MonthPeak(civil.stamp(end), peak.stamp, peak.watts))
    return peaks


def past_peak(seed: int, civil: CivilTime, moment: int) -> Peak:
    """Return the peak of the current month, unless it has just begun."""
    start = civil.month_start(moment)
    if moment - start < HOUR:
        return Peak(UNDEFINED_STAMP + civil.stamp(moment)[-1], 0)
    return _peak_between(_random(seed, f"month {start}"), civil, start, moment)


def past_month_end(civil: CivilTime, moment: int, registers: Registers) -> MonthEnd:
    """Return the registers at the end of last month, slightly below the present ones."""
    start = civil.month_start(moment)
    days = (moment - start) // DAY + 1
    less = days * 6_000 * HOUR
    return MonthEnd(
        civil.stamp(start),
        [max(value - less, 0) for value in registers.import_ws],
        [max(value - less, 0) for value in registers.export_ws],
        import_peak=2_310,
        export_peak=1_050,
    )
