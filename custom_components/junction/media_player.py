"""Media player platform."""

from typing import override

from homeassistant.components.media_player import (
    MediaPlayerEntity,
    MediaPlayerEntityFeature,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import JunctionConfigEntry
from .entity import JunctionEntity, async_add_points, features
from .model import MediaPlayerPoint, MediaState, limits

# Backends limit their own requests; a limit here would be shared by all of them.
PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: JunctionConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the media player entities of a config entry."""
    async_add_points(entry, async_add_entities, MediaPlayerPoint, JunctionMediaPlayer)


class JunctionMediaPlayer(
    JunctionEntity[MediaPlayerPoint, MediaState], MediaPlayerEntity
):
    """Media player of a point."""

    @override
    def _describe(self) -> None:
        self._attr_supported_features = features(
            MediaPlayerEntityFeature(0),
            {
                MediaPlayerEntityFeature.VOLUME_SET: self.point.set_volume,
                MediaPlayerEntityFeature.VOLUME_MUTE: self.point.set_muted,
            },
        )

    @override
    def _show(self, state: MediaState | None) -> None:
        state = state or MediaState()
        self._attr_state = state.state
        self._attr_volume_level = state.volume
        self._attr_is_volume_muted = state.muted

    @override
    async def async_set_volume_level(self, volume: float) -> None:
        """Set the volume, 0.0-1.0."""
        wanted = limits.volume(self.point, volume)
        await self._offered(
            self.point.set_volume, wanted, expected=MediaState(volume=wanted)
        )

    @override
    async def async_mute_volume(self, mute: bool) -> None:
        """Mute or unmute."""
        await self._offered(self.point.set_muted, mute, expected=MediaState(muted=mute))
