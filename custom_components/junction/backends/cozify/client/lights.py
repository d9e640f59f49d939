"""Convert light states between the hub and Home Assistant.

See docs/protocols/cozify.md#lights.

The hub has brightness 0-1 with four decimals (0 = dimmest, but on), hue in radians,
saturation 0-1, and color temperature in kelvin with fractional limits. -1 means "not
the active mode".
"""

from dataclasses import dataclass
from math import ceil, floor, pi
from typing import Any, Final

from ...http import json_fields as j
from .models import Device, State

DEFAULT_MIN: Final = 2000.0
DEFAULT_MAX: Final = 6500.0

HS: Final = "hs"
CT: Final = "ct"


@dataclass(frozen=True, slots=True)
class Limits:
    """Color temperature limits of a light in K: the hub's, and the integers within."""

    low: float = DEFAULT_MIN
    high: float = DEFAULT_MAX

    @classmethod
    def of(cls, state: State) -> Limits:
        """Read the limits; defaults replace invalid ones."""
        low = j.number(state, "minTemperature")
        high = j.number(state, "maxTemperature")
        low = DEFAULT_MIN if low is None or low <= 0 else low
        high = DEFAULT_MAX if high is None or high <= 0 else high
        if ceil(low) >= floor(high):
            return cls()
        return cls(low, high)

    @property
    def min_kelvin(self) -> int:
        """Return the lowest whole kelvin."""
        return ceil(self.low)

    @property
    def max_kelvin(self) -> int:
        """Return the highest whole kelvin."""
        return floor(self.high)

    def clamp(self, kelvin: float) -> float:
        """Return the color temperature within the limits."""
        return min(max(kelvin, self.low), self.high)


def brightness(value: float | None) -> int | None:
    """Return the hub's brightness of a light that is on as 1-255."""
    if value is None or value < 0:
        return None
    return min(max(round(value * 255), 1), 255)


def hub_brightness(value: int) -> float:
    """Return a brightness of 1-255 as the hub's value."""
    return round(value / 255, 4)


def colour(state: State) -> tuple[float, float] | None:
    """Return hue in degrees and saturation in percent."""
    hue, saturation = j.number(state, "hue"), j.number(state, "saturation")
    if hue is None or saturation is None or hue < 0 or saturation < 0:
        return None
    # Rounded, so that 29.0 does not become 29.000000000000004.
    degrees = round(hue * 180 / pi, 3) % 360
    return degrees, round(min(saturation, 1.0) * 100, 3)


def hub_colour(hue: float, saturation: float) -> dict[str, Any]:
    """Return the hub's fields for a hue in degrees and a saturation in percent."""
    return {
        "colorMode": HS,
        "hue": hue % 360 * pi / 180,
        "saturation": saturation / 100,
    }


def kelvin(state: State) -> int | None:
    """Return the color temperature in kelvin."""
    value = j.number(state, "temperature")
    return None if value is None or value <= 0 else round(value)


def hub_kelvin(value: int, limits: Limits) -> dict[str, Any]:
    """Return the hub's fields for a color temperature in kelvin."""
    return {"colorMode": CT, "temperature": limits.clamp(value)}


def mode(device: Device, last: str | None) -> str | None:
    """Return the color mode ``hs``, ``ct``, or None (unknown), given the last mode."""
    said = j.text(device.state, "colorMode")
    modes = [
        name
        for name, capability in ((HS, "COLOR_HS"), (CT, "COLOR_TEMP"))
        if device.can(capability)
    ]
    if said in modes:
        return said
    if len(modes) == 1:
        return modes[0]
    if not modes:
        return None
    if colour(device.state) is not None:
        return HS
    if kelvin(device.state) is not None:
        return CT
    return last


def is_light(device: Device) -> bool:
    """Return whether ``isOn`` belongs to a light.

    See docs/protocols/cozify.md#what-ison-switches.
    """
    return device.type == "LIGHT" or device.can(
        "CONTROL_LIGHT", "COLOR_HS", "COLOR_TEMP", "BRIGHTNESS"
    )
