"""Energy from power, where nothing counts it: the cloud tells watts only.

On the wire: docs/protocols/openmotics.md#cloud-of-today.
"""

from collections.abc import Callable
from typing import Final

from .models import Key

LONGEST: Final = 300.0
"""Seconds between two readings of which the time between is known well enough."""
HOUR: Final = 3600.0


class PowerIntegral:
    """Adds up what is consumed.

    Between two readings power is taken to go straight from one to the other. What flows
    back into the grid does not count, and neither does a time in which nothing was read:
    a total that is too small can be explained, one that was guessed cannot. ``counted``
    tells the total (Wh) of before a restart, 0 if there was none.
    """

    def __init__(self, counted: Callable[[Key], float] = lambda key: 0.0) -> None:
        """Know no reading yet."""
        self._counted = counted
        self._totals: dict[Key, float] = {}
        self._last: dict[Key, tuple[float, float]] = {}

    def take(self, key: Key, watts: float | None, now: float) -> float:
        """Take a reading, made ``now`` (s), and return the total in Wh."""
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
