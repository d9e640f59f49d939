"""Sensors: one device for all quantities of a physical one.

On the wire: docs/protocols/openmotics.md#sensors.
"""

from collections.abc import Mapping
from functools import partial
from typing import Final

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import (
    LIGHT_LUX,
    UnitOfDensity,
    UnitOfPower,
    UnitOfRatio,
    UnitOfSoundPressure,
    UnitOfTemperature,
)

from ....model import UNAVAILABLE, SensorPoint
from ..client.models import Key, Kind, Sensor, States
from .description import Installation, Plan, enabled_if

_MEASURED: Final = SensorStateClass.MEASUREMENT


def _plain(key: str, unit: str | None = None) -> SensorEntityDescription:
    return SensorEntityDescription(
        key=key,
        translation_key=f"openmotics_{key}",
        native_unit_of_measurement=unit,
        state_class=_MEASURED,
    )


def _of(key: str, kind: SensorDeviceClass, unit: str | None) -> SensorEntityDescription:
    return SensorEntityDescription(
        key=key,
        device_class=kind,
        native_unit_of_measurement=unit,
        state_class=_MEASURED,
    )


QUANTITIES: Final[Mapping[str, SensorEntityDescription]] = {
    "temperature": _of(
        "temperature", SensorDeviceClass.TEMPERATURE, UnitOfTemperature.CELSIUS
    ),
    "humidity": _of("humidity", SensorDeviceClass.HUMIDITY, UnitOfRatio.PERCENTAGE),
    "brightness": _plain("brightness", UnitOfRatio.PERCENTAGE),
    "sound": _of(
        "sound", SensorDeviceClass.SOUND_PRESSURE, UnitOfSoundPressure.DECIBEL
    ),
    "dust": _of(
        "dust", SensorDeviceClass.PM25, UnitOfDensity.MICROGRAMS_PER_CUBIC_METER
    ),
    "comfort_index": _plain("comfort_index"),
    "aqi": _of("aqi", SensorDeviceClass.AQI, None),
    "co2": _of("co2", SensorDeviceClass.CO2, UnitOfRatio.PARTS_PER_MILLION),
    "voc": _of(
        "voc",
        SensorDeviceClass.VOLATILE_ORGANIC_COMPOUNDS_PARTS,
        UnitOfRatio.PARTS_PER_MILLION,
    ),
    "power": _of("power", SensorDeviceClass.POWER, UnitOfPower.WATT),
}
LUX: Final = _of("illuminance", SensorDeviceClass.ILLUMINANCE, LIGHT_LUX)
COMFORT: Final = _plain("comfort_index", UnitOfRatio.PERCENTAGE)
VALUE: Final = _plain("value")


def add(plan: Plan, installation: Installation) -> None:
    """Add all sensors."""
    for sensor in installation.configuration.sensors:
        key = (Kind.SENSOR, sensor.key)
        identity = f"sensor_{sensor.device}"
        if identity not in plan.devices:
            plan.device(
                identity,
                sensor.name,
                kind="sensor",
                number=sensor.key,
                room=sensor.room,
                model="Sensor",
            )
        plan.add(
            SensorPoint(
                device=identity,
                id=f"sensor_{sensor.key}",
                description=enabled_if(bool(sensor.name), describe(sensor)),
            ),
            partial(_value, key),
            key,
        )


def _value(key: Key, states: States) -> object:
    return states.get(key, UNAVAILABLE)


def describe(sensor: Sensor) -> SensorEntityDescription:
    """Return what a sensor shows. Brightness and comfort come in two units each."""
    match sensor.quantity, sensor.unit:
        case "brightness", "lux":
            return LUX
        case "comfort_index", "percent":
            return COMFORT
        case quantity, _:
            return QUANTITIES.get(quantity or "", VALUE)
