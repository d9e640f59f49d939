"""Valve platform."""

from collections.abc import Awaitable, Callable
from typing import Any, override

from homeassistant.components.valve import ValveEntity, ValveEntityFeature
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import JunctionConfigEntry
from .entity import async_add_points, features
from .model import CoverState, ValvePoint, limits
from .moving import OPEN, JunctionMovingEntity
from .timed import TimedEntity

# Backends limit their own requests; a limit here would be shared by all of them.
PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: JunctionConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the valve entities of a config entry."""
    async_add_points(entry, async_add_entities, ValvePoint, JunctionValve)


class JunctionValve(
    JunctionMovingEntity[ValvePoint], TimedEntity[ValvePoint, CoverState], ValveEntity
):
    """Valve of a point."""

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
        """Open the valve."""
        await self._open()

    @override
    async def async_close_valve(self) -> None:
        """Close the valve."""
        await self._close()

    @override
    async def async_stop_valve(self) -> None:
        """Stop the valve."""
        await self._stop()

    @override
    async def async_set_valve_position(self, position: int) -> None:
        """Move the valve to a position, 0-100 percent open."""
        await self._set_position(limits.position(self.point, position))

    @override
    async def _turned_on(
        self, send: Callable[[], Awaitable[None]], *, looked_for: bool, **more: Any
    ) -> None:
        if looked_for:
            await self._move(send, expected=self._on_state(**more))
        else:
            await self._command(send)

    @override
    def _on_state(self, **more: Any) -> CoverState:
        return OPEN
