"""Brings the past of sensors into the long-term statistics of Home Assistant."""

from collections.abc import AsyncIterator, Callable, Iterable
from functools import partial
from typing import Final

from homeassistant.components.sensor.const import UNIT_CONVERTERS

from ....model import SensorPoint
from ....statistics import HistoryImporter, Series as Statistic
from ..client import MycodoClient
from ..history import DAY, HistoryPage, pages
from ..poller import Poller
from .built import Built

MAX_DAYS: Final = 3650


class MycodoHistory:
    """The history of the sensors of one entry."""

    def __init__(
        self,
        importer: HistoryImporter,
        client: MycodoClient,
        poller: Poller,
    ) -> None:
        """Get ready; nothing is read yet."""
        self._importer = importer
        self._client = client
        self._poller = poller

    async def run(
        self,
        wanted: Iterable[tuple[str, Built]],
        days: int,
        on_progress: Callable[[float], None] = lambda fraction: None,
    ) -> dict[str, int]:
        """Import the last ``days`` of sensors, given as (entity id, point).

        Returns how many hours were written of each. A run that was cut short goes on
        where it ended. Raises BackendError.
        """
        found = list(wanted)
        written: dict[str, int] = {}
        for index, (entity_id, built) in enumerate(found):
            written[entity_id] = await self._one(
                entity_id, built, days, partial(_part, on_progress, index, len(found))
            )
        return written

    async def _one(
        self,
        entity_id: str,
        built: Built,
        days: int,
        on_progress: Callable[[float], None],
    ) -> int:
        row = next(row for row in self._poller.listing.rows if row.id == built.subject)
        series = self._poller.series(row)
        end = int(self._client.now())

        async def source(cursor: object) -> AsyncIterator[HistoryPage]:
            async for page in pages(
                self._client,
                series,
                start=end - days * DAY,
                end=end,
                cursor=cursor,
                factor=built.factor,
            ):
                yield page

        result = await self._importer.run(
            f"history_{row.id}",
            [_statistic(row.id, entity_id, built)],
            source,
            on_progress=on_progress,
        )
        return sum(result.rows.values())


def _part(tell: Callable[[float], None], index: int, count: int, done: float) -> None:
    tell((index + done) / count)


def _statistic(row: str, entity_id: str, built: Built) -> Statistic:
    assert isinstance(built.point, SensorPoint)  # others are not offered
    description = built.point.description
    unit = description.native_unit_of_measurement
    converter = UNIT_CONVERTERS.get(description.device_class)
    known = converter is not None and unit in converter.VALID_UNITS
    return Statistic(
        id=row,
        name=built.point.name or entity_id,
        unit=unit,
        unit_class=converter.UNIT_CLASS if converter is not None and known else None,
        measured=True,
        entity_id=entity_id,
    )
