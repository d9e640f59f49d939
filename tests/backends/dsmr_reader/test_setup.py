"""A DSMR-reader in Home Assistant: requests, losses, secrets."""

from collections import Counter
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

from custom_components.junction.backends.dsmr_reader.entities.history import series_of
from custom_components.junction.const import DOMAIN
from custom_components.junction.diagnostics import async_get_config_entry_diagnostics
from custom_components.junction.statistics import external_id
from simulators.dsmr_reader import DsmrReaderServer, State
from simulators.http_faults import html_page, reset, status

from .helpers import KEY
from .shown import Poll, points, value


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


async def test_version_is_read_again_when_it_is_back(
    hass: HomeAssistant,
    state: State,
    server: DsmrReaderServer,
    loaded: MockConfigEntry,
    poll: Poll,
) -> None:
    await server.server.refuse()
    await poll()
    state.version = (6, 1, 2)
    await server.server.listen()
    await poll(22)
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), loaded.entry_id)
    assert {one.sw_version for one in devices if one.sw_version} == {"6.1.2"}


async def test_names_of_0_1_0_lose_the_address_and_ids_stay(
    hass: HomeAssistant, server: DsmrReaderServer, entry: MockConfigEntry
) -> None:
    """As an entry of 0.1.0 left the registries: title and device named by address."""
    other = MockConfigEntry(domain=DOMAIN, title="DSMR-reader")
    other.add_to_hass(hass)
    hass.config_entries.async_update_entry(
        entry, title=f"DSMR-reader 127.0.0.1:{server.server.port}"
    )
    devices, entities = dr.async_get(hass), er.async_get(hass)
    device = devices.async_get_or_create(
        config_entry_id=entry.entry_id,
        identifiers={(DOMAIN, f"{entry.unique_id}/server")},
        name="DSMR-reader 127.0.0.1",
    )
    old = entities.async_get_or_create(
        "sensor",
        DOMAIN,
        f"{entry.unique_id}/server/power_import",
        config_entry=entry,
        device_id=device.id,
        suggested_object_id="dsmr_reader_127_0_0_1_power_import",
    )
    statistic = external_id(entry, "delivered_1")
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert entry.title == "DSMR-reader 2"
    kept = devices.async_get(device.id)
    assert kept is not None and kept.name == "DSMR-reader 2"
    assert old.entity_id == "sensor.dsmr_reader_127_0_0_1_power_import"
    shown = hass.states.get(old.entity_id)
    assert shown is not None and float(shown.state) >= 0
    assert external_id(entry, "delivered_1") == statistic
    assert [one.name for one in series_of(entry.title)][:1] == [
        "Energy import tariff 1, DSMR-reader 2"
    ]
    # Only once: the user's own name stays.
    hass.config_entries.async_update_entry(entry, title="DSMR-reader 127.0.0.1 mine")
    assert await hass.config_entries.async_reload(entry.entry_id)
    assert entry.title == "DSMR-reader 127.0.0.1 mine"


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
