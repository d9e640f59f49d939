"""States and commands of points.

Units and ranges are Home Assistant's own; see the package's docstring.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Final

from homeassistant.components.climate import HVACAction, HVACMode
from homeassistant.components.light.const import ColorMode
from homeassistant.components.media_player import MediaPlayerState

from ..cleaning import clean_line, clean_value

type SensorValue = str | int | float | date | datetime | Decimal


class Unavailable(Enum):
    """Type of ``UNAVAILABLE``; an enum, so that type checkers can narrow it."""

    VALUE = "unavailable"


UNAVAILABLE: Final = Unavailable.VALUE

# Key in the metadata of a state's field: its tolerance, which overrides the point's.
TOLERANCE: Final = "tolerance"


MAX_ATTRIBUTE: Final = 4096
"""Maximum length of a text in the attributes of a state or an event, in characters."""


def clean_attributes(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Return attributes that can be stored, without those that are nested too deep."""
    cleaned = {}
    for name, value in attributes.items():
        with suppress(ValueError):
            cleaned[clean_line(name)] = clean_value(value, MAX_ATTRIBUTE)
    return cleaned


def _clean_names(state: object, *names: str) -> None:
    for name in names:
        if (text := getattr(state, name)) is not None:
            object.__setattr__(state, name, clean_line(text))


@dataclass(frozen=True, slots=True)
class Detailed[StateT]:
    """A state value with attributes.

    ``attributes`` become state attributes. ``last_reset`` is the start of the period of
    a ``total`` sensor (Home Assistant's ``last_reset``).
    """

    value: StateT | None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    last_reset: datetime | None = None

    def __post_init__(self) -> None:
        """Clean the attributes."""
        if self.attributes:
            object.__setattr__(self, "attributes", clean_attributes(self.attributes))


@dataclass(frozen=True, slots=True)
class Location:
    """Location: latitude and longitude in degrees (WGS 84), accuracy in meters."""

    latitude: float
    longitude: float
    accuracy: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LightState:
    """State of a light; None = unknown or not applicable.

    A light rounds a color to the nearest one that it can show, and reports that one.
    """

    on: bool | None = None
    brightness: int | None = None
    color_mode: ColorMode | None = None
    hs: tuple[float, float] | None = field(default=None, metadata={TOLERANCE: 15.0})
    kelvin: int | None = field(default=None, metadata={TOLERANCE: 250.0})
    effect: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LightCommand:
    """Command to a light; None = unchanged. ``transition`` is in seconds."""

    on: bool
    brightness: int | None = None
    hs: tuple[float, float] | None = None
    kelvin: int | None = None
    effect: str | None = None
    transition: float | None = None

    @property
    def expected(self) -> LightState:
        """Return the state that confirms this command."""
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
            effect=self.effect,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverState:
    """Position and tilt 0-100 (100 = open), or None; ``closed`` None = unknown."""

    closed: bool | None = None
    position: int | None = None
    tilt: int | None = None
    opening: bool | None = None
    closing: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FanState:
    """State of a fan; ``percentage`` 0-100."""

    on: bool | None = None
    percentage: int | None = None
    preset: str | None = None

    def __post_init__(self) -> None:
        """Clean the preset's name, as in the point's list."""
        _clean_names(self, "preset")


@dataclass(frozen=True, slots=True, kw_only=True)
class FanCommand:
    """Command to a fan; None = unchanged."""

    on: bool
    percentage: int | None = None
    preset: str | None = None

    @property
    def expected(self) -> FanState:
        """Return the state that confirms this command."""
        return FanState(on=self.on, percentage=self.percentage, preset=self.preset)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClimateState:
    """State of a thermostat; temperatures in the point's unit, humidity in percent."""

    mode: HVACMode | None = None
    action: HVACAction | None = None
    current: float | None = None
    humidity: float | None = None
    target: float | None = None
    preset: str | None = None
    fan_mode: str | None = None

    def __post_init__(self) -> None:
        """Clean the names, as in the point's lists."""
        _clean_names(self, "preset", "fan_mode")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClimateCommand:
    """Command to a thermostat; None = unchanged."""

    mode: HVACMode | None = None
    target: float | None = None
    preset: str | None = None
    fan_mode: str | None = None

    @property
    def expected(self) -> ClimateState:
        """Return the state that confirms this command."""
        return ClimateState(
            mode=self.mode,
            target=self.target,
            preset=self.preset,
            fan_mode=self.fan_mode,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaState:
    """State of a media player; ``volume`` 0.0-1.0 as in Home Assistant."""

    state: MediaPlayerState | None = None
    volume: float | None = None
    muted: bool | None = None
