"""Blinds, shutters, and valves."""

from typing import Final

from homeassistant.components.cover import CoverDeviceClass, CoverEntityDescription
from homeassistant.components.valve import ValveDeviceClass, ValveEntityDescription

from ....model import CoverPoint, CoverState, ValvePoint
from ...http import json_fields as j
from ..client import Device
from ..settings import Settings
from .description import DescribedPoint, DeviceControl

CAPABILITIES: Final = ("BLINDS", "SHUTTER", "LIFT")
ARRIVES_WITHIN: Final = 120.0
"""Seconds within which the hub should report a new position.

It is unknown whether it reports a moving cover, and how to stop one
(docs/protocols/cozify.md#covers).
"""
VALVE: Final = ValveEntityDescription(
    key="valve", name=None, device_class=ValveDeviceClass.WATER
)


class Cover:
    """A blind or shutter with a position of 0-1 or 0-100."""

    def __init__(self, hub: DeviceControl, device: Device, settings: Settings) -> None:
        """Store what never changes."""
        self._hub = hub
        self._id = device.id
        self._inverted = settings.covers_inverted
        lifts = "liftPct" in device.state or (
            "position" not in device.state and device.can("LIFT")
        )
        self._field, self._full = ("liftPct", 100) if lifts else ("position", 1)
        self._tilts = "tiltPct" in device.state or device.can("TILT")

    def build(self, device: Device) -> DescribedPoint:
        """Return the cover point."""
        blind = device.can("BLINDS", "TILT")
        return DescribedPoint(
            CoverPoint(
                device=device.id,
                description=CoverEntityDescription(
                    key="cover",
                    name=None,
                    device_class=(
                        CoverDeviceClass.BLIND if blind else CoverDeviceClass.SHUTTER
                    ),
                ),
                open=lambda: self._move(100),
                close=lambda: self._move(0),
                set_position=self._move,
                set_tilt=self._tilt if self._tilts else None,
                arrives_within=ARRIVES_WITHIN,
            ),
            self._read,
        )

    def _read(self, device: Device) -> CoverState:
        value = j.number(device.state, self._field)
        position = None
        if value is not None and value >= 0:
            position = min(round(value / self._full * 100), 100)
            position = 100 - position if self._inverted else position
        tilt = j.number(device.state, "tiltPct")
        return CoverState(
            closed=None if position is None else position == 0,
            position=position,
            tilt=None if tilt is None else min(max(round(tilt), 0), 100),
        )

    async def _move(self, position: int) -> None:
        if self._inverted:
            position = 100 - position
        value = position if self._full == 100 else position / 100
        await self._hub.set_fields(self._id, {self._field: value})

    async def _tilt(self, tilt: int) -> None:
        await self._hub.set_fields(self._id, {"tiltPct": tilt})


class Valve:
    """A valve with a position."""

    def __init__(self, hub: DeviceControl, device: Device) -> None:
        """Store what never changes."""
        self._hub = hub
        self._id = device.id

    def build(self, device: Device) -> DescribedPoint:
        """Return the valve point."""
        return DescribedPoint(
            ValvePoint(
                device=device.id,
                description=VALVE,
                set_position=self._move,
                arrives_within=ARRIVES_WITHIN,
            ),
            self._read,
        )

    def _read(self, device: Device) -> CoverState:
        value = j.number(device.state, "openPct")
        position = None if value is None else min(max(round(value), 0), 100)
        return CoverState(
            closed=None if position is None else position == 0, position=position
        )

    async def _move(self, position: int) -> None:
        await self._hub.set_fields(self._id, {"openPct": position})
