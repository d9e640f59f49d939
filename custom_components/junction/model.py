"""The point model: what every backend says, and all that the platforms know.

A *device* is a thing with a place in the house, a *point* is one thing on it that a
person can see or steer. A point carries Home Assistant's own ``EntityDescription`` and
the coroutines that steer it; its *state* travels separately in a ``Snapshot`` (the full
truth) or a ``Delta`` (what changed). States and commands use Home Assistant's units and
ranges: brightness 1-255, hue in degrees 0-360, saturation and percentages 0-100, colour
temperature in kelvin, positions 0-100 with 100 = open. Adapters convert, entities never
calculate.

The value of a state says three things apart: ``UNAVAILABLE`` (not fetched, or the part
of the device does not answer), ``None`` (fetched, but without a value) and everything
else (a value; 0 is one).
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, ClassVar, Final, cast

from homeassistant.components.binary_sensor import BinarySensorEntityDescription
from homeassistant.components.button import ButtonEntityDescription
from homeassistant.components.climate import (
    ClimateEntityDescription,
    HVACAction,
    HVACMode,
)
from homeassistant.components.cover import CoverEntityDescription
from homeassistant.components.device_tracker import TrackerEntityDescription
from homeassistant.components.event import EventEntityDescription
from homeassistant.components.fan import FanEntityDescription
from homeassistant.components.light import LightEntityDescription
from homeassistant.components.light.const import ColorMode
from homeassistant.components.media_player import (
    MediaPlayerEntityDescription,
    MediaPlayerState,
)
from homeassistant.components.number import NumberEntityDescription
from homeassistant.components.select import SelectEntityDescription
from homeassistant.components.sensor import SensorEntityDescription
from homeassistant.components.siren import SirenEntityDescription
from homeassistant.components.switch import SwitchEntityDescription
from homeassistant.components.valve import ValveEntityDescription
from homeassistant.const import Platform
from homeassistant.helpers.entity import EntityDescription

type PointKey = tuple[str, str]
"""(device id, point id); both survive restarts, renames and address changes."""

type SensorValue = str | int | float | date | datetime | Decimal
type Steer[*Args] = Callable[[*Args], Awaitable[None]]
"""A coroutine that sends one command and returns once the backend accepted it.

It raises one of ``errors.BackendError`` when the command did not get through. What
takes its time or has no state of its own (a cover that moves, a lamp that fades, a
scene, a button) counts as done once accepted: what came of it the backend tells, by
pushing or by asking its sink for a refresh.
"""


class Unavailable(Enum):
    """The type of ``UNAVAILABLE``; an enum, so that type checkers can narrow it."""

    VALUE = "unavailable"


UNAVAILABLE: Final = Unavailable.VALUE

# In the metadata of a state's field: how far off it may be, whatever the point says.
TOLERANCE: Final = "tolerance"


@dataclass(frozen=True, slots=True)
class Detailed[StateT]:
    """A state with more to say than its value.

    ``attributes`` become state attributes. ``last_reset`` is the start of the period
    that a ``total`` sensor counts (Home Assistant's ``last_reset``).
    """

    value: StateT | None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    last_reset: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceSpec:
    """A device as the registry shows it; ``via`` names the id of its parent device.

    Either ``name`` (given by the user in the backend) or ``translation_key`` is set.
    ``subentry`` is the config subentry that brought the device, if one did.
    """

    id: str
    name: str | None = None
    translation_key: str | None = None
    placeholders: Mapping[str, str] = field(default_factory=dict)
    manufacturer: str | None = None
    model: str | None = None
    model_id: str | None = None
    serial_number: str | None = None
    sw_version: str | None = None
    hw_version: str | None = None
    configuration_url: str | None = None
    connections: frozenset[tuple[str, str]] = frozenset()
    suggested_area: str | None = None
    via: str | None = None
    service: bool = False
    subentry: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Point[StateT]:
    """One thing a person can see or steer, of one platform.

    ``id`` distinguishes points that share a description (defaults to its key).
    ``name`` is the user's own name from the backend, otherwise the description's
    translation names the entity. ``tolerance`` is how far a confirmed number may be
    from the commanded one (devices round).
    """

    platform: ClassVar[Platform]

    device: str
    description: EntityDescription
    id: str = ""
    name: str | None = None
    placeholders: Mapping[str, str] = field(default_factory=dict)
    tolerance: float = 0.0
    key: PointKey = field(init=False)

    def __post_init__(self) -> None:
        """Fix the key once; it is looked up at every dispatch."""
        object.__setattr__(self, "key", (self.device, self.id or self.description.key))

    def read(self, state: object) -> StateT | None:
        """Return the plain value of a state of this point; None when it has none."""
        if isinstance(state, Detailed):
            state = state.value
        return None if state is UNAVAILABLE else cast("StateT | None", state)


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorPoint(Point[SensorValue]):
    """A reading.

    ``restore``: until the first value, show the one of before a restart if it is not
    older than this.
    """

    platform = Platform.SENSOR
    description: SensorEntityDescription
    restore: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BinarySensorPoint(Point[bool]):
    """A reading that is on or off."""

    platform = Platform.BINARY_SENSOR
    description: BinarySensorEntityDescription


@dataclass(frozen=True, slots=True, kw_only=True)
class EventPoint(Point[None]):
    """Something that happens. It has no state; events arrive through the sink."""

    platform = Platform.EVENT
    description: EventEntityDescription


@dataclass(frozen=True, slots=True)
class Location:
    """Degrees of latitude and longitude (WGS 84), accuracy in metres."""

    latitude: float
    longitude: float
    accuracy: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackerPoint(Point[Location]):
    """Where a device is."""

    platform = Platform.DEVICE_TRACKER
    description: TrackerEntityDescription


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchPoint(Point[bool]):
    """On or off. ``turn_on_for`` takes seconds; the backend itself switches off."""

    platform = Platform.SWITCH
    description: SwitchEntityDescription
    set_on: Steer[bool]
    turn_on_for: Steer[float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SirenPoint(Point[bool]):
    """A sounder."""

    platform = Platform.SIREN
    description: SirenEntityDescription
    set_on: Steer[bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberPoint(Point[float]):
    """A number in the unit and limits of its description."""

    platform = Platform.NUMBER
    description: NumberEntityDescription
    set_value: Steer[float]


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectPoint(Point[str]):
    """One of the description's options."""

    platform = Platform.SELECT
    description: SelectEntityDescription
    select: Steer[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ButtonPoint(Point[None]):
    """Something to set off."""

    platform = Platform.BUTTON
    description: ButtonEntityDescription
    press: Steer[()]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenePoint(Point[None]):
    """A stored set of states; ``SCENE_ACTIVATED`` tells of activations from elsewhere."""

    platform = Platform.SCENE
    description: EntityDescription
    activate: Steer[()]


SCENE_ACTIVATED: Final = "activated"


@dataclass(frozen=True, slots=True, kw_only=True)
class LightState:
    """What a light is; None = not known or not this light's business.

    Lamps bring a colour to the nearest that they can show and report that one.
    """

    on: bool | None = None
    brightness: int | None = None
    color_mode: ColorMode | None = None
    hs: tuple[float, float] | None = field(default=None, metadata={TOLERANCE: 15.0})
    kelvin: int | None = field(default=None, metadata={TOLERANCE: 250.0})


@dataclass(frozen=True, slots=True, kw_only=True)
class LightCommand:
    """What a light is told; None = leave alone. ``transition`` is in seconds."""

    on: bool
    brightness: int | None = None
    hs: tuple[float, float] | None = None
    kelvin: int | None = None
    transition: float | None = None

    @property
    def expected(self) -> LightState:
        """The state that confirms this command."""
        mode = None
        if self.hs is not None:
            mode = ColorMode.HS
        elif self.kelvin is not None:
            mode = ColorMode.COLOR_TEMP
        return LightState(
            on=self.on,
            brightness=self.brightness,
            color_mode=mode,
            hs=self.hs,
            kelvin=self.kelvin,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LightPoint(Point[LightState]):
    """A lamp. The kelvin limits count when ``COLOR_TEMP`` is among the colour modes."""

    platform = Platform.LIGHT
    description: LightEntityDescription
    color_modes: frozenset[ColorMode]
    set: Steer[LightCommand]
    min_kelvin: int = 2000
    max_kelvin: int = 6500
    transition: bool = False
    turn_on_for: Steer[float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverState:
    """Position and tilt 0-100 (100 = open), or None; ``closed`` None = not known."""

    closed: bool | None = None
    position: int | None = None
    tilt: int | None = None
    opening: bool | None = None
    closing: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverPoint(Point[CoverState]):
    """A shutter, blind or door; what it can do is what is given.

    ``assumed``: the state is a guess, so both directions stay offered.
    """

    platform = Platform.COVER
    description: CoverEntityDescription
    open: Steer[()] | None = None
    close: Steer[()] | None = None
    stop: Steer[()] | None = None
    set_position: Steer[int] | None = None
    set_tilt: Steer[int] | None = None
    assumed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ValvePoint(Point[CoverState]):
    """A valve. With ``set_position`` open and close go through it."""

    platform = Platform.VALVE
    description: ValveEntityDescription
    open: Steer[()] | None = None
    close: Steer[()] | None = None
    stop: Steer[()] | None = None
    set_position: Steer[int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FanState:
    """What a fan is; ``percentage`` 0-100."""

    on: bool | None = None
    percentage: int | None = None
    preset: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FanCommand:
    """What a fan is told; None = leave alone."""

    on: bool
    percentage: int | None = None
    preset: str | None = None

    @property
    def expected(self) -> FanState:
        """The state that confirms this command."""
        return FanState(on=self.on, percentage=self.percentage, preset=self.preset)


@dataclass(frozen=True, slots=True, kw_only=True)
class FanPoint(Point[FanState]):
    """A fan. ``speeds`` = number of steps, 0 = cannot be set."""

    platform = Platform.FAN
    description: FanEntityDescription
    set: Steer[FanCommand]
    speeds: int = 0
    presets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClimateState:
    """What a thermostat is; temperatures in the point's unit, humidity in percent."""

    mode: HVACMode | None = None
    action: HVACAction | None = None
    current: float | None = None
    humidity: float | None = None
    target: float | None = None
    preset: str | None = None
    fan_mode: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClimateCommand:
    """What a thermostat is told; None = leave alone."""

    mode: HVACMode | None = None
    target: float | None = None
    preset: str | None = None
    fan_mode: str | None = None

    @property
    def expected(self) -> ClimateState:
        """The state that confirms this command."""
        return ClimateState(
            mode=self.mode,
            target=self.target,
            preset=self.preset,
            fan_mode=self.fan_mode,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ClimatePoint(Point[ClimateState]):
    """A thermostat; ``set`` None = read-only. ``unit`` is one of ``UnitOfTemperature``."""

    platform = Platform.CLIMATE
    description: ClimateEntityDescription
    modes: tuple[HVACMode, ...]
    set: Steer[ClimateCommand] | None
    unit: str
    min_temperature: float = 7.0
    max_temperature: float = 35.0
    step: float = 0.5
    targets: bool = True
    presets: tuple[str, ...] = ()
    fan_modes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaState:
    """What a player is; ``volume`` 0.0-1.0 as in Home Assistant."""

    state: MediaPlayerState | None = None
    volume: float | None = None
    muted: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaPlayerPoint(Point[MediaState]):
    """A player of which volume and mute can be set."""

    platform = Platform.MEDIA_PLAYER
    description: MediaPlayerEntityDescription
    set_volume: Steer[float] | None = None
    set_muted: Steer[bool] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Topology:
    """Which devices and points there are.

    The same object means that nothing appeared or vanished. ``complete`` says that
    what is not listed is gone; otherwise nothing is ever removed because of it.
    """

    devices: tuple[DeviceSpec, ...] = ()
    points: tuple[Point[Any], ...] = ()
    complete: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The full truth: a point without a state is unavailable.

    ``offline`` are the ids of devices that do not answer.
    """

    topology: Topology
    states: Mapping[PointKey, object]
    offline: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Delta:
    """What changed. ``devices`` maps a device id to whether it answers now."""

    states: Mapping[PointKey, object] = field(default_factory=dict)
    devices: Mapping[str, bool] = field(default_factory=dict)
    topology: Topology | None = None


def merge(current: object, expected: object) -> object:
    """Return the current state with everything that the expected one is explicit about."""
    if isinstance(current, Detailed):
        return replace(current, value=merge(current.value, expected))
    if is_dataclass(expected) and type(current) is type(expected):
        said = {
            item.name: value
            for item in fields(expected)
            if (value := getattr(expected, item.name)) is not None
        }
        return replace(cast("Any", current), **said)
    return expected


def agrees(expected: object, actual: object, tolerance: float = 0.0) -> bool:
    """Return whether an actual state confirms an expected one.

    What is None on either side does not matter, as long as anything agrees at all;
    numbers may differ by the tolerance.
    """
    if isinstance(actual, Detailed):
        actual = actual.value
    if is_dataclass(expected) and type(actual) is type(expected):
        results = [
            agrees(one, other, item.metadata.get(TOLERANCE, tolerance))
            for item in fields(expected)
            if (one := getattr(expected, item.name)) is not None
            and (other := getattr(actual, item.name)) is not None
        ]
        return bool(results) and all(results)
    if isinstance(expected, tuple) and isinstance(actual, tuple):
        # A colour: the hue is an angle, and of no importance without saturation.
        hue: float = abs(expected[0] - actual[0]) % 360
        saturation: float = abs(expected[1] - actual[1])
        return saturation <= tolerance and (
            min(hue, 360 - hue) <= tolerance or expected[1] <= tolerance
        )
    if isinstance(expected, int | float) and not isinstance(expected, bool):
        return isinstance(actual, int | float) and abs(expected - actual) <= tolerance
    return expected == actual


def changed_keys(
    old: Mapping[PointKey, object], new: Mapping[PointKey, object]
) -> Iterable[PointKey]:
    """Yield the keys whose state differs, vanished ones included."""
    if old == new:
        return
    for key, state in new.items():
        if key not in old or old[key] != state:
            yield key
    yield from (key for key in old if key not in new)
