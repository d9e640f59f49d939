"""Decode DLMS times (``docs/protocols/dlms.md#times``)."""

from datetime import datetime
from typing import Final

from .models import ClockTime

SIZE: Final = 12
_NO_ZONE: Final = -0x8000
_UNSET: Final = 0xFF
# Minutes; time zones range from -14 to +14 hours.
_LARGEST: Final = 14 * 60


def read_clock(data: bytes) -> ClockTime | None:
    """Return the time in 12 bytes, None if it is invalid or not set."""
    if len(data) != SIZE:
        return None
    year = int.from_bytes(data[:2])
    seconds = 0 if data[7] == _UNSET else data[7]
    try:
        local = datetime(year, data[2], data[3], data[5], data[6], seconds)  # noqa: DTZ001 - the zone is separate
    except ValueError:
        return None
    deviation = int.from_bytes(data[9:11], signed=True)
    known = deviation != _NO_ZONE and abs(deviation) <= _LARGEST
    return ClockTime(local, deviation if known else None, data[11])


def is_clock(data: bytes) -> bool:
    """Return whether the data is 12 bytes with a time."""
    return read_clock(data) is not None
