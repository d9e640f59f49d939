"""Totals of volumes that arrive as the use of single intervals.

A point may be read many times, arrive days late, or stand twice on the server. Each
distinct one counts once, also over restarts: what was counted is kept for as long as it
may be read again.

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
"""How far behind the newest point of a stream others are remembered; more than is read."""

type _Key = tuple[int, int, float]


class Ledger:
    """The sums, in storage units, and what was counted."""

    def __init__(self, kept: Mapping[str, Any] | None = None) -> None:
        """Go on where ``as_dict`` left."""
        self.totals: dict[str, float] = {}
        self.newest: dict[str, float] = {}
        """The moment of the newest point of each device, in s since 1970."""
        self.events: dict[str, int] = {}
        """The newest event that was told of each device."""
        self.followed: set[str] = set()
        """The streams whose statistics are kept up to date."""
        self.offered: set[str] = set()
        """The streams that were imported because set-up offered it."""
        self.changed = False
        self.revisions: Counter[str] = Counter()
        """Grows with every new point of a stream."""
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
        """Add the points that are new. The first points of a stream are where it begins.

        What is older than the ``start`` of those is never added.

        ``points`` are all that there are in some window: several that are alike count
        as often as there are more of them than at any time before.
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
                # What was reported has an id of its own, and is there only once.
                more = (1 if key[1] else times) - known[key]
                if more > 0:
                    known[key] += more
                    self.revisions[stream] += 1
                    # A meter that runs backwards would look like one that was replaced.
                    self.totals[stream] += more * max(key[2], 0.0)
                    self.changed = True
        self._forget(stream, now)

    def used(self, stream: str, start: datetime, end: datetime) -> float | None:
        """Return what was used between two moments of the last ``KEEP``.

        In the storage unit; None if nothing of the stream was ever read.
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
        """Keep the statistics of a stream up to date from now on, or no more."""
        (self.followed.add if on else self.followed.discard)(stream)
        self.changed = True

    def note(self, device: str, moment: datetime, now: datetime) -> None:
        """Remember the newest moment of a device."""
        seconds = moment.timestamp()
        if moment <= now + AHEAD and seconds > self.newest.get(device, 0.0):
            self.newest[device] = seconds
            self.changed = True

    def latest(self, device: str) -> datetime | None:
        """Return the newest moment of a device."""
        return moment_at(self.newest.get(device))

    def as_dict(self) -> dict[str, Any]:
        """Return all of it as JSON."""
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
