"""Parse the lines of the last telegram that the API does not model.

The server has validated the telegram; see
``docs/protocols/dsmr_reader.md#meter-statistics``.
"""

from dataclasses import dataclass
from datetime import datetime, tzinfo
import hashlib
import re
from typing import Final

from ....moments import read_moment

_LINE: Final = re.compile(r"^(\d-\d):(\d+\.\d+\.\d+)((?:\([^)]*\))+)", re.MULTILINE)
_GROUP: Final = re.compile(r"\(([^)]*)\)")
_STAMP: Final = re.compile(r"(\d{12})([SW])")
_VALUE: Final = re.compile(r"(\d+(?:\.\d+)?)\*(\w+)")

MEDIA: Final = {
    4: "heat_meter",
    6: "warm_water_meter",
    7: "water_meter",
    10: "cooling_meter",
    12: "heat_meter",
}
"""Supported meters by their M-Bus type (EN 13757-3). The API itself has gas."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherMeter:
    """An M-Bus meter. ``unit`` is m³ or GJ.

    ``id`` is derived from its serial number without revealing it.
    """

    id: str
    medium: str
    value: float
    unit: str
    read_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Telegram:
    """The relevant lines. ``peak`` is that of the current month in Belgium, in kW."""

    belgian: bool = False
    peak: float | None = None
    peak_at: datetime | None = None
    meters: tuple[OtherMeter, ...] = ()


def parse_telegram(text: str | None, zone: tzinfo) -> Telegram:
    """Parse a telegram. Never raises. ``zone`` is the meter's."""
    if not text:
        return Telegram()
    lines: dict[tuple[str, str], list[str]] = {
        (found[1], found[2]): _GROUP.findall(found[3]) for found in _LINE.finditer(text)
    }
    peak = lines.get(("1-0", "1.6.0"), [])
    return Telegram(
        belgian=text.lstrip("\0 \r\n").startswith("/FLU"),
        peak=_value(peak[-1:])[0],
        peak_at=_moment(peak[:1], zone),
        meters=tuple(
            meter
            for channel in range(1, 5)
            if (meter := _meter(lines, f"0-{channel}", zone)) is not None
        ),
    )


def _meter(
    lines: dict[tuple[str, str], list[str]], channel: str, zone: tzinfo
) -> OtherMeter | None:
    kind = lines.get((channel, "24.1.0"), ["0"])[0]
    medium = MEDIA.get(int(kind)) if kind.isdecimal() else None
    serial = lines.get((channel, "96.1.0")) or lines.get((channel, "96.1.1")) or [""]
    groups = lines.get((channel, "24.2.1")) or lines.get((channel, "24.3.0")) or []
    value, unit = _value(groups[1:2])
    if medium is None or value is None or unit is None:
        return None
    name = hashlib.sha256(f"{kind}/{serial[0]}".encode()).hexdigest()[:12]
    return OtherMeter(
        id=f"{medium}_{name}",
        medium=medium,
        value=value,
        unit="m³" if unit == "m3" else unit,
        read_at=_moment(groups[:1], zone),
    )


def _value(groups: list[str]) -> tuple[float | None, str | None]:
    found = _VALUE.fullmatch(groups[0]) if groups else None
    return (float(found[1]), found[2]) if found else (None, None)


def _moment(groups: list[str], zone: tzinfo) -> datetime | None:
    found = _STAMP.fullmatch(groups[0]) if groups else None
    if found is None:
        return None
    local = f"20{found[1][:6]}T{found[1][6:]}"
    return read_moment(local, zone, fold=0 if found[2] == "S" else 1)
