"""Thermostats, heat pumps, and air conditioners."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.components.climate import (
    ClimateEntityDescription,
    HVACAction,
    HVACMode,
)
from homeassistant.const import UnitOfTemperature

from ....model import ClimateCommand, ClimatePoint, ClimateState
from ...http import json_fields as j
from ..client import Device, State, TargetRange, thermostats
from .description import DescribedPoint, DeviceControl

CAPABILITIES: Final = ("THERMOSTAT", "CONTROL_TEMPERATURE", "HVAC", "AIRCON")

MODES: Final[Mapping[int, HVACMode]] = {
    0: HVACMode.OFF,
    1: HVACMode.AUTO,
    2: HVACMode.HEAT,
    3: HVACMode.COOL,
}
PRESETS: Final[Mapping[int, str]] = {0: "comfort", 1: "eco", 2: "fireplace"}
FAN_MODES: Final[Mapping[int, str]] = {
    0: "off",
    1: "low",
    2: "medium",
    3: "high",
    4: "on",
    5: "auto",
    6: "smart",
}
DESCRIPTION: Final = ClimateEntityDescription(
    key="climate", name=None, translation_key="cozify_climate"
)


def is_climate(device: Device) -> bool:
    """Return whether a device is a thermostat of some kind."""
    return device.can(*CAPABILITIES) or device.state_type == "STATE_THERMOSTAT"


class Thermostat:
    """One thermostat."""

    def __init__(self, hub: DeviceControl, device: Device, limits: TargetRange) -> None:
        """Store what never changes."""
        self._limits = limits
        self._hub = hub
        self._id = device.id
        state = device.state
        self._by_mode = "mode" in state or device.can("CONTROL_MODE", "HVAC", "AIRCON")
        self._by_switch = not self._by_mode and (
            "isOn" in state or device.can("ON_OFF")
        )
        # Write the field that the device has.
        names = thermostats.TARGETS
        self._target = next((name for name in names if name in state), names[0])
        self._has_fan = "fanMode" in state or device.can("FAN_MODE")
        self._has_presets = "preset" in state or device.can("CONTROL_PRESET")

    def build(self, device: Device) -> DescribedPoint:
        """Return the climate point."""
        if self._by_mode:
            modes = tuple(MODES.values())
        elif self._by_switch:
            modes = (HVACMode.HEAT, HVACMode.OFF)
        else:
            modes = (HVACMode.HEAT,)
        return DescribedPoint(
            ClimatePoint(
                device=device.id,
                description=DESCRIPTION,
                modes=modes,
                set=self.set,
                unit=UnitOfTemperature.CELSIUS,
                min_temperature=self._limits.low,
                max_temperature=self._limits.high,
                # Some devices support whole degrees only.
                tolerance=0.5,
                presets=tuple(PRESETS.values()) if self._has_presets else (),
                fan_modes=tuple(FAN_MODES.values()) if self._has_fan else (),
            ),
            self.read,
        )

    def read(self, device: Device) -> ClimateState:
        """Return the state of the thermostat."""
        state = device.state
        mode = self._mode(state)
        return ClimateState(
            mode=mode,
            action=_action(mode, j.number(state, "heatingDemand")),
            current=_rounded(j.number(state, "temperature")),
            humidity=_rounded(j.number(state, "humidity")),
            target=_rounded(j.number(state, self._target)),
            preset=PRESETS.get(_whole(state, "preset")),
            fan_mode=FAN_MODES.get(_whole(state, "fanMode")),
        )

    def _mode(self, state: State) -> HVACMode | None:
        if self._by_mode:
            return MODES.get(_whole(state, "mode"))
        if self._by_switch:
            on = j.boolean(state, "isOn")
            return None if on is None else HVACMode.HEAT if on else HVACMode.OFF
        return HVACMode.HEAT

    async def set(self, command: ClimateCommand) -> None:
        """Send a command in one request."""
        fields: dict[str, Any] = {}
        if command.mode is not None and self._by_mode:
            fields["mode"] = _key(MODES, command.mode)
        elif command.mode is not None and self._by_switch:
            fields["isOn"] = command.mode is not HVACMode.OFF
        if command.target is not None:
            fields[self._target] = command.target
        if command.preset is not None:
            fields["preset"] = _key(PRESETS, command.preset)
        if command.fan_mode is not None:
            fields["fanMode"] = _key(FAN_MODES, command.fan_mode)
        if fields:
            await self._hub.set_fields(self._id, fields)


def _rounded(value: float | None) -> float | None:
    """Return a value without binary rounding errors."""
    return None if value is None else round(value, 2)


def _action(mode: HVACMode | None, demand: float | None) -> HVACAction | None:
    if mode is HVACMode.OFF:
        return HVACAction.OFF
    if demand is None:
        return None
    return HVACAction.HEATING if demand > 0 else HVACAction.IDLE


def _whole(state: State, field: str) -> int:
    value = j.integer(state, field)
    return -1 if value is None else value


def _key[T](table: Mapping[int, T], wanted: T) -> int:
    return next(key for key, value in table.items() if value == wanted)
