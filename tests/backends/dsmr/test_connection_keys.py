"""Keys that change, telegrams of strangers, and an exchanged meter."""

from typing import Any

from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.junction.backends.dsmr.client.identity import Identity
from custom_components.junction.const import DOMAIN

from .helpers import replace_line, stream, wire
from .lines import TcpMeter
from .running import (
    IDENT,
    backend_of,
    connected,
    device,
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

KEY = "0123456789ABCDEF0123456789ABCDEF"
RAW = wire("v5_nl_3phase_gas")
STRANGER = replace_line(RAW, "0-0:96.1.1", f"0-0:96.1.1({b'E0047000000000001'.hex()})")
STRANGER_ID = b"E0047000000000001".hex()
OTHER = replace_line(RAW, "0-0:96.1.1", f"0-0:96.1.1({b'E0047000000000002'.hex()})")


def reauth_flows(hass: HomeAssistant) -> list[Any]:
    return [
        flow
        for flow in hass.config_entries.flow.async_progress()
        if flow["context"]["source"] == SOURCE_REAUTH
    ]


# Keys


async def test_key_changed_and_changed_back(
    hass: HomeAssistant, caplog: pytest.LogCaptureFixture
) -> None:
    """Without a valid key all values are unknown, and the user is asked once."""
    async with simulated("5L-enc", speed=200) as sim:
        assert sim.meter.frames is not None
        key = sim.meter.frames.key.hex()
        entry = entry_for(
            sim.address,
            sim.equipment,
            options={"power_interval": 0, "slow_interval": 0},
            encryption_key=key,
        )
        await set_up(hass, entry)
        caplog.clear()
        sim.control.key(KEY)
        await until(lambda: connected(hass, entry) == "unavailable")
        assert shown(hass, entry, "energy_import") == "unavailable"
        # The steps of the dialog are loaded in a thread.
        await until(lambda: len(reauth_flows(hass)) == 1)
        await sim.sent(10)
        assert len(reauth_flows(hass)) == 1
        lost = [r for r in caplog.records if " is lost: wrong_key" in r.getMessage()]
        assert len(lost) == 1
        assert "No telegrams from the meter" not in caplog.text
        # A requested update or a lost line does not change that.
        await entry.runtime_data.async_refresh()
        assert connected(hass, entry) == "unavailable"

        sim.control.key(key)
        await until(lambda: connected(hass, entry) == "on")
        for point in ("energy_import", "power_import", "power_net"):
            assert shown(hass, entry, point) not in {"unavailable", "unknown"}
        assert caplog.text.count("Meter is back") == 1
        await hass.config_entries.async_unload(entry.entry_id)


async def test_line_lost_while_a_key_is_waited_for(hass: HomeAssistant) -> None:
    """The missing key stays the reported problem, and no grace period restores values."""
    async with simulated("5L-enc", speed=200) as sim:
        assert sim.meter.frames is not None
        key = sim.meter.frames.key.hex()
        entry = entry_for(sim.address, sim.equipment, encryption_key=key)
        await set_up(hass, entry)
        # The line first, so that the grace time runs
        sim.control.key(KEY)
        await sim.control.fin()
        await until(lambda: connected(hass, entry) == "off")
        await until(lambda: connected(hass, entry) == "unavailable")
        assert backend_of(entry)._grace._cancel is None
        await sim.control.refuse()
        await until(lambda: backend_of(entry)._listener.link.status == "lost")
        assert connected(hass, entry) == "unavailable"
        assert shown(hass, entry, "energy_import") == "unavailable"
        await hass.config_entries.async_unload(entry.entry_id)


@pytest.mark.parametrize("keys", [{}, {"encryption_key": "00" * 16}])
async def test_start_without_the_right_key(
    hass: HomeAssistant, keys: dict[str, Any]
) -> None:
    async with simulated("5L-enc", speed=200) as sim:
        entry = entry_for(sim.address, sim.equipment, **keys)
        await set_up(hass, entry)
        assert entry.state is ConfigEntryState.SETUP_ERROR
        reason = "wrong_key" if keys else "encrypted"
        assert entry.error_reason_translation_key == reason
        await until(lambda: len(reauth_flows(hass)) == 1)
        await until(lambda: not sim.transport.receivers)


# Strangers


async def test_stray_telegram(hass: HomeAssistant) -> None:
    """A neighbour's telegram on the line changes nothing, not even for a moment."""
    options = {"power_interval": 0, "slow_interval": 0}
    other = replace_line(STRANGER, "1-0:2.7.0", "1-0:2.7.0(09.999*kW)")
    async with heard(hass, RAW, options=options, equipment_id=IDENT) as (
        entry,
        gateway,
    ):
        for _ in range(3):
            await tell(hass, entry, gateway, *[other] * 9)
            assert shown(hass, entry, "power_export") == "1.876"
            mine = replace_line(RAW, "1-0:32.7.0", "1-0:32.7.0(230.0*V)")
            await tell(hass, entry, gateway, mine)
            assert shown(hass, entry, "voltage_l1") == "230.0"
            assert shown(hass, entry, "power_export") == "1.876"
        assert backend_of(entry).diagnostics()["foreign_telegrams"] == 27
        assert entry.data["equipment_id"] == IDENT
        assert not ir.async_get(hass).issues


def test_two_strangers_in_turn_are_no_exchange() -> None:
    line = stream()
    identity = Identity(IDENT)
    for _ in range(20):
        for raw in (STRANGER, OTHER):
            (telegram,) = line.feed(raw)
            assert not identity.recognize(telegram)
    assert identity.stranger is None
    for count in range(10):
        (telegram,) = line.feed(OTHER)
        assert not identity.recognize(telegram)
        # The last one of the turn before counts as well.
        assert (identity.stranger is None) == (count < 8)
    assert identity.equipment == IDENT
    assert identity.foreign == 50


def test_a_meter_without_a_number_is_always_ours() -> None:
    nameless = replace_line(RAW, "0-0:96.1.1", None)
    (telegram,) = stream().feed(nameless)
    assert Identity(IDENT).recognize(telegram)


# Exchange


async def exchanged(hass: HomeAssistant, entry: MockConfigEntry) -> ir.IssueEntry:
    """Return the question about an exchanged meter."""
    issue = ir.async_get(hass).async_get_issue(
        DOMAIN, f"{entry.entry_id}_meter_replaced"
    )
    assert issue is not None
    assert issue.translation_key == "dsmr_meter_replaced"
    return issue


async def answer(
    hass: HomeAssistant,
    issue: ir.IssueEntry,
    choice: str,
    gateway: TcpMeter | None = None,
    raw: bytes = b"",
) -> Any:
    """Answer the repair issue like the user; the meter continues to send ``raw``."""
    await async_setup_component(hass, "repairs", {})
    manager = hass.data["repairs"]["flow_manager"]
    flow = await manager.async_init(DOMAIN, data={"issue_id": issue.issue_id})
    assert (flow["type"], flow["step_id"]) == (FlowResultType.FORM, "choose")
    result = await manager.async_configure(flow["flow_id"], {"choice": choice})
    if gateway is not None:
        await gateway.connected.wait()
        gateway.send(raw)
    await hass.async_block_till_done()
    return result


async def test_exchanged_and_continued(hass: HomeAssistant) -> None:
    """Values of another meter are not shown before the user accepts it."""
    options = {"power_interval": 0, "slow_interval": 0}
    fresh = replace_line(STRANGER, "1-0:1.8.1", "1-0:1.8.1(000000.012*kWh)")
    async with heard(hass, RAW, options=options, equipment_id=IDENT) as (
        entry,
        gateway,
    ):
        import_id = entity_id(hass, entry, "energy_import_tariff_1")
        await tell(hass, entry, gateway, *[fresh] * 12)
        assert shown(hass, entry, "energy_import_tariff_1") == "3456.789"
        assert shown(hass, entry, "power_import") == "unavailable"
        assert connected(hass, entry) == "off"
        assert entry.data["equipment_id"] == IDENT
        issue = await exchanged(hass, entry)
        assert issue.translation_placeholders == {
            "entry": "Meter",
            "old": "…6725",
            "new": "…0001",
        }

        gateway.connected.clear()
        result = await answer(hass, issue, "continue", gateway, fresh)
        assert result["type"] is FlowResultType.CREATE_ENTRY
        assert not ir.async_get(hass).issues
        assert entry.data["equipment_id"] == STRANGER_ID
        assert entry.unique_id == "dsmr:test"
        await until(lambda: connected(hass, entry) == "on")
        assert entity_id(hass, entry, "energy_import_tariff_1") == import_id
        assert shown(hass, entry, "energy_import_tariff_1") == "0.012"
        found = device(hass, entry)
        assert found is not None
        assert found.serial_number == "E0047000000000001"
        # And back: the former one is a stranger now.
        await tell(hass, entry, gateway, RAW)
        assert shown(hass, entry, "energy_import_tariff_1") == "0.012"


async def test_a_stranger_that_goes_away_again(hass: HomeAssistant) -> None:
    """The question is taken back when our meter answers again."""
    async with heard(hass, RAW, equipment_id=IDENT) as (entry, gateway):
        await tell(hass, entry, gateway, *[STRANGER] * 10)
        assert connected(hass, entry) == "off"
        await exchanged(hass, entry)
        await tell(hass, entry, gateway, RAW)
        assert connected(hass, entry) == "on"
        assert not ir.async_get(hass).issues


async def test_exchanged_and_begun_anew(hass: HomeAssistant) -> None:
    async with simulated() as sim:
        entry = entry_for(sim.address, sim.equipment)
        await set_up(hass, entry)
        old = entity_id(hass, entry, "energy_import")
        assert old is not None
        old_entry_id = entry.unique_id
        sim.control.exchange_meter("E0047000000000001")
        sim.control.mbus_detach(1)
        await until(lambda: ir.async_get(hass).issues)
        issue = await exchanged(hass, entry)
        result = await answer(hass, issue, "new")
        assert result["type"] is FlowResultType.CREATE_ENTRY
        assert entry.unique_id == f"dsmr:{STRANGER_ID.upper()}" != old_entry_id
        assert entry.state is ConfigEntryState.LOADED
        assert float(shown(hass, entry, "energy_import")) < 1
        # The former ones stay until the user removes them.
        kept = hass.states.get(old)
        assert kept is not None
        assert kept.state == "unavailable"
        # Values of the former meter are not expected of the new one.
        assert device(hass, entry, "mbus-4730303631303032313938373635343231") is None
        assert not ir.async_get(hass).issues
        await hass.config_entries.async_unload(entry.entry_id)


async def test_new_meter_has_an_entry_already(hass: HomeAssistant) -> None:
    """Two entries cannot be the same meter: the answer is refused, with the reason."""
    async with heard(hass, RAW, equipment_id=IDENT) as (entry, gateway):
        other = entry_for("x", "4531", unique_id=f"dsmr:{STRANGER_ID}")
        other.add_to_hass(hass)
        await tell(hass, entry, gateway, *[STRANGER] * 10)
        issue = await exchanged(hass, entry)
        result = await answer(hass, issue, "new")
        assert result["type"] is FlowResultType.FORM
        assert result["errors"] == {"base": "meter_taken"}
        assert entry.unique_id == "dsmr:test"


async def test_exchanged_while_home_assistant_was_off(hass: HomeAssistant) -> None:
    """Without anything stored it is found before there is anybody to tell."""
    async with simulated(ident="E0047000000000001") as sim:
        entry = entry_for(sim.address, IDENT)
        await set_up(hass, entry)
        assert entry.state is ConfigEntryState.SETUP_RETRY
        assert entry.error_reason_translation_key == "other_meter"
        issue = await exchanged(hass, entry)
        assert issue.translation_placeholders is not None
        assert issue.translation_placeholders["new"] == "…0001"
        result = await answer(hass, issue, "continue")
        assert result["type"] is FlowResultType.CREATE_ENTRY
        await until(lambda: entry.state is ConfigEntryState.LOADED)
        assert entry.data["equipment_id"] == STRANGER_ID
        await hass.config_entries.async_unload(entry.entry_id)
