"""Websocket command that tells the dashboard which point each entity shows."""

from typing import Any, Final

from homeassistant.auth.permissions.const import POLICY_READ
from homeassistant.components import websocket_api
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er

from ..const import CONF_BACKEND, DOMAIN
from ..statistics.series import external_id

TYPE: Final = f"{DOMAIN}/dashboard"


@websocket_api.websocket_command({"type": TYPE})
@callback
def websocket_dashboard(
    hass: HomeAssistant,
    connection: websocket_api.ActiveConnection,
    message: dict[str, Any],
) -> None:
    """Send the installations with the enabled entities that this user may see.

    Devices, areas, names, and states are in the frontend's own registries. They lack
    the kind of an installation and the id of an entity's point ("power_import_l2").
    """
    permissions = connection.user.permissions
    registry = er.async_get(hass)
    connection.send_result(
        message["id"],
        {
            "installations": [
                {
                    "entry_id": entry.entry_id,
                    "title": entry.title,
                    "backend": entry.data[CONF_BACKEND],
                    "statistics": external_id(entry, ""),
                    "points": {
                        entity.entity_id: entity.unique_id.rpartition("/")[2]
                        for entity in _entities(registry, entry)
                        if permissions.check_entity(entity.entity_id, POLICY_READ)
                    },
                }
                for entry in hass.config_entries.async_entries(
                    DOMAIN, include_ignore=False, include_disabled=False
                )
            ]
        },
    )


def _entities(
    registry: er.EntityRegistry, entry: ConfigEntry[Any]
) -> list[er.RegistryEntry]:
    return [
        entity
        for entity in er.async_entries_for_config_entry(registry, entry.entry_id)
        if entity.disabled_by is None and entity.hidden_by is None
    ]
