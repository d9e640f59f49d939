"""Any function of the gateway, and of both clouds, by one action."""

from collections.abc import Awaitable, Callable
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from simulators.http_faults import reset
from simulators.openmotics.cloud import OFFSET, CloudServer
from simulators.openmotics.legacy_cloud import LegacyCloudServer
from simulators.openmotics.server import GatewayServer

from ...api_docs import (
    call,
    examples,
    filled,
    is_not_sent,
    refuses_hostile_paths,
    rows,
    run,
)
from .conftest import Entities, add_cloud_entry, add_legacy_entry, asked, set_up

GATEWAY = examples("## OpenMotics gateway")
CLOUD = examples("## OpenMotics cloud")
KNOWN = {"OUTPUT": str(OFFSET + 8), "UNIT": str(OFFSET)}
THINGS = {
    "{installation}": "21",
    "{output}": str(OFFSET + 8),
    "{light}": "0",
    "{input}": str(OFFSET),
    "{shutter}": str(OFFSET + 8),
    "{action}": str(OFFSET),
    "{sensor}": str(OFFSET + 1),
    "{group}": str(OFFSET),
    "{unit}": str(OFFSET),
}
READS = [
    path
    for row in rows("### From OpenMotics' cloud API")
    for method, path in row.requests
    if method == "GET"
]


@pytest.fixture
async def today(hass: HomeAssistant, server: CloudServer) -> MockConfigEntry:
    """Return an entry of the cloud of today, set up."""
    entry = add_cloud_entry(hass)
    await set_up(hass, entry)
    return entry


# The gateway


@pytest.mark.parametrize("example", GATEWAY)
async def test_examples_of_the_gateway(
    hass: HomeAssistant, om: MockConfigEntry, gateway: GatewayServer, example: Any
) -> None:
    found = await run(hass, om, example)
    assert found["status"] == 200
    assert found["body"]["success"] is True
    assert found["headers"]["content-type"].startswith("application/json")
    assert asked(gateway)[example["data"]["function"]] >= 1


async def test_what_the_examples_of_the_gateway_do(
    hass: HomeAssistant, om: MockConfigEntry, gateway: GatewayServer
) -> None:
    names, dimmer, schedule, listed = GATEWAY
    found = await run(hass, om, names)
    assert found["body"]["config"][0] == {"id": 0, "name": "Ceiling lamp"}
    await run(hass, om, dimmer)
    assert gateway.state.output_values[8].level == 30
    await run(hass, om, schedule)
    [row] = (await run(hass, om, listed))["body"]["schedules"]
    assert row["repeat"] == "0 23 * * *"
    assert row["arguments"]["name"] == "set_all_lights_off"
    for function, status in (
        ("pause_schedule", "PAUSED"),
        ("resume_schedule", "ACTIVE"),
    ):
        await call(hass, om, function=function, parameters={"schedule_id": row["id"]})
        [row] = (await run(hass, om, listed))["body"]["schedules"]
        assert row["status"] == status
    await call(
        hass,
        om,
        function="remove_schedule",
        parameters={"schedule_id": row["id"]},
        confirm=True,
    )
    assert not gateway.state.schedules


@pytest.mark.parametrize(
    ("fields", "key"),
    [
        ({}, "field_missing"),
        ({"function": "no_such_function"}, "call_refused_unknown"),
        ({"function": "../logout"}, "field_invalid"),
        ({"function": "get_version?token=x"}, "field_invalid"),
        ({"function": "login", "confirm": True}, "call_refused_login"),
        ({"function": "factory_reset", "confirm": True}, "call_refused_erases"),
        ({"function": "update", "confirm": True}, "call_refused_software"),
        ({"function": "create_user", "confirm": True}, "call_refused_users"),
        ({"function": "raw_master_action", "confirm": True}, "call_refused_hardware"),
        ({"function": "do_url_action", "confirm": True}, "call_refused"),
        (
            {
                "function": "set_shutter_configuration",
                "parameters": {"config": {"id": 1, "name": "x"}},
                "confirm": True,
            },
            "call_refused_configuration",
        ),
        ({"function": "restart_services"}, "call_not_confirmed_disturbs"),
        (
            {"function": "remove_schedule", "parameters": {"schedule_id": 1}},
            "call_not_confirmed_deletes",
        ),
        ({"function": "get_plugin_logs"}, "call_not_confirmed_secrets"),
        (
            {
                "function": "reset_master",
                "parameters": {"power_on": False},
                "confirm": True,
            },
            "call_refused_hardware",
        ),
        ({"function": "set_output", "parameters": {"id": 1}}, "field_invalid"),
        (
            {
                "function": "set_output",
                "parameters": {"id": 1, "is_on": True, "token": "x"},
            },
            "field_invalid",
        ),
        (
            {"function": "get_version", "parameters": {"x": "y" * 2**20}},
            "field_invalid",
        ),
        ({"function": "get_version", "path": "outputs"}, "call_foreign_field"),
        ({"function": "get_version", "command": {}}, "call_foreign_field"),
        ({"path": "outputs"}, "call_foreign_field"),
    ],
)
async def test_what_is_not_sent_to_the_gateway(
    hass: HomeAssistant,
    om: MockConfigEntry,
    gateway: GatewayServer,
    fields: dict[str, Any],
    key: str,
) -> None:
    await is_not_sent(hass, om, fields, key, gateway.server.log.count)


SCHEDULE = {"name": "x", "start": 1, "schedule_type": "LOCAL_API"}


@pytest.mark.parametrize(
    "arguments",
    [
        None,
        {"name": "factory_reset", "parameters": {}},
        '{"name": "factory_reset", "parameters": {}}',
        {"name": "reset_master", "parameters": {"power_on": "false"}},
        {"name": "set_thermostat_configuration", "parameters": {"config": {"id": 0}}},
        {
            "name": "add_schedule",
            "parameters": {
                **SCHEDULE,
                "arguments": {"name": "replace_module", "parameters": {}},
            },
        },
        {"name": ["factory_reset"]},
        "[1]",
        "{",
    ],
)
async def test_what_a_schedule_may_not_carry(
    hass: HomeAssistant, om: MockConfigEntry, gateway: GatewayServer, arguments: Any
) -> None:
    parameters = SCHEDULE if arguments is None else SCHEDULE | {"arguments": arguments}
    with pytest.raises(ServiceValidationError) as raised:
        await call(
            hass, om, function="add_schedule", parameters=parameters, confirm=True
        )
    assert str(raised.value.translation_key).startswith("call_refused")
    assert not gateway.state.schedules


async def test_changes_of_the_gateway_are_read(
    hass: HomeAssistant,
    om: MockConfigEntry,
    gateway: GatewayServer,
    until: Callable[..., Awaitable[None]],
) -> None:
    """A command refreshes the states; a configuration change refreshes everything."""
    await call(hass, om, function="get_version")
    await hass.async_block_till_done()
    gateway.server.log.clear()
    await call(hass, om, function="set_output", parameters={"id": 0, "is_on": True})
    await until(lambda: asked(gateway)["get_sensor_status"] == 1)
    assert asked(gateway)["get_output_configurations"] == 0
    await call(
        hass,
        om,
        function="remove_schedule",
        parameters={"schedule_id": 1},
        confirm=True,
    )
    await until(lambda: asked(gateway)["get_output_configurations"] == 1)


async def test_what_the_gateway_refuses_is_an_error(
    hass: HomeAssistant,
    om: MockConfigEntry,
    gateway: GatewayServer,
    until: Callable[..., Awaitable[None]],
) -> None:
    with pytest.raises(HomeAssistantError) as raised:
        await call(
            hass, om, function="set_output", parameters={"id": 200, "is_on": True}
        )
    assert raised.value.translation_key == "not_found"
    # A command whose answer is lost is not sent again, but looked after.
    await hass.async_block_till_done()
    gateway.server.log.clear()
    gateway.server.inject(reset(), "*/set_output", times=1)
    with pytest.raises(HomeAssistantError):
        await call(hass, om, function="set_output", parameters={"id": 0, "is_on": True})
    await until(lambda: asked(gateway)["get_output_status"] >= 1)
    assert asked(gateway)["set_output"] == 1


async def test_a_new_login_is_made_when_needed(
    hass: HomeAssistant, om: MockConfigEntry, gateway: GatewayServer
) -> None:
    gateway.tokens.clear()
    found = await call(hass, om, function="get_version")
    assert found["body"]["gateway"] == gateway.state.version
    assert not [token for token in gateway.issued if token in str(found)]


# The first cloud


@pytest.mark.parametrize("example", GATEWAY)
async def test_examples_by_the_first_cloud(
    hass: HomeAssistant, first: LegacyCloudServer, example: Any
) -> None:
    entry = add_legacy_entry(hass, first)
    await set_up(hass, entry)
    found = await run(hass, entry, example)
    assert (found["status"], found["body"]["success"]) == (200, True)
    with pytest.raises(ServiceValidationError) as raised:
        await call(hass, entry, path="outputs")
    assert raised.value.translation_key == "call_foreign_field"
    await hass.config_entries.async_unload(entry.entry_id)
    await hass.async_block_till_done()


# The cloud of today


@pytest.mark.parametrize("example", CLOUD)
async def test_examples_of_the_cloud(
    hass: HomeAssistant, today: MockConfigEntry, server: CloudServer, example: Any
) -> None:
    found = await run(hass, today, example, **KNOWN)
    assert found["status"] == 200
    assert found["body"]["_error"] is None


async def test_what_the_examples_of_the_cloud_do(
    hass: HomeAssistant, today: MockConfigEntry, server: CloudServer
) -> None:
    lights, dimmer, off, installations, presets = CLOUD
    found = await run(hass, today, lights)
    assert {row["type"] for row in found["body"]["data"]} == {"LIGHT"}
    await run(hass, today, dimmer, **KNOWN)
    assert server.state.output_values[8].level == 40
    await run(hass, today, off)
    assert not server.state.output_values[8].on
    found = await run(hass, today, installations)
    assert [row["name"] for row in found["body"]["data"]] == ["Home", "Office"]
    await run(hass, today, presets, **KNOWN)
    assert server.state.thermostats[0]["setp3"] == 16


@pytest.mark.parametrize("path", READS)
async def test_paths_of_the_cloud(
    hass: HomeAssistant, today: MockConfigEntry, server: CloudServer, path: str
) -> None:
    lamps = {**THINGS, "{light}": str(OFFSET + server.state.lamps[0]["id"])}
    found = await call(hass, today, path=filled(path, lamps))
    assert (found["status"], found["body"]["_error"]) == (200, None)


@pytest.mark.parametrize(
    ("fields", "key"),
    [
        ({}, "field_missing"),
        ({"function": "get_version"}, "call_foreign_field"),
        ({"path": "outputs", "target": "cloud"}, "call_foreign_field"),
        (
            {"path": "authentication/oauth2/token", "method": "POST", "confirm": True},
            "call_refused_login",
        ),
        ({"path": "Authentication/x"}, "call_refused_login"),
        ({"path": "outputs/1", "method": "DELETE"}, "call_not_confirmed_deletes"),
        ({"path": "outputs/1", "method": "PUT"}, "call_not_confirmed"),
        (
            {"path": "base/installations/21/users", "method": "POST"},
            "call_not_confirmed_access",
        ),
        (
            {
                "path": f"thermostats/units/{OFFSET}/preset/config",
                "method": "POST",
                "body": {"heating": {"AWAY": 16}},
                "confirm": True,
            },
            "call_refused_configuration",
        ),
    ],
)
async def test_what_is_not_sent_to_the_cloud(
    hass: HomeAssistant,
    today: MockConfigEntry,
    server: CloudServer,
    fields: dict[str, Any],
    key: str,
) -> None:
    await is_not_sent(hass, today, fields, key, server.server.log.count)


async def test_hostile_paths_of_the_cloud(
    hass: HomeAssistant, today: MockConfigEntry, server: CloudServer
) -> None:
    await refuses_hostile_paths(hass, today, server.server.log.count)


async def test_changes_in_the_cloud_are_read(
    hass: HomeAssistant,
    today: MockConfigEntry,
    server: CloudServer,
    until: Callable[..., Awaitable[None]],
) -> None:
    server.server.log.clear()
    server.tokens.clear()
    await call(hass, today, path=f"outputs/{OFFSET}/turn_on", method="POST", body={})
    assert server.state.output_values[0].on
    await until(lambda: server.server.log.count("GET", "*/outputs") == 1)
    entities = Entities(hass, today)
    await until(lambda: entities.state(f"output_{OFFSET}") == "on")
