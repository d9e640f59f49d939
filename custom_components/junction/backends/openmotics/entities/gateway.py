"""The gateway itself: connection, update, identify."""

from typing import Final

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntityDescription,
)
from homeassistant.components.button import ButtonDeviceClass, ButtonEntityDescription
from homeassistant.components.sensor import SensorEntityDescription, SensorStateClass
from homeassistant.const import EntityCategory
from homeassistant.helpers.device_registry import CONNECTION_NETWORK_MAC

from ....model import (
    BinarySensorPoint,
    ButtonPoint,
    Detailed,
    DeviceSpec,
    PointKey,
    SensorPoint,
)
from ..client.models import Key, Kind, ModuleErrors
from .description import HUB, MANUFACTURER, Installation, Plan, shown

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
    entity_category=EntityCategory.CONFIG,
    entity_registry_enabled_default=False,
)
LIGHTS_OFF: Final = ButtonEntityDescription(
    key="lights_off", translation_key="openmotics_lights_off"
)
READ_CONFIGURATION: Final = ButtonEntityDescription(
    key="read_configuration",
    translation_key="openmotics_read_configuration",
    entity_category=EntityCategory.CONFIG,
    entity_registry_enabled_default=False,
)
RESTART: Final = ButtonEntityDescription(
    key="restart",
    device_class=ButtonDeviceClass.RESTART,
    entity_category=EntityCategory.CONFIG,
    entity_registry_enabled_default=False,
)
ERRORS: Final = SensorEntityDescription(
    key="bus_errors",
    translation_key="openmotics_bus_errors",
    state_class=SensorStateClass.TOTAL_INCREASING,
    entity_category=EntityCategory.DIAGNOSTIC,
    entity_registry_enabled_default=False,
)
# Display names: the gateway reports its platform in upper case.
_MODELS: Final = {
    "CLASSIC": "Gateway Classic",
    "CORE": "Gateway Core",
    "CORE_PLUS": "Gateway Core+",
    "ESAFE": "eSafe",
}
CONNECTED_KEY: Final[PointKey] = (HUB, "connected")


def add(plan: Plan, installation: Installation) -> None:
    """Add the gateway."""
    identity = installation.identity
    plan.devices[HUB] = DeviceSpec(
        id=HUB,
        manufacturer=MANUFACTURER,
        model=_MODELS.get(identity.model or "", identity.model),
        serial_number=identity.serial,
        configuration_url=identity.url,
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
    plan.add(
        ButtonPoint(
            device=HUB,
            id="read_configuration",
            description=READ_CONFIGURATION,
            press=installation.read_configuration,
        )
    )
    if abilities.lights_off:

        async def turn_lights_off() -> None:
            await installation.send_stateless(installation.gateway.turn_lights_off())

        plan.add(
            ButtonPoint(
                device=HUB,
                id="lights_off",
                description=LIGHTS_OFF,
                press=turn_lights_off,
            )
        )
    if abilities.feeds:
        plan.add(
            ButtonPoint(
                device=HUB,
                id="restart",
                description=RESTART,
                press=installation.gateway.restart,
            )
        )
    if installation.configuration.health:
        errors: Key = (Kind.MODULE, "errors")
        plan.add(
            SensorPoint(device=HUB, id="bus_errors", description=ERRORS),
            shown(
                ModuleErrors,
                errors,
                lambda state: Detailed(state.total, {"modules": dict(state.modules)}),
            ),
            errors,
        )
