"""Sensors: one device for all quantities of a physical sensor.

Protocol: docs/protocols/openmotics.md#sensors.
"""

from collections.abc import Mapping
from functools import partial
from typing import Final

from homeassistant.components.number import NumberEntityDescription, NumberMode
from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import (
    LIGHT_LUX,
    EntityCategory,
    UnitOfDensity,
    UnitOfEnergy,
    UnitOfPower,
    UnitOfRatio,
    UnitOfSoundPressure,
    UnitOfTemperature,
)

from ....model import UNAVAILABLE, NumberPoint, PointKey, SensorPoint
from ..client.models import Key, Kind, Sensor, States
from .description import Installation, Plan, enabled_if
from .energy import RESTORE

POWER: Final = "power"
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
    # The gateway does not report the particle size.
    "dust": _plain("dust", UnitOfDensity.MICROGRAMS_PER_CUBIC_METER),
    "comfort_index": _plain("comfort_index"),
    "aqi": _of("aqi", SensorDeviceClass.AQI, None),
    "co2": _of("co2", SensorDeviceClass.CO2, UnitOfRatio.PARTS_PER_MILLION),
    "voc": _of(
        "voc",
        SensorDeviceClass.VOLATILE_ORGANIC_COMPOUNDS_PARTS,
        UnitOfRatio.PARTS_PER_MILLION,
    ),
    POWER: _of(POWER, SensorDeviceClass.POWER, UnitOfPower.WATT),
}
ENERGY: Final = SensorEntityDescription(
    key="energy",
    device_class=SensorDeviceClass.ENERGY,
    native_unit_of_measurement=UnitOfEnergy.WATT_HOUR,
    suggested_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
    state_class=SensorStateClass.TOTAL_INCREASING,
)
RANGES: Final[Mapping[str, tuple[float, float]]] = {
    "temperature": (-32.0, 95.5),
    "humidity": (0.0, 100.0),
    "brightness": (0.0, 100_000.0),
}
"""Allowed range of values for a virtual sensor; the gateway itself accepts any."""
LUX: Final = _of("illuminance", SensorDeviceClass.ILLUMINANCE, LIGHT_LUX)
COMFORT: Final = _plain("comfort_index", UnitOfRatio.PERCENTAGE)
VALUE: Final = _plain("value")


def integral_point(key: Key) -> PointKey:
    """Return the point for the integrated energy of a power sensor in the cloud."""
    return f"sensor_sensor.{key[1]}", f"sensor_{key[1]}_{ENERGY.key}"


def add(plan: Plan, installation: Installation) -> None:
    """Add all sensors."""
    names: dict[str, set[str]] = {}
    for sensor in installation.configuration.sensors:
        names.setdefault(sensor.device, set()).add(sensor.name)
    for sensor in installation.configuration.sensors:
        _add_sensor(plan, installation, sensor, alone=len(names[sensor.device]) == 1)


def _add_sensor(
    plan: Plan, installation: Installation, sensor: Sensor, *, alone: bool
) -> None:
    """Add a sensor; ``alone``: its device has only this quantity."""
    key: Key = (Kind.SENSOR, sensor.key)
    identity = f"sensor_{sensor.device}"
    if identity not in plan.devices:
        plan.device(
            identity,
            sensor.name if alone else sensor.plugin or "",
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
            name=None if alone else sensor.name or None,
        ),
        partial(_value, key),
        key,
    )
    if sensor.quantity == POWER and installation.service:
        total: Key = (Kind.INTEGRAL, sensor.key)
        plan.add(
            SensorPoint(
                device=identity,
                id=f"sensor_{sensor.key}_{ENERGY.key}",
                description=enabled_if(bool(sensor.name), ENERGY),
                restore=RESTORE,
            ),
            partial(_value, total),
            total,
        )
    if sensor.writable and installation.gateway.abilities.feeds:
        plan.add(
            NumberPoint(
                device=identity,
                id=f"sensor_{sensor.key}_feed",
                description=_feed(sensor),
                placeholders={"name": sensor.name},
                set_value=partial(_set, installation, sensor),
                tolerance=0.5,
            ),
            partial(_value, key),
            key,
        )


async def _set(installation: Installation, sensor: Sensor, value: float) -> None:
    """Set a virtual sensor. Those of the master need all quantities at once."""
    values = {sensor.quantity or "": value}
    if sensor.source == "master":
        for other in installation.configuration.sensors:
            known = installation.states.get((Kind.SENSOR, other.key))
            if other.device == sensor.device and isinstance(known, int | float):
                values.setdefault(other.quantity or "", known)
    await installation.gateway.set_sensor(sensor, values)


def _value(key: Key, states: States) -> object:
    return states.get(key, UNAVAILABLE)


def describe(sensor: Sensor) -> SensorEntityDescription:
    """Return the description of a sensor. Brightness and comfort have two units each."""
    match sensor.quantity, sensor.unit:
        case "brightness", "lux":
            return LUX
        case "comfort_index", "percent":
            return COMFORT
        case quantity, _:
            return QUANTITIES.get(quantity or "", VALUE)


def _feed(sensor: Sensor) -> NumberEntityDescription:
    """Return the description of the number that sets a sensor."""
    shown = describe(sensor)
    low, high = RANGES.get(sensor.quantity or "", (-1_000_000.0, 1_000_000.0))
    return NumberEntityDescription(
        key="feed",
        translation_key="openmotics_feed",
        native_unit_of_measurement=shown.native_unit_of_measurement,
        native_min_value=low,
        native_max_value=high,
        native_step=0.01,
        mode=NumberMode.BOX,
        entity_category=EntityCategory.CONFIG,
        entity_registry_enabled_default=False,
    )
