"""Device and points of a forwarding target."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntityDescription,
)
from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import EntityCategory, UnitOfTime

from ...model import BinarySensorPoint, DeviceSpec, Point, PointKey, SensorPoint
from ...moments import moment_at
from .client.health import Health

_CONNECTED: Final = BinarySensorEntityDescription(
    key="forward_connected",
    translation_key="forward_connected",
    device_class=BinarySensorDeviceClass.CONNECTIVITY,
    entity_category=EntityCategory.DIAGNOSTIC,
)


def _sensor(key: str, *, on: bool, **more: Any) -> SensorEntityDescription:
    return SensorEntityDescription(
        key=f"forward_{key}",
        translation_key=f"forward_{key}",
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=on,
        **more,
    )


_SENSORS: Final[tuple[tuple[SensorEntityDescription, Callable[[Health], Any]], ...]] = (
    (
        _sensor("queued", on=False, state_class=SensorStateClass.MEASUREMENT),
        lambda health: health.queued,
    ),
    (
        _sensor("last_success", on=False, device_class=SensorDeviceClass.TIMESTAMP),
        lambda health: moment_at(health.last_success),
    ),
    (
        _sensor("refused", on=True, state_class=SensorStateClass.TOTAL_INCREASING),
        lambda health: health.refused,
    ),
    (
        _sensor(
            "delay",
            on=True,
            device_class=SensorDeviceClass.DURATION,
            state_class=SensorStateClass.MEASUREMENT,
            native_unit_of_measurement=UnitOfTime.SECONDS,
        ),
        lambda health: round(health.delay),
    ),
    (
        _sensor("forwarded", on=False, state_class=SensorStateClass.TOTAL_INCREASING),
        lambda health: health.forwarded,
    ),
    (
        _sensor("dropped", on=False, state_class=SensorStateClass.TOTAL_INCREASING),
        lambda health: health.dropped,
    ),
)


def device_id(target: str) -> str:
    """Return the id of a target's device."""
    return f"forward_{target}"


def device(target: str, title: str, url: str, via: str | None) -> DeviceSpec:
    """Return the device of a target."""
    return DeviceSpec(
        id=device_id(target),
        name=title,
        manufacturer="DSMR-reader",
        model="DSMR-reader",
        configuration_url=url,
        via=via,
        subentry=target,
        service=True,
    )


def points(target: str) -> Iterator[Point[Any]]:
    """Yield the points of a target."""
    own = device_id(target)
    yield BinarySensorPoint(device=own, description=_CONNECTED)
    for description, _ in _SENSORS:
        yield SensorPoint(device=own, description=description)


def states(target: str, health: Health) -> dict[PointKey, object]:
    """Return the states of a target's points."""
    own = device_id(target)
    shown: dict[PointKey, object] = {
        (own, _CONNECTED.key): (
            # Unknown as long as nothing was sent since the start.
            health.error is None if health.heard else None
        )
    }
    for description, value in _SENSORS:
        shown[own, description.key] = value(health)
    return shown
