"""Select platform."""

from typing import override

from homeassistant.components.select import SelectEntity
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import JunctionConfigEntry
from .entity import JunctionEntity, async_add_points
from .model import SelectPoint

# Backends limit their own requests; a limit here would be shared by all of them.
PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: JunctionConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the select entities of a config entry."""
    async_add_points(entry, async_add_entities, SelectPoint, JunctionSelect)


class JunctionSelect(JunctionEntity[SelectPoint, str], SelectEntity):
    """Select of a point."""

    @override
    def _show(self, state: str | None) -> None:
        self._attr_current_option = state

    @override
    async def async_select_option(self, option: str) -> None:
        """Choose an option."""
        await self._command(lambda: self.point.select(option), option)
