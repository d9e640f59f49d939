"""A DSMR-reader with a certificate of its own, pinned, and one day another."""

from collections.abc import AsyncGenerator

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.junction.const import DOMAIN
from simulators.certificates import make_certificate
from simulators.dsmr_reader import DsmrReaderServer, State

from ...common import repair
from .shown import Poll

CERTIFICATE = make_certificate("reader")


@pytest.fixture
async def server(
    state: State, socket_enabled: None
) -> AsyncGenerator[DsmrReaderServer]:
    async with DsmrReaderServer(state, CERTIFICATE) as server:
        yield server


@pytest.mark.parametrize("at_start", [True, False])
@pytest.mark.parametrize("choice", ["trust", "verify"])
async def test_another_is_a_repair(
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    server: DsmrReaderServer,
    entry: MockConfigEntry,
    poll: Poll,
    issue_registry: ir.IssueRegistry,
    at_start: bool,
    choice: str,
) -> None:
    assert await async_setup_component(hass, "repairs", {})
    data = {**entry.data, "pin": CERTIFICATE.sha256}
    hass.config_entries.async_update_entry(entry, data=data)
    if not at_start:
        assert await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done()
    new = make_certificate("new")
    await server.server.change_certificate(new)
    requests = server.server.log.count()
    if at_start:
        assert not await hass.config_entries.async_setup(entry.entry_id)
    else:
        await poll()
    assert server.server.log.count() == requests, "nothing is told to a stranger"
    issue_id = f"{entry.entry_id}_certificate_changed"
    issue = issue_registry.async_get_issue(DOMAIN, issue_id)
    assert issue is not None and issue.translation_placeholders is not None
    told = issue.translation_placeholders["new"]
    assert told.replace(":", "").lower() == new.sha256
    await repair(hass, hass_client, issue_id, choice)
    if choice == "trust":
        assert entry.data["pin"] == new.sha256
        assert entry.state is ConfigEntryState.LOADED
    else:
        # Nobody vouches for it, of course.
        assert entry.data["pin"] is None
        assert entry.state is ConfigEntryState.SETUP_RETRY


async def test_the_repair_ends_when_the_old_one_is_back(
    hass: HomeAssistant,
    server: DsmrReaderServer,
    entry: MockConfigEntry,
    issue_registry: ir.IssueRegistry,
) -> None:
    data = {**entry.data, "pin": CERTIFICATE.sha256}
    hass.config_entries.async_update_entry(entry, data=data)
    await server.server.change_certificate(make_certificate("new"))
    assert not await hass.config_entries.async_setup(entry.entry_id)
    assert issue_registry.issues
    await server.server.change_certificate(CERTIFICATE)
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert not issue_registry.issues
