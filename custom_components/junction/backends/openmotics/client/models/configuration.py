"""Configuration of an installation. ``room`` is the name of a room, None without one."""

from dataclasses import dataclass
from enum import IntEnum

from .keys import Key, Kind, Topic


class OutputType(IntEnum):
    """Type of the load of an output."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """A relay or a dimmer. ``internal``: the cloud hides it from users."""

    id: int
    name: str
    type: OutputType
    dimmable: bool
    room: str | None = None
    internal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Lamp:
    """A light of another vendor, which only the cloud has."""

    id: int
    name: str
    dimmable: bool = False
    room: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """A button or a contact; a ``virtual`` one is pressed only by commands."""

    id: int
    name: str
    virtual: bool = False
    room: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shutter:
    """A shutter. Positions run from 0 (open) to ``steps`` - 1 (closed).

    ``seconds`` is the time of a full run. ``positions``: it supports positions.
    ``lockable``: it can be locked by a command. ``preset``: it has a preset position,
    which can be changed with ``preset_settable``.
    """

    id: int
    name: str
    steps: int = 100
    seconds: float = 60.0
    positions: bool = False
    lockable: bool = False
    preset: bool = False
    preset_settable: bool = False
    room: str | None = None
    internal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ShutterGroup:
    """Shutters that move together; the gateway reports no state for them."""

    id: int
    room: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensor:
    """One quantity of a physical sensor; ``device`` is the same for all its quantities.

    ``source`` (master, plugin) and ``external`` are its origin and its id there,
    ``plugin`` is the name of that plugin. ``writable``: it accepts values from outside.
    """

    key: str
    device: str
    name: str
    quantity: str | None = None
    unit: str | None = None
    source: str = "master"
    external: str | None = None
    plugin: str | None = None
    writable: bool = False
    room: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Thermostat:
    """A thermostat unit; ``outputs`` are the valves that it drives."""

    id: int
    name: str
    group: int
    cooling: bool = False
    outputs: frozenset[int] = frozenset()
    room: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A part of a day with its own temperature (°C); times are "HH:MM"."""

    start: str
    end: str
    temperature: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """Schedule of a day; ``night`` (°C) applies outside of the periods."""

    night: float
    periods: tuple[Period, ...] = ()


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
    """A counter without a unit. ``index`` is its position in the status list.

    ``wired``: it counts pulses of an input; the others may be set.
    """

    id: int
    index: int
    name: str
    wired: bool = True
    room: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupAction:
    """A stored list of actions; ``shown``: the vendor's app shows it."""

    id: int
    name: str
    shown: bool = True
    internal: bool = False


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
    """Configuration of an installation.

    ``presets`` are the keys of preset temperatures. ``health``: the gateway counts the
    errors of its modules. ``unused`` are keys that exist but are not shown. ``refused``
    are the kinds whose lists could not be read, so that nothing is known about them.
    """

    outputs: tuple[Output, ...] = ()
    lamps: tuple[Lamp, ...] = ()
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
    presets: frozenset[Key] = frozenset()
    health: bool = False
    refused: frozenset[Kind] = frozenset()
    unused: frozenset[Key] = frozenset()

    def topics(self) -> frozenset[Topic]:
        """Return the topics that have states in this configuration."""
        there: dict[Topic, object] = {
            Topic.OUTPUTS: self.outputs,
            Topic.LAMPS: self.lamps,
            Topic.INPUTS: self.inputs,
            Topic.SHUTTERS: self.shutters,
            Topic.SENSORS: self.sensors,
            Topic.THERMOSTATS: self.thermostats,
            Topic.VENTILATION: self.ventilations,
            Topic.POWER: self.modules,
            Topic.ENERGY: self.modules,
            Topic.PULSES: self.pulses,
            Topic.PRESETS: self.presets,
            Topic.MODULES: self.health,
        }
        return frozenset(topic for topic, items in there.items() if items)

    def keys(self) -> frozenset[Key]:
        """Return the keys of all possible states."""
        return self.unused | {
            *((Kind.OUTPUT, str(item.id)) for item in self.outputs),
            *((Kind.LAMP, str(item.id)) for item in self.lamps),
            *((Kind.INPUT, str(item.id)) for item in self.inputs),
            *((Kind.SHUTTER, str(item.id)) for item in self.shutters),
            *((Kind.SENSOR, item.key) for item in self.sensors),
            *((Kind.UNIT, str(item.id)) for item in self.thermostats),
            *((Kind.GROUP, str(item.id)) for item in self.groups),
            *((Kind.VENTILATION, str(item.id)) for item in self.ventilations),
        }
