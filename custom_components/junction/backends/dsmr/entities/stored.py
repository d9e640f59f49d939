"""Storage of a meter's state for the next start."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from time import monotonic
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util

from ....const import DOMAIN
from ....moments import read_moment
from ..client.counters import CounterGuard
from ..client.dlms.energy import FoundFactor
from ..client.dlms.telegrams import TelegramBuilder
from ..settings import CONF_EQUIPMENT, CONF_EXCHANGES, NAME

SAVE_DELAY: Final = 10.0
"""Seconds between a change and saving it."""
COUNTERS_SAVED: Final = 900.0
"""Seconds between two saves of counters."""

# The meter of the stored layout: that of another meter would create wrong entities.
_METER: Final = "meter"
_COUNTERS: Final = "counters"
_FACTOR: Final = "energy_factor"


def store_of(hass: HomeAssistant, entry: ConfigEntry[Any]) -> Store[dict[str, Any]]:
    """Return the storage of the layout and the counters of an entry's meter."""
    return Store(hass, 1, f"{DOMAIN}.{entry.entry_id}.{NAME}")


class MeterMemory:
    """Store the layout and the counters of one meter for the next start.

    The layout is the result of ``remember`` of the inventory, saved soon after a
    change. Counters are saved periodically, to check the first readings after a
    restart.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry[Any],
        guard: CounterGuard,
        builder: TelegramBuilder,
        remember: Callable[[], dict[str, Any]],
    ) -> None:
        """Initialize; nothing is read yet."""
        self._entry = entry
        self._guard = guard
        self._builder = builder
        self._remember = remember
        # A copy, because the user may assign the entry to another meter.
        self._meter = entry.unique_id
        self._whose = _counter_owner(entry)
        self._store = store_of(hass, entry)
        self._unsaved = False
        self._due: float | None = None

    async def load(self) -> dict[str, Any] | None:
        """Restore the counters, and return the layout if it is that of this meter."""
        known = await self._store.async_load()
        if known is None or known.get(_METER) != self._meter:
            return None
        self._recall(known.get(_COUNTERS))
        return known

    def renew(self) -> None:
        """Record that the entry's number or meter changed."""
        self._whose = _counter_owner(self._entry)

    def keep(self) -> None:
        """Save soon, because the layout changed."""
        self._unsaved = True
        self._store.async_delay_save(self._to_store, SAVE_DELAY)

    def keep_counters(self, now: float) -> None:
        """Save if due; ``now`` is monotonic, in seconds."""
        if self._due is None:
            self._due = now + COUNTERS_SAVED
        elif now >= self._due:
            self._due = now + COUNTERS_SAVED
            self._store.async_delay_save(self._to_store, SAVE_DELAY)

    async def save(self) -> None:
        """Save now, not after the delay, because the entry may be removed next."""
        if self._unsaved or self._due is not None:
            await self._store.async_save(self._to_store())

    def _to_store(self) -> dict[str, Any]:
        self._unsaved = False
        found = self._builder.factor.found
        return {
            _METER: self._meter,
            _COUNTERS: {
                **self._whose,
                "at": dt_util.utcnow().isoformat(),
                "readings": self._guard.remember(),
                _FACTOR: found._asdict() if found is not None else None,
            },
            **self._remember(),
        }

    def _recall(self, counters: Mapping[str, Any] | None) -> None:
        """Restore the counters from before a restart, if they are this meter's."""
        if counters is None or any(
            counters.get(name) != value for name, value in self._whose.items()
        ):
            return
        at = read_moment(counters["at"])
        ago = dt_util.utcnow() - at if at is not None else timedelta()
        self._guard.recall(counters["readings"], ago, monotonic())
        if (factor := counters.get(_FACTOR)) is not None:
            self._builder.recall(FoundFactor(**factor))


def _counter_owner(entry: ConfigEntry[Any]) -> dict[str, Any]:
    """Return the data that assigns stored counters to the current meter."""
    return {
        "equipment": entry.data.get(CONF_EQUIPMENT),
        "exchanges": entry.data.get(CONF_EXCHANGES, 0),
    }
