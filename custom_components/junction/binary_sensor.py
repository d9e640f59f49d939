"""Binary sensor platform."""

from typing import override

from homeassistant.components.binary_sensor import BinarySensorEntity
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import JunctionConfigEntry
from .entity import JunctionEntity, async_add_points
from .model import BinarySensorPoint

# Backends limit their own requests; a limit here would be shared by all of them.
PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: JunctionConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the binary sensor entities of a config entry."""
    async_add_points(entry, async_add_entities, BinarySensorPoint, JunctionBinarySensor)


class JunctionBinarySensor(JunctionEntity[BinarySensorPoint, bool], BinarySensorEntity):
    """Binary sensor of a point."""

    @override
    def _show(self, state: bool | None) -> None:
        self._attr_is_on = state
