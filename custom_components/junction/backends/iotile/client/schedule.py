"""Schedule of the next read of each device and virtual stream.

See docs/protocols/iotile.md#polling-cost.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from ....moments import moment_at

QUIET: Final = 3600.0
"""Seconds between two reads of a device that is inactive or has no data yet, and the
maximum for an active one.
"""
DEEP: Final = 6 * 3600.0
"""Seconds between two reads for late data."""
SELDOM: Final = 24 * 3600.0
"""Maximum seconds between two reads of a device, however long it was silent."""
SILENT: Final = timedelta(days=7)
"""A device without new data for so long is read rarely."""
_OF_SILENCE: Final = 28
"""Number of reads of a silent device within a time as long as its silence."""
_SLOWER: Final = 1.5

type Mark = frozenset[tuple[str, int]]
"""Upload progress of a device: slugs and newest readings of its streamers."""


class Schedule:
    """What is due, and when it was done.

    ``now`` is on the monotonic clock (s). Stored times are Unix times.
    """

    def __init__(self, interval: float) -> None:
        """Everything is due at first, then every ``interval`` seconds."""
        self.looked: dict[str, float] = {}
        """Time of the last successful read of a device."""
        self.since: dict[str, float] = {}
        """Time of the first read of a device without data."""
        self.marks: dict[str, Mark] = {}
        self.tried: set[str] = set()
        """Streams whose last older value was requested."""
        self._interval = interval
        self._due: dict[str, float] = {}
        self._deep: dict[str, float] = {}
        """Time of the last read of a device for late data."""
        self._idle: dict[str, int] = {}

    def keep(self, targets: Iterable[str]) -> None:
        """Forget what no longer exists."""
        there = set(targets)
        for table in (self._due, self._deep, self._idle, self.looked, self.since):
            for slug in table.keys() - there:
                del table[slug]
        for slug in self.marks.keys() - there:
            del self.marks[slug]

    def make_all_due(self) -> None:
        """Make everything due, including late data."""
        self._due.clear()
        self._deep.clear()
        self._idle.clear()
        self.marks.clear()

    def is_due(self, slug: str, now: float) -> bool:
        """Return whether it is due."""
        return self._due.get(slug, now) <= now + 1

    def is_deep(self, slug: str, moment: datetime) -> bool:
        """Return whether late data is due, too."""
        ago = moment.timestamp() - self._deep.get(slug, 0.0)
        return not 0 <= ago < DEEP - 1

    def wait(self, slug: str, until: float) -> None:
        """Postpone a device to ``until``."""
        self._due[slug] = until

    def read(self, slug: str, moment: datetime, *, deep: bool) -> None:
        """Record that it was read."""
        self.looked[slug] = moment.timestamp()
        self.since.setdefault(slug, moment.timestamp())
        if deep:
            self._deep[slug] = moment.timestamp()

    def forget_mark(self, slug: str) -> None:
        """Read a device the next time, even without a new upload."""
        self.marks.pop(slug, None)
        self._due.pop(slug, None)

    def unchanged(self, slug: str, mark: Mark, moment: datetime) -> bool:
        """Return whether it had no upload since it was read, within the last hour."""
        fresh = self.looked.get(slug, 0.0) + QUIET > moment.timestamp() + 1
        return fresh and self.marks.get(slug) == mark

    def silence(self, slug: str, latest: datetime | None, now: datetime) -> timedelta:
        """Return for how long a device has had no new data."""
        if latest is None:
            latest = moment_at(self.since.get(slug)) or now
        return now - latest

    def pace(
        self,
        slug: str,
        *,
        silence: timedelta,
        active: bool,
        empty: bool,
        news: bool,
        adaptive: bool,
    ) -> float:
        """Return the seconds until the next read.

        ``adaptive``: a device without new data is read less and less often, down to
        once an hour.
        """
        if silence >= SILENT:
            return max(
                self._interval,
                min(SELDOM, max(QUIET, silence.total_seconds() / _OF_SILENCE)),
            )
        if empty or not active:
            return max(QUIET, self._interval)
        if not adaptive or news:
            self._idle.pop(slug, None)
            return self._interval
        idle = self._idle[slug] = self._idle.get(slug, 0) + 1
        slower = self._interval * _SLOWER ** min(idle, 20)
        return max(self._interval, min(QUIET, slower))

    def as_dict(self) -> dict[str, Any]:
        """Return the stored data as JSON."""
        return {
            "looked": self.looked,
            "since": self.since,
            "deep": self._deep,
            "tried": sorted(self.tried),
            "marks": {slug: sorted(mark) for slug, mark in self.marks.items()},
        }

    def load(self, kept: Mapping[str, Any]) -> None:
        """Restore the data of ``as_dict``."""
        self.looked = dict(kept.get("looked", {}))
        self.since = dict(kept.get("since", {}))
        self._deep = dict(kept.get("deep", {}))
        self.tried = set(kept.get("tried", ()))
        self.marks = {
            slug: frozenset((name, number) for name, number in mark)
            for slug, mark in kept.get("marks", {}).items()
        }
