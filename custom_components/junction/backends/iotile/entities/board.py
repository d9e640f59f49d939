"""The devices and points of one account, and what they show now."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntityDescription,
)
from homeassistant.components.device_tracker import TrackerEntityDescription
from homeassistant.components.event import EventEntityDescription
from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import EntityCategory, UnitOfElectricPotential

from ....model import (
    BinarySensorPoint,
    Detailed,
    EventPoint,
    Location,
    Point,
    PointKey,
    SensorPoint,
    Topology,
    TrackerPoint,
)
from ..models import BATTERY, SYSTEM, Device, Point as Value, Stream
from ..poller import Details, Poller
from ..slugs import stream_from
from .devices import home, spec
from .readings import Reading, reading
from .units import Meaning, meaning

_VOLTS: Final = 65536
_DEFAULT_EVENT: Final = "event"
_SUMMED: Final = frozenset({SensorDeviceClass.WATER, SensorDeviceClass.VOLUME})
_STATES: Final[Mapping[str, str]] = {
    "N0": "inactive",
    "N1": "active",
    "B0": "resetting",
    "B1": "archiving",
}

type Show = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Built:
    """A point, what it shows, and the stream that it shows."""

    point: Point[Any]
    show: Show
    stream: Stream | None = None
    reading: Reading = Reading.MEASURED


class Board:
    """Makes points from what the poller lists.

    ``meters`` and ``intervals`` are the streams of which the person said so.
    """

    def __init__(
        self, poller: Poller, url: str, meters: list[str], intervals: list[str]
    ) -> None:
        """Show nothing yet."""
        self.poller = poller
        self.built: list[Built] = []
        self.topology = Topology()
        self._url = url
        self._meters = meters
        self._intervals = intervals
        self._events: dict[str, PointKey] = {}

    def reading(self, stream: Stream) -> Reading:
        """Return how to take a stream."""
        return reading(stream, self._meters, self._intervals)

    def summed(self, stream: Stream) -> bool:
        """Whether the points of a stream are to be added up."""
        return self.reading(stream) is Reading.INTERVAL

    def rebuild(self) -> None:
        """Make the points anew; the topology stays the same object if nothing changed."""
        listing = self.poller.listing
        devices = [home(project, self._url) for project in listing.projects.values()]
        built: list[Built] = []
        self._events = {}
        for device in listing.devices.values():
            details = self.poller.details.get(device.slug) or Details()
            devices.append(spec(device, listing, details, self._url))
            built += self._of_device(device)
        for slug in listing.projects:
            virtual = [
                stream
                for stream in listing.streams.values()
                if stream.device is None and stream.project == slug
            ]
            built += self._streams(slug, virtual)
        self.built = built
        topology = Topology(
            devices=tuple(devices), points=tuple(one.point for one in built)
        )
        if topology != self.topology:
            self.topology = topology

    def states(self) -> dict[PointKey, object]:
        """Return what all points show."""
        return {one.point.key: one.show() for one in self.built}

    def event_point(self, stream: str) -> PointKey | None:
        """Return the point of an event stream."""
        return self._events.get(stream)

    def event_type(self, stream: str) -> str:
        """Return what events of a stream are called."""
        found = self.poller.listing.streams.get(stream)
        return (found and found.var_type) or _DEFAULT_EVENT

    # Points.

    def _of_device(self, device: Device) -> list[Built]:
        streams = self.poller.listing.streams.values()
        details = self.poller.details.get(device.slug) or Details()
        slug = device.slug
        built = self._streams(slug, [s for s in streams if s.device == slug])
        built += self._system(device, details)
        built.append(
            Built(
                SensorPoint(
                    device=slug,
                    description=SensorEntityDescription(
                        key="last_measurement",
                        translation_key="iotile_last_measurement",
                        device_class=SensorDeviceClass.TIMESTAMP,
                        entity_category=EntityCategory.DIAGNOSTIC,
                    ),
                ),
                lambda: self.poller.ledger.latest(slug),
            )
        )
        built.append(
            Built(
                SensorPoint(
                    device=slug,
                    description=SensorEntityDescription(
                        key="state",
                        translation_key="iotile_state",
                        device_class=SensorDeviceClass.ENUM,
                        options=[*_STATES.values(), "busy"],
                        entity_category=EntityCategory.DIAGNOSTIC,
                        entity_registry_enabled_default=False,
                    ),
                ),
                lambda: self._state(slug),
            )
        )
        if details.status is not None:
            built += self._health(slug, checked=details.status.checked)
        if device.location is not None:
            built.append(
                Built(
                    TrackerPoint(
                        device=slug,
                        description=TrackerEntityDescription(
                            key="location", translation_key="iotile_location"
                        ),
                    ),
                    lambda: self._location(slug),
                )
            )
        return built

    def _health(self, slug: str, *, checked: bool) -> list[Built]:
        built = [
            Built(
                SensorPoint(
                    device=slug,
                    description=SensorEntityDescription(
                        key="last_report",
                        translation_key="iotile_last_report",
                        device_class=SensorDeviceClass.TIMESTAMP,
                        entity_category=EntityCategory.DIAGNOSTIC,
                        entity_registry_enabled_default=False,
                    ),
                ),
                lambda: self._last_report(slug),
            )
        ]
        if checked:
            built.append(
                Built(
                    BinarySensorPoint(
                        device=slug,
                        description=BinarySensorEntityDescription(
                            key="problem",
                            translation_key="iotile_problem",
                            device_class=BinarySensorDeviceClass.PROBLEM,
                            entity_category=EntityCategory.DIAGNOSTIC,
                        ),
                    ),
                    lambda: self._problem(slug),
                )
            )
        return built

    def _system(self, device: Device, details: Details) -> list[Built]:
        """Return battery and restarts, which have no record; only ``extra/`` tells."""
        project = self.poller.listing.project_of(device)
        if project is None or details.filled is None:
            return []
        built: list[Built] = []
        name = stream_from(project.slug, device.slug, BATTERY)
        if name in details.filled:
            built.append(
                Built(
                    SensorPoint(
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
                    ),
                    lambda: self._value(name, lambda stored: stored / _VOLTS),
                )
            )
        for variable, key in SYSTEM.items():
            stream = stream_from(project.slug, device.slug, variable)
            if stream not in details.filled:
                continue
            built.append(
                Built(
                    SensorPoint(
                        device=device.slug,
                        description=SensorEntityDescription(
                            key=f"{variable:04x}",
                            translation_key=f"iotile_{key}",
                            device_class=SensorDeviceClass.TIMESTAMP,
                            entity_category=EntityCategory.DIAGNOSTIC,
                            entity_registry_enabled_default=False,
                        ),
                    ),
                    partial(self._moment, stream),
                )
            )
        return built

    def _streams(self, device: str, streams: list[Stream]) -> list[Built]:
        """Return the points of streams, which get their variable's id where alike."""
        shown = [s for s in streams if s.enabled and (s.numeric or s.eventful)]
        names = Counter(stream.name for stream in shown)
        built: list[Built] = []
        for stream in shown:
            name = stream.name
            if names[name] > 1:
                name = f"{name} {stream.variable:04x}"
            if stream.eventful:
                built.append(self._event(device, stream, name))
            else:
                built += self._numbers(device, stream, name)
        return built

    def _event(self, device: str, stream: Stream, name: str) -> Built:
        point = EventPoint(
            device=device,
            name=name,
            description=EventEntityDescription(
                key=f"{stream.variable:04x}",
                translation_key="iotile_event",
                event_types=[stream.var_type or _DEFAULT_EVENT],
            ),
        )
        self._events[stream.slug] = point.key
        return Built(point, lambda: None, stream)

    def _numbers(self, device: str, stream: Stream, name: str) -> list[Built]:
        means, taken = meaning(stream), self.reading(stream)
        key = f"{stream.variable:04x}"
        sensor = SensorPoint(
            device=device,
            name=name if taken is not Reading.INTERVAL else None,
            placeholders={"name": name} if taken is Reading.INTERVAL else {},
            description=SensorEntityDescription(
                key=key,
                translation_key=_KEYS[taken],
                device_class=_class(means, taken),
                native_unit_of_measurement=means.unit,
                state_class=_CLASSES[taken],
                suggested_display_precision=means.decimals,
                entity_category=EntityCategory.DIAGNOSTIC if stream.technical else None,
                entity_registry_enabled_default=self._enabled(stream, taken),
            ),
        )
        convert = float if means.stored else stream.shown
        built = [
            Built(sensor, lambda: self._value(stream.slug, convert), stream, taken)
        ]
        if taken is Reading.INTERVAL:
            total = SensorPoint(
                device=device,
                placeholders={"name": name},
                description=SensorEntityDescription(
                    key=f"{key}_total",
                    translation_key="iotile_total",
                    device_class=_class(means, Reading.METER),
                    native_unit_of_measurement=means.unit,
                    state_class=SensorStateClass.TOTAL_INCREASING,
                    suggested_display_precision=means.decimals,
                ),
            )
            built.append(
                Built(total, lambda: self._total(stream.slug, convert), stream, taken)
            )
        return built

    def _enabled(self, stream: Stream, taken: Reading) -> bool:
        """Whether a sensor is worth showing to who did not ask for it (§5.2)."""
        if taken is Reading.INTERVAL or stream.technical:
            return False
        if stream.slug in self.poller.values:
            return True
        variable = f"v--{stream.project[3:]}--{stream.variable:04x}"
        device = self.poller.listing.devices.get(stream.device or "")
        return variable not in self.poller.listing.app_only and (
            device is None or device.active
        )

    # What points show.

    def _value(self, slug: str, convert: Callable[[float], float]) -> object:
        point: Value | None = self.poller.values.get(slug)
        if point is None:
            return None
        measured = point.time.isoformat()
        return Detailed(convert(point.stored), {"measured_at": measured})

    def _moment(self, slug: str) -> object:
        point = self.poller.values.get(slug)
        return point and point.time

    def _total(self, slug: str, convert: Callable[[float], float]) -> float | None:
        total = self.poller.ledger.totals.get(slug)
        return None if total is None else convert(total)

    def _state(self, slug: str) -> object:
        device = self.poller.listing.devices[slug]
        details = self.poller.details.get(slug) or Details()
        state = "busy" if device.busy else _STATES.get(device.state or "")
        return Detailed(state, dict(details.properties))

    def _last_report(self, slug: str) -> object:
        status = self.poller.details[slug].status
        return status and status.last_report

    def _problem(self, slug: str) -> bool | None:
        status = self.poller.details[slug].status
        return {"FAIL": True, "OK": False}.get((status and status.alert) or "")

    def _location(self, slug: str) -> Location | None:
        found = self.poller.listing.devices[slug].location
        return found and Location(*found)


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


def _class(means: Meaning, taken: Reading) -> SensorDeviceClass | None:
    """Return the class: water is for meters only."""
    if taken is Reading.METER or means.device_class not in _SUMMED:
        return means.device_class
    return SensorDeviceClass.VOLUME
