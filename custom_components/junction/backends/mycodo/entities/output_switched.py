"""On/off outputs and pumps: a switch, a light, a fan, or a valve."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

from homeassistant.components.binary_sensor import BinarySensorEntityDescription
from homeassistant.components.fan import FanEntityDescription
from homeassistant.components.light import LightEntityDescription
from homeassistant.components.light.const import ColorMode
from homeassistant.components.switch import SwitchDeviceClass, SwitchEntityDescription
from homeassistant.components.valve import ValveDeviceClass, ValveEntityDescription

from ....model import (
    BinarySensorPoint,
    CoverState,
    FanCommand,
    FanPoint,
    FanState,
    LightCommand,
    LightPoint,
    LightState,
    SwitchPoint,
    ValvePoint,
)
from ..settings import ShowAs
from .output_channel import Described, OutputChannelPoint

REACTS_WITHIN: Final = 4.0
"""Seconds: Mycodo answers after it has switched, so the next read shows the state."""


def describe(channel: OutputChannelPoint) -> Described:
    """Return the point of an on/off channel or a pump, and its state reader."""
    if not channel.settings.can_control:
        return _shown(channel)
    match channel.show_as:
        case ShowAs.LIGHT:
            return _light(channel)
        case ShowAs.FAN:
            return _fan(channel)
        case ShowAs.VALVE:
            return _valve(channel)
        case _:
            return _switch(channel)


def _set_on(channel: OutputChannelPoint) -> Callable[[bool], Awaitable[None]]:
    commands, key = channel.commands, channel.key

    async def set_on(on: bool) -> None:
        await (commands.turn_on(key) if on else commands.turn_off(key))

    return set_on


def _on_for(channel: OutputChannelPoint) -> Callable[[float], Awaitable[None]]:
    commands, key = channel.commands, channel.key

    async def turn_on_for(seconds: float) -> None:
        await commands.turn_on_for(key, seconds)

    return turn_on_for


def _switch(channel: OutputChannelPoint) -> Described:
    outlet = channel.show_as is ShowAs.OUTLET
    point = SwitchPoint(
        **channel.named("switch"),
        description=SwitchEntityDescription(
            **channel.described(),
            device_class=SwitchDeviceClass.OUTLET if outlet else None,
        ),
        set_on=_set_on(channel),
        turn_on_for=_on_for(channel),
    )
    return point, channel.reader(bool)


def _light(channel: OutputChannelPoint) -> Described:
    set_on = _set_on(channel)

    async def send(command: LightCommand) -> None:
        await set_on(command.on)

    point = LightPoint(
        **channel.named("light"),
        description=LightEntityDescription(**channel.described()),
        color_modes=frozenset({ColorMode.ONOFF}),
        set=send,
        turn_on_for=_on_for(channel),
    )
    return point, channel.reader(lambda state: LightState(on=bool(state)))


def _fan(channel: OutputChannelPoint) -> Described:
    set_on = _set_on(channel)

    async def send(command: FanCommand) -> None:
        await set_on(command.on)

    point = FanPoint(
        **channel.named("fan"),
        description=FanEntityDescription(**channel.described()),
        set=send,
        turn_on_for=_on_for(channel),
    )
    return point, channel.reader(lambda state: FanState(on=bool(state)))


def _valve(channel: OutputChannelPoint) -> Described:
    point = ValvePoint(
        **channel.named("valve"),
        description=ValveEntityDescription(
            **channel.described(), device_class=ValveDeviceClass.WATER
        ),
        open=partial(_set_on(channel), True),
        close=partial(_set_on(channel), False),
        reacts_within=REACTS_WITHIN,
        turn_on_for=_on_for(channel),
    )
    return point, channel.reader(lambda state: CoverState(closed=not state))


def _shown(channel: OutputChannelPoint) -> Described:
    point = BinarySensorPoint(
        **channel.named("state"),
        description=BinarySensorEntityDescription(**channel.described()),
    )
    return point, channel.reader(bool)
