"""Siren platform."""

from typing import Any, override

from homeassistant.components.siren import SirenEntity, SirenEntityFeature
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import JunctionConfigEntry
from .entity import JunctionEntity, async_add_points
from .model import SirenPoint

# Backends limit their own requests; a limit here would be shared by all of them.
PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: JunctionConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the siren entities of a config entry."""
    async_add_points(entry, async_add_entities, SirenPoint, JunctionSiren)


class JunctionSiren(JunctionEntity[SirenPoint, bool], SirenEntity):
    """Siren of a point."""

    _attr_supported_features = SirenEntityFeature.TURN_ON | SirenEntityFeature.TURN_OFF

    @override
    def _show(self, state: bool | None) -> None:
        self._attr_is_on = state

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Turn on the siren."""
        await self._command(lambda: self.point.set_on(True), True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Turn off the siren."""
        await self._command(lambda: self.point.set_on(False), False)
