"""Whose telegram it is (``docs/protocols/dsmr.md#meter-exchange-and-silence``)."""

from typing import Final

from .models import EQUIPMENT_KEYS, Layout, Telegram

# A stray telegram of another meter on the line must not pass for an exchange; a new
# meter is the only one that is heard from then on.
EXCHANGED_AFTER: Final = 10

_KEYS: Final = frozenset(EQUIPMENT_KEYS)


class Identity:
    """Knows the id of one meter, as printed; None = any, until one prints its id."""

    def __init__(self, equipment: str | None) -> None:
        """Start with the id that is known from before."""
        self.equipment = equipment
        self.foreign = 0
        """How many telegrams of other meters were left out."""
        self._candidate: str | None = None
        self._in_a_row = 0
        self._ours = False
        self._layout: Layout | None = None

    def recognize(self, telegram: Telegram) -> str | None:
        """Return "" for a telegram of our meter, None for another meter's.

        After ten of the same other meter in a row it is ours from now on, and the id
        of the former one is returned once. A meter without an id is always ours.
        """
        if telegram.layout is not self._layout or not _KEYS.isdisjoint(
            telegram.changed
        ):
            self._layout = telegram.layout
            self._look(telegram)
        if self._ours:
            return ""
        self.foreign += 1
        self._in_a_row += 1
        if self._in_a_row < EXCHANGED_AFTER:
            return None
        former, self.equipment = self.equipment, self._candidate
        self._ours, self._candidate, self._in_a_row = True, None, 0
        return former

    def _look(self, telegram: Telegram) -> None:
        """Find out whose telegram this is; another stranger is counted anew."""
        found = telegram.equipment
        printed = found.raw if found else None
        if self.equipment is None:
            self.equipment = printed
        self._ours = printed is None or printed == self.equipment
        stranger = None if self._ours else printed
        if stranger != self._candidate:
            self._candidate, self._in_a_row = stranger, 0
