"""Cover platform."""

from typing import Any, override

from homeassistant.components.cover import (
    ATTR_POSITION,
    ATTR_TILT_POSITION,
    CoverEntity,
    CoverEntityFeature,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import JunctionConfigEntry
from .entity import async_add_points, features
from .model import CoverPoint, CoverState, limits
from .moving import JunctionMovingEntity

# Backends limit their own requests; a limit here would be shared by all of them.
PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: JunctionConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the cover entities of a config entry."""
    async_add_points(entry, async_add_entities, CoverPoint, JunctionCover)


class JunctionCover(JunctionMovingEntity[CoverPoint], CoverEntity):
    """Cover of a point."""

    @override
    def _describe(self) -> None:
        point = self.point
        self._attr_assumed_state = point.assumed
        self._attr_supported_features = features(
            CoverEntityFeature(0),
            {
                CoverEntityFeature.OPEN: point.open,
                CoverEntityFeature.CLOSE: point.close,
                CoverEntityFeature.STOP: point.stop,
                CoverEntityFeature.SET_POSITION: point.set_position,
                CoverEntityFeature.SET_TILT_POSITION: point.set_tilt,
            },
        )

    @override
    def _show(self, state: CoverState | None) -> None:
        state = state or CoverState()
        self._attr_is_closed = state.closed
        self._attr_current_cover_position = state.position
        self._attr_current_cover_tilt_position = state.tilt
        self._attr_is_opening = state.opening
        self._attr_is_closing = state.closing

    @override
    async def async_open_cover(self, **kwargs: Any) -> None:
        """Open the cover."""
        await self._open()

    @override
    async def async_close_cover(self, **kwargs: Any) -> None:
        """Close the cover."""
        await self._close()

    @override
    async def async_stop_cover(self, **kwargs: Any) -> None:
        """Stop the cover."""
        await self._stop()

    @override
    async def async_set_cover_position(self, **kwargs: Any) -> None:
        """Move the cover to a position, 0-100 percent open."""
        await self._set_position(limits.position(self.point, kwargs[ATTR_POSITION]))

    @override
    async def async_set_cover_tilt_position(self, **kwargs: Any) -> None:
        """Move the tilt to a position, 0-100 percent open."""
        tilt = limits.tilt(self.point, kwargs[ATTR_TILT_POSITION])
        await self._move(self.point.set_tilt, tilt, expected=CoverState(tilt=tilt))
