"""Binary sensors: a row per capability (docs/protocols/cozify.md#capabilities)."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntityDescription,
)
from homeassistant.const import EntityCategory

from ....model import BinarySensorPoint
from ...http import json_fields as j
from ..client import Device
from .description import DescribedPoint

_DIAGNOSTIC: Final = EntityCategory.DIAGNOSTIC


@dataclass(frozen=True, slots=True)
class BinaryRow:
    """Binary sensor of a capability and a field."""

    capability: str
    field: str
    description: BinarySensorEntityDescription
    only_if_there: bool = False
    names_type: str = ""
    """Type of devices whose only purpose this is, so that the device's name is
    sufficient.
    """


def _binary(
    capability: str,
    field: str,
    key: str,
    device_class: BinarySensorDeviceClass | None = None,
    *,
    only_if_there: bool = False,
    named: bool = False,
    category: EntityCategory | None = None,
    names_type: str = "",
) -> BinaryRow:
    return BinaryRow(
        capability,
        field,
        BinarySensorEntityDescription(
            key=key,
            device_class=device_class,
            translation_key=f"cozify_{key}" if named else None,
            entity_category=category,
        ),
        only_if_there,
        names_type,
    )


_CLASS: Final = BinarySensorDeviceClass
BINARY_SENSORS: Final = (
    _binary("MOTION", "motion", "motion", _CLASS.MOTION),
    _binary(
        "SELF_MOTION", "selfMotion", "vibration", _CLASS.VIBRATION, only_if_there=True
    ),
    _binary(
        "CONTACT", "open", "contact", _CLASS.OPENING, named=True, names_type="CONTACT"
    ),
    _binary("MOISTURE", "moisture", "moisture", _CLASS.MOISTURE),
    _binary("SMOKE", "alert", "smoke", _CLASS.SMOKE),
    _binary("CO", "coDetected", "co", _CLASS.CO, named=True, names_type="CO"),
    # True = dark; no device class, because that of light means the opposite.
    _binary("TWILIGHT", "twilight", "twilight", named=True),
    _binary("LOW_TEMP", "lowTemp", "low_temperature", _CLASS.COLD, named=True),
    _binary("HIGH_TEMP", "highTemp", "high_temperature", _CLASS.HEAT, named=True),
    _binary(
        "BATTERY_U",
        "batteryLow",
        "battery_low",
        _CLASS.BATTERY,
        named=True,
        category=_DIAGNOSTIC,
    ),
    _binary("USER_PRESENCE", "reachable", "presence", _CLASS.PRESENCE),
)
SOUND: Final = _binary("GENERATE_ALERT", "sirenOn", "sound", _CLASS.SOUND)


def build(device: Device) -> Iterator[DescribedPoint]:
    """Yield the binary sensors of a device."""
    for binary in BINARY_SENSORS:
        there = j.boolean(device.state, binary.field) is not None
        if device.can(binary.capability) and (there or not binary.only_if_there):
            yield _described(device, binary)
    if device.can("GENERATE_ALERT") and not is_siren(device):
        yield _described(device, SOUND)


def is_siren(device: Device) -> bool:
    """Return whether a device is a siren that can be turned on."""
    sounds = device.can("GENERATE_ALERT") or device.type == "ALARM_DEVICE"
    return sounds and device.can("ON_OFF")


def _described(device: Device, row: BinaryRow) -> DescribedPoint:
    description = row.description
    if device.type == row.names_type:
        # This is all that the device does, so its own name is sufficient.
        description = replace(description, name=None, translation_key=None)
    return DescribedPoint(
        BinarySensorPoint(device=device.id, description=description),
        lambda now: j.boolean(now.state, row.field),
    )
