"""Number platform."""

from typing import override

from homeassistant.components.number import ATTR_VALUE, NumberEntity
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import JunctionConfigEntry
from .entity import JunctionEntity, async_add_points
from .model import NumberPoint, limits

# Backends limit their own requests; a limit here would be shared by all of them.
PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: JunctionConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the number entities of a config entry."""
    async_add_points(entry, async_add_entities, NumberPoint, JunctionNumber)


class JunctionNumber(JunctionEntity[NumberPoint, float], NumberEntity):
    """Number of a point."""

    @override
    def _show(self, state: float | None) -> None:
        self._attr_native_value = state

    @override
    async def async_set_native_value(self, value: float) -> None:
        """Set the number, or the nearest value that the device supports."""
        wanted = limits.number(self.point, self._checked(ATTR_VALUE, value))
        await self._command(lambda: self.point.set_value(wanted), wanted)
