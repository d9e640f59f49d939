"""OBIS ids of meters in all countries (``docs/protocols/dsmr.md#electricity``).

No version is needed: reduced ids have the same meaning everywhere.

* A = 1 (electricity): matched on C.D.E, whatever B; key ``1-0:C.D.E``.
* A = 0, B = 0 (the meter itself): matched on C.D.E; key ``0-0:C.D.E``.
* A = 0, B > 0 (M-Bus channel B): matched on C.D.E; key ``0-B:C.D.E``.
* A = 7 (gas, read directly): key ``7-0:C.D.E``.

A trailing ``*255`` (EasyMeter) or ``.255`` is dropped, and an id without A and B
(``1.8.0``) is that of the electricity meter. Only the meaning of tariff numbers differs
between countries; see ``dialect.py``.
"""

from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache
import re
from typing import Final


class Kind(Enum):
    """Format of the groups of a line, and the type of its value."""

    NUMBER = auto()
    """``(value*unit)``: float."""
    COUNT = auto()
    """``(digits)``: int."""
    LIMIT = auto()
    """``(value*unit)``: float, or None for 999 and similar: no limit set."""
    LIMITS = auto()
    """``(value*A)(-value*A)``: CurrentLimits."""
    TEXT = auto()
    """Plain text: str."""
    ID = auto()
    """Hex of a printable text, or plain text: str."""
    MESSAGE = auto()
    """Hex of a message to the user, or plain text: str."""
    STAMP = auto()
    """``(YYMMDDhhmmssX)``: Stamp."""
    FAILURES = auto()
    """``(n)(id){(stamp)(seconds*s)}``: tuple of PowerFailure."""
    PEAK = auto()
    """``(stamp)(value*kW)``: Peak."""
    PEAKS = auto()
    """``(n)(id)(id){(month)(stamp)(value*kW)}``: tuple of MonthlyPeak."""
    MBUS = auto()
    """``(stamp)(value*unit)``, in either order: MBusReading."""
    PROFILE = auto()
    """A log of earlier readings or events: not used."""
    HOURLY = auto()
    """``(stamp)(status)(period)(n)(id)(unit)(value)``: MBusReading."""
    UNKNOWN = auto()
    """Not in the tables."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """Meaning of a printed id.

    ``channel`` is set for lines of an M-Bus device.
    """

    key: str
    kind: Kind
    channel: int | None = None


_PHASES: Final = (20, 40, 60)

_ELECTRICITY: Final[dict[str, Kind]] = {
    # Ids and versions.
    "0.0.0": Kind.ID,
    "0.2.0": Kind.TEXT,
    "0.2.8": Kind.TEXT,
    "96.5.5": Kind.TEXT,
    # Server id and number of the meter (Germany, Poland).
    **{f"0.0.{e}": Kind.ID for e in range(1, 10)},
    "96.1.0": Kind.ID,
    "96.1.1": Kind.ID,
    "96.1.255": Kind.TEXT,
    # Energy: active, reactive by quadrant, apparent, absolute; total and all tariffs.
    **{f"{c}.8.{e}": Kind.NUMBER for c in (*range(1, 11), 15, 16) for e in range(64)},
    # Power of all phases: active, reactive, by quadrant, apparent; current, voltage,
    # power factor, frequency, absolute active; sum of currents, neutral.
    **{f"{c}.7.0": Kind.NUMBER for c in (*range(1, 17), 90, 91)},
    # The same per phase: active +/-, reactive +/-, apparent +/-, I, U, power factor.
    **{
        f"{phase + c}.7.0": Kind.NUMBER
        for phase in _PHASES
        for c in (1, 2, 3, 4, 9, 10, 11, 12, 13)
    },
    # Fuse supervision.
    **{f"{phase + 11}.4.0": Kind.LIMIT for phase in _PHASES},
    # Sags and swells: number, and duration and magnitude of the last one.
    **{
        f"{phase + 12}.{d}.0": kind
        for phase in _PHASES
        for d, kind in (
            (32, Kind.COUNT),
            (33, Kind.NUMBER),
            (34, Kind.NUMBER),
            (36, Kind.COUNT),
            (37, Kind.NUMBER),
            (38, Kind.NUMBER),
        )
    },
    # Averages and demand.
    **{f"{phase + 12}.24.0": Kind.NUMBER for phase in _PHASES},
    **{f"{c}.24.0": Kind.NUMBER for c in (1, 15, 16)},
    **{f"{c}.{d}.0": Kind.NUMBER for c in (1, 2, 3, 4, 9, 10) for d in (4, 5)},
    "13.3.0": Kind.NUMBER,
    "0.8.2": Kind.NUMBER,
    "96.14.0": Kind.COUNT,
    "96.50.68": Kind.COUNT,
    **{f"{c}.6.0": Kind.PEAK for c in (1, 2)},
    "94.32.1": Kind.NUMBER,
    "98.1.0": Kind.PEAKS,
    "99.97.0": Kind.FAILURES,
    **dict.fromkeys(("99.1.0", "99.1.1", "99.2.0"), Kind.PROFILE),
}

_METER: Final[dict[str, Kind]] = {
    "0.0.0": Kind.ID,
    "1.0.0": Kind.STAMP,
    "17.0.0": Kind.LIMIT,
    "42.0.0": Kind.ID,
    "96.1.0": Kind.ID,
    "96.1.1": Kind.ID,
    "96.1.2": Kind.ID,
    "96.1.4": Kind.TEXT,
    **{f"96.1.{e}": Kind.ID for e in (3, 5, 6, 7, 8, 9)},
    "96.1.255": Kind.TEXT,
    "96.3.10": Kind.COUNT,
    "96.50.68": Kind.COUNT,
    "96.7.9": Kind.COUNT,
    "96.7.21": Kind.COUNT,
    **{f"96.13.{e}": Kind.MESSAGE for e in range(6)},
    "96.14.0": Kind.COUNT,
    "96.14.1": Kind.COUNT,
    "98.1.0": Kind.PEAKS,
    # Luxembourg's specification has these with A = 0, its meters print A = 1.
    "99.97.0": Kind.FAILURES,
    **{f"99.98.{e}": Kind.PROFILE for e in range(10)},
    **{f"{c + 12}.{d}.0": Kind.COUNT for c in _PHASES for d in (32, 36)},
}

_CHANNEL: Final[dict[str, Kind]] = {
    "24.1.0": Kind.COUNT,
    "24.2.1": Kind.MBUS,
    "24.2.3": Kind.MBUS,
    "24.3.0": Kind.HOURLY,
    "24.3.1": Kind.HOURLY,
    "24.4.0": Kind.COUNT,
    "96.1.0": Kind.ID,
    "96.1.1": Kind.ID,
    "96.1.2": Kind.ID,
}

_GAS: Final[dict[str, Kind]] = {"0.0.0": Kind.ID, "23.1.0": Kind.MBUS}

# These two ids must not be reduced, because other ids reduce to the same: the version
# of the P1 standard and, in Lithuania, the checksum of the firmware.
P1_VERSION: Final = "1-3:0.2.8"
RELAY: Final = "96.3.10"

# One key for ids that some meters print with A = 0 and others with A = 1.
_SAME: Final = {
    "0-0:96.14.1": "0-0:96.14.0",
    "1-0:96.14.0": "0-0:96.14.0",
    "0-0:96.50.68": "0-0:96.3.10",
    "1-0:96.50.68": "0-0:96.3.10",
    "1-0:98.1.0": "0-0:98.1.0",
    "0-0:99.97.0": "1-0:99.97.0",
    **{f"0-0:{c + 12}.{d}.0": f"1-0:{c + 12}.{d}.0" for c in _PHASES for d in (32, 36)},
}

_OLD: Final = re.compile(
    r"\s*(?:\d{1,3}-\d{1,3}:)?\d{1,3}\.\d{1,3}\.\d{1,3}[.*&]\d{1,3}\s*"
)
_ID: Final = re.compile(
    r"\s*(?:(\d{1,3})-(\d{1,3}):)?(\d{1,3}\.\d{1,3}\.\d{1,3})(?:[.*]255)?\s*"
)


@lru_cache(maxsize=1024)
def meaning(printed: str, groups: int = 1) -> Meaning | None:
    """Return the meaning of a line's id.

    ``printed`` is everything before the first parenthesis, ``groups`` the number of
    groups after it. Returns None if the text is not an OBIS id; an id that is not in
    the tables has its text as key and the kind UNKNOWN.
    """
    if (match := _ID.fullmatch(printed)) is None:
        # Values of earlier months (``1.8.0*12``) are recognized, but not used.
        return (
            Meaning(printed.strip(), Kind.UNKNOWN) if _OLD.fullmatch(printed) else None
        )
    printed = printed.strip()
    cde = match[3]
    # Without A and B (IEC 62056-21) it is the electricity meter's register, or the
    # meter itself.
    a = int(match[1] or (1 if cde in _ELECTRICITY else 0))
    b = int(match[2] or 0)
    kind: Kind | None = None
    key = printed
    channel: int | None = None
    if printed == P1_VERSION:
        return Meaning(P1_VERSION, Kind.TEXT)
    if a == 1:
        # Luxembourg has one id for two currents; its specification says 34.4.0.
        if groups == 2 and cde in {"31.4.0", "34.4.0"}:
            return Meaning("1-1:31.4.0", Kind.LIMITS)
        kind, key = _ELECTRICITY.get(cde), f"1-0:{cde}"
    elif a == 0 and b == 0:
        kind, key = _METER.get(cde), f"0-0:{cde}"
    elif a == 0:
        kind, key, channel = _CHANNEL.get(cde), f"0-{b}:{cde}", b
        if cde == RELAY:
            # A relay has no meter: channels 3 and 4 in Belgium are relays only.
            kind, channel = Kind.COUNT, None
    elif a == 7:
        kind, key, channel = _GAS.get(cde), f"7-0:{cde}", 0
    if kind is None:
        return Meaning(printed, Kind.UNKNOWN)
    return Meaning(_SAME.get(key, key), kind, channel)
