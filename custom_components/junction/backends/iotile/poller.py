"""What is read when, with as few requests as the server allows (reference §5.1, §5.6)."""

import asyncio
from collections.abc import (
    Awaitable,
    Callable,
    Collection,
    Iterable,
    Set as AbstractSet,
)
from datetime import datetime, timedelta
from typing import Any, Final

from ...errors import AuthFailedError, BackendError, RateLimitedError, UnreachableError
from .asking import IN_FLIGHT
from .changes import Changes
from .client import IOTileClient
from .errors import RoleError
from .listing import Details, Listing, take_stock
from .models import BATTERY, SYSTEM, Event, Point, Stream
from .slugs import stream_from
from .totals import Ledger

SURVEY: Final = 6 * 3600.0
"""Seconds between two looks at what there is, and at what arrived late."""
QUIET: Final = 3600.0
"""Seconds between two looks at a device that is inactive or long silent."""
OVERLAP: Final = timedelta(hours=6)
FIRST: Final = timedelta(days=7)
"""How far back the first look goes, and the longest stretch that is asked for at once."""
FURTHEST: Final = timedelta(days=60)
BATTERY_BACK: Final = timedelta(days=30)
MANY: Final = 50
"""Devices from which on nothing is asked of each of them but its data."""
FULL: Final = 3600.0
"""Seconds after which a device is looked at although no report of it came."""
LAST_VALUES: Final = 40
"""Streams per refresh that are asked for a last value of long ago."""


class Poller:
    """Reads one account. ``wanted`` tells which record-less streams are shown.

    ``interval`` is in s, ``late`` how far back late points are looked for. ``summed``
    tells whether the points of a stream are to be added up, ``watched`` of which
    (inactive) devices anybody wants to see anything.
    """

    def __init__(
        self,
        client: IOTileClient,
        ledger: Ledger,
        *,
        interval: float,
        late: timedelta,
        projects: Collection[str] = (),
        summed: Callable[[Stream], bool] = lambda stream: False,
        wanted: Callable[[str, int], bool] = lambda device, variable: True,
        watched: Callable[[Collection[str]], Collection[str]] = lambda devices: devices,
        registered: Callable[[], AbstractSet[str]] = frozenset,
    ) -> None:
        """Read nothing yet."""
        self.client = client
        self.ledger = ledger
        self.listing = Listing()
        self.details: dict[str, Details] = {}
        self.values: dict[str, Point] = {}
        self.failures: dict[str, BackendError] = {}
        """What the last look at a device or virtual stream ended with, if not well."""
        self.changes = Changes()
        """The changed hours of the streams that the ledger follows."""
        self.surveys = 0
        self.late = min(late, FIRST)
        self._interval = interval
        self._chosen = frozenset(projects)
        self._summed = summed
        self._wanted = wanted
        self._watched = watched
        self._registered = registered
        self._survey_due: float | None = None
        self._refreshed: float | None = None
        self._due: dict[str, float] = {}
        self._deep: dict[str, float] = {}
        self._looked: dict[str, float] = {}
        self._marks: dict[str, frozenset[tuple[str, int]]] = {}
        self._read: set[str] = set()
        self._tried: set[str] = set()
        self._events: list[Event] = []

    def now(self) -> datetime:
        """Return the time of our clock."""
        return self.client.clock.utcnow()

    def take_events(self) -> list[Event]:
        """Return the events since the last call, in the order of arrival."""
        found, self._events = self._events, []
        return found

    # What there is.

    async def refresh(self) -> None:
        """Look at what is due. Raises BackendError when nothing could be read."""
        now = self.client.clock.monotonic()
        if self._refreshed is not None and now - self._refreshed < self._interval / 2:
            # Out of turn: somebody asks for it.
            self._due.clear()
            self._marks.clear()
        if self._survey_due is None or now >= self._survey_due:
            try:
                await self.survey()
            except BackendError:
                if self._survey_due is None:
                    raise
                # What was known stays good; the devices say whether all is lost.
                self._survey_due = now + self._interval
            else:
                self._survey_due = now + SURVEY
        await self._look()
        # Not after a failure: what comes sooner then is that it is tried again.
        self._refreshed = now

    async def survey(self) -> None:
        """Read what there is: five requests, and one per organisation."""
        listing = await take_stock(self.client, self._chosen)
        gone = self.listing.streams.keys() - listing.streams.keys()
        if gone or self._registered() - listing.devices.keys():
            # One list that lacks something proves nothing; a second one does.
            listing = await take_stock(self.client, self._chosen)
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
        if len(listing.devices) <= MANY:
            await self._each(listing.devices, self._detail)

    async def _detail(self, device: str) -> None:
        details = self.details[device]
        client = self.client
        details.filled = await client.counts(device)
        details.status = await client.status(device)
        details.properties = await client.properties(device)

    # Data.

    def _targets(self) -> list[str]:
        virtual = [
            s.slug
            for s in self.listing.streams.values()
            if s.device is None and s.numeric and s.enabled
        ]
        return [*self.listing.devices, *virtual]

    async def _look(self) -> None:
        now = self.client.clock.monotonic()
        targets = self._targets()
        hidden: list[str] = []
        if self.listing.hidden:
            hidden = [slug for slug in targets if not self.listing.readable(slug)]
            targets = [slug for slug in targets if slug not in hidden]
        self._due = {slug: due for slug, due in self._due.items() if slug in targets}
        due = [slug for slug in targets if self._due.get(slug, now) <= now + 1]
        for slug in self._unwatched(due):
            self._due[slug] = now + QUIET
        due = [slug for slug in due if self._due.get(slug, now) <= now + 1]
        marks = await self._reported() if self._looked and len(due) > MANY else {}
        for slug, mark in marks.items():
            fresh = self._looked.get(slug, -FULL) + FULL > now + 1
            if fresh and self._marks.get(slug) == mark and slug not in self.failures:
                self._due[slug] = now + self._interval
        due = [slug for slug in due if self._due.get(slug, now) <= now + 1]
        errors = await self._each(due, self._look_at)
        self.failures = {
            slug: error for slug, error in self.failures.items() if slug in targets
        }
        for slug in due:
            self.failures.pop(slug, None)
        self.failures |= errors
        self.failures |= dict.fromkeys(hidden, RoleError())
        for slug in due:
            error = errors.get(slug)
            if isinstance(error, RateLimitedError):
                self._due[slug] = now + (error.retry_after or self._interval)
            elif error is not None:
                self._due[slug] = now
            else:
                self._due[slug] = now + self._pace(slug)
                self._looked[slug] = now
                self._marks[slug] = marks.get(slug, frozenset())
        if due and len(errors) == len(due):
            raise next(iter(errors.values()))
        await self._fill_in()

    def _unwatched(self, due: Iterable[str]) -> Iterable[str]:
        """Return the inactive devices of which nobody wants to see a value."""
        devices = self.listing.devices
        inactive = {s for s in due if s in devices and not devices[s].active}
        return inactive.difference(self._watched(inactive)) if inactive else ()

    async def _reported(self) -> dict[str, frozenset[tuple[str, int]]]:
        """Return how far the reports of devices have come, with one request for all.

        What is written by other ways does not show in it.
        """
        try:
            streamers = await self.client.all_streamers()
        except AuthFailedError:
            raise
        except BackendError:
            # Whatever it is: the devices themselves are asked then.
            return {}
        found: dict[str, set[tuple[str, int]]] = {}
        for streamer in streamers:
            rows = found.setdefault(streamer.device, set())
            rows.add((streamer.slug, streamer.last_id))
        return {device: frozenset(rows) for device, rows in found.items()}

    def expect(self, owner: str) -> None:
        """Look at a device the next time, though no report of it comes: we wrote to it."""
        self._marks.pop(owner, None)

    def _pace(self, slug: str) -> float:
        """Return how long to leave a device or virtual stream alone."""
        device = self.listing.devices.get(slug)
        latest = self.ledger.latest(slug)
        silent = latest is None or latest < self.now() - FIRST
        if silent or (device is not None and not device.active):
            return max(QUIET, self._interval)
        return self._interval

    async def _look_at(self, slug: str) -> None:
        """Read what is new of a device or virtual stream: one request, as a rule."""
        moment, monotonic = self.now(), self.client.clock.monotonic()
        latest = self.ledger.latest(slug)
        deep = monotonic >= self._deep.get(slug, 0.0) or slug not in self._read
        if latest is None or slug not in self._read:
            start = moment - FIRST
            if latest is not None:
                start = min(start, latest - OVERLAP)
        elif deep:
            start = latest - max(self.late, OVERLAP)
        else:
            start = latest - OVERLAP
        start = max(start, moment - FURTHEST)
        points: list[Point] = []
        # By the day after a long silence: a frame has no pages.
        step = timedelta(days=1) if moment - start > FIRST + OVERLAP else None
        while step is not None and start + step < moment:
            points += await self.client.frame(slug, start, start + step)
            start += step
        points += await self.client.frame(slug, start)
        self._take(slug, points, start, moment)
        await self._look_for_events(slug, moment)
        await self._look_at_status(slug, monotonic)
        if deep:
            self._deep[slug] = monotonic + SURVEY
            await self._look_at_system(slug, moment)
        self._read.add(slug)

    def _take(
        self, slug: str, points: Iterable[Point], start: datetime, now: datetime
    ) -> None:
        """Take over all points of a device since ``start``."""
        by_stream: dict[str, list[Point]] = {}
        for point in points:
            by_stream.setdefault(point.stream, []).append(point)
            self.ledger.note(slug, point.time, now)
        for stream in self.listing.of(slug):
            if not stream.numeric:
                continue
            name = stream.slug
            found = by_stream.get(name, [])
            if self._summed(stream):
                self.ledger.count(name, found, now)
            if name in self.ledger.followed:
                self.changes.note(name, found, start, now)
            self._newest(found)

    def _newest(self, points: Iterable[Point]) -> None:
        for point in points:
            known = self.values.get(point.stream)
            if known is None or (point.time, point.id) >= (known.time, known.id):
                self.values[point.stream] = point

    async def _look_for_events(self, slug: str, now: datetime) -> None:
        if not any(stream.eventful for stream in self.listing.of(slug)):
            return
        found = await self.client.events(slug, now - max(self.late, OVERLAP))
        known = self.ledger.events.get(slug)
        newest = max((event.id for event in found), default=known or 0)
        if known is not None:
            # What was there before the first look is no news.
            self._events += [event for event in found if event.id > known]
        for event in found:
            self.ledger.note(slug, event.time, now)
        if known is None or newest > known:
            self.ledger.events[slug] = newest
            self.ledger.changed = True

    async def _look_at_status(self, slug: str, monotonic: float) -> None:
        details = self.details.get(slug)
        if details and details.status and details.status.checked and slug in self._read:
            details.status = await self.client.status(slug)

    async def _look_at_system(self, slug: str, now: datetime) -> None:
        """Read the streams without a record, of which only few points are written."""
        details, device = self.details.get(slug), self.listing.devices.get(slug)
        project = device and self.listing.project_of(device)
        if details is None or details.filled is None or project is None:
            return
        for variable in (BATTERY, *SYSTEM):
            name = stream_from(project.slug, slug, variable)
            if name in details.filled and self._wanted(slug, variable):
                self._newest(await self.client.frame(name, now - BATTERY_BACK))

    async def _fill_in(self) -> None:
        """Find last values of long ago, once, where there may be any."""
        missing = []
        for slug, stream in self.listing.streams.items():
            if slug in self.values or slug in self._tried or not stream.enabled:
                continue
            if not stream.numeric or stream.variable_slug in self.listing.app_only:
                continue
            owner = stream.owner
            filled = (self.details.get(owner) or Details()).filled
            if owner in self._read and (filled is None or slug in filled):
                missing.append(slug)
        missing = missing[:LAST_VALUES]
        errors = await self._each(missing, self._last)
        self._tried |= set(missing) - errors.keys()

    async def _last(self, slug: str) -> None:
        point = await self.client.last(slug)
        if point is not None:
            self._newest([point])
            stream = self.listing.streams[slug]
            self.ledger.note(stream.owner, point.time, self.now())

    async def _each(
        self, slugs: Iterable[str], work: Callable[[str], Awaitable[None]]
    ) -> dict[str, BackendError]:
        """Do the same with all, some at once, and return what failed.

        When a server that answers nobody was tried often enough, or one asked us to slow
        down, the rest is spared.
        """
        slots = asyncio.Semaphore(IN_FLIGHT)
        errors: dict[str, BackendError] = {}
        lost = 0
        slower: RateLimitedError | None = None

        async def one(slug: str) -> None:
            nonlocal lost, slower
            async with slots:
                if lost >= IN_FLIGHT or slower is not None:
                    errors[slug] = slower or UnreachableError()
                    return
                try:
                    await work(slug)
                except AuthFailedError:
                    raise
                except RateLimitedError as err:
                    slower = errors[slug] = err
                except BackendError as err:
                    lost = lost + 1 if isinstance(err, UnreachableError) else 0
                    errors[slug] = err
                else:
                    lost = 0

        tasks = [asyncio.create_task(one(slug)) for slug in slugs]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
        return errors

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
            "http": self.client.http.counters.as_dict(),
        }


_RECORDLESS: Final = frozenset(f"{variable:04x}" for variable in (BATTERY, *SYSTEM))
