"""Fan platform."""

from typing import Any, override

from homeassistant.components.fan import FanEntity, FanEntityFeature
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import JunctionConfigEntry
from .entity import async_add_points, features
from .model import FanCommand, FanPoint, FanState, limits
from .timed import TimedEntity

# Backends limit their own requests; a limit here would be shared by all of them.
PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: JunctionConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the fan entities of a config entry."""
    async_add_points(entry, async_add_entities, FanPoint, JunctionFan)


class JunctionFan(TimedEntity[FanPoint, FanState], FanEntity):
    """Fan of a point."""

    _on: bool | None = None

    @override
    def _describe(self) -> None:
        point = self.point
        self._attr_speed_count = point.speeds or 100
        self._attr_preset_modes = list(point.presets) or None
        self._attr_supported_features = features(
            FanEntityFeature.TURN_ON | FanEntityFeature.TURN_OFF,
            {
                FanEntityFeature.SET_SPEED: point.speeds,
                FanEntityFeature.PRESET_MODE: point.presets,
            },
        )

    @override
    def _show(self, state: FanState | None) -> None:
        state = state or FanState()
        # Many fans keep reporting their last speed while they are off.
        self._attr_percentage = 0 if state.on is False else state.percentage
        self._attr_preset_mode = state.preset
        self._on = state.on

    @property
    @override
    def is_on(self) -> bool | None:
        """Return whether the fan runs; the base class would derive it from the percentage."""
        return self._on

    async def _send_command(self, command: FanCommand) -> None:
        wanted = limits.fan(self.point, command)
        await self._command(lambda: self.point.set(wanted), wanted.expected)

    @override
    async def async_turn_on(
        self,
        percentage: int | None = None,
        preset_mode: str | None = None,
        **kwargs: Any,
    ) -> None:
        """Turn on. Speed 0 turns off; a preset determines the speed itself."""
        if preset_mode is not None:
            await self._send_command(FanCommand(on=True, preset=preset_mode))
        elif percentage == 0:
            await self.async_turn_off()
        else:
            await self._send_command(FanCommand(on=True, percentage=percentage))

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Turn off."""
        await self._send_command(FanCommand(on=False))

    @override
    async def async_set_percentage(self, percentage: int) -> None:
        """Set the speed; 0 turns off."""
        await self.async_turn_on(percentage)

    @override
    async def async_set_preset_mode(self, preset_mode: str) -> None:
        """Set the preset."""
        await self.async_turn_on(preset_mode=preset_mode)

    @override
    def _on_state(self, **more: Any) -> FanState:
        return FanState(on=True)
