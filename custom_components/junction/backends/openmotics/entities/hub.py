"""The gateway itself, its inputs and its group actions (§1.6, §1.11)."""

from typing import Final

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntityDescription,
)
from homeassistant.components.button import ButtonDeviceClass, ButtonEntityDescription
from homeassistant.components.event import EventDeviceClass, EventEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.helpers.device_registry import CONNECTION_NETWORK_MAC
from homeassistant.helpers.entity import EntityDescription

from ....model import (
    UNAVAILABLE,
    BinarySensorPoint,
    ButtonPoint,
    DeviceSpec,
    EventPoint,
    PointKey,
    ScenePoint,
)
from ..models import GroupAction, Input, Kind
from .site import HUB, MANUFACTURER, Plan, Site, enabled_if

PRESS_START: Final = "press_start"
PRESS_END: Final = "press_end"
LONG_PRESS_START: Final = "long_press_start"
LONG_PRESS_END: Final = "long_press_end"

CONNECTED: Final = BinarySensorEntityDescription(
    key="connected",
    translation_key="openmotics_connected",
    device_class=BinarySensorDeviceClass.CONNECTIVITY,
    entity_category=EntityCategory.DIAGNOSTIC,
)
UPDATE: Final = BinarySensorEntityDescription(
    key="update",
    device_class=BinarySensorDeviceClass.UPDATE,
    entity_category=EntityCategory.DIAGNOSTIC,
)
IDENTIFY: Final = ButtonEntityDescription(
    key="identify",
    device_class=ButtonDeviceClass.IDENTIFY,
    entity_category=EntityCategory.DIAGNOSTIC,
    entity_registry_enabled_default=False,
)
PRESS: Final = EventEntityDescription(
    key="press",
    translation_key="openmotics_press",
    device_class=EventDeviceClass.BUTTON,
    event_types=[PRESS_START, PRESS_END, LONG_PRESS_START, LONG_PRESS_END],
)
PRESSED: Final = BinarySensorEntityDescription(
    key="pressed", translation_key="openmotics_pressed"
)
SCENE: Final = EntityDescription(key="group_action")
BUTTON: Final = ButtonEntityDescription(
    key="group_action", translation_key="openmotics_group_action"
)
CONNECTED_KEY: Final[PointKey] = (HUB, "connected")


def press_key(number: str) -> PointKey:
    """Return the key of the event of an input."""
    return (f"input_{number}", f"input_{number}_press")


def add(plan: Plan, site: Site) -> None:
    """Add the gateway, its inputs and its group actions."""
    identity = site.identity
    plan.devices[HUB] = DeviceSpec(
        id=HUB,
        manufacturer=MANUFACTURER,
        model=identity.model,
        serial_number=identity.serial,
        sw_version=identity.sw_version,
        hw_version=identity.hw_version,
        connections=(
            frozenset({(CONNECTION_NETWORK_MAC, identity.mac)})
            if identity.mac
            else frozenset()
        ),
        service=site.service,
    )
    abilities = site.gateway.abilities
    if abilities.push:
        plan.add(
            BinarySensorPoint(device=HUB, id=CONNECTED_KEY[1], description=CONNECTED),
            lambda _states: site.live,
        )
    elif identity.online is not None:
        plan.add(
            BinarySensorPoint(device=HUB, id=CONNECTED_KEY[1], description=CONNECTED),
            lambda _states: identity.online,
        )
    if identity.update is not None:
        plan.add(
            BinarySensorPoint(device=HUB, id="update", description=UPDATE),
            lambda _states: identity.update,
        )
    if abilities.identify:
        plan.add(
            ButtonPoint(
                device=HUB,
                id="identify",
                description=IDENTIFY,
                press=site.gateway.identify,
            )
        )
    for one in site.configuration.inputs:
        _add_input(plan, site, one)
    for action in site.configuration.actions:
        _add_action(plan, site, action)


def _add_input(plan: Plan, site: Site, one: Input) -> None:
    key = (Kind.INPUT, str(one.id))
    identity = f"input_{one.id}"
    plan.device(
        identity, one.name, kind="input", number=one.id, room=one.room, model="Input"
    )
    visible = bool(one.name)
    if site.presses:
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


def _add_action(plan: Plan, site: Site, action: GroupAction) -> None:
    identity = f"group_action_{action.id}"

    async def run() -> None:
        await site.stir(site.gateway.run_group_action(action.id))

    if site.options.buttons:
        plan.add(
            ButtonPoint(
                device=HUB,
                id=identity,
                description=enabled_if(action.shown, BUTTON),
                name=action.name,
                press=run,
            )
        )
        return
    plan.add(
        ScenePoint(
            device=HUB,
            id=identity,
            description=enabled_if(action.shown, SCENE),
            name=action.name,
            activate=run,
        )
    )
