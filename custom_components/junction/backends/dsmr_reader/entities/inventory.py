"""Devices, points, and states of a DSMR-reader."""

from typing import Any, Final

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import EntityCategory

from ....model import UNAVAILABLE, DeviceSpec, Point, PointKey, SensorPoint, Topology
from ..client.state import Group, ReaderState
from ..client.telegram import OtherMeter
from . import DESCRIPTIONS
from .description import GAS_METER, SERVER, PointDescription

_READ_AT: Final = SensorEntityDescription(
    key="read_at",
    translation_key="mbus_read_at",
    device_class=SensorDeviceClass.TIMESTAMP,
    entity_category=EntityCategory.DIAGNOSTIC,
    entity_registry_enabled_default=False,
)
_CLASSES: Final = {
    "water_meter": SensorDeviceClass.WATER,
    "warm_water_meter": SensorDeviceClass.WATER,
    "heat_meter": SensorDeviceClass.ENERGY,
    "cooling_meter": SensorDeviceClass.ENERGY,
}


class Inventory:
    """Points of one server. A point stays once it was added."""

    def __init__(self, url: str) -> None:
        """Initialize without points."""
        self._url = url
        self._version: str | None = None
        self._points: dict[PointKey, Point[Any]] = {}
        self._descriptions: list[PointDescription] = []
        self._waiting = list(DESCRIPTIONS)
        self._meters: dict[str, OtherMeter] = {}
        self.topology = Topology(complete=False)

    def show(self, state: ReaderState, version: str | None) -> dict[PointKey, object]:
        """Return all states, and update ``topology``."""
        changed = version != self._version
        self._version = version
        for description in list(self._waiting):
            if description.group in state.fresh and description.exists(state):
                self._waiting.remove(description)
                self._descriptions.append(description)
                self._points[description.point_key] = description.point(state)
                changed = True
        for meter in state.telegram.meters:
            if meter.id not in self._meters:
                for point in _meter_points(meter):
                    self._points[point.key] = point
                changed = True
            self._meters[meter.id] = meter
        if changed:
            self._rebuild()
        states = {
            description.point_key: description.state(state)
            for description in self._descriptions
        }
        return states | self._meter_states(state)

    def _meter_states(self, state: ReaderState) -> dict[PointKey, object]:
        present = {meter.id for meter in state.telegram.meters}
        states: dict[PointKey, object] = {}
        for name, meter in self._meters.items():
            shown = Group.METER in state.fresh and name in present
            states[name, "reading"] = meter.value if shown else UNAVAILABLE
            states[name, "read_at"] = meter.read_at if shown else UNAVAILABLE
        return states

    def _rebuild(self) -> None:
        devices = [
            DeviceSpec(
                id=SERVER,
                manufacturer="DSMR-reader",
                model="DSMR-reader",
                sw_version=self._version,
                configuration_url=self._url,
            )
        ]
        if any(device == GAS_METER for device, _ in self._points):
            devices.append(
                DeviceSpec(
                    id=GAS_METER, translation_key="dsmr_reader_gas_meter", via=SERVER
                )
            )
        devices += [
            DeviceSpec(
                id=name, translation_key=f"dsmr_reader_{meter.medium}", via=SERVER
            )
            for name, meter in self._meters.items()
        ]
        self.topology = Topology(
            devices=tuple(devices),
            points=tuple(self._points.values()),
            # A value that is null today may have existed yesterday.
            complete=False,
        )


def _meter_points(meter: OtherMeter) -> tuple[Point[Any], ...]:
    return (
        SensorPoint(
            device=meter.id,
            description=SensorEntityDescription(
                key="reading",
                translation_key="mbus_reading",
                device_class=_CLASSES[meter.medium],
                state_class=SensorStateClass.TOTAL_INCREASING,
                native_unit_of_measurement=meter.unit,
            ),
        ),
        SensorPoint(device=meter.id, description=_READ_AT),
    )
