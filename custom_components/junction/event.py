"""Event platform."""

from collections.abc import Mapping
from typing import Any, override

from homeassistant.components.event import EventEntity
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import JunctionConfigEntry
from .entity import JunctionStatelessEntity, async_add_points
from .model import EventPoint

# Backends limit their own requests; a limit here would be shared by all of them.
PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: JunctionConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the event entities of a config entry."""
    async_add_points(entry, async_add_entities, EventPoint, JunctionEvent)


class JunctionEvent(JunctionStatelessEntity[EventPoint], EventEntity):
    """Event entity of a point."""

    @override
    async def async_added_to_hass(self) -> None:
        """Subscribe to events as well."""
        await super().async_added_to_hass()
        self.async_on_remove(
            self.coordinator.listeners.async_listen_event(self.point.key, self._fire)
        )

    async_entity_id_changed = JunctionStatelessEntity.async_entity_id_changed

    @callback
    def _fire(self, event_type: str, attributes: Mapping[str, Any]) -> None:
        self._trigger_event(event_type, dict(attributes))
        self.async_write_ha_state()
