"""The way from a port to an entry."""

from pathlib import Path

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import EVENT_DATA_ENTRY_FLOW_PROGRESS_UPDATE
import pytest
from pytest_homeassistant_custom_component.common import async_capture_events

from simulators.p1_meter import PtyTransport, Rfc2217Transport, TcpTransport

from .flows import (
    ABORT,
    CREATED,
    FORM,
    as_shown,
    begin,
    confirm,
    enter_key,
    fields,
    heard,
    listen,
)
from .helpers import expected, wire
from .lines import meter
from .running import IDENT, entry_for, set_up, simulated

pytestmark = pytest.mark.usefixtures("socket_enabled")

KEY = expected("msn_luxembourg_encrypted")["encryption_key"]


async def test_over_tcp(hass: HomeAssistant) -> None:
    async with simulated() as sim:
        result = await listen(hass, await begin(hass), sim.address)
        assert result["description_placeholders"] == {
            "meter": "Iskraemeco P1",
            "header": "ISK5\\2M550T-1099",
            "serial": "E0089001203456725",
            "dialect": "DSMR 5 (Netherlands)",
            "phases": "3",
            "interval": "1",
            "line": "network",
            "carrier": "unencrypted",
            "devices": "Gas meter",
        }
        result = await confirm(hass, result)
        assert (result["type"], result["title"]) == (CREATED, "Iskraemeco P1")
        entry = result["result"]
        assert entry.state is ConfigEntryState.LOADED
        assert entry.unique_id == f"dsmr:{sim.equipment}" == f"dsmr:{IDENT}"
        assert dict(entry.data) == {
            "backend": "dsmr",
            "port": sim.address,
            "baudrate": 115200,
            "equipment_id": IDENT,
        }
        assert sim.transport.received == b""
        await hass.config_entries.async_unload(entry.entry_id)


async def test_progress_is_shown(hass: HomeAssistant) -> None:
    events = async_capture_events(hass, EVENT_DATA_ENTRY_FLOW_PROGRESS_UPDATE)
    async with simulated() as sim:
        result = await listen(hass, await begin(hass), sim.address)
        assert result["step_id"] == "dsmr_found"
    told = [event.data["progress"] for event in events]
    assert told == sorted(told)
    assert told[0] < 0.1
    assert any(0.3 < fraction < 0.9 for fraction in told)


@pytest.mark.parametrize(
    ("dialect", "baudrate", "phases", "interval", "words"),
    [
        ("4", 115200, "1", "10", "DSMR 4 (Netherlands)"),
        # Behind the first speed that is tried; without a clock of its own, so that
        # its interval is as fast as the clock of the simulation
        ("2.2", 9600, "Unknown", "0.1", "DSMR 2 or 3 (Netherlands)"),
    ],
)
@pytest.mark.usefixtures("impatient")
async def test_over_a_serial_port(
    hass: HomeAssistant,
    tmp_path: Path,
    dialect: str,
    baudrate: int,
    phases: str,
    interval: str,
    words: str,
) -> None:
    line = PtyTransport(baudrate, link=tmp_path / "p1")
    async with simulated(dialect, line, speed=100) as sim:
        result = await listen(hass, await begin(hass), sim.address)
        shown = result["description_placeholders"]
        assert shown is not None
        assert (shown["dialect"], shown["phases"]) == (words, phases)
        assert (shown["interval"], shown["line"]) == (interval, f"{baudrate} baud")
        result = await confirm(hass, result)
        entry = result["result"]
        assert entry.data["baudrate"] == baudrate
        assert entry.state is ConfigEntryState.LOADED
        await hass.config_entries.async_unload(entry.entry_id)


@pytest.mark.usefixtures("impatient")
async def test_over_rfc2217(hass: HomeAssistant) -> None:
    """The speed is set at the far end, here to that of an old meter."""
    async with simulated("2.2", Rfc2217Transport(9600), speed=100) as sim:
        result = await confirm(hass, await listen(hass, await begin(hass), sim.address))
        assert result["result"].data["baudrate"] == 9600
        await hass.config_entries.async_unload(result["result"].entry_id)


async def test_blanks_around_the_port_do_not_matter(hass: HomeAssistant) -> None:
    async with simulated() as sim:
        result = await listen(hass, await begin(hass), f" {sim.address}\n")
        assert (await confirm(hass, result))["data"]["port"] == sim.address


async def test_what_is_there_says_little(hass: HomeAssistant) -> None:
    """A heat meter without electricity, after a single telegram."""
    async with meter() as gateway:
        result = await hass.config_entries.flow.async_configure(
            (await begin(hass))["flow_id"], {"port": gateway.url, "encryption": {}}
        )
        await gateway.connected.wait()
        gateway.send(wire("v5_heat_only_unpadded_crc"))
        gateway.finish()
        result = await heard(hass, result)
        shown = result["description_placeholders"]
        assert shown is not None
        assert (shown["meter"], shown["phases"]) == ("Nedap P1", "Unknown")
        assert (shown["interval"], shown["devices"]) == ("Unknown", "Heat meter")


# Encryption


@pytest.mark.usefixtures("impatient")
async def test_encrypted(hass: HomeAssistant) -> None:
    async with simulated("5L-enc", speed=100) as sim:
        assert sim.meter.frames is not None
        right = sim.meter.frames.key.hex()
        result = await listen(hass, await begin(hass), sim.address)
        assert (result["type"], result["step_id"]) == (FORM, "dsmr_key")
        # The form asks for a key; that is not an error
        assert not result["errors"]

        result = await enter_key(hass, result, encryption_key="not hexadecimal")
        assert result["errors"] == {"base": "invalid_key"}
        result = await enter_key(hass, result, encryption_key="00" * 16)
        assert result["errors"] == {"base": "wrong_key"}
        # However often the form is shown
        again = await hass.config_entries.flow.async_configure(result["flow_id"])
        assert again["errors"] == {"base": "wrong_key"}
        assert result["step_id"] == "dsmr_key"

        spelled = right.upper()[:16] + " " + right[16:]
        result = await enter_key(hass, result, encryption_key=spelled)
        shown = result["description_placeholders"]
        assert shown is not None
        assert shown["dialect"] == "Smarty (Luxembourg)"
        assert shown["carrier"] == "encrypted"
        result = await confirm(hass, result)
        assert result["data"]["encryption_key"] == spelled
        assert "authentication_key" not in result["data"]
        assert result["result"].state is ConfigEntryState.LOADED
        await hass.config_entries.async_unload(result["result"].entry_id)


@pytest.mark.usefixtures("impatient")
async def test_keys_with_the_port(hass: HomeAssistant) -> None:
    async with simulated("AT-enc") as sim:
        frames = sim.meter.frames
        assert frames is not None
        flow = await begin(hass)
        result = await listen(hass, flow, sim.address, encryption_key="0123")
        assert (result["step_id"], result["errors"]) == (
            "dsmr",
            {"base": "invalid_key"},
        )
        assert fields(result)["port"] == as_shown(sim.address)
        keys = {
            "encryption_key": frames.key.hex(),
            "authentication_key": frames.authentication_key.hex(),
        }
        result = await confirm(hass, await listen(hass, flow, sim.address, **keys))
        entry = result["result"]
        # It prints no number; the system title of its encryption is as good.
        assert entry.unique_id == f"dsmr:{frames.system_title.hex()}"
        assert {key: entry.data[key] for key in keys} == keys
        assert entry.data["equipment_id"] is None
        await hass.config_entries.async_unload(entry.entry_id)


# Known already


async def test_port_in_use_by_an_entry(hass: HomeAssistant) -> None:
    entry_for("socket://127.0.0.1:1").add_to_hass(hass)
    result = await listen(hass, await begin(hass), "socket://127.0.0.1:1")
    assert (result["type"], result["reason"]) == (ABORT, "already_configured")


async def test_meter_moved_to_another_port(hass: HomeAssistant) -> None:
    async with simulated() as sim:
        entry = entry_for("socket://127.0.0.1:1")
        await set_up(hass, entry)
        assert entry.state is ConfigEntryState.SETUP_RETRY
        result = await listen(hass, await begin(hass), sim.address)
        assert (result["type"], result["step_id"]) == (FORM, "dsmr_move")
        assert entry.data["port"] == "socket://127.0.0.1:1"
        configure = hass.config_entries.flow.async_configure
        result = await configure(result["flow_id"], {})
        assert (result["type"], result["reason"]) == (ABORT, "dsmr_moved")
        await hass.async_block_till_done()
        assert entry.data["port"] == sim.address
        assert entry.state is ConfigEntryState.LOADED
        await hass.config_entries.async_unload(entry.entry_id)


async def test_meter_that_was_set_up_meanwhile(hass: HomeAssistant) -> None:
    async with simulated() as sim:
        result = await listen(hass, await begin(hass), sim.address)
        assert (result["type"], result["step_id"]) == (FORM, "dsmr_found")
        entry_for(sim.address).add_to_hass(hass)
        configure = hass.config_entries.flow.async_configure
        result = await configure(result["flow_id"], {})
        assert (result["type"], result["reason"]) == (ABORT, "already_configured")


async def test_meter_whose_entry_was_removed_before_it_moved(
    hass: HomeAssistant,
) -> None:
    async with simulated() as sim:
        entry = entry_for("socket://127.0.0.1:1")
        entry.add_to_hass(hass)
        result = await listen(hass, await begin(hass), sim.address)
        assert (result["type"], result["step_id"]) == (FORM, "dsmr_move")
        await hass.config_entries.async_remove(entry.entry_id)
        configure = hass.config_entries.flow.async_configure
        result = await configure(result["flow_id"], {})
        assert (result["type"], result["step_id"]) == (FORM, "dsmr_found")
        made = (await confirm(hass, result))["result"]
        assert made.data["port"] == sim.address
        await hass.config_entries.async_unload(made.entry_id)


async def test_meter_that_replaced_another(hass: HomeAssistant) -> None:
    """Its entry still bears the id of the first meter."""
    async with simulated() as sim:
        entry = entry_for("socket://127.0.0.1:1", unique_id="dsmr:4530")
        entry.add_to_hass(hass)
        result = await listen(hass, await begin(hass), sim.address)
        assert (result["type"], result["step_id"]) == (FORM, "dsmr_move")
        assert entry.data["port"] == "socket://127.0.0.1:1"
        configure = hass.config_entries.flow.async_configure
        result = await configure(result["flow_id"], {})
        assert (result["type"], result["reason"]) == (ABORT, "dsmr_moved")
        assert entry.data["port"] == sim.address
        assert entry.unique_id == "dsmr:4530"
        await hass.async_block_till_done()
        await hass.config_entries.async_unload(entry.entry_id)


@pytest.mark.usefixtures("impatient")
async def test_encrypted_meter_known_without_a_number(hass: HomeAssistant) -> None:
    async with simulated("AT-enc") as sim:
        frames = sim.meter.frames
        assert frames is not None
        entry = entry_for(
            "socket://127.0.0.1:1", None, unique_id=f"dsmr:{frames.system_title.hex()}"
        )
        entry.add_to_hass(hass)
        result = await listen(
            hass,
            await begin(hass),
            sim.address,
            encryption_key=frames.key.hex(),
            authentication_key=frames.authentication_key.hex(),
        )
        assert (result["type"], result["step_id"]) == (FORM, "dsmr_move")
        assert entry.data["port"] == "socket://127.0.0.1:1"
        configure = hass.config_entries.flow.async_configure
        result = await configure(result["flow_id"], {})
        assert (result["type"], result["reason"]) == (ABORT, "dsmr_moved")
        assert entry.data["port"] == sim.address
        assert entry.data["encryption_key"] == frames.key.hex()
        await hass.async_block_till_done()
        await hass.config_entries.async_unload(entry.entry_id)


async def test_meters_without_any_number_are_numbered(hass: HomeAssistant) -> None:
    made = []
    for _ in range(3):
        async with simulated("5S", TcpTransport()) as sim:
            result = await listen(hass, await begin(hass), sim.address)
            shown = result["description_placeholders"]
            assert shown is not None
            assert shown["serial"] == "None (this meter is identified by its port)"
            made.append((await confirm(hass, result))["result"])
            await hass.config_entries.async_unload(made[-1].entry_id)
    assert [entry.unique_id for entry in made] == [
        "dsmr:header:ELL5\\253833999_A",
        "dsmr:header:ELL5\\253833999_A:2",
        "dsmr:header:ELL5\\253833999_A:3",
    ]
    assert all(entry.data["equipment_id"] is None for entry in made)


async def test_two_dialogs_for_one_meter(hass: HomeAssistant) -> None:
    async with simulated(transport=TcpTransport(max_clients=2)) as sim:
        first = await listen(hass, await begin(hass), sim.address)
        second = await listen(hass, await begin(hass), sim.address)
        assert (second["type"], second["reason"]) == (ABORT, "already_in_progress")
        result = await confirm(hass, first)
        await hass.config_entries.async_unload(result["result"].entry_id)
