"""What an OpenMotics installation has and shows, however it is reached.

Local ids, those of the gateway, and ids of the cloud are not the same numbers; an
installation is read through one transport only, so they never meet.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum


class Topic(StrEnum):
    """What is read with one question."""

    OUTPUTS = "outputs"
    INPUTS = "inputs"
    SHUTTERS = "shutters"
    SENSORS = "sensors"
    THERMOSTATS = "thermostats"
    VENTILATION = "ventilation"
    POWER = "power"
    ENERGY = "energy"
    PULSES = "pulses"


class Kind(StrEnum):
    """Of what a state is."""

    OUTPUT = "output"
    INPUT = "input"
    SHUTTER = "shutter"
    SENSOR = "sensor"
    UNIT = "thermostat"
    GROUP = "thermostat_group"
    VENTILATION = "ventilation"
    POWER = "power"
    ENERGY = "energy"
    PULSE = "pulse"


TOPIC_OF: dict[Kind, Topic] = {
    Kind.OUTPUT: Topic.OUTPUTS,
    Kind.INPUT: Topic.INPUTS,
    Kind.SHUTTER: Topic.SHUTTERS,
    Kind.SENSOR: Topic.SENSORS,
    Kind.UNIT: Topic.THERMOSTATS,
    Kind.GROUP: Topic.THERMOSTATS,
    Kind.VENTILATION: Topic.VENTILATION,
    Kind.POWER: Topic.POWER,
    Kind.ENERGY: Topic.ENERGY,
    Kind.PULSE: Topic.PULSES,
}

type Key = tuple[Kind, str]
"""Whose state: the kind and the id, of a current transformer ``<module>.<index>``."""
type States = Mapping[Key, object]


class OutputType(IntEnum):
    """What hangs on an output (§1.5)."""

    OUTLET = 0
    VALVE = 1
    ALARM = 2
    APPLIANCE = 3
    PUMP = 4
    HVAC = 5
    GENERIC = 6
    MOTOR = 7
    VENTILATION = 8
    HEATER = 9
    SHUTTER_RELAY = 127
    LIGHT = 255


class Preset(StrEnum):
    """What a thermostat follows (§1.9)."""

    AUTO = "auto"
    MANUAL = "manual"
    AWAY = "away"
    VACATION = "vacation"
    PARTY = "party"


class Motion(StrEnum):
    """What a shutter does, or where its last run ended (§1.7)."""

    UP = "up"
    DOWN = "down"
    STOPPED = "stopped"
    GOING_UP = "going_up"
    GOING_DOWN = "going_down"


# What there is. ``room`` is the name of a room, None without one.


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """A relay or a dimmer."""

    id: int
    name: str
    type: OutputType
    dimmable: bool
    room: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """A button or a contact."""

    id: int
    name: str
    room: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shutter:
    """A shutter. Positions run from 0 (open) to ``steps`` - 1 (closed).

    ``seconds`` is the time of a full run. ``positions``: it can be sent to one.
    """

    id: int
    name: str
    steps: int = 100
    seconds: float = 60.0
    positions: bool = False
    room: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShutterGroup:
    """Shutters that move together; the gateway knows no state of them."""

    id: int
    room: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensor:
    """One quantity of a physical sensor; ``device`` is the same for all of one."""

    key: str
    device: str
    name: str
    quantity: str | None = None
    unit: str | None = None
    room: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Thermostat:
    """A unit; ``outputs`` are the valves that it drives."""

    id: int
    name: str
    group: int
    cooling: bool = False
    outputs: frozenset[int] = frozenset()
    room: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ThermostatGroup:
    """Units that heat or cool together."""

    id: int
    name: str
    cooling: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EnergyModule:
    """A module with current transformers; ``inputs`` are their names, "" = unused."""

    id: int
    name: str
    version: int
    inputs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PulseCounter:
    """A counter without a unit of its own. ``index`` is its place in the status."""

    id: int
    index: int
    name: str
    room: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupAction:
    """A stored list of actions; ``shown``: the vendor's app shows it."""

    id: int
    name: str
    shown: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Ventilation:
    """A ventilation unit with levels from 0 to ``levels``."""

    id: int
    name: str
    levels: int = 4
    vendor: str | None = None
    model: str | None = None
    serial: str | None = None
    room: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """Everything there is. ``unused`` has the keys that exist but are not shown."""

    outputs: tuple[Output, ...] = ()
    inputs: tuple[Input, ...] = ()
    shutters: tuple[Shutter, ...] = ()
    shutter_groups: tuple[ShutterGroup, ...] = ()
    sensors: tuple[Sensor, ...] = ()
    thermostats: tuple[Thermostat, ...] = ()
    groups: tuple[ThermostatGroup, ...] = ()
    modules: tuple[EnergyModule, ...] = ()
    pulses: tuple[PulseCounter, ...] = ()
    actions: tuple[GroupAction, ...] = ()
    ventilations: tuple[Ventilation, ...] = ()
    unused: frozenset[Key] = frozenset()

    def topics(self) -> frozenset[Topic]:
        """Return what is worth asking for."""
        there = {
            Topic.OUTPUTS: self.outputs,
            Topic.INPUTS: self.inputs,
            Topic.SHUTTERS: self.shutters,
            Topic.SENSORS: self.sensors,
            Topic.THERMOSTATS: self.thermostats,
            Topic.VENTILATION: self.ventilations,
            Topic.POWER: self.modules,
            Topic.ENERGY: self.modules,
            Topic.PULSES: self.pulses,
        }
        return frozenset(topic for topic, items in there.items() if items)

    def keys(self) -> frozenset[Key]:
        """Return the keys of all states that may come."""
        return self.unused | {
            *((Kind.OUTPUT, str(item.id)) for item in self.outputs),
            *((Kind.INPUT, str(item.id)) for item in self.inputs),
            *((Kind.SHUTTER, str(item.id)) for item in self.shutters),
            *((Kind.SENSOR, item.key) for item in self.sensors),
            *((Kind.UNIT, str(item.id)) for item in self.thermostats),
            *((Kind.GROUP, str(item.id)) for item in self.groups),
            *((Kind.VENTILATION, str(item.id)) for item in self.ventilations),
        }


# What it shows. None = not said.


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputState:
    """``level`` 0-100 counts on dimmers only; it is kept while off."""

    on: bool | None = None
    level: int | None = None
    locked: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShutterState:
    """``position`` 0 = open; None until a full run, and after each restart."""

    motion: Motion | None = None
    position: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitState:
    """Temperatures in °C, ``steering`` 0-100 of heating or cooling."""

    on: bool | None = None
    preset: Preset | None = None
    current: float | None = None
    setpoint: float | None = None
    steering: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupState:
    """Whether a group cools (otherwise it heats)."""

    cooling: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VentilationState:
    """``level`` None = not said, as it may be in automatic mode."""

    automatic: bool | None = None
    level: int | None = None
    connected: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerState:
    """What a current transformer measures, in V, Hz, A and W (negative: feeding in)."""

    voltage: float | None = None
    frequency: float | None = None
    current: float | None = None
    power: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EnergyState:
    """What a current transformer counted, in Wh, by day and by night."""

    day: int | None = None
    night: int | None = None

    @property
    def total(self) -> int | None:
        """Both together."""
        if self.day is None or self.night is None:
            return None
        return self.day + self.night


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who answers. ``id`` stays the same for good (a MAC, an installation's number).

    ``online`` is whether a cloud reaches the gateway, ``update`` whether there is newer
    software for it; None = not told.
    """

    id: str
    title: str
    model: str | None = None
    sw_version: str | None = None
    hw_version: str | None = None
    serial: str | None = None
    mac: str | None = None
    features: frozenset[str] = frozenset()
    online: bool | None = None
    update: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Abilities:
    """What a transport can do, once it is open.

    ``push``: it tells of changes itself; ``presses``: of inputs, too. ``timers`` are the
    durations in s that an output may be on for: () = any, None = none. ``presets`` are
    those that can be chosen. ``unit_off``: thermostats can be switched off one by one;
    ``group_on``: all of a group at once. ``tolerance`` is how far, in percent, a dimmer
    may be from what it was told. ``blind`` are topics that push does not cover whole.
    """

    push: bool = False
    presses: bool = False
    identify: bool = False
    ventilation: bool = True
    timers: tuple[int, ...] | None = None
    presets: tuple[Preset, ...] = tuple(Preset)
    unit_off: bool = True
    group_on: bool = True
    tolerance: float = 2.0
    blind: frozenset[Topic] = field(default_factory=frozenset)
