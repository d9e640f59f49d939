"""Meter positions of a reading, for the history.

Of most rows of a page only the time is read, so a position reads few fields and is
fast; ``models.Reading`` has all fields of a reading.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
import math
from typing import Any, Final

from .models import REGISTERS, moment

_HOUR: Final = 3600
_FIELDS: Final = tuple(f"electricity_{name}" for name in REGISTERS)
# The server's field holds 9 digits.
_MOST: Final = 1e9


@dataclass(frozen=True, slots=True)
class Position:
    """Registers in Wh, gas in dm³, times as Unix time; None if missing."""

    time: float
    registers: tuple[int | None, ...]
    gas: int | None
    gas_time: float | None

    @property
    def hour(self) -> int:
        """Return the start of its hour."""
        return int(self.time) // _HOUR * _HOUR


def position_of(time: datetime, row: Mapping[str, Any]) -> Position:
    """Return the position in a row of ``datalogger/dsmrreading``."""
    gas = _thousandths(row.get("extra_device_delivered"))
    gas_time = moment(row, "extra_device_timestamp") if gas is not None else None
    return Position(
        time.timestamp(),
        tuple([_thousandths(row.get(name)) for name in _FIELDS]),
        gas,
        None if gas_time is None else gas_time.timestamp(),
    )


def _thousandths(value: object) -> int | None:
    """Return a number, or one in a text, in thousandths; None for other values."""
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        return None
    try:
        found = float(value)
    except ValueError:
        return None
    if not math.isfinite(found) or not 0 <= found < _MOST:
        return None
    return round(found * 1000)
