"""The past of sensors in the long-term statistics."""

from datetime import timedelta
from typing import Any

from homeassistant.components.recorder import Recorder, get_instance
from homeassistant.components.recorder.models import (
    StatisticData,
    StatisticMeanType,
    StatisticMetaData,
)
from homeassistant.components.recorder.statistics import (
    async_import_statistics,
    statistics_during_period,
)
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util
from homeassistant.util.unit_conversion import TemperatureConverter
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)

from custom_components.junction.backends.mycodo.client import history
from custom_components.junction.backends.mycodo.client.api import MycodoClient
from custom_components.junction.backends.mycodo.client.history import DAY, HOUR, pages
from custom_components.junction.backends.mycodo.client.measurements import Series
from custom_components.junction.backends.mycodo.client.models import Reading
from simulators import http_faults as faults
from simulators.mycodo.plan import CLIMATE
from simulators.mycodo.server import MycodoServer
from simulators.mycodo.state import uid

from ...common import suggested
from .conftest import MakeClient
from .test_options import open_step

AIR = "sensor.climate_sensor_air"
ROW = uid(CLIMATE * 100 + 50)


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask as fast as it goes."""
    monkeypatch.setattr(history, "PAUSE", 0.0)


def series(period: float = 600.0) -> Series:
    return Series(ROW, uid(CLIMATE), "input", "C", 0, period, 1800)


@pytest.fixture
async def past(mycodo: MycodoServer) -> int:
    """Write three days of the past; return when they end."""
    now = int(mycodo.state.now())
    for index in range(3 * 24 * 6, 0, -1):
        moment = now - index * 600
        value = 20 + moment // HOUR % 5
        mycodo.database.write(moment, uid(CLIMATE), "C", 0, "temperature", value)
    return now


async def test_pages(
    mycodo: MycodoServer, past: int, make_client: MakeClient, session: Any
) -> None:
    client: MycodoClient = make_client()
    found = [
        page
        async for page in pages(
            client, series(period=5), start=past - 3 * DAY, end=past
        )
    ]
    assert found[-1].progress == 1.0
    assert [page.progress for page in found] == sorted(page.progress for page in found)
    rows = [row for page in found for row in page.rows[ROW]]
    assert len(rows) in (72, 73)
    assert [row[0] for row in rows] == sorted({row[0] for row in rows})
    assert all(row[1] == row[2] == row[3] for row in rows[1:-1])
    # From where the third page ended: the two hours before it again, and no more.
    again = [
        page
        async for page in pages(
            client, series(5), start=past - 3 * DAY, end=past, cursor=found[2].cursor
        )
    ]
    first = again[0].rows[ROW][0][0].timestamp()
    assert first == found[2].cursor - 2 * HOUR


async def test_a_long_period_takes_few_requests(
    mycodo: MycodoServer, past: int, make_client: MakeClient
) -> None:
    client: MycodoClient = make_client()
    async for _ in pages(client, series(600), start=past - 90 * DAY, end=past):
        pass
    assert mycodo.server.log.count() == 4


async def test_the_rate_limit_is_waited_for(
    mycodo: MycodoServer, past: int, make_client: MakeClient
) -> None:
    client: MycodoClient = make_client()
    mycodo.server.inject(faults.rate_limited("0"), times=2)
    found = [page async for page in pages(client, series(), start=past - DAY, end=past)]
    assert len(found[0].rows[ROW]) >= 24


async def give_statistics(hass: HomeAssistant) -> None:
    """Let the sensor have an hour of its own, as after an hour of running."""
    start = dt_util.utcnow().replace(minute=0, second=0, microsecond=0)
    async_import_statistics(
        hass,
        StatisticMetaData(
            source="recorder",
            statistic_id=AIR,
            name=None,
            unit_of_measurement="°C",
            unit_class=TemperatureConverter.UNIT_CLASS,
            has_sum=False,
            mean_type=StatisticMeanType.ARITHMETIC,
        ),
        [
            StatisticData(
                start=start - timedelta(hours=1), mean=20.0, min=19.0, max=21.0
            )
        ],
    )
    await async_wait_recording_done(hass)


async def statistics(hass: HomeAssistant) -> list[Any]:
    """Return the hours in the statistics of the sensor."""
    await async_wait_recording_done(hass)
    found = await get_instance(hass).async_add_executor_job(
        statistics_during_period,
        hass,
        dt_util.utcnow() - timedelta(days=9),
        None,
        {AIR},
        "hour",
        None,
        {"mean"},
    )
    return found.get(AIR, [])


async def bring(
    hass: HomeAssistant, entry: MockConfigEntry, *entities: str
) -> dict[str, Any]:
    """Import two days of sensors by the action, and return its answer."""
    answer = await hass.services.async_call(
        "junction",
        "import_history",
        {"entry": entry.entry_id, "entities": list(entities), "days": 2},
        blocking=True,
        return_response=True,
    )
    assert answer is not None
    hours = answer["hours"]
    assert isinstance(hours, dict)
    return hours


async def test_by_the_options(
    recorder_mock: Recorder,
    hass: HomeAssistant,
    mycodo: MycodoServer,
    past: int,
    loaded: MockConfigEntry,
) -> None:
    await give_statistics(hass)
    result = await open_step(hass, loaded, "mycodo_history")
    assert result["step_id"] == "mycodo_history"
    result = await hass.config_entries.options.async_configure(
        result["flow_id"], {"sensors": [AIR], "days": 2}
    )
    assert result["type"] is FlowResultType.SHOW_PROGRESS
    await hass.async_block_till_done(wait_background_tasks=True)
    result = await hass.config_entries.options.async_configure(result["flow_id"])
    assert result["step_id"] == "mycodo_imported"
    told = result["description_placeholders"]
    assert told is not None and int(told["hours"]) in (46, 47, 48)
    result = await hass.config_entries.options.async_configure(result["flow_id"], {})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    rows = await statistics(hass)
    assert len(rows) in (47, 48, 49)
    assert {row["mean"] for row in rows} >= {20.0, 21.0, 22.0, 23.0, 24.0}


async def test_closed_dialog_does_not_stop_the_import(
    recorder_mock: Recorder,
    hass: HomeAssistant,
    mycodo: MycodoServer,
    past: int,
    loaded: MockConfigEntry,
) -> None:
    await give_statistics(hass)
    mycodo.server.inject(faults.delayed(0.1), "/api/measurements/historical/*")
    result = await open_step(hass, loaded, "mycodo_history")
    result = await hass.config_entries.options.async_configure(
        result["flow_id"], {"sensors": [AIR], "days": 2}
    )
    assert result["type"] is FlowResultType.SHOW_PROGRESS
    hass.config_entries.options.async_abort(result["flow_id"])
    await hass.async_block_till_done(wait_background_tasks=True)
    assert len(await statistics(hass)) in (47, 48, 49)


async def test_unload_ends_the_import_and_the_dialog(
    recorder_mock: Recorder,
    hass: HomeAssistant,
    mycodo: MycodoServer,
    past: int,
    loaded: MockConfigEntry,
) -> None:
    await give_statistics(hass)
    mycodo.server.inject(faults.delayed(0.5), "/api/measurements/historical/*")
    result = await open_step(hass, loaded, "mycodo_history")
    result = await hass.config_entries.options.async_configure(
        result["flow_id"], {"sensors": [AIR], "days": 2}
    )
    assert await hass.config_entries.async_unload(loaded.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    result = await hass.config_entries.options.async_configure(result["flow_id"])
    assert result["reason"] == "import_stopped"


async def test_without_statistics_of_its_own(
    recorder_mock: Recorder, hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    result = await open_step(hass, loaded, "mycodo_history")
    result = await hass.config_entries.options.async_configure(
        result["flow_id"], {"sensors": [AIR], "days": 2}
    )
    await hass.async_block_till_done(wait_background_tasks=True)
    result = await hass.config_entries.options.async_configure(result["flow_id"])
    assert result["errors"] == {"base": "no_statistics"}
    # The choice can be corrected.
    assert suggested(result) == {"sensors": [AIR], "days": 2}
    hass.config_entries.options.async_abort(result["flow_id"])


async def test_by_the_action_and_resumed(
    recorder_mock: Recorder,
    hass: HomeAssistant,
    mycodo: MycodoServer,
    past: int,
    loaded: MockConfigEntry,
) -> None:
    await give_statistics(hass)
    mycodo.server.inject(faults.status(502), "*/historical/*")
    with pytest.raises(HomeAssistantError):
        await bring(hass, loaded, AIR)
    mycodo.server.heal()
    first = await bring(hass, loaded, AIR)
    assert first[AIR] in (46, 47, 48)
    before = await statistics(hass)
    # It continues where it ended.
    assert await bring(hass, loaded, AIR) != first
    assert await statistics(hass) == before


async def test_what_cannot_be_imported(
    recorder_mock: Recorder, hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    with pytest.raises(HomeAssistantError) as caught:
        await bring(hass, loaded, "switch.grow_light")
    assert caught.value.translation_key == "mycodo_wrong_entity"
    importable = loaded.runtime_data.backend.inventory.importable()
    assert AIR in importable
    assert "sensor.nutrient_pump_dispensed_today" not in importable


async def test_all_sensors_are_checked_before_the_first_request(
    recorder_mock: Recorder,
    hass: HomeAssistant,
    mycodo: MycodoServer,
    past: int,
    loaded: MockConfigEntry,
) -> None:
    await give_statistics(hass)
    [other, *_] = sorted(
        set(loaded.runtime_data.backend.inventory.importable()) - {AIR}
    )
    mycodo.server.log.clear()
    with pytest.raises(HomeAssistantError) as caught:
        await bring(hass, loaded, AIR, other)
    assert caught.value.translation_key == "no_statistics"
    assert mycodo.server.log.count(path="/api/measurements/historical/*") == 0


async def test_a_time_that_is_none_costs_that_value_only(
    mycodo: MycodoServer, make_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = int(mycodo.state.now())
    hour = now - now % HOUR
    client: MycodoClient = make_client()

    async def historical(*_: object) -> list[Reading]:
        return [Reading(1e300, 1.0), Reading(hour - HOUR, 2.0), Reading(-1e12, 3.0)]

    monkeypatch.setattr(client, "historical", historical)
    found = [
        row
        async for page in pages(client, series(), start=hour - HOUR, end=hour)
        for row in page.rows[ROW]
    ]
    assert [row[1] for row in found] == [2.0]


async def test_without_recorder(hass: HomeAssistant, loaded: MockConfigEntry) -> None:
    with pytest.raises(HomeAssistantError) as caught:
        await hass.services.async_call(
            "junction",
            "import_history",
            {"entry": loaded.entry_id, "entities": [AIR]},
            blocking=True,
        )
    assert caught.value.translation_key == "no_recorder"
