"""Points: one class for each platform."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from math import isfinite
from typing import Any, ClassVar, Final, override

from homeassistant.components.binary_sensor import BinarySensorEntityDescription
from homeassistant.components.button import ButtonEntityDescription
from homeassistant.components.climate import ClimateEntityDescription, HVACMode
from homeassistant.components.cover import CoverEntityDescription
from homeassistant.components.device_tracker import TrackerEntityDescription
from homeassistant.components.event import EventEntityDescription
from homeassistant.components.fan import FanEntityDescription
from homeassistant.components.light import LightEntityDescription
from homeassistant.components.light.const import ColorMode
from homeassistant.components.media_player import MediaPlayerEntityDescription
from homeassistant.components.number import NumberEntityDescription
from homeassistant.components.select import SelectEntityDescription
from homeassistant.components.sensor import SensorEntityDescription
from homeassistant.components.siren import SirenEntityDescription
from homeassistant.components.switch import SwitchEntityDescription
from homeassistant.components.valve import ValveEntityDescription
from homeassistant.const import Platform
from homeassistant.helpers.entity import EntityDescription

from ..cleaning import MAX_NAME, clean_id, clean_line, clean_text
from .states import (
    UNAVAILABLE,
    ClimateCommand,
    ClimateState,
    CoverState,
    Detailed,
    FanCommand,
    FanState,
    LightCommand,
    LightState,
    Location,
    MediaState,
    SensorValue,
)

type PointKey = tuple[str, str]
"""(device id, point id); both survive restarts, renames and address changes."""

type Steer[*Args] = Callable[[*Args], Awaitable[None]]
"""A coroutine that sends one command and returns once the backend accepted it.

It raises one of ``errors.BackendError`` when the command did not get through. What
takes its time or has no state of its own (a cover that moves, a lamp that fades, a
scene, a button) counts as done once accepted: what came of it the backend tells, by
pushing or by asking its sink for a refresh.
"""


# What of an entity description may come from a server.
_TEXTS: Final = (
    "key",
    "name",
    "native_unit_of_measurement",
    "unit_of_measurement",
    "options",
    "event_types",
)


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
        """Make all texts storable, and fix the key; it is looked up at every dispatch."""
        keep = partial(object.__setattr__, self)
        keep("description", _described(self.description))
        keep("key", (clean_id(self.device), clean_id(self.id or self.description.key)))
        if self.name is not None:
            keep("name", clean_line(self.name))
        if self.placeholders:
            keep("placeholders", clean_lines(self.placeholders))
        for choices in ("presets", "fan_modes"):
            if named := getattr(self, choices, ()):
                keep(choices, tuple(map(clean_line, named)))

    @property
    def sameness(self) -> float:
        """How far a number may be from the commanded one to count as so already.

        A step of the point is a change, also where its device may round it away.
        """
        return self.tolerance

    def read(self, state: Any) -> StateT | None:  # noqa: ANN401 - a cast costs time at each write
        """Return the plain value of a state of this point; None when it has none."""
        value: Any = state.value if isinstance(state, Detailed) else state
        if value is UNAVAILABLE:
            return None
        if isinstance(value, str) and not _is_fit(value):
            value = clean_text(value, MAX_NAME)
        elif isinstance(value, float) and not isfinite(value):
            return None
        plain: StateT | None = value
        return plain


def clean_lines(texts: Mapping[str, str]) -> dict[str, str]:
    """Return the placeholders of a name, storable."""
    # Blanks may be part of a placeholder.
    return {
        name: text if _is_fit(text) else clean_line(text)
        for name, text in texts.items()
    }


def _is_fit(text: str) -> bool:
    return text.isprintable() and len(text) <= MAX_NAME


def _described[DescriptionT: EntityDescription](
    description: DescriptionT,
) -> DescriptionT:
    """Return the description with texts that can be stored; mostly the same one."""
    unfit: dict[str, Any] = {}
    for name in _TEXTS:
        said = getattr(description, name, None)
        if isinstance(said, str) and not _is_fit(said):
            unfit[name] = clean_line(said)
        elif isinstance(said, list | tuple) and not all(map(_is_fit, said)):
            unfit[name] = [*dict.fromkeys(map(clean_line, said))]
    return replace(description, **unfit) if unfit else description


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorPoint(Point[SensorValue]):
    """A reading.

    ``restore``: until the first value, show the one of before a restart if it was true
    less than this ago.
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
    """A number in the unit of its description.

    The description's ``native_min_value``, ``native_max_value`` and ``native_step`` are
    what the device can do: a command is brought to them.
    """

    platform = Platform.NUMBER
    description: NumberEntityDescription
    set_value: Steer[float]

    @property
    @override
    def sameness(self) -> float:
        """How far a number may be from the commanded one to count as so already."""
        return min(self.tolerance, (self.description.native_step or 1.0) / 2)


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
class LightPoint(Point[LightState]):
    """A lamp.

    ``min_brightness`` (1-255) is the darkest that it can be while it is on, and
    ``brightness_steps`` how many levels it has (100 for one that knows whole percents).
    The kelvin limits count when ``COLOR_TEMP`` is among the colour modes.
    ``turn_on_for`` takes seconds, ``dim_for`` seconds and a brightness; the backend
    itself switches off. ``flash`` takes ``"short"`` or ``"long"``.
    """

    platform = Platform.LIGHT
    description: LightEntityDescription
    color_modes: frozenset[ColorMode]
    set: Steer[LightCommand]
    min_brightness: int = 1
    brightness_steps: int = 255
    min_kelvin: int = 2000
    max_kelvin: int = 6500
    transition: bool = False
    turn_on_for: Steer[float] | None = None
    dim_for: Steer[float, int] | None = None
    flash: Steer[str] | None = None
    effects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverPoint(Point[CoverState]):
    """A shutter, blind or door; what it can do is what is given.

    ``position_steps`` and ``tilt_steps`` are how many steps it has from closed to open.
    ``assumed``: the state is a guess, so both directions stay offered.

    ``reacts_within`` is how long (s) after a command the backend has told that it moves,
    at the latest; whoever gave the command waits for that. ``arrives_within`` is how long
    (s) after a command the backend has told where it went; nobody waits for that, but
    one that did not move by then is logged. None = the backend never knows.
    """

    platform = Platform.COVER
    description: CoverEntityDescription
    open: Steer[()] | None = None
    close: Steer[()] | None = None
    stop: Steer[()] | None = None
    set_position: Steer[int] | None = None
    set_tilt: Steer[int] | None = None
    position_steps: int = 100
    tilt_steps: int = 100
    reacts_within: float | None = None
    arrives_within: float | None = None
    assumed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ValvePoint(Point[CoverState]):
    """A valve. With ``set_position`` open and close go through it.

    The other limits are those of ``CoverPoint``.
    """

    platform = Platform.VALVE
    description: ValveEntityDescription
    open: Steer[()] | None = None
    close: Steer[()] | None = None
    stop: Steer[()] | None = None
    set_position: Steer[int] | None = None
    position_steps: int = 100
    reacts_within: float | None = None
    arrives_within: float | None = None
    turn_on_for: Steer[float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FanPoint(Point[FanState]):
    """A fan. ``speeds`` = number of steps from slowest to 100 percent, 0 = cannot be set."""

    platform = Platform.FAN
    description: FanEntityDescription
    set: Steer[FanCommand]
    speeds: int = 0
    presets: tuple[str, ...] = ()
    turn_on_for: Steer[float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClimatePoint(Point[ClimateState]):
    """A thermostat; ``set`` None = read-only.

    ``unit`` is one of ``UnitOfTemperature``, the temperatures are in it. ``step`` is what
    the device itself rounds to, which is also what a person is offered.
    """

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

    @property
    @override
    def sameness(self) -> float:
        """How far a temperature may be from the commanded one to count as so already."""
        return min(self.tolerance, self.step / 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaPlayerPoint(Point[MediaState]):
    """A player of which volume (in ``volume_steps``) and mute can be set."""

    platform = Platform.MEDIA_PLAYER
    description: MediaPlayerEntityDescription
    set_volume: Steer[float] | None = None
    set_muted: Steer[bool] | None = None
    volume_steps: int = 100

    @property
    @override
    def sameness(self) -> float:
        """How far a volume may be from the commanded one to count as so already."""
        return min(self.tolerance, 0.5 / self.volume_steps)
