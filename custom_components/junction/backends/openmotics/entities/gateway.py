"""The gateway itself: connection, update, identify."""

from typing import Final

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntityDescription,
)
from homeassistant.components.button import ButtonDeviceClass, ButtonEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.helpers.device_registry import CONNECTION_NETWORK_MAC

from ....model import BinarySensorPoint, ButtonPoint, DeviceSpec, PointKey
from .description import HUB, MANUFACTURER, Installation, Plan

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
CONNECTED_KEY: Final[PointKey] = (HUB, "connected")


def add(plan: Plan, installation: Installation) -> None:
    """Add the gateway."""
    identity = installation.identity
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
        service=installation.service,
    )
    abilities = installation.gateway.abilities
    if abilities.push:
        plan.add(
            BinarySensorPoint(device=HUB, id=CONNECTED_KEY[1], description=CONNECTED),
            lambda _states: installation.live,
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
                press=installation.gateway.identify,
            )
        )
