"""Diagnostics of a config entry, without secrets or personal values."""

from collections import Counter
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant

from .const import CONF_BACKEND
from .coordinator import JunctionConfigEntry


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: JunctionConfigEntry
) -> dict[str, Any]:
    """Return the diagnostics of an entry and its backend.

    Of the entry itself only the names of its fields are included: which of them are
    personal (addresses, keys, meter numbers) differs by backend, and the backend adds
    the rest in its own part.
    """
    described = {
        "backend": entry.data[CONF_BACKEND],
        "entry": {
            "version": f"{entry.version}.{entry.minor_version}",
            "state": entry.state.value,
            "reason": entry.error_reason_translation_key,
            "data_fields": sorted(entry.data),
            "option_fields": sorted(entry.options),
        },
    }
    if entry.state is not ConfigEntryState.LOADED:
        return described
    coordinator = entry.runtime_data
    topology = coordinator.topology
    return described | {
        "coordinator": {
            "last_update_success": coordinator.last_update_success,
            "last_error": _kind(coordinator.last_exception),
            "update_interval": coordinator.interval,
            "devices": len(topology.devices),
            "offline": len(coordinator.offline),
            "points": Counter(point.platform for point in topology.points),
            "states": len(coordinator.states),
            "complete": topology.complete,
        },
        entry.data[CONF_BACKEND]: dict(coordinator.backend.diagnostics()),
    }


def _kind(error: BaseException | None) -> str | None:
    """Return the type of an error; its message may hold an address."""
    return None if error is None else type(error.__cause__ or error).__name__
