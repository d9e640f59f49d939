"""Sensors: a row per capability (docs/protocols/cozify.md#capabilities)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import (
    LIGHT_LUX,
    PERCENTAGE,
    SIGNAL_STRENGTH_DECIBELS_MILLIWATT,
    UnitOfElectricPotential,
    UnitOfEnergy,
    UnitOfPower,
    UnitOfPressure,
    UnitOfRatio,
    UnitOfTemperature,
    UnitOfVolume,
    UnitOfVolumeFlowRate,
)

from ....model import SensorPoint, SensorValue
from ....moments import moment_at
from ...http import json_fields as j
from ..client import Device, State
from ..settings import Settings
from .description import DescribedPoint

_MEASURED: Final = SensorStateClass.MEASUREMENT
_TOTAL: Final = SensorStateClass.TOTAL_INCREASING


def _pressure(value: float) -> float | None:
    """Return the pressure in hPa; the hub's unit is undocumented, but clear for air pressure."""
    if 30_000 <= value <= 120_000:
        return value / 100
    return value if 300 <= value <= 1200 else None


def _temperature(value: float) -> float | None:
    """Return the temperature in °C; Zigbee's code for "unknown" is below absolute zero."""
    return value if value > -273.15 else None


def _percentage(value: float) -> float | None:
    """Return percent; Zigbee's codes for "unknown" are above 100 (255, 655.35)."""
    return value if 0 <= value <= 100 else None


@dataclass(frozen=True, slots=True)
class Row:
    """A measurement: its capabilities, and the fields that may hold it.

    ``convert`` returns None for an invalid value. Hubs calculate with binary fractions:
    values are rounded to the ``digits`` that devices measure. ``only_if_there``: a
    device may have the capability without the field.
    """

    capabilities: frozenset[str]
    fields: tuple[str, ...]
    description: SensorEntityDescription
    digits: int
    convert: Callable[[float], float | None] = lambda value: value
    only_if_there: bool = False

    def read(self, device: Device) -> SensorValue | None:
        """Return the measured value."""
        value = first_number(device.state, self.fields)
        if value is not None:
            value = self.convert(value)
        if value is None:
            return None
        return round(value, self.digits) if self.digits else round(value)


def _row(
    capabilities: str,
    fields: str,
    description: SensorEntityDescription,
    convert: Callable[[float], float | None] = lambda value: value,
    *,
    digits: int,
    only_if_there: bool = False,
) -> Row:
    """Return a row."""
    return Row(
        frozenset(capabilities.split()),
        tuple(fields.split()),
        description,
        digits,
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
        ),
        _temperature,
        digits=2,
    ),
    _row(
        "HUMIDITY",
        "humidity",
        SensorEntityDescription(
            key="humidity",
            device_class=SensorDeviceClass.HUMIDITY,
            native_unit_of_measurement=PERCENTAGE,
            state_class=_MEASURED,
        ),
        _percentage,
        digits=2,
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
        digits=1,
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
        digits=2,
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
        digits=0,
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
        digits=3,
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
        digits=1,
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
        digits=1,
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
        digits=1,
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
            ),
            _temperature,
            digits=2,
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
        ),
        _percentage,
        digits=0,
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
        ),
        digits=3,
    ),
    _row(
        "RSSI",
        "rssi",
        SensorEntityDescription(
            key="rssi",
            device_class=SensorDeviceClass.SIGNAL_STRENGTH,
            native_unit_of_measurement=SIGNAL_STRENGTH_DECIBELS_MILLIWATT,
            state_class=_MEASURED,
            entity_registry_enabled_default=False,
        ),
        digits=0,
    ),
)

# The unit is undocumented, so it is an option (docs/protocols/cozify.md#capabilities).
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
        digits=3,
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
        digits=3,
        only_if_there=True,
    ),
)

LAST_SEEN: Final = SensorEntityDescription(
    key="last_seen",
    translation_key="cozify_last_seen",
    device_class=SensorDeviceClass.TIMESTAMP,
    entity_registry_enabled_default=False,
)


def build(device: Device, settings: Settings) -> Iterator[DescribedPoint]:
    """Yield the sensors of a device."""
    for row in (*SENSORS, *ENERGIES):
        if row.capabilities.isdisjoint(device.capabilities):
            continue
        there = any(field in device.state for field in row.fields)
        # In the state of a light, temperature is the color temperature.
        kelvin = row.fields == ("temperature",) and device.state_type == "STATE_LIGHT"
        if kelvin or (row.only_if_there and not there):
            continue
        description = row.description
        if row in ENERGIES and settings.energy_in_wh:
            description = replace(
                description, native_unit_of_measurement=UnitOfEnergy.WATT_HOUR
            )
        yield DescribedPoint(
            SensorPoint(device=device.id, description=description), row.read
        )
    yield DescribedPoint(
        SensorPoint(device=device.id, description=LAST_SEEN), _last_seen
    )


def first_number(state: State, fields: tuple[str, ...]) -> float | None:
    """Return the first of these fields that holds a number."""
    return next(
        (v for field in fields if (v := j.number(state, field)) is not None), None
    )


def _last_seen(device: Device) -> datetime | None:
    # Rounded to minutes, because it changes with every message of the device.
    return moment_at(device.last_seen // 60_000 * 60)
