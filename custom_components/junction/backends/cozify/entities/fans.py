"""Ventilation units and fans."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Final, override

from homeassistant.components.fan import FanEntityDescription

from ....model import FanCommand, FanPoint, FanState
from ...http import json_fields as j
from ..client import Device
from .description import DescribedPoint, DeviceControl

FAN: Final = FanEntityDescription(key="fan", name=None, translation_key="cozify_fan")

# Speeds of a ventilation unit: minimum, standard, maximum, boost.
VU_SPEEDS: Final = 4
VU_STANDARD: Final = 2
FAN_SPEEDS: Final = 3
FAN_PRESETS: Final[Mapping[str, int]] = {"on": 4, "auto": 5, "smart": 6}


class _Blower(ABC):
    """A device that moves air, in steps."""

    speeds: ClassVar[int]
    presets: ClassVar[tuple[str, ...]] = ()

    def __init__(self, hub: DeviceControl, device: Device) -> None:
        """Store what never changes."""
        self._hub = hub
        self._id = device.id

    def build(self, device: Device) -> DescribedPoint:
        """Return the fan point."""
        return DescribedPoint(
            FanPoint(
                device=device.id,
                description=FAN,
                set=self._set,
                speeds=self.speeds,
                presets=self.presets,
                # A percentage between two speeds is rounded to the nearest one.
                tolerance=100 / self.speeds / 2,
            ),
            self._read,
        )

    @abstractmethod
    def _read(self, device: Device) -> FanState:
        """Return the state of the fan."""

    @abstractmethod
    async def _set(self, command: FanCommand) -> None:
        """Send a command in one request."""


class Ventilation(_Blower):
    """A ventilation unit with four speeds."""

    speeds = VU_SPEEDS

    @override
    def _read(self, device: Device) -> FanState:
        mode = j.integer(device.state, "mode")
        if mode is None or not 0 <= mode <= VU_SPEEDS:
            return FanState()
        return FanState(on=mode > 0, percentage=mode * 100 // VU_SPEEDS)

    @override
    async def _set(self, command: FanCommand) -> None:
        mode = 0
        if command.on:
            mode = VU_STANDARD
            current = j.integer(self._hub.reported(self._id), "mode")
            if command.percentage is not None:
                mode = max(round(command.percentage / 100 * VU_SPEEDS), 1)
            elif current:
                mode = current
        await self._hub.set_fields(self._id, {"mode": mode})


class Fan(_Blower):
    """A fan with three speeds and automatic modes."""

    speeds = FAN_SPEEDS
    presets = tuple(FAN_PRESETS)

    @override
    def _read(self, device: Device) -> FanState:
        mode = j.integer(device.state, "fanMode")
        on = j.boolean(device.state, "isOn")
        if mode is None:
            return FanState(on=on)
        names = {number: name for name, number in FAN_PRESETS.items()}
        speed = round(mode * 100 / FAN_SPEEDS) if mode <= FAN_SPEEDS else None
        return FanState(
            on=mode > 0 if on is None else on and mode > 0,
            percentage=speed,
            preset=names.get(mode),
        )

    @override
    async def _set(self, command: FanCommand) -> None:
        state = self._hub.reported(self._id)
        switched = j.boolean(state, "isOn") is not None
        fields: dict[str, Any] = {"isOn": command.on} if switched else {}
        if not command.on:
            if not switched:
                fields["fanMode"] = 0
        elif command.preset is not None:
            fields["fanMode"] = FAN_PRESETS[command.preset]
        elif command.percentage is not None:
            fields["fanMode"] = max(round(command.percentage / 100 * FAN_SPEEDS), 1)
        else:
            # The last mode, or the device's default.
            fields["fanMode"] = j.integer(state, "fanMode") or FAN_PRESETS["on"]
        await self._hub.set_fields(self._id, fields)
