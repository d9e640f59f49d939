"""Automatic activity in the house by the minute: base load, appliances, sun, heating."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from math import cos, pi

from .clock import DAY, HOUR, MINUTE
from .noise import smooth, unit
from .rooms import DEFAULT_ROOMS, RoomPlan
from .schedule import Household, Pulse, day_pulses
from .weather import Weather

type Phases = tuple[int, int, int]
"""One value for each of L1, L2, L3."""

_BASE, _SHIFT, _REACTIVE = range(10, 13)


@dataclass(frozen=True, slots=True)
class HousePlan:
    """Equipment of the house."""

    seed: int = 1
    standard_hours: int = 1
    solar_peak: Phases = (1400, 1400, 1400)
    """Solar power at a clear noon at midsummer on each phase, in W."""
    household: Household = field(default_factory=Household)
    rooms: tuple[RoomPlan, ...] = DEFAULT_ROOMS


@dataclass(slots=True)
class Minute:
    """State of one minute, without switched loads and jitter."""

    index: int
    """Minutes since the epoch."""
    watts: Phases
    vars: Phases
    solar: Phases
    running: tuple[Pulse, ...]
    edges: tuple[Pulse, ...]
    """Pulses that begin or end within the minute; not in the numbers here."""
    shift: Phases
    gas_ml_s: int
    water_ml_s: int
    heat_w: int


class MinuteMaker:
    """Computes any minute of the house from plan and weather."""

    def __init__(self, plan: HousePlan, weather: Weather) -> None:
        """Store the plan and the weather."""
        self._plan = plan
        self._weather = weather
        self._hour: tuple[int, tuple[Pulse, ...]] = (-1, ())

    def make(self, index: int) -> Minute:
        """Return the minute ``index`` minutes after the epoch."""
        plan, seed = self._plan, self._plan.seed
        start = index * MINUTE
        end = start + MINUTE
        running: list[Pulse] = []
        edges: list[Pulse] = []
        for pulse in self._hour_pulses(start // HOUR):
            if pulse.start < end and pulse.end > start:
                whole = pulse.start <= start and pulse.end >= end
                (running if whole else edges).append(pulse)
        light = self._weather.light(start)
        solar = _phases(lambda phase: int(plan.solar_peak[phase] * light))
        drawn = add_phases(pulse.watts for pulse in running)
        base = _phases(
            lambda phase: 60 + int(240 * smooth(seed, _BASE + phase * 16, start / 1800))
        )
        slow = _phases(
            lambda phase: (
                20 + int(60 * smooth(seed, _REACTIVE + phase * 16, start / 3600))
            )
        )
        heating = max(0.0, 17 - self._weather.temperature(start)) * self._effort(start)
        return Minute(
            index,
            watts=_phases(lambda phase: base[phase] + drawn[phase] - solar[phase]),
            vars=_phases(lambda phase: drawn[phase] // 12 - slow[phase]),
            solar=solar,
            running=tuple(running),
            edges=tuple(edges),
            shift=_phases(
                lambda phase: int(MINUTE * unit(seed, _SHIFT + phase * 16, index))
            ),
            gas_ml_s=int(4.5 * heating) + sum(pulse.gas_ml_s for pulse in running),
            water_ml_s=sum(pulse.water_ml_s for pulse in running),
            heat_w=int(150 * heating),
        )

    def _hour_pulses(self, hour: int) -> tuple[Pulse, ...]:
        """Return the pulses of an hour, cached for its other minutes."""
        if self._hour[0] != hour:
            plan, start = self._plan, hour * HOUR
            day = (start + plan.standard_hours * HOUR) // DAY
            pulses = (
                pulse
                for each in (
                    day - 1,
                    day,
                )  # Include yesterday's: the car charges past midnight
                for pulse in day_pulses(
                    plan.seed, each, plan.standard_hours, plan.household
                )
                if pulse.start < start + HOUR and pulse.end > start
            )
            self._hour = hour, tuple(pulses)
        return self._hour[1]

    def _effort(self, moment: int) -> float:
        """Return the heating level at this hour, which is lowest at 3 AM."""
        return 0.9 - 0.35 * cos(
            2
            * pi
            * ((moment + self._plan.standard_hours * HOUR) % DAY - 3 * HOUR)
            / DAY
        )


def add_phases(parts: Iterable[Phases]) -> Phases:
    """Add up power by phase."""
    a = b = c = 0
    for x, y, z in parts:
        a, b, c = a + x, b + y, c + z
    return a, b, c


def _phases(value: Callable[[int], int]) -> Phases:
    return value(0), value(1), value(2)
