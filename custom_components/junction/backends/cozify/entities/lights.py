"""Lights and groups of lights; ``client.lights`` converts the values."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.components.light import LightEntityDescription
from homeassistant.components.light.const import ColorMode

from ....model import LightCommand, LightPoint, LightState
from ...http import json_fields as j
from ..client import Device, Group, lights
from .description import DescribedPoint, DeviceControl

_MODES: Final[Mapping[str | None, ColorMode]] = {
    lights.HS: ColorMode.HS,
    lights.CT: ColorMode.COLOR_TEMP,
}
# Hubs and lights may round brightness once more than this code.
_TOLERANCE: Final = 2.0


def color_modes(device: Device) -> frozenset[ColorMode]:
    """Return the color modes of a light."""
    modes = set()
    if device.can("COLOR_HS"):
        modes.add(ColorMode.HS)
    if device.can("COLOR_TEMP"):
        modes.add(ColorMode.COLOR_TEMP)
    if not modes:
        dims = device.can("BRIGHTNESS")
        modes.add(ColorMode.BRIGHTNESS if dims else ColorMode.ONOFF)
    return frozenset(modes)


class Lamp:
    """One light, or a group of lights."""

    def __init__(self, hub: DeviceControl, device: Device) -> None:
        """Store what never changes."""
        self._hub = hub
        self._id = device.id
        self._modes = color_modes(device)
        self._limits = lights.Limits.of(device.state)
        # It is unknown whether groups support it.
        self._shows_itself = device.can("IDENTIFY") and not isinstance(device, Group)
        self._mode: str | None = None
        self._point: LightPoint | None = None

    def build(
        self, device: Device, *, owner: str | None = None, **more: Any
    ) -> DescribedPoint:
        """Return the light point, on the device ``owner`` if that is another one."""
        more.setdefault("description", LightEntityDescription(key="light", name=None))
        self._point = LightPoint(
            device=owner or device.id,
            color_modes=self._modes,
            min_kelvin=self._limits.min_kelvin,
            max_kelvin=self._limits.max_kelvin,
            transition=device.can("TRANSITION"),
            tolerance=_TOLERANCE,
            set=self.set,
            flash=self._flash if self._shows_itself else None,
            **more,
        )
        return DescribedPoint(self._point, self.read)

    def read(self, device: Device) -> LightState:
        """Return the state of a light; only what the hub reported, never -1."""
        state = device.state
        on = j.boolean(state, "isOn")
        mode = self._mode = lights.mode(device, self._mode)
        level = j.number(state, "brightness")
        if not on and not level:
            # Some lights report 0 for an unknown brightness while they are off.
            level = None
        return LightState(
            on=on,
            brightness=lights.brightness(level) if self._dims else None,
            color_mode=_MODES.get(mode)
            or (ColorMode.BRIGHTNESS if self._dims else ColorMode.ONOFF),
            hs=lights.colour(state) if mode == lights.HS else None,
            kelvin=lights.kelvin(state) if mode == lights.CT else None,
        )

    @property
    def _dims(self) -> bool:
        return ColorMode.ONOFF not in self._modes

    async def set(self, command: LightCommand) -> None:
        """Send a command in one request."""
        fields = self.fields(command)
        assert self._point is not None
        self._hub.end_fade(self._point)
        if command.transition is None:
            await self._send(command, fields)
            return
        milliseconds = round(command.transition * 1000)
        await self._hub.set_fields(
            self._id, {"isOn": command.on, **fields, "transitionMsec": milliseconds}
        )
        self._hub.fade(
            self._point,
            command.expected,
            command.transition,
            lambda: self._send(command, fields),
        )

    async def _flash(self, length: str) -> None:
        """Flash; the only command has no duration."""
        await self._hub.identify(self._id)

    async def _send(self, command: LightCommand, fields: dict[str, Any]) -> None:
        if fields:
            # A brightness alone must not turn on a light that is off.
            await self._hub.set_fields(self._id, {"isOn": command.on, **fields})
        else:
            await self._hub.switch(self._id, on=command.on)

    def fields(self, command: LightCommand) -> dict[str, Any]:
        """Return the fields that a command sets, in addition to ``isOn``."""
        fields: dict[str, Any] = {}
        if command.brightness is not None:
            fields["brightness"] = lights.hub_brightness(command.brightness)
        if command.hs is not None:
            fields |= lights.hub_colour(*command.hs)
        elif command.kelvin is not None:
            fields |= lights.hub_kelvin(command.kelvin, self._limits)
        return fields
