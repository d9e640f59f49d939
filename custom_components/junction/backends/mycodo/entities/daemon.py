"""Daemon channel: install Pyro5 if it is enabled, and connect."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_URL
from homeassistant.core import HomeAssistant
from homeassistant.requirements import RequirementsNotFound, async_process_requirements
from yarl import URL

from ....const import DOMAIN, LOGGER
from ..client import DaemonChannel
from ..settings import CONF_DAEMON_HOST, CONF_DAEMON_PORT, DEFAULT_DAEMON_PORT

REQUIREMENTS: Final = ["Pyro5==5.16", "serpent==1.43"]


async def async_install(hass: HomeAssistant) -> bool:
    """Install the channel's packages if necessary. Returns whether they are installed."""
    try:
        await async_process_requirements(hass, DOMAIN, REQUIREMENTS)
    except RequirementsNotFound as err:
        LOGGER.warning(
            "The daemon channel of Mycodo is off: %s could not be installed",
            ", ".join(err.requirements),
        )
        return False
    return True


def daemon_address(
    data: Mapping[str, Any], options: Mapping[str, Any]
) -> tuple[str, int]:
    """Return host and port of the daemon; the default host is that of the web interface."""
    host = options.get(CONF_DAEMON_HOST) or URL(data[CONF_URL]).host or ""
    return host, int(options.get(CONF_DAEMON_PORT, DEFAULT_DAEMON_PORT))


def open_channel(entry: ConfigEntry[Any]) -> DaemonChannel:
    """Return the channel of an entry; not connected yet."""
    return DaemonChannel(*daemon_address(entry.data, entry.options))
