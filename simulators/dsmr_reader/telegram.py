"""Parse telegrams as the product does; see docs/protocols/dsmr_reader.md#forwarding."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
import re
from typing import Any
from zoneinfo import ZoneInfo

from .state import Vendor

_LINE = re.compile(r"^(\d+-\d+:\d+\.\d+\.\d+)(\(.*\))\s*$", re.MULTILINE)
_GROUP = re.compile(r"\(([^)]*)\)")
_STAMP = re.compile(r"(\d{12})([SW])")

_REQUIRED = {
    "electricity_delivered_1": "1-0:1.8.1",
    "electricity_returned_1": "1-0:2.8.1",
    "electricity_currently_delivered": "1-0:1.7.0",
    "electricity_currently_returned": "1-0:2.7.0",
}
_OR_ZERO = {
    "electricity_delivered_2": "1-0:1.8.2",
    "electricity_returned_2": "1-0:2.8.2",
}
_OPTIONAL = {
    f"{name}_l{phase}": f"1-0:{20 * phase + group}.7.0"
    for phase in (1, 2, 3)
    for name, group in (
        ("phase_currently_delivered", 1),
        ("phase_currently_returned", 2),
        ("phase_voltage", 12),
        ("phase_power_current", 11),
    )
}
_STATISTICS = {
    "electricity_tariff": "0-0:96.14.0",
    "power_failure_count": "0-0:96.7.21",
    "long_power_failure_count": "0-0:96.7.9",
    **{f"voltage_sag_count_l{n}": f"1-0:{20 * n + 12}.32.0" for n in (1, 2, 3)},
    **{f"voltage_swell_count_l{n}": f"1-0:{20 * n + 12}.36.0" for n in (1, 2, 3)},
}


class RefusedError(Exception):
    """The telegram cannot be parsed: 500 with a text."""


class BrokenError(Exception):
    """A required register is missing: 500 with a web page."""


def crc16(data: bytes) -> int:
    """Return the CRC-16 (polynomial 0xA001 reflected, initial value 0)."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ 0xA001 if crc & 1 else crc >> 1
    return crc


def read(
    text: str, vendor: Vendor, zone: ZoneInfo, now: datetime
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the reading and the meter statistics in a telegram.

    Raises RefusedError and BrokenError.
    """
    text = text.strip("\0 \t\r\n")
    begin, end = text.find("/"), text.find("!")
    if begin < 0 or end < begin or text.count("!") > 1:
        raise RefusedError
    if vendor is not Vendor.DUTCH_OLD:
        # Each character was one byte on the meter's wire.
        body = text[begin : end + 1].encode("latin-1", "replace")
        if text[end + 1 : end + 5].upper() != f"{crc16(body):04X}":
            raise RefusedError
    lines = {found[1]: _GROUP.findall(found[2]) for found in _LINE.finditer(text)}
    reading = _reading(lines, vendor)
    moment = _stamp(lines.get("0-0:1.0.0", [""])[0], zone) or now
    if moment > now + timedelta(hours=24):
        raise RefusedError
    reading["timestamp"] = moment
    _add_gas(reading, lines, vendor, zone)
    statistics: dict[str, Any] = {"dsmr_version": None}
    for field, obis in _STATISTICS.items():
        statistics[field] = int(lines[obis][0]) if obis in lines else None
    if "1-3:0.2.8" in lines:
        statistics["dsmr_version"] = lines["1-3:0.2.8"][0][:2]
    return reading, statistics


def _reading(lines: Mapping[str, list[str]], vendor: Vendor) -> dict[str, Any]:
    required = dict(_REQUIRED)
    if vendor is Vendor.LUXEMBOURG:
        required["electricity_delivered_1"] = "1-0:1.8.0"
        required["electricity_returned_1"] = "1-0:2.8.0"
    reading: dict[str, Any] = {}
    for field, obis in required.items():
        if obis not in lines:
            raise BrokenError(obis)
        reading[field] = _number(lines[obis])
    for field, obis in _OR_ZERO.items():
        reading[field] = _number(lines[obis]) if obis in lines else Decimal(0)
    for field, obis in _OPTIONAL.items():
        if obis in lines:
            value = _number(lines[obis])
            reading[field] = int(value) if "power_current" in field else value
    return reading


def _add_gas(
    reading: dict[str, Any],
    lines: Mapping[str, list[str]],
    vendor: Vendor,
    zone: ZoneInfo,
) -> None:
    for channel in range(1, 5):
        groups = lines.get(f"0-{channel}:24.2.1")
        if vendor is Vendor.FLUVIUS:
            groups = lines.get(f"0-{channel}:24.2.3", groups)
        kind = lines.get(f"0-{channel}:24.1.0", ["003"])[0]
        if groups and len(groups) > 1 and int(kind or 0) == 3:
            reading["extra_device_timestamp"] = _stamp(groups[0], zone)
            reading["extra_device_delivered"] = _number(groups[1:])
            return


def _number(groups: list[str]) -> Decimal:
    return Decimal(groups[0].partition("*")[0])


def _stamp(text: str, zone: ZoneInfo) -> datetime | None:
    if not (found := _STAMP.fullmatch(text)):
        return None
    naive = datetime.strptime(found[1], "%y%m%d%H%M%S")  # noqa: DTZ007 - the zone follows
    summer = found[2] == "S"
    local = naive.replace(tzinfo=zone, fold=0 if summer else 1)
    return local.astimezone(UTC)
