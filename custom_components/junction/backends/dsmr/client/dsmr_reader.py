"""Telegram in the formats of DSMR-reader: as printed, or as parsed values.

Parsed values do not depend on the meter type set on the server, which otherwise refuses
telegrams without a checksum and the registers of Luxembourg and Sweden, and silently
drops Belgian gas.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from .dialect import Dialect, dialect_of, p1_version
from .models import MBusDevice, Telegram

# Fields of a reading, each with the registers that may hold it, best first.
_REGISTERS: Final[Mapping[str, tuple[str, ...]]] = {
    "electricity_delivered_1": ("1-0:1.8.1", "1-0:1.8.0"),
    "electricity_returned_1": ("1-0:2.8.1", "1-0:2.8.0"),
    "electricity_delivered_2": ("1-0:1.8.2",),
    "electricity_returned_2": ("1-0:2.8.2",),
    "electricity_currently_delivered": ("1-0:1.7.0",),
    "electricity_currently_returned": ("1-0:2.7.0",),
}
_PHASES: Final = tuple(
    (f"{name}_l{phase}", f"1-0:{20 * phase + group}.7.0", unit, digits)
    for phase in (1, 2, 3)
    for name, group, unit, digits in (
        ("phase_currently_delivered", 1, "kW", 3),
        ("phase_currently_returned", 2, "kW", 3),
        ("phase_voltage", 12, "V", 1),
        ("phase_power_current", 11, "A", 0),
    )
)
_FACTS: Final = {
    "electricity_tariff": "0-0:96.14.0",
    "power_failure_count": "0-0:96.7.21",
    "long_power_failure_count": "0-0:96.7.9",
    **{f"voltage_sag_count_l{n}": f"1-0:{20 * n + 12}.32.0" for n in (1, 2, 3)},
    **{f"voltage_swell_count_l{n}": f"1-0:{20 * n + 12}.36.0" for n in (1, 2, 3)},
}
_GAS: Final = 3
_LIMIT: Final = 1_000_000.0


def is_plain(telegram: Telegram) -> bool:
    """Return whether a server with default settings accepts the telegram as printed.

    It does for a Dutch meter with a checksum and a timestamp.
    """
    return (
        telegram.crc is not None
        and telegram.timestamp is not None
        and dialect_of(telegram) in (Dialect.DSMR_4, Dialect.DSMR_5)
    )


def raw_text(telegram: Telegram) -> str:
    """Return a telegram as text, one character per byte."""
    return telegram.raw.decode("latin-1")


def parsed(telegram: Telegram, now: datetime) -> dict[str, Any] | None:
    """Return a telegram as ``{"reading": …, "facts": …}`` for API v2.

    ``now`` is the time of telegrams without a timestamp. Returns None without any
    import register, because a reading requires one.
    """
    if _first(telegram, _REGISTERS["electricity_delivered_1"]) is None:
        return None
    moment = telegram.timestamp or now
    reading: dict[str, Any] = {"timestamp": moment.isoformat()}
    for field, keys in _REGISTERS.items():
        reading[field] = f"{_first(telegram, keys) or 0.0:.3f}"
    for field, key, unit, digits in _PHASES:
        if (value := telegram.quantity(key, unit)) is not None and value >= 0:
            reading[field] = f"{value:.{digits}f}" if digits else round(value)
    gas = next(filter(None, map(_gas, telegram.mbus.values())), None)
    if gas is not None and gas.reading is not None:
        reading["extra_device_delivered"] = f"{gas.reading.value:.3f}"
        read_at = telegram.utc(gas.reading.stamp) or moment
        reading["extra_device_timestamp"] = read_at.isoformat()
    return {"reading": reading, "facts": _facts(telegram)}


def _first(telegram: Telegram, keys: tuple[str, ...]) -> float | None:
    for key in keys:
        value = telegram.quantity(key, "kW" if ".7." in key else "kWh")
        if value is not None and 0 <= value < _LIMIT:
            return value
    return None


def _gas(device: MBusDevice) -> MBusDevice | None:
    reading = device.reading
    if device.type != _GAS or reading is None or not reading.usable:
        return None
    return device if reading.value is not None and reading.unit == "m³" else None


def _facts(telegram: Telegram) -> dict[str, Any]:
    facts: dict[str, Any] = {
        field: round(value)
        for field, key in _FACTS.items()
        if (value := telegram.number(key)) is not None
    }
    version = p1_version(telegram) or ""
    if 0 < len(version) <= 2:
        facts["dsmr_version"] = version
    return facts
