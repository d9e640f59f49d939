"""Climate platform."""

from typing import Any, override

from homeassistant.components.climate import (
    ATTR_HVAC_MODE,
    ClimateEntity,
    ClimateEntityFeature,
    HVACMode,
)
from homeassistant.const import ATTR_TEMPERATURE
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import JunctionConfigEntry
from .entity import JunctionEntity, async_add_points, features
from .model import ClimateCommand, ClimatePoint, ClimateState, limits

# Backends limit their own requests; a limit here would be shared by all of them.
PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: JunctionConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the thermostat entities of a config entry."""
    async_add_points(entry, async_add_entities, ClimatePoint, JunctionClimate)


class JunctionClimate(JunctionEntity[ClimatePoint, ClimateState], ClimateEntity):
    """Thermostat of a point."""

    _measured: float | None = None
    _target: float | None = None

    @property
    @override
    def native_temperature_unit(self) -> str:
        """Return the unit of the temperatures."""
        return self.point.unit

    @property
    @override
    def native_current_temperature(self) -> float | None:
        """Return the measured temperature."""
        return self._measured

    @property
    @override
    def native_target_temperature(self) -> float | None:
        """Return the set temperature."""
        return self._target

    # 2026.10 reads these. 2026.11 declares them final, but accepts a class that defines
    # both.
    temperature_unit = native_temperature_unit  # type: ignore[misc]  # 2026.10
    current_temperature = native_current_temperature  # type: ignore[misc]  # 2026.10
    target_temperature = native_target_temperature  # type: ignore[misc]  # 2026.10

    @override
    def _describe(self) -> None:
        point = self.point
        steered = point.set is not None
        switched = steered and HVACMode.OFF in point.modes and len(point.modes) > 1
        self._attr_hvac_modes = list(point.modes)
        self._attr_min_temp = point.min_temperature
        self._attr_max_temp = point.max_temperature
        self._attr_target_temperature_step = point.step
        self._attr_preset_modes = list(point.presets) or None
        self._attr_fan_modes = list(point.fan_modes) or None
        self._attr_supported_features = features(
            ClimateEntityFeature(0),
            {
                ClimateEntityFeature.TARGET_TEMPERATURE: steered and point.targets,
                ClimateEntityFeature.PRESET_MODE: steered and point.presets,
                ClimateEntityFeature.FAN_MODE: steered and point.fan_modes,
                ClimateEntityFeature.TURN_ON: switched,
                ClimateEntityFeature.TURN_OFF: switched,
            },
        )

    @override
    def _show(self, state: ClimateState | None) -> None:
        state = state or ClimateState()
        self._attr_hvac_mode = state.mode
        self._attr_hvac_action = state.action
        self._measured = state.current
        self._attr_current_humidity = state.humidity
        self._target = state.target
        self._attr_preset_mode = state.preset
        self._attr_fan_mode = state.fan_mode

    async def _send_command(self, command: ClimateCommand) -> None:
        command = limits.climate(self.point, command)
        await self._offered(self.point.set, command, expected=command.expected)

    @override
    async def async_set_hvac_mode(self, hvac_mode: HVACMode) -> None:
        """Set the mode."""
        await self._send_command(ClimateCommand(mode=hvac_mode))

    @override
    async def async_turn_on(self) -> None:
        """Turn on in the first mode that is not off; does nothing if it is on already."""
        if self.hvac_mode in {None, HVACMode.OFF}:
            modes = self.point.modes
            await self.async_set_hvac_mode(next(m for m in modes if m != HVACMode.OFF))

    @override
    async def async_turn_off(self) -> None:
        """Turn off."""
        await self.async_set_hvac_mode(HVACMode.OFF)

    @override
    async def async_set_temperature(self, **kwargs: Any) -> None:
        """Set the temperature, and the mode if one is given."""
        if (target := kwargs.get(ATTR_TEMPERATURE)) is not None:
            target = self._checked(ATTR_TEMPERATURE, target)
        if (mode := kwargs.get(ATTR_HVAC_MODE)) is not None:
            # Home Assistant validates the mode only in the action that sets the mode
            # alone.
            self._valid_mode_or_raise("hvac", mode, self.hvac_modes)
        await self._send_command(ClimateCommand(target=target, mode=mode))

    @override
    async def async_set_preset_mode(self, preset_mode: str) -> None:
        """Set the preset."""
        await self._send_command(ClimateCommand(preset=preset_mode))

    @override
    async def async_set_fan_mode(self, fan_mode: str) -> None:
        """Set the fan mode."""
        await self._send_command(ClimateCommand(fan_mode=fan_mode))
