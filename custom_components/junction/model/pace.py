"""How often a reading is worth a new state.

Sensors measure noise: a lux meter that reports each second is never still. What such a
sensor says is shown at once when it means something, and otherwise as often as its kind
of reading is worth, so that the recorder keeps a house and not its noise.

A step is more than two readings of the same thing differ by. What that is comes from data
sheets of sensors that these systems read: 0.4 °C and 2 % (DHT22: repeatable to 0.2 °C and
1 %), 20 ppm of carbon dioxide (SCD30: to 10 ppm). Captured answers hold no series of a
sensor at rest; where the room temperatures in them are whole or half degrees, a step is a
reading that moved at all. The other steps are chosen.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from homeassistant.components.sensor import SensorDeviceClass, SensorEntityDescription
from homeassistant.const import EntityCategory

from .states import SensorValue

# A sum of binary fractions falls short of what it stands for.
_NEARLY: Final = 1e-9
_NUMBERS: Final = (int, float, Decimal)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Seconds between two writes, and the change that is written at once.

    ``step`` is in the unit of the reading; None = no number means that much. ``share`` is
    the part of what was shown before that it has to change by as well.
    """

    seconds: float
    step: float | None = None
    share: float = 0.0

    def means(self, shown: SensorValue | None, new: SensorValue | None) -> bool:
        """Return whether a reading says something else than the one that is shown.

        From or to nothing known it always does.
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
"""What only counts, or tells when something was last so."""

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

# Diagnoses of these kinds, and numbers of no kind, are never in a hurry.
_PATIENT: Final = (SensorDeviceClass.TIMESTAMP, SensorDeviceClass.DURATION)


def pace_of(description: SensorEntityDescription) -> Pace | None:
    """Return how often a sensor is written, None when every change is.

    Power, voltage, energy and the other registers of a meter have intervals of their own,
    which the person chooses.
    """
    kind = description.device_class
    if description.entity_category is EntityCategory.DIAGNOSTIC and (
        kind in _PATIENT or (kind is None and description.state_class is not None)
    ):
        return DIAGNOSIS
    return None if kind is None else BY_CLASS.get(kind)
