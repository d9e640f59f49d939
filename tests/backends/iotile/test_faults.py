"""Faults between Home Assistant and an IOTile Cloud, and their effects."""

import json
from typing import Any

from aiohttp import web
from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.junction.backends.http import HostUnknownError
from custom_components.junction.backends.iotile.client import transport as client_module
from custom_components.junction.backends.iotile.client.api import IOTileClient
from simulators import http_faults as faults
from simulators.clock import HOUR
from simulators.iotile.server import IOTileServer

from ...common import shown, state_of
from .conftest import BOILER, METER, NOW, Poll

API = "/api/v1"
LAST = NOW // HOUR * HOUR
GALLON = 3.785411784
"""Liters: the stream is in gallons, Home Assistant shows its own unit."""


async def test_one_device_that_fails_is_not_all(
    hass: HomeAssistant, server: IOTileServer, loaded: MockConfigEntry, poll: Poll
) -> None:
    async def sometimes(request: Any, handler: Any) -> Any:
        if request.query["filter"].endswith("0097"):
            return await faults.status(500)(request, handler)
        return await handler(request)

    server.inject(sometimes, f"{API}/df/")
    server.world.add(BOILER, LAST + HOUR, 2000, local_id=5000)
    await poll()
    entity = "sensor.boiler_room_temperatures_external_500f"
    assert state_of(hass, entity).attributes["measured_at"].startswith("2026-11-20T09")
    assert shown(hass, "sensor.cellar_water_meter_io_1_total") == "0.0"


async def test_asked_to_slow_down(
    hass: HomeAssistant, server: IOTileServer, loaded: MockConfigEntry, poll: Poll
) -> None:
    """Remaining requests are postponed, read values stay, and the requested pause is respected."""
    limit = server.inject(faults.rate_limited("1500"), f"{API}/df/")
    limited = server.log.count("GET", f"{API}/df/")
    await poll()
    assert 1 <= server.log.count("GET", f"{API}/df/") - limited <= 4
    server.heal(limit)
    entity = "sensor.boiler_room_temperatures_external_500f"
    server.world.add(BOILER, LAST + 60, 2000, local_id=5000)
    server.log.clear()
    await poll(1600)
    assert server.log.count("GET", f"{API}/df/") >= 4
    assert state_of(hass, entity).attributes["measured_at"].endswith("08:01:00+00:00")


async def test_one_device_asks_to_slow_down(
    hass: HomeAssistant, server: IOTileServer, loaded: MockConfigEntry, poll: Poll
) -> None:
    async def sometimes(request: Any, handler: Any) -> Any:
        if request.query["filter"].endswith("0111"):
            return await faults.rate_limited("1500")(request, handler)
        return await handler(request)

    server.inject(sometimes, f"{API}/df/")
    await poll()
    assert shown(hass, "sensor.cellar_water_meter_io_1_total") == "0.0"
    server.heal()
    server.log.clear()
    await poll()
    asked = {r.query["filter"] for r in server.log.to("GET", f"{API}/df/")}
    assert "d--0000-0000-0000-0111" not in asked
    assert "d--0000-0000-0000-0097" in asked


@pytest.mark.parametrize(
    "fault",
    [
        faults.status(500),
        faults.status(503),
        faults.html_page(502),
        faults.html_page(200),
        faults.reset(),
        faults.reset_mid_body(),
        faults.truncated(),
        faults.status(200, ""),
        faults.status(404),
        faults.rate_limited(),
        faults.status(200, "{}", content_type="application/json"),
    ],
)
async def test_lost_and_back(
    hass: HomeAssistant,
    server: IOTileServer,
    loaded: MockConfigEntry,
    poll: Poll,
    caplog: pytest.LogCaptureFixture,
    fault: faults.Fault,
) -> None:
    entity = "sensor.boiler_room_temperatures_external_500f"
    before = shown(hass, entity)
    caplog.clear()
    server.inject(fault, f"{API}/*")
    await poll()
    await poll()
    assert shown(hass, entity) == "unavailable"
    server.heal()
    await poll()
    assert shown(hass, entity) == before
    lines = [
        record
        for record in caplog.records
        if record.name.startswith("custom_components") and record.levelname == "ERROR"
    ]
    assert len(lines) == 1


async def test_refused_and_restarted(
    hass: HomeAssistant, server: IOTileServer, loaded: MockConfigEntry, poll: Poll
) -> None:
    entity = "sensor.boiler_room_temperatures_external_500f"
    await server.refuse()
    await poll()
    assert shown(hass, entity) == "unavailable"
    await server.listen()
    await poll()
    assert shown(hass, entity) != "unavailable"


async def test_token_ended(
    hass: HomeAssistant, server: IOTileServer, loaded: MockConfigEntry, poll: Poll
) -> None:
    server.world.users[0].token = "e" * 40
    await poll()
    flows = hass.config_entries.flow.async_progress()
    assert [flow["context"]["source"] for flow in flows] == [SOURCE_REAUTH]
    assert flows[0]["step_id"] == "iotile_account"


async def test_role_without_data(
    hass: HomeAssistant,
    server: IOTileServer,
    loaded: MockConfigEntry,
    issue_registry: ir.IssueRegistry,
) -> None:
    server.world.users[0].role = "r1"
    assert await hass.config_entries.async_unload(loaded.entry_id)
    await hass.config_entries.async_setup(loaded.entry_id)
    await hass.async_block_till_done()
    assert loaded.state is ConfigEntryState.SETUP_RETRY
    keys = {issue.translation_key for issue in issue_registry.issues.values()}
    assert "iotile_no_data_role" in keys
    server.world.users[0].role = "m1"
    assert await hass.config_entries.async_reload(loaded.entry_id)
    await hass.async_block_till_done()
    assert not issue_registry.issues


async def test_role_without_data_in_one_organisation(
    hass: HomeAssistant, server: IOTileServer, entry: MockConfigEntry, poll: Poll
) -> None:
    """Other organizations stay available, and the user is notified about the unreadable one."""

    async def elsewhere(request: Any, handler: Any) -> Any:
        body = json.loads((await handler(request)).text)
        for row in body["results"]:
            if row["slug"] == "p--0000-0006":
                row["org"] = "second"
        return web.json_response(body)

    operator = json.dumps(
        {"role": "r1", "permissions": {"can_read_stream_data": False}}
    )
    server.inject(elsewhere, f"{API}/project/")
    server.inject(
        faults.status(200, operator, content_type="application/json"),
        f"{API}/org/second/membership/",
    )
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert shown(hass, "sensor.cellar_water_meter_io_1_total") == "0.0"
    assert shown(hass, "sensor.soil_probe_gs3_last_measurement") == "unavailable"
    issues = ir.async_get(hass).issues
    assert [key for key in issues if "iotile_no_data_role" in key[1]]
    asked = {r.query["filter"] for r in server.log.to("GET", f"{API}/df/")}
    assert "d--0000-0000-0000-0111" not in asked
    # Somebody gives the account another role.
    server.heal()
    await poll(6 * HOUR)
    assert shown(hass, "sensor.soil_probe_gs3_last_measurement") != "unavailable"
    assert not [key for key in issues if "iotile_no_data_role" in key[1]]


async def test_member_works(
    hass: HomeAssistant, server: IOTileServer, entry: MockConfigEntry
) -> None:
    server.world.users[0].role = "m1"
    assert await hass.config_entries.async_setup(entry.entry_id)


@pytest.mark.parametrize("fault", [faults.hang(), faults.slow_drip(0.05)])
async def test_a_server_that_takes_too_long(
    hass: HomeAssistant,
    server: IOTileServer,
    entry: MockConfigEntry,
    poll: Poll,
    monkeypatch: pytest.MonkeyPatch,
    fault: faults.Fault,
) -> None:
    monkeypatch.setattr(client_module, "TIMEOUT", 0.3)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    entity = "sensor.boiler_room_temperatures_external_500f"
    server.inject(fault, f"{API}/df/")
    await poll()
    assert shown(hass, entity) == "unavailable"
    server.heal()
    await poll()
    assert shown(hass, entity) != "unavailable"


async def test_one_401_is_not_the_end(
    hass: HomeAssistant, server: IOTileServer, loaded: MockConfigEntry, poll: Poll
) -> None:
    server.inject(faults.status(401), f"{API}/df/", times=1)
    await poll()
    assert not hass.config_entries.flow.async_progress()
    entity = "sensor.boiler_room_temperatures_external_500f"
    assert shown(hass, entity) != "unavailable"


async def test_a_listing_that_fails_removes_nothing(
    hass: HomeAssistant, server: IOTileServer, loaded: MockConfigEntry, poll: Poll
) -> None:
    before = set(hass.states.async_entity_ids())
    server.inject(faults.truncated(), f"{API}/stream/")
    await poll(6 * HOUR)
    assert set(hass.states.async_entity_ids()) == before
    assert shown(hass, "sensor.cellar_water_meter_io_1_total") == "0.0"


async def test_the_public_service_has_ended(
    hass: HomeAssistant,
    server: IOTileServer,
    entry: MockConfigEntry,
    issue_registry: ir.IssueRegistry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def gone(*_: object) -> None:
        raise HostUnknownError

    with monkeypatch.context() as patched:
        patched.setattr(IOTileClient, "projects", gone)
        await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    keys = {issue.translation_key for issue in issue_registry.issues.values()}
    assert keys == {"iotile_gone"}
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert not issue_registry.issues


async def test_a_clock_that_jumps(
    hass: HomeAssistant, server: IOTileServer, loaded: MockConfigEntry, poll: Poll
) -> None:
    """A point from the far future does not hide later points."""
    server.world.add(METER, LAST + 4 * 365 * 24 * HOUR, 2, local_id=7000)
    await poll()
    server.world.add(METER, LAST + HOUR, 3, local_id=7001)
    await poll()
    total = float(shown(hass, "sensor.cellar_water_meter_io_1_total"))
    assert total == pytest.approx(3 * GALLON)
