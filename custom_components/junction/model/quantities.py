"""Display of a quantity, the same in all systems.

A quantity is a device class in a unit, or a role that several systems have (the voltage
of a battery). The number of digits and the entity category come from here, so that
points need not set them. A description that sets them has its own reason, given beside
it.

Icons are Home Assistant's for the device class: a translation key of an entity with a
device class is not in ``icons.json``, unless it means more than the class does.
``tests/house/test_quantities.py`` compares all systems.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final

from homeassistant.components.binary_sensor import BinarySensorDeviceClass
from homeassistant.components.button import ButtonDeviceClass
from homeassistant.components.sensor import SensorDeviceClass as Class
from homeassistant.const import (
    DEGREE,
    LIGHT_LUX,
    PERCENTAGE,
    SIGNAL_STRENGTH_DECIBELS,
    SIGNAL_STRENGTH_DECIBELS_MILLIWATT,
    EntityCategory,
    UnitOfApparentPower,
    UnitOfConductivity,
    UnitOfDensity,
    UnitOfElectricCurrent,
    UnitOfElectricPotential,
    UnitOfEnergy,
    UnitOfFrequency,
    UnitOfInformation,
    UnitOfLength,
    UnitOfMass,
    UnitOfPower,
    UnitOfPressure,
    UnitOfRatio,
    UnitOfReactiveEnergy,
    UnitOfReactivePower,
    UnitOfSoundPressure,
    UnitOfSpeed,
    UnitOfTemperature,
    UnitOfTime,
    UnitOfVolume,
    UnitOfVolumeFlowRate,
)
from homeassistant.helpers.entity import EntityDescription


@dataclass(frozen=True, slots=True)
class Look:
    """Display precision (digits) and entity category of a quantity."""

    digits: int | None = None
    category: EntityCategory | None = None


_PRESSURES: Final[Mapping[str | None, int]] = {
    UnitOfPressure.PA: 0,
    UnitOfPressure.HPA: 1,
    UnitOfPressure.MBAR: 1,
    UnitOfPressure.KPA: 2,
    UnitOfPressure.BAR: 3,
    UnitOfPressure.PSI: 2,
}
# Meters count whole liters.
_VOLUMES: Final[Mapping[str | None, int]] = {
    UnitOfVolume.LITERS: 0,
    UnitOfVolume.GALLONS: 0,
    UnitOfVolume.CUBIC_METERS: 3,
    UnitOfVolume.CUBIC_FEET: 2,
}
_SPEEDS: Final[Mapping[str | None, int]] = {
    UnitOfSpeed.METERS_PER_SECOND: 1,
    UnitOfSpeed.KILOMETERS_PER_HOUR: 1,
    UnitOfSpeed.MILES_PER_HOUR: 1,
    UnitOfSpeed.KNOTS: 1,
}
_DENSITIES: Final[Mapping[str | None, int]] = {
    UnitOfDensity.MICROGRAMS_PER_CUBIC_METER: 0
}

DIGITS: Final[Mapping[str, Mapping[str | None, int]]] = {
    Class.APPARENT_POWER: {
        UnitOfApparentPower.VOLT_AMPERE: 0,
        UnitOfApparentPower.KILO_VOLT_AMPERE: 3,
    },
    Class.AQI: {None: 0},
    Class.ATMOSPHERIC_PRESSURE: _PRESSURES,
    Class.BATTERY: {PERCENTAGE: 0},
    Class.CO2: {UnitOfRatio.PARTS_PER_MILLION: 0},
    Class.CONDUCTIVITY: {
        UnitOfConductivity.MICROSIEMENS_PER_CM: 0,
        UnitOfConductivity.MILLISIEMENS_PER_CM: 2,
    },
    Class.CURRENT: {
        UnitOfElectricCurrent.AMPERE: 2,
        UnitOfElectricCurrent.MILLIAMPERE: 1,
    },
    Class.DATA_SIZE: {
        UnitOfInformation.KILOBYTES: 0,
        UnitOfInformation.MEGABYTES: 1,
        UnitOfInformation.GIGABYTES: 2,
    },
    Class.DISTANCE: {
        UnitOfLength.MILLIMETERS: 0,
        UnitOfLength.CENTIMETERS: 1,
        UnitOfLength.METERS: 2,
        UnitOfLength.FEET: 2,
    },
    Class.DURATION: {
        UnitOfTime.MICROSECONDS: 0,
        UnitOfTime.MILLISECONDS: 0,
        UnitOfTime.SECONDS: 0,
        UnitOfTime.MINUTES: 1,
        UnitOfTime.HOURS: 2,
        UnitOfTime.DAYS: 2,
    },
    Class.ENERGY: {
        UnitOfEnergy.WATT_HOUR: 0,
        UnitOfEnergy.KILO_WATT_HOUR: 2,
        UnitOfEnergy.MEGA_JOULE: 0,
        UnitOfEnergy.GIGA_JOULE: 3,
    },
    Class.FREQUENCY: {
        UnitOfFrequency.HERTZ: 2,
        UnitOfFrequency.KILOHERTZ: 3,
        UnitOfFrequency.MEGAHERTZ: 3,
    },
    Class.GAS: _VOLUMES,
    Class.HUMIDITY: {PERCENTAGE: 1},
    Class.ILLUMINANCE: {LIGHT_LUX: 0},
    Class.MOISTURE: {PERCENTAGE: 1},
    Class.PH: {None: 2},
    Class.PM1: _DENSITIES,
    Class.PM25: _DENSITIES,
    Class.PM10: _DENSITIES,
    Class.POWER: {UnitOfPower.WATT: 0, UnitOfPower.KILO_WATT: 3},
    Class.POWER_FACTOR: {None: 2, PERCENTAGE: 0},
    Class.PRESSURE: _PRESSURES,
    Class.REACTIVE_ENERGY: {
        UnitOfReactiveEnergy.VOLT_AMPERE_REACTIVE_HOUR: 0,
        UnitOfReactiveEnergy.KILO_VOLT_AMPERE_REACTIVE_HOUR: 2,
    },
    Class.REACTIVE_POWER: {
        UnitOfReactivePower.VOLT_AMPERE_REACTIVE: 0,
        UnitOfReactivePower.KILO_VOLT_AMPERE_REACTIVE: 3,
    },
    Class.SIGNAL_STRENGTH: {
        SIGNAL_STRENGTH_DECIBELS: 0,
        SIGNAL_STRENGTH_DECIBELS_MILLIWATT: 0,
    },
    Class.SOUND_PRESSURE: {
        UnitOfSoundPressure.DECIBEL: 0,
        UnitOfSoundPressure.WEIGHTED_DECIBEL_A: 0,
    },
    Class.SPEED: _SPEEDS,
    Class.TEMPERATURE: {
        UnitOfTemperature.CELSIUS: 1,
        UnitOfTemperature.FAHRENHEIT: 1,
        UnitOfTemperature.KELVIN: 1,
    },
    Class.VOLATILE_ORGANIC_COMPOUNDS_PARTS: {
        UnitOfRatio.PARTS_PER_MILLION: 1,
        UnitOfRatio.PARTS_PER_BILLION: 0,
    },
    Class.VOLTAGE: {
        UnitOfElectricPotential.VOLT: 1,
        UnitOfElectricPotential.MILLIVOLT: 0,
    },
    Class.VOLUME: {**_VOLUMES, UnitOfVolume.MILLILITERS: 1},
    Class.VOLUME_FLOW_RATE: {
        UnitOfVolumeFlowRate.LITERS_PER_HOUR: 0,
        UnitOfVolumeFlowRate.LITERS_PER_MINUTE: 1,
        UnitOfVolumeFlowRate.LITERS_PER_SECOND: 2,
        UnitOfVolumeFlowRate.CUBIC_METERS_PER_HOUR: 3,
        UnitOfVolumeFlowRate.GALLONS_PER_HOUR: 0,
        UnitOfVolumeFlowRate.GALLONS_PER_MINUTE: 1,
    },
    Class.VOLUME_STORAGE: {
        **_VOLUMES,
        # For a tank, not for a meter.
        UnitOfVolume.LITERS: 1,
        UnitOfVolume.GALLONS: 1,
        UnitOfVolume.MILLILITERS: 1,
    },
    Class.WATER: _VOLUMES,
    Class.WEIGHT: {UnitOfMass.GRAMS: 1, UnitOfMass.KILOGRAMS: 2},
    Class.WIND_DIRECTION: {DEGREE: 0},
    Class.WIND_SPEED: _SPEEDS,
}
"""Digits after the decimal point, by device class and unit.

For other quantities Home Assistant's own default (``UNITS_PRECISION``) applies, if any.
"""

CATEGORIES: Final[Mapping[str, EntityCategory]] = {
    Class.BATTERY: EntityCategory.DIAGNOSTIC,
    Class.SIGNAL_STRENGTH: EntityCategory.DIAGNOSTIC,
    # When something was read, seen, or sent.
    Class.TIMESTAMP: EntityCategory.DIAGNOSTIC,
    BinarySensorDeviceClass.CONNECTIVITY: EntityCategory.DIAGNOSTIC,
    ButtonDeviceClass.IDENTIFY: EntityCategory.CONFIG,
    ButtonDeviceClass.RESTART: EntityCategory.CONFIG,
}
"""Entity category by device class, for quantities that concern the device itself."""

ROLES: Final[Mapping[tuple[str, str], Look]] = {
    # It falls only from 3.0 V to 2.7 V over its life.
    ("battery_voltage", Class.VOLTAGE): Look(2, EntityCategory.DIAGNOSTIC),
}
"""Exceptions to the device class, by the key of the description and the class."""


def look(description: EntityDescription) -> Look:
    """Return how the described quantity is displayed in all systems."""
    # Home Assistant builds descriptions whose instances are not of the declared class.
    about: Any = description
    kind: str | None = getattr(about, "device_class", None)
    if kind is None:
        return Look()
    found = ROLES.get((description.key, kind), Look(None, CATEGORIES.get(kind)))
    if not hasattr(about, "suggested_display_precision"):
        return replace(found, digits=None)
    if found.digits is not None:
        return found
    unit = about.suggested_unit_of_measurement or about.native_unit_of_measurement
    return replace(found, digits=DIGITS.get(kind, {}).get(unit))


def shown_alike[DescriptionT: EntityDescription](
    description: DescriptionT,
) -> DescriptionT:
    """Return the description, with unset fields filled as in all other systems."""
    if getattr(description, "device_class", None) is None:
        return description
    found = look(description)
    missing: dict[str, Any] = {}
    if description.entity_category is None and found.category is not None:
        missing["entity_category"] = found.category
    if (
        found.digits is not None
        and getattr(description, "suggested_display_precision", None) is None
    ):
        missing["suggested_display_precision"] = found.digits
    if not missing:
        return description
    whole: DescriptionT = _completed(description, tuple(missing.items()))
    return whole


@lru_cache(maxsize=256)
def _completed(
    description: EntityDescription, missing: tuple[tuple[str, Any], ...]
) -> Any:  # noqa: ANN401 - a cache loses the type
    """Return the description with more fields, one object for all points that share it."""
    return replace(description, **dict(missing))
