"""The physical house that all simulated systems share.

Its state follows from a seed, the virtual clock, and the switched loads, so two runs give the same
power at the same second. Power is a whole number of watts that is constant for a second, so energy
in watt-seconds is exact: the difference of a counter *is* the integral of the power.

A system that switches a light registers it with ``add_load`` and calls ``switch``; the electricity
meter, which listens through ``on_segment``, includes its power from the next second on.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from types import MappingProxyType
from typing import NamedTuple

from .clock import MINUTE, VirtualClock
from .minutes import HousePlan, MinuteMaker, Phases, add_phases
from .noise import smooth, unit
from .rooms import Room
from .weather import Weather

_JITTER = 20
_VOLTAGE, _VOLTAGE_FAST, _FREQUENCY = range(1, 4)


class Segment(NamedTuple):
    """A period in which no power changes its sign.

    It lies within one minute and lasts either one second or, if ``watts`` is the exact mean of a
    whole minute, sixty. Long jumps of the clock are therefore cheap and exact.
    """

    start: int
    """First second, a moment."""
    seconds: int
    watts: Phases
    """Power drawn from (positive) or fed to (negative) the grid on each phase, in W."""
    vars: Phases
    """Reactive power on each phase in var, positive when inductive."""


@dataclass(slots=True)
class Load:
    """A load that can be switched. Power is ``watts`` x ``level`` while it is on."""

    name: str
    watts: int = 0
    phase: int = 1
    """1, 2 or 3; 0 for a load on all three phases."""
    room: str | None = None
    on: bool = False
    level: float = 1.0
    """0 to 1: brightness of a lamp, duty of a heater."""
    lumens: int = 0
    water_ml_s: int = 0
    """Water it lets through while on: a garden valve, a pump."""

    @property
    def power(self) -> int:
        """Current power in W."""
        return round(self.watts * self.level) if self.on else 0

    @property
    def phases(self) -> Phases:
        """Current power on each phase in W."""
        power = self.power
        if self.phase == 0:
            third = power // 3
            return third, third, power - 2 * third
        return (
            power * (self.phase == 1),
            power * (self.phase == 2),
            power * (self.phase == 3),
        )


@dataclass(slots=True)
class Counters:
    """Energy since the house was built, in units that need no rounding."""

    gas_ml: int = 0
    water_ml: int = 0
    heat_j: int = 0
    cold_j: int = 0
    solar_ws: int = 0
    charger_ws: int = 0


class House:
    """One house on one clock."""

    def __init__(self, clock: VirtualClock, plan: HousePlan | None = None) -> None:
        """Build the house at the clock's current second, with all counters at zero."""
        self.clock = clock
        self.plan = plan = plan or HousePlan()
        self.counters = Counters()
        self.grid = True
        """Whether the house is connected; if it is not, nothing draws and nothing feeds."""
        self._time = int(clock.now())
        self.weather = Weather(plan.seed, plan.standard_hours)
        self.rooms: Mapping[str, Room] = MappingProxyType(
            {
                room.name: Room(room, self.weather, n, self._time)
                for n, room in enumerate(plan.rooms, 1)
            }
        )
        self._loads: dict[str, Load] = {}
        self._switched: Phases = (0, 0, 0)
        self._switched_water = 0
        self._watered: tuple[tuple[Room, int], ...] = ()
        self._segment_listeners: list[Callable[[Segment], None]] = []
        self._load_listeners: list[Callable[[Load], None]] = []
        self._jitter = _zero_sum(plan.seed)
        self._minutes = MinuteMaker(plan, self.weather)
        self._minute = self._minutes.make(self._time // MINUTE)
        self.watts: Phases = self._watts_at(self._time)
        """Power on each phase in W in the second that has just passed."""

    # Switching

    @property
    def loads(self) -> Mapping[str, Load]:
        """The loads that can be switched, by name."""
        return MappingProxyType(self._loads)

    def add_load(self, load: Load) -> Load:
        """Register a load. Raises ValueError for a name in use or an unknown phase or room."""
        if load.name in self._loads:
            msg = f"there is already a load named {load.name!r}"
            raise ValueError(msg)
        if load.phase not in (0, 1, 2, 3):
            msg = f"no phase {load.phase}"
            raise ValueError(msg)
        if load.room is not None and load.room not in self.rooms:
            msg = f"no room named {load.room!r}"
            raise ValueError(msg)
        self.update()
        self._loads[load.name] = load
        self._sum_loads()
        return load

    def remove_load(self, name: str) -> None:
        """Remove a load. Raises KeyError if there is none of that name."""
        self.update()
        del self._loads[name]
        self._sum_loads()

    def switch(self, name: str, on: bool, level: float | None = None) -> None:
        """Switch a load from the current second on, and notify listeners if it changed.

        Raises KeyError for an unknown load and ValueError for a level outside 0 to 1.
        """
        load = self._loads[name]
        wanted = load.level if level is None else level
        if not 0 <= wanted <= 1:
            msg = f"level {wanted:g} of {name!r} is not within 0 to 1"
            raise ValueError(msg)
        if (load.on, load.level) == (on, wanted):
            return
        self.update()
        load.on, load.level = on, wanted
        self._sum_loads()
        for listener in tuple(self._load_listeners):
            listener(load)

    def on_load_change(self, listener: Callable[[Load], None]) -> Callable[[], None]:
        """Call ``listener`` after each change of a load; return a function that stops it."""
        return _subscribe(self._load_listeners, listener)

    # Time

    @property
    def time(self) -> int:
        """The second up to which energy has been counted."""
        return self._time

    def on_segment(self, listener: Callable[[Segment], None]) -> Callable[[], None]:
        """Call ``listener`` for every simulated period; return a function that stops it."""
        return _subscribe(self._segment_listeners, listener)

    def update(self) -> None:
        """Simulate up to the clock's current second. About 40 µs per minute."""
        self.advance_to(int(self.clock.now()))

    def advance_to(self, moment: int) -> None:
        """Simulate up to ``moment``; does nothing if that has passed already."""
        while self._time < moment:
            now = self._time
            if now // MINUTE != self._minute.index:
                self._minute = self._minutes.make(now // MINUTE)
            if (
                now % MINUTE == 0
                and moment - now >= MINUTE
                and (mean := self._steady())
            ):
                self.watts = self._watts_at(now + MINUTE - 1)
                self._live(Segment(now, MINUTE, mean, self.vars))
                continue
            for second in range(now, min(moment, now - now % MINUTE + MINUTE)):
                self.watts = watts = self._watts_at(second)
                self._live(Segment(second, 1, watts, self.vars))

    # Readings

    @property
    def vars(self) -> Phases:
        """Reactive power on each phase in var, positive when inductive."""
        return self._minute.vars if self.grid else (0, 0, 0)

    def voltage(self, phase: int) -> int:
        """Return the voltage of phase 1 to 3 in 0.1 V: 226 to 242 V, less under load."""
        slow = smooth(self.plan.seed, _VOLTAGE + phase * 16, self._time / 900)
        fast = unit(self.plan.seed, _VOLTAGE_FAST + phase * 16, self._time)
        return max(
            2260,
            min(2420, int(2325 + 60 * slow + 8 * fast) - self.watts[phase - 1] // 160),
        )

    def frequency(self) -> int:
        """Return the frequency of the grid in mHz, 49 950 to 50 050."""
        return int(49_950 + 100 * smooth(self.plan.seed, _FREQUENCY, self._time / 30))

    def circuits(self) -> dict[str, int]:
        """Return the current power in W of every circuit by name; generation is negative."""
        minute, now = self._minute, self._time
        powers = {"solar": -sum(minute.solar)}
        for pulse in minute.running + minute.edges:
            if pulse.start <= now < pulse.end and any(pulse.watts):
                powers[pulse.name] = powers.get(pulse.name, 0) + sum(pulse.watts)
        powers.update((load.name, load.power) for load in self._loads.values())
        return powers if self.grid else dict.fromkeys(powers, 0)

    # Inside

    def _sum_loads(self) -> None:
        self._switched = add_phases(load.phases for load in self._loads.values())
        self._switched_water = sum(
            load.water_ml_s for load in self._loads.values() if load.on
        )
        self._watered = tuple(
            (self.rooms[load.room], load.water_ml_s)
            for load in self._loads.values()
            if load.on and load.water_ml_s and load.room is not None
        )
        for room in self.rooms.values():
            room.lumens = sum(
                load.lumens * load.level
                for load in self._loads.values()
                if load.on and load.room == room.plan.name
            )

    def _live(self, segment: Segment) -> None:
        seconds, minute, counters = segment.seconds, self._minute, self.counters
        counters.gas_ml += minute.gas_ml_s * seconds
        counters.water_ml += (minute.water_ml_s + self._switched_water) * seconds
        counters.heat_j += minute.heat_w * seconds
        counters.cold_j += minute.heat_w // 8 * seconds
        for pulse in minute.edges:
            if pulse.start <= segment.start < pulse.end:
                counters.gas_ml += pulse.gas_ml_s
                counters.water_ml += pulse.water_ml_s
        if self.grid:
            counters.solar_ws += sum(minute.solar) * seconds
            for pulse in minute.running + minute.edges:
                if (
                    pulse.name == "car charger"
                    and pulse.start <= segment.start < pulse.end
                ):
                    counters.charger_ws += sum(pulse.watts) * seconds
        self._time = segment.start + seconds
        for room, rate in self._watered:
            room.water(self._time, rate * seconds)
        for listener in self._segment_listeners:
            listener(segment)

    def _steady(self) -> Phases | None:
        """Return the mean power of the minute if each of its seconds has the same signs."""
        minute = self._minute
        if minute.edges:
            return None
        if not self.grid:
            return (0, 0, 0)
        a, b, c = minute.watts
        d, e, f = self._switched
        mean = a + d, b + e, c + f
        if abs(sum(mean)) <= 3 * _JITTER or min(map(abs, mean)) <= _JITTER:
            return None
        return mean

    def _watts_at(self, second: int) -> Phases:
        if not self.grid:
            return (0, 0, 0)
        minute, jitter = self._minute, self._jitter
        a, b, c = minute.watts
        d, e, f = self._switched
        x, y, z = minute.shift
        here = second % MINUTE
        a, b, c = (
            a + d + jitter[here - x],
            b + e + jitter[here - y],
            c + f + jitter[here - z],
        )
        for pulse in minute.edges:
            if pulse.start <= second < pulse.end:
                d, e, f = pulse.watts
                a, b, c = a + d, b + e, c + f
        return a, b, c


def _zero_sum(seed: int) -> tuple[int, ...]:
    """Return sixty values within ±20 that add up to zero, in an order that the seed decides."""
    rng = Random(f"{seed}/jitter")
    half = [rng.randrange(_JITTER) for _ in range(MINUTE // 2)]
    values = half + [-value for value in half]
    rng.shuffle(values)
    return tuple(values)


def _subscribe[T](listeners: list[T], listener: T) -> Callable[[], None]:
    listeners.append(listener)
    return lambda: listeners.remove(listener)
