"""A meter that forwards to servers with certificates of their own."""

import asyncio
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.junction.const import DOMAIN
from simulators.certificates import make_certificate
from simulators.dsmr_reader import DsmrReaderServer

from ...common import repair
from .forwarding import add, configure, entered, later, state_of, wait_for
from .running import Simulation

pytestmark = pytest.mark.usefixtures("queue_folder")


@pytest.mark.parametrize("choice", ["trust", "verify"])
async def test_a_certificate_of_its_own_and_then_another(
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    meter: Simulation,
    entry: MockConfigEntry,
    choice: str,
) -> None:
    """Pinned in the dialog, a repair when it changes; the meter stays connected."""
    assert await async_setup_component(hass, "repairs", {})
    first, second = make_certificate("first"), make_certificate("second")
    async with DsmrReaderServer(state_of(), first) as reader:
        result = await add(hass, entry, **entered(reader.url, api_key="wrong"))
        assert result["step_id"] == "certificate"
        assert reader.server.log.count() == 0
        result = await configure(hass, result, trust="pin")
        assert result["errors"] == {"base": "dsmr_reader_key"}
        result = await configure(hass, result, **entered(reader.url))
        assert result["type"] is FlowResultType.CREATE_ENTRY
        [(name, target)] = entry.subentries.items()
        assert target.data["pin"] == first.sha256
        await wait_for(lambda: len(reader.state.new))

        await reader.server.change_certificate(second)
        issue_id = f"{entry.entry_id}_certificate_changed_{name}"
        registry = ir.async_get(hass)
        for _ in range(40):
            await asyncio.sleep(0.1)
            await later(hass)
            if (DOMAIN, issue_id) in registry.issues:
                break
        issue = registry.issues[DOMAIN, issue_id]
        words = issue.translation_placeholders
        assert words is not None and words["entry"] == target.title
        assert words["new"].replace(":", "").lower() == second.sha256
        assert entry.state is ConfigEntryState.LOADED

        before = len(reader.state.new)
        await repair(hass, hass_client, issue_id, choice)
        pin = entry.subentries[name].data["pin"]
        assert pin == (second.sha256 if choice == "trust" else None)
        if choice == "trust":
            await wait_for(lambda: len(reader.state.new) > before)
        assert (DOMAIN, issue_id) not in registry.issues
        assert meter.server.transport is meter.transport

        # The address may be entered again without a second look at the certificate.
        change: Any = await entry.start_subentry_reconfigure_flow(hass, name)
        change = await configure(hass, change, **entered(reader.url, interval=1))
        if choice == "verify":
            assert change["step_id"] == "certificate"
            change = await configure(hass, change, trust="any")
        assert change["reason"] == "reconfigure_successful"
        assert entry.subentries[name].data["verify_ssl"] is (choice == "trust")


async def changed(
    hass: HomeAssistant, entry: MockConfigEntry, reader: DsmrReaderServer
) -> tuple[str, str]:
    """Forward to a server that has changed; return (subentry, issue)."""
    result = await add(hass, entry, **entered(reader.url))
    await configure(hass, result, trust="pin")
    await wait_for(lambda: len(reader.state.new))
    await reader.server.change_certificate(make_certificate("second"))
    [name] = entry.subentries
    issue_id = f"{entry.entry_id}_certificate_changed_{name}"
    for _ in range(60):
        await asyncio.sleep(0.1)
        await later(hass)
        if (DOMAIN, issue_id) in ir.async_get(hass).issues:
            return name, issue_id
    pytest.fail("there is no issue")


async def test_a_server_that_is_deleted_takes_its_repair_along(
    hass: HomeAssistant, hass_client: ClientSessionGenerator, entry: MockConfigEntry
) -> None:
    assert await async_setup_component(hass, "repairs", {})
    async with DsmrReaderServer(state_of(), make_certificate("first")) as reader:
        name, issue_id = await changed(hass, entry, reader)
        http, at = await hass_client(), "/api/repairs/issues/fix"
        opened = await http.post(at, json={"handler": DOMAIN, "issue_id": issue_id})
        step = await opened.json()
        hass.config_entries.async_remove_subentry(entry, name)
        await hass.async_block_till_done()
        assert (DOMAIN, issue_id) not in ir.async_get(hass).issues
        # Somebody had it open.
        closed = await http.post(f"{at}/{step['flow_id']}", json={"choice": "trust"})
        ended = await closed.json()
        assert (ended["type"], ended["reason"]) == ("abort", "entry_gone")
        assert entry.state is ConfigEntryState.LOADED


@pytest.mark.parametrize("repaired", [True, False])
async def test_a_server_that_is_deleted_while_the_meter_is_not_running(
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    entry: MockConfigEntry,
    repaired: bool,
) -> None:
    assert await async_setup_component(hass, "repairs", {})
    async with DsmrReaderServer(state_of(), make_certificate("first")) as reader:
        name, issue_id = await changed(hass, entry, reader)
        facts = ir.async_get(hass).issues[DOMAIN, issue_id]
        assert await hass.config_entries.async_unload(entry.entry_id)
        assert facts.data is not None
        # Unloading takes it back; one from before a restart is still there.
        ir.async_create_issue(
            hass,
            DOMAIN,
            issue_id,
            data=facts.data,
            is_fixable=True,
            is_persistent=True,
            severity=ir.IssueSeverity.WARNING,
            translation_key=facts.translation_key or "",
            translation_placeholders=facts.translation_placeholders,
        )
        hass.config_entries.async_remove_subentry(entry, name)
        if repaired:
            # There is nothing to be done any more, and that is no error.
            await repair(hass, hass_client, issue_id, "trust")
        else:
            assert await hass.config_entries.async_setup(entry.entry_id)
            await hass.async_block_till_done()
        assert (DOMAIN, issue_id) not in ir.async_get(hass).issues
        assert not entry.subentries


async def test_the_repair_ends_when_the_old_certificate_is_back(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    first = make_certificate("first")
    async with DsmrReaderServer(state_of(), first) as reader:
        result = await add(hass, entry, **entered(reader.url))
        await configure(hass, result, trust="pin")
        await wait_for(lambda: len(reader.state.new))
        await reader.server.change_certificate(make_certificate("second"))
        registry = ir.async_get(hass)

        async def until(there: bool) -> None:
            for _ in range(60):
                await asyncio.sleep(0.1)
                await later(hass)
                if there is any(domain == DOMAIN for domain, _ in registry.issues):
                    return
            pytest.fail(f"{registry.issues}")

        await until(True)
        # Kept over a restart, and checked again after it.
        await reader.server.change_certificate(first)
        await hass.config_entries.async_reload(entry.entry_id)
        await until(False)
