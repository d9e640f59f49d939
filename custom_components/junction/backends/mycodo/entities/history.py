"""Import the history of sensors into long-term statistics."""

from collections.abc import AsyncIterator, Iterable
from typing import Final

from ....model import SensorPoint
from ....statistics import HistoryImporter, Series as Statistic, unit_class_of
from ...hourly import HistoryPage, MeasuredRow
from ..client import DAY, MycodoClient, Poller, pages
from .description import DescribedPoint

MAX_DAYS: Final = 3650


class MycodoHistory:
    """History of the sensors of one entry."""

    def __init__(
        self,
        importer: HistoryImporter,
        client: MycodoClient,
        poller: Poller,
    ) -> None:
        """Initialize; nothing is read yet."""
        self.importer = importer
        self._client = client
        self._poller = poller

    async def run(
        self,
        wanted: Iterable[tuple[str, DescribedPoint]],
        days: int,
    ) -> dict[str, int]:
        """Import the last ``days`` of sensors, given as (entity id, point).

        Returns the number of hours written for each. An interrupted run continues where
        it ended. Raises BackendError.
        """
        found = list(wanted)
        # Check all of them before the first request, because the import may take
        # minutes.
        await self.importer.check(
            _statistic(described.subject, entity_id, described)
            for entity_id, described in found
        )
        written: dict[str, int] = {}
        for index, (entity_id, described) in enumerate(found):
            written[entity_id] = await self._one(
                entity_id,
                described,
                days,
                (index / len(found), (index + 1) / len(found)),
            )
        return written

    async def _one(
        self,
        entity_id: str,
        described: DescribedPoint,
        days: int,
        part: tuple[float, float],
    ) -> int:
        row = next(
            row for row in self._poller.listing.rows if row.id == described.subject
        )
        series = self._poller.series(row)
        end = int(self._client.now())

        async def source(cursor: object) -> AsyncIterator[HistoryPage[MeasuredRow]]:
            async for page in pages(
                self._client,
                series,
                start=end - days * DAY,
                end=end,
                cursor=cursor,
                factor=described.factor,
            ):
                yield page

        result = await self.importer.run(
            f"history_{row.id}",
            [_statistic(row.id, entity_id, described)],
            source,
            part=part,
        )
        return sum(result.rows.values())


def _statistic(row: str, entity_id: str, described: DescribedPoint) -> Statistic:
    assert isinstance(described.point, SensorPoint)  # only sensors are offered
    description = described.point.description
    unit = description.native_unit_of_measurement
    return Statistic(
        id=row,
        name=described.point.name or entity_id,
        unit=unit,
        unit_class=unit_class_of(description.device_class, unit),
        measured=True,
        entity_id=entity_id,
    )
