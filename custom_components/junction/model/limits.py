"""Clamp and round commands to what a device can do, before they are expected and sent.

Each function takes the point and what was asked for, and returns the nearest that the
point's limits allow. What a device does beyond its limits differs (some clamp, some
round, some ignore the command); within them all of them obey.
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
    """Return the nearest value within the limits; None = no limit."""
    if low is not None and value < low:
        return low
    if high is not None and value > high:
        return high
    return value


def stepped(value: float, step: float | None, base: float = 0.0) -> float:
    """Return the nearest value that is a whole number of steps from the base."""
    if not step or step <= 0:
        return value
    # Of a base that is far off only what is no whole step matters; the rest of it would
    # cost digits. Nine of them are kept: 3 * 0.1 is to be 0.3.
    base -= round(base / step) * step
    return round(base + round((value - base) / step) * step, 9)


def _share(value: float, full: float, steps: int) -> float:
    """Return the nearest of so many equal steps of the full value."""
    return round(value * steps / full) * full / steps


def number(point: NumberPoint, value: float) -> float:
    """Return a number within the description's limits, on its steps."""
    about = point.description
    low, high = about.native_min_value, about.native_max_value
    value = stepped(clamp(value, low, high), about.native_step, low or 0.0)
    # The last step may lie beyond the end.
    return float(clamp(value, low, high))


def brightness(point: LightPoint, value: int) -> int:
    """Return a brightness that a lamp has, 1-255."""
    least, steps = max(point.min_brightness, 1), point.brightness_steps
    value = min(max(value, least), 255)
    if steps >= 255:
        return value
    level = max(round(value * steps / 255), 1)
    if round(level * 255 / steps) < least:
        level += 1
    return round(level * 255 / steps)


def light(point: LightPoint, command: LightCommand) -> LightCommand:
    """Return what a lamp can do of a command.

    A lamp without colours takes the nearest white, one with colours only the colour of
    a white; one with neither leaves out both.
    """
    modes = point.color_modes
    hs, kelvin, level = command.hs, command.kelvin, command.brightness
    if hs is not None and ColorMode.HS not in modes:
        # As Home Assistant does it. For what is like no white at all (a pure blue) the
        # result means little, and may be out of bounds.
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
    """Return a command with a temperature that the thermostat can be set to."""
    if command.target is None:
        return command
    low, high = point.min_temperature, point.max_temperature
    target = clamp(stepped(clamp(command.target, low, high), point.step), low, high)
    return replace(command, target=target)


def fan(point: FanPoint, command: FanCommand) -> FanCommand:
    """Return a command with a speed that the fan has."""
    if command.percentage is None or not command.on:
        return command
    if not point.speeds:
        return replace(command, percentage=None)
    # As Home Assistant does it: a percentage up to a speed, a speed down to a percentage.
    speed = ceil(min(max(command.percentage, 1), 100) * point.speeds / 100)
    return replace(command, percentage=speed * 100 // point.speeds)


def position(point: CoverPoint | ValvePoint, value: int) -> int:
    """Return a position that a cover or a valve can be brought to, 0-100."""
    return round(_share(clamp(value, 0, 100), 100, point.position_steps))


def tilt(point: CoverPoint, value: int) -> int:
    """Return a tilt that a cover can be brought to, 0-100."""
    return round(_share(clamp(value, 0, 100), 100, point.tilt_steps))


def volume(point: MediaPlayerPoint, value: float) -> float:
    """Return a volume that a player has, 0.0-1.0."""
    return _share(clamp(value, 0.0, 1.0), 1.0, point.volume_steps)
