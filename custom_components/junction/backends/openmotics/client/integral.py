"""Energy from power, because the cloud reports only watts.

Protocol: docs/protocols/openmotics.md#cloud-of-today.
"""

from collections.abc import Callable
from typing import Final

from .models import Key

LONGEST: Final = 300.0
"""Maximum seconds between two readings over which power is integrated."""
HOUR: Final = 3600.0


class PowerIntegral:
    """Integrate consumption.

    Power is interpolated linearly between two readings. Power fed into the grid does
    not count, and neither does a gap without readings: a total that is too low can be
    explained, a guess cannot. ``counted`` returns the total (Wh) before a restart, 0
    without one.
    """

    def __init__(self, counted: Callable[[Key], float] = lambda key: 0.0) -> None:
        """Initialize without readings."""
        self._counted = counted
        self._totals: dict[Key, float] = {}
        self._last: dict[Key, tuple[float, float]] = {}

    def take(self, key: Key, watts: float | None, now: float) -> float:
        """Add a reading in W, taken at ``now`` (s), and return the total in Wh."""
        total = self._totals.get(key)
        if total is None:
            total = self._counted(key)
        last = self._last.pop(key, None)
        if watts is not None:
            consumed = max(watts, 0.0)
            if last is not None and 0 <= now - last[1] <= LONGEST:
                total += (last[0] + consumed) / 2 * (now - last[1]) / HOUR
            self._last[key] = consumed, now
        self._totals[key] = total
        return round(total, 1)
