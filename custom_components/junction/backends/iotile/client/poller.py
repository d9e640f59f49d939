"""Decide what to ask an IOTile Cloud next, with as few requests as it allows."""

from collections.abc import Callable, Collection, Iterable, Set as AbstractSet
from datetime import datetime, timedelta
from typing import Final

from ....errors import AuthFailedError, BackendError, RateLimitedError
from .api import IOTileClient
from .errors import RoleError
from .fan_out import ask_each
from .listing import Details, take_stock
from .models import BATTERY, SYSTEM, Point
from .slugs import stream_from
from .state import IOTileState

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
    """Read one account into ``state``.

    ``interval`` is in s, ``late`` how far back late points are looked for. ``wanted``
    tells which streams without a record are shown, ``watched`` of which (inactive)
    devices anybody wants to see anything, ``registered`` which devices are set up.
    """

    def __init__(
        self,
        client: IOTileClient,
        state: IOTileState,
        *,
        interval: float,
        late: timedelta,
        projects: Collection[str] = (),
        wanted: Callable[[str, int], bool] = lambda device, variable: True,
        watched: Callable[[Collection[str]], Collection[str]] = lambda devices: devices,
        registered: Callable[[], AbstractSet[str]] = frozenset,
    ) -> None:
        """Read nothing yet."""
        self.client = client
        self.state = state
        self.late = min(late, FIRST)
        self._interval = interval
        self._chosen = frozenset(projects)
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

    def now(self) -> datetime:
        """Return the time of our clock."""
        return self.client.clock.utcnow()

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
        gone = self.state.listing.streams.keys() - listing.streams.keys()
        if gone or self._registered() - listing.devices.keys():
            # One list that lacks something proves nothing; a second one does.
            listing = await take_stock(self.client, self._chosen)
        self.state.relist(listing)
        if len(listing.devices) <= MANY:
            await ask_each(listing.devices, self._detail)

    async def _detail(self, device: str) -> None:
        details = self.state.details[device]
        client = self.client
        details.filled = await client.counts(device)
        details.status = await client.status(device)
        details.properties = await client.properties(device)

    # Data.

    def _targets(self) -> list[str]:
        virtual = [
            s.slug
            for s in self.state.listing.streams.values()
            if s.device is None and s.numeric and s.enabled
        ]
        return [*self.state.listing.devices, *virtual]

    async def _look(self) -> None:
        now = self.client.clock.monotonic()
        targets = self._targets()
        hidden: list[str] = []
        if self.state.listing.hidden:
            hidden = [slug for slug in targets if not self.state.listing.readable(slug)]
            targets = [slug for slug in targets if slug not in hidden]
        self._due = {slug: due for slug, due in self._due.items() if slug in targets}
        due = [slug for slug in targets if self._due.get(slug, now) <= now + 1]
        for slug in self._unwatched(due):
            self._due[slug] = now + QUIET
        due = [slug for slug in due if self._due.get(slug, now) <= now + 1]
        marks = await self._reported() if self._looked and len(due) > MANY else {}
        for slug, mark in marks.items():
            fresh = self._looked.get(slug, -FULL) + FULL > now + 1
            if (
                fresh
                and self._marks.get(slug) == mark
                and slug not in self.state.failures
            ):
                self._due[slug] = now + self._interval
        due = [slug for slug in due if self._due.get(slug, now) <= now + 1]
        errors = await ask_each(due, self._look_at)
        self.state.failures = {
            slug: error
            for slug, error in self.state.failures.items()
            if slug in targets
        }
        for slug in due:
            self.state.failures.pop(slug, None)
        self.state.failures |= errors
        self.state.failures |= dict.fromkeys(hidden, RoleError())
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
        devices = self.state.listing.devices
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
        device = self.state.listing.devices.get(slug)
        latest = self.state.ledger.latest(slug)
        silent = latest is None or latest < self.now() - FIRST
        if silent or (device is not None and not device.active):
            return max(QUIET, self._interval)
        return self._interval

    async def _look_at(self, slug: str) -> None:
        """Read what is new of a device or virtual stream: one request, as a rule."""
        moment, monotonic = self.now(), self.client.clock.monotonic()
        latest = self.state.ledger.latest(slug)
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
        self.state.take(slug, points, start, moment)
        await self._look_for_events(slug, moment)
        await self._look_at_status(slug, monotonic)
        if deep:
            self._deep[slug] = monotonic + SURVEY
            await self._look_at_system(slug, moment)
        self._read.add(slug)

    async def _look_for_events(self, slug: str, now: datetime) -> None:
        if not any(stream.eventful for stream in self.state.listing.of(slug)):
            return
        found = await self.client.events(slug, now - max(self.late, OVERLAP))
        self.state.take_new_events(slug, found, now)

    async def _look_at_status(self, slug: str, monotonic: float) -> None:
        details = self.state.details.get(slug)
        if details and details.status and details.status.checked and slug in self._read:
            details.status = await self.client.status(slug)

    async def _look_at_system(self, slug: str, now: datetime) -> None:
        """Read the streams without a record, of which only few points are written."""
        details, device = (
            self.state.details.get(slug),
            self.state.listing.devices.get(slug),
        )
        project = device and self.state.listing.project_of(device)
        if details is None or details.filled is None or project is None:
            return
        for variable in (BATTERY, *SYSTEM):
            name = stream_from(project.slug, slug, variable)
            if name in details.filled and self._wanted(slug, variable):
                self.state.take_newest(
                    await self.client.frame(name, now - BATTERY_BACK)
                )

    async def _fill_in(self) -> None:
        """Find last values of long ago, once, where there may be any."""
        missing = []
        for slug, stream in self.state.listing.streams.items():
            if slug in self.state.values or slug in self._tried or not stream.enabled:
                continue
            if (
                not stream.numeric
                or stream.variable_slug in self.state.listing.app_only
            ):
                continue
            owner = stream.owner
            filled = (self.state.details.get(owner) or Details()).filled
            if owner in self._read and (filled is None or slug in filled):
                missing.append(slug)
        missing = missing[:LAST_VALUES]
        errors = await ask_each(missing, self._last)
        self._tried |= set(missing) - errors.keys()

    async def _last(self, slug: str) -> None:
        point = await self.client.last(slug)
        if point is not None:
            self.state.take_newest([point])
            stream = self.state.listing.streams[slug]
            self.state.ledger.note(stream.owner, point.time, self.now())
