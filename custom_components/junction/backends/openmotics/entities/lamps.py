"""Lights of other vendors, which only the cloud has.

Protocol: docs/protocols/openmotics.md#cloud-of-today.
"""

from homeassistant.components.light.const import ColorMode

from ....model import LightCommand, LightPoint, LightState
from ..client.models import Key, Kind, Lamp, OutputState
from .description import Installation, Plan, enabled_if, shown
from .outputs import LIGHT, brightness, level


def add(plan: Plan, installation: Installation) -> None:
    """Add all lights. No command for their color is known."""
    for lamp in installation.configuration.lamps:
        _add_lamp(plan, installation, lamp)


def _add_lamp(plan: Plan, installation: Installation, lamp: Lamp) -> None:
    key: Key = (Kind.LAMP, str(lamp.id))
    identity = f"lamp_{lamp.id}"
    mode = ColorMode.BRIGHTNESS if lamp.dimmable else ColorMode.ONOFF

    async def send(command: LightCommand) -> None:
        await installation.gateway.set_lamp(
            lamp.id,
            command.on,
            level=level(command.brightness) if lamp.dimmable else None,
        )

    def show(state: OutputState) -> object:
        return LightState(
            on=state.on,
            brightness=brightness(state.level) if lamp.dimmable else None,
            color_mode=mode,
        )

    plan.device(
        identity,
        lamp.name,
        kind="lamp",
        number=lamp.id,
        room=lamp.room,
        manufacturer=None,
        model="Lamp",
    )
    plan.add(
        LightPoint(
            device=identity,
            id=identity,
            description=enabled_if(bool(lamp.name), LIGHT),
            color_modes=frozenset({mode}),
            set=send,
            min_brightness=3 if lamp.dimmable else 1,
            brightness_steps=100 if lamp.dimmable else 255,
            tolerance=2.55 * (installation.gateway.abilities.tolerance + 0.5),
        ),
        shown(OutputState, key, show),
        key,
    )
