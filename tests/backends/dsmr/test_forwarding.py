"""A meter that forwards to DSMR-reader servers, in Home Assistant."""

import asyncio
from collections.abc import AsyncGenerator
from itertools import pairwise
import json
from pathlib import Path
import sqlite3
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import (
    device_registry as dr,
    entity_registry as er,
    issue_registry as ir,
)
from homeassistant.helpers.entity import Entity
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.junction.backends.forward.adapter import queue_path
from custom_components.junction.backends.forward.client.queue import DiskQueue
from custom_components.junction.diagnostics import async_get_config_entry_diagnostics
from simulators.dsmr_reader import DsmrReaderServer, Vendor
from simulators.http_faults import status

from .forwarding import KEY, add, configure, entered, later, state_of, wait_for
from .running import Simulation, entry_for, simulated

pytestmark = pytest.mark.usefixtures("queue_folder", "all_enabled")


@pytest.fixture
async def reader(socket_enabled: None) -> AsyncGenerator[DsmrReaderServer]:
    async with DsmrReaderServer(state_of()) as running:
        yield running


def shown(hass: HomeAssistant, entry: MockConfigEntry, point: str) -> str:
    registry = er.async_get(hass)
    [entity] = [
        found.entity_id
        for found in er.async_entries_for_config_entry(registry, entry.entry_id)
        if found.unique_id.endswith(f"/{point}")
    ]
    state = hass.states.get(entity)
    assert state is not None, point
    return state.state


async def test_telegrams_arrive_and_health_is_shown(
    hass: HomeAssistant,
    meter: Simulation,
    reader: DsmrReaderServer,
    entry: MockConfigEntry,
) -> None:
    connections = reader.server.connections
    result = await add(hass, entry, **entered(f"{reader.url}/"))
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await wait_for(lambda: len(reader.state.new) >= 5)
    assert reader.state.meter["latest_telegram"].startswith("/")
    await later(hass)
    assert shown(hass, entry, "forward_connected") == "on"
    assert shown(hass, entry, "forward_queued") in ("0", "1")
    assert shown(hass, entry, "forward_refused") == "0"
    assert shown(hass, entry, "forward_last_success") != "unknown"
    [name] = entry.subentries
    registry = dr.async_get(hass)
    [device] = [
        device
        for device in dr.async_entries_for_config_entry(registry, entry.entry_id)
        if device.manufacturer == "DSMR-reader"
    ]
    assert device.config_subentry_id == name
    # Not its address.
    assert device.name == entry.subentries[name].title == "DSMR-reader"
    assert device.via_device_id is not None
    # A meter is not disconnected for this.
    assert meter.server.transport is meter.transport
    assert reader.server.connections - connections <= 3
    told = json.dumps(await async_get_config_entry_diagnostics(hass, entry))
    assert KEY not in told and "127.0.0.1" not in told
    assert json.loads(told)["dsmr"]["forwarding"][0]["mode"] == "auto"


async def test_the_same_server_twice_and_another(
    hass: HomeAssistant, reader: DsmrReaderServer, entry: MockConfigEntry
) -> None:
    await add(hass, entry, **entered(reader.url))
    again = await add(hass, entry, **entered(f"{reader.url}/api/v2/schema"))
    assert again["reason"] == "already_configured"
    async with DsmrReaderServer(state_of()) as other:
        await add(hass, entry, **entered(other.url))
        await wait_for(lambda: len(other.state.new) and len(reader.state.new))
        assert len(entry.subentries) == 2


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"api_key": "wrong"}, "dsmr_reader_key"),
        ({"url": "http://127.0.0.1:1"}, "connection_refused"),
        ({"url": "no host"}, "invalid_address"),
    ],
)
async def test_flow_errors(
    hass: HomeAssistant,
    reader: DsmrReaderServer,
    entry: MockConfigEntry,
    wrong: dict[str, Any],
    error: str,
) -> None:
    result = await add(hass, entry, **{**entered(reader.url), **wrong})
    assert result["errors"] == {"base": error}
    result = await configure(hass, result, **entered(reader.url))
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_what_was_enabled_stays_enabled(
    hass: HomeAssistant,
    reader: DsmrReaderServer,
    entry: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An enabled entity stays enabled, even if a later version disables it by default."""
    await add(hass, entry, **entered(reader.url))
    await wait_for(lambda: len(reader.state.new))
    await wait_for(lambda: shown(hass, entry, "forward_queued").isdigit())
    assert await hass.config_entries.async_unload(entry.entry_id)
    monkeypatch.setattr(Entity, "entity_registry_enabled_default", False)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    await wait_for(lambda: shown(hass, entry, "forward_queued").isdigit())


async def test_change_and_remove(
    hass: HomeAssistant, reader: DsmrReaderServer, entry: MockConfigEntry
) -> None:
    await add(hass, entry, **entered(reader.url))
    [name] = entry.subentries
    await wait_for(lambda: len(reader.state.new))
    result: Any = await entry.start_subentry_reconfigure_flow(hass, name)
    assert result["step_id"] == "reconfigure"
    result = await configure(hass, result, **entered(reader.url, mode="parsed"))
    assert result["reason"] == "reconfigure_successful"
    # The statistics of the meter are sent once, since they do not change.
    await wait_for(lambda: reader.server.log.count("PATCH"))
    # Telegrams in transit at that change have arrived.
    reader.server.log.clear()
    await wait_for(lambda: reader.server.log.count("POST", "/api/v2/*"))
    assert reader.server.log.count("POST", "/api/v1/*") == 0
    assert hass.config_entries.async_remove_subentry(entry, name)
    await hass.async_block_till_done()
    reader.server.log.clear()
    await asyncio.sleep(0.3)
    assert reader.server.log.count("POST") == 0
    registry = dr.async_get(hass)
    assert not [
        device
        for device in dr.async_entries_for_config_entry(registry, entry.entry_id)
        if device.manufacturer == "DSMR-reader"
    ]


async def test_what_waits_survives_a_restart(
    hass: HomeAssistant,
    meter: Simulation,
    reader: DsmrReaderServer,
    entry: MockConfigEntry,
) -> None:
    await add(hass, entry, **entered(reader.url))
    await wait_for(lambda: len(reader.state.new) >= 3)
    await reader.server.refuse()
    before = len(reader.state.new)
    await meter.sent(10)
    await later(hass)
    assert shown(hass, entry, "forward_connected") == "off"
    assert int(shown(hass, entry, "forward_queued")) >= 5
    assert float(shown(hass, entry, "forward_delay")) >= 0
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert queue_path(hass, entry).exists()
    await reader.server.listen()
    assert await hass.config_entries.async_setup(entry.entry_id)
    await wait_for(lambda: len(reader.state.new) >= before + 10)
    rows = sorted(reader.state.new, key=lambda row: row["id"])
    times = [row["timestamp"] for row in rows]
    assert times == sorted(times)
    gaps = {(b - a).total_seconds() for a, b in pairwise(times)}
    # Only telegrams sent while Home Assistant was down are missing.
    assert min(gaps) <= 1


@pytest.mark.parametrize(
    ("attribute", "wrong", "issue"),
    [("allow", False, "forward_disabled"), ("key", "y" * 64, "forward_key")],
)
async def test_what_the_person_can_put_right(
    hass: HomeAssistant,
    reader: DsmrReaderServer,
    entry: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
    attribute: str,
    wrong: Any,
    issue: str,
) -> None:
    from custom_components.junction.backends.forward.client import worker

    monkeypatch.setattr(worker, "PAUSE", 0.1)
    await add(hass, entry, **entered(reader.url))
    await wait_for(lambda: len(reader.state.new))
    right = getattr(reader.state, attribute)
    setattr(reader.state, attribute, wrong)
    await wait_for(lambda: reader.server.log.requests[-1].status in (403, 405))
    registry = ir.async_get(hass)
    for _ in range(20):
        await asyncio.sleep(0.1)
        await later(hass)
        if registry.issues:
            break
    assert issue in {found.translation_key for found in registry.issues.values()}
    # The meter itself is well.
    assert entry.state is ConfigEntryState.LOADED
    assert not hass.config_entries.flow.async_progress()
    setattr(reader.state, attribute, right)
    for _ in range(20):
        await asyncio.sleep(0.1)
        await later(hass, 12)
        if not registry.issues:
            break
    assert issue not in {found.translation_key for found in registry.issues.values()}


async def test_queue_that_is_damaged_while_it_is_used_is_told(
    hass: HomeAssistant,
    meter: Simulation,
    reader: DsmrReaderServer,
    entry: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await add(hass, entry, **entered(reader.url))
    await wait_for(lambda: len(reader.state.new) >= 1)
    issues = ir.async_get(hass).issues
    assert not any("damaged" in issue for _, issue in issues)

    def broken(queue: DiskQueue, *_: object) -> None:
        monkeypatch.undo()
        queue._renew()
        raise sqlite3.OperationalError

    monkeypatch.setattr(DiskQueue, "keep_refused", broken)
    reader.server.inject(status(400, "Invalid data"), "/api/v1/*", times=1)
    before = len(reader.state.new)
    await wait_for(lambda: len(reader.state.new) > before + 1)
    await later(hass)
    assert any("damaged" in issue for _, issue in issues)


async def test_refused_telegrams_are_reported_and_withdrawn_with_the_server(
    hass: HomeAssistant, reader: DsmrReaderServer, entry: MockConfigEntry
) -> None:
    reader.server.inject(status(500, "Failed to parse telegram"), "/api/v1/*", times=2)
    await add(hass, entry, **entered(reader.url))
    await wait_for(lambda: len(reader.state.new))
    await later(hass)
    registry = ir.async_get(hass)
    keys = [found.translation_key for found in registry.issues.values()]
    assert "forward_refused" in keys
    assert shown(hass, entry, "forward_refused") == "2"
    [name] = entry.subentries
    hass.config_entries.async_remove_subentry(entry, name)
    await hass.async_block_till_done()
    keys = [found.translation_key for found in registry.issues.values()]
    assert "forward_refused" not in keys


@pytest.mark.parametrize(
    ("dialect", "mode", "path"),
    [
        ("5", "auto", "/api/v1/datalogger/dsmrreading"),
        ("4", "auto", "/api/v1/datalogger/dsmrreading"),
        ("5B-2.1", "auto", "/api/v2/datalogger/dsmrreading"),
        ("5B-2.1", "raw", "/api/v1/datalogger/dsmrreading"),
        ("2.2", "raw", "/api/v2/datalogger/dsmrreading"),
        ("5S", "auto", "/api/v2/datalogger/dsmrreading"),
    ],
)
async def test_what_is_sent_for_each_kind_of_meter(
    hass: HomeAssistant,
    reader: DsmrReaderServer,
    dialect: str,
    mode: str,
    path: str,
) -> None:
    async with simulated(dialect, speed=10) as meter:
        entry = entry_for(meter.address, meter.equipment)
        entry.add_to_hass(hass)
        assert await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done()
        await add(hass, entry, **entered(reader.url, mode=mode))
        await wait_for(lambda: len(reader.state.new) >= 2)
        assert {request.path for request in reader.server.log.to("POST")} == {path}
        row = reader.state.new[0]
        assert row["electricity_delivered_1"] > 0
        if dialect == "5B-2.1" and mode == "auto":
            # A server that is set to the Netherlands would drop the gas of a telegram.
            assert reader.state.vendor is Vendor.DUTCH
            assert row["extra_device_delivered"] > 0
        await hass.config_entries.async_unload(entry.entry_id)


async def test_interval(
    hass: HomeAssistant,
    meter: Simulation,
    reader: DsmrReaderServer,
    entry: MockConfigEntry,
) -> None:
    await add(hass, entry, **entered(reader.url, interval=3600))
    await wait_for(lambda: len(reader.state.new))
    await meter.sent(5)
    await asyncio.sleep(0.1)
    assert len(reader.state.new) == 1


async def test_home_assistant_that_stops_writes_down_what_waits(
    hass: HomeAssistant,
    meter: Simulation,
    reader: DsmrReaderServer,
    entry: MockConfigEntry,
) -> None:
    await add(hass, entry, **entered(reader.url))
    await reader.server.refuse()
    await meter.sent(5)
    # No entry is unloaded then.
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED
    queue = DiskQueue(queue_path(hass, entry))
    await hass.async_add_executor_job(queue.open)
    [name] = entry.subentries
    count, _ = await hass.async_add_executor_job(queue.size, name)
    counters = await hass.async_add_executor_job(queue.counters, name)
    await hass.async_add_executor_job(queue.close)
    assert count >= 4
    assert counters["forwarded"] == len(reader.state.new)


async def test_removed_entry_leaves_no_queue(
    hass: HomeAssistant, reader: DsmrReaderServer, entry: MockConfigEntry
) -> None:
    await add(hass, entry, **entered(reader.url))
    assert queue_path(hass, entry).exists()
    await hass.config_entries.async_remove(entry.entry_id)
    await hass.async_block_till_done()
    assert not list(Path(hass.config.config_dir, ".storage").glob("*.forward.*"))
