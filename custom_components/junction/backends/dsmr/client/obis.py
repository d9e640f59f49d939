"""OBIS ids of the meters of every country (``docs/protocols/dsmr.md#electricity``).

No version is needed: ids mean the same everywhere once they are reduced.

* A = 1 (electricity): matched on C.D.E, whatever B; key ``1-0:C.D.E``.
* A = 0, B = 0 (the meter itself): matched on C.D.E; key ``0-0:C.D.E``.
* A = 0, B > 0 (M-Bus channel B): matched on C.D.E; key ``0-B:C.D.E``.
* A = 7 (gas, read directly): key ``7-0:C.D.E``.

A trailing ``*255`` (EasyMeter) or ``.255`` is dropped, and an id without A and B
(``1.8.0``) is read as that of the electricity meter. What differs between countries is only
what a tariff number means, which ``dialect.py`` knows.
"""

from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache
import re
from typing import Final


class Kind(Enum):
    """How the groups of a line are read, and as what."""

    NUMBER = auto()
    """``(value*unit)``: float."""
    COUNT = auto()
    """``(digits)``: int."""
    LIMIT = auto()
    """``(value*unit)``: float, or None for 999 and its like: no limit set."""
    LIMITS = auto()
    """``(value*A)(-value*A)``: CurrentLimits."""
    TEXT = auto()
    """Text in clear: str."""
    ID = auto()
    """Hex of a printable text, or text in clear: str."""
    MESSAGE = auto()
    """Hex of a text for people, or text in clear: str."""
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
    """No table knows it."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a printed id stands for.

    ``channel`` is set for what describes a device behind the meter.
    """

    key: str
    kind: Kind
    channel: int | None = None


_PHASES: Final = (20, 40, 60)

_ELECTRICITY: Final[dict[str, Kind]] = {
    # Ids and versions
    "0.0.0": Kind.ID,
    "0.2.0": Kind.TEXT,
    "0.2.8": Kind.TEXT,
    "96.5.5": Kind.TEXT,
    # Server id and number of the meter (Germany, Poland)
    **{f"0.0.{e}": Kind.ID for e in range(1, 10)},
    "96.1.0": Kind.ID,
    "96.1.1": Kind.ID,
    "96.1.255": Kind.TEXT,
    # Energy: active, reactive by quadrant, apparent, absolute; total and every tariff
    **{f"{c}.8.{e}": Kind.NUMBER for c in (*range(1, 11), 15, 16) for e in range(64)},
    # Power of all phases: active, reactive, by quadrant, apparent; current, voltage,
    # power factor, frequency, absolute active; sum of currents, neutral
    **{f"{c}.7.0": Kind.NUMBER for c in (*range(1, 17), 90, 91)},
    # The same per phase: active +/-, reactive +/-, apparent +/-, I, U, power factor
    **{
        f"{phase + c}.7.0": Kind.NUMBER
        for phase in _PHASES
        for c in (1, 2, 3, 4, 9, 10, 11, 12, 13)
    },
    # Fuse supervision
    **{f"{phase + 11}.4.0": Kind.LIMIT for phase in _PHASES},
    # Sags and swells: number, duration and magnitude of the last
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
    # Averages and demand
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
    # Luxembourg's table prints these with A = 0, its meters with A = 1
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

# The two ids that must not be reduced, because another one reduces to the same:
# the version of the P1 standard and, in Lithuania, the check sum of the firmware.
P1_VERSION: Final = "1-3:0.2.8"
RELAY: Final = "96.3.10"

# The key of what is printed with A = 0 here and A = 1 there: one of them.
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
    """Return what the id of a line stands for.

    ``printed`` is everything before the first parenthesis, ``groups`` the number of
    groups after it. Returns None when the text is no OBIS id; an id that no table
    knows keeps its text as key and is of kind UNKNOWN.
    """
    if (match := _ID.fullmatch(printed)) is None:
        # Values of earlier months (``1.8.0*12``) are named, and not used
        return (
            Meaning(printed.strip(), Kind.UNKNOWN) if _OLD.fullmatch(printed) else None
        )
    printed = printed.strip()
    cde = match[3]
    # Without A and B (IEC 62056-21) it is the electricity or the meter itself
    a = int(match[1] or (1 if cde in _ELECTRICITY else 0))
    b = int(match[2] or 0)
    kind: Kind | None = None
    key = printed
    channel: int | None = None
    if printed == P1_VERSION:
        return Meaning(P1_VERSION, Kind.TEXT)
    if a == 1:
        # Luxembourg has one id for two currents; its table says 34.4.0
        if groups == 2 and cde in {"31.4.0", "34.4.0"}:
            return Meaning("1-1:31.4.0", Kind.LIMITS)
        kind, key = _ELECTRICITY.get(cde), f"1-0:{cde}"
    elif a == 0 and b == 0:
        kind, key = _METER.get(cde), f"0-0:{cde}"
    elif a == 0:
        kind, key, channel = _CHANNEL.get(cde), f"0-{b}:{cde}", b
        if cde == RELAY:
            # A relay has no meter: channels 3 and 4 in Belgium are relays only
            kind, channel = Kind.COUNT, None
    elif a == 7:
        kind, key, channel = _GAS.get(cde), f"7-0:{cde}", 0
    if kind is None:
        return Meaning(printed, Kind.UNKNOWN)
    return Meaning(_SAME.get(key, key), kind, channel)
