"""Decide what to request from an IOTile Cloud next, with as few requests as possible.

See docs/protocols/iotile.md#polling-cost.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Set as AbstractSet
from datetime import datetime, timedelta
from typing import Any, Final

from ....errors import BackendError, RateLimitedError
from ....moments import moment_at
from .api import IOTileClient
from .clock_skew import AHEAD
from .errors import RoleError
from .event_reader import read_events
from .fan_out import ask_each
from .listing import Details, read_listing
from .models import BATTERY, SYSTEM
from .progress import MANY, Progress
from .schedule import QUIET, Schedule
from .slugs import stream_from
from .state import IOTileState

SURVEY: Final = 6 * 3600.0
"""Seconds between two reads of the listing."""
OVERLAP: Final = timedelta(hours=6)
FIRST: Final = timedelta(days=7)
"""Range of the first read; after a longer absence data is read day by day."""
FURTHEST: Final = timedelta(days=60)
BATTERY_BACK: Final = timedelta(days=30)
LAST_VALUES: Final = 40
"""Streams per refresh whose last value is requested if it is older than the range."""
EARLY: Final = 2.0
"""Seconds by which a refresh may be early; an earlier one was requested by the user."""
SILENT_SERVER: Final = 8.0
"""Timeout of the very first answer in seconds."""


class Poller:
    """Read one account into ``state``.

    ``interval`` is in seconds, ``late`` the range in which late points are searched.
    ``wanted`` returns which streams without a record are enabled, ``watched`` which
    (inactive) devices have enabled entities, ``registered`` which devices are in the
    registry.
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
        """Initialize; nothing is read yet."""
        self.client = client
        self.state = state
        self.late = min(late, FIRST)
        self.schedule = Schedule(interval)
        self._progress = Progress(client, state, self.schedule, interval)
        self._interval = interval
        self._chosen = frozenset(projects)
        self._wanted = wanted
        self._watched = watched
        self._registered = registered
        self._survey_due: float | None = None
        self._survey_asked = False
        self._refreshed: float | None = None
        self._read: set[str] = set()

    def now(self) -> datetime:
        """Return the time, by the later of the two clocks."""
        return self.client.now()

    # Listing.

    async def refresh(self) -> None:
        """Read what is due. Raises BackendError if nothing could be read."""
        now = self.client.clock.monotonic()
        if (
            self._refreshed is not None
            and now < self._refreshed + self._interval - EARLY
        ):
            # Early, so a user requested it.
            self.schedule.make_all_due()
            self._survey_asked = True
        if self._survey_asked or self._survey_due is None or now >= self._survey_due:
            try:
                await self.survey()
            except BackendError:
                if self._survey_due is None:
                    raise
                # The known listing stays valid; reading the devices shows whether the
                # server works.
                self._survey_due = now + self._interval
            else:
                self._survey_due = now + SURVEY
                self._survey_asked = False
        await self._read_round()
        # Not after a failure: an early refresh is then a retry.
        self._refreshed = self.client.clock.monotonic()

    def ask_for_survey(self) -> None:
        """Read the listing the next time, because something was changed."""
        self._survey_asked = True

    async def survey(self) -> None:
        """Read the listing: five requests, and one per organization."""
        patience = SILENT_SERVER if self._survey_due is None else None
        listing = await read_listing(self.client, self._chosen, patience=patience)
        gone = self.state.listing.streams.keys() - listing.streams.keys()
        if gone or self._registered() - listing.devices.keys():
            # An object counts as removed only if a second list lacks it as well.
            listing = await read_listing(self.client, self._chosen)
        self.state.relist(listing)
        if len(listing.devices) <= MANY:
            await ask_each(listing.devices, self._detail)

    async def _detail(self, device: str) -> None:
        details = self.state.details[device]
        client = self.client
        details.filled = await client.counts(device)
        details.status = await client.status(device)
        details.properties = await client.properties(device)

    async def reread(self, owner: str) -> None:
        """Read one device or virtual stream now, after writing to it."""
        if owner in self.state.listing.devices:
            found = await self.client.device(owner)
            if found is not None:
                self.state.listing.devices[owner] = found
            if self.state.details[owner].filled is not None:
                await self._detail(owner)
            self.state.revision += 1
        await self._read_owner(owner)
        await self._read_events([owner])

    # Data.

    def _targets(self) -> list[str]:
        virtual = [
            s.slug
            for s in self.state.listing.streams.values()
            if s.device is None and s.numeric and s.enabled
        ]
        return [*self.state.listing.devices, *virtual]

    async def _read_round(self) -> None:
        now, schedule = self.client.clock.monotonic(), self.schedule
        listing, failures = self.state.listing, self.state.failures
        targets = self._targets()
        hidden: list[str] = []
        if listing.hidden:
            hidden = [slug for slug in targets if not listing.readable(slug)]
            targets = [slug for slug in targets if slug not in hidden]
        schedule.keep(targets)
        due = [slug for slug in targets if schedule.is_due(slug, now)]
        for slug in self._unwatched(due):
            schedule.wait(slug, now + QUIET)
        due = [slug for slug in due if schedule.is_due(slug, now)]
        marks = await self._progress.marks(targets, due, now)
        due = self._progress.with_uploads(targets, due, marks, now)
        errors = await ask_each(due, self._read_owner)
        read = [slug for slug in due if slug not in errors]
        if not any(isinstance(error, RateLimitedError) for error in errors.values()):
            errors |= await self._read_events(read)
        self.state.failures = {
            slug: error
            for slug, error in failures.items()
            if slug in targets and slug not in due
        }
        self.state.failures |= errors
        self.state.failures |= dict.fromkeys(hidden, RoleError())
        for slug, error in errors.items():
            wait = error.retry_after if isinstance(error, RateLimitedError) else 0
            schedule.wait(slug, now + (wait or 0))
        for slug in due:
            if slug not in errors and slug in marks:
                schedule.marks[slug] = marks[slug]
        if due and len(errors) >= len(due):
            raise next(iter(errors.values()))
        await self._fill_in()

    def _unwatched(self, due: Iterable[str]) -> Iterable[str]:
        """Return the inactive devices without enabled entities."""
        devices = self.state.listing.devices
        inactive = {s for s in due if s in devices and not devices[s].active}
        return inactive.difference(self._watched(inactive)) if inactive else ()

    async def _read_owner(self, slug: str) -> None:
        """Read the new data of a device or virtual stream, usually in one request."""
        moment, monotonic = self.now(), self.client.clock.monotonic()
        deep = self.schedule.is_deep(slug, moment)
        start, steps = self._range(slug, moment, deep=deep)
        points = []
        place = start
        for until in steps:
            points += await self.client.frame(slug, place, until)
            place = until
        points += await self.client.frame(slug, place)
        # The answer included the server's time, which may change the current time.
        moment = self.now()
        news = self.state.take(slug, points, start, moment)
        await self._look_at_status(slug)
        await self._look_at_system(slug, moment, deep=deep)
        self.schedule.read(slug, moment, deep=deep)
        self._read.add(slug)
        device = self.state.listing.devices.get(slug)
        pace = self.schedule.pace(
            slug,
            silence=self._progress.silence(slug),
            active=device is None or device.active,
            empty=self.state.ledger.latest(slug) is None,
            news=news,
            adaptive=len(self.state.listing.devices) > MANY
            and slug not in self.schedule.marks,
        )
        self.schedule.wait(slug, monotonic + pace)

    def _range(
        self, slug: str, moment: datetime, *, deep: bool
    ) -> tuple[datetime, list[datetime]]:
        """Return the start of the range to read, and where to split a missed range."""
        latest = self.state.ledger.latest(slug)
        looked = self.schedule.looked.get(slug)
        if latest is None or slug not in self._read:
            start = moment - FIRST
            if latest is not None:
                start = min(start, latest - OVERLAP)
        else:
            start = min(latest, moment) - (max(self.late, OVERLAP) if deep else OVERLAP)
        start = max(start, moment - FURTHEST)
        # A frame has no pages: after a long absence it would be large.
        away = moment_at(looked) or start
        cuts: list[datetime] = []
        if moment - away > FIRST + OVERLAP:
            cut = max(start, away - OVERLAP) + timedelta(days=1)
            while cut < moment:
                cuts.append(cut)
                cut += timedelta(days=1)
        return start, cuts

    async def _read_events(self, slugs: Iterable[str]) -> dict[str, BackendError]:
        start = self.now() - max(self.late, OVERLAP)
        return await read_events(self.client, self.state, slugs, start)

    async def _look_at_status(self, slug: str) -> None:
        details = self.state.details.get(slug)
        if details and details.status and details.status.checked:
            if slug in self.schedule.looked:
                details.status = await self.client.status(slug)

    async def _look_at_system(self, slug: str, now: datetime, *, deep: bool) -> None:
        """Read the streams without a record, which have only few points."""
        details = self.state.details.get(slug)
        device = self.state.listing.devices.get(slug)
        project = device and self.state.listing.project_of(device)
        if details is None or details.filled is None or project is None:
            return
        start = now - BATTERY_BACK
        for variable in (BATTERY, *SYSTEM):
            name = stream_from(project.slug, slug, variable)
            if not deep and name in self.state.values:
                continue
            if name in details.filled and self._wanted(slug, variable):
                points = await self.client.frame(name, start)
                true = [*self.state.future.past(points, now)]
                self.state.take_newest(true, now)
                self.state.note_changes(name, true, start, now)

    async def _fill_in(self) -> None:
        """Find last values from before the range, once, where there may be any."""
        missing = []
        listing, tried = self.state.listing, self.schedule.tried
        for slug, stream in listing.streams.items():
            if slug in self.state.values or slug in tried or not stream.enabled:
                continue
            if not stream.numeric or listing.app_only(stream):
                continue
            owner = stream.owner
            filled = (self.state.details.get(owner) or Details()).filled
            if owner in self.schedule.looked and (filled is None or slug in filled):
                missing.append(slug)
        missing = missing[:LAST_VALUES]
        errors = await ask_each(missing, self._last)
        tried |= set(missing) - errors.keys()

    async def _last(self, slug: str) -> None:
        now = self.now()
        point = await self.client.last(slug, now + AHEAD)
        if point is not None:
            self.state.take_newest([point], now)
            stream = self.state.listing.streams[slug]
            self.state.ledger.note(stream.owner, point.time, now)

    # Stored over restarts.

    def as_dict(self) -> dict[str, Any]:
        """Return the stored data as JSON."""
        return {**self.state.as_dict(), "schedule": self.schedule.as_dict()}

    def load(self, kept: Mapping[str, Any]) -> None:
        """Restore the data of ``as_dict``."""
        self.state.load(kept)
        self.schedule.load(kept.get("schedule", {}))
