"""Dialogs that are never ended, such as in a browser tab that was closed.

Home Assistant keeps them open, and only continues when a listening step ends.
"""

import asyncio

from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components import junction
from custom_components.junction.backends.dsmr.adapter import DsmrBackend
from custom_components.junction.const import DOMAIN

from .flows import ABORT, FORM, LISTENING, MENU, enter_key, heard, listen, listened
from .lines import meter
from .running import backend_of, connected, entry_for, set_up, simulated, until

pytestmark = pytest.mark.usefixtures("socket_enabled", "impatient")

NEW_KEY = "0123456789ABCDEF0123456789ABCDEF"


async def submit(
    hass: HomeAssistant, entry: MockConfigEntry, port: str
) -> ConfigFlowResult:
    """Reconfigure an entry, and leave the dialog when it listens."""
    flow = await entry.start_reconfigure_flow(hass)
    result = await hass.config_entries.flow.async_configure(
        flow["flow_id"], {"port": port, "encryption": {}}
    )
    assert result["type"] is LISTENING
    return result


async def is_back(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Wait until the entry has its port, while the dialog is still open."""
    await until(lambda: entry.state is ConfigEntryState.LOADED)
    await until(lambda: connected(hass, entry) == "on")
    assert hass.config_entries.flow.async_progress()


async def done(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Close what is still open, which changes nothing any more."""
    runtime = entry.runtime_data
    for flow in hass.config_entries.flow.async_progress():
        hass.config_entries.flow.async_abort(flow["flow_id"])
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED
    assert entry.runtime_data is runtime
    await hass.config_entries.async_unload(entry.entry_id)


# The entry has its port as soon as listening has ended


async def test_the_port_is_wrong(hass: HomeAssistant) -> None:
    async with simulated() as sim:
        await set_up(hass, entry := entry_for(sim.address, sim.equipment))
        flow = await submit(hass, entry, "/dev/not-there")
        assert await listened(hass, flow) == "dsmr"
        await is_back(hass, entry)
        assert entry.data["port"] == sim.address
        # Coming back to it goes on as usual.
        result = await hass.config_entries.flow.async_configure(flow["flow_id"])
        assert result["errors"] == {"base": "port_not_found"}
        result = await listen(hass, result, sim.address)
        assert result["reason"] == "reconfigure_successful"
        await until(lambda: connected(hass, entry) == "on")
        await done(hass, entry)


async def test_the_port_is_silent(hass: HomeAssistant) -> None:
    """It is unloaded while the dialog listens, and no longer."""
    async with simulated() as sim, meter() as silent:
        await set_up(hass, entry := entry_for(sim.address, sim.equipment))
        flow = await submit(hass, entry, silent.url)
        await silent.connected.wait()
        assert entry.state is ConfigEntryState.NOT_LOADED
        assert sim.transport.receivers == 0
        assert await listened(hass, flow) == "dsmr"
        await is_back(hass, entry)
        await done(hass, entry)


async def test_another_meter_answers(hass: HomeAssistant) -> None:
    """Its own meter is read until the question is answered."""
    async with simulated() as old, simulated(ident="E0047000000000001") as other:
        await set_up(hass, entry := entry_for(old.address, old.equipment))
        flow = await submit(hass, entry, other.address)
        assert await listened(hass, flow) == "dsmr_found"
        await is_back(hass, entry)
        assert (old.transport.receivers, other.transport.receivers) == (1, 0)
        result = await hass.config_entries.flow.async_configure(flow["flow_id"])
        assert result["type"] is MENU
        result = await hass.config_entries.flow.async_configure(
            flow["flow_id"], {"next_step_id": "dsmr_adopt"}
        )
        assert result["reason"] == "reconfigure_successful"
        await hass.async_block_till_done()
        assert entry.data["equipment_id"] == other.equipment
        assert (old.transport.receivers, other.transport.receivers) == (0, 1)
        await until(lambda: connected(hass, entry) == "on")
        await done(hass, entry)


async def test_a_new_meter_on_the_same_port(hass: HomeAssistant) -> None:
    """What the entry says about it meanwhile is withdrawn when the question is answered."""
    async with simulated() as sim:
        await set_up(hass, entry := entry_for(sim.address, "45303034"))
        issue = (DOMAIN, f"{entry.entry_id}_meter_replaced")
        flow = await submit(hass, entry, sim.address)
        assert await listened(hass, flow) == "dsmr_found"
        await until(lambda: issue in ir.async_get(hass).issues)
        await hass.config_entries.flow.async_configure(flow["flow_id"])
        await hass.config_entries.flow.async_configure(
            flow["flow_id"], {"next_step_id": "dsmr_adopt"}
        )
        await hass.async_block_till_done()
        assert entry.data["equipment_id"] == sim.equipment
        await until(lambda: connected(hass, entry) == "on")
        assert issue not in ir.async_get(hass).issues
        await done(hass, entry)


async def test_the_meter_answers_on_its_new_port(hass: HomeAssistant) -> None:
    """Nothing is left to ask, so the new port is used whether anybody looks or not."""
    async with simulated() as old, simulated() as new:
        await set_up(hass, entry := entry_for(old.address, old.equipment))
        flow = await submit(hass, entry, new.address)
        assert await listened(hass, flow) == "dsmr_found"
        await is_back(hass, entry)
        assert entry.data["port"] == new.address
        connections = new.transport.connections
        result = await hass.config_entries.flow.async_configure(flow["flow_id"])
        assert (result["type"], result["reason"]) == (ABORT, "reconfigure_successful")
        await hass.async_block_till_done()
        # It is not set up a second time.
        assert new.transport.connections == connections
        await done(hass, entry)


async def test_a_wrong_key(hass: HomeAssistant) -> None:
    """Setting the entry up again does not close the dialog that asks for its key."""
    async with simulated("5L-enc", speed=100) as sim:
        entry = entry_for(sim.address, sim.equipment, encryption_key="00" * 16)
        await set_up(hass, entry)
        await until(hass.config_entries.flow.async_progress)
        (flow,) = hass.config_entries.flow.async_progress()
        result = await hass.config_entries.flow.async_configure(flow["flow_id"])
        result = await enter_key(hass, result, encryption_key="FF" * 16)
        assert result["errors"] == {"base": "wrong_key"}
        await until(lambda: entry.state is ConfigEntryState.SETUP_ERROR)
        (still,) = hass.config_entries.flow.async_progress()
        assert still["flow_id"] == flow["flow_id"]
        sim.control.key(NEW_KEY)
        result = await hass.config_entries.flow.async_configure(
            flow["flow_id"], {"encryption_key": NEW_KEY}
        )
        assert await listened(hass, result) == "dsmr_found"
        await is_back(hass, entry)
        result = await hass.config_entries.flow.async_configure(flow["flow_id"])
        assert (result["type"], result["reason"]) == (ABORT, "reauth_successful")
        await done(hass, entry)


# At a moment that does not suit


async def test_the_dialog_is_closed_while_the_entry_unloads(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An unload that is interrupted would leave an entry that only a restart loads."""
    closing, go_on = asyncio.Event(), asyncio.Event()
    close = DsmrBackend.close

    async def slowly(backend: DsmrBackend) -> None:
        closing.set()
        await go_on.wait()
        await close(backend)

    async with simulated() as sim, meter() as silent:
        await set_up(hass, entry := entry_for(sim.address, sim.equipment))
        with monkeypatch.context() as patch:
            patch.setattr(DsmrBackend, "close", slowly)
            flow = await submit(hass, entry, silent.url)
            await closing.wait()
            hass.config_entries.flow.async_abort(flow["flow_id"])
            await asyncio.sleep(0)
            go_on.set()
            await hass.async_block_till_done()
        assert entry.state is ConfigEntryState.LOADED
        assert silent.accepted == 0
        await done(hass, entry)


async def test_the_entry_does_not_unload(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: object) -> bool:
        return False

    async with simulated() as sim:
        await set_up(hass, entry := entry_for(sim.address, sim.equipment))
        with monkeypatch.context() as patch:
            patch.setattr(junction, "async_unload_entry", refuse)
            result = await heard(hass, await submit(hass, entry, sim.address))
        assert result["type"] is FORM
        assert result["errors"] == {"base": "port_held"}
        assert entry.state is ConfigEntryState.FAILED_UNLOAD
        await backend_of(entry).close()


async def test_the_entry_is_removed(hass: HomeAssistant) -> None:
    async with simulated() as sim:
        await set_up(hass, entry := entry_for(sim.address, sim.equipment))
        before = sim.transport.connections
        flow = await submit(hass, entry, sim.address)
        await until(lambda: sim.transport.connections > before)
        await hass.config_entries.async_remove(entry.entry_id)
        assert await listened(hass, flow) == "dsmr_found"
        await hass.async_block_till_done()
        assert not sim.transport.receivers


async def test_home_assistant_stops(
    hass: HomeAssistant, caplog: pytest.LogCaptureFixture
) -> None:
    """Listening ends at once, and the entry is not set up again."""
    async with simulated() as sim, meter() as silent:
        await set_up(hass, entry := entry_for(sim.address, sim.equipment))
        before = sim.transport.connections
        await submit(hass, entry, silent.url)
        await silent.connected.wait()
        caplog.clear()
        await hass.async_stop(force=True)
        assert hass.state is CoreState.stopped
        assert entry.state is ConfigEntryState.NOT_LOADED
        assert sim.transport.connections == before
        await until(lambda: not sim.transport.receivers)
        assert not [one for one in caplog.records if one.levelname != "DEBUG"]
