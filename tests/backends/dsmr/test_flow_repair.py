"""A changed key, a changed port."""

from typing import Any

from homeassistant.config_entries import (
    SOURCE_REAUTH,
    ConfigEntryState,
    ConfigFlowResult,
)
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from simulators.p1_meter import PtyTransport, TcpTransport

from .flows import (
    ABORT,
    FORM,
    LISTENING,
    MENU,
    as_shown,
    enter_key,
    fields,
    heard,
    listen,
)
from .running import connected, entry_for, set_up, simulated, until

pytestmark = pytest.mark.usefixtures("socket_enabled", "impatient")

NEW_KEY = "0123456789ABCDEF0123456789ABCDEF"


async def done(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    assert entry.state is ConfigEntryState.LOADED
    await hass.config_entries.async_unload(entry.entry_id)


# A changed key


async def reauth(hass: HomeAssistant) -> ConfigFlowResult:
    """Return the form of the flow that asks for a new key."""
    (flow,) = hass.config_entries.flow.async_progress()
    assert flow["context"]["source"] == SOURCE_REAUTH
    return await hass.config_entries.flow.async_configure(flow["flow_id"])


async def test_changed_key(hass: HomeAssistant) -> None:
    async with simulated("5L-enc", speed=100) as sim:
        assert sim.meter.frames is not None
        entry = entry_for(
            sim.address,
            sim.equipment,
            encryption_key=sim.meter.frames.key.hex(),
            authentication_key="00112233445566778899AABBCCDDEEFF",
        )
        await set_up(hass, entry)
        assert entry.state is ConfigEntryState.LOADED
        sim.control.key(NEW_KEY)
        await until(hass.config_entries.flow.async_progress)
        result = await reauth(hass)
        assert (result["type"], result["step_id"]) == (FORM, "dsmr_key")
        assert not result["errors"]
        result = await enter_key(hass, result, encryption_key="FF" * 16)
        assert result["errors"] == {"base": "wrong_key"}
        result = await enter_key(hass, result, encryption_key=NEW_KEY)
        assert (result["type"], result["reason"]) == (ABORT, "reauth_successful")
        await hass.async_block_till_done()
        assert entry.data["encryption_key"] == NEW_KEY
        # Left empty, so it is not wanted any more
        # The field of the second key was left empty.
        assert entry.data["authentication_key"] == "00112233445566778899AABBCCDDEEFF"
        assert connected(hass, entry) == "on"
        await done(hass, entry)


async def test_reauth_when_the_port_has_gone(hass: HomeAssistant) -> None:
    """The way leads over the form with the port, and the key is kept."""
    async with simulated("5L-enc", speed=100) as sim:
        entry = entry_for(sim.address, sim.equipment, encryption_key="00" * 16)
        await set_up(hass, entry)
        await until(hass.config_entries.flow.async_progress)
        await sim.control.refuse()
        result = await enter_key(hass, await reauth(hass), encryption_key=NEW_KEY)
        assert (result["step_id"], result["errors"]) == (
            "dsmr",
            {"base": "host_refused"},
        )
        await sim.control.restore()
        assert sim.meter.frames is not None
        sim.control.key(NEW_KEY)
        result = await listen(hass, result, sim.address, encryption_key=NEW_KEY)
        assert result["reason"] == "reauth_successful"
        await hass.async_block_till_done()
        await done(hass, entry)


# A changed port


async def test_changed_port(hass: HomeAssistant) -> None:
    """The same meter answers; its key need not be entered again."""
    async with (
        simulated("5L-enc", speed=100) as old,
        simulated("5L-enc", speed=100) as new,
    ):
        assert old.meter.frames is not None
        key = old.meter.frames.key.hex()
        entry = entry_for(old.address, old.equipment, encryption_key=key)
        await set_up(hass, entry)
        result = await entry.start_reconfigure_flow(hass)
        assert (result["type"], result["step_id"]) == (FORM, "dsmr")
        assert fields(result)["port"] == as_shown(old.address)
        result = await listen(hass, result, new.address)
        assert (result["type"], result["reason"]) == (ABORT, "reconfigure_successful")
        await hass.async_block_till_done()
        assert (entry.data["port"], entry.data["encryption_key"]) == (new.address, key)
        assert (new.transport.receivers, old.transport.receivers) == (1, 0)
        await done(hass, entry)


async def test_changed_port_of_a_meter_without_a_number(hass: HomeAssistant) -> None:
    """Without a number, the header identifies the meter as far as possible."""
    header = r"ELL5\253833999_A"
    async with simulated("5S") as old, simulated("5S") as new:
        entry = entry_for(old.address, None, unique_id=f"dsmr:header:{header}")
        await set_up(hass, entry)
        result = await entry.start_reconfigure_flow(hass)
        result = await listen(hass, result, new.address)
        assert (result["type"], result["reason"]) == (ABORT, "reconfigure_successful")
        await hass.async_block_till_done()
        assert entry.data["port"] == new.address
        await done(hass, entry)


async def test_same_port_again(hass: HomeAssistant, tmp_path: Any) -> None:
    """The entry releases its port, under any name, because it serves only one client."""
    async with simulated(transport=PtyTransport(link=tmp_path / "p1")) as sim:
        entry = entry_for(str((tmp_path / "p1").resolve()), sim.equipment)
        await set_up(hass, entry)
        result = await entry.start_reconfigure_flow(hass)
        result = await listen(hass, result, sim.address)
        assert result.get("reason") == "reconfigure_successful", result
        await hass.async_block_till_done()
        assert entry.data["port"] == sim.address
        await until(lambda: connected(hass, entry) == "on")
        await done(hass, entry)


async def test_another_meter_answers(hass: HomeAssistant) -> None:
    async with (
        simulated() as old,
        simulated(ident="E0047000000000001") as other,
        simulated("5S") as nameless,
    ):
        entry = entry_for(old.address, old.equipment)
        await set_up(hass, entry)
        result = await entry.start_reconfigure_flow(hass)
        result = await listen(hass, result, other.address)
        assert (result["type"], result["step_id"]) == (MENU, "dsmr_found")
        assert result["menu_options"] == ["dsmr_adopt", "dsmr"]
        placeholders = result["description_placeholders"]
        assert placeholders is not None
        assert placeholders["serial"] == "E0047000000000001"
        # It was the wrong port.
        configure = hass.config_entries.flow.async_configure
        result = await configure(result["flow_id"], {"next_step_id": "dsmr"})
        assert (result["type"], result["errors"]) == (FORM, None)
        # This is not the right meter either: without a number there is no way to tell.
        result = await listen(hass, result, nameless.address)
        assert (result["type"], result["step_id"]) == (MENU, "dsmr_found")
        result = await configure(result["flow_id"], {"next_step_id": "dsmr"})
        result = await listen(hass, result, other.address)
        result = await configure(result["flow_id"], {"next_step_id": "dsmr_adopt"})
        assert result["reason"] == "reconfigure_successful"
        await hass.async_block_till_done()
        assert entry.data["port"] == other.address
        assert entry.data["equipment_id"] == other.equipment
        # The entities go on.
        assert entry.unique_id == f"dsmr:{old.equipment}"
        assert connected(hass, entry) == "on"
        await done(hass, entry)


async def test_port_of_another_entry(hass: HomeAssistant) -> None:
    async with (
        simulated() as one,
        simulated(
            ident="E0047000000000002", transport=TcpTransport(max_clients=2)
        ) as two,
    ):
        first = entry_for(one.address, one.equipment)
        second = entry_for(two.address, two.equipment)
        await set_up(hass, first)
        await set_up(hass, second)
        result = await first.start_reconfigure_flow(hass)
        result = await listen(hass, result, two.address)
        assert (result["type"], result["reason"]) == (ABORT, "already_configured")
        # The same meter under another name.
        result = await first.start_reconfigure_flow(hass)
        result = await listen(hass, result, two.address.replace("socket", "tcp"))
        assert (result["type"], result["reason"]) == (ABORT, "already_configured")
        await hass.async_block_till_done()
        assert first.data["port"] == one.address
        await done(hass, second)
        await done(hass, first)


async def test_reconfigure_during_a_start(hass: HomeAssistant) -> None:
    """A start may take a while; the dialog waits for it, as it cannot be interrupted."""
    async with simulated() as sim:
        sim.control.speed(0)
        entry = entry_for(sim.address, sim.equipment)
        entry.add_to_hass(hass)
        start = hass.async_create_task(hass.config_entries.async_setup(entry.entry_id))
        await until(lambda: sim.transport.receivers)
        assert entry.state is ConfigEntryState.SETUP_IN_PROGRESS
        result = await entry.start_reconfigure_flow(hass)
        configure = hass.config_entries.flow.async_configure
        result = await configure(
            result["flow_id"], {"port": sim.address, "encryption": {}}
        )
        assert result["type"] is LISTENING
        sim.control.speed(20)
        await start
        result = await heard(hass, result)
        assert (result["type"], result["reason"]) == (ABORT, "reconfigure_successful")
        await hass.async_block_till_done()
        await done(hass, entry)
