"""Device tracker platform."""

from typing import override

from homeassistant.components.device_tracker import SourceType, TrackerEntity
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import JunctionConfigEntry
from .entity import JunctionEntity, async_add_points
from .model import Location, TrackerPoint

# Backends limit their own requests; a limit here would be shared by all of them.
PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: JunctionConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the device tracker entities of a config entry."""
    async_add_points(entry, async_add_entities, TrackerPoint, JunctionTracker)


class JunctionTracker(JunctionEntity[TrackerPoint, Location], TrackerEntity):
    """Location of a device."""

    _attr_source_type = SourceType.GPS

    @override
    def _show(self, state: Location | None) -> None:
        self._attr_latitude = state.latitude if state else None
        self._attr_longitude = state.longitude if state else None
        self._attr_location_accuracy = state.accuracy if state else 0
