"""State of a simulated Mycodo: its settings database and its daemon's memory."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from simulators.clock import VirtualClock

type ChannelState = bool | float | None


def uid(number: int) -> str:
    """Return a UUID that is easy to recognize."""
    return f"{number:08d}-1111-4222-8333-abcdefabcdef"


@dataclass(frozen=True, slots=True)
class Role:
    """Permissions of a role."""

    settings: bool = False
    controllers: bool = False
    view: bool = False
    camera: bool = False
    view_stats: bool = False


ADMIN, EDITOR, MONITOR, GUEST, KIOSK = range(1, 6)
ROLES = {
    ADMIN: Role(True, True, True, True, True),
    EDITOR: Role(True, True, True, True, True),
    MONITOR: Role(view=True, camera=True, view_stats=True),
    GUEST: Role(),
    KIOSK: Role(camera=True),
}


@dataclass(slots=True)
class User:
    """A user with at most one API key, stored in Base64 as Mycodo shows it."""

    id: int
    unique_id: str
    name: str
    role_id: int
    key: str | None = None
    settings: dict[str, Any] = field(
        default_factory=lambda: {
            "index_page": "landing",
            "landing_page": "live",
            "language": "en",
            "theme": "/static/css/bootstrap-4-themes/cosmo.css",
        }
    )


@dataclass(slots=True)
class Channel:
    """A channel of an output. ``load`` is the load that it switches in the simulated house."""

    id: int
    unique_id: str
    channel: int
    name: str = ""
    options: dict[str, Any] = field(default_factory=dict)
    load: str | None = None
    state: ChannelState = None
    since: float = 0.0
    until: float | None = None
    asked: float = 0.0


@dataclass(slots=True)
class Output:
    """An output. ``kind``: on_off, pwm, pump, value, or spacer.

    ``returns`` is the result of its driver. ``problem``: why it does not work. ``deaf``: commands
    succeed without any effect, as with an MQTT broker that is offline. ``loaded``: whether the
    daemon has loaded it.
    """

    id: int
    unique_id: str
    name: str
    module: str
    kind: str
    interface: str = ""
    options: dict[str, Any] = field(default_factory=dict)
    channels: list[Channel] = field(default_factory=list)
    returns: str = "None"
    problem: str | None = None
    deaf: bool = False
    loaded: bool = True
    i2c_bus: int | str = 1
    rows_of_channel: dict[int, tuple[int, ...]] | None = None
    """Which measurement channels record an output channel; None = as most modules do."""

    def recorded(self, channel: int) -> tuple[int, ...]:
        """Return the measurement channels of an output channel."""
        if self.rows_of_channel is not None:
            return self.rows_of_channel[channel]
        if self.kind == "pump":
            return 2 * channel, 2 * channel + 1
        return (channel,)

    @property
    def ready(self) -> bool:
        """Whether states are available."""
        return self.loaded and self.problem is None and not self.deaf


@dataclass(slots=True)
class Row:
    """A row of the device measurements. ``conversion`` is the target unit."""

    id: int
    unique_id: str
    device: str
    channel: int
    measurement: str
    unit: str
    name: str = ""
    enabled: bool = True
    setpoint: bool = False
    rescaled: tuple[str, str] | None = None
    scale: tuple[float, float, float, float] = (0.0, 10.0, 0.0, 20.0)
    conversion: str | None = None

    @property
    def stored(self) -> tuple[str, str | None]:
        """Unit and measure tag of the stored values."""
        if self.conversion:
            return self.conversion, None
        if self.rescaled:
            return self.rescaled[1], self.rescaled[0]
        return self.unit, self.measurement


type Measure = Callable[[float], dict[int, float]]
"""Returns the values of the channels at a moment."""


@dataclass(slots=True)
class Input:
    """An input, or a function; ``due`` is the time of its next measurement."""

    id: int
    unique_id: str
    name: str
    device: str
    period: float
    measure: Measure
    active: bool = True
    interface: str = "Mycodo"
    options: dict[str, Any] = field(default_factory=dict)
    command: str | None = None
    due: float = 0.0


@dataclass(slots=True)
class Pid:
    """A PID controller; a proportional one is enough for the visible behavior."""

    id: int
    unique_id: str
    name: str
    measurement: str
    raise_output: str | None
    setpoint: float
    follows: float | None = None
    """What a method says at this moment; it counts in place of the setpoint."""
    lower_output: str | None = None
    direction: str = "raise"
    period: float = 5.0
    active: bool = False
    held: bool = False
    paused: bool = False
    p: float = 2.0
    i: float = 0.1
    d: float = 0.0
    due: float = 0.0
    value: float = 0.0


@dataclass(slots=True)
class Controller:
    """A trigger or a conditional; only its activation is simulated."""

    id: int
    unique_id: str
    name: str
    kind: str = "trigger_timer_duration"
    active: bool = False


@dataclass(slots=True)
class CustomUnit:
    """A custom unit."""

    id: int
    unique_id: str
    name: str
    name_safe: str
    unit: str


@dataclass(slots=True)
class Features:
    """Differences between versions and installations."""

    multi: bool = True
    notes: bool = True
    inputs_detail: bool = False
    """``GET /api/inputs/{id}`` works up to 8.16.0 only."""
    pid_widget: bool = False
    graph_widget: bool = False
    version: str = "8.16.2"


class Influx(StrEnum):
    """Behavior of InfluxDB, which stores the measurements."""

    UP = "up"
    REFUSED = "refused"
    ERROR = "500"
    UNAUTHORIZED = "401"
    NO_BUCKET = "404"
    HANGS = "hangs"
    NO_ANSWER = "no answer"
    EMPTY = "empty"
    """It answers, but has lost all measurements, and takes no new ones."""


@dataclass(slots=True, kw_only=True)
class State:
    """One Mycodo. ``offset`` is the error of its clock in s.

    ``influx_timeout`` is how long (s) Mycodo waits for an InfluxDB that hangs;
    ``seconds_per_channel`` is how long one measurement or one output channel takes.
    """

    clock: VirtualClock
    host: str = "Greenhouse"
    offset: float = 0.0
    users: list[User] = field(default_factory=list)
    outputs: list[Output] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    inputs: list[Input] = field(default_factory=list)
    functions: list[Input] = field(default_factory=list)
    pids: list[Pid] = field(default_factory=list)
    triggers: list[Controller] = field(default_factory=list)
    conditionals: list[Controller] = field(default_factory=list)
    units: list[CustomUnit] = field(default_factory=list)
    measurements: list[CustomUnit] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    notes: list[dict[str, str]] = field(default_factory=list)
    features: Features = field(default_factory=Features)
    daemon_running: bool = True
    daemon_frozen: bool = False
    rpc_timeout: float = 30.0
    influx: Influx = Influx.UP
    influx_timeout: float = 60.0
    seconds_per_channel: float = 0.0
    webhooks: dict[tuple[str, int], str] = field(default_factory=dict)
    """Where the change of an output channel is announced, by output id and channel."""

    @property
    def influx_up(self) -> bool:
        """Whether InfluxDB is available."""
        return self.influx is Influx.UP

    @influx_up.setter
    def influx_up(self, up: bool) -> None:
        self.influx = Influx.UP if up else Influx.REFUSED

    def now(self) -> float:
        """Return the time of the machine's clock."""
        return self.clock.now() + self.offset

    def output(self, unique_id: str) -> Output | None:
        """Return an output."""
        return next((o for o in self.outputs if o.unique_id == unique_id), None)

    def rows_of(self, device: str) -> list[Row]:
        """Return the measurement rows of a device."""
        return [row for row in self.rows if row.device == device]
