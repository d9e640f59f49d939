"""Quarter-hour demand and its monthly peaks."""

from collections.abc import Iterator
from typing import Any, Final

from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import UnitOfPower

from ....model import Detailed, SensorValue
from ..client.models import Telegram
from .description import Pace, PointDescription, Value, at_once, iso, number

# Minimum peak per month in the Flemish capacity tariff (kW).
LOWEST_PEAK: Final = 2.5
MONTHS: Final = 12


def demand() -> Iterator[PointDescription]:
    """Yield quarter-hour averages and their peaks."""
    kilowatt: dict[str, Any] = {
        "device_class": SensorDeviceClass.POWER,
        "native_unit_of_measurement": UnitOfPower.KILO_WATT,
        "state_class": SensorStateClass.MEASUREMENT,
        "diagnostic": False,
    }
    power = (SensorDeviceClass.POWER, UnitOfPower.KILO_WATT)
    yield number("demand_import", "1-0:1.4.0", *power, pace=Pace.POWER)
    for key, obis in (
        ("demand_export", "1-0:2.4.0"),
        ("demand_import_last", "1-0:1.5.0"),
        ("demand_export_last", "1-0:2.5.0"),
        ("demand_average_import", "1-0:1.24.0"),
        ("demand_average_absolute", "1-0:15.24.0"),
        ("demand_average_net", "1-0:16.24.0"),
    ):
        yield number(key, obis, *power, pace=Pace.POWER, on=False)
    yield at_once("peak_month", "1-0:1.6.0", _peak, on=True, **kilowatt)
    yield at_once(
        "peak_month_at",
        "1-0:1.6.0",
        lambda telegram: telegram.utc(
            peak.occurred if (peak := telegram.peak) else None
        ),
        device_class=SensorDeviceClass.TIMESTAMP,
    )
    yield at_once(
        "peak_last_month",
        "0-0:98.1.0",
        _last_peak,
        on=True,
        exists=_has_peaks,
        **kilowatt,
    )
    yield at_once(
        "peak_average",
        "0-0:98.1.0",
        _average_peak,
        on=True,
        exists=_has_peaks,
        **kilowatt,
    )


def _has_peaks(telegram: Telegram) -> bool:
    return telegram.peak_history is not None


def _peak(telegram: Telegram) -> Value:
    if (peak := telegram.peak) is None:
        return None
    return Detailed[SensorValue](
        peak.kilowatt, {"at": iso(telegram.utc(peak.occurred))}
    )


def _last_peak(telegram: Telegram) -> Value:
    if not (history := telegram.peak_history):
        return None
    return Detailed[SensorValue](
        history[-1].kilowatt,
        {
            "at": iso(telegram.utc(history[-1].occurred)),
            "months": [
                {
                    "until": iso(telegram.utc(peak.month)),
                    "at": iso(telegram.utc(peak.occurred)),
                    "kilowatt": peak.kilowatt,
                }
                for peak in history
            ],
        },
    )


def _average_peak(telegram: Telegram) -> Value:
    """Return the mean of the last twelve completed months, as billed in Flanders."""
    if not (history := telegram.peak_history):
        return None
    billed = [max(LOWEST_PEAK, peak.kilowatt) for peak in history[-MONTHS:]]
    return Detailed[SensorValue](
        round(sum(billed) / len(billed), 3), {"months": len(billed)}
    )
