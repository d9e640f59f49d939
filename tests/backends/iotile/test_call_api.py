"""Any request to the server by one action."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.junction.backends.call_api import HIDDEN
from simulators.http_faults import status
from simulators.iotile.server import IOTileServer

from ...api_docs import (
    call,
    examples,
    filled,
    is_not_sent,
    refuses_hostile_paths,
    rows,
    run,
)
from .conftest import METER

EXAMPLES = examples("## IOTile Cloud")
DEVICE = "d--0000-0000-0000-0097"
READS = [
    path
    for row in rows("### From iotile_cloud")
    for method, path in row.requests
    if method == "GET"
]
QUERIES: dict[str, dict[str, Any]] = {
    "note": {"target": DEVICE},
    "location": {"target": DEVICE},
    "property": {"target": DEVICE},
    "data": {"filter": METER, "lastn": 1},
    "event": {"filter": DEVICE},
    "df": {"filter": DEVICE, "format": "json", "start": "2026-11-20T00:00:00Z"},
    "device/{device}/key": {"type": "a-jwt"},
}


def things(server: IOTileServer) -> dict[str, str]:
    world = server.world
    meter = next(row for row in world.devices if row["slug"] == DEVICE)
    event = world.events[0]["id"]
    world.documents[event] = {"points": [1]}
    return {
        "{org}": "home-lab",
        "{project}": world.projects[0]["id"],
        "{device}": DEVICE,
        "{variable}": "v--0000-0005--5001",
        "{vartype}": "water-meter-volume",
        "{stream}": METER,
        "{streamer}": world.streamer(meter)["slug"],
        "{event}": str(event),
    }


def test_examples_are_found() -> None:
    assert len(EXAMPLES) == 4


@pytest.mark.parametrize("example", EXAMPLES)
async def test_examples(
    hass: HomeAssistant, loaded: MockConfigEntry, example: dict[str, Any]
) -> None:
    found = await run(hass, loaded, example)
    assert found["status"] in {200, 201}
    assert found["headers"]["content-type"].startswith("application/json")


async def test_what_the_examples_do(
    hass: HomeAssistant, loaded: MockConfigEntry, server: IOTileServer
) -> None:
    extra, newest, value, rename = EXAMPLES
    assert METER in (await run(hass, loaded, extra))["body"]["stream_counts"]
    assert len((await run(hass, loaded, newest))["body"]["results"]) == 3
    assert (await run(hass, loaded, value))["body"]["int_value"] == 12
    await run(hass, loaded, rename)
    device = next(row for row in server.world.devices if row["slug"] == DEVICE)
    assert device["label"] == "Water meter of the garden"


@pytest.mark.parametrize("path", READS)
async def test_paths(
    hass: HomeAssistant, loaded: MockConfigEntry, server: IOTileServer, path: str
) -> None:
    """Every path of the page that reads is there; secrets are masked in all of them."""
    found = await call(
        hass,
        loaded,
        path=filled(path, things(server)),
        query=QUERIES.get(path, {}),
        confirm=True,
    )
    assert found["status"] == 200
    assert not [u.token for u in server.world.users if u.token in str(found)]


async def test_keys_are_masked(
    hass: HomeAssistant, loaded: MockConfigEntry, server: IOTileServer
) -> None:
    fields: dict[str, Any] = {
        "path": f"device/{DEVICE}/key",
        "query": {"type": "a-jwt"},
    }
    with pytest.raises(ServiceValidationError) as raised:
        await call(hass, loaded, **fields)
    assert raised.value.translation_key == "call_not_confirmed_secrets"
    fields["confirm"] = True
    assert (await call(hass, loaded, **fields))["body"] == {"key": HIDDEN}
    shown = await call(hass, loaded, **fields, show_secrets=True)
    assert shown["body"]["key"].count(".") == 2
    token = await call(hass, loaded, path="auth/token", show_secrets=True)
    assert token["body"]["token"] == server.world.users[0].token


@pytest.mark.parametrize(
    ("fields", "key"),
    [
        ({}, "field_missing"),
        ({"path": "/api/v1/"}, "field_invalid"),
        ({"path": "auth/login", "method": "POST"}, "call_refused_login"),
        ({"path": "AUTH/Logout", "method": "POST"}, "call_refused_login"),
        ({"path": "device/claim", "method": "POST"}, "call_not_confirmed"),
        (
            {"path": f"device/{DEVICE}/trim", "method": "POST"},
            "call_not_confirmed_deletes",
        ),
        ({"path": "property/1", "method": "DELETE"}, "call_not_confirmed_deletes"),
        (
            {"path": "org/home-lab/members", "method": "POST"},
            "call_not_confirmed_access",
        ),
        ({"path": "device", "function": "get"}, "call_foreign_field"),
        ({"path": "device", "target": "hub"}, "call_foreign_field"),
    ],
)
async def test_what_is_not_sent(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    server: IOTileServer,
    fields: dict[str, Any],
    key: str,
) -> None:
    await is_not_sent(hass, loaded, fields, key, server.log.count)


async def test_hostile_paths(
    hass: HomeAssistant, loaded: MockConfigEntry, server: IOTileServer
) -> None:
    await refuses_hostile_paths(hass, loaded, server.log.count)


async def test_changes_are_read(
    hass: HomeAssistant, loaded: MockConfigEntry, server: IOTileServer
) -> None:
    backend = loaded.runtime_data.backend
    surveys = backend.state.surveys
    await call(hass, loaded, path=f"device/{DEVICE}")
    await hass.async_block_till_done(wait_background_tasks=True)
    assert backend.state.surveys == surveys
    await run(hass, loaded, EXAMPLES[3])
    await hass.async_block_till_done(wait_background_tasks=True)
    assert backend.state.surveys == surveys + 1
    assert backend.state.listing.devices[DEVICE].label == "Water meter of the garden"


async def test_a_body_where_there_should_be_none(
    hass: HomeAssistant, loaded: MockConfigEntry, server: IOTileServer
) -> None:
    """The server ends a deletion with two bytes too many: they cost no later request."""
    path = f"device/{DEVICE}/mask"
    await call(
        hass,
        loaded,
        method="PATCH",
        path=path,
        body={"start": "2026-11-19T00:00:00Z"},
        confirm=True,
    )
    await hass.async_block_till_done(wait_background_tasks=True)
    found = await call(hass, loaded, method="DELETE", path=path, confirm=True)
    assert found["body"] == {"start": None, "end": None}
    assert DEVICE not in server.world.masks
    for _ in range(5):
        found = await call(
            hass,
            loaded,
            method="POST",
            path="note",
            body={
                "target": DEVICE,
                "timestamp": "2026-11-20T08:00:00Z",
                "note": "Hello",
            },
        )
        assert found["status"] == 201


async def test_what_the_server_refuses_is_an_error(
    hass: HomeAssistant, loaded: MockConfigEntry, server: IOTileServer
) -> None:
    with pytest.raises(HomeAssistantError) as raised:
        await call(hass, loaded, path="nothing/there")
    assert raised.value.translation_key == "not_found"
    server.inject(status(503), "*/note/", times=1)
    before = server.log.count("POST", "*/note/")
    with pytest.raises(HomeAssistantError) as raised:
        await call(hass, loaded, method="POST", path="note", body={})
    assert raised.value.translation_key == "server_error"
    assert server.log.count("POST", "*/note/") == before + 1
