"""Determine the UTC offset of a meter's winter time (``docs/protocols/dsmr.md#value-formats``).

A time zone would be wrong for meters that keep winter time all year (Sweden) or are set
to a neighboring zone (Lithuania), so the meter's clock is compared with ours.
"""

from datetime import datetime, timedelta
from typing import Final

from .models import Stamp

_HOUR: Final = timedelta(hours=1)
_TRUST: Final = timedelta(minutes=10)
# Hours; Europe from Ireland to Finland, one less for a summer flag that is wrong in
# winter.
_EARLIEST: Final = -1
_LATEST: Final = 3
# Clocks jump: ours after a start without network, meters' twice a year for a second.
_AGREEING: Final = 3


class OffsetFinder:
    """UTC offset of one meter's winter time.

    ``offset`` is the fixed one, else the one found, else the usual one of the dialect.
    ``found`` is None until a stamp was within ten minutes of a whole hour from UTC.
    """

    def __init__(self, fixed: timedelta | None = None) -> None:
        """Initialize with an offset set by the user, or without one."""
        self.found: timedelta | None = None
        self._fixed = fixed
        self._usual = _HOUR
        self._other: timedelta | None = None
        self._agreeing = 0

    @property
    def offset(self) -> timedelta:
        """Return the current offset."""
        if self._fixed is not None:
            return self._fixed
        return self._usual if self.found is None else self.found

    def expect(self, usual: timedelta) -> None:
        """Set the offset to use while none is found."""
        self._usual = usual

    def observe(self, stamp: Stamp | None, now: datetime) -> timedelta:
        """Learn from the stamp of a telegram that arrived ``now``; return the offset.

        The first valid stamp counts at once, a later different one after three.
        """
        if self._fixed is not None or stamp is None or stamp.standard is None:
            return self.offset
        ahead = stamp.standard - now
        if self.found is not None and abs(ahead - self.found) <= _TRUST:
            self._agreeing = 0
            return self.found
        seen = _whole_hours(ahead)
        if seen is None:
            return self.offset
        if self.found is None:
            self.found = seen
        else:
            self._agreeing = self._agreeing + 1 if seen == self._other else 1
            self._other = seen
            if self._agreeing >= _AGREEING:
                self.found = seen
                self._agreeing = 0
        return self.offset


def _whole_hours(ahead: timedelta) -> timedelta | None:
    """Return the offset for a clock that is ``ahead`` of UTC, None if it is implausible."""
    hours = round(ahead / _HOUR)
    if not _EARLIEST <= hours <= _LATEST or abs(ahead - hours * _HOUR) > _TRUST:
        return None
    return hours * _HOUR
