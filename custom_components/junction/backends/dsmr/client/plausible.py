"""Tell which readings of counters can follow each other.

See ``docs/protocols/dsmr.md#implausible-counters``.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from .models import MBusReading, Reading
from .units import converted

_HOUR: Final = 3600.0

# What a connection can carry (per hour): for an hour, and on average for longer.
_PEAK: Final = 100.0
_SUSTAINED: Final = 40.0
# Counters are printed with a delay (s).
_DELAY: Final = 15.0

# The same of meters behind this one, by unit; readings may come hours late.
_MBUS_FLOW: Final[dict[str | None, float]] = {
    "m³": 50.0,
    "kWh": 500.0,
    "MJ": 1000.0,
    "GJ": 1.0,
    None: 1000.0,
}
_MBUS_DELAY: Final = 2.0
READINGS_APART: Final = 300.0
"""Seconds between two readings of a meter behind this one without a time."""

# What it takes to be believed: so many readings, over so many seconds.
_CONFIRMATIONS: Final = 3
_CONFIRMED_AFTER: Final = 60.0
# A counter at rest at 0 proves nothing: restarting meters print that for an hour.
_ZERO_CONFIRMED_AFTER: Final = 24 * _HOUR


@dataclass(slots=True)
class Held:
    """A reading that is not believed yet."""

    good_at: float
    """When the last believed one was still printed (s)."""
    since: float
    value: float
    unit: str | None
    stamp: datetime | None
    counted_at: float
    readings: int = 1
    confirmed: bool = False


@dataclass(slots=True)
class Believed:
    """The last reading that was believed."""

    value: float
    unit: str | None
    at: float
    line: Reading | MBusReading
    stamp: datetime | None = None


def can_carry(
    old: float, old_unit: str | None, value: float, unit: str | None, seconds: float
) -> bool:
    """Tell whether an electricity register can have gone from one value to the other."""
    in_unit = converted(value, unit, old_unit)
    if in_unit is None:
        return False
    hours = (max(0.0, seconds) + _DELAY) / _HOUR
    allowed = _PEAK * min(hours, 1.0) + _SUSTAINED * max(0.0, hours - 1.0)
    return 0.0 <= in_unit - old <= allowed


def can_flow(old: Believed, value: float, unit: str | None, seconds: float) -> bool:
    """Tell whether a meter behind this one can have gone from one value to the other."""
    if (unit is None) != (old.unit is None):
        return False
    in_unit = converted(value, unit, old.unit)
    if in_unit is None:
        return False
    hours = max(0.0, seconds) / _HOUR + _MBUS_DELAY
    flow = _MBUS_FLOW.get(old.unit, _MBUS_FLOW[None])
    return 0.0 <= in_unit - old.value <= flow * hours


def is_confirmed(held: Held, at: float) -> bool:
    """Tell whether enough readings, over enough time, went on from a held one."""
    if held.readings < _CONFIRMATIONS:
        return False
    needed = _ZERO_CONFIRMED_AFTER if held.value == 0 else _CONFIRMED_AFTER
    return at - held.since >= needed
