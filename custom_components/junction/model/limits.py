"""Clamp and round commands to what a device supports, before they are sent.

Each function takes the point and the requested value, and returns the nearest value
within the point's limits. Beyond their limits devices differ (some clamp, some round,
some ignore the command); within them all of them obey.
"""

from dataclasses import replace
from math import ceil

from homeassistant.components.light.const import ColorMode
from homeassistant.util.color import (
    color_hs_to_xy,
    color_temperature_to_hs,
    color_xy_to_temperature,
)

from .points import (
    ClimatePoint,
    CoverPoint,
    FanPoint,
    LightPoint,
    MediaPlayerPoint,
    NumberPoint,
    ValvePoint,
)
from .states import ClimateCommand, FanCommand, LightCommand


def clamp(value: float, low: float | None, high: float | None) -> float:
    """Return the nearest value within the limits; a limit of None is none."""
    if low is not None and value < low:
        return low
    if high is not None and value > high:
        return high
    return value


def stepped(value: float, step: float | None, base: float = 0.0) -> float:
    """Return the nearest value that is a whole number of steps from the base."""
    if not step or step <= 0:
        return value
    # Only the remainder of the base matters; a large base would cost precision. Nine
    # digits are kept, so that 3 * 0.1 is 0.3.
    base -= round(base / step) * step
    return round(base + round((value - base) / step) * step, 9)


def _share(value: float, full: float, steps: int) -> float:
    """Return the nearest of ``steps`` equal steps of the full value."""
    return round(value * steps / full) * full / steps


def number(point: NumberPoint, value: float) -> float:
    """Return the nearest number within the description's limits, on its steps."""
    about = point.description
    low, high = about.native_min_value, about.native_max_value
    value = stepped(clamp(value, low, high), about.native_step, low or 0.0)
    # The last step may be beyond the maximum.
    return float(clamp(value, low, high))


def brightness(point: LightPoint, value: int) -> int:
    """Return the nearest brightness that the light supports, 1-255."""
    least, steps = max(point.min_brightness, 1), point.brightness_steps
    value = min(max(value, least), 255)
    if steps >= 255:
        return value
    level = max(round(value * steps / 255), 1)
    if round(level * 255 / steps) < least:
        level += 1
    return round(level * 255 / steps)


def light(point: LightPoint, command: LightCommand) -> LightCommand:
    """Return the part of a command that the light supports, at the nearest values.

    A light without colors gets the nearest white, a light with colors only gets the
    color of a white; for a light with neither both are left out.
    """
    modes = point.color_modes
    hs, kelvin, level = command.hs, command.kelvin, command.brightness
    if hs is not None and ColorMode.HS not in modes:
        # As Home Assistant does. For a saturated color such as blue the result means
        # little, and may be out of range.
        kelvin = color_xy_to_temperature(*color_hs_to_xy(*hs))
        hs = None
    elif hs is None and kelvin is not None and ColorMode.COLOR_TEMP not in modes:
        hs = color_temperature_to_hs(kelvin) if ColorMode.HS in modes else None
        kelvin = None
    if kelvin is not None:
        kelvin = (
            int(clamp(kelvin, point.min_kelvin, point.max_kelvin))
            if ColorMode.COLOR_TEMP in modes
            else None
        )
    if level is not None:
        level = None if modes <= {ColorMode.ONOFF} else brightness(point, level)
    return replace(command, hs=hs, kelvin=kelvin, brightness=level)


def climate(point: ClimatePoint, command: ClimateCommand) -> ClimateCommand:
    """Return the command with a temperature that the thermostat supports."""
    if command.target is None:
        return command
    low, high = point.min_temperature, point.max_temperature
    target = clamp(stepped(clamp(command.target, low, high), point.step), low, high)
    return replace(command, target=target)


def fan(point: FanPoint, command: FanCommand) -> FanCommand:
    """Return the command with a speed that the fan supports."""
    if command.percentage is None or not command.on:
        return command
    if not point.speeds:
        return replace(command, percentage=None)
    # As Home Assistant does: percentages round up to a speed, speeds round down to a
    # percentage.
    speed = ceil(min(max(command.percentage, 1), 100) * point.speeds / 100)
    return replace(command, percentage=speed * 100 // point.speeds)


def position(point: CoverPoint | ValvePoint, value: int) -> int:
    """Return the nearest position that the cover or valve supports, 0-100."""
    return round(_share(clamp(value, 0, 100), 100, point.position_steps))


def tilt(point: CoverPoint, value: int) -> int:
    """Return the nearest tilt that the cover supports, 0-100."""
    return round(_share(clamp(value, 0, 100), 100, point.tilt_steps))


def volume(point: MediaPlayerPoint, value: float) -> float:
    """Return the nearest volume that the player supports, 0.0-1.0."""
    return _share(clamp(value, 0.0, 1.0), 1.0, point.volume_steps)
