"""What the vendor's library asks of the cloud, asked of the simulated one.

The library is in no package registry. What it sends, and what its models accept, was
recorded from it: ``tests/fixtures/openmotics/cloud_v11_library.json``.
"""

from collections.abc import AsyncGenerator
import json
from pathlib import Path
import time
from typing import Any

import aiohttp
import pytest

from simulators.openmotics.cloud import OFFSET, CloudServer
from simulators.openmotics.plan import house

RECORDED: dict[str, Any] = json.loads(
    (
        Path(__file__).parents[1] / "fixtures/openmotics/cloud_v11_library.json"
    ).read_text(encoding="utf-8")
)
ENDPOINTS: list[dict[str, Any]] = RECORDED["endpoints"]

IDS = {
    "outputs": OFFSET + 8,
    "lights": OFFSET,
    "inputs": OFFSET,
    "sensors": OFFSET + 1,
    "shutters": OFFSET + 10,
    "groupactions": OFFSET,
    "thermostats": OFFSET,
}
"""Something of each kind in the simulated house."""

REQUIRED = {
    "installations": {"id", "name"},
    "outputs": {"id", "name", "type"},
    "lights": {"id"},
    "inputs": {"id", "name"},
    "sensors": {"id", "name"},
    "shutters": {"id", "name", "type", "status"},
    "groupactions": {"id"},
    "thermostats.groups": {"id", "name", "local_id"},
    "thermostats.units": {"id", "name"},
}
"""The fields without which a model refuses a row."""

DONE: dict[str, tuple[str, int, object]] = {
    "outputs.turn_on(7)": ("output", 8, (True, None, None)),
    "outputs.turn_on(7, 40)": ("output", 8, (True, 40, None)),
    "outputs.turn_off(7)": ("output", 8, (False, None, None)),
    "outputs.turn_off()": ("output", 21, (False, None, None)),
    "outputs.toggle(7)": ("output", 8, (True, None, None)),
    "lights.turn_on(7)": ("lamp", 0, (True, None)),
    "lights.turn_on(7, 40)": ("lamp", 0, (True, 40)),
    "lights.turn_off(7)": ("lamp", 0, (False, None)),
    "lights.turn_off()": ("lamp", 0, (False, None)),
    "lights.toggle(7)": ("lamp", 0, (True, None)),
    "shutters.move_up(7)": ("shutter", 10, "up"),
    "shutters.move_down(7)": ("shutter", 10, "down"),
    "shutters.stop(7)": ("shutter", 10, "stop"),
    "shutters.change_position(7, 50)": ("shutter", 10, 20),
    "shutters.change_relative_position(7, -10)": ("shutter", 10, 0),
    "shutters.lock(7)": ("shutter", 10, "lock"),
    "shutters.unlock(7)": ("shutter", 10, "unlock"),
    "shutters.preset(7, 30)": ("shutter", 10, "preset"),
    "shutters.move_to_preset(7)": ("shutter", 10, 0),
    "groupactions.trigger(7)": ("group_action", 0, None),
    "thermostats.groups.set_mode(7, 'COOLING')": ("group", 0, ("COOLING", None)),
    "thermostats.units.set_state(7, 'OFF')": ("thermostat", 0, (None, "OFF")),
    "thermostats.units.set_temperature(7, 20.5)": ("thermostat", 0, 20.5),
    "thermostats.units.set_preset(7, 'AWAY')": ("thermostat", 0, ("AWAY", None)),
    "thermostats.units.set_preset_config(7, 16, 14, 22, 26, 28, 24)": (
        "thermostat",
        0,
        "presets",
    ),
    "thermostats.set_mode('HEATING')": ("group", 0, ("HEATING", None)),
    "thermostats.set_state('OFF')": ("group", 0, (None, "OFF")),
}
"""What the house was told, by call of the library."""


def kind_of(call: str) -> str:
    """Return the part of the library that a call belongs to."""
    return call.partition("(")[0].rpartition(".")[0]


def complaint(kind: str, row: dict[str, Any]) -> str | None:
    """Return why the model of a kind refuses a row, None if it takes it."""
    if missing := REQUIRED[kind] - row.keys():
        return f"{missing} missing"
    if not str(row["id"]).isdecimal():
        return "id is no number"
    status = row.get("status")
    if kind == "shutters" and not isinstance(status, dict):
        return "status is no object"
    if kind in {"inputs", "lights"} and status is not None and "on" not in status:
        return "status without on"
    if kind == "installations" and not isinstance(row.get("features", []), list | dict):
        return "features neither list nor object"
    return None


@pytest.fixture
async def cloud(socket_enabled: None) -> AsyncGenerator[CloudServer]:
    async with CloudServer(house(time.time)) as server:
        yield server


async def ask(
    cloud: CloudServer, session: aiohttp.ClientSession, request: dict[str, Any]
) -> tuple[int, Any]:
    """Send a request as the library does and return status and body."""
    path: str = request["path"]
    kind = path.removeprefix("/base/installations/{installation_id}/").partition("/")[0]
    number = str(IDS.get(kind, 0))
    path = path.replace("{installation_id}", "21").replace("{id}", number)
    token = await session.post(
        f"{cloud.base}/authentication/oauth2/token",
        data={
            "grant_type": "client_credentials",
            "client_id": "old-client",
            "client_secret": "old-s3cret",
            "scope": "control view configure",
        },
    )
    answer = await session.request(
        request["method"],
        f"{cloud.base}{path}",
        params=request["query"],
        # None is sent without a body; a text becomes JSON that contains JSON.
        json=request["body"],
        headers={
            "Authorization": f"Bearer {(await token.json())['access_token']}",
            "Accept": "application/json",
            "User-Agent": "PyHAOpenMotics/0.1.0",
        },
    )
    return answer.status, await answer.json()


def test_all_of_it_was_recorded() -> None:
    assert len(ENDPOINTS) == 47
    commands = {one["library_call"] for one in ENDPOINTS if "command" in one["tags"]}
    assert commands == DONE.keys()


@pytest.mark.parametrize("null_status", [False, True])
@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda one: one["library_call"])
async def test_requests_of_the_library(
    cloud: CloudServer, endpoint: dict[str, Any], null_status: bool
) -> None:
    cloud.rows.null_status = null_status
    async with aiohttp.ClientSession() as session:
        code, body = await ask(cloud, session, endpoint["request"])
    assert (code, body["_error"]) == (200, None), body
    call = endpoint["library_call"]
    if expected := DONE.get(call):
        assert cloud.engine.commands[-1] == expected
        return
    kind = kind_of(call)
    rows = body["data"] if isinstance(body["data"], list) else [body["data"]]
    assert rows
    assert isinstance(body["data"], list) == isinstance(
        endpoint["response"]["body"]["data"], list
    )
    assert [found for row in rows if (found := complaint(kind, row))] == []


async def test_what_the_filter_hides(cloud: CloudServer) -> None:
    """Relays of shutters and valves of thermostats cannot be controlled."""
    [filtered] = [
        one for one in ENDPOINTS if one["library_call"] == "outputs.get_all()"
    ]
    async with aiohttp.ClientSession() as session:
        _, body = await ask(cloud, session, filtered["request"])
        _, whole = await ask(cloud, session, {**filtered["request"], "query": None})
    shown, there = ({row["id"] for row in one["data"]} for one in (body, whole))
    assert shown < there
    hidden = {OFFSET + number for number in (4, 5, 12, 16, 17, 18, 19)}
    assert there - shown == hidden


@pytest.mark.parametrize("case", RECORDED["accepted_by_models"], ids=str)
def test_the_judge_accepts_what_the_models_do(case: dict[str, Any]) -> None:
    assert complaint(kind_of(case["library_call"]), case["object"]) is None


@pytest.mark.parametrize("case", RECORDED["refused_by_models"], ids=str)
def test_the_judge_refuses_what_the_models_do(case: dict[str, Any]) -> None:
    assert complaint(kind_of(case["library_call"]), case["object"]) is not None


def test_the_table_of_requests_is_whole() -> None:
    """docs/protocols/openmotics.md has every request that was recorded, once."""
    page = Path(__file__).parents[2] / "docs" / "protocols" / "openmotics.md"
    _, _, table = page.read_text().partition("## Requests of the vendor's library")
    table, _, _ = table.partition("\n---\n")
    calls = [
        line.split("`")[1] for line in table.splitlines() if line.startswith("| `")
    ]
    assert sorted(calls) == sorted(row["library_call"] for row in ENDPOINTS)
