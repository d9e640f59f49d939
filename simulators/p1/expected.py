"""Expected result for a telegram, in the shape of the JSON files beside the fixtures."""

from calendar import timegm
import re
import time
from typing import Any

from ..clock import HOUR, CivilTime
from .dialect import Dialect
from .telegram import Telegram

_STAMP = re.compile(r"(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)([SW]?)")
_MBUS = re.compile(r"0-([1-9]):(.*)")
_IDENTS = ("0-0:96.1.1", "0-0:42.0.0", "1-0:0.0.0", "0-0:96.1.0")


def expected(dialect: Dialect, civil: CivilTime, telegram: Telegram) -> dict[str, Any]:
    """Return header, crc, timestamp, values, mbus, failures, and peaks, all as printed."""
    lines = {obis.removesuffix("*255"): _groups(text) for obis, text in telegram.lines}
    stamp = lines.pop("0-0:1.0.0", [None])[0]
    ident = next((lines[obis][0] for obis in _IDENTS if obis in lines), None)
    result: dict[str, Any] = {
        "version": dialect.label,
        "header": telegram.header,
        "crc": telegram.crc,
        "timestamp": stamp,
        "timestamp_utc": _utc(stamp, civil),
        "equipment_id": ident,
        "equipment_id_text": _text(ident),
        "mbus": {},
        "power_failure_log": None,
        "peak_month": None,
        "peak_history": None,
    }
    values: dict[str, Any] = {}
    for obis, groups in lines.items():
        if obis == "1-0:99.97.0":
            result["power_failure_log"] = [
                {
                    "end": end,
                    "end_utc": _utc(end, civil),
                    "seconds": int(seconds.removesuffix("*s")),
                }
                for end, seconds in zip(groups[2::2], groups[3::2], strict=True)
            ]
        elif obis == "1-0:1.6.0":
            result["peak_month"] = {
                "timestamp": groups[0],
                "timestamp_utc": _utc(groups[0], civil),
                **_value(groups[1]),
            }
        elif obis == "0-0:98.1.0" and groups[1:2] == ["1-0:1.6.0"]:
            result["peak_history"] = [
                {
                    "month": month,
                    "month_utc": _utc(month, civil),
                    "occurred": occurred,
                    "occurred_utc": _utc(occurred, civil),
                    **_value(value),
                }
                for month, occurred, value in zip(
                    groups[3::3], groups[4::3], groups[5::3], strict=True
                )
            ]
        elif (match := _MBUS.match(obis)) and match[2] != "96.3.10":
            _mbus(
                result["mbus"].setdefault(match[1], _device()), match[2], groups, civil
            )
        else:
            values[obis] = _value(groups[0]) if len(groups) == 1 else {"raw": groups}
    result["values"] = values
    return result


def _groups(text: str) -> list[str]:
    """Return the values in brackets; one on its own line belongs to the line above."""
    return text.replace("\r\n", "")[1:-1].split(")(")


def _value(group: str) -> dict[str, str | None]:
    value, _, unit = group.partition("*")
    return {"value": value or None, "unit": unit or None}


def _text(ident: str | None) -> str | None:
    if not ident:
        return None
    try:
        text = bytes.fromhex(ident)
    except ValueError:
        return ident
    return (
        text.decode("latin-1") if all(0x20 <= byte < 0x7F for byte in text) else ident
    )


def _utc(stamp: str | None, civil: CivilTime) -> str | None:
    """Return a timestamp in ISO 8601, or None when it is invalid."""
    if stamp is None or not (match := _STAMP.fullmatch(stamp)):
        return None
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    if (
        not 1 <= month <= 12
        or not 1 <= day <= 31
        or hour > 23
        or minute > 59
        or second > 59
    ):
        return None
    year += 1900 if year >= 70 else 2000
    wall = timegm((year, month, day, hour, minute, second))
    if stamp.startswith("700101010000"):
        return "1970-01-01T00:00:00Z"
    moment = wall - civil.standard_hours * HOUR
    if match[7] == "S" or (not match[7] and civil.is_summer(moment - HOUR)):
        moment -= HOUR
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment))


def _device() -> dict[str, Any]:
    return {"type": None, "id": None, "id_text": None, "valve": None, "reading": None}


def _mbus(
    device: dict[str, Any], field: str, groups: list[str], civil: CivilTime
) -> None:
    match field:
        case "24.1.0":
            device["type"] = int(groups[0])
        case "96.1.0" | "96.1.1":
            device["id"] = groups[0] or None
            device["id_text"] = _text(groups[0])
        case "96.1.2":
            device["ean"] = _text(groups[0])
        case "24.4.0":
            device["valve"] = int(groups[0])
        case "24.3.0":
            stamp, status, period, _, _, unit, value = groups
            device["reading"] = {
                "obis": field,
                "timestamp": stamp,
                "timestamp_utc": _utc(stamp, civil),
                "status": status,
                "period_min": int(period),
                "value": value,
                "unit": unit,
            }
        case _:
            device["reading"] = {
                "obis": field,
                "timestamp": groups[0],
                "timestamp_utc": _utc(groups[0], civil),
                **_value(groups[1]),
            }
