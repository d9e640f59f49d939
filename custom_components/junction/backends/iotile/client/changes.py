"""Hours of a stream that changed since they were last read.

Points arrive hours or days after they were measured. The poller reads each time range
several times, and the results are compared here by hour, which shows without further
requests which hours of the statistics have to be rewritten.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from ....moments import moment_at
from .models import Point

HOUR: Final = 3600
KEEP: Final = timedelta(days=9)
"""How far back hours are remembered, longer than ranges are read twice."""


class Changes:
    """Changed hours of streams, since the last ``take``."""

    def __init__(self) -> None:
        """Initialize: everything that is read first counts as new."""
        self._hours: dict[str, dict[int, int]] = {}
        self._due: dict[str, int] = {}

    def note(
        self, stream: str, points: Iterable[Point], start: datetime, now: datetime
    ) -> None:
        """Compare all points of a stream since ``start``, except for the current hour."""
        first, running = -(-start.timestamp() // HOUR), now.timestamp() // HOUR
        found: dict[int, list[tuple[float, int, float]]] = {}
        for point in points:
            hour = int(point.time.timestamp() // HOUR)
            if first <= hour < running:
                row = point.time.timestamp(), point.id, point.stored
                found.setdefault(hour, []).append(row)
        known = self._hours.setdefault(stream, {})
        for hour in sorted(found):
            mark = hash(tuple(sorted(found[hour])))
            if known.get(hour) != mark:
                known[hour] = mark
                self._due[stream] = min(self._due.get(stream, hour), hour)
        oldest = (now - KEEP).timestamp() // HOUR
        for hour in [hour for hour in known if hour < oldest]:
            del known[hour]

    def take(self) -> dict[str, datetime]:
        """Return the first changed hour of each stream, and reset."""
        due, self._due = self._due, {}
        return {
            stream: moment
            for stream, hour in due.items()
            if (moment := moment_at(hour * HOUR)) is not None
        }

    def put_back(self, stream: str, hour: datetime) -> None:
        """Keep an hour for the next time if it could not be processed."""
        number = int(hour.timestamp() // HOUR)
        self._due[stream] = min(self._due.get(stream, number), number)

    def forget(self, stream: str) -> None:
        """Stop comparing a stream."""
        self._hours.pop(stream, None)
        self._due.pop(stream, None)
