"""Distinguish the telegrams of an entry's meter from those of another one on its port."""

from time import monotonic
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from ..client.counters import CounterGuard
from ..client.errors import OtherMeterError
from ..client.identity import Identity
from ..client.models import Telegram
from ..settings import CONF_EQUIPMENT
from . import exchange


class OurMeter:
    """Identify the meter of an entry by its number, or by its counters.

    ``other`` is the error if another meter answers. ``guard`` withholds implausible
    counters.
    """

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
        """Initialize with the stored number."""
        self.other: OtherMeterError | None = None
        self._hass = hass
        self._entry = entry
        self._kept: str | None = entry.data.get(CONF_EQUIPMENT)
        self._identity = Identity(self._kept, self._continues)
        self.guard = CounterGuard(lambda _: self._identity.equipment is not None)

    @property
    def foreign(self) -> int:
        """Return the number of ignored telegrams of other meters."""
        return self._identity.foreign

    @property
    def has_number(self) -> bool:
        """Return whether the meter is known by a number, not only by its counters."""
        return self._identity.equipment is not None

    def check(self, telegram: Telegram, now: float) -> Telegram | None:
        """Return a telegram with plausible counters, None if it is another meter's.

        ``now`` is the arrival time (monotonic, seconds).
        """
        if not self._identity.recognize(telegram):
            # The next telegram of this meter differs from this one, so compare all of
            # it.
            self.guard.refresh()
            if (stranger := self._identity.stranger) is not None:
                self._note(stranger)
            return None
        telegram = self.guard.check(telegram, now)
        if self.guard.exchanged:
            self._note(None)
            return None
        self.other = None
        return telegram

    def keep_number(self) -> bool:
        """Store the meter's number; return whether it changed."""
        number = self._identity.equipment
        if number == self._kept:
            # The entry may have another number already: that of the meter which the
            # user chose in a dialog, and for which it is about to be reloaded.
            return False
        self._kept = number
        return exchange.keep_number(self._hass, self._entry, number)

    def _note(self, number: str | None) -> None:
        """Record another meter by its number; None if only its counters show it."""
        if self.other is None or self.other.number != number:
            self.other = OtherMeterError(self._identity.equipment, number)
            exchange.others_of(self._hass)[self._entry.entry_id] = number

    def _continues(self, telegram: Telegram, number: str) -> bool | None:
        """Return whether a meter with a new number can be the one that had none before."""
        if exchange.is_taken(self._hass, self._entry, number):
            return False
        return self.guard.continues(telegram, monotonic())
