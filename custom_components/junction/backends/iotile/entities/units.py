"""Units of IOTile Cloud in Home Assistant's terms.

See docs/protocols/iotile.md#units.
"""

from dataclasses import dataclass
from typing import Final

from homeassistant.components.sensor import SensorDeviceClass as Class
from homeassistant.const import (
    UnitOfConductivity,
    UnitOfDensity,
    UnitOfElectricCurrent,
    UnitOfPressure,
    UnitOfRatio,
    UnitOfTemperature,
    UnitOfVolume,
    UnitOfVolumeFlowRate,
)

from ..client.models import VOLUME, Stream

_PERCENT: Final = UnitOfRatio.PERCENTAGE
_FLOW: Final = "water-meter-flow"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a number is. ``stored``: Home Assistant lacks the unit, show the storage one.

    ``decimals`` None leaves the precision to Home Assistant.
    """

    device_class: Class | None = None
    unit: str | None = None
    stored: bool = False
    decimals: int | None = None


# By type of variable and short name of the display unit; short names alone mean several
# things ("C" is Celsius only of a temperature, "G" gallons only of a volume).
_UNITS: Final[dict[tuple[str, str], Meaning]] = {
    (VOLUME, "L"): Meaning(Class.WATER, UnitOfVolume.LITERS),
    (VOLUME, "G"): Meaning(Class.WATER, UnitOfVolume.GALLONS),
    (VOLUME, "M^3"): Meaning(Class.WATER, UnitOfVolume.CUBIC_METERS, decimals=3),
    (VOLUME, "A.F."): Meaning(Class.WATER, UnitOfVolume.LITERS, stored=True),
    (VOLUME, "BBL"): Meaning(Class.VOLUME, UnitOfVolume.LITERS, stored=True),
    (_FLOW, "LPM"): Meaning(
        Class.VOLUME_FLOW_RATE, UnitOfVolumeFlowRate.LITERS_PER_MINUTE
    ),
    (_FLOW, "LPH"): Meaning(
        Class.VOLUME_FLOW_RATE, UnitOfVolumeFlowRate.LITERS_PER_HOUR
    ),
    (_FLOW, "GPM"): Meaning(
        Class.VOLUME_FLOW_RATE, UnitOfVolumeFlowRate.GALLONS_PER_MINUTE
    ),
    (_FLOW, "GPH"): Meaning(
        Class.VOLUME_FLOW_RATE, UnitOfVolumeFlowRate.GALLONS_PER_HOUR
    ),
    (_FLOW, "M^3/H"): Meaning(
        Class.VOLUME_FLOW_RATE, UnitOfVolumeFlowRate.CUBIC_METERS_PER_HOUR
    ),
    # The server's own factor for barrels looks 60 times too large.
    (_FLOW, "BBL/M"): Meaning(
        Class.VOLUME_FLOW_RATE, UnitOfVolumeFlowRate.LITERS_PER_MINUTE, stored=True
    ),
    ("temp", "K"): Meaning(Class.TEMPERATURE, UnitOfTemperature.KELVIN),
    ("temp", "C"): Meaning(Class.TEMPERATURE, UnitOfTemperature.CELSIUS),
    ("temp", "F"): Meaning(Class.TEMPERATURE, UnitOfTemperature.FAHRENHEIT),
    ("relative-humidity", "% RH"): Meaning(Class.HUMIDITY, _PERCENT),
    ("soil-moisture-percent", "%"): Meaning(Class.MOISTURE, _PERCENT),
    ("pressure", "Pa"): Meaning(Class.PRESSURE, UnitOfPressure.PA),
    ("pressure", "hPa"): Meaning(Class.PRESSURE, UnitOfPressure.HPA),
    ("pressure", "mbar"): Meaning(Class.PRESSURE, UnitOfPressure.MBAR),
    ("pressure", "psi"): Meaning(Class.PRESSURE, UnitOfPressure.PSI),
    ("electrical-conductivity", "uS/cm"): Meaning(
        Class.CONDUCTIVITY, UnitOfConductivity.MICROSIEMENS_PER_CM
    ),
    ("electrical-conductivity", "mS/cm"): Meaning(
        Class.CONDUCTIVITY, UnitOfConductivity.MILLISIEMENS_PER_CM
    ),
    ("current", "A"): Meaning(Class.CURRENT, UnitOfElectricCurrent.AMPERE),
    ("current", "mA"): Meaning(Class.CURRENT, UnitOfElectricCurrent.MILLIAMPERE),
    ("420-milliamps", "mA"): Meaning(Class.CURRENT, UnitOfElectricCurrent.MILLIAMPERE),
    ("420-milliamps", "psi"): Meaning(Class.PRESSURE, UnitOfPressure.PSI),
    ("420-milliamps", "gpm"): Meaning(
        Class.VOLUME_FLOW_RATE, UnitOfVolumeFlowRate.GALLONS_PER_MINUTE
    ),
    ("dust-density", "ug/m3"): Meaning(None, UnitOfDensity.MICROGRAMS_PER_CUBIC_METER),
    ("dust-density", "mg/m3"): Meaning(None, UnitOfDensity.MILLIGRAMS_PER_CUBIC_METER),
    ("acceleration", "g"): Meaning(None, "g"),
    ("pulse-rate", "rpm"): Meaning(None, "rpm"),
    # Pulses per minute, never parts per million.
    ("pulse-rate", "ppm"): Meaning(None, "pulses/min"),
}
# Without a known type of variable only what cannot be mistaken.
_BY_SHORT: Final[dict[str, Meaning]] = {
    short: meaning
    for (_, short), meaning in _UNITS.items()
    if short in {"M^3", "LPM", "LPH", "GPM", "GPH", "M^3/H", "% RH", "hPa", "mbar"}
}
_BY_FULL: Final[dict[str, Meaning]] = {
    "celsius": _UNITS["temp", "C"],
    "fahrenheit": _UNITS["temp", "F"],
    "kelvin": _UNITS["temp", "K"],
    "liters": _UNITS[VOLUME, "L"],
    "gallons": _UNITS[VOLUME, "G"],
    "cubic meters": _UNITS[VOLUME, "M^3"],
}
_AIR_PRESSURE: Final = 0x5021


def meaning(stream: Stream) -> Meaning:
    """Return what the numbers of a stream are; unknown units are shown as they are."""
    unit = stream.output_unit
    if unit is None:
        return Meaning()
    found = (
        _UNITS.get((stream.var_type or "", unit.short))
        or _BY_SHORT.get(unit.short)
        or _BY_FULL.get(unit.full.strip().lower())
        or Meaning(None, unit.short or None)
    )
    device_class = found.device_class
    if device_class is Class.PRESSURE and stream.variable == _AIR_PRESSURE:
        device_class = Class.ATMOSPHERIC_PRESSURE
    decimals = None if found.stored else found.decimals
    if decimals is None and unit.decimals is not None and not found.stored:
        least = 1 if device_class is Class.TEMPERATURE else 0
        decimals = max(unit.decimals, least)
    return Meaning(device_class, found.unit, found.stored, decimals)
