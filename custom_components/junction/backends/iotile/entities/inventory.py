"""All devices and points of an account."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from homeassistant.components.event import EventEntityDescription
from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import EntityCategory

from ....model import EventPoint, PointKey, SensorPoint, Topology
from ..client.listing import Details
from ..client.models import Device, Stream
from ..client.state import IOTileState
from .description import PointDescription, value_of
from .devices import home, spec
from .readings import Reading, reading
from .status import about
from .units import Meaning, meaning

_DEFAULT_EVENT: Final = "event"
_SUMMED: Final = frozenset({SensorDeviceClass.WATER, SensorDeviceClass.VOLUME})


class Inventory:
    """Makes points from what the state lists.

    ``meters`` and ``intervals`` are the streams of which the person said so.
    """

    def __init__(
        self, state: IOTileState, url: str, meters: list[str], intervals: list[str]
    ) -> None:
        """Show nothing yet."""
        self.state = state
        self.points: list[PointDescription] = []
        self.topology = Topology()
        self._url = url
        self._meters = meters
        self._intervals = intervals
        self._events: dict[str, PointKey] = {}
        self._basis: tuple[int, int] | None = None

    def reading(self, stream: Stream) -> Reading:
        """Return how to take a stream."""
        return reading(stream, self._meters, self._intervals)

    def summed(self, stream: Stream) -> bool:
        """Whether the points of a stream are to be added up."""
        return self.reading(stream) is Reading.INTERVAL

    def rebuild(self) -> None:
        """Make the points anew; the topology stays the same object if nothing changed."""
        listing = self.state.listing
        basis = self.state.surveys, len(self.state.values)
        if basis == self._basis:
            return
        self._basis = basis
        devices = [home(project, self._url) for project in listing.projects.values()]
        found: list[PointDescription] = []
        self._events = {}
        for device in listing.devices.values():
            details = self.state.details.get(device.slug) or Details()
            devices.append(spec(device, listing, details, self._url))
            found += self._of_device(device)
        for slug in listing.projects:
            virtual = [
                stream
                for stream in listing.streams.values()
                if stream.device is None and stream.project == slug
            ]
            found += self._streams(slug, virtual)
        self.points = found
        topology = Topology(
            devices=tuple(devices), points=tuple(one.point for one in found)
        )
        if topology != self.topology:
            self.topology = topology

    def states(self) -> dict[PointKey, object]:
        """Return what all points show."""
        return {one.point.key: one.show() for one in self.points}

    def event_point(self, stream: str) -> PointKey | None:
        """Return the point of an event stream."""
        return self._events.get(stream)

    def event_type(self, stream: str) -> str:
        """Return what events of a stream are called."""
        found = self.state.listing.streams.get(stream)
        return (found and found.var_type) or _DEFAULT_EVENT

    # Points.

    def _of_device(self, device: Device) -> list[PointDescription]:
        details = self.state.details.get(device.slug) or Details()
        return [
            *self._streams(device.slug, self.state.listing.of(device.slug)),
            *about(self.state, device, details),
        ]

    def _streams(
        self, device: str, streams: Sequence[Stream]
    ) -> list[PointDescription]:
        """Return the points of streams, which get their variable's id where alike."""
        shown = [s for s in streams if s.enabled and (s.numeric or s.eventful)]
        names = Counter(stream.name for stream in shown)
        found: list[PointDescription] = []
        for stream in shown:
            name = stream.name
            if names[name] > 1:
                name = f"{name} {stream.variable:04x}"
            if stream.eventful:
                found.append(self._event(device, stream, name))
            else:
                found += self._numbers(device, stream, name)
        return found

    def _event(self, device: str, stream: Stream, name: str) -> PointDescription:
        owner = self.state.listing.devices.get(device)
        point = EventPoint(
            device=device,
            name=name,
            description=EventEntityDescription(
                key=f"{stream.variable:04x}",
                translation_key="iotile_event",
                event_types=[stream.var_type or _DEFAULT_EVENT],
                entity_registry_enabled_default=(
                    owner is None
                    or owner.active
                    or self.state.ledger.latest(device) is not None
                ),
            ),
        )
        self._events[stream.slug] = point.key
        return PointDescription(point, lambda: None, stream)

    def _numbers(
        self, device: str, stream: Stream, name: str
    ) -> list[PointDescription]:
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
        found = [
            PointDescription(
                sensor,
                lambda: value_of(self.state, stream.slug, convert),
                stream,
                taken,
            )
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
            found.append(
                PointDescription(
                    total, lambda: self._total(stream.slug, convert), stream, taken
                )
            )
        return found

    def _enabled(self, stream: Stream, taken: Reading) -> bool:
        """Whether a sensor is worth showing to who did not ask for it.

        See docs/protocols/iotile.md#mapping-to-home-assistant.
        """
        if taken is Reading.INTERVAL or stream.technical:
            return False
        if stream.slug in self.state.values:
            return True
        device = self.state.listing.devices.get(stream.device or "")
        return stream.variable_slug not in self.state.listing.app_only and (
            device is None or device.active
        )

    # What points show.

    def _total(self, slug: str, convert: Callable[[float], float]) -> float | None:
        total = self.state.ledger.totals.get(slug)
        return None if total is None else convert(total)


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
