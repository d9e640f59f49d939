"""Import the history of streams into long-term statistics."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from datetime import datetime, timedelta
import logging
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback

from ....errors import BackendError
from ....statistics import HistoryImporter, ImportResult, Series, Source, unit_class_of
from ...hourly import CountedRow, HistoryPage, MeasuredRow
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
_HOUR: Final = timedelta(hours=1)


class IOTileHistory:
    """The history of the streams of one account, in statistics of their own.

    A sensor's own statistics know a point at the moment when it arrived; these know it
    at the moment when it was measured, however late it came.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry[Any],
        client: IOTileClient,
        poller: Poller,
        inventory: Inventory,
    ) -> None:
        """Get ready; nothing is read yet."""
        self._importer = HistoryImporter(hass, entry)
        self._hass = hass
        self._entry = entry
        self._client = client
        self._poller = poller
        self._inventory = inventory
        self._following: asyncio.Task[None] | None = None

    async def run(
        self,
        wanted: Iterable[PointDescription],
        days: int,
        *,
        anew: bool = False,
        follow: bool = False,
    ) -> dict[str, int]:
        """Import the last ``days`` of streams; return how many hours of each.

        A run goes on where the one before ended, unless ``anew``. With ``follow`` what
        comes later is imported by itself. Raises BackendError.
        """
        found = list(wanted)
        written: dict[str, int] = {}
        for index, point in enumerate(found):
            assert point.stream is not None  # others are not offered
            slug = point.stream.slug
            part = (index / len(found), (index + 1) / len(found))
            written[slug] = await self._one(
                point.stream, point.reading, days, part, anew=anew
            )
            self._poller.state.ledger.follow(slug, on=follow)
        return written

    # What comes later.

    @callback
    def follow(self) -> None:
        """Bring changed hours into the statistics, in the background."""
        if self._following is not None and not self._following.done():
            return
        if due := self._poller.state.changes.take():
            self._following = self._entry.async_create_background_task(
                self._hass, self._follow(due), "junction iotile statistics"
            )

    async def close(self) -> None:
        """Stop; what is half done is gone on with after the next start."""
        if self._following is not None:
            self._following.cancel()
            await asyncio.wait([self._following])
            self._following = None

    async def _follow(self, due: dict[str, datetime]) -> None:
        changes, ledger = self._poller.state.changes, self._poller.state.ledger
        for slug, hour in due.items():
            stream = self._poller.state.listing.streams.get(slug)
            if stream is None:
                continue
            taken = self._inventory.reading(stream)
            if taken is Reading.OPEN:
                continue
            try:
                restarted = await self._again(stream, taken, hour)
            except BackendError as err:
                # Read again with the next poll; what is wrong is said by that.
                _LOGGER.debug("Statistics of %s have to wait: %r", slug, err)
                changes.put_back(slug, hour)
            else:
                if restarted:
                    # Somebody deleted the statistics, and is not to get them back.
                    ledger.follow(slug, on=False)
                    changes.forget(slug)

    async def _again(self, stream: Stream, taken: Reading, hour: datetime) -> bool:
        """Import from an hour on; return whether there is nothing to go on from."""
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
        if not stream.numeric or taken is Reading.OPEN:
            raise NotNumericError(stream=stream.slug)
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
            factor=not meaning(stream).stored,
        )

    async def _import(
        self, stream: Stream, taken: Reading, source: Source, **more: Any
    ) -> ImportResult:
        means, name = meaning(stream), _name(stream)
        series = Series(
            id=name,
            name=self._title(stream),
            unit=means.unit,
            unit_class=unit_class_of(means.device_class, means.unit),
            measured=taken is Reading.MEASURED,
        )
        return await self._importer.run(f"history_{name}", [series], source, **more)

    def _title(self, stream: Stream) -> str:
        listing = self._poller.state.listing
        owner = listing.devices.get(stream.device or "")
        project = listing.projects.get(stream.project)
        home = owner.label if owner else project.name if project else stream.project
        return f"{home} {stream.name}"


def _name(stream: Stream) -> str:
    # One underscore for every run of dashes: two are illegal in a statistic id.
    return "_".join(part for part in stream.slug.split("-") if part)
