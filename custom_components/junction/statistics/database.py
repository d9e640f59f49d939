"""Read and write statistics with the recorder's public functions."""

import asyncio
from datetime import UTC, datetime, timedelta
from functools import partial
import math
from typing import Any, Final, Literal

from homeassistant.components.recorder import get_instance
from homeassistant.components.recorder.models import StatisticData, StatisticMetaData
from homeassistant.components.recorder.statistics import (
    async_add_external_statistics,
    async_import_statistics,
    get_last_statistics,
    get_metadata,
    statistics_during_period,
)
from homeassistant.components.recorder.tasks import SynchronizeTask
from homeassistant.core import HomeAssistant, callback

from ..const import DOMAIN

HOUR: Final = timedelta(hours=1)

CHUNK: Final = 500
"""Maximum rows per write to the recorder.

The recorder holds its database, and its event loop checks the rows, for as long as one
write takes. Larger writes are not faster: the cost per row is the same from 250 to
10,000.
"""
_EPOCH: Final = datetime(1980, 1, 1, tzinfo=UTC)
# How far back to search for an earlier row, the near past first.
_LOOK_BACK: Final = (timedelta(days=1), timedelta(days=40), None)


def utc(timestamp: float) -> datetime:
    """Return the UTC time of a timestamp."""
    return datetime.fromtimestamp(timestamp, UTC)


async def async_read(
    hass: HomeAssistant,
    statistic: str,
    start: datetime,
    end: datetime | None,
    period: Literal["hour", "month"] = "hour",
) -> list[Any]:
    """Return the rows from ``start`` to before ``end``, in the statistic's own unit.

    Each row has ``start`` (a timestamp) and, if recorded, ``state`` and ``sum``.
    """
    found = await get_instance(hass).async_add_executor_job(
        partial(
            statistics_during_period,
            hass,
            start,
            end,
            {statistic},
            period,
            # Without units to convert to, the recorder returns the unit of the
            # statistic.
            None,
            {"state", "sum", "mean"},
        )
    )
    return found.get(statistic, [])


async def async_existing(
    hass: HomeAssistant, statistics: set[str], start: datetime, end: datetime
) -> dict[str, dict[float, Any]]:
    """Return the rows from ``start`` to before ``end`` by statistic and timestamp."""
    found = await get_instance(hass).async_add_executor_job(
        partial(
            statistics_during_period,
            hass,
            start,
            end,
            statistics,
            "hour",
            None,
            {"state", "sum", "mean", "min", "max"},
        )
    )
    return {
        statistic: {row["start"]: row for row in rows}
        for statistic, rows in found.items()
    }


async def async_last_hour(hass: HomeAssistant, statistic: str) -> float:
    """Return the timestamp of the last hour of a statistic; -inf without any."""
    found = await get_instance(hass).async_add_executor_job(
        partial(get_last_statistics, hass, 1, statistic, False, {"sum"})
    )
    rows = found.get(statistic)
    return rows[0]["start"] if rows else -math.inf


async def async_sum_before(
    hass: HomeAssistant, statistic: str, start: datetime
) -> float:
    """Return the sum up to an hour; 0 when nothing was counted before it."""
    for span in _LOOK_BACK:
        since = _EPOCH if span is None else start - span
        if rows := await async_read(hass, statistic, since, start):
            return rows[-1].get("sum") or 0.0
    return 0.0


async def async_first_hour(hass: HomeAssistant, statistic: str) -> float | None:
    """Return the timestamp of the first hour of a statistic."""
    months = await async_read(hass, statistic, _EPOCH, None, "month")
    if not months:
        return None
    begin = utc(months[0]["start"])
    hours = await async_read(hass, statistic, begin, begin + timedelta(days=32))
    first: float = hours[0]["start"]
    return first


async def async_metadata(
    hass: HomeAssistant, statistic: str
) -> StatisticMetaData | None:
    """Return the metadata of a statistic, None if it does not exist."""
    found = await get_instance(hass).async_add_executor_job(
        partial(get_metadata, hass, statistic_ids={statistic})
    )
    return found[statistic][1] if statistic in found else None


@callback
def async_write(
    hass: HomeAssistant, metadata: StatisticMetaData, rows: list[StatisticData]
) -> None:
    """Queue at most ``CHUNK`` rows for the recorder; rows of the same hours are replaced.

    Without rows only the metadata is updated, for example with a new name.
    """
    write = (
        async_add_external_statistics
        if metadata["source"] == DOMAIN
        else async_import_statistics
    )
    write(hass, metadata, rows)


async def async_raise(
    hass: HomeAssistant, metadata: StatisticMetaData, start: datetime, amount: float
) -> None:
    """Add an amount to the sums from ``start`` on, including the short-term rows."""
    get_instance(hass).async_adjust_statistics(
        metadata["statistic_id"],
        start,
        amount,
        metadata["unit_of_measurement"] or "",
    )
    await async_commit(hass)


async def async_commit(hass: HomeAssistant) -> None:
    """Return when all queued rows are in the database.

    ``Recorder.async_block_till_done`` does not wait for a task that was taken from the
    queue and is not finished.
    """
    done: asyncio.Future[None] = hass.loop.create_future()
    get_instance(hass).queue_task(SynchronizeTask(done))
    await done
