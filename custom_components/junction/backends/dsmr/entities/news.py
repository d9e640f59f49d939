"""Peaks of demand, the breaker and messages."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import UnitOfPower

from ....model import Detailed, SensorValue
from ..models import Telegram
from .source import Pace, Source, Value, iso, news, number

# The Flemish capacity tariff counts at least this much for every month (kW).
LOWEST_PEAK: Final = 2.5
MONTHS: Final = 12
# Home Assistant's longest state; meters may send a message of 1024 characters.
MAX_STATE: Final = 255


BREAKER: Final[dict[float | None, str]] = {0: "off", 1: "on", 2: "ready"}


def demand() -> Iterator[Source]:
    """Yield quarter-hour averages and their peaks."""
    kilowatt: dict[str, Any] = {
        "device_class": SensorDeviceClass.POWER,
        "native_unit_of_measurement": UnitOfPower.KILO_WATT,
        "state_class": SensorStateClass.MEASUREMENT,
        "suggested_display_precision": 3,
        "diagnostic": False,
    }
    power = (SensorDeviceClass.POWER, UnitOfPower.KILO_WATT)
    yield number("demand_import", "1-0:1.4.0", *power, pace=Pace.POWER, precision=3)
    for key, obis in (
        ("demand_export", "1-0:2.4.0"),
        ("demand_import_last", "1-0:1.5.0"),
        ("demand_export_last", "1-0:2.5.0"),
        ("demand_average_import", "1-0:1.24.0"),
        ("demand_average_absolute", "1-0:15.24.0"),
        ("demand_average_net", "1-0:16.24.0"),
    ):
        yield number(key, obis, *power, pace=Pace.POWER, on=False, precision=3)
    yield news("peak_month", "1-0:1.6.0", _peak, on=True, **kilowatt)
    yield news(
        "peak_month_at",
        "1-0:1.6.0",
        lambda telegram: telegram.utc(
            peak.occurred if (peak := telegram.peak) else None
        ),
        device_class=SensorDeviceClass.TIMESTAMP,
    )
    yield news(
        "peak_last_month",
        "0-0:98.1.0",
        _last_peak,
        on=True,
        exists=_has_peaks,
        **kilowatt,
    )
    yield news(
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
    """Return the mean of the last twelve completed months, as Flanders bills it."""
    if not (history := telegram.peak_history):
        return None
    billed = [max(LOWEST_PEAK, peak.kilowatt) for peak in history[-MONTHS:]]
    return Detailed[SensorValue](
        round(sum(billed) / len(billed), 3), {"months": len(billed)}
    )


def status() -> Iterator[Source]:
    """Yield the breaker, the messages and the clock."""

    def breaker(telegram: Telegram) -> Value:
        return BREAKER.get(telegram.number("0-0:96.3.10"))

    def message(telegram: Telegram) -> Value:
        text = telegram.text("0-0:96.13.0")
        long = {
            f"channel_{n}": other
            for n in range(2, 6)
            if (other := telegram.text(f"0-0:96.13.{n}"))
        }
        return Detailed[SensorValue](
            text[:MAX_STATE] if text else "", {"text": text or "", **long}
        )

    yield news(
        "breaker",
        "0-0:96.3.10",
        breaker,
        device_class=SensorDeviceClass.ENUM,
        options=list(BREAKER.values()),
    )
    yield news(
        "message",
        "0-0:96.13.0",
        message,
        more_keys=tuple(f"0-0:96.13.{n}" for n in range(2, 6)),
    )
    yield news("message_code", "0-0:96.13.1", lambda t: t.text("0-0:96.13.1") or "")
    yield replace(
        news(
            "telegram_time",
            "0-0:1.0.0",
            lambda telegram: telegram.timestamp,
            lasting=False,
            device_class=SensorDeviceClass.TIMESTAMP,
        ),
        pace=Pace.SLOW,
    )
