"""From start to removal: restored values, cleanup, and update intervals."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
import logging
from pathlib import Path
from typing import Any

from homeassistant.components.sensor import SensorExtraStoredData
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, State
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
    mock_restore_cache_with_extra_data,
)

from custom_components.junction.backends.dsmr import adapter
from custom_components.junction.backends.dsmr.client import listener
from simulators.p1_meter import PtyTransport

from .helpers import replace_line, wire
from .lines import Pty, free_port, meter
from .running import (
    Simulation,
    backend_of,
    connected,
    entity_id,
    entry_for,
    heard,
    set_up,
    shown,
    simulated,
    tell,
    until,
)

pytestmark = pytest.mark.usefixtures("socket_enabled")

RAW = wire("v5_nl_3phase_gas")
GAS = "mbus-4730303631303032313938373635343231"
PACKAGE = "custom_components.junction"


@pytest.fixture
def impatient_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait half a second for the first telegram, not half a minute."""
    monkeypatch.setattr(adapter, "FIRST_TELEGRAM", 0.5)
    monkeypatch.setattr(adapter, "FIRST_ERROR", 0.2)


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return Junction's warnings."""
    return [
        record.getMessage()
        for record in caplog.records
        if record.name.startswith(PACKAGE) and record.levelno >= logging.WARNING
    ]


# Starting


@pytest.mark.usefixtures("impatient_start")
async def test_nothing_comes_at_the_first_start(
    hass: HomeAssistant, caplog: pytest.LogCaptureFixture
) -> None:
    async with meter() as gateway:
        entry = entry_for(gateway.url)
        await set_up(hass, entry)
        assert entry.state is ConfigEntryState.SETUP_RETRY
        assert entry.error_reason_translation_key == "no_data"
        await until(lambda: not gateway.connected.is_set() or gateway.accepted == 1)
    assert not warnings(caplog)
    await hass.config_entries.async_unload(entry.entry_id)


async def test_refused_at_every_start(
    hass: HomeAssistant, caplog: pytest.LogCaptureFixture
) -> None:
    """Home Assistant logs a failing setup once, and Junction adds no messages."""
    entry = entry_for(f"socket://127.0.0.1:{free_port()}")
    await set_up(hass, entry)
    for _ in range(3):
        assert entry.state is ConfigEntryState.SETUP_RETRY
        assert entry.error_reason_translation_key == "host_refused"
        async_fire_time_changed(hass, dt_util.utcnow() + timedelta(minutes=10))
        await hass.async_block_till_done(wait_background_tasks=True)
    assert not warnings(caplog)
    await hass.config_entries.async_unload(entry.entry_id)


def remember(
    hass: HomeAssistant, *states: tuple[str, str, str | None], age: timedelta
) -> None:
    """Let Home Assistant remember states of before a restart, that long ago."""
    at = dt_util.utcnow() - age
    mock_restore_cache_with_extra_data(
        hass,
        [
            (
                State(entity, value, last_changed=at, last_updated=at),
                {
                    **SensorExtraStoredData(
                        value if unit is None else float(value), unit
                    ).as_dict(),
                    "true_until": at.isoformat(),
                },
            )
            for entity, value, unit in states
        ],
    )


@pytest.mark.usefixtures("impatient_start")
@pytest.mark.parametrize("age", [timedelta(hours=23), timedelta(hours=25)])
async def test_known_meter_that_is_silent(
    hass: HomeAssistant, caplog: pytest.LogCaptureFixture, age: timedelta
) -> None:
    """Its entities exist at once; counters keep their values for the grace period."""
    caplog.set_level(logging.INFO, PACKAGE)
    async with meter() as gateway:
        entry = entry_for(gateway.url, None)
        start = hass.async_create_task(set_up(hass, entry))
        await gateway.connected.wait()
        gateway.send(RAW)
        await start
        ids = {
            point: entity_id(hass, entry, point)
            for point in ("energy_import", "tariff", "power_import", "voltage_l1")
        } | {"gas": entity_id(hass, entry, "reading", GAS)}
        known = len(hass.states.async_all())
        await hass.config_entries.async_unload(entry.entry_id)
        remember(
            hass,
            (str(ids["energy_import"]), "5802.467", "kWh"),
            (str(ids["tariff"]), "low", None),
            (str(ids["gas"]), "1987.341", "m³"),
            age=age,
        )
        gateway.connected.clear()
        await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done()
        assert entry.state is ConfigEntryState.LOADED

        def all_shown() -> dict[str, str]:
            found = {name: hass.states.get(str(one)) for name, one in ids.items()}
            return {name: one.state for name, one in found.items() if one is not None}

        young = age < timedelta(days=1)
        assert len(hass.states.async_all()) == known
        assert all_shown() == {
            "energy_import": "5802.467" if young else "unknown",
            "tariff": "low" if young else "unknown",
            "gas": "1987.341" if young else "unknown",
            "power_import": "unavailable",
            "voltage_l1": "unavailable",
        }
        assert connected(hass, entry) == "off"
        async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=61))
        await hass.async_block_till_done()
        assert set(all_shown().values()) == {"unavailable"}

        await tell(hass, entry, gateway, RAW)
        assert all_shown() == {
            "energy_import": "5802.467",
            "tariff": "normal",
            "gas": "1987.341",
            "power_import": "0.0",
            "voltage_l1": "231.4",
        }
        assert connected(hass, entry) == "on"
        assert not warnings(caplog)
        await hass.config_entries.async_unload(entry.entry_id)


async def test_layout_is_stored_with_the_first_telegram(
    hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    """And not again, as long as it stays so; it goes with the entry."""
    async with heard(hass, RAW) as (entry, gateway):
        key = f"junction.{entry.entry_id}.dsmr"
        async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=11))
        await hass.async_block_till_done()
        stored = hass_storage[key]["data"]
        assert "power_import_l3" in stored["sources"]
        assert [one["id"] for one in stored["mbus"]] == [GAS.removeprefix("mbus-")]
        del hass_storage[key]
        await tell(hass, entry, gateway, RAW, RAW)
        async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=30))
        await hass.async_block_till_done()
        assert key not in hass_storage
        more = replace_line(RAW, "1-0:31.7.0", "1-0:31.4.0(025*A)")
        await tell(hass, entry, gateway, more)
        # In time, though the entry is removed before the delay is over
        await hass.config_entries.async_remove(entry.entry_id)
        await hass.async_block_till_done()
        async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=60))
        await hass.async_block_till_done()
        assert key not in hass_storage


async def test_layout_of_a_former_meter_is_not_used(
    hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    async with meter() as gateway:
        entry = entry_for(gateway.url, None)
        hass_storage[f"junction.{entry.entry_id}.dsmr"] = {
            "version": 1,
            "data": {"meter": "dsmr:other", "sources": ["frequency"], "mbus": []},
        }
        start = hass.async_create_task(set_up(hass, entry))
        await gateway.connected.wait()
        gateway.send(RAW)
        await start
        assert entity_id(hass, entry, "frequency") is None
        assert entity_id(hass, entry, "voltage_l1") is not None
        await hass.config_entries.async_unload(entry.entry_id)


# Between the first telegram and the moment from which on it is told


@pytest.mark.parametrize("what", ["fin", "key"])
async def test_lost_while_the_entities_are_made(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    async with simulated("5L-enc", speed=200) as sim:
        assert sim.meter.frames is not None
        key = sim.meter.frames.key.hex()
        entry = entry_for(sim.address, sim.equipment, encryption_key=key)
        forward = hass.config_entries.async_forward_entry_setups

        async def slowly(*args: Any) -> None:
            await forward(*args)
            link = entry_link()
            if what == "fin":
                await sim.control.refuse()
                await until(lambda: link().status == "lost")
            else:
                sim.control.key("0123456789ABCDEF0123456789ABCDEF")
                await until(lambda: link().status == "wrong_key")

        def entry_link() -> Callable[[], listener.LinkState]:
            return lambda: backend_of(entry)._listener.link

        monkeypatch.setattr(hass.config_entries, "async_forward_entry_setups", slowly)
        await set_up(hass, entry)
        if what == "fin":
            assert connected(hass, entry) == "off"
            assert shown(hass, entry, "power_import") == "unavailable"
            assert shown(hass, entry, "energy_import") != "unavailable"
            await sim.control.restore()
            await until(lambda: connected(hass, entry) == "on")
        else:
            assert connected(hass, entry) == "unavailable"
            assert shown(hass, entry, "energy_import") == "unavailable"
            assert hass.config_entries.flow.async_progress()
        await hass.config_entries.async_unload(entry.entry_id)


# Unloading leaves nothing behind: every test fails that leaves a task or a timer


async def _fresh(sim: Simulation, hass: HomeAssistant, entry: MockConfigEntry) -> None:
    await until(lambda: connected(hass, entry) == "on")


async def _lost(sim: Simulation, hass: HomeAssistant, entry: MockConfigEntry) -> None:
    await sim.control.unplug()
    await until(lambda: connected(hass, entry) == "off")


async def _silent(sim: Simulation, hass: HomeAssistant, entry: MockConfigEntry) -> None:
    sim.control.speed(0)
    await until(lambda: backend_of(entry)._listener.link.status == "silent")


async def _expired(
    sim: Simulation, hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    await _lost(sim, hass, entry)
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=61))
    await hass.async_block_till_done()


@pytest.mark.parametrize("situation", [_fresh, _lost, _silent, _expired])
@pytest.mark.parametrize("line", ["tcp", "tty"])
async def test_unload(
    hass: HomeAssistant,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    line: str,
    situation: Any,
) -> None:
    monkeypatch.setattr(listener, "_SHORTEST_SILENCE", 1.0)
    monkeypatch.setattr(listener, "_INTERVALS", 0.1)
    transport = PtyTransport(link=tmp_path / "p1") if line == "tty" else None
    async with simulated(transport=transport) as sim:
        entry = entry_for(sim.address, sim.equipment)
        await set_up(hass, entry)
        await situation(sim, hass, entry)
        assert await hass.config_entries.async_unload(entry.entry_id)
        assert entry.state is ConfigEntryState.NOT_LOADED
        await until(lambda: not sim.transport.receivers)
        assert {one.state for one in hass.states.async_all()} == {"unavailable"}
        tasks = {task.get_name() for task in asyncio.all_tasks()}
        assert not {name for name in tasks if "P1 client" in name or " - P1" in name}


async def test_unload_during_the_first_wait(hass: HomeAssistant) -> None:
    port = Pty()
    entry = entry_for(port.path)
    entry.add_to_hass(hass)
    start = hass.async_create_task(hass.config_entries.async_setup(entry.entry_id))
    await until(lambda: entry.state is ConfigEntryState.SETUP_IN_PROGRESS)
    await asyncio.sleep(0.05)
    start.cancel()
    with pytest.raises(asyncio.CancelledError):
        await start
    port.unplug()
    await hass.async_block_till_done()
