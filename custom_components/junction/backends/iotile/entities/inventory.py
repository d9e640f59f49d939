"""Devices and points of an account."""

from collections import Counter
from collections.abc import Callable, Sequence

from ....model import PointKey, Topology, name_on
from ..client.listing import Details
from ..client.models import Device, Stream
from ..client.state import IOTileState
from .description import PointDescription
from .devices import home, names_of, spec
from .readings import Reading, reading
from .status import about
from .streams import DEFAULT_EVENT, event, value
from .water import use


class Inventory:
    """Create points from the listing.

    ``meters`` and ``intervals`` are the streams that the user declared as such.
    """

    def __init__(
        self,
        state: IOTileState,
        unique_id: str,
        url: str,
        meters: list[str],
        intervals: list[str],
        ready: Callable[[str], bool] = lambda device: True,
    ) -> None:
        """Initialize without points. ``ready`` returns whether enough of a device is known."""
        self.state = state
        self.unique_id = unique_id
        """Unique id of the entry, with which those of its entities begin."""
        self.names: dict[str, str] = {}
        """Names of devices and projects by slug."""
        self.points: list[PointDescription] = []
        self.topology = Topology()
        self._url = url
        self._ready = ready
        self._meters = meters
        self._intervals = intervals
        self._events: dict[str, PointKey] = {}
        self._basis: tuple[int, ...] | None = None

    def reading(self, stream: Stream) -> Reading:
        """Return the meaning of a stream's numbers."""
        return reading(stream, self._meters, self._intervals)

    def summed(self, stream: Stream) -> bool:
        """Return whether the points of a stream are summed."""
        return self.reading(stream) is Reading.INTERVAL

    def rebuild(self) -> None:
        """Rebuild the points; the topology stays the same object if nothing changed."""
        listing = self.state.listing
        ready = [slug for slug in listing.devices if self._ready(slug)]
        basis = self.state.revision, len(self.state.values), len(ready)
        if basis == self._basis:
            return
        self._basis = basis
        self.names = names_of(listing)
        devices = [
            home(project, self.names[project.slug], self._url)
            for project in listing.projects.values()
        ]
        found: list[PointDescription] = []
        self._events = {}
        for slug in ready:
            device = listing.devices[slug]
            details = self.state.details.get(device.slug) or Details()
            name = self.names[slug]
            devices.append(spec(device, name, listing, details, self._url))
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
            devices=tuple(devices),
            points=tuple(one.point for one in found),
            complete=len(ready) == len(listing.devices),
        )
        if topology != self.topology:
            self.topology = topology

    def states(self) -> dict[PointKey, object]:
        """Return the states of all points."""
        return {one.point.key: one.show() for one in self.points}

    def event_point(self, stream: str) -> PointKey | None:
        """Return the point of an event stream, or None."""
        return self._events.get(stream)

    def event_type(self, stream: str) -> str:
        """Return the event type of a stream."""
        found = self.state.listing.streams.get(stream)
        return (found and found.var_type) or DEFAULT_EVENT

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
        """Return the points of streams, with the variable's id in equal names."""
        shown = [s for s in streams if s.enabled and (s.numeric or s.has_events)]
        on = self.names[device]
        names = Counter(name_on(on, stream.name) for stream in shown)
        found: list[PointDescription] = []
        for stream in shown:
            name = name_on(on, stream.name)
            if names[name] > 1:
                name = f"{name} {stream.variable:04x}"
            if stream.has_events:
                point = event(self.state, device, stream, name)
                self._events[stream.slug] = point.point.key
                found.append(point)
                continue
            taken = self.reading(stream)
            found.append(value(self.state, device, stream, name, taken))
            if taken is Reading.INTERVAL:
                found += use(self.state, device, stream, name)
        return found
