"""Reauthentication, reconfiguration, and options of a Cozify hub."""

from typing import Any
from unittest.mock import patch

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.junction.const import DOMAIN
from simulators import http_faults as faults
from simulators.cozify.seed import OWNER
from simulators.cozify.server import CozifyWorld

from .conftest import data_of
from .flows import answer, with_code

NEW = "new@example.com"


@pytest.fixture(autouse=True)
def no_setup() -> Any:
    """Let entries be made without being set up."""
    with patch("custom_components.junction.async_setup_entry", return_value=True):
        yield


def rename_account(world: CozifyWorld) -> None:
    """Change the email address of the account; the old one becomes invalid."""
    world.account.email = NEW
    world.cloud.accounts[NEW] = world.cloud.accounts.pop(OWNER)


# Again.


async def test_reauth(
    hass: HomeAssistant, world: CozifyWorld, entry: MockConfigEntry
) -> None:
    old = dict(entry.data)
    world.clock.jump(60)
    result = await entry.start_reauth_flow(hass)
    assert result["step_id"] == "cozify_login"
    assert (result["description_placeholders"] or {})["email"] == OWNER
    # The flow started automatically, so no code is sent before the user asks for one.
    assert world.cloud.sent_codes == []
    world.cloud_server.inject(faults.status(503), times=1)
    result = await answer(hass, result)
    assert result["errors"] == {"base": "server_error"}
    result = await answer(hass, result)
    assert result["step_id"] == "cozify_code"
    result = await answer(hass, result, code="WRONG1")
    assert result["errors"] == {"base": "cozify_wrong_code"}
    result = await with_code(hass, world, result)
    assert result["reason"] == "reauth_successful"
    assert entry.data["cloud_token"] != old["cloud_token"]
    assert entry.data["host"] == old["host"]
    await hass.async_block_till_done()


async def test_reauth_of_an_account_that_lost_the_hub(
    hass: HomeAssistant, world: CozifyWorld, entry: MockConfigEntry
) -> None:
    roles, world.account.roles = dict(world.account.roles), {}
    result = await answer(hass, await entry.start_reauth_flow(hass))
    result = await with_code(hass, world, result)
    assert result["errors"] == {"base": "cozify_hub_gone"}
    world.account.roles = roles
    result = await answer(hass, result, new_code=True)
    result = await with_code(hass, world, result)
    assert result["reason"] == "reauth_successful"
    await hass.async_block_till_done()


def add_second_hub(hass: HomeAssistant, world: CozifyWorld) -> MockConfigEntry:
    """Add the entry of another hub of the account, whose key has ended."""
    hub = world.hubs[1]
    other = MockConfigEntry(
        domain=DOMAIN,
        title="Mökki",
        unique_id=f"cozify:{hub.state.hub_id}",
        data=data_of(world, hub_id=hub.state.hub_id, hub_key="old", host=hub.url),
    )
    other.add_to_hass(hass)
    return other


@pytest.mark.parametrize("hubs", [2])
async def test_one_code_for_all_hubs_of_the_account(
    hass: HomeAssistant, world: CozifyWorld, entry: MockConfigEntry
) -> None:
    other = add_second_hub(hass, world)
    await other.start_reauth_flow(hass)
    result = await answer(hass, await entry.start_reauth_flow(hass))
    result = await with_code(hass, world, result)
    assert result["reason"] == "reauth_successful"
    await hass.async_block_till_done()
    assert other.data["cloud_token"] == entry.data["cloud_token"]
    assert world.mint.issued[other.data["hub_key"]].hub_id == world.hubs[1].state.hub_id
    assert hass.config_entries.flow.async_progress() == []


async def test_reconfigure(
    hass: HomeAssistant, world: CozifyWorld, entry: MockConfigEntry
) -> None:
    hass.config_entries.async_update_entry(
        entry, data={**entry.data, "host": "http://192.0.2.9:8893"}
    )
    result = await entry.start_reconfigure_flow(hass)
    assert result["step_id"] == "cozify_new_address"
    tokens = entry.data["cloud_token"], entry.data["hub_key"]
    result = await answer(hass, result, host="127.0.0.1:9")
    assert result["errors"] == {"base": "connection_refused"}
    # The backend has renewed it meanwhile; the flow must not restore the old one.
    hass.config_entries.async_update_entry(
        entry, data={**entry.data, "cloud_token": "newer"}
    )
    result = await answer(hass, result, host=world.hub.url)
    assert result["reason"] == "reconfigure_successful"
    assert entry.data["host"] == world.hub.url
    assert (entry.data["cloud_token"], entry.data["hub_key"]) == ("newer", tokens[1])
    await hass.async_block_till_done()


async def test_account_with_another_address(
    hass: HomeAssistant, world: CozifyWorld, entry: MockConfigEntry
) -> None:
    """A code is sent to the new one; the hub has to be part of the account."""
    old = dict(entry.data)
    rename_account(world)
    result = await entry.start_reconfigure_flow(hass)
    result = await answer(hass, result, host=world.hub.url, email="nobody")
    assert result["errors"] == {"email": "cozify_invalid_email"}
    result = await answer(hass, result, host=world.hub.url, email=f" {NEW} ")
    assert result["step_id"] == "cozify_code"
    code = world.cloud.code_of(NEW)
    roles, world.account.roles = dict(world.account.roles), {}
    result = await answer(hass, result, code=code)
    assert result["errors"] == {"base": "cozify_hub_gone"}
    world.account.roles = roles
    result = await answer(hass, result, code=code)
    assert result["reason"] == "reconfigure_successful"
    assert entry.data["email"] == NEW
    assert entry.data["cloud_token"] != old["cloud_token"]
    assert entry.data["host"] == world.hub.url
    await hass.async_block_till_done()


async def test_new_address_of_hub_and_account(
    hass: HomeAssistant, world: CozifyWorld, entry: MockConfigEntry
) -> None:
    """One code is enough, whatever is wrong with the address of the hub."""
    rename_account(world)
    result = await entry.start_reconfigure_flow(hass)
    result = await answer(hass, result, host="127.0.0.1:9", email=NEW)
    result = await answer(hass, result, code=world.cloud.code_of(NEW))
    assert result["step_id"] == "cozify_new_address"
    assert result["errors"] == {"base": "connection_refused"}
    sent = len(world.cloud.sent_codes)
    result = await answer(hass, result, host=world.hub.url, email=NEW)
    assert result["reason"] == "reconfigure_successful"
    assert len(world.cloud.sent_codes) == sent
    await hass.async_block_till_done()


@pytest.mark.parametrize("hubs", [2])
async def test_reauth_with_another_address(
    hass: HomeAssistant, world: CozifyWorld, entry: MockConfigEntry
) -> None:
    """The other hubs of the account get it, too."""
    other = add_second_hub(hass, world)
    rename_account(world)
    result = await answer(hass, await entry.start_reauth_flow(hass), email="nobody")
    assert result["errors"] == {"email": "cozify_invalid_email"}
    result = await answer(hass, result, email=NEW)
    result = await answer(hass, result, code=world.cloud.code_of(NEW))
    assert result["reason"] == "reauth_successful"
    await hass.async_block_till_done()
    assert entry.data["email"] == other.data["email"] == NEW
    assert entry.data["cloud_token"] == other.data["cloud_token"]


async def test_options(
    hass: HomeAssistant, world: CozifyWorld, entry: MockConfigEntry
) -> None:
    result = await hass.config_entries.options.async_init(entry.entry_id)
    assert result["step_id"] == "cozify"
    chosen = {"remote": "only", "covers_inverted": True, "energy_unit": "wh"}
    result = await hass.config_entries.options.async_configure(
        result["flow_id"], chosen
    )
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert entry.options == chosen
    await hass.async_block_till_done()
