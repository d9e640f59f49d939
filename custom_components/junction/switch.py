"""Switch platform."""

from typing import Any, override

from homeassistant.components.switch import SwitchEntity
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util.json import JsonObjectType

from .coordinator import JunctionConfigEntry
from .entity import JunctionEntity, async_add_points
from .model import SwitchPoint

# Backends limit their own requests; a limit here would be shared by all of them.
PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: JunctionConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the switches of an entry."""
    async_add_points(entry, async_add_entities, SwitchPoint, JunctionSwitch)


class JunctionSwitch(JunctionEntity[SwitchPoint, bool], SwitchEntity):
    """On or off."""

    @override
    def _show(self, state: bool | None) -> None:
        self._attr_is_on = state

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Turn on."""
        await self._command(lambda: self.point.set_on(True), True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Turn off."""
        await self._command(lambda: self.point.set_on(False), False)

    async def async_turn_on_for(self, duration: float) -> JsonObjectType:
        """Turn on for some seconds."""
        return await self._for(self.point.turn_on_for, duration, True)
