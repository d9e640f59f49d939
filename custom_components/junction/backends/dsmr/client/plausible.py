"""Decide whether one counter reading can follow another."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from .models import MBusReading, Reading
from .units import converted

_HOUR: Final = 3600.0

# Maximum of a connection per hour (kWh, kvarh), for one hour and on average for longer.
_PEAK: Final = 100.0
_SUSTAINED: Final = 40.0
# Counters are printed with a delay (s).
_DELAY: Final = 15.0

# Maximum flow of M-Bus meters per hour, by unit; readings may be hours late.
_MBUS_FLOW: Final[dict[str | None, float]] = {
    "m³": 50.0,
    "kWh": 500.0,
    "MJ": 1000.0,
    "GJ": 1.0,
    None: 1000.0,
}
_MBUS_DELAY: Final = 2.0
READINGS_APART: Final = 300.0
"""Minimum seconds between two readings of an M-Bus meter without a time."""

# Number of readings, and seconds, that confirm a withheld reading.
_CONFIRMATIONS: Final = 3
_CONFIRMED_AFTER: Final = 60.0
# A counter that stays at 0 is no evidence: restarting meters print that for an hour.
_ZERO_CONFIRMED_AFTER: Final = 24 * _HOUR


@dataclass(slots=True)
class Held:
    """A withheld reading."""

    last_valid_at: float
    """When the last accepted reading was still printed (s)."""
    since: float
    value: float
    unit: str | None
    stamp: datetime | None
    counted_at: float
    readings: int = 1
    confirmed: bool = False


@dataclass(slots=True)
class Accepted:
    """The last accepted reading."""

    value: float
    unit: str | None
    at: float
    line: Reading | MBusReading
    stamp: datetime | None = None


def is_possible_register(
    old: float, old_unit: str | None, value: float, unit: str | None, seconds: float
) -> bool:
    """Return whether an electricity register can go from one value to the other."""
    in_unit = converted(value, unit, old_unit)
    if in_unit is None:
        return False
    hours = (max(0.0, seconds) + _DELAY) / _HOUR
    allowed = _PEAK * min(hours, 1.0) + _SUSTAINED * max(0.0, hours - 1.0)
    return 0.0 <= in_unit - old <= allowed


def is_possible_volume(
    old: Accepted, value: float, unit: str | None, seconds: float
) -> bool:
    """Return whether an M-Bus meter can go from one value to the other."""
    if (unit is None) != (old.unit is None):
        return False
    in_unit = converted(value, unit, old.unit)
    if in_unit is None:
        return False
    hours = max(0.0, seconds) / _HOUR + _MBUS_DELAY
    flow = _MBUS_FLOW.get(old.unit, _MBUS_FLOW[None])
    return 0.0 <= in_unit - old.value <= flow * hours


def is_confirmed(held: Held, at: float) -> bool:
    """Return whether enough later readings, over enough time, confirm a withheld one."""
    if held.readings < _CONFIRMATIONS:
        return False
    needed = _ZERO_CONFIRMED_AFTER if held.value == 0 else _CONFIRMED_AFTER
    return at - held.since >= needed
