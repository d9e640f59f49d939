"""Units of IOTile Cloud in Home Assistant's terms.

See docs/protocols/iotile.md#units.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from homeassistant.components.sensor import SensorDeviceClass as Class
from homeassistant.const import (
    UnitOfConductivity,
    UnitOfDensity,
    UnitOfElectricCurrent,
    UnitOfElectricPotential,
    UnitOfPressure,
    UnitOfRatio,
    UnitOfTemperature,
    UnitOfVolume,
    UnitOfVolumeFlowRate,
)

from ..client.models import VOLUME, Stream, Unit

_PERCENT: Final = UnitOfRatio.PERCENTAGE
_FLOW: Final = "water-meter-flow"


type Convert = Callable[[float], float]


@dataclass(frozen=True, slots=True)
class Meaning:
    """Unit and device class of a number, and the conversion of the server's values.

    ``stored``: Home Assistant lacks the unit, so show the storage unit. ``factor`` is
    for percentages that the server has as fractions.
    """

    device_class: Class | None = None
    unit: str | None = None
    stored: bool = False
    decimals: int | None = None
    factor: float = 1.0

    @property
    def own_decimals(self) -> int | None:
        """Return the display precision if no other system has the quantity: the server's.

        Volts occur for batteries only.
        """
        return self.decimals if self.device_class in (None, Class.VOLTAGE) else None

    def native(self, stream: Stream) -> Convert:
        """Return a function that converts stored values to native values of the sensor."""
        if self.stored:
            return float
        if self.factor != 1.0:
            return lambda stored: stream.shown(stored) * self.factor
        return stream.shown

    def display(self, stream: Stream, native: float) -> float:
        """Return a native value of the sensor in the server's display unit."""
        return stream.shown(native) if self.stored else native / self.factor

    def from_display(self, stream: Stream, value: float) -> float:
        """Return a value in the server's display unit as a native value of the sensor."""
        if not self.stored:
            return value * self.factor
        return stream.output_unit.back(value) if stream.output_unit else value


# By type of variable and short name of the display unit; short names alone are
# ambiguous ("C" is Celsius only for a temperature, "G" gallons only for a volume).
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
    # The server's own factor for barrels seems 60 times too large.
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
    # Pulses per minute, not parts per million.
    ("pulse-rate", "ppm"): Meaning(None, "pulses/min"),
}
# Without a known type of variable, only unambiguous units.
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
_MOST_DECIMALS: Final = 6
_BATTERY: Final = Meaning(Class.VOLTAGE, UnitOfElectricPotential.VOLT, decimals=2)


# GS3 sensors report the volumetric water content of soil as a fraction.
_FRACTIONS: Final = frozenset({"in--soil-moisture-percent--gs3-decagon"})
_DECIMALS: Final = 2
"""Default decimals if the server has none."""
_VOLTS: Final = "V"


def meaning(stream: Stream) -> Meaning:
    """Return the meaning of a stream's numbers; unknown units are shown unchanged."""
    unit = stream.output_unit
    if unit is None:
        whole = stream.decimals if stream.decimals is not None else _DECIMALS
        return Meaning(decimals=max(whole, 0))
    found = (
        _UNITS.get((stream.var_type or "", unit.short))
        or _BY_SHORT.get(unit.short)
        or _BY_FULL.get(unit.full.strip().lower())
        or (_BATTERY if stream.recordless and unit.short == _VOLTS else None)
        or Meaning(None, unit.short or None)
    )
    if found.device_class is Class.PRESSURE and stream.variable == _AIR_PRESSURE:
        found = replace(found, device_class=Class.ATMOSPHERIC_PRESSURE)
    if stream.input_unit and stream.input_unit.slug in _FRACTIONS:
        found = replace(found, factor=100.0)
    return replace(found, decimals=_decimals(found, unit))


def _decimals(found: Meaning, unit: Unit) -> int:
    """Return the number of decimals to display."""
    if found.decimals is not None:
        return found.decimals
    if found.stored:
        # The server's decimals apply to another unit.
        return 0
    if unit.decimals is None or not 0 <= unit.decimals <= _MOST_DECIMALS:
        return _DECIMALS
    return max(unit.decimals, 1 if found.device_class is Class.TEMPERATURE else 0)
