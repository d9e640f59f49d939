"""Switch platform."""

from typing import Any, override

from homeassistant.components.switch import SwitchEntity
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import JunctionConfigEntry
from .entity import async_add_points
from .model import SwitchPoint
from .timed import TimedEntity

# Backends limit their own requests; a limit here would be shared by all of them.
PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: JunctionConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the switch entities of a config entry."""
    async_add_points(entry, async_add_entities, SwitchPoint, JunctionSwitch)


class JunctionSwitch(TimedEntity[SwitchPoint, bool], SwitchEntity):
    """Switch of a point."""

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

    @override
    def _on_state(self, **more: Any) -> bool:
        return True
