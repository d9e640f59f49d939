"""Convert lights between the hub's numbers and Home Assistant's.

See docs/protocols/cozify.md#lights.

The hub has brightness 0-1 in four decimals (0 = dimmest, but on), hue in radians,
saturation 0-1 and colour temperature in kelvin with limits that are no whole numbers.
-1 stands for "not the active mode".
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
    """The colour temperatures of a lamp, in K: the hub's, and the whole ones within."""

    low: float = DEFAULT_MIN
    high: float = DEFAULT_MAX

    @classmethod
    def of(cls, state: State) -> Limits:
        """Read them; the usual ones stand in for what makes no sense."""
        low = j.number(state, "minTemperature")
        high = j.number(state, "maxTemperature")
        low = DEFAULT_MIN if low is None or low <= 0 else low
        high = DEFAULT_MAX if high is None or high <= 0 else high
        if ceil(low) >= floor(high):
            return cls()
        return cls(low, high)

    @property
    def min_kelvin(self) -> int:
        """The lowest whole kelvin."""
        return ceil(self.low)

    @property
    def max_kelvin(self) -> int:
        """The highest whole kelvin."""
        return floor(self.high)

    def clamp(self, kelvin: float) -> float:
        """Bring a colour temperature into the range."""
        return min(max(kelvin, self.low), self.high)


def brightness(value: float | None) -> int | None:
    """Return 1-255 for what the hub says of a lamp that is on."""
    if value is None or value < 0:
        return None
    return min(max(round(value * 255), 1), 255)


def hub_brightness(value: int) -> float:
    """Return what the hub is told for 1-255."""
    return round(value / 255, 4)


def colour(state: State) -> tuple[float, float] | None:
    """Return hue in degrees and saturation in percent."""
    hue, saturation = j.number(state, "hue"), j.number(state, "saturation")
    if hue is None or saturation is None or hue < 0 or saturation < 0:
        return None
    # Nobody sees a thousandth of a degree, and 29.0 shall not be 29.000000000000004.
    degrees = round(hue * 180 / pi, 3) % 360
    return degrees, round(min(saturation, 1.0) * 100, 3)


def hub_colour(hue: float, saturation: float) -> dict[str, Any]:
    """Return what the hub is told for a colour."""
    return {
        "colorMode": HS,
        "hue": hue % 360 * pi / 180,
        "saturation": saturation / 100,
    }


def kelvin(state: State) -> int | None:
    """Return the colour temperature."""
    value = j.number(state, "temperature")
    return None if value is None or value <= 0 else round(value)


def hub_kelvin(value: int, limits: Limits) -> dict[str, Any]:
    """Return what the hub is told for a colour temperature."""
    return {"colorMode": CT, "temperature": limits.clamp(value)}


def mode(device: Device, last: str | None) -> str | None:
    """Return ``hs``, ``ct`` or None (neither is known), given what it was last."""
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
    """Return whether ``isOn`` is that of a light.

    See docs/protocols/cozify.md#what-ison-switches.
    """
    return device.type == "LIGHT" or device.can(
        "CONTROL_LIGHT", "COLOR_HS", "COLOR_TEMP", "BRIGHTNESS"
    )
