"""PWM outputs: a dimmable light, a fan, or a plain percentage."""

from collections.abc import Callable
from typing import Any, Final

from homeassistant.components.fan import FanEntityDescription
from homeassistant.components.light import LightEntityDescription
from homeassistant.components.light.const import ColorMode
from homeassistant.components.number import NumberEntityDescription

from ....model import (
    FanCommand,
    FanPoint,
    FanState,
    LightCommand,
    LightPoint,
    LightState,
    NumberPoint,
)
from ..client import OutputState
from ..settings import ShowAs
from .meaning import PERCENT
from .output_channel import Described, OutputChannelPoint

# Percentage points by which a driver's resolution may change a duty cycle.
DUTY_TOLERANCE: Final = 0.5


def describe(channel: OutputChannelPoint) -> Described:
    """Return the point of a PWM output, and its state reader."""
    if not channel.settings.can_control:
        return channel.level("percent", channel.duty.read)
    match channel.show_as:
        case ShowAs.NUMBER:
            return _percent(channel)
        case ShowAs.FAN:
            return _fan(channel)
        case _:
            return _dimmer(channel)


def _set_duty(channel: OutputChannelPoint) -> Callable[[float], Any]:
    commands, key = channel.commands, channel.key

    duty = channel.duty

    async def set_duty(percent: float) -> None:
        duty.set_commanded(percent)
        if percent > 0:
            await commands.set_duty_cycle(key, percent)
        else:
            await commands.turn_off(key)

    return set_duty


def _dimmer(channel: OutputChannelPoint) -> Described:
    duty, set_duty = channel.duty, _set_duty(channel)

    async def send(command: LightCommand) -> None:
        # Use the last brightness by default: "on" alone does nothing
        # (docs/protocols/mycodo.md#pwm-channels).
        percent = duty.last
        if command.brightness is not None:
            percent = round(command.brightness / 2.55, 2)
        await set_duty(percent if command.on else 0.0)

    def show(state: OutputState) -> LightState:
        percent = duty.read(state) or 0.0
        if percent <= 0:
            return LightState(on=False)
        brightness = max(1, round(percent * 2.55))
        return LightState(
            on=True, brightness=brightness, color_mode=ColorMode.BRIGHTNESS
        )

    point = LightPoint(
        **channel.named("light"),
        description=LightEntityDescription(**channel.described()),
        color_modes=frozenset({ColorMode.BRIGHTNESS}),
        set=send,
        tolerance=2,
    )
    return point, channel.reader(show)


def _fan(channel: OutputChannelPoint) -> Described:
    duty, set_duty = channel.duty, _set_duty(channel)

    async def send(command: FanCommand) -> None:
        percent = duty.last if command.percentage is None else command.percentage
        await set_duty(percent if command.on else 0.0)

    def show(state: OutputState) -> FanState:
        percent = duty.read(state) or 0.0
        return FanState(on=percent > 0, percentage=round(percent))

    point = FanPoint(
        **channel.named("fan"),
        description=FanEntityDescription(**channel.described()),
        set=send,
        speeds=100,
        tolerance=1,
    )
    return point, channel.reader(show)


def _percent(channel: OutputChannelPoint) -> Described:
    point = NumberPoint(
        **channel.named("number"),
        description=NumberEntityDescription(
            **channel.described(),
            native_unit_of_measurement=PERCENT,
            native_min_value=0,
            native_max_value=100,
            native_step=0.1,
        ),
        set_value=_set_duty(channel),
        tolerance=DUTY_TOLERANCE,
    )
    return point, channel.reader(channel.duty.read)
