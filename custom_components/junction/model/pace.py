"""Limit how often a sensor is written.

Sensors measure noise: a lux meter that reports every second always changes. A
significant change is written at once, and others at the interval of their kind of
reading, so that the recorder does not fill with noise.

A step is more than the repeatability of a reading. The values come from data sheets of
sensors that these systems use: 0.4 °C and 2 % (DHT22: 0.2 °C and 1 %), 20 ppm of carbon
dioxide (SCD30: 10 ppm). The captured answers hold no series of a sensor at rest; where
their room temperatures are whole or half degrees, every change is a step. The other
steps are estimates.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from homeassistant.components.sensor import SensorDeviceClass, SensorEntityDescription
from homeassistant.const import EntityCategory

from .states import SensorValue

# A sum of binary fractions may be slightly below its decimal value.
_NEARLY: Final = 1e-9
_NUMBERS: Final = (int, float, Decimal)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Interval in seconds between two writes, and the change that is written at once.

    ``step`` is in the unit of the reading; with None no change is written early.
    ``share`` is the fraction of the shown value by which the reading must change as
    well.
    """

    seconds: float
    step: float | None = None
    share: float = 0.0

    def means(self, shown: SensorValue | None, new: SensorValue | None) -> bool:
        """Return whether the new reading differs significantly from the shown one.

        A change from or to None always does.
        """
        if shown is None or new is None:
            return shown is not new
        if not isinstance(shown, _NUMBERS) or not isinstance(new, _NUMBERS):
            return isinstance(new, str) and new != shown
        if self.step is None:
            return False
        before = float(shown)
        change = abs(float(new) - before) + _NEARLY
        return change >= max(self.step, self.share * abs(before))


DIAGNOSIS: Final = Pace(seconds=30)
"""Pace of diagnostic counters and timestamps."""

BY_CLASS: Final[Mapping[SensorDeviceClass, Pace]] = {
    SensorDeviceClass.TEMPERATURE: Pace(seconds=30, step=0.5),
    SensorDeviceClass.HUMIDITY: Pace(seconds=30, step=3),
    SensorDeviceClass.MOISTURE: Pace(seconds=30, step=2),
    SensorDeviceClass.ILLUMINANCE: Pace(seconds=30, step=10, share=0.2),
    SensorDeviceClass.IRRADIANCE: Pace(seconds=30, step=20, share=0.2),
    SensorDeviceClass.SOUND_PRESSURE: Pace(seconds=30, step=6),
    SensorDeviceClass.SIGNAL_STRENGTH: Pace(seconds=60, step=10),
    SensorDeviceClass.ATMOSPHERIC_PRESSURE: Pace(seconds=60),
    SensorDeviceClass.WIND_SPEED: Pace(seconds=30, step=2, share=0.5),
    SensorDeviceClass.CO2: Pace(seconds=30, step=50),
    SensorDeviceClass.PM1: Pace(seconds=30, step=5, share=0.2),
    SensorDeviceClass.PM25: Pace(seconds=30, step=5, share=0.2),
    SensorDeviceClass.PM10: Pace(seconds=30, step=5, share=0.2),
    SensorDeviceClass.VOLATILE_ORGANIC_COMPOUNDS: Pace(seconds=30, step=50, share=0.2),
    SensorDeviceClass.VOLATILE_ORGANIC_COMPOUNDS_PARTS: Pace(
        seconds=30, step=50, share=0.2
    ),
    SensorDeviceClass.PH: Pace(seconds=30, step=0.2),
}

# Diagnostic sensors of these classes, and numbers without a class, are never urgent.
_PATIENT: Final = (SensorDeviceClass.TIMESTAMP, SensorDeviceClass.DURATION)


def pace_of(description: SensorEntityDescription) -> Pace | None:
    """Return the pace of a sensor, None if every change is written.

    Power, voltage, energy, and other readings of a meter have intervals in the options.
    """
    kind = description.device_class
    if description.entity_category is EntityCategory.DIAGNOSTIC and (
        kind in _PATIENT or (kind is None and description.state_class is not None)
    ):
        return DIAGNOSIS
    return None if kind is None else BY_CLASS.get(kind)
