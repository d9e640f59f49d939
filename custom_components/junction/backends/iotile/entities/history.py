"""Import the history of streams into long-term statistics."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from datetime import datetime, timedelta
from functools import partial
import logging
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback

from ....errors import BackendError
from ....model import name_on
from ....statistics import HistoryImporter, ImportResult, Series, Source, unit_class_of
from ...hourly import CountedRow, HistoryPage, MeasuredRow
from ...tasks import only_logged, start_watched
from ..client.api import IOTileClient
from ..client.errors import NotNumericError
from ..client.history import pages
from ..client.models import Stream
from ..client.poller import Poller
from .description import PointDescription
from .inventory import Inventory
from .readings import Reading
from .units import meaning

_LOGGER: Final = logging.getLogger(__name__)

MAX_DAYS: Final = 3650
OFFERED_DAYS: Final = 365
"""Days of the import that the setup offers."""
_HOUR: Final = timedelta(hours=1)


class IOTileHistory:
    """Import the streams of one account into statistics of their own.

    A sensor's own statistics have a point at the time of its arrival; these have it at
    the time of its measurement, however late it arrived.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry[Any],
        client: IOTileClient,
        poller: Poller,
        inventory: Inventory,
    ) -> None:
        """Initialize; nothing is read yet."""
        self._importer = HistoryImporter(hass, entry)
        self._hass = hass
        self._entry = entry
        self._client = client
        self._poller = poller
        self._inventory = inventory
        self._following: asyncio.Task[None] | None = None
        self._offering: asyncio.Task[None] | None = None

    async def run(
        self,
        wanted: Iterable[PointDescription],
        days: int,
        *,
        anew: bool = False,
        follow: bool = False,
    ) -> dict[str, int]:
        """Import the last ``days`` of streams; return the number of hours for each.

        A run continues where the previous one ended, unless ``anew``. With ``follow``
        later data is imported automatically. Raises BackendError.
        """
        found: dict[str, tuple[Stream, Reading]] = {}
        for point in wanted:
            assert point.stream is not None  # only points with a stream are offered
            found[point.stream.slug] = point.stream, point.reading
        # Check all of them before the first request, because the import may take
        # minutes.
        for stream, taken in found.values():
            if not stream.numeric or taken is Reading.OPEN:
                raise NotNumericError(stream=stream.name)
        await self._importer.check(
            self._series(stream, taken) for stream, taken in found.values()
        )
        written: dict[str, int] = {}
        for index, (slug, (stream, taken)) in enumerate(found.items()):
            part = (index / len(found), (index + 1) / len(found))
            written[slug] = await self._one(stream, taken, days, part, anew=anew)
            self._poller.state.ledger.follow(slug, on=follow)
        return written

    # Import offered by the setup.

    @callback
    def offer(self) -> None:
        """Import the volumes of meters, once, and keep them up to date from then on."""
        if self._offering is not None and not self._offering.done():
            return
        ledger = self._poller.state.ledger
        due = {
            point.stream.slug: point
            for point in self._inventory.points
            if point.stream is not None
            and point.reading in (Reading.INTERVAL, Reading.METER)
            and point.stream.slug in self._poller.state.values
            and point.stream.slug not in ledger.offered | ledger.followed
        }
        if due:
            self._offering = start_watched(
                self._hass,
                self._entry,
                partial(self._offer, list(due.values())),
                "import",
                failed=only_logged,
            )

    async def _offer(self, due: list[PointDescription]) -> None:
        ledger = self._poller.state.ledger
        for point in due:
            assert point.stream is not None  # only points with a stream are due
            try:
                await self.run([point], OFFERED_DAYS, follow=True)
            except BackendError as err:
                # Retried with the next poll, which reports the error.
                _LOGGER.debug("Import of %s has to wait: %r", point.stream.slug, err)
            else:
                ledger.offered.add(point.stream.slug)
                ledger.changed = True

    # Later data.

    @callback
    def follow(self) -> None:
        """Update changed hours in the statistics, in the background."""
        if self._following is not None and not self._following.done():
            return
        if due := self._poller.state.changes.take():
            self._following = start_watched(
                self._hass,
                self._entry,
                partial(self._follow, due),
                "statistics",
                failed=only_logged,
            )

    async def close(self) -> None:
        """Stop; an unfinished import continues after the next start."""
        for task in (self._following, self._offering):
            if task is not None:
                task.cancel()
                await asyncio.wait([task])
        self._following = self._offering = None

    async def _follow(self, due: dict[str, datetime]) -> None:
        changes, ledger = self._poller.state.changes, self._poller.state.ledger
        for slug, hour in due.items():
            stream = self._poller.state.listing.find(slug)
            if stream is None:
                continue
            taken = self._inventory.reading(stream)
            if taken is Reading.OPEN:
                continue
            try:
                restarted = await self._again(stream, taken, hour)
            except BackendError as err:
                # Retried with the next poll, which reports the error.
                _LOGGER.debug("Statistics of %s have to wait: %r", slug, err)
                changes.put_back(slug, hour)
            else:
                if restarted:
                    # The user deleted the statistics, so do not create them again.
                    ledger.follow(slug, on=False)
                    changes.forget(slug)

    async def _again(self, stream: Stream, taken: Reading, hour: datetime) -> bool:
        """Import from an hour on; return whether there are no statistics to continue."""
        end = self._poller.now()

        async def source(
            cursor: object,
        ) -> AsyncIterator[HistoryPage[MeasuredRow | CountedRow]]:
            if not isinstance(cursor, int):
                return
            place = min(cursor, int(hour.timestamp()))
            async for page in self._pages(
                stream, taken, hour - _HOUR, end, timedelta(), place
            ):
                yield page

        result = await self._import(stream, taken, source)
        return result.restarted

    async def _one(
        self,
        stream: Stream,
        taken: Reading,
        days: int,
        part: tuple[float, float],
        *,
        anew: bool,
    ) -> int:
        end = self._poller.now()
        start = end - timedelta(days=days)

        def source(
            cursor: object,
        ) -> AsyncIterator[HistoryPage[MeasuredRow | CountedRow]]:
            return self._pages(stream, taken, start, end, self._poller.late, cursor)

        result = await self._import(stream, taken, source, part=part, anew=anew)
        return sum(result.rows.values())

    def _pages(
        self,
        stream: Stream,
        taken: Reading,
        start: datetime,
        end: datetime,
        late: timedelta,
        cursor: object,
    ) -> AsyncIterator[HistoryPage[MeasuredRow | CountedRow]]:
        return pages(
            self._client,
            stream,
            _name(stream),
            taken.value,
            start=start,
            end=end,
            late=late,
            cursor=cursor,
            convert=meaning(stream).native(stream),
        )

    async def _import(
        self, stream: Stream, taken: Reading, source: Source, **more: Any
    ) -> ImportResult:
        series = self._series(stream, taken)
        return await self._importer.run(
            f"history_{series.id}", [series], source, **more
        )

    def _series(self, stream: Stream, taken: Reading) -> Series:
        means = meaning(stream)
        return Series(
            id=_name(stream),
            name=self._title(stream),
            unit=means.unit,
            unit_class=unit_class_of(means.device_class, means.unit),
            measured=taken is Reading.MEASURED,
        )

    def _title(self, stream: Stream) -> str:
        names = self._inventory.names
        home = names.get(stream.device or stream.project, "")
        return f"{home} {name_on(home, stream.name)}".strip()


def _name(stream: Stream) -> str:
    # One underscore for each run of dashes: a statistic id must not contain two in a
    # row.
    return "_".join(part for part in stream.slug.split("-") if part)
