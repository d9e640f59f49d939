"""Sensors and binary sensors: a row per capability (docs/protocols/cozify.md#capabilities)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntityDescription,
)
from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import (
    LIGHT_LUX,
    PERCENTAGE,
    SIGNAL_STRENGTH_DECIBELS_MILLIWATT,
    EntityCategory,
    UnitOfElectricPotential,
    UnitOfEnergy,
    UnitOfPower,
    UnitOfPressure,
    UnitOfRatio,
    UnitOfTemperature,
    UnitOfVolume,
    UnitOfVolumeFlowRate,
)

from ....model import BinarySensorPoint, SensorPoint, SensorValue
from ...http import json_fields as j
from ..client import Device, State
from ..settings import Settings
from .description import DescribedPoint

_MEASURED: Final = SensorStateClass.MEASUREMENT
_TOTAL: Final = SensorStateClass.TOTAL_INCREASING
_DIAGNOSTIC: Final = EntityCategory.DIAGNOSTIC


def _pressure(value: float) -> float | None:
    """Return hPa; which unit hubs use is not known, but air leaves little doubt."""
    if 30_000 <= value <= 120_000:
        return round(value / 100, 2)
    return value if 300 <= value <= 1200 else None


@dataclass(frozen=True, slots=True)
class Row:
    """A measurement: the capabilities that bring it, and the fields that may hold it.

    ``only_if_there``: a device may have the capability and never the field.
    """

    capabilities: frozenset[str]
    fields: tuple[str, ...]
    description: SensorEntityDescription
    convert: Callable[[float], float | None] = lambda value: value
    only_if_there: bool = False


def _row(
    capabilities: str,
    fields: str,
    description: SensorEntityDescription,
    convert: Callable[[float], float | None] = lambda value: value,
    *,
    only_if_there: bool = False,
) -> Row:
    return Row(
        frozenset(capabilities.split()),
        tuple(fields.split()),
        description,
        convert,
        only_if_there,
    )


_POWER_METER: Final = "MEASURE_POWER ACTIVE_POWER POWER_METER"

SENSORS: Final = (
    _row(
        "TEMPERATURE",
        "temperature",
        SensorEntityDescription(
            key="temperature",
            device_class=SensorDeviceClass.TEMPERATURE,
            native_unit_of_measurement=UnitOfTemperature.CELSIUS,
            state_class=_MEASURED,
            suggested_display_precision=1,
        ),
    ),
    _row(
        "HUMIDITY",
        "humidity",
        SensorEntityDescription(
            key="humidity",
            device_class=SensorDeviceClass.HUMIDITY,
            native_unit_of_measurement=PERCENTAGE,
            state_class=_MEASURED,
            suggested_display_precision=0,
        ),
    ),
    _row(
        "LUX",
        "lux",
        SensorEntityDescription(
            key="illuminance",
            device_class=SensorDeviceClass.ILLUMINANCE,
            native_unit_of_measurement=LIGHT_LUX,
            state_class=_MEASURED,
        ),
    ),
    _row(
        "PRESSURE",
        "pressure",
        SensorEntityDescription(
            key="pressure",
            device_class=SensorDeviceClass.ATMOSPHERIC_PRESSURE,
            native_unit_of_measurement=UnitOfPressure.HPA,
            state_class=_MEASURED,
        ),
        _pressure,
    ),
    _row(
        "CO2",
        "co2Ppm",
        SensorEntityDescription(
            key="co2",
            device_class=SensorDeviceClass.CO2,
            native_unit_of_measurement=UnitOfRatio.PARTS_PER_MILLION,
            state_class=_MEASURED,
        ),
    ),
    _row(
        "VOC",
        "vocPpm",
        SensorEntityDescription(
            key="voc",
            device_class=SensorDeviceClass.VOLATILE_ORGANIC_COMPOUNDS_PARTS,
            native_unit_of_measurement=UnitOfRatio.PARTS_PER_MILLION,
            state_class=_MEASURED,
        ),
    ),
    _row(
        _POWER_METER,
        "activePower power",
        SensorEntityDescription(
            key="power",
            device_class=SensorDeviceClass.POWER,
            native_unit_of_measurement=UnitOfPower.WATT,
            state_class=_MEASURED,
        ),
    ),
    _row(
        "FLOW",
        "flow",
        SensorEntityDescription(
            key="flow",
            device_class=SensorDeviceClass.VOLUME_FLOW_RATE,
            native_unit_of_measurement=UnitOfVolumeFlowRate.LITERS_PER_HOUR,
            state_class=_MEASURED,
        ),
    ),
    _row(
        "FLOW_VOLUME",
        "volume",
        SensorEntityDescription(
            key="volume",
            device_class=SensorDeviceClass.WATER,
            native_unit_of_measurement=UnitOfVolume.LITERS,
            state_class=_TOTAL,
        ),
    ),
    *(
        _row(
            capability,
            field,
            SensorEntityDescription(
                key=key,
                translation_key=f"cozify_{key}",
                device_class=SensorDeviceClass.TEMPERATURE,
                native_unit_of_measurement=UnitOfTemperature.CELSIUS,
                state_class=_MEASURED,
                suggested_display_precision=1,
            ),
            only_if_there=capability == "VU",
        )
        for capability, field, key in (
            ("FLOW_TEMPERATURE", "flowTemp", "flow_temperature"),
            ("VU", "freshTemperature", "fresh_temperature"),
            ("VU", "supplyTemperature", "supply_temperature"),
            ("VU", "extractTemperature", "extract_temperature"),
        )
    ),
    _row(
        "BATTERY_C",
        "battery",
        SensorEntityDescription(
            key="battery",
            device_class=SensorDeviceClass.BATTERY,
            native_unit_of_measurement=PERCENTAGE,
            state_class=_MEASURED,
            entity_category=_DIAGNOSTIC,
        ),
    ),
    _row(
        "BATTERY_U",
        "batteryV",
        SensorEntityDescription(
            key="battery_voltage",
            translation_key="cozify_battery_voltage",
            device_class=SensorDeviceClass.VOLTAGE,
            native_unit_of_measurement=UnitOfElectricPotential.VOLT,
            state_class=_MEASURED,
            entity_category=_DIAGNOSTIC,
            suggested_display_precision=2,
        ),
    ),
    _row(
        "RSSI",
        "rssi",
        SensorEntityDescription(
            key="rssi",
            device_class=SensorDeviceClass.SIGNAL_STRENGTH,
            native_unit_of_measurement=SIGNAL_STRENGTH_DECIBELS_MILLIWATT,
            state_class=_MEASURED,
            entity_category=_DIAGNOSTIC,
            entity_registry_enabled_default=False,
        ),
    ),
)

# The unit is not certain, therefore an option (docs/protocols/cozify.md#capabilities).
ENERGIES: Final = (
    _row(
        _POWER_METER,
        "totalPower",
        SensorEntityDescription(
            key="energy",
            device_class=SensorDeviceClass.ENERGY,
            native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
            state_class=_TOTAL,
        ),
        only_if_there=True,
    ),
    _row(
        _POWER_METER,
        "powerToday",
        SensorEntityDescription(
            key="energy_today",
            translation_key="cozify_energy_today",
            device_class=SensorDeviceClass.ENERGY,
            native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
            state_class=_TOTAL,
        ),
        only_if_there=True,
    ),
)

LAST_SEEN: Final = SensorEntityDescription(
    key="last_seen",
    translation_key="cozify_last_seen",
    device_class=SensorDeviceClass.TIMESTAMP,
    entity_category=_DIAGNOSTIC,
    entity_registry_enabled_default=False,
)


@dataclass(frozen=True, slots=True)
class BinaryRow:
    """Something that is or is not, by capability and field."""

    capability: str
    field: str
    description: BinarySensorEntityDescription
    only_if_there: bool = False


def _binary(
    capability: str,
    field: str,
    key: str,
    device_class: BinarySensorDeviceClass | None = None,
    *,
    only_if_there: bool = False,
    named: bool = False,
    category: EntityCategory | None = None,
) -> BinaryRow:
    return BinaryRow(
        capability,
        field,
        BinarySensorEntityDescription(
            key=key,
            device_class=device_class,
            translation_key=f"cozify_{key}" if named else None,
            entity_category=category,
        ),
        only_if_there,
    )


_CLASS: Final = BinarySensorDeviceClass
BINARY_SENSORS: Final = (
    _binary("MOTION", "motion", "motion", _CLASS.MOTION),
    _binary(
        "SELF_MOTION", "selfMotion", "vibration", _CLASS.VIBRATION, only_if_there=True
    ),
    _binary("CONTACT", "open", "contact", _CLASS.OPENING),
    _binary("MOISTURE", "moisture", "moisture", _CLASS.MOISTURE),
    _binary("SMOKE", "alert", "smoke", _CLASS.SMOKE),
    _binary("CO", "coDetected", "co", _CLASS.CO),
    # True = dark; no class, for that of light means the opposite.
    _binary("TWILIGHT", "twilight", "twilight", named=True),
    _binary("LOW_TEMP", "lowTemp", "low_temperature", _CLASS.COLD),
    _binary("HIGH_TEMP", "highTemp", "high_temperature", _CLASS.HEAT),
    _binary(
        "BATTERY_U",
        "batteryLow",
        "battery_low",
        _CLASS.BATTERY,
        named=True,
        category=_DIAGNOSTIC,
    ),
    _binary("USER_PRESENCE", "reachable", "presence", _CLASS.PRESENCE),
)
SOUND: Final = _binary("GENERATE_ALERT", "sirenOn", "sound", _CLASS.SOUND)


def build(device: Device, settings: Settings) -> Iterator[DescribedPoint]:
    """Yield the sensors and binary sensors of a device."""
    for row in (*SENSORS, *ENERGIES):
        if row.capabilities.isdisjoint(device.capabilities):
            continue
        there = any(field in device.state for field in row.fields)
        # In the state of a lamp, temperature is that of its colour.
        kelvin = row.fields == ("temperature",) and device.state_type == "STATE_LIGHT"
        if kelvin or (row.only_if_there and not there):
            continue
        description = row.description
        if row in ENERGIES and settings.energy_in_wh:
            description = replace(
                description, native_unit_of_measurement=UnitOfEnergy.WATT_HOUR
            )
        yield DescribedPoint(
            SensorPoint(device=device.id, description=description), _reader(row)
        )
    for binary in BINARY_SENSORS:
        there = j.boolean(device.state, binary.field) is not None
        if device.can(binary.capability) and (there or not binary.only_if_there):
            yield _built(device, binary)
    if device.can("GENERATE_ALERT") and not is_siren(device):
        yield _built(device, SOUND)
    yield DescribedPoint(
        SensorPoint(device=device.id, description=LAST_SEEN), _last_seen
    )


def is_siren(device: Device) -> bool:
    """Return whether a device is a siren that can be switched."""
    sounds = device.can("GENERATE_ALERT") or device.type == "ALARM_DEVICE"
    return sounds and device.can("ON_OFF")


def _built(device: Device, row: BinaryRow) -> DescribedPoint:
    return DescribedPoint(
        BinarySensorPoint(device=device.id, description=row.description),
        lambda now: j.boolean(now.state, row.field),
    )


def _reader(row: Row) -> Callable[[Device], SensorValue | None]:
    def read(device: Device) -> SensorValue | None:
        value = first_number(device.state, row.fields)
        return None if value is None else row.convert(value)

    return read


def first_number(state: State, fields: tuple[str, ...]) -> float | None:
    """Return the first of these fields that holds a number."""
    return next(
        (v for field in fields if (v := j.number(state, field)) is not None), None
    )


def _last_seen(device: Device) -> datetime | None:
    try:
        # To the minute: it changes with everything that a device says.
        minute = device.last_seen // 60_000 * 60
        return datetime.fromtimestamp(minute, UTC) if minute > 0 else None
    except ValueError, OverflowError, OSError:
        return None
