"""Totals of volumes that arrive as changes per interval.

A point may be read many times, arrive days late, or exist twice on the server. Each
distinct one counts once, also over restarts: counted points are stored for as long as
they may be read again.

See docs/protocols/iotile.md#volumes-are-increments.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from ....moments import moment_at
from .clock_skew import AHEAD
from .models import Point

KEEP: Final = timedelta(days=9)
"""How far behind the newest point of a stream others are remembered, longer than the
range that is read.
"""

type _Key = tuple[int, int, float]


class Ledger:
    """Totals in storage units, and the counted points."""

    def __init__(self, kept: Mapping[str, Any] | None = None) -> None:
        """Restore the data of ``as_dict``."""
        self.totals: dict[str, float] = {}
        self.newest: dict[str, float] = {}
        """Time of the newest point of each device (Unix time)."""
        self.events: dict[str, int] = {}
        """Id of the newest reported event of each device."""
        self.followed: set[str] = set()
        """Streams whose statistics are kept up to date."""
        self.offered: set[str] = set()
        """Streams that were imported because the setup offered it."""
        self.changed = False
        self.revisions: Counter[str] = Counter()
        """Increased with every new point of a stream."""
        self._seen: dict[str, Counter[_Key]] = {}
        self._floor: dict[str, int] = {}
        self._load(kept or {})

    def count(
        self,
        stream: str,
        points: Iterable[Point],
        now: datetime,
        start: datetime | None = None,
    ) -> None:
        """Count the new points. The first points of a stream define its start.

        Points older than the ``start`` of that call are never counted.

        ``points`` are all points of a time window: equal ones count as often as there
        are more of them than before.
        """
        found: Counter[_Key] = Counter()
        for point in points:
            moment = int(point.time.timestamp())
            if moment >= self._floor.get(stream, 0):
                found[moment, point.id, point.stored] += 1
        known = self._seen.get(stream)
        if known is None:
            self._seen[stream] = found
            if start is not None:
                self._floor.setdefault(stream, int(start.timestamp()))
            self.totals.setdefault(stream, 0.0)
            self.revisions[stream] += 1
            self.changed = True
        else:
            for key, times in found.items():
                # A reported point has a unique id, so it exists only once.
                more = (1 if key[1] else times) - known[key]
                if more > 0:
                    known[key] += more
                    self.revisions[stream] += 1
                    # A meter that runs backwards would look like a replaced one.
                    self.totals[stream] += more * max(key[2], 0.0)
                    self.changed = True
        self._forget(stream, now)

    def used(self, stream: str, start: datetime, end: datetime) -> float | None:
        """Return the volume between two times within the last ``KEEP``.

        In the storage unit; None if the stream was never read.
        """
        seen = self._seen.get(stream)
        if seen is None:
            return None
        first, last = start.timestamp(), end.timestamp()
        return sum(
            times * max(value, 0.0)
            for (moment, _, value), times in seen.items()
            if first <= moment < last
        )

    def _forget(self, stream: str, now: datetime) -> None:
        seen = self._seen[stream]
        latest = (now + AHEAD).timestamp()
        newest = max((key[0] for key in seen if key[0] <= latest), default=0)
        floor = newest - int(KEEP.total_seconds())
        if floor > self._floor.get(stream, 0):
            self._floor[stream] = floor
            for key in [key for key in seen if key[0] < floor]:
                del seen[key]

    def follow(self, stream: str, *, on: bool) -> None:
        """Start or stop keeping the statistics of a stream up to date."""
        (self.followed.add if on else self.followed.discard)(stream)
        self.changed = True

    def note(self, device: str, moment: datetime, now: datetime) -> None:
        """Record the newest time of a device."""
        seconds = moment.timestamp()
        if moment <= now + AHEAD and seconds > self.newest.get(device, 0.0):
            self.newest[device] = seconds
            self.changed = True

    def latest(self, device: str) -> datetime | None:
        """Return the newest time of a device."""
        return moment_at(self.newest.get(device))

    def as_dict(self) -> dict[str, Any]:
        """Return the stored data as JSON."""
        return {
            "totals": self.totals,
            "floor": self._floor,
            "newest": self.newest,
            "events": self.events,
            "followed": sorted(self.followed),
            "offered": sorted(self.offered),
            "seen": {
                stream: [[*key, times] for key, times in seen.items()]
                for stream, seen in self._seen.items()
            },
        }

    def _load(self, kept: Mapping[str, Any]) -> None:
        self.totals = dict(kept.get("totals", {}))
        self.newest = dict(kept.get("newest", {}))
        self.events = dict(kept.get("events", {}))
        self.followed = set(kept.get("followed", ()))
        self.offered = set(kept.get("offered", ()))
        self._floor = dict(kept.get("floor", {}))
        for stream, rows in kept.get("seen", {}).items():
            self._seen[stream] = Counter(
                {
                    (int(at), int(number), float(value)): times
                    for at, number, value, times in rows
                }
            )
