"""Light platform."""

from collections.abc import Mapping
from typing import Any, override

from homeassistant.components.light import LightEntity
from homeassistant.components.light.const import (
    ATTR_BRIGHTNESS,
    ATTR_COLOR_TEMP_KELVIN,
    ATTR_EFFECT,
    ATTR_FLASH,
    ATTR_HS_COLOR,
    ATTR_TRANSITION,
    ColorMode,
    LightEntityFeature,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util.json import JsonObjectType

from .coordinator import JunctionConfigEntry
from .entity import async_add_points, features
from .model import LightCommand, LightPoint, LightState, limits
from .timed import TimedEntity

# Backends limit their own requests; a limit here would be shared by all of them.
PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: JunctionConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the light entities of a config entry."""
    async_add_points(entry, async_add_entities, LightPoint, JunctionLight)


class JunctionLight(TimedEntity[LightPoint, LightState], LightEntity):
    """Light of a point."""

    @override
    def _describe(self) -> None:
        point = self.point
        self._attr_supported_color_modes = set(point.color_modes)
        self._attr_min_color_temp_kelvin = point.min_kelvin
        self._attr_max_color_temp_kelvin = point.max_kelvin
        self._attr_effect_list = list(point.effects) or None
        self._attr_supported_features = features(
            LightEntityFeature(0),
            {
                LightEntityFeature.TRANSITION: point.transition,
                LightEntityFeature.FLASH: point.flash,
                LightEntityFeature.EFFECT: point.effects,
            },
        )

    @override
    def _show(self, state: LightState | None) -> None:
        state = state or LightState()
        self._attr_is_on = state.on
        self._attr_brightness = state.brightness
        self._attr_hs_color = state.hs
        self._attr_color_temp_kelvin = state.kelvin
        self._attr_effect = state.effect
        self._attr_color_mode = self._color_mode(state)

    def _color_mode(self, state: LightState) -> ColorMode:
        """Return the reported color mode, or a supported one: Home Assistant requires one."""
        modes = self.point.color_modes
        if state.color_mode in modes:
            return state.color_mode
        if state.kelvin is not None and ColorMode.COLOR_TEMP in modes:
            return ColorMode.COLOR_TEMP
        if state.hs is not None and ColorMode.HS in modes:
            return ColorMode.HS
        # Sorted, so that the result is the same after every start.
        return min(modes)

    async def _send_command(self, wanted: LightCommand) -> None:
        command = limits.light(self.point, wanted)
        # During a fade the lamp does not match the command yet.
        await self._command(
            lambda: self.point.set(command),
            command.expected,
            takes=command.transition or 0.0,
        )

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Turn on, or change what is on. A lamp that flashes returns to its state afterwards."""
        if (flash := kwargs.get(ATTR_FLASH)) is not None:
            await self._offered(self.point.flash, flash)
            return
        if (effect := kwargs.get(ATTR_EFFECT)) not in {None, *self.point.effects}:
            raise self._not_offered()
        await self._send_command(
            LightCommand(
                on=True,
                brightness=kwargs.get(ATTR_BRIGHTNESS),
                hs=kwargs.get(ATTR_HS_COLOR),
                kelvin=kwargs.get(ATTR_COLOR_TEMP_KELVIN),
                effect=effect,
                transition=kwargs.get(ATTR_TRANSITION),
            )
        )

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Turn off."""
        await self._send_command(
            LightCommand(on=False, transition=kwargs.get(ATTR_TRANSITION))
        )

    @override
    def offers_turn_on_for(self, fields: Mapping[str, Any]) -> bool:
        """Return whether the light supports ``turn_on_for`` with these fields."""
        point = self.point
        return (
            point.dim_for if ATTR_BRIGHTNESS in fields else point.turn_on_for
        ) is not None

    @override
    async def async_turn_on_for(
        self, duration: float, brightness: int | None = None
    ) -> JsonObjectType:
        """Turn on for ``duration`` seconds, with a brightness if the backend supports that."""
        dim_for = self.point.dim_for
        if brightness is None or dim_for is None:
            return await super().async_turn_on_for(duration)
        level = limits.brightness(self.point, brightness)
        return await self._for(
            duration, lambda: dim_for(duration, level), brightness=level
        )

    @override
    def _on_state(self, **more: Any) -> LightState:
        return LightState(on=True, **more)
