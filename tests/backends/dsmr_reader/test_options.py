"""Options, and the history in Home Assistant's statistics."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from homeassistant.components.persistent_notification import (
    _async_get_or_create_notifications,
    async_register_callback,
)
from homeassistant.components.recorder import get_instance
from homeassistant.components.recorder.models import (
    StatisticMeanType,
    StatisticMetaData,
)
from homeassistant.components.recorder.statistics import (
    async_import_statistics,
    statistics_during_period,
)
from homeassistant.config_entries import ConfigFlowResult
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.data_entry_flow import (
    EVENT_DATA_ENTRY_FLOW_PROGRESS_UPDATE,
    FlowResultType,
)
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
    async_fire_time_changed,
)

from custom_components.junction.backends.dsmr_reader.client import history
from custom_components.junction.backends.dsmr_reader.entities import notice
from custom_components.junction.statistics import external_id
from custom_components.junction.statistics.database import async_commit
from simulators.dsmr_reader import DsmrReaderServer, Past, State
from simulators.http_faults import delayed, status

from ...common import suggested
from .conftest import reading
from .shown import Poll, entity, value

HOUR = timedelta(hours=1)
SENSOR = "sensor.another_meter"


@pytest.fixture(autouse=True)
def recorded(recorder_mock: Any, state: State) -> None:
    """Have a recorder before anything else."""


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


async def begin(
    hass: HomeAssistant, entry: MockConfigEntry, step: str
) -> ConfigFlowResult:
    result = await hass.config_entries.options.async_init(entry.entry_id)
    assert result["type"] is FlowResultType.MENU
    return await hass.config_entries.options.async_configure(
        result["flow_id"], {"next_step_id": step}
    )


async def finish(hass: HomeAssistant, result: ConfigFlowResult) -> ConfigFlowResult:
    """Wait until an import is over, as the dialog does."""
    for _ in range(200):
        if result["type"] is not FlowResultType.SHOW_PROGRESS:
            return result
        await asyncio.sleep(0.05)
        result = await hass.config_entries.options.async_configure(result["flow_id"])
    raise AssertionError("no end")


def past_of(state: State) -> Past:
    assert state.past is not None
    return state.past


async def test_settings(
    hass: HomeAssistant, server: DsmrReaderServer, loaded: MockConfigEntry
) -> None:
    result = await begin(hass, loaded, "dsmr_reader")
    result = await hass.config_entries.options.async_configure(
        result["flow_id"], {"interval": 30, "history": False}
    )
    await hass.async_block_till_done()
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert loaded.options == {"interval": 30, "history": False}
    assert loaded.runtime_data.interval == 30


async def test_settings_while_the_server_is_away(
    hass: HomeAssistant, server: DsmrReaderServer, entry: MockConfigEntry
) -> None:
    await server.server.refuse()
    await hass.config_entries.async_setup(entry.entry_id)
    result = await hass.config_entries.options.async_init(entry.entry_id)
    assert result["step_id"] == "dsmr_reader"


async def test_import_shows_its_progress(
    hass: HomeAssistant, state: State, loaded: MockConfigEntry
) -> None:
    result = await begin(hass, loaded, "dsmr_reader_import")
    assert result["type"] is FlowResultType.FORM
    events = async_capture_events(hass, EVENT_DATA_ENTRY_FLOW_PROGRESS_UPDATE)
    result = await hass.config_entries.options.async_configure(result["flow_id"], {})
    assert result["type"] is FlowResultType.SHOW_PROGRESS
    result = await finish(hass, result)
    told = [event.data["progress"] for event in events]
    assert told and told == sorted(told)
    assert told[-1] == 1.0
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "dsmr_reader_imported"
    hints = result["description_placeholders"]
    assert hints is not None and int(hints["rows"]) > 72 * 8
    past = past_of(state)
    imported = await rows(hass, external_id(loaded, "delivered"))
    assert len(imported) >= 71
    first, last = imported[0], imported[-1]
    positions = [
        sum(past.position(f"electricity_delivered_{n}", int(moment)) for n in (1, 2))
        / 1000
        for moment in (first["start"], last["start"] + 3600)
    ]
    assert last["state"] == pytest.approx(positions[1])
    assert last["sum"] == pytest.approx(positions[1] - positions[0])
    assert value(hass, "history_until") != "unknown"
    for name in (
        "gas",
        "cost_delivered",
        "cost_gas",
        "cost_fixed",
        "cost",
        "temperature",
    ):
        assert await rows(hass, external_id(loaded, name)), name
    # Once more: the same rows.
    result = await begin(hass, loaded, "dsmr_reader_import")
    result = await hass.config_entries.options.async_configure(result["flow_id"], {})
    await finish(hass, result)
    assert await rows(hass, external_id(loaded, "delivered")) == imported


async def test_import_that_fails_can_be_tried_again(
    hass: HomeAssistant, server: DsmrReaderServer, loaded: MockConfigEntry
) -> None:
    result = await begin(hass, loaded, "dsmr_reader_import")
    server.server.inject(status(502), "/api/v2/datalogger/dsmrreading")
    result = await hass.config_entries.options.async_configure(result["flow_id"], {})
    result = await finish(hass, result)
    assert result["step_id"] == "dsmr_reader_import"
    assert result["errors"] == {"base": "server_error"}
    server.server.heal()
    result = await hass.config_entries.options.async_configure(result["flow_id"], {})
    assert (await finish(hass, result))["reason"] == "dsmr_reader_imported"


async def test_unload_ends_the_import_and_the_dialog(
    hass: HomeAssistant, server: DsmrReaderServer, loaded: MockConfigEntry
) -> None:
    server.server.inject(delayed(0.3))
    result = await begin(hass, loaded, "dsmr_reader_import")
    result = await hass.config_entries.options.async_configure(result["flow_id"], {})
    assert await hass.config_entries.async_unload(loaded.entry_id)
    result = await finish(hass, result)
    assert result["reason"] == "import_stopped"


async def test_closed_dialog_does_not_stop_the_import(
    hass: HomeAssistant, server: DsmrReaderServer, loaded: MockConfigEntry
) -> None:
    result = await begin(hass, loaded, "dsmr_reader_import")
    result = await hass.config_entries.options.async_configure(result["flow_id"], {})
    hass.config_entries.options.async_abort(result["flow_id"])
    await hass.async_block_till_done(wait_background_tasks=True)
    assert await rows(hass, external_id(loaded, "delivered"))


async def record_own(hass: HomeAssistant, past: Past, own: datetime) -> None:
    """Let a sensor have recorded the hours from one on, beginning at 0."""
    hours = int((dt_util.utcnow() - own) / HOUR)
    begin = past.position("electricity_delivered_1", int((own + HOUR).timestamp()))

    def state(hour: int) -> float:
        at = int((own + (hour + 1) * HOUR).timestamp())
        return past.position("electricity_delivered_1", at) / 1000

    async_import_statistics(
        hass,
        StatisticMetaData(
            source="recorder",
            statistic_id=SENSOR,
            name=None,
            unit_of_measurement="kWh",
            unit_class="energy",
            has_sum=True,
            mean_type=StatisticMeanType.NONE,
        ),
        [
            {"start": own + h * HOUR, "state": state(h), "sum": state(h) - begin / 1000}
            for h in range(hours)
        ],
    )
    await async_commit(hass)


async def test_history_for_a_sensor_that_is_there_already(
    hass: HomeAssistant, state: State, loaded: MockConfigEntry
) -> None:
    past = past_of(state)
    own = dt_util.utcnow().replace(minute=0, second=0, microsecond=0) - 10 * HOUR
    result = await begin(hass, loaded, "dsmr_reader_join")
    result = await hass.config_entries.options.async_configure(
        result["flow_id"], {"delivered_1": SENSOR}
    )
    result = await finish(hass, result)
    assert result["step_id"] == "dsmr_reader_join"
    assert result["errors"] == {"base": "no_statistics"}
    # The choice can be corrected.
    assert suggested(result) == {"delivered_1": SENSOR}
    await record_own(hass, past, own)
    result = await hass.config_entries.options.async_configure(
        result["flow_id"], {"delivered_1": SENSOR}
    )
    result = await finish(hass, result)
    assert result["reason"] == "dsmr_reader_imported"
    found = await rows(hass, SENSOR)
    first = found[0]["start"]
    assert own.timestamp() - first >= 60 * 3600
    for row in found:
        end = past.position("electricity_delivered_1", int(row["start"]) + 3600)
        begin_position = past.position("electricity_delivered_1", int(first))
        assert row["sum"] == pytest.approx((end - begin_position) / 1000)


async def test_import_goes_on_every_hour(
    hass: HomeAssistant, server: DsmrReaderServer, entry: MockConfigEntry
) -> None:
    hass.config_entries.async_update_entry(entry, options={"history": True})
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    before = await rows(hass, external_id(entry, "delivered"))
    assert before
    server.server.log.clear()
    coming = dt_util.utcnow().replace(minute=3, second=0, microsecond=0) + HOUR
    async_fire_time_changed(hass, coming + timedelta(seconds=59))
    await hass.async_block_till_done(wait_background_tasks=True)
    asked = server.server.log.to("GET", "/api/v2/datalogger/dsmrreading")
    since = [request.query.get("timestamp__gte", "") for request in asked]
    begin = datetime.fromisoformat(min(filter(None, since)))
    # From two hours before the last imported hour, and two more for gas.
    last = before[-1]["start"] + 3600
    assert last - begin.timestamp() == 4 * 3600
    assert await rows(hass, external_id(entry, "delivered")) == before


async def test_import_waits_for_a_server_that_is_away(
    hass: HomeAssistant,
    server: DsmrReaderServer,
    entry: MockConfigEntry,
    poll: Poll,
    caplog: pytest.LogCaptureFixture,
) -> None:
    hass.config_entries.async_update_entry(entry, options={"history": True})
    fault = server.server.inject(
        status(502), "/api/v2/consumption/energy-supplier-prices"
    )
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert fault.hits
    assert "History waits" in caplog.text
    assert not await rows(hass, external_id(entry, "delivered"))
    assert float(value(hass, "power_import")) >= 0
    # The import continues with the first successful poll, not with the next hour.
    server.server.heal(fault)
    await server.server.refuse()
    await poll()
    await poll(22)
    await server.server.listen()
    await poll(33)
    assert await rows(hass, external_id(entry, "delivered"))
    assert value(hass, "history_until") != "unknown"


async def test_what_was_left_out_is_told(
    hass: HomeAssistant, state: State, loaded: MockConfigEntry
) -> None:
    wrong = reading(timestamp=datetime(2000, 1, 1, tzinfo=UTC))
    state.backend_dead_since = dt_util.utcnow()
    state.past, past = None, past_of(state)
    start = int(past.plan.start.timestamp())
    for hour in range(48):
        state.new.add(past.row(start + hour * 3600))
    state.new.add(wrong)
    state.past = None
    result = await begin(hass, loaded, "dsmr_reader_import")
    result = await hass.config_entries.options.async_configure(result["flow_id"], {})
    result = await finish(hass, result)
    hints = result["description_placeholders"]
    assert hints is not None
    assert "clock was not set: 1 (2000-01-01" in hints["left_out"].replace(
        "1999-12-31", "2000-01-01"
    )
    told = await call(hass, "import_history", loaded, anew=True)
    assert [(one["reason"], one["count"]) for one in told["left_out"]] == [("clock", 1)]


async def test_progress_is_seen_from_the_start(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In the sensors and in a notification, which goes when the import is over."""
    monkeypatch.setattr(history, "LIMIT", 20)
    monkeypatch.setattr(notice, "_WORTH_TELLING", -1.0)
    shown: list[tuple[str, Any, str]] = []
    notices: list[str] = []

    @callback
    def note(event: Event[EventStateChangedData]) -> None:
        new = event.data["new_state"]
        if new is not None and new.entity_id == entity(hass, "history_progress"):
            shown.append(
                (new.state, new.attributes.get("hours"), value(hass, "history_until"))
            )

    def noted(kind: Any, found: dict[str, Any]) -> None:
        notices.extend(one["message"] for one in found.values())

    hass.bus.async_listen("state_changed", note)
    async_register_callback(hass, noted)
    await call(hass, "import_history", loaded, anew=True)
    await hass.async_block_till_done()
    running = [one for one in shown if one[0] != "unknown"]
    assert len(running) > 2
    assert [int(one[1]) for one in running] == sorted(int(one[1]) for one in running)
    # The address changes while the import runs.
    assert len({one[2] for one in running}) > 1
    async with asyncio.timeout(30):
        while shown[-1][0] != "unknown":
            await asyncio.sleep(0.05)
    assert any("up to 20" in one and "Importing history" in one for one in notices)
    assert not _async_get_or_create_notifications(hass)


type Call = Callable[..., Any]


async def call(
    hass: HomeAssistant, action: str, entry: MockConfigEntry, **data: Any
) -> Any:
    return await hass.services.async_call(
        "junction",
        action,
        {"entry": entry.entry_id, **data},
        blocking=True,
        return_response=True,
    )


async def test_action_imports(
    hass: HomeAssistant, state: State, loaded: MockConfigEntry
) -> None:
    counted = await call(hass, "import_history", loaded, dry_run=True)
    assert counted["rows"]["delivered"] >= 71
    assert not await rows(hass, external_id(loaded, "delivered"))
    result = await call(hass, "import_history", loaded, anew=True)
    assert result["rows"] == counted["rows"]
    assert len(await rows(hass, external_id(loaded, "gas"))) == result["rows"]["gas"]
