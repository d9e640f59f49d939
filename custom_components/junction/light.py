"""Light platform."""

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
from .entity import JunctionEntity, async_add_points, features
from .model import LightCommand, LightPoint, LightState, limits

# Backends limit their own requests; a limit here would be shared by all of them.
PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: JunctionConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the lights of an entry."""
    async_add_points(entry, async_add_entities, LightPoint, JunctionLight)


class JunctionLight(JunctionEntity[LightPoint, LightState], LightEntity):
    """A lamp."""

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
        """Return the mode told, else what fits: Home Assistant insists on one."""
        modes = self.point.color_modes
        if state.color_mode in modes:
            return state.color_mode
        if state.kelvin is not None and ColorMode.COLOR_TEMP in modes:
            return ColorMode.COLOR_TEMP
        if state.hs is not None and ColorMode.HS in modes:
            return ColorMode.HS
        # Sorted, so that the answer does not change from one start to the next.
        return min(modes)

    async def _tell(self, wanted: LightCommand) -> None:
        command = limits.light(self.point, wanted)
        # A lamp that fades is for a long time not what it was told to be.
        expected = None if command.transition else command.expected
        await self._command(lambda: self.point.set(command), expected)

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Turn on, or change what is on; a lamp that flashes is then as before."""
        if (flash := kwargs.get(ATTR_FLASH)) is not None:
            await self._offered(self.point.flash, flash)
            return
        if (effect := kwargs.get(ATTR_EFFECT)) not in {None, *self.point.effects}:
            raise self._not_offered()
        await self._tell(
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
        await self._tell(LightCommand(on=False, transition=kwargs.get(ATTR_TRANSITION)))

    async def async_turn_on_for(self, duration: float) -> JsonObjectType:
        """Turn on for some seconds."""
        return await self._for(self.point.turn_on_for, duration, LightState(on=True))
