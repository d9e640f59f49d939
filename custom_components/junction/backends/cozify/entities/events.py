"""Events: pressed buttons, doorbells, alarms (docs/protocols/cozify.md#events).

A full delta causes no events, because it does not show what happened.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from homeassistant.components.event import (
    DoorbellEventType,
    EventDeviceClass,
    EventEntityDescription,
)

from ....model import EventPoint, PointKey
from ...http import json_fields as j
from ..client import Alarm, Change, Changes, Device, Kind
from .description import DescribedPoint

REMOTES: Final = ("REMOTE_CONTROL", "HUE_SWITCH", "IKEA_RC", "DIMMER_CONTROL")

PRESS: Final = "press"
# The rarer ones first, because the hub may name several.
MODIFIERS: Final = ("longpress", "stop", "full_on", "toggle")

REMOTE: Final = EventEntityDescription(
    key="remote",
    name=None,
    translation_key="cozify_remote",
    device_class=EventDeviceClass.BUTTON,
    event_types=[PRESS, *MODIFIERS],
)
DOORBELL: Final = EventEntityDescription(
    key="doorbell",
    name=None,
    translation_key="cozify_doorbell",
    device_class=EventDeviceClass.DOORBELL,
    event_types=[DoorbellEventType.RING],
)
RAISED: Final = "raised"
CLOSED: Final = "closed"
ALARM: Final = EventEntityDescription(
    key="alarm", translation_key="cozify_alarm", event_types=[RAISED, CLOSED]
)


def is_remote(device: Device) -> bool:
    """Return whether a device has buttons."""
    return device.type == "REMOTE_CONTROL" or device.can(*REMOTES)


def is_doorbell(device: Device) -> bool:
    """Return whether a device is a doorbell."""
    return device.type == "DOORBELL" or device.state_type == "STATE_DOORBELL"


def build(device: Device) -> Iterator[DescribedPoint]:
    """Yield the event points of a device."""
    if is_remote(device):
        yield DescribedPoint(EventPoint(device=device.id, description=REMOTE), None)
    if is_doorbell(device):
        yield DescribedPoint(EventPoint(device=device.id, description=DOORBELL), None)


type Occurrence = tuple[PointKey, str, Mapping[str, Any]]


def events(changes: Changes, hub: str) -> Iterator[Occurrence]:
    """Yield the events of devices, and of the device ``hub``."""
    if changes.full:
        return
    for change in changes.all:
        match change:
            case Change(Kind.DEVICE, key, Device() as old, Device() as new):
                if is_remote(new) and _pressed(old, new):
                    yield (key, REMOTE.key), *_button(new)
                if is_doorbell(new) and _rang(old, new):
                    yield (key, DOORBELL.key), DoorbellEventType.RING, {}
            case Change(Kind.ALARM):
                yield from _alarm(change, hub)
            case _:
                pass


def _pressed(old: Device, new: Device) -> bool:
    """Return whether a button was pressed: a repeated press changes only the time."""
    return (
        new.timestamp > old.timestamp
        and j.integer(new.state, "button") is not None
        and ("lastSeen" not in new.state or new.last_seen != old.last_seen)
        and not _is_battery_only(old, new)
    )


def _is_battery_only(old: Device, new: Device) -> bool:
    """Return whether only the battery changed, which is not a press."""
    return any(
        old.state.get(field) != new.state.get(field)
        for field in ("batteryV", "batteryLow", "battery")
    ) and all(
        old.state.get(field) == new.state.get(field)
        for field in ("button", "modifiers")
    )


def _button(device: Device) -> tuple[str, dict[str, Any]]:
    number = j.integer(device.state, "button")
    said = j.sequence(device.state, "modifiers") or []
    kind = next((modifier for modifier in MODIFIERS if modifier in said), PRESS)
    label = dict(device.buttons).get(number if number is not None else -1)
    return kind, {"button": number} | ({"label": label} if label else {})


def _rang(old: Device, new: Device) -> bool:
    return (
        j.boolean(new.state, "alert") is True
        and j.boolean(old.state, "alert") is not True
    )


def _alarm(change: Change, hub: str) -> Iterator[Occurrence]:
    old, new = change.old, change.new
    was = isinstance(old, Alarm) and not old.closed
    now = isinstance(new, Alarm) and not new.closed
    alarm = new if isinstance(new, Alarm) else old
    if was is not now and isinstance(alarm, Alarm):
        about = {"title": alarm.title or alarm.name, "level": alarm.level}
        yield (hub, ALARM.key), RAISED if now else CLOSED, about
