"""Button platform."""

from typing import override

from homeassistant.components.button import ButtonEntity
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import JunctionConfigEntry
from .entity import JunctionStatelessEntity, async_add_points
from .model import ButtonPoint

# Backends limit their own requests; a limit here would be shared by all of them.
PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: JunctionConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the button entities of a config entry."""
    async_add_points(entry, async_add_entities, ButtonPoint, JunctionButton)


class JunctionButton(JunctionStatelessEntity[ButtonPoint], ButtonEntity):
    """Button that starts something."""

    @override
    async def async_press(self) -> None:
        """Press the button."""
        await self._command(self.point.press)
