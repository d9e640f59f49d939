"""Counters that do not jump: what a busy energy bus makes of them is left out (§1.10)."""

from typing import Final

from .models import EnergyState, Key, States

PERSISTS: Final = 5
"""Times that a counter must be read as 0 to be believed: it may have been replaced."""


class EnergyFilter:
    """Holds back zeros that follow a value, or nothing at all.

    A module that cannot read a counter says 0. For a total that only increases that would
    be a new meter, and the next good reading all of the energy once more; after a restart
    as well, when only the totals know that there was a value.
    """

    def __init__(self) -> None:
        """Know no reading yet."""
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
                result[key] = self._last[key] = EnergyState(
                    day=self._one((key, "day"), state.day, last.day),
                    night=self._one((key, "night"), state.night, last.night),
                )
        return result

    def _one(
        self, register: tuple[Key, str], value: int | None, last: int | None
    ) -> int | None:
        if value is None:
            return last
        if value == 0 and last != 0:
            self._zeros[register] = zeros = self._zeros.get(register, 0) + 1
            if zeros < PERSISTS:
                self.dropped += 1
                return last
        self._zeros.pop(register, None)
        return value
