"""A server's history in the recorder: exact at midnight, the same however it got there."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from homeassistant.components.recorder import get_instance
from homeassistant.components.recorder.statistics import statistics_during_period
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.junction.backends.dsmr_reader.client import (
    history as history_module,
)
from custom_components.junction.backends.dsmr_reader.client.history import History
from custom_components.junction.backends.dsmr_reader.entities.history import series_of
from custom_components.junction.const import DOMAIN
from custom_components.junction.statistics import HistoryImporter, external_id
from custom_components.junction.statistics.database import async_commit
from simulators.dsmr_reader import DsmrReaderServer, Past, PastPlan, State

from .helpers import CONTRACT, HOUR, KEY, ZONE, midnight, reading_from

SERIES = series_of("Test")
METER = {
    "delivered_1": "electricity_delivered_1",
    "delivered_2": "electricity_delivered_2",
    "returned_1": "electricity_returned_1",
    "returned_2": "electricity_returned_2",
    "gas": "gas",
}

pytestmark = pytest.mark.usefixtures("socket_enabled")

# Days around the changes of the clocks, by the first of them and hours of the middle one.
CHANGES = {
    "23 hours": (datetime(2025, 3, 28, 23, tzinfo=UTC), 23),
    "25 hours": (datetime(2025, 10, 24, 22, tzinfo=UTC), 25),
}


@pytest.fixture(params=CHANGES.values(), ids=list(CHANGES))
def change(request: pytest.FixtureRequest) -> tuple[datetime, int]:
    found: tuple[datetime, int] = request.param
    return found


@pytest.fixture
def past(change: tuple[datetime, int], recorder_mock: Any) -> Past:
    """Return four days: three that were cleaned up, and one in full."""
    start, _ = change
    return Past(PastPlan(start=start, end=start + timedelta(days=4), keep_days=1))


@pytest.fixture
async def history(past: Past) -> AsyncGenerator[History]:
    """Return how it is read, a day in each page."""
    end = past.plan.end
    state = State(key=KEY, past=past, prices=[CONTRACT], now=lambda: end)
    async with DsmrReaderServer(state) as server, reading_from(server) as client:
        contracts = await client.contracts()
        yield History(client, ZONE, contracts or (), lambda: end)


def add_entry(hass: HomeAssistant, name: str) -> MockConfigEntry:
    entry = MockConfigEntry(domain=DOMAIN, unique_id=f"dsmr_reader:{name}")
    entry.add_to_hass(hass)
    return entry


async def everything(
    hass: HomeAssistant, entry: MockConfigEntry
) -> dict[str, list[dict[str, Any]]]:
    """Return all rows in the database by series."""
    await async_commit(hass)
    ids = {external_id(entry, one.id): one.id for one in SERIES}
    found = await get_instance(hass).async_add_executor_job(
        statistics_during_period,
        hass,
        datetime(2000, 1, 1, tzinfo=UTC),
        None,
        set(ids),
        "hour",
        None,
        {"state", "sum"},
    )
    return {ids[name]: [dict(row) for row in rows] for name, rows in found.items()}


async def test_equal_to_the_meter_at_every_midnight(
    hass: HomeAssistant, history: History, past: Past, change: tuple[datetime, int]
) -> None:
    start, length = change
    entry = add_entry(hass, "exact")
    await HistoryImporter(hass, entry).run("history", SERIES, history.readings)
    found = await everything(hass, entry)
    assert {one.id for one in SERIES} == set(found)
    for name, register in METER.items():
        begin = past.position(register, int(start.timestamp()))
        by_hour = {row["start"]: row for row in found[name]}
        for day in past.days()[1:-1]:
            moment = midnight(day)
            row = by_hour[(moment - HOUR).timestamp()]
            position = past.position(register, int(moment.timestamp()))
            assert row["state"] == position / 1000, (name, day)
            assert row["sum"] == pytest.approx((position - begin) / 1000, abs=1e-9)
    changed = past.days()[1]
    hours = [
        row
        for row in found["delivered"]
        if datetime.fromtimestamp(row["start"], ZONE).date() == changed
    ]
    assert len(hours) == length


@pytest.mark.parametrize("change", [CHANGES["25 hours"]], indirect=True)
async def test_twice_and_interrupted_twenty_times_gives_the_same_rows(
    hass: HomeAssistant, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history_module, "LIMIT", 20)
    once = add_entry(hass, "once")
    importer = HistoryImporter(hass, once)
    await importer.run("history", SERIES, history.readings)
    whole = await everything(hass, once)
    await importer.run("history", SERIES, history.readings)
    await importer.run("history", SERIES, history.readings, anew=True)
    again = await everything(hass, once)
    assert again == whole

    chance = Random(11)
    often = add_entry(hass, "often")
    left_at = []
    for _ in range(20):
        # A new one each time, as after a restart.
        importer = HistoryImporter(hass, often)
        task = hass.async_create_task(importer.run("history", SERIES, history.readings))
        pages = chance.randrange(2)

        def count(progress: float, task: asyncio.Task[Any] = task) -> None:
            nonlocal pages
            if progress and (pages := pages - 1) < 0:
                task.cancel()

        importer.listen(count)
        if chance.random() < 0.3:
            # In the middle of something.
            await asyncio.sleep(chance.random() / 10)
            task.cancel()
        await asyncio.wait([task])
        left_at.append(await importer.cursor("history"))
    # It was left at many places, and had to begin more than once.
    assert len({str(cursor) for cursor in left_at}) > 5
    await HistoryImporter(hass, often).run("history", SERIES, history.readings)
    assert await everything(hass, often) == whole
