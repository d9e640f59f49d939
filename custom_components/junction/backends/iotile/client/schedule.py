"""Schedule of the next update of each device and virtual stream.

See docs/protocols/iotile.md#polling-cost.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from ....moments import moment_at

QUIET: Final = 3600.0
"""Seconds between two looks at a device that is inactive or has no data yet, and the most
between two at one that is well."""
DEEP: Final = 6 * 3600.0
"""Seconds between two looks at what arrived late."""
SELDOM: Final = 24 * 3600.0
"""The most seconds between two looks at a device, however long it was silent."""
SILENT: Final = timedelta(days=7)
"""A device of which nothing came for so long is looked at seldom."""
_OF_SILENCE: Final = 28
"""A silent device is looked at so often in the time that it was silent."""
_SLOWER: Final = 1.5

type Mark = frozenset[tuple[str, int]]
"""How far the streamers of a device have come: slugs and newest readings."""


class Schedule:
    """What is due, and what was done when.

    ``now`` is on the monotonic clock (s). What outlives a restart is in s since 1970.
    """

    def __init__(self, interval: float) -> None:
        """Look at everything at first, then every ``interval`` s."""
        self.looked: dict[str, float] = {}
        """When a device was last read with success."""
        self.since: dict[str, float] = {}
        """When a device that has no data yet was first read."""
        self.marks: dict[str, Mark] = {}
        self.tried: set[str] = set()
        """The streams that were asked for a value of long ago."""
        self._interval = interval
        self._due: dict[str, float] = {}
        self._deep: dict[str, float] = {}
        """When a device was last read for what arrived late."""
        self._idle: dict[str, int] = {}

    def keep(self, targets: Iterable[str]) -> None:
        """Forget what is not there any more."""
        there = set(targets)
        for table in (self._due, self._deep, self._idle, self.looked, self.since):
            for slug in table.keys() - there:
                del table[slug]
        for slug in self.marks.keys() - there:
            del self.marks[slug]

    def everything(self) -> None:
        """Make all due, late data too."""
        self._due.clear()
        self._deep.clear()
        self._idle.clear()
        self.marks.clear()

    def is_due(self, slug: str, now: float) -> bool:
        """Whether to look at it."""
        return self._due.get(slug, now) <= now + 1

    def is_deep(self, slug: str, moment: datetime) -> bool:
        """Whether to look for what arrived late, too."""
        ago = moment.timestamp() - self._deep.get(slug, 0.0)
        return not 0 <= ago < DEEP - 1

    def wait(self, slug: str, until: float) -> None:
        """Do not look before ``until``."""
        self._due[slug] = until

    def read(self, slug: str, moment: datetime, *, deep: bool) -> None:
        """Note that it was read."""
        self.looked[slug] = moment.timestamp()
        self.since.setdefault(slug, moment.timestamp())
        if deep:
            self._deep[slug] = moment.timestamp()

    def forget_mark(self, slug: str) -> None:
        """Look at a device the next time, though no report of it comes."""
        self.marks.pop(slug, None)
        self._due.pop(slug, None)

    def unchanged(self, slug: str, mark: Mark, moment: datetime) -> bool:
        """Whether no report came since it was read, not an hour ago."""
        fresh = self.looked.get(slug, 0.0) + QUIET > moment.timestamp() + 1
        return fresh and self.marks.get(slug) == mark

    def silence(self, slug: str, latest: datetime | None, now: datetime) -> timedelta:
        """Return for how long nothing came of a device."""
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
        """Return for how many seconds to leave it alone.

        ``adaptive``: one that tells nothing new is asked less and less often, down to
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
        """Return what outlives a restart, as JSON."""
        return {
            "looked": self.looked,
            "since": self.since,
            "deep": self._deep,
            "tried": sorted(self.tried),
            "marks": {slug: sorted(mark) for slug, mark in self.marks.items()},
        }

    def load(self, kept: Mapping[str, Any]) -> None:
        """Go on where ``as_dict`` left."""
        self.looked = dict(kept.get("looked", {}))
        self.since = dict(kept.get("since", {}))
        self._deep = dict(kept.get("deep", {}))
        self.tried = set(kept.get("tried", ()))
        self.marks = {
            slug: frozenset((name, number) for name, number in mark)
            for slug, mark in kept.get("marks", {}).items()
        }
