"""State of an account."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from ....errors import BackendError
from ....moments import moment_at
from .changes import Changes
from .clock_skew import FutureGuard
from .listing import Details, Listing
from .models import BATTERY, SYSTEM, Event, Point, Stream
from .totals import Ledger


class IOTileState:
    """Listing of an account, its newest values, and the last errors.

    ``summed`` returns whether the points of a stream are summed.
    """

    def __init__(
        self,
        ledger: Ledger,
        summed: Callable[[Stream], bool],
        now: Callable[[], datetime],
    ) -> None:
        """Initialize with the stored ledger."""
        self.ledger = ledger
        self.listing = Listing()
        self.details: dict[str, Details] = {}
        self.values: dict[str, Point] = {}
        """Newest point of each stream."""
        self.failures: dict[str, BackendError] = {}
        """Error of the last read of a device or virtual stream, if it failed."""
        self.changes = Changes()
        """Changed hours of the streams that the ledger follows."""
        self.future = FutureGuard()
        self.surveys = 0
        """Number of times that ``listing`` was read."""
        self.revision = 0
        """Increased with every change of the listing."""
        self._summed = summed
        self._now = now
        self._events: list[Event] = []
        self._true: dict[str, Point] = {}
        """Newest point of each stream that is not in the future."""
        self._passed: dict[str, Point] = {}
        """Points in the future that were replaced by valid ones."""

    def now(self) -> datetime:
        """Return the time, by the later of the two clocks."""
        return self._now()

    def relist(self, listing: Listing) -> None:
        """Take over a listing; known data of its objects stays."""
        self.listing = listing
        self.surveys += 1
        self.revision += 1
        self.details = {
            slug: self.details.get(slug, Details()) for slug in listing.devices
        }
        self.values = self._listed(self.values)
        self._true = self._listed(self._true)
        self._passed = self._listed(self._passed)

    def _listed(self, points: dict[str, Point]) -> dict[str, Point]:
        return {
            slug: point
            for slug, point in points.items()
            if slug in self.listing.streams or slug[-4:] in _RECORDLESS
        }

    def take(
        self, owner: str, points: Iterable[Point], start: datetime, now: datetime
    ) -> bool:
        """Take over all points of a device or virtual stream since ``start``.

        Returns whether one is newer than all before.
        """
        before = self.ledger.latest(owner)
        by_stream: dict[str, list[Point]] = {}
        for point in self.future.past(points, now):
            by_stream.setdefault(point.stream, []).append(point)
            self.ledger.note(owner, point.time, now)
        for stream in self.listing.of(owner):
            if not stream.numeric:
                continue
            name = stream.slug
            found = by_stream.get(name, [])
            if self._summed(stream):
                self.ledger.count(name, found, now, start)
            self.note_changes(name, found, start, now)
            known = self.values.get(name)
            if known is not None and known.time >= start and known not in found:
                # Deleted on the server, or hidden by a mask.
                del self.values[name]
                self._true.pop(name, None)
            self.take_newest(found, now)
        return self.ledger.latest(owner) != before

    def take_newest(self, points: Iterable[Point], now: datetime) -> None:
        """Keep each point that is newer than the known one of its stream.

        A point slightly in the future is replaced by the next one that is not.
        """
        found = sorted(self.future.past(points, now), key=_order)
        for point in found:
            stream = point.stream
            known = self.values.get(stream)
            if point.time <= now:
                before = self._true.get(stream)
                if before is not None and _order(point) <= _order(before):
                    continue
                self._true[stream] = point
                if known is not None and known.time > now:
                    if before is not None:
                        self._passed[stream] = known
                        self.values[stream] = point
                    continue
            elif self._passed.get(stream) == point:
                continue
            if known is None or _order(point) >= _order(known):
                self.values[stream] = point

    def note_changes(
        self, stream: str, points: Iterable[Point], start: datetime, now: datetime
    ) -> None:
        """Record the changed hours of a stream whose statistics are kept up to date."""
        if stream in self.ledger.followed:
            self.changes.note(stream, points, start, now)

    def take_new_events(
        self, owner: str, found: Iterable[Event], now: datetime
    ) -> None:
        """Keep new events; those before the first read are old."""
        found = list(found)
        known = self.ledger.events.get(owner)
        newest = max((event.id for event in found), default=known or 0)
        true = list(self.future.past(found, now))
        if known is not None:
            self._events += [event for event in true if event.id > known]
        for event in true:
            self.ledger.note(owner, event.time, now)
        if known is None or newest > known:
            self.ledger.events[owner] = newest
            self.ledger.changed = True

    def pop_events(self) -> list[Event]:
        """Return the events since the last call, in the order of arrival."""
        found, self._events = self._events, []
        return found

    def as_dict(self) -> dict[str, Any]:
        """Return the stored data as JSON: counted points, newest values."""
        return {
            **self.ledger.as_dict(),
            "values": {
                slug: [point.time.timestamp(), point.stored, point.id]
                for slug, point in self.values.items()
            },
        }

    def load(self, kept: Mapping[str, Any]) -> None:
        """Restore the data of ``as_dict``."""
        self.ledger = Ledger(kept)
        self.values = {
            slug: Point(stream=slug, time=time, stored=stored, id=number)
            for slug, (seconds, stored, number) in kept.get("values", {}).items()
            if (time := moment_at(seconds)) is not None
        }

    def diagnostics(self) -> dict[str, Any]:
        """Return counts, without names and locations."""
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
            "streams_ahead_of_now": len(self.future.noted),
            "roles": sorted(m.role for m in listing.memberships.values()),
        }


def _order(point: Point) -> tuple[datetime, int]:
    return point.time, point.id


_RECORDLESS: Final = frozenset(f"{variable:04x}" for variable in (BATTERY, *SYSTEM))
