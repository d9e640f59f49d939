"""Sensors, one device for all quantities of a physical one (§1.8); pulse counters (§1.11)."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import (
    LIGHT_LUX,
    UnitOfDensity,
    UnitOfEnergy,
    UnitOfPower,
    UnitOfRatio,
    UnitOfSoundPressure,
    UnitOfTemperature,
    UnitOfVolume,
)

from ....model import UNAVAILABLE, SensorPoint
from ..models import Key, Kind, PulseCounter, Sensor, States
from .site import Plan, Site, enabled_if

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

PULSES: Final = SensorEntityDescription(
    key="pulses",
    translation_key="openmotics_pulses",
    state_class=SensorStateClass.TOTAL_INCREASING,
)
MEDIA: Final[Mapping[str, SensorEntityDescription]] = {
    medium: SensorEntityDescription(
        key="pulses",
        device_class=kind,
        native_unit_of_measurement=unit,
        state_class=SensorStateClass.TOTAL_INCREASING,
        suggested_display_precision=3,
    )
    for medium, kind, unit in (
        ("water", SensorDeviceClass.WATER, UnitOfVolume.CUBIC_METERS),
        ("gas", SensorDeviceClass.GAS, UnitOfVolume.CUBIC_METERS),
        ("electricity", SensorDeviceClass.ENERGY, UnitOfEnergy.KILO_WATT_HOUR),
    )
}
"""What a pulse counter may count; 1 unit is so many pulses as its option says."""


def add(plan: Plan, site: Site) -> None:
    """Add all sensors and pulse counters."""
    for sensor in site.configuration.sensors:
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
    for counter in site.configuration.pulses:
        _add_counter(plan, site, counter)


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


def _add_counter(plan: Plan, site: Site, counter: PulseCounter) -> None:
    key = (Kind.PULSE, str(counter.index))
    identity = f"pulse_{counter.id}"
    chosen: Mapping[str, Any] = site.options.pulses.get(str(counter.id), {})
    description = MEDIA.get(chosen.get("medium", ""), PULSES)
    per_unit = float(chosen.get("per_unit") or 1) if description is not PULSES else 0

    def show(states: States) -> object:
        count = states.get(key, UNAVAILABLE)
        if not isinstance(count, int) or not per_unit:
            return count
        return count / per_unit

    plan.device(
        identity,
        counter.name,
        kind="pulse",
        number=counter.id,
        room=counter.room,
        model="Pulse counter",
    )
    plan.add(
        SensorPoint(
            device=identity,
            id=identity,
            description=enabled_if(bool(counter.name), description),
        ),
        show,
        key,
    )
