"""State and configuration of a simulated gateway. Rows are those of the V0 actions."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

type Row = dict[str, Any]

UNSET = 255
UNSET_WORD = 65535
SHUTTER_RELAY = 127
LIGHT = 255

FEATURES = (
    "input_states",
    "can_bus_termination_toggle",
    "modules_information",
    "isolated_plugins",
    "thermostat_groups",
    "dynamic_updates",
    "show_in_app_property",
    "pause_schedules",
    "in_use_property",
    "dirty_flag",
    "shutter_positions",
    "ventilation",
    "long_names",
    "100_steps_dimmer",
    "metrics",
    "default_timer_disabled",
    "gateway_sensors",
    "websocket_maintenance",
    "scheduling",
    "factory_reset",
    "thermostats_gateway",
    "copy_thermostat_schedules",
)


@dataclass(slots=True)
class Account:
    """A local account. Only the role SUPER has permissions."""

    name: str
    password: str
    role: str = "SUPER"
    terms: bool = True


@dataclass(slots=True)
class OutputValue:
    """State of an output. ``locked`` ones accept commands without any effect."""

    on: bool = False
    level: int = 0
    timer: int = 0
    locked: bool = False
    off_at: float | None = None
    """When it switches off by itself; ``timer`` is no proof that it will."""


@dataclass(slots=True)
class ShutterRun:
    """Position and move of a shutter. ``position`` is None until a full move."""

    state: str = "stopped"
    position: int | None = None
    desired: int | None = None
    changed: float = 0.0
    begun: float = 0.0
    begun_at: int | None = None


@dataclass(slots=True)
class Unit:
    """A thermostat, with the setpoints of its presets."""

    on: bool = True
    preset: str = "auto"
    setpoints: dict[str, float] = field(
        default_factory=lambda: {
            "auto": 16.0,
            "manual": 16.0,
            "away": 16.0,
            "vacation": 15.0,
            "party": 22.0,
        }
    )
    steering: int = 0


@dataclass(slots=True)
class Quirks:
    """Differences between versions and captures."""

    old: bool = False
    """A gateway of 2021: no in_use, floors, old sensor calls, no JSON on the websocket."""
    classic: bool = False
    """The Classic master: its engine of thermostats, its timers."""
    shuffled: bool = False
    """Status lists in another order than the configurations."""
    silent_module: int | None = None
    """An energy module that does not answer."""
    glitch: bool = False
    """Energy counters are read as 0."""
    maintenance: bool = False
    bus_timeouts: int = 0
    """The next commands answer "Internal communication timeout" …"""
    bus_timeout_executes: bool = True
    """… and are carried out all the same."""
    mute_shutter_zero: bool = True
    events_first: bool = True
    """Events leave before the answer of the command that caused them."""
    deaf: bool = False
    """Commands are accepted and nothing is done."""


@dataclass(slots=True, kw_only=True)
class State:
    """All of a gateway."""

    now: Callable[[], float]
    mac: str = "00:11:22:aa:bb:cc"
    platform: str = "CORE_PLUS"
    version: str = "2.29.0"
    master: str = "3.143.113"
    serial: str | None = "OM-77-1234"
    quirks: Quirks = field(default_factory=Quirks)
    accounts: list[Account] = field(default_factory=list)
    features: list[str] = field(default_factory=lambda: list(FEATURES))
    outputs: list[Row] = field(default_factory=list)
    output_values: dict[int, OutputValue] = field(default_factory=dict)
    inputs: list[Row] = field(default_factory=list)
    input_values: dict[int, bool] = field(default_factory=dict)
    shutters: list[Row] = field(default_factory=list)
    runs: dict[int, ShutterRun] = field(default_factory=dict)
    shutter_groups: list[Row] = field(default_factory=list)
    sensors: list[Row] = field(default_factory=list)
    sensor_values: dict[int, float | None] = field(default_factory=dict)
    thermostats: list[Row] = field(default_factory=list)
    cooling: list[Row] = field(default_factory=list)
    units: dict[int, Unit] = field(default_factory=dict)
    groups: list[Row] = field(default_factory=list)
    group_modes: dict[int, str] = field(default_factory=dict)
    modules: list[Row] = field(default_factory=list)
    watts: dict[tuple[int, int], float] = field(default_factory=dict)
    energy: dict[tuple[int, int], list[int]] = field(default_factory=dict)
    pulses: list[Row] = field(default_factory=list)
    pulse_values: list[int | None] = field(default_factory=list)
    actions: list[Row] = field(default_factory=list)
    rooms: list[Row] = field(default_factory=list)
    lamps: list[Row] = field(default_factory=list)
    """Lamps of other makers, which only the cloud knows."""
    locked_shutters: set[int] = field(default_factory=set)
    shutter_presets: dict[int, int] = field(default_factory=dict)
    errors: list[list[object]] = field(default_factory=list)
    """Errors on the bus: module and count."""
    restarts: int = 0
    """How often its services were told to restart."""
    schedules: list[Row] = field(default_factory=list)
    scheduled: list[Row] = field(default_factory=list)
    """Actions for later, as before there were schedules."""
    output_changes: dict[int, float] = field(default_factory=dict)
    input_changes: dict[int, float] = field(default_factory=dict)
    """When each of them changed last, the latest at the end."""
    ventilations: list[Row] = field(default_factory=list)
    ventilation_values: dict[int, Row] = field(default_factory=dict)

    def output(self, number: int) -> Row | None:
        """Return the configuration of an output."""
        return next((row for row in self.outputs if row["id"] == number), None)

    def shutter(self, number: int) -> Row | None:
        """Return the configuration of a shutter."""
        return next((row for row in self.shutters if row["id"] == number), None)
