"""Use of appliances and taps by the residents: a list of pulses for each day.

Days begin at midnight of standard time all year, like the sun; a household that follows the clock
change would not improve any test.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from random import Random

from .clock import DAY, HOUR, MINUTE


@dataclass(frozen=True, slots=True)
class Pulse:
    """A use from ``start`` to ``end`` (moments), with its power and flows."""

    start: int
    end: int
    name: str
    watts: tuple[int, int, int] = (0, 0, 0)
    """Power on L1, L2, L3."""
    water_ml_s: int = 0
    gas_ml_s: int = 0


@dataclass(frozen=True, slots=True)
class Household:
    """Installed appliances."""

    ev_watts: int = 7400
    """Power of the car charger: 7400 charges on one phase, 11000 on three, 0 for no car."""
    heat_pump: bool = True


@lru_cache(maxsize=16)
def day_pulses(
    seed: int, day: int, standard_hours: int, household: Household
) -> tuple[Pulse, ...]:
    """Return the pulses that begin on a local day, counted from 1970-01-01."""
    rng = Random(f"{seed}/{day}")
    pulses = _day(rng, day, day * DAY - standard_hours * HOUR, household)
    return tuple(sorted(pulses, key=lambda pulse: pulse.start))


def _day(rng: Random, day: int, midnight: int, household: Household) -> Iterator[Pulse]:
    weekend = (day + 4) % 7 in (0, 6)  # 1970-01-01 was a Thursday

    def at(hour: float, spread_minutes: float = 20) -> int:
        return midnight + int(
            hour * HOUR + rng.uniform(-spread_minutes, spread_minutes) * MINUTE
        )

    def lasting(
        start: int, minutes: float, name: str, watts: tuple[int, int, int]
    ) -> Pulse:
        return Pulse(start, start + int(minutes * MINUTE), name, watts)

    for hour in (8.5 if weekend else 7.0, 10.0, 13.0, 16.0, 19.5):
        yield lasting(at(hour), 3, "kettle", (2000, 0, 0))
    yield lasting(at(18.2, 25), rng.uniform(25, 45), "oven", (0, 2400, 0))
    if rng.random() < (0.7 if weekend else 0.35):
        start = at(10.5, 90)
        yield lasting(start, 22, "washing machine", (0, 0, 2100))
        yield lasting(start + 22 * MINUTE, 60, "washing machine", (0, 0, 320))
        yield Pulse(start, start + 4 * MINUTE, "washing machine fill", water_ml_s=140)
    if household.ev_watts and rng.random() < 0.55:
        yield lasting(
            at(22.6 if not weekend else 14.0, 40),
            120,
            "car charger",
            _charger(household.ev_watts),
        )
    if household.heat_pump:
        start = midnight + rng.randrange(0, 30 * MINUTE)
        while start < midnight + DAY:
            length = rng.randrange(10, 16)
            yield lasting(start, length, "heat pump", (0, 0, 1500))
            start += (length + rng.randrange(35, 80)) * MINUTE
    yield from _water(rng, at, weekend=weekend)


def _charger(watts: int) -> tuple[int, int, int]:
    if watts > 7400:
        each = watts // 3
        return each, each, watts - 2 * each
    return 0, watts, 0


def _water(rng: Random, at: Callable[..., int], *, weekend: bool) -> Iterator[Pulse]:
    for hour in (8.9, 9.5) if weekend else (6.8, 7.2):
        start = at(hour)
        minutes = rng.uniform(5, 9)
        yield Pulse(
            start, start + int(minutes * MINUTE), "shower", water_ml_s=130, gas_ml_s=690
        )
    for hour in (6.6, 7.4, 12.3, 16.4, 18.8, 20.5, 22.3):
        start = at(hour, 35)
        yield Pulse(start, start + 55, "toilet", water_ml_s=110)
    for hour in (7.7, 12.6, 18.0, 19.2):
        start = at(hour, 25)
        yield Pulse(start, start + rng.randrange(20, 120), "kitchen tap", water_ml_s=90)
    start = at(17.9, 20)
    yield Pulse(start, start + rng.randrange(15, 40) * MINUTE, "gas hob", gas_ml_s=60)
