"""History of streams in long-term statistics, and late points."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from homeassistant.components.recorder.statistics import statistics_during_period
from homeassistant.core import HomeAssistant
from homeassistant.helpers.recorder import get_instance
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)

from custom_components.junction.backends.iotile.client.changes import Changes
from custom_components.junction.backends.iotile.client.models import Point
from simulators import http_faults as faults
from simulators.clock import DAY, HOUR
from simulators.iotile.server import IOTileServer

from .conftest import BOILER, METER, NOW, VIRTUAL, Poll
from .test_actions import call, refused

LAST = NOW // HOUR * HOUR
TOTAL = "sensor.cellar_water_meter_io_1_total"
WARMTH = "sensor.boiler_room_temperatures_external_500f"
DATA = "*/df/"
USUAL = ("s--0000-0005--0000-0000-0000-0097--5800", VIRTUAL)
"""Streams that are no part of what a device is asked for."""

pytestmark = pytest.mark.usefixtures("recorder_mock")

type Rows = Callable[[str], Awaitable[list[Any]]]


@pytest.fixture
def rows(hass: HomeAssistant) -> Rows:
    """Return a function that reads the statistics of a variable."""

    async def read(variable: str) -> list[Any]:
        await async_wait_recording_done(hass)
        found = await get_instance(hass).async_add_executor_job(
            statistics_during_period,
            hass,
            datetime.fromtimestamp(LAST - 30 * DAY, UTC),
            None,
            None,
            "hour",
            None,
            {"state", "sum", "mean"},
        )
        name = next((key for key in found if key.endswith(variable)), None)
        if name is None:
            return []
        assert "__" not in name
        return list(found[name])

    return read


def used(server: IOTileServer, since: float) -> float:
    """Return the reading of the meter, in its unit."""
    return sum(
        row.int_value or 0 for row in server.world.points[METER] if row.time >= since
    )


async def test_import(
    hass: HomeAssistant, server: IOTileServer, loaded: MockConfigEntry, rows: Rows
) -> None:
    entities = [TOTAL, WARMTH]
    answer = await call(hass, loaded, "import_history", entities=entities, days=10)
    assert all(hours >= 239 for hours in answer["hours"].values())
    first, *_, last = await rows("5001")
    assert last["sum"] == pytest.approx(used(server, LAST - 240 * HOUR), rel=0.01)
    assert first["start"] == LAST - 240 * HOUR
    # Late points are inserted, and all later sums increase.
    server.world.add(METER, LAST - 30 * HOUR + 60, 1000, local_id=9)
    await call(hass, loaded, "import_history", entities=entities[:1], days=10)
    again = await rows("5001")
    assert again[-1]["sum"] == pytest.approx(last["sum"] + 1000)
    # A newly selected stream is read from its beginning.
    await call(hass, loaded, "import_history", entities=entities[:1], days=15)
    assert len(await rows("5001")) == len(again)
    await call(
        hass, loaded, "import_history", entities=entities[:1], days=15, anew=True
    )
    whole = await rows("5001")
    assert whole[0]["start"] == LAST - 15 * DAY
    assert whole[-1]["sum"] == pytest.approx(used(server, LAST - 15 * DAY), rel=0.01)


async def test_what_comes_late_needs_nobody(
    hass: HomeAssistant,
    server: IOTileServer,
    loaded: MockConfigEntry,
    poll: Poll,
    rows: Rows,
) -> None:
    await call(hass, loaded, "import_history", entities=[TOTAL, WARMTH], days=10)
    before = await rows("5001")
    warm = {row["start"]: row["mean"] for row in await rows("500f")}
    await poll()
    # A phone uploads readings after a day without a connection.
    server.world.add(METER, LAST - 30 * HOUR + 60, 1000, local_id=9)
    server.world.add(BOILER, LAST - 30 * HOUR + 60, 3000, local_id=9)
    server.log.clear()
    await poll(6 * HOUR)
    # Only the changed streams were read again, with one request each.
    asked = [r.query["filter"] for r in server.log.to("GET", DATA)]
    streams = [s for s in asked if s.startswith("s--") and s not in USUAL]
    assert sorted(streams) == sorted([METER, BOILER])
    after = await rows("5001")
    changed = [
        (old["start"], new["sum"] - old["sum"])
        for old, new in zip(before, after, strict=True)
        if old != new
    ]
    assert changed[0] == (LAST - 30 * HOUR, pytest.approx(1000))
    assert all(difference == pytest.approx(1000) for _, difference in changed)
    assert len(changed) == 31
    other = {row["start"]: row["mean"] for row in await rows("500f")}
    assert {start for start in warm if other[start] != warm[start]} == {
        LAST - 30 * HOUR
    }
    # Without new points, only the devices are requested.
    server.log.clear()
    await poll(6 * HOUR)
    asked = [r.query["filter"] for r in server.log.to("GET", DATA)]
    assert not [s for s in asked if s.startswith("s--") and s not in USUAL]


async def test_what_comes_late_over_a_restart(
    hass: HomeAssistant,
    server: IOTileServer,
    loaded: MockConfigEntry,
    rows: Rows,
) -> None:
    await call(hass, loaded, "import_history", entities=[TOTAL], days=10)
    before = (await rows("5001"))[-1]["sum"]
    assert await hass.config_entries.async_unload(loaded.entry_id)
    server.world.add(METER, LAST - 4 * DAY, 500, local_id=9)
    assert await hass.config_entries.async_setup(loaded.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert (await rows("5001"))[-1]["sum"] == pytest.approx(before + 500)


async def test_nobody_wants_it(
    hass: HomeAssistant,
    server: IOTileServer,
    loaded: MockConfigEntry,
    poll: Poll,
    rows: Rows,
) -> None:
    await call(hass, loaded, "import_history", entities=[TOTAL], days=10, follow=False)
    before = await rows("5001")
    server.world.add(METER, LAST - 30 * HOUR, 1000, local_id=9)
    await poll(6 * HOUR)
    assert await rows("5001") == before


async def test_deleted_statistics_stay_deleted(
    hass: HomeAssistant,
    server: IOTileServer,
    loaded: MockConfigEntry,
    poll: Poll,
    rows: Rows,
) -> None:
    await call(hass, loaded, "import_history", entities=[TOTAL], days=10)
    assert await rows("5001")
    recorder = get_instance(hass)
    (statistic,) = (
        row["statistic_id"]
        for row in await _listed(hass)
        if row["statistic_id"].endswith("5001")
    )
    recorder.async_clear_statistics([statistic])
    assert await rows("5001") == []
    server.world.add(METER, LAST - 30 * HOUR, 1000, local_id=9)
    await poll(6 * HOUR)
    assert await rows("5001") == []
    # Asking for them brings them back, whole.
    await call(hass, loaded, "import_history", entities=[TOTAL], days=10)
    assert (await rows("5001"))[-1]["sum"] == pytest.approx(
        used(server, LAST - 234 * HOUR), rel=0.01
    )


async def _listed(hass: HomeAssistant) -> list[Any]:
    from homeassistant.components.recorder.statistics import list_statistic_ids

    return await get_instance(hass).async_add_executor_job(list_statistic_ids, hass)


async def test_what_fails_is_made_up_for(
    hass: HomeAssistant,
    server: IOTileServer,
    loaded: MockConfigEntry,
    poll: Poll,
    rows: Rows,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await call(hass, loaded, "import_history", entities=[TOTAL], days=10)
    before = (await rows("5001"))[-1]["sum"]
    server.world.add(METER, LAST - HOUR, 1000, local_id=9)

    async def of_streams(request: Any, handler: Any) -> Any:
        if request.query["filter"] == METER:
            return await faults.status(500)(request, handler)
        return await handler(request)

    server.inject(of_streams, DATA)
    await poll()
    assert (await rows("5001"))[-1]["sum"] == before
    server.heal()
    await poll()
    assert (await rows("5001"))[-1]["sum"] == pytest.approx(before + 1000)
    assert "Traceback" not in caplog.text


async def test_nothing_to_import(hass: HomeAssistant, loaded: MockConfigEntry) -> None:
    key = await refused(hass, loaded, "import_history", entities=["sensor.house_total"])
    assert key == "iotile_not_numeric"


def test_changed_hours() -> None:
    """Partial hours count neither at the start of a gap nor at the end."""
    moment = datetime(2026, 11, 20, 12, 30, tzinfo=UTC)

    def points(*hours: float) -> list[Point]:
        return [
            Point(stream=METER, time=moment - timedelta(hours=back), stored=1.0)
            for back in hours
        ]

    changes = Changes()
    start = moment - timedelta(hours=5)
    changes.note(METER, points(5, 4, 3, 0), start, moment)
    assert changes.take() == {METER: datetime(2026, 11, 20, 8, tzinfo=UTC)}
    changes.note(METER, points(3, 4), start, moment)
    assert changes.take() == {}
    changes.note(METER, points(4, 3, 3), start, moment)
    (hour,) = changes.take().values()
    assert hour == datetime(2026, 11, 20, 9, tzinfo=UTC)
    changes.put_back(METER, hour)
    changes.note(METER, points(4, 4, 3, 3), start, moment)
    assert changes.take() == {METER: datetime(2026, 11, 20, 8, tzinfo=UTC)}
    # A day later the same hour is still known, ten days later no more.
    for days, expected in ((1, 0), (10, 1)):
        changes.note(METER, [], moment, moment + timedelta(days=days))
        changes.note(METER, points(4, 4), start, moment)
        assert len(changes.take()) == expected
    changes.note(METER, points(4, 4), start, moment)
    changes.put_back(METER, hour)
    changes.forget(METER)
    assert changes.take() == {}
