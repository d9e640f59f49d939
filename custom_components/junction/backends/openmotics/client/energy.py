"""Filter for energy counters: a busy energy bus reads them as 0.

On the wire: docs/protocols/openmotics.md#energy-and-power-modules.
"""

from collections.abc import Callable
from functools import partial
from typing import Final

from .models import EnergyState, Key, States

PERSISTS: Final = 5
"""Times that a counter must be read as 0 to be believed: it may have been replaced."""


class EnergyFilter:
    """Holds back zeros that follow a value.

    A module that cannot read a counter says 0. For a total that only increases that would
    be a new meter, and the next good reading all of the energy once more. ``counted``
    tells the total (Wh) of before a restart, 0 if there was none: a first reading below
    it is one of those as well.
    """

    def __init__(self, counted: Callable[[Key], float] = lambda key: 0.0) -> None:
        """Know no reading yet."""
        self._counted = counted
        self._last: dict[Key, EnergyState] = {}
        self._zeros: dict[tuple[Key, str], int] = {}
        self.dropped = 0
        """Readings that were held back."""

    def take(self, states: States) -> dict[Key, EnergyState]:
        """Return the readings with the last good value in place of a doubtful zero."""
        result = {}
        for key, state in states.items():
            if isinstance(state, EnergyState):
                last = self._last.get(key, EnergyState())
                fell = partial(self._fell, key, state)
                result[key] = self._last[key] = EnergyState(
                    day=self._one((key, "day"), state.day, last.day, fell),
                    night=self._one((key, "night"), state.night, last.night, fell),
                )
        return result

    def _fell(self, key: Key, state: EnergyState) -> bool:
        """Return whether there is less in a counter than before a restart."""
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
