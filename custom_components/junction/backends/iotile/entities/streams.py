"""Points of streams: values and events."""

from collections.abc import Mapping
from typing import Final

from homeassistant.components.event import EventEntityDescription
from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import EntityCategory

from ....model import EventPoint, SensorPoint
from ..client.models import Stream
from ..client.state import IOTileState
from .description import PointDescription, value_of
from .readings import Reading
from .units import Meaning, meaning

DEFAULT_EVENT: Final = "event"
_SUMMED: Final = frozenset({SensorDeviceClass.WATER, SensorDeviceClass.VOLUME})
_KEYS: Final[Mapping[Reading, str]] = {
    Reading.MEASURED: "iotile_stream",
    Reading.METER: "iotile_stream",
    Reading.OPEN: "iotile_stream",
    Reading.INTERVAL: "iotile_interval",
}
_CLASSES: Final[Mapping[Reading, SensorStateClass | None]] = {
    Reading.MEASURED: SensorStateClass.MEASUREMENT,
    Reading.METER: SensorStateClass.TOTAL_INCREASING,
    Reading.OPEN: None,
    Reading.INTERVAL: None,
}


def class_of(means: Meaning, taken: Reading) -> SensorDeviceClass | None:
    """Return the device class: water only for meters."""
    if taken is Reading.METER or means.device_class not in _SUMMED:
        return means.device_class
    return SensorDeviceClass.VOLUME


def value(
    state: IOTileState, device: str, stream: Stream, name: str, taken: Reading
) -> PointDescription:
    """Return the sensor of the newest value of a stream."""
    means = meaning(stream)
    kind = class_of(means, taken)
    sensor = SensorPoint(
        device=device,
        name=name if taken is not Reading.INTERVAL else None,
        placeholders={"name": name} if taken is Reading.INTERVAL else {},
        description=SensorEntityDescription(
            key=f"{stream.variable:04x}",
            # With a device class it has that icon, and the user's name.
            translation_key=(
                _KEYS[taken] if kind is None or taken is Reading.INTERVAL else None
            ),
            device_class=kind,
            native_unit_of_measurement=means.unit,
            state_class=_CLASSES[taken],
            suggested_display_precision=means.own_decimals,
            entity_category=EntityCategory.DIAGNOSTIC if stream.technical else None,
            entity_registry_enabled_default=_enabled(state, stream, taken),
        ),
    )
    native = means.native(stream)
    return PointDescription(
        sensor, lambda: value_of(state, stream.slug, native), stream, taken
    )


def _enabled(state: IOTileState, stream: Stream, taken: Reading) -> bool:
    """Return whether a sensor is enabled by default."""
    if taken is Reading.INTERVAL or stream.technical:
        return False
    if stream.slug in state.values:
        return True
    device = state.listing.devices.get(stream.device or "")
    return not state.listing.app_only(stream) and (device is None or device.active)


def event(
    state: IOTileState, device: str, stream: Stream, name: str
) -> PointDescription:
    """Return the event point of a stream."""
    owner = state.listing.devices.get(device)
    point = EventPoint(
        device=device,
        name=name,
        description=EventEntityDescription(
            key=f"{stream.variable:04x}",
            translation_key="iotile_event",
            event_types=[stream.var_type or DEFAULT_EVENT],
            entity_registry_enabled_default=(
                owner is None or owner.active or state.ledger.latest(device) is not None
            ),
        ),
    )
    return PointDescription(point, lambda: None, stream)
