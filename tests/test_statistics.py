"""Import of history into long-term statistics: exact, without duplicates, despite faults."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any
from unittest.mock import patch

from homeassistant.components.recorder import get_instance
from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.junction.const import DOMAIN
from custom_components.junction.statistics import (
    HistoryImporter,
    LeftOut,
    NoRecorderError,
    Row,
    external_id,
)
from custom_components.junction.statistics.database import async_commit

from .past import HOUR, METER, ROOM, START, Past, Stretch, rows


async def test_counters_and_measurements(
    hass: HomeAssistant, recorded_entry: MockConfigEntry
) -> None:
    past = Past()
    told: list[float] = []
    result = await HistoryImporter(hass, recorded_entry).run(
        "history", [METER, ROOM], past.source, on_progress=told.append
    )
    meter = await rows(hass, "junction:fake_4711_import")
    assert [row["sum"] for row in meter] == [past.total(h) for h in range(100)]
    assert [row["state"] for row in meter] == [past.state(h) for h in range(100)]
    assert [row["start"] for row in meter] == [
        (START + h * HOUR).timestamp() for h in range(100)
    ]
    room = await rows(hass, external_id(recorded_entry, "room"))
    assert [(r["mean"], r["min"], r["max"]) for r in room] == [
        (h / 10, h / 10 - 1, h / 10 + 1) for h in range(100)
    ]
    assert result.rows == {"import": 100, "room": 100}
    assert (result.pages, result.first, result.last) == (10, START, START + 99 * HOUR)
    assert told == [0.0, *(n / 10 for n in range(1, 11))]


async def test_once_more_changes_nothing(
    hass: HomeAssistant, recorded_entry: MockConfigEntry
) -> None:
    past, importer = Past(), HistoryImporter(hass, recorded_entry)
    await importer.run("history", [METER, ROOM], past.source)
    before = await rows(hass, external_id(recorded_entry, METER.id))
    again = await importer.run("history", [METER, ROOM], past.source)
    assert again.rows == {"import": 0, "room": 0}
    assert again.unchanged == {"import": 2, "room": 2}
    await importer.run("history", [METER, ROOM], past.source, anew=True)
    assert past.asked == [None, 100, None]
    assert await rows(hass, external_id(recorded_entry, METER.id)) == before
    assert await importer.cursor("history") == 100


async def test_interrupted_at_random_and_resumed(
    hass: HomeAssistant, recorded_entry: MockConfigEntry
) -> None:
    chance = Random(7)
    past = Past(hours=300, page=7)
    runs = 0
    while runs < 20:
        # A new one each time, as after a restart.
        importer = HistoryImporter(hass, recorded_entry)
        past.breaks_after = chance.randrange(4)
        if chance.random() < 0.5:
            with pytest.raises(ConnectionError):
                await importer.run("history", [METER, ROOM], past.source)
        else:
            task = hass.async_create_task(
                importer.run("history", [METER, ROOM], past.source)
            )
            await asyncio.sleep(chance.random() / 50)
            task.cancel()
            await asyncio.wait([task])
        runs += 1
    past.breaks_after = None
    await HistoryImporter(hass, recorded_entry).run(
        "history", [METER, ROOM], past.source
    )
    other = MockConfigEntry(domain=DOMAIN, unique_id="fake:uninterrupted")
    other.add_to_hass(hass)
    await HistoryImporter(hass, other).run("history", [METER, ROOM], past.source)
    for series in (METER, ROOM):
        found = await rows(hass, external_id(recorded_entry, series.id))
        assert len(found) == 300
        assert found == await rows(hass, external_id(other, series.id))


async def test_what_was_left_out_before_an_interruption_is_told_at_the_end(
    hass: HomeAssistant, recorded_entry: MockConfigEntry
) -> None:
    past = Past()

    async def source(cursor: int | None) -> AsyncIterator[Stretch]:
        async for page in past.source(cursor):
            wrong = LeftOut(reason="jump", count=2, first=START, last=START + HOUR)
            yield replace(page, left_out=(wrong,))

    past.breaks_after = 4
    with pytest.raises(ConnectionError):
        await HistoryImporter(hass, recorded_entry).run("history", [METER], source)
    past.breaks_after = None
    importer = HistoryImporter(hass, recorded_entry)
    result = await importer.run("history", [METER], source)
    assert result.left_out["jump"].count == 2 * (4 + result.pages)
    assert result.left_out["jump"].last == START + HOUR
    again = await importer.run("history", [METER], source)
    assert again.left_out["jump"].count == 2 * again.pages


async def test_killed_before_it_stored_how_far_it_was(
    hass: HomeAssistant, recorded_entry: MockConfigEntry, hass_storage: dict[str, Any]
) -> None:
    key = f"{DOMAIN}.{recorded_entry.entry_id}.history"
    past = Past(overlap=0)
    past.breaks_after = 6
    early: list[dict[str, Any]] = []

    def look(progress: float) -> None:
        if progress and not early:
            early.append(deepcopy(hass_storage[key]))

    importer = HistoryImporter(hass, recorded_entry)
    with pytest.raises(ConnectionError):
        await importer.run("history", [METER, ROOM], past.source, on_progress=look)
    assert early[0]["data"]["history"]["cursor"] == 10
    assert await importer.cursor("history") == 60

    hass_storage[key] = early[0]
    past.breaks_after = None
    again = HistoryImporter(hass, recorded_entry)
    result = await again.run("history", [METER, ROOM], past.source)
    assert past.asked == [None, 10]
    assert result.rows == {"import": 40, "room": 40}
    assert result.unchanged == {"import": 50, "room": 50}
    meter = await rows(hass, "junction:fake_4711_import")
    assert [row["sum"] for row in meter] == [past.total(h) for h in range(100)]


async def test_stores_now_and_then_how_far_it_is(
    hass: HomeAssistant, recorded_entry: MockConfigEntry
) -> None:
    stored: list[Any] = []
    save = Store.async_save

    async def saved(store: Store[Any], data: Any) -> None:
        stored.append(data)
        await save(store, data)

    past = Past(hours=300, page=5)
    with patch.object(Store, "async_save", saved):
        result = await HistoryImporter(hass, recorded_entry).run(
            "history", [METER, ROOM], past.source
        )
    assert result.pages == 60
    assert [one["history"]["cursor"] for one in (stored[0], stored[-1])] == [5, 300]
    assert len(stored) < 20


async def test_reads_one_page_ahead_and_no_more(
    hass: HomeAssistant, recorded_entry: MockConfigEntry
) -> None:
    past = Past(hours=50)
    read: list[float] = []
    ended = 0

    async def source(cursor: int | None) -> AsyncGenerator[Stretch]:
        nonlocal ended
        try:
            async for page in past.source(cursor):
                read.append(page.progress)
                yield page
        finally:
            ended += 1

    def told(progress: float) -> None:
        # Rows that have been read when a page is stored.
        ahead.append(len(read) - round(progress * 5))

    ahead: list[int] = []
    await HistoryImporter(hass, recorded_entry).run(
        "history", [METER], source, on_progress=told
    )
    assert max(ahead) == 1
    assert ended == 1

    def stop(progress: float) -> None:
        if progress:
            raise LookupError

    with pytest.raises(LookupError):
        await HistoryImporter(hass, recorded_entry).run(
            "history", [METER], source, on_progress=stop, anew=True
        )
    # Closed, though it was reading.
    assert ended == 2


async def test_goes_on_behind_what_was_late(
    hass: HomeAssistant, recorded_entry: MockConfigEntry
) -> None:
    past, importer = Past(hours=50, overlap=3), HistoryImporter(hass, recorded_entry)
    await importer.run("history", [METER], past.source)
    past.hours = 60
    result = await importer.run("history", [METER], past.source)
    assert result.rows == {"import": 10}
    assert result.unchanged == {"import": 3}
    meter = await rows(hass, external_id(recorded_entry, METER.id))
    assert [row["sum"] for row in meter] == [past.total(h) for h in range(60)]
    # Before the first of the kept rows.
    past.overlap, past.hours = 30, 61
    await importer.run("history", [METER], past.source)
    meter = await rows(hass, external_id(recorded_entry, METER.id))
    assert [row["sum"] for row in meter] == [past.total(h) for h in range(61)]


async def test_deleted_statistics_come_back(
    hass: HomeAssistant, recorded_entry: MockConfigEntry
) -> None:
    past, importer = Past(), HistoryImporter(hass, recorded_entry)
    await importer.run("history", [METER, ROOM], past.source)
    get_instance(hass).async_clear_statistics([external_id(recorded_entry, ROOM.id)])
    await async_commit(hass)
    result = await importer.run("history", [METER, ROOM], past.source)
    assert result.restarted
    assert len(await rows(hass, external_id(recorded_entry, ROOM.id))) == 100
    meter = await rows(hass, external_id(recorded_entry, METER.id))
    assert [row["sum"] for row in meter] == [past.total(h) for h in range(100)]


async def test_a_sum_that_was_corrected_by_hand_counts(
    hass: HomeAssistant, recorded_entry: MockConfigEntry
) -> None:
    past, importer = Past(hours=50), HistoryImporter(hass, recorded_entry)
    await importer.run("history", [METER], past.source)
    get_instance(hass).async_adjust_statistics(
        external_id(recorded_entry, METER.id), START + 40 * HOUR, -0.5, "kWh"
    )
    await async_commit(hass)
    past.hours = 60
    await importer.run("history", [METER], past.source)
    meter = await rows(hass, external_id(recorded_entry, METER.id))
    assert [row["sum"] for row in meter[40:]] == pytest.approx(
        [past.total(h) - 0.5 for h in range(40, 60)]
    )


async def test_history_that_lost_its_beginning_goes_on_from_what_is_there(
    hass: HomeAssistant, recorded_entry: MockConfigEntry
) -> None:
    past = Past(hours=50)
    await HistoryImporter(hass, recorded_entry).run("history", [METER], past.source)

    async def later(cursor: int | None) -> AsyncIterator[Stretch]:
        yield Stretch({METER.id: [(START + 60 * HOUR, 0.5, None)]}, 61, 1.0)

    await HistoryImporter(hass, recorded_entry).run(
        "history", [METER], later, anew=True
    )
    meter = await rows(hass, external_id(recorded_entry, METER.id))
    assert meter[-1]["sum"] == pytest.approx(past.total(49) + 0.5)
    assert meter[-1]["state"] is None


async def test_running_hour_and_future_are_left_out(
    hass: HomeAssistant, recorded_entry: MockConfigEntry
) -> None:
    this_hour = dt_util.utcnow().replace(minute=0, second=0, microsecond=0)

    async def source(cursor: None) -> AsyncIterator[Stretch]:
        yield Stretch(
            {
                METER.id: [
                    (this_hour - 2 * HOUR, float("nan"), 0.5),
                    (this_hour - HOUR, 1.0, 1.0),
                    (this_hour, 1.0, 2.0),
                    (this_hour + HOUR, 1.0, 3.0),
                ],
                "unheard_of": [(this_hour, 1.0, 1.0)],
            },
            None,
            1.0,
        )

    result = await HistoryImporter(hass, recorded_entry).run("history", [METER], source)
    assert result.rows == {"import": 1}
    assert result.first == result.last == this_hour - HOUR


@pytest.mark.parametrize(
    "bad",
    [
        [(START + HOUR, 1.0, None), (START, 1.0, None)],
        [(START, 1.0, None), (START, 1.0, None)],
        [(START + timedelta(minutes=30), 1.0, None)],
        [(START.replace(tzinfo=None), 1.0, None)],
    ],
)
async def test_broken_rows_are_refused(
    hass: HomeAssistant, recorded_entry: MockConfigEntry, bad: list[Row]
) -> None:
    async def source(cursor: None) -> AsyncIterator[Stretch]:
        yield Stretch({METER.id: bad}, None, 1.0)

    with pytest.raises(ValueError):
        await HistoryImporter(hass, recorded_entry).run("history", [METER], source)
    assert await rows(hass, external_id(recorded_entry, METER.id)) == []


async def test_without_a_recorder(hass: HomeAssistant) -> None:
    recorded_entry = MockConfigEntry(domain=DOMAIN, unique_id="fake:4711")
    with pytest.raises(NoRecorderError):
        await HistoryImporter(hass, recorded_entry).run(
            "history", [METER], Past().source
        )


async def test_listeners_hear_of_runs_that_others_began(
    hass: HomeAssistant, recorded_entry: MockConfigEntry
) -> None:
    importer = HistoryImporter(hass, recorded_entry)
    told: list[float] = []
    assert importer.progress is None
    stop = importer.listen(told.append)
    await importer.run("history", [METER], Past(hours=20).source)
    stop()
    await importer.run("history", [METER], Past(hours=30).source)
    assert told == [0.0, 0.5, 1.0]
    assert importer.progress is None
