"""Valve platform."""

from typing import override

from homeassistant.components.valve import ValveEntity, ValveEntityFeature
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util.json import JsonObjectType

from .coordinator import JunctionConfigEntry
from .entity import JunctionEntity, async_add_points, features
from .model import CoverState, ValvePoint, limits

# Backends limit their own requests; a limit here would be shared by all of them.
PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: JunctionConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the valves of an entry."""
    async_add_points(entry, async_add_entities, ValvePoint, JunctionValve)


class JunctionValve(JunctionEntity[ValvePoint, CoverState], ValveEntity):
    """A valve; what was said of covers' commands holds here too."""

    @override
    def _describe(self) -> None:
        point = self.point
        positions = point.set_position
        self._attr_reports_position = positions is not None
        self._attr_supported_features = features(
            ValveEntityFeature(0),
            {
                ValveEntityFeature.OPEN: point.open or positions,
                ValveEntityFeature.CLOSE: point.close or positions,
                ValveEntityFeature.STOP: point.stop,
                ValveEntityFeature.SET_POSITION: positions,
            },
        )

    @override
    def _show(self, state: CoverState | None) -> None:
        state = state or CoverState()
        self._attr_is_closed = state.closed
        self._attr_current_valve_position = state.position
        self._attr_is_opening = state.opening
        self._attr_is_closing = state.closing

    @override
    async def async_open_valve(self) -> None:
        """Open."""
        await self._offered(self.point.open)

    @override
    async def async_close_valve(self) -> None:
        """Close."""
        await self._offered(self.point.close)

    @override
    async def async_stop_valve(self) -> None:
        """Stop."""
        await self._offered(self.point.stop)

    @override
    async def async_set_valve_position(self, position: int) -> None:
        """Move to a position."""
        await self._offered(
            self.point.set_position, limits.position(self.point, position)
        )

    async def async_turn_on_for(self, duration: float) -> JsonObjectType:
        """Open for some seconds."""
        return await self._for(self.point.turn_on_for, duration)
