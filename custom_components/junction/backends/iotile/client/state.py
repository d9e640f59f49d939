"""What is known now of an account."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Final

from ....errors import BackendError
from .changes import Changes
from .listing import Details, Listing
from .models import BATTERY, SYSTEM, Event, Point, Stream
from .totals import Ledger


class IOTileState:
    """What there is, its newest values, and what went wrong.

    ``summed`` tells whether the points of a stream are to be added up.
    """

    def __init__(self, ledger: Ledger, summed: Callable[[Stream], bool]) -> None:
        """Know nothing but what was counted before."""
        self.ledger = ledger
        self.listing = Listing()
        self.details: dict[str, Details] = {}
        self.values: dict[str, Point] = {}
        """The newest point of each stream."""
        self.failures: dict[str, BackendError] = {}
        """What the last look at a device or virtual stream ended with, if not well."""
        self.changes = Changes()
        """The changed hours of the streams that the ledger follows."""
        self.surveys = 0
        """How often ``listing`` was read."""
        self._summed = summed
        self._events: list[Event] = []

    def relist(self, listing: Listing) -> None:
        """Take over what there is; what is known of it stays."""
        self.listing = listing
        self.surveys += 1
        self.details = {
            slug: self.details.get(slug, Details()) for slug in listing.devices
        }
        self.values = {
            slug: point
            for slug, point in self.values.items()
            if slug in listing.streams or slug[-4:] in _RECORDLESS
        }

    def take(
        self, owner: str, points: Iterable[Point], start: datetime, now: datetime
    ) -> None:
        """Take over all points of a device or virtual stream since ``start``."""
        by_stream: dict[str, list[Point]] = {}
        for point in points:
            by_stream.setdefault(point.stream, []).append(point)
            self.ledger.note(owner, point.time, now)
        for stream in self.listing.of(owner):
            if not stream.numeric:
                continue
            name = stream.slug
            found = by_stream.get(name, [])
            if self._summed(stream):
                self.ledger.count(name, found, now)
            if name in self.ledger.followed:
                self.changes.note(name, found, start, now)
            self.take_newest(found)

    def take_newest(self, points: Iterable[Point]) -> None:
        """Keep each point that is newer than the one that is known of its stream."""
        for point in points:
            known = self.values.get(point.stream)
            if known is None or (point.time, point.id) >= (known.time, known.id):
                self.values[point.stream] = point

    def take_new_events(
        self, owner: str, found: Iterable[Event], now: datetime
    ) -> None:
        """Keep the events that are news; those before the first look are not."""
        found = list(found)
        known = self.ledger.events.get(owner)
        newest = max((event.id for event in found), default=known or 0)
        if known is not None:
            self._events += [event for event in found if event.id > known]
        for event in found:
            self.ledger.note(owner, event.time, now)
        if known is None or newest > known:
            self.ledger.events[owner] = newest
            self.ledger.changed = True

    def pop_events(self) -> list[Event]:
        """Return the events since the last call, in the order of arrival."""
        found, self._events = self._events, []
        return found

    def diagnostics(self) -> dict[str, Any]:
        """Return counts; names and places are nobody's business."""
        listing = self.listing
        return {
            "projects": len(listing.projects),
            "devices": len(listing.devices),
            "active": sum(device.active for device in listing.devices.values()),
            "streams": len(listing.streams),
            "values": len(self.values),
            "totals": len(self.ledger.totals),
            "surveys": self.surveys,
            "failing": len(self.failures),
            "roles": sorted(m.role for m in listing.memberships.values()),
        }


_RECORDLESS: Final = frozenset(f"{variable:04x}" for variable in (BATTERY, *SYSTEM))
