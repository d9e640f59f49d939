"""Point classes, one for each platform."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final, override

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

from .point import Point, Steer
from .states import (
    ClimateCommand,
    ClimateState,
    CoverState,
    FanCommand,
    FanState,
    LightCommand,
    LightState,
    Location,
    MediaState,
    SensorValue,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorPoint(Point[SensorValue]):
    """A sensor.

    ``restore``: until the first value, show the value from before a restart if it was
    valid less than this time ago.
    """

    platform = Platform.SENSOR
    description: SensorEntityDescription
    restore: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BinarySensorPoint(Point[bool]):
    """A binary sensor."""

    platform = Platform.BINARY_SENSOR
    description: BinarySensorEntityDescription


@dataclass(frozen=True, slots=True, kw_only=True)
class EventPoint(Point[None]):
    """An event entity. It has no state; events arrive through the sink."""

    platform = Platform.EVENT
    description: EventEntityDescription


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackerPoint(Point[Location]):
    """The location of a device."""

    platform = Platform.DEVICE_TRACKER
    description: TrackerEntityDescription


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchPoint(Point[bool]):
    """A switch. ``turn_on_for`` takes seconds; the backend itself turns it off."""

    platform = Platform.SWITCH
    description: SwitchEntityDescription
    set_on: Steer[bool]
    turn_on_for: Steer[float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SirenPoint(Point[bool]):
    """A siren."""

    platform = Platform.SIREN
    description: SirenEntityDescription
    set_on: Steer[bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberPoint(Point[float]):
    """A number in the unit of its description.

    The description's ``native_min_value``, ``native_max_value``, and ``native_step``
    are the device's limits; commands are clamped and rounded to them.
    """

    platform = Platform.NUMBER
    description: NumberEntityDescription
    set_value: Steer[float]

    @property
    @override
    def equality_tolerance(self) -> float:
        """Difference up to which a number counts as equal to the commanded one already."""
        return min(self.tolerance, (self.description.native_step or 1.0) / 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectPoint(Point[str]):
    """A select; its options are those of the description."""

    platform = Platform.SELECT
    description: SelectEntityDescription
    select: Steer[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ButtonPoint(Point[None]):
    """A button."""

    platform = Platform.BUTTON
    description: ButtonEntityDescription
    press: Steer[()]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenePoint(Point[None]):
    """A scene; ``SCENE_ACTIVATED`` reports activations from elsewhere."""

    platform = Platform.SCENE
    description: EntityDescription
    activate: Steer[()]


SCENE_ACTIVATED: Final = "activated"


@dataclass(frozen=True, slots=True, kw_only=True)
class LightPoint(Point[LightState]):
    """A light.

    ``min_brightness`` (1-255) is the lowest brightness while it is on, and
    ``brightness_steps`` the number of levels (100 for a light that takes whole
    percents). The kelvin limits apply if ``COLOR_TEMP`` is among the color modes.
    ``turn_on_for`` takes seconds, ``dim_for`` seconds and a brightness; the backend
    itself turns the light off. ``flash`` takes ``"short"`` or ``"long"``.
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
    """A cover; it supports the commands that are given.

    ``position_steps`` and ``tilt_steps`` are the number of steps from closed to open.
    ``assumed``: the state is a guess, so both directions stay available.

    ``reacts_within`` is the maximum time in seconds after a command until the backend
    reports the movement; the caller waits for it. ``arrives_within`` is the maximum
    time in seconds until the backend reports the end position; nobody waits for it, but
    a cover that did not move by then is logged. None means that the backend never
    reports it.
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
    """A valve. With ``set_position``, open and close use it.

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
    """A fan. ``speeds`` is the number of steps up to 100 percent, 0 = no speed control."""

    platform = Platform.FAN
    description: FanEntityDescription
    set: Steer[FanCommand]
    speeds: int = 0
    presets: tuple[str, ...] = ()
    turn_on_for: Steer[float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClimatePoint(Point[ClimateState]):
    """A thermostat; ``set`` None = read-only.

    ``unit`` is one of ``UnitOfTemperature`` and applies to all temperatures. ``step``
    is what the device itself rounds to, and the step offered to the user.
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
    def equality_tolerance(self) -> float:
        """Difference up to which a temperature counts as equal to the commanded one already."""
        return min(self.tolerance, self.step / 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaPlayerPoint(Point[MediaState]):
    """A media player with volume (in ``volume_steps`` steps) and mute."""

    platform = Platform.MEDIA_PLAYER
    description: MediaPlayerEntityDescription
    set_volume: Steer[float] | None = None
    set_muted: Steer[bool] | None = None
    volume_steps: int = 100

    @property
    @override
    def equality_tolerance(self) -> float:
        """Difference up to which a volume counts as equal to the commanded one already."""
        return min(self.tolerance, 0.5 / self.volume_steps)
