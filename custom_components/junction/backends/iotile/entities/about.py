"""What is told of a device beside the streams of what it measures (reference §5.2)."""

from collections.abc import Mapping
from typing import Final

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntityDescription,
)
from homeassistant.components.device_tracker import TrackerEntityDescription
from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import EntityCategory, UnitOfElectricPotential

from ....model import BinarySensorPoint, Detailed, Location, SensorPoint, TrackerPoint
from ..listing import Details
from ..models import BATTERY, SYSTEM, Device
from ..poller import Poller
from ..slugs import stream_from
from .built import Built, Show, value_of

_VOLTS: Final = 65536
_STATES: Final[Mapping[str, str]] = {
    "N0": "inactive",
    "N1": "active",
    "B0": "resetting",
    "B1": "archiving",
}
FROM_THE_LIST: Final = frozenset({"location", "state", "last_report"})
"""Points for which no request for the data of the device is needed."""


def about(poller: Poller, device: Device, details: Details) -> list[Built]:
    """Return the points of a device that are not streams of its own."""
    built = [
        *_recordless(poller, device, details),
        _last_measurement(poller, device),
        _state(poller, device.slug),
    ]
    if details.status is not None:
        built.append(_last_report(poller, device.slug))
        if details.status.checked:
            built.append(_problem(poller, device.slug))
    if device.location is not None:
        built.append(_tracker(poller, device.slug))
    return built


def _recordless(poller: Poller, device: Device, details: Details) -> list[Built]:
    """Return battery and restarts, which have no record; only ``extra/`` tells."""
    project = poller.listing.project_of(device)
    if project is None or details.filled is None:
        return []
    built: list[Built] = []
    battery = stream_from(project.slug, device.slug, BATTERY)
    if battery in details.filled:
        point = SensorPoint(
            device=device.slug,
            description=SensorEntityDescription(
                key=f"{BATTERY:04x}",
                translation_key="iotile_battery",
                device_class=SensorDeviceClass.VOLTAGE,
                native_unit_of_measurement=UnitOfElectricPotential.VOLT,
                state_class=SensorStateClass.MEASUREMENT,
                suggested_display_precision=2,
                entity_category=EntityCategory.DIAGNOSTIC,
            ),
        )
        show = _shown(poller, battery)
        built.append(Built(point, show))
    for variable, key in SYSTEM.items():
        stream = stream_from(project.slug, device.slug, variable)
        if stream in details.filled:
            point = _moment(
                device.slug, f"{variable:04x}", f"iotile_{key}", enabled=False
            )
            built.append(Built(point, _when(poller, stream)))
    return built


def _moment(device: str, key: str, translation: str, *, enabled: bool) -> SensorPoint:
    return SensorPoint(
        device=device,
        description=SensorEntityDescription(
            key=key,
            translation_key=translation,
            device_class=SensorDeviceClass.TIMESTAMP,
            entity_category=EntityCategory.DIAGNOSTIC,
            entity_registry_enabled_default=enabled,
        ),
    )


def _shown(poller: Poller, stream: str) -> Show:
    return lambda: value_of(poller, stream, lambda stored: stored / _VOLTS)


def _when(poller: Poller, stream: str) -> Show:
    def show() -> object:
        point = poller.values.get(stream)
        return point and point.time

    return show


def _last_measurement(poller: Poller, device: Device) -> Built:
    slug = device.slug
    enabled = device.active or poller.ledger.latest(slug) is not None
    point = _moment(
        slug, "last_measurement", "iotile_last_measurement", enabled=enabled
    )
    return Built(point, lambda: poller.ledger.latest(slug))


def _state(poller: Poller, slug: str) -> Built:
    point = SensorPoint(
        device=slug,
        description=SensorEntityDescription(
            key="state",
            translation_key="iotile_state",
            device_class=SensorDeviceClass.ENUM,
            options=[*_STATES.values(), "busy"],
            entity_category=EntityCategory.DIAGNOSTIC,
            entity_registry_enabled_default=False,
        ),
    )

    def show() -> object:
        device = poller.listing.devices[slug]
        details = poller.details.get(slug) or Details()
        state = "busy" if device.busy else _STATES.get(device.state or "")
        return Detailed(state, dict(details.properties))

    return Built(point, show)


def _last_report(poller: Poller, slug: str) -> Built:
    def show() -> object:
        status = poller.details[slug].status
        return status and status.last_report

    point = _moment(slug, "last_report", "iotile_last_report", enabled=False)
    return Built(point, show)


def _problem(poller: Poller, slug: str) -> Built:
    def show() -> bool | None:
        status = poller.details[slug].status
        return {"FAIL": True, "OK": False}.get((status and status.alert) or "")

    point = BinarySensorPoint(
        device=slug,
        description=BinarySensorEntityDescription(
            key="problem",
            translation_key="iotile_problem",
            device_class=BinarySensorDeviceClass.PROBLEM,
            entity_category=EntityCategory.DIAGNOSTIC,
        ),
    )
    return Built(point, show)


def _tracker(poller: Poller, slug: str) -> Built:
    def show() -> Location | None:
        found = poller.listing.devices[slug].location
        return found and Location(*found)

    point = TrackerPoint(
        device=slug,
        description=TrackerEntityDescription(
            key="location", translation_key="iotile_location"
        ),
    )
    return Built(point, show)
