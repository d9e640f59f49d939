"""Storage of a meter's state for the next start."""

from collections.abc import Mapping
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
from ..client.dlms.telegrams import TelegramMaker
from ..settings import CONF_EQUIPMENT, CONF_EXCHANGES, NAME

_COUNTERS: Final = "counters"
_FACTOR: Final = "energy_factor"


def store_of(hass: HomeAssistant, entry: ConfigEntry[Any]) -> Store[dict[str, Any]]:
    """Return where the layout and the counters of an entry's meter are stored."""
    return Store(hass, 1, f"{DOMAIN}.{entry.entry_id}.{NAME}")


def whose_counters(entry: ConfigEntry[Any]) -> dict[str, Any]:
    """Return what tells whether stored counters are those of the meter of now."""
    return {
        "equipment": entry.data.get(CONF_EQUIPMENT),
        "exchanges": entry.data.get(CONF_EXCHANGES, 0),
    }


def stored_counters(
    guard: CounterGuard, maker: TelegramMaker, whose: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the counters as they are stored, and what they were found to count in."""
    found = maker.factor.found
    return {
        _COUNTERS: {
            **whose,
            "at": dt_util.utcnow().isoformat(),
            "readings": guard.remember(),
            _FACTOR: found._asdict() if found is not None else None,
        }
    }


def recall_counters(
    guard: CounterGuard,
    maker: TelegramMaker,
    known: Mapping[str, Any],
    whose: Mapping[str, Any],
) -> None:
    """Go on from the counters of before a restart, if they are this meter's.

    ``known`` is all that was stored.
    """
    counters = known.get(_COUNTERS)
    if counters is None or any(
        counters.get(name) != value for name, value in whose.items()
    ):
        return
    at = read_moment(counters["at"])
    ago = dt_util.utcnow() - at if at is not None else timedelta()
    guard.recall(counters["readings"], ago, monotonic())
    if (factor := counters.get(_FACTOR)) is not None:
        maker.recall(FoundFactor(**factor))
