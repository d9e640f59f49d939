"""Brings the past of streams into the long-term statistics of Home Assistant."""

from collections.abc import AsyncIterator, Callable, Iterable
from datetime import timedelta
from functools import partial
from typing import Final

from homeassistant.components.sensor.const import UNIT_CONVERTERS

from ....statistics import HistoryImporter, Series
from ..client import IOTileClient
from ..errors import NotNumericError
from ..history import HistoryPage, pages
from ..models import Stream
from ..poller import Poller
from .board import Built
from .readings import Reading
from .units import meaning

MAX_DAYS: Final = 3650
LATE: Final = timedelta(hours=48)


class IOTileHistory:
    """The history of the streams of one account, in statistics of their own.

    A sensor's own statistics know a point at the moment when it arrived; these know it
    at the moment when it was measured.
    """

    def __init__(
        self, importer: HistoryImporter, client: IOTileClient, poller: Poller
    ) -> None:
        """Get ready; nothing is read yet."""
        self._importer = importer
        self._client = client
        self._poller = poller

    async def run(
        self,
        wanted: Iterable[Built],
        days: int,
        on_progress: Callable[[float], None] = lambda fraction: None,
    ) -> dict[str, int]:
        """Import the last ``days`` of streams; return how many hours of each.

        A run that was cut short goes on where it ended. Raises BackendError.
        """
        found = list(wanted)
        written: dict[str, int] = {}
        for index, built in enumerate(found):
            assert built.stream is not None  # others are not offered
            part = partial(_part, on_progress, index, len(found))
            written[built.stream.slug] = await self._one(
                built.stream, built.reading, days, part
            )
        return written

    async def _one(
        self,
        stream: Stream,
        taken: Reading,
        days: int,
        on_progress: Callable[[float], None],
    ) -> int:
        if not stream.numeric or taken is Reading.OPEN:
            raise NotNumericError(stream=stream.slug)
        means = meaning(stream)
        # One underscore for every run of dashes: two are illegal in a statistic id.
        name = "_".join(part for part in stream.slug.split("-") if part)
        end = self._poller.now()

        async def source(cursor: object) -> AsyncIterator[HistoryPage]:
            async for page in pages(
                self._client,
                stream,
                name,
                taken.value,
                start=end - timedelta(days=days),
                end=end,
                late=LATE,
                cursor=cursor,
                factor=not means.stored,
            ):
                yield page

        converter = UNIT_CONVERTERS.get(means.device_class)
        known = converter is not None and means.unit in converter.VALID_UNITS
        series = Series(
            id=name,
            name=self._title(stream),
            unit=means.unit,
            unit_class=converter.UNIT_CLASS if converter and known else None,
            measured=taken is Reading.MEASURED,
        )
        result = await self._importer.run(
            f"history_{name}", [series], source, on_progress=on_progress
        )
        return sum(result.rows.values())

    def _title(self, stream: Stream) -> str:
        listing = self._poller.listing
        owner = listing.devices.get(stream.device or "")
        project = listing.projects.get(stream.project)
        home = owner.label if owner else project.name if project else stream.project
        return f"{home} {stream.name}"


def _part(tell: Callable[[float], None], index: int, count: int, done: float) -> None:
    tell((index + done) / count)
