"""Link quality counters."""

from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median
from typing import Final

from .models import Rejection, Stamp

_GAPS: Final = 31
# Seconds; a longer pause was a lost connection, not a lost telegram.
_LONGEST_GAP: Final = 3600.0


@dataclass(slots=True)
class LinkStatistics:
    """Counters since the start, over all connections."""

    bytes_received: int = 0
    telegrams: int = 0
    """Accepted telegrams."""
    crc_errors: int = 0
    framing_errors: int = 0
    """Telegrams that were cut off, merged, or never ended; broken encrypted frames."""
    decode_errors: int = 0
    """Encrypted frames that could not be decrypted."""
    malformed_lines: int = 0
    """Lines in accepted telegrams that could not be parsed."""
    lost_frames: int = 0
    """Encrypted frames missing by their counter."""
    lost_telegrams: int = 0
    """Telegrams missing by the meter's clock."""
    unauthenticated: int = 0
    """Accepted encrypted telegrams whose tag could not be verified."""
    rejected: Counter[Rejection] = field(default_factory=Counter)
    """Rejected telegrams by reason."""
    reconnects: int = 0
    interval: float | None = None
    """Median time between telegrams in seconds; None before the second one."""
    last_telegram: datetime | None = None
    """When the last telegram arrived, by our clock (UTC)."""
    last_error: str | None = None
    """Reason of the last lost telegram or connection."""

    def reject(self, reason: Rejection) -> None:
        """Count a rejected telegram."""
        self.rejected[reason] += 1
        self.last_error = reason.value
        if reason is Rejection.CRC:
            self.crc_errors += 1
        elif reason in (Rejection.CUT, Rejection.SHAPE, Rejection.GLUED):
            self.framing_errors += 1
        elif reason is Rejection.UNDECIPHERABLE:
            self.decode_errors += 1

    def as_dict(self) -> dict[str, object]:
        """Return all counters as plain values, for diagnostics."""
        return {
            **{name: getattr(self, name) for name in self.__slots__},
            "rejected": {reason.value: n for reason, n in self.rejected.items()},
            "last_telegram": self.last_telegram and self.last_telegram.isoformat(),
        }


class IntervalMeter:
    """Measure the time between telegrams, and count missing ones.

    It uses the meter's own clock, which is independent of delays on the line, or else
    the arrival times.
    """

    def __init__(self) -> None:
        """Initialize without telegrams."""
        self.interval: float | None = None
        self.lost = 0
        self._gaps: deque[float] = deque(maxlen=_GAPS)
        self._last: tuple[datetime | None, float] | None = None

    def reset(self) -> None:
        """Prepare for a new connection: the pause before it is not an interval."""
        self._last = None

    def observe(self, stamp: Stamp | None, at: float) -> None:
        """Record the stamp of a telegram that arrived ``at`` (monotonic, seconds)."""
        clock = stamp.standard if stamp is not None and stamp.is_set else None
        last, self._last = self._last, (clock, at)
        if last is None:
            return
        gap = at - last[1]
        if clock is not None and last[0] is not None:
            gap = (clock - last[0]).total_seconds()
        if not 0 < gap < _LONGEST_GAP:
            return
        if self.interval is not None and clock is not None:
            self.lost += max(0, round(gap / self.interval) - 1)
        self._gaps.append(gap)
        if gap != self.interval:
            # Adding the median itself leaves it unchanged.
            self.interval = median(self._gaps)
