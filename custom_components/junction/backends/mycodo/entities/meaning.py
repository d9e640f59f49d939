"""Mycodo's measurements and units in Home Assistant's terms.

See docs/protocols/mycodo.md#units-and-measurement-types.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from homeassistant.components.binary_sensor import BinarySensorEntityDescription
from homeassistant.components.sensor import (
    SensorDeviceClass as Class,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import (
    DEGREE,
    LIGHT_LUX,
    REVOLUTIONS_PER_MINUTE,
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
    UnitOfReactivePower,
    UnitOfSpeed,
    UnitOfTemperature,
    UnitOfTime,
    UnitOfVolume,
    UnitOfVolumeFlowRate,
)

PERCENT: Final = UnitOfRatio.PERCENTAGE

HA_UNITS: Final[Mapping[str, str | None]] = {
    "A": UnitOfElectricCurrent.AMPERE,
    "mA": UnitOfElectricCurrent.MILLIAMPERE,
    "V": UnitOfElectricPotential.VOLT,
    "mV": UnitOfElectricPotential.MILLIVOLT,
    "W": UnitOfPower.WATT,
    "kWh": UnitOfEnergy.KILO_WATT_HOUR,
    "va": UnitOfApparentPower.VOLT_AMPERE,
    "var": UnitOfReactivePower.VOLT_AMPERE_REACTIVE,
    "C": UnitOfTemperature.CELSIUS,
    "F": UnitOfTemperature.FAHRENHEIT,
    "K": UnitOfTemperature.KELVIN,
    "Hz": UnitOfFrequency.HERTZ,
    "kHz": UnitOfFrequency.KILOHERTZ,
    "MHz": UnitOfFrequency.MEGAHERTZ,
    "percent": PERCENT,
    "decimal": None,
    "Pa": UnitOfPressure.PA,
    "hPa": UnitOfPressure.HPA,
    "kPa": UnitOfPressure.KPA,
    "psi": UnitOfPressure.PSI,
    "cm_water": UnitOfPressure.HPA,
    "m": UnitOfLength.METERS,
    "cm": UnitOfLength.CENTIMETERS,
    "mm": UnitOfLength.MILLIMETERS,
    "ft": UnitOfLength.FEET,
    "m_s": UnitOfSpeed.METERS_PER_SECOND,
    "mph": UnitOfSpeed.MILES_PER_HOUR,
    "kn": UnitOfSpeed.KNOTS,
    "m_s_s": "m/s²",
    # Acceleration; "g" elsewhere is a mass.
    "g_force": "g",
    "g": UnitOfMass.GRAMS,
    "kg": UnitOfMass.KILOGRAMS,
    "l": UnitOfVolume.LITERS,
    "ml": UnitOfVolume.MILLILITERS,
    "l_s": UnitOfVolumeFlowRate.LITERS_PER_SECOND,
    "l_min": UnitOfVolumeFlowRate.LITERS_PER_MINUTE,
    "l_hr": UnitOfVolumeFlowRate.LITERS_PER_HOUR,
    "mg_L": "mg/L",
    "ppm": UnitOfRatio.PARTS_PER_MILLION,
    "ppb": UnitOfRatio.PARTS_PER_BILLION,
    # Parts per thousand, not per trillion.
    "ppt": "‰",
    "ppm_min": "ppm/min",
    "ug_m3": UnitOfDensity.MICROGRAMS_PER_CUBIC_METER,
    "uS_cm": UnitOfConductivity.MICROSIEMENS_PER_CM,
    "uSv_hr": "μSv/h",
    "uT": "μT",
    "Ohm": "Ω",
    "lux": LIGHT_LUX,
    "full": None,
    "ir": None,
    "s": UnitOfTime.SECONDS,
    "minute": UnitOfTime.MINUTES,
    "h": UnitOfTime.HOURS,
    "day": UnitOfTime.DAYS,
    "us": UnitOfTime.MICROSECONDS,
    "MB": UnitOfInformation.MEGABYTES,
    "kB": UnitOfInformation.KILOBYTES,
    "GB": UnitOfInformation.GIGABYTES,
    "cpu_load": None,
    "degree": DEGREE,
    "bearing": DEGREE,
    "rpm": REVOLUTIONS_PER_MINUTE,
    "steps": "steps",
    "cpm": "cpm",
    "pH": None,
    "kg_kg": "kg/kg",
    "kJ_kg": "kJ/kg",
    "m3_kg": "m³/kg",
    "cie": None,
    "eight_bit_color": None,
    "bool": None,
    "pid_value": None,
    "setpoint": None,
    "none": None,
    "unitless": None,
}

_TEMPERATURE: Final = ("C", "F", "K")
_VOLTAGE: Final = ("V", "mV")
_PRESSURE: Final = ("Pa", "hPa", "kPa", "psi", "cm_water")
_LENGTH: Final = ("ft", "cm", "m", "mm")
_PARTS: Final = ("ppm", "ppb")
_TIME: Final = ("s", "minute", "h", "day")

# Device class of a measurement, which applies only with these units.
_CLASSES: Final[Mapping[str, tuple[Class, tuple[str, ...]]]] = {
    "altitude": (Class.DISTANCE, _LENGTH),
    "battery": (Class.BATTERY, ("percent", "decimal")),
    "co2": (Class.CO2, ("ppm", "ppb", "percent")),
    "dewpoint": (Class.TEMPERATURE, _TEMPERATURE),
    "disk_space": (Class.DATA_SIZE, ("MB", "kB", "GB")),
    "duration_time": (Class.DURATION, _TIME),
    "electrical_conductivity": (Class.CONDUCTIVITY, ("uS_cm",)),
    "electrical_current": (Class.CURRENT, ("A", "mA")),
    "electrical_potential": (Class.VOLTAGE, _VOLTAGE),
    "energy": (Class.ENERGY, ("kWh",)),
    "frequency": (Class.FREQUENCY, ("Hz", "kHz", "MHz")),
    "humidity": (Class.HUMIDITY, ("percent", "decimal")),
    "ion_concentration": (Class.PH, ("pH",)),
    "length": (Class.DISTANCE, _LENGTH),
    "light": (Class.ILLUMINANCE, ("lux",)),
    "mass": (Class.WEIGHT, ("g", "kg")),
    "moisture": (Class.MOISTURE, ("percent",)),
    "oxidation_reduction_potential": (Class.VOLTAGE, _VOLTAGE),
    "particulate_matter_1_0": (Class.PM1, ("ug_m3",)),
    "particulate_matter_2_5": (Class.PM25, ("ug_m3",)),
    "particulate_matter_10_0": (Class.PM10, ("ug_m3",)),
    "power": (Class.POWER, ("W",)),
    "power_apparent": (Class.APPARENT_POWER, ("va",)),
    "power_factor": (Class.POWER_FACTOR, ("unitless", "none")),
    "power_reactive": (Class.REACTIVE_POWER, ("var",)),
    "pressure": (Class.PRESSURE, _PRESSURE),
    "pulse_width": (Class.DURATION, ("us",)),
    "rate_volume": (Class.VOLUME_FLOW_RATE, ("l_hr", "l_min", "l_s")),
    "speed": (Class.SPEED, ("m_s", "mph", "kn")),
    "temperature": (Class.TEMPERATURE, _TEMPERATURE),
    "vapor_pressure_deficit": (Class.PRESSURE, _PRESSURE),
    "voc": (Class.VOLATILE_ORGANIC_COMPOUNDS_PARTS, _PARTS),
    "volume": (Class.VOLUME_STORAGE, ("l", "ml")),
}
_NO_CLASS: Final = (
    "acceleration acceleration_x acceleration_y acceleration_z adc angle boolean "
    "brightness color_red color_green color_blue color_temperature color_x color_y color_Y "
    "cpu_load_1m cpu_load_5m cpu_load_15m direction dissolved_oxygen duty_cycle edge "
    "gpio_state hue humidity_ratio magnetic_flux_density methane o2 pid_p_value "
    "pid_i_value pid_d_value position_open radiation_dose_rate rate_ppm resistance "
    "revolutions rotation salinity saturation setpoint setpoint_band_min "
    "setpoint_band_max specific_enthalpy specific_gravity specific_volume "
    "total_dissolved_solids unitless version"
).split()
MEASUREMENTS: Final = frozenset((*_CLASSES, *_NO_CLASS))
"""Built-in measurement types of Mycodo."""

# Device class by unit, for user-defined measurements.
_BY_UNIT: Final[Mapping[str, Class]] = {
    **dict.fromkeys(("C", "F"), Class.TEMPERATURE),
    **dict.fromkeys(_VOLTAGE, Class.VOLTAGE),
    **dict.fromkeys(("A", "mA"), Class.CURRENT),
    "W": Class.POWER,
    "kWh": Class.ENERGY,
    **dict.fromkeys(("Pa", "hPa", "kPa", "psi"), Class.PRESSURE),
    **dict.fromkeys(("Hz", "kHz", "MHz"), Class.FREQUENCY),
    "lux": Class.ILLUMINANCE,
    "pH": Class.PH,
}

_BINARY: Final = ("boolean", "gpio_state")
_DIAGNOSTIC: Final = (
    "cpu_load_1m",
    "cpu_load_5m",
    "cpu_load_15m",
    "disk_space",
    "pid_p_value",
    "pid_i_value",
    "pid_d_value",
    "version",
)
_HIDDEN: Final = ("pid_p_value", "pid_i_value", "pid_d_value")
_TO_PERCENT: Final = ("battery", "humidity", "duty_cycle")
# Home Assistant has carbon dioxide in ppm only.
_TO_PPM: Final[Mapping[str, float]] = {"ppb": 1e-3, "percent": 1e4}
HPA_PER_CM_WATER: Final = 0.980665


@dataclass(frozen=True, slots=True)
class Meaning:
    """A measurement in Home Assistant's terms. Values are multiplied by ``factor``."""

    key: str
    device_class: Class | None
    unit: str | None
    state_class: SensorStateClass = SensorStateClass.MEASUREMENT
    factor: float = 1.0
    binary: bool = False
    """Whether it is a binary sensor."""
    known: bool = True
    """Whether ``key`` has a translation; False for user-defined measurements."""

    def sensor(self, *, enabled: bool = True) -> SensorEntityDescription:
        """Return the description of its sensor."""
        return SensorEntityDescription(
            key=self.key,
            translation_key=f"mycodo_{translation(self.key)}" if self.known else None,
            device_class=self.device_class,
            native_unit_of_measurement=self.unit,
            state_class=self.state_class,
            entity_category=self._category,
            entity_registry_enabled_default=enabled and self.key not in _HIDDEN,
            suggested_display_precision=_precision(self),
        )

    def binary_sensor(self, *, enabled: bool = True) -> BinarySensorEntityDescription:
        """Return the description of its binary sensor."""
        return BinarySensorEntityDescription(
            key=self.key,
            translation_key=f"mycodo_{translation(self.key)}" if self.known else None,
            entity_registry_enabled_default=enabled,
        )

    @property
    def _category(self) -> EntityCategory | None:
        return EntityCategory.DIAGNOSTIC if self.key in _DIAGNOSTIC else None


def translation(measurement: str) -> str:
    """Return the part of a translation key for a measurement."""
    # The only two ids that differ in case only.
    return {"color_Y": "color_luminance"}.get(measurement, measurement)


def meaning(
    measurement: str, unit: str, *, text: str | None = None, beside: frozenset[str]
) -> Meaning:
    """Return the meaning of a measurement in a unit.

    ``text`` is Mycodo's text of a user-defined unit. ``beside`` are the other
    measurements of the device.
    """
    known = measurement in MEASUREMENTS
    shown = HA_UNITS.get(unit, text or None)
    if unit == "bool" and (measurement in _BINARY or not known):
        return Meaning(measurement, None, None, binary=True, known=known)
    if measurement == "direction" and unit == "bearing" and "speed" in beside:
        return Meaning(
            measurement,
            Class.WIND_DIRECTION,
            DEGREE,
            SensorStateClass.MEASUREMENT_ANGLE,
        )
    if known:
        found, units = _CLASSES.get(measurement, (None, ()))
        device_class = found if unit in units else None
    else:
        device_class = _BY_UNIT.get(unit)
    factor = 1.0
    state_class = SensorStateClass.MEASUREMENT
    if unit == "cm_water":
        factor = HPA_PER_CM_WATER
    elif unit == "decimal" and measurement in _TO_PERCENT:
        shown, factor = PERCENT, 100.0
    elif measurement == "co2" and unit in _TO_PPM:
        shown, factor = UnitOfRatio.PARTS_PER_MILLION, _TO_PPM[unit]
    elif measurement == "battery" and unit in _VOLTAGE:
        device_class = Class.VOLTAGE
    if device_class is Class.SPEED and "direction" in beside:
        device_class = Class.WIND_SPEED
    elif device_class is Class.ENERGY:
        state_class = SensorStateClass.TOTAL_INCREASING
    elif device_class is Class.VOLUME_STORAGE and "rate_volume" in beside:
        # The total of a flow meter.
        device_class, state_class = Class.VOLUME, SensorStateClass.TOTAL_INCREASING
    return Meaning(measurement, device_class, shown, state_class, factor, known=known)


def _precision(found: Meaning) -> int | None:
    """Return the display precision if it differs from other systems, else None."""
    if found.device_class is Class.VOLTAGE and found.unit == HA_UNITS["V"]:
        # Voltage of a probe, a cell, or a 0-10 V output, not of the mains.
        return 2
    if found.key == "duration_time" and found.unit == HA_UNITS["s"]:
        # PID controllers turn outputs on for fractions of a second.
        return 2
    # Results of Python code have any number of digits.
    return 2 if found.device_class is None and found.unit is not None else None
