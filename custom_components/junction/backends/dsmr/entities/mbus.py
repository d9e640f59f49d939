"""M-Bus meters: gas, water, heat, and others."""

from dataclasses import dataclass, replace
from typing import Final

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import EntityCategory, UnitOfEnergy, UnitOfVolume

from ....model import DeviceSpec, Point, SensorPoint
from ..client.models import MBusDevice
from .description import METER, RESTORE


@dataclass(frozen=True, slots=True)
class Medium:
    """Medium of a type of meter; ``key`` is the translation key of its device."""

    key: str
    device_class: SensorDeviceClass | None


# Types of EN 13757-3 (docs/protocols/dsmr.md#m-bus-devices).
_HEAT: Final = Medium("heat_meter", SensorDeviceClass.ENERGY)
_COOLING: Final = Medium("cooling_meter", SensorDeviceClass.ENERGY)
_OTHER: Final = Medium("other_meter", None)
MEDIA: Final[dict[int | None, Medium]] = {
    2: Medium("slave_electricity_meter", SensorDeviceClass.ENERGY),
    3: Medium("gas_meter", SensorDeviceClass.GAS),
    4: _HEAT,
    6: Medium("warm_water_meter", SensorDeviceClass.WATER),
    7: Medium("water_meter", SensorDeviceClass.WATER),
    8: Medium("heat_cost_allocator", None),
    10: _COOLING,
    11: _COOLING,
    12: _HEAT,
    13: Medium("heat_cooling_meter", SensorDeviceClass.ENERGY),
    21: Medium("warm_water_meter", SensorDeviceClass.WATER),
    22: Medium("water_meter", SensorDeviceClass.WATER),
}

_VOLUME: Final = UnitOfVolume.CUBIC_METERS
_ENERGY_UNITS: Final = {
    UnitOfEnergy.KILO_WATT_HOUR,
    UnitOfEnergy.GIGA_JOULE,
    UnitOfEnergy.MEGA_JOULE,
}

READING: Final = SensorEntityDescription(
    key="reading",
    translation_key="mbus_count",
    state_class=SensorStateClass.TOTAL_INCREASING,
)
READ_AT: Final = SensorEntityDescription(
    key="read_at",
    translation_key="mbus_read_at",
    device_class=SensorDeviceClass.TIMESTAMP,
    entity_category=EntityCategory.DIAGNOSTIC,
    entity_registry_enabled_default=False,
)
VALVE: Final = SensorEntityDescription(
    key="valve",
    translation_key="mbus_valve",
    device_class=SensorDeviceClass.ENUM,
    options=["closed", "open", "released"],
    entity_category=EntityCategory.DIAGNOSTIC,
    entity_registry_enabled_default=False,
)
VALVES: Final[dict[int | None, str]] = {0: "closed", 1: "open", 2: "released"}


def medium(device: MBusDevice) -> Medium:
    """Return the medium of a device."""
    return MEDIA.get(device.type, _OTHER)


def device_id(device: MBusDevice) -> str:
    """Return the id of a device: its own, because a replacement may change channels."""
    if device.id is not None:
        return f"mbus-{device.id}" + (f"-{device.twin}" if device.twin else "")
    return f"mbus-channel-{device.channel}"


def device_spec(device: MBusDevice) -> DeviceSpec:
    """Return the device as the registry shows it."""
    return DeviceSpec(
        id=device_id(device),
        translation_key=MEDIA.get(device.type, _OTHER).key,
        serial_number=device.id_text or device.id,
        via=METER,
    )


def reading_description(type_: int | None, unit: str | None) -> SensorEntityDescription:
    """Return the description of a counter for a type of meter and its unit."""
    device_class = MEDIA.get(type_, _OTHER).device_class
    if unit in _ENERGY_UNITS:
        # Some gas meters count kWh or GJ.
        device_class = SensorDeviceClass.ENERGY
    elif unit == _VOLUME and device_class in {None, SensorDeviceClass.ENERGY}:
        # Some heat meters count the volume of water.
        device_class = SensorDeviceClass.VOLUME
    elif unit != _VOLUME:
        device_class = None
    if device_class is None:
        return replace(READING, native_unit_of_measurement=unit)
    return replace(
        READING,
        # Uses the icon of the device class.
        translation_key="mbus_reading",
        device_class=device_class,
        native_unit_of_measurement=unit,
    )


def device_points(device: MBusDevice, unit: str | None) -> tuple[Point[object], ...]:
    """Return the points of a device; ``unit`` is its last printed unit, if any."""
    own = device_id(device)
    usual = SensorPoint(
        device=own,
        description=reading_description(device.type, unit or _usual_unit(device.type)),
        restore=RESTORE,
    )
    points: list[Point[object]] = [
        usual,
        SensorPoint(device=own, description=READ_AT),
    ]
    if device.valve is not None:
        points.append(SensorPoint(device=own, description=VALVE))
    return tuple(points)


def _usual_unit(type_: int | None) -> str | None:
    """Return the expected unit of a meter that was not read yet."""
    match MEDIA.get(type_, _OTHER).device_class:
        case SensorDeviceClass.GAS | SensorDeviceClass.WATER:
            return _VOLUME
        case SensorDeviceClass.ENERGY:
            return (
                UnitOfEnergy.KILO_WATT_HOUR if type_ == 2 else UnitOfEnergy.GIGA_JOULE
            )
        case _:
            return None
