"""Config flow: login by code, several hubs, and addresses."""

from typing import Any
from unittest.mock import patch

from homeassistant.config_entries import SOURCE_IMPORT
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.junction.const import DOMAIN
from simulators import http_faults as faults
from simulators.cozify.seed import HUB_ID, OWNER
from simulators.cozify.server import CozifyWorld

from .conftest import data_of
from .flows import Result, answer, begin, to_code, with_code


@pytest.fixture(autouse=True)
def no_setup() -> Any:
    """Let entries be made without being set up."""
    with patch("custom_components.junction.async_setup_entry", return_value=True):
        yield


async def test_one_hub(hass: HomeAssistant, world: CozifyWorld) -> None:
    result = await with_code(hass, world, await to_code(hass))
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == "Cozify Koti"
    assert result["result"].unique_id == f"cozify:{HUB_ID}"
    data = result["data"]
    assert data | {"cloud_token": "", "hub_key": ""} == {
        "backend": "cozify",
        "email": OWNER,
        "cloud": None,
        "cloud_token": "",
        "hub_key": "",
        "hub_id": HUB_ID,
        "host": world.hub.url,
    }
    assert world.mint.issued[data["hub_key"]].hub_id == HUB_ID
    # At most one login, and no key is sent just to identify the hub.
    routes = world.cloud_server.log.routes()
    assert routes["POST /ui/0.2/user/requestlogin"] == 1
    assert routes["POST /ui/0.2/user/emaillogin"] == 1
    assert routes["GET /ui/0.2/user/hubkeys"] == 1
    assert not any("Authorization" in r.headers for r in world.hub.server.log.requests)
    [request] = world.cloud_server.log.to("POST", "*/requestlogin")
    assert request.query == {"email": OWNER}
    assert request.body == b""


@pytest.mark.parametrize(
    "typed",
    ["owner", "owner@", "@example.com", "owner@example", "a b@example.com", "o@@e.fi"],
)
async def test_no_code_is_asked_for_what_is_no_address(
    hass: HomeAssistant, world: CozifyWorld, typed: str
) -> None:
    result = await answer(hass, await begin(hass), email=typed, advanced={})
    assert result["step_id"] == "cozify"
    assert result["errors"] == {"email": "cozify_invalid_email"}
    assert world.cloud_server.log.count() == 0
    result = await answer(hass, result, email=OWNER, advanced={})
    assert result["step_id"] == "cozify_code"


async def test_typed_cloud(hass: HomeAssistant, world: CozifyWorld) -> None:
    result = await to_code(hass, cloud=world.cloud_url)
    result = await with_code(hass, world, result)
    assert result["data"]["cloud"] == world.cloud_url


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (faults.status(500, "oops"), "server_error"),
        (faults.rate_limited(), "rate_limited"),
        (faults.reset(), "connection_lost"),
        (faults.html_page(404), "not_found"),
    ],
)
async def test_cloud_does_not_answer(
    hass: HomeAssistant, world: CozifyWorld, fault: faults.Fault, error: str
) -> None:
    world.cloud_server.inject(fault)
    result = await answer(hass, await begin(hass), email=OWNER, advanced={})
    assert (result["step_id"], result["errors"]) == ("cozify", {"base": error})
    world.cloud_server.heal()
    result = await answer(hass, result, email=OWNER, advanced={})
    result = await with_code(hass, world, result)
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_wrong_address_of_the_cloud(
    hass: HomeAssistant, world: CozifyWorld
) -> None:
    result = await begin(hass)
    result = await answer(hass, result, email=OWNER, advanced={"cloud": "a b"})
    assert result["errors"] == {"base": "invalid_address"}
    result = await answer(hass, result, email=OWNER, advanced={})
    result = await with_code(hass, world, result)
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_wrong_code(hass: HomeAssistant, world: CozifyWorld) -> None:
    result = await to_code(hass)
    for code in ("WRONG1", "WRONG2"):
        result = await answer(hass, result, code=code)
        assert result["step_id"] == "cozify_code"
        assert result["errors"] == {"base": "cozify_wrong_code"}
    # No new code was requested, which would invalidate the one in the email.
    assert len(world.cloud.sent_codes) == 1
    result = await with_code(hass, world, result)
    assert result["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize("fields", [{"new_code": True}, {}, {"code": " "}])
async def test_new_code(
    hass: HomeAssistant, world: CozifyWorld, fields: dict[str, Any]
) -> None:
    result = await answer(hass, await to_code(hass), **fields)
    assert (result["step_id"], result["errors"]) == ("cozify_code", {})
    assert len(world.cloud.sent_codes) == 2
    result = await with_code(hass, world, result)
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_expired_code(hass: HomeAssistant, world: CozifyWorld) -> None:
    result = await to_code(hass)
    world.clock.jump(601)
    result = await with_code(hass, world, result)
    assert result["errors"] == {"base": "cozify_wrong_code"}
    result = await answer(hass, result, new_code=True)
    result = await with_code(hass, world, result)
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_account_without_hubs(hass: HomeAssistant, world: CozifyWorld) -> None:
    roles, world.account.roles = dict(world.account.roles), {}
    result = await with_code(hass, world, await to_code(hass))
    assert result["errors"] == {"base": "cozify_no_hubs"}
    world.account.roles = roles
    result = await answer(hass, result, new_code=True)
    result = await with_code(hass, world, result)
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_a_code_that_worked_is_not_needed_again(
    hass: HomeAssistant, world: CozifyWorld
) -> None:
    """After an error that follows the login, the same code can be entered again."""
    world.cloud_server.inject(faults.status(400), "*/user/hubkeys", times=1)
    result = await with_code(hass, world, await to_code(hass))
    assert result["step_id"] == "cozify_code"
    assert result["errors"]
    result = await with_code(hass, world, result)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert world.cloud_server.log.count("POST", "*/emaillogin") == 1


async def test_answer_without_a_token(hass: HomeAssistant, world: CozifyWorld) -> None:
    world.cloud_server.inject(faults.empty_body(), "*/emaillogin", times=1)
    result = await with_code(hass, world, await to_code(hass))
    assert result["errors"] == {"base": "cozify_bad_token"}
    result = await answer(hass, result, new_code=True)
    result = await with_code(hass, world, result)
    assert result["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize("hubs", [3])
async def test_several_hubs(hass: HomeAssistant, world: CozifyWorld) -> None:
    # Each address must be identified: the order is arbitrary, and HAN readers respond as well.
    urls = [hub.url for hub in reversed(world.hubs)]
    world.cloud.behaviour.addresses = [world.cloud_server.url, "8.8.8.8", *urls]
    ids = [hub.state.hub_id for hub in world.hubs]
    result = await with_code(hass, world, await to_code(hass))
    assert result["step_id"] == "cozify_hubs"
    result = await answer(hass, result, hubs=[])
    assert result["errors"] == {"hubs": "cozify_choose_one"}
    result = await answer(hass, result, hubs=ids[:2])
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    entries = {e.data["hub_id"]: e for e in hass.config_entries.async_entries(DOMAIN)}
    assert sorted(entries) == sorted(ids[:2])
    for hub in world.hubs[:2]:
        entry = entries[hub.state.hub_id]
        assert entry.data["host"] == hub.url
        assert entry.title == f"Cozify {hub.state.name}"
        assert world.mint.issued[entry.data["hub_key"]].hub_id == hub.state.hub_id
    # Only the third hub is left to choose.
    result = await with_code(hass, world, await to_code(hass))
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["result"].unique_id == f"cozify:{ids[2]}"
    result = await with_code(hass, world, await to_code(hass))
    assert result["reason"] == "already_configured"


async def test_already_configured_updates_the_address(
    hass: HomeAssistant, world: CozifyWorld, entry: MockConfigEntry
) -> None:
    hass.config_entries.async_update_entry(
        entry, data={**entry.data, "host": "http://192.0.2.9:8893"}
    )
    result = await with_code(hass, world, await to_code(hass))
    assert result["reason"] == "already_configured"
    assert entry.data["host"] == world.hub.url
    await hass.async_block_till_done()


async def to_address(hass: HomeAssistant, world: CozifyWorld) -> Result:
    """Go to the step that asks for the address of a hub that was not found."""
    world.cloud.behaviour.addresses = []
    result = await with_code(hass, world, await to_code(hass))
    assert result["step_id"] == "cozify_address"
    assert result["description_placeholders"]["name"] == "Koti"
    return result


async def test_typed_address(hass: HomeAssistant, world: CozifyWorld) -> None:
    result = await answer(hass, await to_address(hass, world), host=world.hub.url)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["data"]["host"] == world.hub.url


async def test_no_address_means_the_cloud(
    hass: HomeAssistant, world: CozifyWorld
) -> None:
    result = await answer(hass, await to_address(hass, world))
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert (result["data"]["host"], result["title"]) == (None, "Cozify Koti")


@pytest.mark.parametrize("hubs", [2])
async def test_no_address_means_to_look_again(
    hass: HomeAssistant, world: CozifyWorld
) -> None:
    # Somebody else's hub is there as well.
    world.account.roles.pop(world.hubs[1].state.hub_id)
    result = await to_address(hass, world)
    urls = [hub.url for hub in reversed(world.hubs)]
    world.cloud.behaviour.addresses = ["127.0.0.1:9", *urls]
    result = await answer(hass, result)
    assert result["data"]["host"] == world.hub.url


async def test_lan_ip_fails(hass: HomeAssistant, world: CozifyWorld) -> None:
    world.cloud_server.inject(faults.status(500), "*/lan_ip")
    result = await with_code(hass, world, await to_code(hass))
    assert result["step_id"] == "cozify_address"
    result = await answer(hass, result, host=world.hub.url)
    assert result["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize("hubs", [2])
async def test_errors_of_the_address(hass: HomeAssistant, world: CozifyWorld) -> None:
    world.account.roles.pop(world.hubs[1].state.hub_id)
    result = await to_address(hass, world)

    async def wrong(host: str | None, error: str) -> None:
        nonlocal result
        fields = {} if host is None else {"host": host}
        result = await answer(hass, result, **fields)
        assert (result["step_id"], result["errors"]) == (
            "cozify_address",
            {"base": error},
        )

    await wrong(world.hubs[1].url, "cozify_wrong_hub")
    await wrong(world.cloud_server.url, "cozify_not_cozify")
    await wrong("127.0.0.1:9", "connection_refused")
    await wrong("a b", "invalid_address")
    world.hubs[1].server.inject(faults.status(404), "/hub", times=1)
    world.hubs[1].server.inject(
        faults.status(
            200, '{"type":"HAN_STATE_MESSAGE"}', content_type="application/json"
        ),
        "/han",
    )
    await wrong(world.hubs[1].url, "cozify_han_reader")
    world.hub.state.cloud_connected = False
    await wrong(None, "cozify_hub_offline")
    world.cloud.behaviour.unpaid = True
    await wrong(None, "cozify_remote_unpaid")
    # Not one of them was sent a key.
    assert not any(
        "Authorization" in r.headers for r in world.hubs[1].server.log.requests
    )
    result = await answer(hass, result, host=world.hub.url)
    assert result["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize("hubs", [2])
async def test_import_of_a_known_hub(
    hass: HomeAssistant, world: CozifyWorld, entry: MockConfigEntry
) -> None:
    result = await hass.config_entries.flow.async_init(
        DOMAIN,
        context={"source": SOURCE_IMPORT},
        data={**data_of(world), "title": "Koti"},
    )
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "already_configured"
    await hass.async_block_till_done()
