"""Points of a device in addition to its streams: battery, reports, state, location.

See docs/protocols/iotile.md#mapping-to-home-assistant.
"""

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
from ..client.clock_skew import AHEAD
from ..client.listing import Details
from ..client.models import BATTERY, SYSTEM, VOLTS, Device
from ..client.slugs import stream_from
from ..client.state import IOTileState
from .description import PointDescription, Show, value_of
from .readings import Reading

_STATES: Final[Mapping[str, str]] = {
    "N0": "inactive",
    "N1": "active",
    "B0": "resetting",
    "B1": "archiving",
}
FROM_THE_LIST: Final = frozenset({"location", "state", "last_report"})
"""Points that need no request for the data of the device."""


def about(
    state: IOTileState, device: Device, details: Details
) -> list[PointDescription]:
    """Return the points of a device that are not streams."""
    found = [
        *_recordless(state, device, details),
        _last_measurement(state, device),
        _state(state, device.slug),
    ]
    if details.status is not None:
        found.append(_last_report(state, device.slug))
        if details.status.checked:
            found.append(_problem(state, device.slug))
    if device.location is not None:
        found.append(_tracker(state, device.slug))
    return found


def _recordless(
    state: IOTileState, device: Device, details: Details
) -> list[PointDescription]:
    """Return battery and restarts, which have no record; only ``extra/`` lists them."""
    project = state.listing.project_of(device)
    if project is None or details.filled is None:
        return []
    found: list[PointDescription] = []
    battery = stream_from(project.slug, device.slug, BATTERY)
    if battery in details.filled:
        point = SensorPoint(
            device=device.slug,
            id=f"{BATTERY:04x}",
            description=SensorEntityDescription(
                key="battery_voltage",
                translation_key="iotile_battery",
                device_class=SensorDeviceClass.VOLTAGE,
                native_unit_of_measurement=UnitOfElectricPotential.VOLT,
                state_class=SensorStateClass.MEASUREMENT,
            ),
        )
        battery_stream = state.listing.find(battery)
        native = VOLTS.forward
        found.append(
            PointDescription(
                point, lambda: value_of(state, battery, native), battery_stream
            )
        )
    for variable, key in SYSTEM.items():
        stream = stream_from(project.slug, device.slug, variable)
        if stream in details.filled:
            point = _moment(
                device.slug, f"{variable:04x}", f"iotile_{key}", enabled=False
            )
            found.append(
                PointDescription(
                    point,
                    _when(state, stream),
                    state.listing.find(stream),
                    Reading.OPEN,
                )
            )
    return found


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


def _when(state: IOTileState, stream: str) -> Show:
    def show() -> object:
        point = state.values.get(stream)
        return point and point.time

    return show


def _last_measurement(state: IOTileState, device: Device) -> PointDescription:
    slug = device.slug
    enabled = device.active or state.ledger.latest(slug) is not None
    point = _moment(
        slug, "last_measurement", "iotile_last_measurement", enabled=enabled
    )
    return PointDescription(point, lambda: state.ledger.latest(slug))


def _state(state: IOTileState, slug: str) -> PointDescription:
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
        device = state.listing.devices[slug]
        details = state.details.get(slug) or Details()
        shown = "busy" if device.busy else _STATES.get(device.state or "")
        return Detailed(shown, dict(details.properties))

    return PointDescription(point, show)


def _last_report(state: IOTileState, slug: str) -> PointDescription:
    def show() -> object:
        status = state.details[slug].status
        moment = status.last_report if status else None
        return moment if moment is None or moment <= state.now() + AHEAD else None

    point = _moment(slug, "last_report", "iotile_last_report", enabled=False)
    return PointDescription(point, show)


def _problem(state: IOTileState, slug: str) -> PointDescription:
    def show() -> bool | None:
        status = state.details[slug].status
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
    return PointDescription(point, show)


def _tracker(state: IOTileState, slug: str) -> PointDescription:
    def show() -> Location | None:
        found = state.listing.devices[slug].location
        return found and Location(*found)

    point = TrackerPoint(
        device=slug,
        description=TrackerEntityDescription(
            key="location", translation_key="iotile_location"
        ),
    )
    return PointDescription(point, show)
