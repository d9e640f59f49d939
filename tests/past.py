"""A history to import, and its result in the recorder."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from homeassistant.components.recorder import get_instance
from homeassistant.components.recorder.statistics import statistics_during_period
from homeassistant.core import HomeAssistant

from custom_components.junction.statistics import LeftOut, Row, Series
from custom_components.junction.statistics.database import async_commit

HOUR = timedelta(hours=1)
START = datetime(2026, 10, 24, tzinfo=UTC)
METER = Series(id="import", name="Import", unit="kWh", unit_class="energy")
ROOM = Series(
    id="room", name="Room", unit="°C", unit_class="temperature", measured=True
)


@dataclass(frozen=True)
class Stretch:
    rows: Mapping[str, Sequence[Row]]
    cursor: Any
    progress: float
    left_out: Sequence[LeftOut] = ()


class Past:
    """Hours of a meter and a thermometer, in pages, that may break off."""

    def __init__(self, hours: int = 100, page: int = 10, overlap: int = 2) -> None:
        self.hours, self.page, self.overlap = hours, page, overlap
        self.asked: list[int | None] = []
        self.breaks_after: int | None = None

    def change(self, hour: int) -> float:
        return (hour * 37 % 100) / 1000

    def state(self, hour: int) -> float:
        return round(1000 + sum(map(self.change, range(hour + 1))), 3)

    def total(self, hour: int) -> float:
        return round(sum(map(self.change, range(hour + 1))), 3)

    async def source(self, cursor: int | None) -> AsyncIterator[Stretch]:
        self.asked.append(cursor)
        hour = 0 if cursor is None else max(0, cursor - self.overlap)
        pages = 0
        while hour < self.hours:
            if self.breaks_after == pages:
                raise ConnectionError
            end = min(hour + self.page, self.hours)
            yield Stretch(
                {
                    METER.id: [
                        (START + h * HOUR, self.change(h), self.state(h))
                        for h in range(hour, end)
                    ],
                    ROOM.id: [
                        (START + h * HOUR, h / 10, h / 10 - 1, h / 10 + 1)
                        for h in range(hour, end)
                    ],
                },
                end,
                end / self.hours,
            )
            pages += 1
            hour = end


async def rows(hass: HomeAssistant, statistic: str) -> list[dict[str, Any]]:
    await async_commit(hass)
    found = await get_instance(hass).async_add_executor_job(
        statistics_during_period,
        hass,
        datetime(2000, 1, 1, tzinfo=UTC),
        None,
        {statistic},
        "hour",
        None,
        {"state", "sum", "mean", "min", "max"},
    )
    return [dict(row) for row in found.get(statistic, [])]
