"""System health: installations, loaded entries, and points."""

from collections import Counter
from typing import Any

from homeassistant.components.system_health import SystemHealthRegistration
from homeassistant.core import HomeAssistant, callback

from .const import CONF_BACKEND, DOMAIN
from .coordinator import JunctionConfigEntry


@callback
def async_register(hass: HomeAssistant, register: SystemHealthRegistration) -> None:
    """Register the system health information."""
    register.async_register_info(system_health_info)


async def system_health_info(hass: HomeAssistant) -> dict[str, Any]:
    """Return the figures."""
    entries = hass.config_entries.async_entries(DOMAIN, include_ignore=False)
    loaded: list[JunctionConfigEntry] = hass.config_entries.async_loaded_entries(DOMAIN)
    kinds = Counter(entry.data[CONF_BACKEND] for entry in entries)
    return {
        "installations": ", ".join(f"{name}: {n}" for name, n in sorted(kinds.items())),
        "loaded": f"{len(loaded)}/{len(entries)}",
        "answering": sum(entry.runtime_data.last_update_success for entry in loaded),
        "points": sum(len(entry.runtime_data.topology.points) for entry in loaded),
    }
