"""Inputs: press events, and their state.

Protocol: docs/protocols/openmotics.md#inputs.
"""

from functools import partial
from typing import Final

from homeassistant.components.binary_sensor import BinarySensorEntityDescription
from homeassistant.components.button import ButtonEntityDescription
from homeassistant.components.event import EventDeviceClass, EventEntityDescription

from ....model import UNAVAILABLE, BinarySensorPoint, ButtonPoint, EventPoint, PointKey
from ..client.models import Input, Kind
from .description import Installation, Plan, enabled_if

PRESS_START: Final = "press_start"
PRESS_END: Final = "press_end"
LONG_PRESS_START: Final = "long_press_start"
LONG_PRESS_END: Final = "long_press_end"

PRESS: Final = EventEntityDescription(
    key="press",
    translation_key="openmotics_press",
    device_class=EventDeviceClass.BUTTON,
    event_types=[PRESS_START, PRESS_END, LONG_PRESS_START, LONG_PRESS_END],
)
VIRTUAL_PRESS: Final = ButtonEntityDescription(
    key="virtual_press", translation_key="openmotics_virtual_press"
)
PRESSED: Final = BinarySensorEntityDescription(
    key="pressed", translation_key="openmotics_pressed"
)


def press_key(number: str) -> PointKey:
    """Return the key of the event of an input."""
    return (f"input_{number}", f"input_{number}_press")


def add(plan: Plan, installation: Installation) -> None:
    """Add all inputs."""
    for one in installation.configuration.inputs:
        _add_input(plan, installation, one)


def _add_input(plan: Plan, installation: Installation, one: Input) -> None:
    key = (Kind.INPUT, str(one.id))
    identity = f"input_{one.id}"
    plan.device(
        identity, one.name, kind="input", number=one.id, room=one.room, model="Input"
    )
    visible = bool(one.name)
    if installation.presses:
        plan.add(
            EventPoint(
                device=identity,
                id=press_key(str(one.id))[1],
                description=enabled_if(visible, PRESS),
            )
        )
    plan.add(
        BinarySensorPoint(
            device=identity,
            id=f"{identity}_pressed",
            description=enabled_if(visible, PRESSED),
        ),
        lambda states: states.get(key, UNAVAILABLE),
        key,
    )
    if one.virtual and installation.gateway.abilities.feeds:
        plan.add(
            ButtonPoint(
                device=identity,
                id=f"{identity}_virtual_press",
                description=enabled_if(visible, VIRTUAL_PRESS),
                press=partial(_press, installation, one.id),
            )
        )


async def _press(installation: Installation, number: int) -> None:
    """Press and release a virtual input; the gateway pushes neither."""
    await installation.gateway.press(number, True)
    await installation.send_stateless(installation.gateway.press(number, False))
