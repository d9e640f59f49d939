"""Scene platform."""

from collections.abc import Mapping
from typing import Any, override

from homeassistant.components.scene import BaseScene
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import JunctionConfigEntry
from .entity import JunctionStatelessEntity, async_add_points
from .model import ScenePoint

# Backends limit their own requests; a limit here would be shared by all of them.
PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: JunctionConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the scene entities of a config entry."""
    async_add_points(entry, async_add_entities, ScenePoint, JunctionScene)


class JunctionScene(JunctionStatelessEntity[ScenePoint], BaseScene):
    """Scene that also shows activations from elsewhere."""

    @override
    async def async_added_to_hass(self) -> None:
        """Subscribe to activations from elsewhere as well."""
        await super().async_added_to_hass()
        self.async_on_remove(
            self.coordinator.listeners.async_listen_event(
                self.point.key, self._activated
            )
        )

    async_entity_id_changed = JunctionStatelessEntity.async_entity_id_changed

    @callback
    def _activated(self, event_type: str, attributes: Mapping[str, Any]) -> None:
        self._async_record_activation()
        self.async_write_ha_state()

    @override
    async def _async_activate(self, **kwargs: Any) -> None:
        """Activate the scene."""
        await self._command(self.point.activate)
        self._async_record_activation()
        self.async_write_ha_state()
