"""A DSMR-reader in Home Assistant: entities, requests, losses."""

from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
import json

from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import (
    device_registry as dr,
    entity_registry as er,
    issue_registry as ir,
)
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.junction.const import DOMAIN
from custom_components.junction.diagnostics import async_get_config_entry_diagnostics
from simulators.dsmr_reader import DsmrReaderServer, State
from simulators.http_faults import html_page, reset, status

from .conftest import FINGERPRINT, reading
from .helpers import KEY

type Poll = Callable[..., Awaitable[None]]


def entity(hass: HomeAssistant, point: str, device: str = "server") -> str:
    """Return the id of a point's entity."""
    unique = f"dsmr_reader:{FINGERPRINT}/{device}/{point}"
    for domain in ("sensor", "binary_sensor"):
        found = er.async_get(hass).async_get_entity_id(domain, DOMAIN, unique)
        if found is not None:
            return found
    raise AssertionError(point)


def value(hass: HomeAssistant, point: str, device: str = "server") -> str:
    state = hass.states.get(entity(hass, point, device))
    assert state is not None, point
    return state.state


def points(hass: HomeAssistant) -> set[str]:
    registry = er.async_get(hass)
    return {
        entry.unique_id.partition("/")[2]
        for entry in registry.entities.values()
        if entry.platform == DOMAIN
    }


async def enable_all(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    registry = er.async_get(hass)
    for found in er.async_entries_for_config_entry(registry, entry.entry_id):
        registry.async_update_entity(found.entity_id, disabled_by=None)
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()


async def test_requests_of_the_set_up(
    hass: HomeAssistant, server: DsmrReaderServer, loaded: MockConfigEntry
) -> None:
    asked = Counter(request.path for request in server.server.log.requests)
    assert asked == {
        "/api/v2/application/version": 1,
        "/api/v2/datalogger/dsmrreading": 1,
        "/api/v2/consumption/electricity-live": 1,
        "/api/v2/consumption/today": 1,
        "/api/v2/datalogger/meter-statistics": 1,
        "/api/v2/application/monitoring": 1,
        "/api/v2/consumption/gas-live": 1,
        "/api/v2/consumption/quarter-hour-peak-electricity": 2,
        "/api/v2/consumption/energy-supplier-prices": 1,
        "/api/v2/statistics/day": 1,
    }
    assert server.server.log.most_in_flight <= 2
    for request in server.server.log.requests:
        assert request.headers["X-AUTHKEY"] == KEY
        assert request.headers["Accept-Language"] == "en"


async def test_a_poll_is_one_request(
    hass: HomeAssistant, server: DsmrReaderServer, loaded: MockConfigEntry, poll: Poll
) -> None:
    server.server.log.clear()
    await poll()
    assert [request.path for request in server.server.log.requests] == [
        "/api/v2/datalogger/dsmrreading"
    ]
    query = server.server.log.requests[0].query
    assert query["limit"] == "1"
    assert query["ordering"] == "-timestamp"
    # Both bounds: the server counts all rows between them.
    assert {"timestamp__gte", "timestamp__lte"} <= query.keys()


async def test_entities(
    hass: HomeAssistant, state: State, server: DsmrReaderServer, entry: MockConfigEntry
) -> None:
    phases = {
        **{f"phase_currently_delivered_l{n}": Decimal("0.5") for n in (1, 2, 3)},
        **{f"phase_currently_returned_l{n}": Decimal(0) for n in (1, 2, 3)},
        **{f"phase_voltage_l{n}": Decimal("230.5") for n in (1, 2, 3)},
        **{f"phase_power_current_l{n}": n for n in (1, 2, 3)},
    }
    state.new.add(reading(**phases))
    state.problems = [
        {"source": "dsmr_stats.apps", "description": "Behind", "since": None}
    ]
    now = datetime.now(UTC)
    state.peaks.add(
        {
            "read_at_start": now.replace(day=1, hour=0, minute=15),
            "read_at_end": now.replace(day=1, hour=0, minute=30),
            "average_delivered": Decimal("4.2"),
        }
    )
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    await enable_all(hass, entry)
    expected = {
        "power_import": "1.5",
        "power_export": "0.25",
        "power_net": "1.25",
        "energy_import_tariff_1": "9000.0",
        "energy_import_tariff_2": "9001.0",
        "energy_import": "18001.0",
        "energy_export_tariff_1": "9002.0",
        "energy_export_tariff_2": "9003.0",
        "energy_export": "18005.0",
        "power_import_l2": "0.5",
        "voltage_l1": "230.5",
        "current_l3": "3.0",
        "tariff": "tariff_2",
        "price_delivered_1": "0.25",
        "price_gas": "1.2",
        "price_fixed_daily_cost": "0.5",
        "today_cost_fixed": "0.5",
        "contract": "Green and fair",
        "power_failure_count": "8",
        "long_power_failure_count": "3",
        "voltage_sag_count_l2": "1",
        "voltage_swell_count_l3": "1",
        "rejected_telegrams": "0",
        "dsmr_version": "5.0",
        "problem": "on",
        "receiving": "on",
        "quarter_last": "4.2",
        "peak_month": "4.2",
        "history_until": "unknown",
        "last_day_temperature_highest": "15.0",
    }
    assert {name: value(hass, name) for name in expected} == expected
    assert value(hass, "reading", "gas") == "9004.5"
    tariff = hass.states.get(entity(hass, "tariff"))
    assert tariff is not None and tariff.attributes["name"] == "Normaaltarief"
    today = hass.states.get(entity(hass, "today_import"))
    assert today is not None
    assert today.attributes["last_reset"].endswith("T00:00:00+01:00")
    problem = hass.states.get(entity(hass, "problem"))
    assert problem is not None
    assert problem.attributes["problems"][0]["source"] == "dsmr_stats.apps"
    registry = dr.async_get(hass)
    devices = {
        device.name: device
        for device in dr.async_entries_for_config_entry(registry, entry.entry_id)
    }
    assert set(devices) == {"DSMR-reader 127.0.0.1", "Gas meter"}
    main = devices["DSMR-reader 127.0.0.1"]
    assert main.sw_version == "5.11.0"
    assert main.configuration_url == server.url
    assert devices["Gas meter"].via_device_id == main.id
    assert not [
        found.entity_id
        for found in hass.states.async_all()
        if found.state == "unavailable"
    ]


async def test_what_is_off_by_default(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    registry = er.async_get(hass)
    shown = {
        found.unique_id.partition("/")[2]
        for found in er.async_entries_for_config_entry(registry, loaded.entry_id)
        if found.disabled_by is None
    }
    assert shown == {
        "server/power_import",
        "server/power_export",
        "server/energy_import_tariff_1",
        "server/energy_import_tariff_2",
        "server/energy_import",
        "server/energy_export_tariff_1",
        "server/energy_export_tariff_2",
        "server/energy_export",
        "gas/reading",
        "server/receiving",
        "server/today_import",
        "server/today_export",
        "gas/today_gas",
        "server/today_cost",
        "server/price_delivered_1",
        "server/price_delivered_2",
        "server/price_returned_1",
        "server/price_returned_2",
        "server/price_gas",
        "server/tariff",
        "server/problem",
        "server/history_until",
    }


async def test_values_follow_and_counters_never_fall(
    hass: HomeAssistant, state: State, loaded: MockConfigEntry, poll: Poll
) -> None:
    state.new.add(reading())
    await poll()
    assert value(hass, "power_import") == "1.5"
    lower = reading(
        electricity_delivered_1=Decimal("8999.9"), extra_device_delivered=Decimal(9004)
    )
    state.new.add(lower | {"electricity_currently_delivered": Decimal("0.1")})
    await poll()
    assert value(hass, "power_import") == "0.1"
    assert value(hass, "energy_import_tariff_1") == "9000.0"
    assert value(hass, "reading", "gas") == "9004.5"
    # A new meter is something else.
    state.new.add(reading(electricity_delivered_1=Decimal(5)))
    await poll()
    assert value(hass, "energy_import_tariff_1") == "5.0"


async def test_old_readings_say_nothing_about_now(
    hass: HomeAssistant, state: State, entry: MockConfigEntry
) -> None:
    state.past = None
    state.new.add(reading(timestamp=datetime.now(UTC) - timedelta(hours=2)))
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert value(hass, "power_import") == "unavailable"
    assert value(hass, "energy_import_tariff_1") == "9000.0"
    assert value(hass, "receiving") == "off"


async def test_reading_from_the_future_is_left_alone(
    hass: HomeAssistant, state: State, loaded: MockConfigEntry, poll: Poll
) -> None:
    state.new.add(reading())
    state.new.add(
        reading(
            timestamp=datetime.now(UTC) + timedelta(days=30),
            electricity_currently_delivered=Decimal(9),
        )
    )
    await poll()
    assert value(hass, "power_import") == "1.5"


async def test_empty_server(
    hass: HomeAssistant, state: State, entry: MockConfigEntry, poll: Poll
) -> None:
    past, state.past, state.meter, state.prices = state.past, None, {}, []
    state.days.keep([])
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert value(hass, "receiving") == "off"
    assert value(hass, "energy_import_tariff_1") == "unknown"
    assert "gas/reading" not in points(hass)
    # Then it is fed, and entities appear without a reload.
    state.past = past
    state.new.add(reading())
    await poll()
    assert value(hass, "reading", "gas") == "9004.5"
    assert value(hass, "receiving") == "on"


async def test_today_before_the_first_reading_of_the_day(
    hass: HomeAssistant, state: State, loaded: MockConfigEntry, poll: Poll
) -> None:
    known = loaded.runtime_data.backend.known
    assert float(value(hass, "today_import")) >= 0
    # Just after midnight the server answers with a text.
    from custom_components.junction.backends.dsmr_reader.models import Today

    known.take_today(Today.of("No electricity readings found for: 2026-11-20"))
    assert known.today_value("electricity1") is None
    known.counted_day -= timedelta(days=1)
    assert known.today_value("electricity1") == 0.0


async def test_one_endpoint_that_fails_costs_only_itself(
    hass: HomeAssistant, server: DsmrReaderServer, entry: MockConfigEntry
) -> None:
    server.server.inject(html_page(500), "/api/v2/application/monitoring")
    server.server.inject(reset(), "/api/v2/consumption/today")
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert float(value(hass, "power_import")) >= 0
    assert "server/problem" not in points(hass)
    assert "server/today_import" not in points(hass)


@pytest.mark.parametrize(
    ("version", "absent"),
    [
        ((1, 7), {"server/problem", "server/today_import", "server/cost_per_hour"}),
        ((3, 0, 0), {"server/problem", "server/price_gas"}),
    ],
)
async def test_old_versions(
    hass: HomeAssistant,
    state: State,
    entry: MockConfigEntry,
    version: tuple[int, ...],
    absent: set[str],
) -> None:
    state.version = version
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert float(value(hass, "energy_import")) > 0
    assert not absent & points(hass)


async def test_lost_and_back(
    hass: HomeAssistant,
    server: DsmrReaderServer,
    loaded: MockConfigEntry,
    poll: Poll,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await server.server.refuse()
    await poll()
    await poll(22)
    assert value(hass, "power_import") == "unavailable"
    await server.server.listen()
    await poll(33)
    assert value(hass, "power_import") != "unavailable"
    said = [
        record.getMessage()
        for record in caplog.records
        if record.name.startswith("custom_components.junction")
        and record.levelname in ("INFO", "WARNING", "ERROR")
    ]
    assert len(said) == 2, said


async def test_switched_off_api_is_a_repair_issue_and_no_reauth(
    hass: HomeAssistant, state: State, loaded: MockConfigEntry, poll: Poll
) -> None:
    state.allow = False
    await poll()
    issue_id = f"{loaded.entry_id}_api_disabled"
    issue = ir.async_get(hass).async_get_issue(DOMAIN, issue_id)
    assert issue is not None and issue.translation_key == "dsmr_reader_api_disabled"
    assert not hass.config_entries.flow.async_progress()
    state.allow = True
    await poll(22)
    assert ir.async_get(hass).async_get_issue(DOMAIN, issue_id) is None
    assert value(hass, "power_import") != "unavailable"


async def test_changed_key_starts_reauth(
    hass: HomeAssistant, state: State, loaded: MockConfigEntry, poll: Poll
) -> None:
    state.key = "A" * 64
    await poll()
    flows = hass.config_entries.flow.async_progress()
    assert [flow["context"]["source"] for flow in flows] == [SOURCE_REAUTH]


async def test_no_answer_at_the_start_is_retried(
    hass: HomeAssistant, server: DsmrReaderServer, entry: MockConfigEntry
) -> None:
    server.server.inject(status(502, "bad gateway"))
    assert not await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert entry.error_reason_translation_key == "server_error"


async def test_water_and_heat_come_out_of_the_telegram(
    hass: HomeAssistant, state: State, entry: MockConfigEntry
) -> None:
    state.meter["latest_telegram"] = (
        "/FLU5\\253770234_A\r\n\r\n"
        "1-0:1.6.0(261105191500W)(04.329*kW)\r\n"
        "0-2:24.1.0(007)\r\n0-2:96.1.1(3853455430303030)\r\n"
        "0-2:24.2.1(261120083000W)(00872.234*m3)\r\n"
        "0-3:24.1.0(004)\r\n0-3:96.1.0(4848)\r\n"
        "0-3:24.2.1(261120083000W)(12.500*GJ)\r\n"
        "0-4:24.1.0(007)\r\n0-4:24.2.1(oops)(x)\r\n!0000\r\n"
    )
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    found = {name for name in points(hass) if name.endswith("/reading")}
    water = next(name for name in found if name.startswith("water_meter"))
    heat = next(name for name in found if name.startswith("heat_meter"))
    assert value(hass, "reading", water.partition("/")[0]) == "872.234"
    assert value(hass, "reading", heat.partition("/")[0]) == "12.5"
    assert not any("3853455430303030" in name for name in found)


async def test_diagnostics_hold_no_secret(
    hass: HomeAssistant, state: State, server: DsmrReaderServer, loaded: MockConfigEntry
) -> None:
    told = json.dumps(await async_get_config_entry_diagnostics(hass, loaded))
    telegram: str = state.meter["latest_telegram"]
    numbers = [part for part in telegram.replace(")", "(").split("(") if len(part) > 20]
    assert len(numbers) > 1
    for secret in (KEY, "127.0.0.1", "Green and fair", *numbers):
        assert secret not in told
    assert json.loads(told)["dsmr_reader"]["version"] == "5.11.0"


async def test_nothing_secret_in_the_log(
    hass: HomeAssistant,
    server: DsmrReaderServer,
    loaded: MockConfigEntry,
    poll: Poll,
    caplog: pytest.LogCaptureFixture,
) -> None:
    for fault in (html_page(500), reset(), status(403, KEY)):
        injection = server.server.inject(fault)
        await poll()
        server.server.heal(injection)
    assert KEY not in caplog.text


async def test_unload_stops_everything(
    hass: HomeAssistant, server: DsmrReaderServer, loaded: MockConfigEntry, poll: Poll
) -> None:
    assert await hass.config_entries.async_unload(loaded.entry_id)
    server.server.log.clear()
    await poll(400)
    assert server.server.log.count() == 0
    assert await hass.config_entries.async_remove(loaded.entry_id)
