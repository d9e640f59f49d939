"""Outputs by their type: lights, switches, valves, and fans.

Protocol: docs/protocols/openmotics.md#outputs.
"""

from collections.abc import Mapping
from typing import Final

from homeassistant.components.fan import FanEntityDescription
from homeassistant.components.light import LightEntityDescription
from homeassistant.components.light.const import ColorMode
from homeassistant.components.number import NumberEntityDescription
from homeassistant.components.switch import SwitchDeviceClass, SwitchEntityDescription
from homeassistant.components.valve import ValveDeviceClass, ValveEntityDescription
from homeassistant.const import UnitOfRatio

from ....model import (
    CoverState,
    Detailed,
    FanCommand,
    FanPoint,
    FanState,
    LightCommand,
    LightPoint,
    LightState,
    NumberPoint,
    Steer,
    SwitchPoint,
    ValvePoint,
)
from ..client.models import Kind, Output, OutputState, OutputType
from .description import Installation, Plan, enabled_if, shown

LIGHT: Final = LightEntityDescription(key="light", name=None)
LEVEL: Final = NumberEntityDescription(
    key="level",
    translation_key="openmotics_level",
    native_min_value=0,
    native_max_value=100,
    native_step=1,
    native_unit_of_measurement=UnitOfRatio.PERCENTAGE,
)
FAN: Final = FanEntityDescription(key="fan", name=None)
VALVE: Final = ValveEntityDescription(
    key="valve", name=None, device_class=ValveDeviceClass.WATER
)
OUTLET: Final = SwitchEntityDescription(
    key="outlet", name=None, device_class=SwitchDeviceClass.OUTLET
)
SWITCHES: Final[Mapping[OutputType, SwitchEntityDescription]] = {
    kind: SwitchEntityDescription(
        key=kind.name.lower(),
        # For the icon; the name is that of the device.
        translation_key=f"openmotics_{kind.name.lower()}",
        name=None,
        device_class=SwitchDeviceClass.SWITCH,
    )
    for kind in (
        OutputType.VALVE,
        OutputType.ALARM,
        OutputType.APPLIANCE,
        OutputType.PUMP,
        OutputType.HVAC,
        OutputType.GENERIC,
        OutputType.MOTOR,
        OutputType.HEATER,
    )
} | {OutputType.OUTLET: OUTLET}

# Seconds within which the gateway reports the state of a valve.
REACTS_WITHIN: Final = 5.0
_MODELS: Final[Mapping[bool, str]] = {True: "Dimmer output", False: "Relay output"}


def add(plan: Plan, installation: Installation) -> None:
    """Add all outputs."""
    driven = {
        number
        for unit in installation.configuration.thermostats
        for number in unit.outputs
    }
    for output in installation.configuration.outputs:
        _Entities(plan, installation, output, visible=output.id not in driven).add()


def brightness(level: int | None) -> int | None:
    """Return the brightness of a level as 1-255, because a light that is on is never at 0."""
    return None if level is None else max(1, round(level * 255 / 100))


def level(wanted: int | None) -> int | None:
    """Return the level (1-100) of a brightness of 1-255."""
    return None if wanted is None else max(1, round(wanted * 100 / 255))


class _Entities:
    """Entities of one output."""

    def __init__(
        self, plan: Plan, installation: Installation, output: Output, *, visible: bool
    ) -> None:
        """Add the device of an output. Valves of thermostats are not shown to users."""
        self._plan, self._installation, self._output = plan, installation, output
        self._key = (Kind.OUTPUT, str(output.id))
        self._id = f"output_{output.id}"
        self._visible = bool(output.name) and visible and not output.internal
        self._device = plan.device(
            self._id,
            output.name,
            kind="output",
            number=output.id,
            room=output.room,
            model=_MODELS[output.dimmable],
        )

    def add(self) -> None:
        output, options = self._output, self._installation.settings
        if output.type is OutputType.LIGHT or (output.dimmable and options.lights):
            self._light()
        elif output.type is OutputType.VENTILATION:
            self._fan()
        elif output.type is OutputType.VALVE and options.valves:
            self._valve()
        else:
            self._switch()
            if output.dimmable:
                self._level()

    # Commands.

    async def _send(
        self, on: bool, *, level: int | None = None, seconds: int | None = None
    ) -> None:
        await self._installation.gateway.set_output(
            self._output.id, on, level=level, seconds=seconds
        )

    @property
    def _timer(self) -> Steer[float] | None:
        if self._installation.gateway.abilities.timers is None:
            return None

        async def turn_on_for(seconds: float) -> None:
            await self._installation.send_stateless(
                self._send(True, seconds=max(1, round(seconds)))
            )

        return turn_on_for

    @property
    def _dim_timer(self) -> Steer[float, int] | None:
        if self._installation.gateway.abilities.timers is None:
            return None

        async def dim_for(seconds: float, brightness: int) -> None:
            await self._installation.send_stateless(
                self._send(
                    True, level=level(brightness), seconds=max(1, round(seconds))
                )
            )

        return dim_for

    # Entities.

    def _light(self) -> None:
        dims = self._output.dimmable

        async def send(command: LightCommand) -> None:
            await self._send(
                command.on, level=level(command.brightness) if dims else None
            )

        def show(state: OutputState) -> object:
            return _detailed(
                LightState(
                    on=state.on,
                    brightness=brightness(state.level) if dims else None,
                    color_mode=ColorMode.BRIGHTNESS if dims else ColorMode.ONOFF,
                ),
                state,
            )

        self._plan.add(
            LightPoint(
                device=self._device,
                id=self._id,
                description=enabled_if(self._visible, LIGHT),
                color_modes=frozenset(
                    {ColorMode.BRIGHTNESS if dims else ColorMode.ONOFF}
                ),
                set=send,
                # A brightness of 1-3 is level 1.
                min_brightness=1 if not dims else 3,
                brightness_steps=100 if dims else 255,
                turn_on_for=self._timer,
                dim_for=self._dim_timer if dims else None,
                # In units of brightness (255); rounding loses half a level in each
                # direction.
                tolerance=2.55 * (self._installation.gateway.abilities.tolerance + 0.5),
            ),
            shown(OutputState, self._key, show),
            self._key,
        )

    def _switch(self) -> None:
        async def send(on: bool) -> None:
            await self._send(on)

        self._plan.add(
            SwitchPoint(
                device=self._device,
                id=self._id,
                description=enabled_if(
                    self._visible,
                    SWITCHES.get(self._output.type, SWITCHES[OutputType.GENERIC]),
                ),
                set_on=send,
                turn_on_for=self._timer,
            ),
            shown(OutputState, self._key, lambda state: _detailed(state.on, state)),
            self._key,
        )

    def _level(self) -> None:
        async def send(value: float) -> None:
            percent = round(value)
            await self._send(percent > 0, level=percent or None)

        self._plan.add(
            NumberPoint(
                device=self._device,
                id=f"{self._id}_level",
                description=enabled_if(self._visible, LEVEL),
                set_value=send,
                tolerance=self._installation.gateway.abilities.tolerance,
            ),
            shown(OutputState, self._key, lambda state: state.level if state.on else 0),
            self._key,
        )

    def _fan(self) -> None:
        dims = self._output.dimmable

        async def send(command: FanCommand) -> None:
            await self._send(command.on, level=command.percentage if dims else None)

        self._plan.add(
            FanPoint(
                device=self._device,
                id=self._id,
                description=enabled_if(self._visible, FAN),
                set=send,
                speeds=100 if dims else 0,
                turn_on_for=self._timer,
                tolerance=self._installation.gateway.abilities.tolerance,
            ),
            shown(
                OutputState,
                self._key,
                lambda state: _detailed(
                    FanState(on=state.on, percentage=state.level if dims else None),
                    state,
                ),
            ),
            self._key,
        )

    def _valve(self) -> None:
        async def open_() -> None:
            await self._installation.send_stateless(self._send(True))

        async def close() -> None:
            await self._installation.send_stateless(self._send(False))

        self._plan.add(
            ValvePoint(
                device=self._device,
                id=self._id,
                description=enabled_if(self._visible, VALVE),
                open=open_,
                close=close,
                reacts_within=REACTS_WITHIN,
                turn_on_for=self._timer,
            ),
            shown(
                OutputState,
                self._key,
                lambda state: _detailed(
                    CoverState(closed=None if state.on is None else not state.on),
                    state,
                ),
            ),
            self._key,
        )


def _detailed(value: object, state: OutputState) -> object:
    """Add whether the output is locked, if the gateway reports it."""
    if state.locked is None:
        return value
    return Detailed(value, {"locked": state.locked})
