"""Parse the groups of a line into values (``docs/protocols/dsmr.md#value-formats``).

Every parser takes the text between the first and the last parenthesis, returns the
value and its unit, and raises ValueError if the text is invalid.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
import re
from typing import Final

from ....cleaning import clean_text
from .models import (
    CurrentLimits,
    MBusReading,
    MonthlyPeak,
    Peak,
    PowerFailure,
    Stamp,
    Value,
)
from .obis import Kind
from .units import scaled, unit as normal_unit

# Value and unit are separated by ``*``, ``_``, whitespace, or nothing; whitespace
# around them and a decimal comma are allowed.
_NUMBER: Final = re.compile(
    rb" *([+-]?[0-9]{1,16})(?:[.,]([0-9]{1,12}))?(?:(?: *[*_] *| *(?=[A-Za-z]))([!-)+-~]{1,8}))?"
    rb" *"
)
_COUNT: Final = re.compile(
    rb" *([0-9]{1,16})(?:(?: *[*_] *| *(?=[A-Za-z]))[!-)+-~]{1,8})? *"
)
_HEX: Final = re.compile(rb"(?:[0-9A-Fa-f]{2})+")
_NO_LIMIT: Final = re.compile(rb"0*9+(?:[.,]9*)?0*")
_NINES: Final = 3
_KILOWATT: Final = ("kW", None)
_PRINTED: Final = re.compile(rb" *[+-]?([0-9.,]+)")

_SUMMER_HOUR: Final = timedelta(hours=1)
_STAMP_DIGITS: Final = 12
_FLAGS: Final = frozenset({b"S", b"W", b"s", b"w", b""})
_IS_STAMP: Final = re.compile(rb" *[0-9]{8,14}[A-Zsw]? *$|.*:| *$")
# Format of other meters (NES in Denmark: ``20240111 09:35:00``).
_LONG_STAMP: Final = re.compile(
    rb" *(?:20)?([0-9]{2})[-/.]?([0-9]{2})[-/.]?([0-9]{2})[ T]*"
    rb"([0-9]{2}):?([0-9]{2}):?([0-9]{2}) *([SWsw]?) *"
)
NO_STAMP: Final = Stamp("", None)


def read_stamp(text: bytes) -> Stamp:
    """Parse ``YYMMDDhhmmss`` followed by S, W, or (DSMR 2.2 and 3.0) nothing.

    ``YYYYMMDD hh:mm:ss`` is accepted too. Never raises: an invalid date becomes a stamp
    without a time.
    """
    if len(text) > _STAMP_DIGITS + 1 and (match := _LONG_STAMP.fullmatch(text)):
        text = b"".join(match.groups())
    digits, flag = text[:_STAMP_DIGITS], text[_STAMP_DIGITS:]
    printed = text.decode("ascii", "replace")
    # Hour 24 is valid for datetime, but a filler for meters.
    if not digits.isdigit() or digits[6:8] > b"23" or flag not in _FLAGS:
        return Stamp(printed, None)
    century = "19" if digits[:2] >= b"70" else "20"
    try:
        local = datetime.fromisoformat(f"{century}{printed[:6]}T{printed[6:12]}Z")
    except ValueError:
        return Stamp(printed, None)
    if flag in (b"S", b"s") or (not flag and is_summer(local)):
        local -= _SUMMER_HOUR
    return Stamp(printed, local)


def is_summer(local: datetime) -> bool:
    """Return whether Central European summer time applies; it does for ambiguous hours.

    Calculated, because a time zone database is read from disk, and this runs in the
    event loop.
    """
    begin = _last_sunday(local.year, 3, 2)
    end = _last_sunday(local.year, 10, 3)
    return begin <= local < end


def _last_sunday(year: int, month: int, hour: int) -> datetime:
    last = datetime(year, month, 31, hour, tzinfo=UTC)
    return last - timedelta(days=(last.weekday() + 1) % 7)


def _number(group: bytes) -> tuple[float | None, str | None]:
    if not group:
        return None, None
    if (match := _NUMBER.fullmatch(group)) is None:
        raise ValueError(group)
    value = float(match[1] + b"." + match[2]) if match[2] else float(match[1])
    if match[3] is None:
        return value, None
    unit, factor = normal_unit(match[3].decode("ascii"))
    return scaled(value, factor), unit


def _read_number(body: bytes) -> tuple[Value, str | None]:
    return _number(body)


def _read_count(body: bytes) -> tuple[Value, str | None]:
    if not body:
        return None, None
    if (match := _COUNT.fullmatch(body)) is None:
        raise ValueError(body)
    return int(match[1]), None


def _limit(group: bytes) -> tuple[float | None, str | None]:
    value, unit = _number(group)
    if (printed := _PRINTED.match(group)) is None:
        return value, unit
    digits = printed[1]
    if _NO_LIMIT.fullmatch(digits) and digits.count(b"9") >= _NINES:
        return None, unit
    return value, unit


def _read_limit(body: bytes) -> tuple[Value, str | None]:
    return _limit(body)


def _read_limits(body: bytes) -> tuple[Value, str | None]:
    first, _, second = body.partition(b")(")
    imported, unit = _limit(first)
    exported, other = _limit(second)
    if {unit, other} - {"A", None}:
        return None, unit
    return CurrentLimits(imported, exported), unit


def _plain(body: bytes) -> str | None:
    return clean_text(body.decode("utf-8", "replace")) or None


def _read_text(body: bytes) -> tuple[Value, str | None]:
    return _plain(body), None


def decode_id(body: bytes) -> str | None:
    """Return an id in readable form: hex of ASCII is decoded, others stay unchanged."""
    if _HEX.fullmatch(body):
        text = bytes.fromhex(body.decode("ascii")).decode("latin-1")
        if text.isascii() and text.isprintable():
            return text
    return _plain(body)


def _read_id(body: bytes) -> tuple[Value, str | None]:
    return decode_id(body), None


def _read_message(body: bytes) -> tuple[Value, str | None]:
    if _HEX.fullmatch(body):
        try:
            text = bytes.fromhex(body.decode("ascii")).decode("utf-8")
        except UnicodeDecodeError:
            return _plain(body), None
        if all(char.isprintable() or char.isspace() for char in text):
            return clean_text(text), None
    return _plain(body), None


def _read_clock(body: bytes) -> tuple[Value, str | None]:
    return read_stamp(body), None


def _read_failures(body: bytes) -> tuple[Value, str | None]:
    groups = body.split(b")(")[2:]
    log: list[PowerFailure] = []
    for end, seconds in zip(groups[::2], groups[1::2], strict=False):
        if (match := _COUNT.fullmatch(seconds)) is None:
            raise ValueError(seconds)
        log.append(PowerFailure(read_stamp(end), int(match[1])))
    return tuple(log), None


def _read_peak(body: bytes) -> tuple[Value, str | None]:
    stamp, _, value = body.rpartition(b")(")
    kilowatt, unit = _number(value)
    if kilowatt is None or unit not in _KILOWATT:
        return None, unit
    return Peak(read_stamp(stamp), kilowatt), unit


def _read_peaks(body: bytes) -> tuple[Value, str | None]:
    groups = body.split(b")(")
    if len(groups[0]) > _STAMP_DIGITS:
        # Hungary: registers at the end of last month under the same id.
        return None, None
    history: list[MonthlyPeak] = []
    rest = groups[3:]
    for month, at, value in zip(rest[::3], rest[1::3], rest[2::3], strict=False):
        kilowatt, unit = _number(value)
        stamp = read_stamp(month)
        if kilowatt is not None and unit in _KILOWATT and stamp.is_set:
            history.append(MonthlyPeak(stamp, read_stamp(at), kilowatt))
    history.sort(key=lambda peak: peak.month.order)
    return tuple(history), "kW"


def _mbus(
    stamp: Stamp, value: float | None, unit: str | None, *hourly: bytes
) -> MBusReading:
    status = hourly[0].decode("ascii", "replace") if hourly else None
    period = int(hourly[1]) if hourly and hourly[1].isdigit() else None
    # 0 without a unit means "not read yet"; heat cost allocators have no unit. Without
    # a time, only a value that cannot be that of an empty slot is valid.
    if stamp.is_set:
        usable = value is not None and (unit is not None or value != 0)
    else:
        usable = value is not None and unit is not None and value != 0
    return MBusReading("", stamp, value, unit, usable, status, period)


def _read_mbus(body: bytes) -> tuple[Value, str | None]:
    groups = body.split(b")(")
    if (
        len(groups) > 1
        and not _IS_STAMP.match(groups[0])
        and _NUMBER.fullmatch(groups[0])
    ):
        # Old Itron gas meters print the value first.
        groups.reverse()
    stamp = read_stamp(groups[0]) if len(groups) > 1 else NO_STAMP
    value, unit = _number(groups[-1])
    return _mbus(stamp, value, unit), unit


def _read_profile(body: bytes) -> tuple[Value, str | None]:
    return None, None


def _read_hourly(body: bytes) -> tuple[Value, str | None]:
    groups = body.split(b")(")
    if len(groups) < 6:
        raise ValueError(body)
    stamp, status, period, _, _, printed = groups[:6]
    value, _ = _number(groups[6] if len(groups) > 6 else b"")
    unit, factor = normal_unit(printed.decode("ascii", "replace"))
    if value is not None:
        value = scaled(value, factor)
    return _mbus(read_stamp(stamp), value, unit or None, status, period), unit


READERS: Final[dict[Kind, Callable[[bytes], tuple[Value, str | None]]]] = {
    Kind.NUMBER: _read_number,
    Kind.COUNT: _read_count,
    Kind.LIMIT: _read_limit,
    Kind.LIMITS: _read_limits,
    Kind.TEXT: _read_text,
    Kind.ID: _read_id,
    Kind.MESSAGE: _read_message,
    Kind.STAMP: _read_clock,
    Kind.FAILURES: _read_failures,
    Kind.PEAK: _read_peak,
    Kind.PEAKS: _read_peaks,
    Kind.MBUS: _read_mbus,
    Kind.HOURLY: _read_hourly,
    Kind.PROFILE: _read_profile,
}
