"""Faults 10 to 17 of Home Assistant's own integration for these meters."""

import asyncio
from datetime import datetime
import logging
from pathlib import Path
import time

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest

from custom_components.junction.backends.dsmr.client import listener
from simulators.p1_meter import PtyTransport

from ...common import writes, written_since
from .flows import listen
from .helpers import expected, replace_line, wire
from .running import (
    backend_of,
    connected,
    device,
    entity_id,
    entry_for,
    heard,
    set_up,
    shown,
    simulated,
    state,
    tell,
    until,
)

pytestmark = pytest.mark.usefixtures("socket_enabled")

RAW = wire("v5_nl_3phase_gas")
GAS = "mbus-4730303631303032313938373635343231"
EVERY = {"power_interval": 0, "slow_interval": 0}


@pytest.fixture
def watchful(monkeypatch: pytest.MonkeyPatch) -> None:
    """Notice silence after a second, and try again at once."""
    monkeypatch.setattr(listener, "_SHORTEST_SILENCE", 1.0)
    monkeypatch.setattr(listener, "_INTERVALS", 0.1)
    monkeypatch.setattr(listener, "RETRY_DELAYS", (0.1, 0.2, 0.5))


async def test_fault_10_back_off_and_one_line_in_the_log(
    hass: HomeAssistant,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It waits 30 s after every loss and logs a traceback at every attempt."""
    assert listener.RETRY_DELAYS == (1, 2, 5, 10, 30, 60)
    monkeypatch.setattr(listener, "RETRY_DELAYS", (0.02, 0.04, 0.1, 0.2))
    async with simulated() as sim:
        entry = entry_for(sim.address, sim.equipment)
        await set_up(hass, entry)
        caplog.clear()
        await sim.control.refuse()
        began = asyncio.get_running_loop().time()
        statistics = backend_of(entry)._listener.statistics
        await until(lambda: statistics.reconnects == 6)
        # 0.02 + 0.04 + 0.1 + 3 times 0.2
        assert asyncio.get_running_loop().time() - began > 0.7
        await hass.config_entries.async_unload(entry.entry_id)
    complaints = [r for r in caplog.records if r.levelno >= logging.WARNING]
    ours = [r for r in complaints if r.name.startswith("custom_components.junction")]
    assert len(ours) == 1
    assert ours[0].exc_info is None


@pytest.mark.usefixtures("watchful")
async def test_fault_11_a_silent_serial_port_is_noticed(
    hass: HomeAssistant, tmp_path: Path
) -> None:
    """It has no watchdog there: values stay as they were, as if they were live.

    On network ports it has one whose timer outlives the entry; no timer may be left
    when a test ends.
    """
    async with simulated(transport=PtyTransport(link=tmp_path / "p1")) as sim:
        entry = entry_for(sim.address, sim.equipment)
        await set_up(hass, entry)
        sim.control.speed(0)
        await until(lambda: connected(hass, entry) == "off")
        assert shown(hass, entry, "power_import") == "unavailable"
        sim.control.speed(20)
        await until(lambda: connected(hass, entry) == "on")
        await hass.config_entries.async_unload(entry.entry_id)


@pytest.mark.usefixtures("all_enabled")
async def test_fault_12_damaged_telegrams_are_counted(hass: HomeAssistant) -> None:
    """It drops them with a line in the log, and counts nothing."""
    async with heard(hass, RAW) as (entry, gateway):
        bad = wire("v5_nl_bad_crc")
        gateway.send(bad + bad + RAW[:400])
        backend_of(entry)._counters_due = 0.0
        await tell(hass, entry, gateway, RAW)
        assert shown(hass, entry, "link_crc_errors") == "2"
        assert shown(hass, entry, "link_framing_errors") == "1"
        found = entry.runtime_data.backend.diagnostics()["statistics"]
        assert found["rejected"] == {"crc": 2, "cut": 1}


@pytest.mark.usefixtures("all_enabled")
@pytest.mark.parametrize(
    ("name", "points"),
    [
        ("v5l_luxembourg_clear", ("reactive_power_import", "apparent_power_export")),
        ("v5s_sweden", ("reactive_power_export_l3", "current_l2")),
        ("q3d_easymeter", ("power_import_l3", "power_net")),
        ("v5b_gas_water_peak", ("peak_last_month", "peak_average")),
        ("v5eonhu", ("power_factor", "frequency", "reactive_energy_q4")),
    ],
)
async def test_fault_13_every_line_has_its_entity(
    hass: HomeAssistant, name: str, points: tuple[str, ...]
) -> None:
    """Of Luxembourg's telegram it leaves 21 lines unused, of Belgium's the peaks."""
    async with heard(hass, wire(name), wire(name)) as (entry, _):
        for point in points:
            assert shown(hass, entry, point) not in {"unknown", "unavailable"}
        unknown = entry.runtime_data.backend.diagnostics()["telegram"]["unknown"]
        assert len(unknown) <= 2, unknown
        if entity_id(hass, entry, "message"):
            assert "state_class" not in state(hass, entry, "message").attributes


@pytest.mark.usefixtures("all_enabled")
async def test_fault_14_relays_leave_the_breaker_alone(hass: HomeAssistant) -> None:
    """With it the last relay takes the place of the breaker, and becomes a device."""
    raw = replace_line(wire("v5l_luxembourg_clear"), "0-2:96.3.10", "0-2:96.3.10(0)")
    async with heard(hass, raw) as (entry, _):
        assert shown(hass, entry, "breaker") == "on"
        assert shown(hass, entry, "relay_2", platform="binary_sensor") == "off"
        assert device(hass, entry, "mbus-channel-2") is None


async def test_fault_15_port_and_meter_change_without_losing_anything(
    hass: HomeAssistant,
) -> None:
    """It can only be removed and added again, and a new meter means new entities."""
    async with simulated() as old, simulated(ident="E0047000000000001") as new:
        entry = entry_for(old.address, old.equipment)
        await set_up(hass, entry)
        power = entity_id(hass, entry, "power_import")
        flow = await entry.start_reconfigure_flow(hass)
        result = await listen(hass, flow, new.address)
        configure = hass.config_entries.flow.async_configure
        await configure(result["flow_id"], {"next_step_id": "dsmr_adopt"})
        await hass.async_block_till_done()
        assert entity_id(hass, entry, "power_import") == power
        assert entry.data["port"] == new.address
        # Exchanged on the same port
        new.control.exchange_meter("E0047000000000002")
        await until(lambda: ir.async_get(hass).issues)
        assert entity_id(hass, entry, "power_import") == power
        assert connected(hass, entry) == "off"
        await hass.config_entries.async_unload(entry.entry_id)


async def test_fault_16_only_what_changed_is_written(hass: HomeAssistant) -> None:
    """It reads every telegram whole and writes every entity, at every update."""
    async with heard(hass, RAW, options=EVERY) as (entry, gateway):
        await tell(hass, entry, gateway, RAW)
        before = writes(hass)
        await tell(hass, entry, gateway, RAW, RAW, RAW)
        assert written_since(hass, before) == set()
        last = backend_of(entry)._latest
        assert last is not None
        assert last.changed == frozenset()
        other = replace_line(RAW, "1-0:71.7.0", "1-0:71.7.0(004*A)")
        await tell(hass, entry, gateway, other)
        assert written_since(hass, before) == {entity_id(hass, entry, "current_l3")}


@pytest.mark.usefixtures("all_enabled")
@pytest.mark.parametrize("name", ["v5s_sweden", "lt_eso_extended"])
async def test_fault_17_times_of_every_country_are_right(
    hass: HomeAssistant, name: str
) -> None:
    """It is an hour off in Sweden all summer, and in Lithuania always."""
    async with heard(hass, wire(name)) as (entry, _):
        right = expected(name)["timestamp_utc"].replace("Z", "+00:00")
        assert shown(hass, entry, "telegram_time") == right


@pytest.mark.usefixtures("all_enabled")
async def test_fault_17_also_where_nobody_knows_the_country(
    hass: HomeAssistant,
) -> None:
    """For an unknown country, the time zone follows from the difference between the two clocks."""
    async with simulated("5", standard_hours=0, summer=False) as sim:
        entry = entry_for(sim.address, sim.equipment, options=EVERY)
        await set_up(hass, entry)
        shown_time = state(hass, entry, "telegram_time").state
        now = time.time()
        off = datetime.fromisoformat(shown_time).timestamp() - now
        assert abs(off) < 300
        await hass.config_entries.async_unload(entry.entry_id)
