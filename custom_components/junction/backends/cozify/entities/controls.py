"""Points of devices that accept commands: switches, sirens, buttons, speakers, and others.

See docs/protocols/cozify.md#what-ison-switches.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any, Final

from homeassistant.components.button import ButtonDeviceClass, ButtonEntityDescription
from homeassistant.components.media_player import (
    MediaPlayerDeviceClass,
    MediaPlayerEntityDescription,
    MediaPlayerState,
)
from homeassistant.components.siren import SirenEntityDescription
from homeassistant.components.switch import SwitchDeviceClass, SwitchEntityDescription
from homeassistant.const import EntityCategory

from ....model import ButtonPoint, MediaPlayerPoint, MediaState, SirenPoint, SwitchPoint
from ...http import json_fields as j
from ..client import Device, TargetRange, is_light
from ..settings import Settings
from . import covers
from .binary_sensors import is_siren
from .climate import Thermostat, is_climate
from .covers import Cover, Valve
from .description import DescribedPoint, DeviceControl
from .fans import Fan, Ventilation
from .lights import Lamp

MEDIA: Final = ("VOLUME", "MUTE")
CAMERA: Final = ("LIVE_FEED", "ONVIF_API", "FOSCAM_API")

PLUG: Final = SwitchEntityDescription(
    key="switch", name=None, device_class=SwitchDeviceClass.OUTLET
)
SWITCH: Final = SwitchEntityDescription(key="switch", name=None)
FIREPLACE: Final = SwitchEntityDescription(
    key="fireplace", translation_key="cozify_fireplace"
)
IDENTIFY: Final = ButtonEntityDescription(
    key="identify",
    device_class=ButtonDeviceClass.IDENTIFY,
    entity_category=EntityCategory.CONFIG,
    entity_registry_enabled_default=False,
)
SIREN: Final = SirenEntityDescription(key="siren", name=None)
PLAYER: Final = MediaPlayerEntityDescription(
    key="player", name=None, device_class=MediaPlayerDeviceClass.SPEAKER
)

_PLAYING: Final[Mapping[str | None, MediaPlayerState]] = {
    "PLAYING": MediaPlayerState.PLAYING,
    "TRANSITIONING": MediaPlayerState.BUFFERING,
    "PAUSED_PLAYBACK": MediaPlayerState.PAUSED,
    "STOPPED": MediaPlayerState.IDLE,
}


def build(
    hub: DeviceControl, device: Device, settings: Settings, limits: TargetRange
) -> Iterator[DescribedPoint]:
    """Yield the points of a device that accept commands, the main one first."""
    if (main := _main(hub, device, settings, limits)) is not None:
        yield main
    if device.can("VU_FN_FIREPLACE") or "fn_fireplace" in device.state:
        yield _flag(hub, device, FIREPLACE, "fn_fireplace")
    if device.can("IDENTIFY"):
        yield DescribedPoint(
            ButtonPoint(
                device=device.id,
                description=IDENTIFY,
                press=lambda: hub.identify(device.id),
            ),
            None,
        )


def _main(
    hub: DeviceControl, device: Device, settings: Settings, limits: TargetRange
) -> DescribedPoint | None:
    """Return the main point of a device."""
    if device.type == "UI_DEVICE":
        return None
    if device.type == "MEDIA_RENDERER" or device.can(*MEDIA):
        return _Player(hub, device).build(device)
    if is_climate(device):
        return Thermostat(hub, device, limits).build(device)
    if device.can("VU"):
        return Ventilation(hub, device).build(device)
    if device.can("FAN_MODE"):
        return Fan(hub, device).build(device)
    if device.can(*covers.CAPABILITIES):
        return Cover(hub, device, settings).build(device)
    if device.can("VALVE"):
        return Valve(hub, device).build(device)
    if is_light(device):
        return Lamp(hub, device).build(device)
    if is_siren(device):
        return DescribedPoint(
            SirenPoint(
                device=device.id, description=SIREN, set_on=_switch(hub, device)
            ),
            _is_sounding,
        )
    if device.can("ON_OFF"):
        plug = device.can("CONTROL_POWER") and not device.can(*CAMERA)
        return DescribedPoint(
            SwitchPoint(
                device=device.id,
                description=PLUG if plug else SWITCH,
                set_on=_switch(hub, device),
            ),
            is_on,
        )
    return None


def _switch(hub: DeviceControl, device: Device) -> Callable[[bool], Awaitable[None]]:
    async def set_on(on: bool) -> None:
        await hub.switch(device.id, on=on)

    return set_on


def is_on(device: Device) -> bool | None:
    """Return whether a device is on, None if unknown."""
    return j.boolean(device.state, "isOn")


def _is_sounding(device: Device) -> bool | None:
    on = j.boolean(device.state, "isOn")
    return j.boolean(device.state, "sirenOn") if on is None else on


def _flag(
    hub: DeviceControl, device: Device, description: SwitchEntityDescription, field: str
) -> DescribedPoint:
    async def set_on(on: bool) -> None:
        await hub.set_fields(device.id, {field: on})

    return DescribedPoint(
        SwitchPoint(device=device.id, description=description, set_on=set_on),
        lambda now: j.boolean(now.state, field),
    )


class _Player:
    """A speaker. Play commands are not documented, so they are not supported."""

    def __init__(self, hub: DeviceControl, device: Device) -> None:
        self._hub = hub
        self._id = device.id
        self._volume = device.can("VOLUME")
        self._mute = device.can("MUTE")

    def build(self, device: Device) -> DescribedPoint:
        return DescribedPoint(
            MediaPlayerPoint(
                device=device.id,
                description=PLAYER,
                set_volume=self._set_volume if self._volume else None,
                set_muted=self._set_muted if self._mute else None,
                tolerance=0.01,
            ),
            self._read,
        )

    def _read(self, device: Device) -> MediaState:
        state = device.state
        volume = j.number(state, "rcData", "volume")
        playing = _PLAYING.get(j.text(state, "avtData", "state"))
        if j.boolean(state, "isOn") is False:
            playing = MediaPlayerState.OFF
        return MediaState(
            state=playing or MediaPlayerState.ON,
            volume=None if volume is None else min(max(volume / 100, 0.0), 1.0),
            muted=j.boolean(state, "rcData", "mute"),
        )

    async def _set_volume(self, volume: float) -> None:
        await self._control({"volume": round(volume * 100)})

    async def _set_muted(self, muted: bool) -> None:
        await self._control({"mute": muted})

    async def _control(self, fields: Mapping[str, Any]) -> None:
        await self._hub.set_fields(
            self._id, {"rcData": {"type": "MR_RC_DATA", **fields}}
        )
