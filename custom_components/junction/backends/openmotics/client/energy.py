"""Filter for energy counters, which a busy energy bus reads as 0.

Protocol: docs/protocols/openmotics.md#energy-and-power-modules.
"""

from collections.abc import Callable
from functools import partial
from typing import Final

from .models import EnergyState, Key, States

PERSISTS: Final = 5
"""Number of zeros after which a counter counts as reset, for example because it was
replaced.
"""


class EnergyFilter:
    """Withhold zeros that follow a value.

    A module that cannot read a counter reports 0. For an increasing total that would be
    a reset, and the next valid reading would count all energy again. ``counted``
    returns the total (Wh) before a restart, 0 without one; the first readings below it
    are withheld as well.
    """

    def __init__(self, counted: Callable[[Key], float] = lambda key: 0.0) -> None:
        """Initialize without readings."""
        self._counted = counted
        self._last: dict[Key, EnergyState] = {}
        self._zeros: dict[tuple[Key, str], int] = {}
        self.dropped = 0
        """Number of withheld readings."""

    def take(self, states: States) -> dict[Key, EnergyState]:
        """Return the readings, with the last valid value instead of a doubtful zero."""
        result = {}
        for key, state in states.items():
            if isinstance(state, EnergyState):
                last = self._last.get(key, EnergyState())
                fell = partial(self._has_decreased, key, state)
                result[key] = self._last[key] = EnergyState(
                    day=self._one((key, "day"), state.day, last.day, fell),
                    night=self._one((key, "night"), state.night, last.night, fell),
                )
        return result

    def _has_decreased(self, key: Key, state: EnergyState) -> bool:
        """Return whether a counter is lower than before a restart."""
        return (state.day or 0) + (state.night or 0) < self._counted(key)

    def _one(
        self,
        register: tuple[Key, str],
        value: int | None,
        last: int | None,
        fell: Callable[[], bool],
    ) -> int | None:
        if value is None:
            return last
        if value == 0 and (last or (last is None and fell())):
            self._zeros[register] = zeros = self._zeros.get(register, 0) + 1
            if zeros < PERSISTS:
                self.dropped += 1
                return last
        self._zeros.pop(register, None)
        return value
