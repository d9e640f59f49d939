"""The simulated Cozify answers as the captures and the vendor's documents say."""

import asyncio
from collections.abc import AsyncIterator
import json
from pathlib import Path
import time
from typing import Any

import aiohttp
import pytest

from simulators.clock import VirtualClock
from simulators.cozify import seed
from simulators.cozify.server import CozifyWorld
from simulators.cozify.state import Behaviour

FIXTURES = Path(__file__).parents[1] / "fixtures" / "cozify"


def fixture(name: str) -> Any:
    return json.loads((FIXTURES / name).read_text(encoding="utf-8"))


@pytest.fixture
async def world(socket_enabled: None) -> AsyncIterator[CozifyWorld]:
    """Return a cloud with a hub."""
    async with CozifyWorld(VirtualClock(time.time())) as world:
        yield world


@pytest.fixture
async def session(socket_enabled: None) -> AsyncIterator[aiohttp.ClientSession]:
    """Return a plain session."""
    async with aiohttp.ClientSession() as session:
        yield session


def key(world: CozifyWorld) -> dict[str, str]:
    return {"Authorization": world.cloud.key(seed.OWNER, seed.HUB_ID).text}


async def test_real_devices_come_as_they_were(
    world: CozifyWorld, session: aiohttp.ClientSession
) -> None:
    url = f"{world.hub.url}/cc/1.14/devices"
    async with session.get(url, headers=key(world)) as response:
        assert response.status == 200
        assert response.content_type == "application/json"
        devices = await response.json()
        # Nothing escaped: names have letters of their own.
        assert "Dining Täble" in (await response.text())
    for identity, real in fixture("devices.json").items():
        assert devices[identity] | {"timestamp": 0} == real | {"timestamp": 0}


async def test_all_states_are_of_documented_shapes(world: CozifyWorld) -> None:
    documented = fixture("hub_api_1.14_summary.json")["device_types"]
    for device in world.hub.state.items["devices"].values():
        about = documented.get(device["type"])
        if about is None:
            continue
        assert device["state"]["type"] == about["state_type"]
        fields = {field for kind in documented.values() for field in kind["state"]}
        missing = {*about["state"]} - {*device["state"]} - {
            # Depends on the capabilities.
            "brightness", "colorMode", "hue", "saturation", "temperature",
            "minTemperature", "maxTemperature", "transitionMsec", "lastSeen",
            "lastChange", "humidity", "media",
        }  # fmt: skip
        assert missing == set(), device["name"]
        assert fields


async def test_hub_tells_who_it_is(
    world: CozifyWorld, session: aiohttp.ClientSession
) -> None:
    async with session.get(f"{world.hub.url}/hub") as response:
        said = await response.json()
    partial = fixture("vendor_doc_examples.json")["hub_metadata_partial"]
    assert said | partial == said
    assert {*said} == {
        "type", *fixture("hub_api_1.14_summary.json")["objects"]["HUB_META_DATA"],
    }  # fmt: skip


async def test_requests_of_the_vendors_own_sdk(
    world: CozifyWorld, session: aiohttp.ClientSession
) -> None:
    """Every request that it sent gets an answer that it understands."""
    token = world.cloud.cloud_token(seed.OWNER).text
    hub_key = key(world)["Authorization"]
    world.hub.state.behaviour.hold = 0.0
    lines = (FIXTURES / "requests_vendor_js_sdk_1.0.30.jsonl").read_text().splitlines()
    for line in lines:
        request = json.loads(line)
        if request["path"].endswith("/rooms"):
            # Making rooms is not for us to simulate.
            continue
        cloud = request["to"] == "cloud"
        base = world.cloud_server.url if cloud else world.hub.url
        headers = {
            "Authorization": token if cloud else hub_key,
            "X-Hub-Key": hub_key,
            "Content-Type": "application/json;charset=UTF-8",
        }
        async with session.request(
            request["method"],
            base + request["path"],
            data=request["body"] or None,
            headers=headers,
        ) as response:
            assert response.status in (200, 304), request["path"]


@pytest.mark.parametrize(
    "name", ["command_on", "command_light", "command_media", "light_command_2015"]
)
async def test_published_commands(
    world: CozifyWorld, session: aiohttp.ClientSession, name: str
) -> None:
    commands = (
        fixture("light_command_2015.json")
        if name == "light_command_2015"
        else fixture("vendor_doc_examples.json")[name]
    )
    target = seed.SPEAKER if name == "command_media" else seed.LAMP_RGBW
    commands[0]["id"] = target
    url = f"{world.hub.url}/cc/1.14/devices/command"
    async with session.put(url, json=commands, headers=key(world)) as response:
        assert (response.status, await response.text()) == (200, "null")
    # No change yet: a command is only dispatched.
    await asyncio.sleep(0.4)
    state = world.device(target)["state"]
    match name:
        case "command_on":
            assert state["isOn"] is True
        case "command_light":
            assert state["brightness"] == 0.5
            assert state["colorMode"] == "ct"
            # By way of whole mireds.
            assert state["temperature"] == pytest.approx(1e6 / 286)
            assert (state["hue"], state["saturation"]) == (-1, -1)
        case "command_media":
            assert state["rcData"] == {
                "type": "MR_RC_DATA", "volume": 25, "mute": False, "bass": 10,
                "treble": 0, "loudness": True,
            }  # fmt: skip
        case _:
            assert (state["hue"], state["saturation"]) == (1.0, 1.0)
            assert state["minTemperature"] == 1501.5015015015015


async def test_command_must_be_an_array(
    world: CozifyWorld, session: aiohttp.ClientSession
) -> None:
    url = f"{world.hub.url}/cc/1.14/devices/command"
    async with session.put(url, json={"id": "x"}, headers=key(world)) as response:
        assert response.status == 400


async def test_no_key_no_answer(
    world: CozifyWorld, session: aiohttp.ClientSession
) -> None:
    url = f"{world.hub.url}/cc/1.14/hub/tz"
    async with session.get(url) as response:
        assert (response.status, await response.text()) == (
            401,
            "Authentication failed.",
        )
    bearer = {"Authorization": f"Bearer {key(world)['Authorization']}"}
    async with session.get(url, headers=bearer) as response:
        assert (response.status, await response.text()) == (200, '"Europe/Helsinki"')
    async with session.get(url.replace("1.14", "1.13"), headers=bearer) as response:
        assert response.status == 410


async def test_poll(world: CozifyWorld, session: aiohttp.ClientSession) -> None:
    described = fixture("hub_api_1.14_summary.json")["poll"]
    url = f"{world.hub.url}/cc/1.14/hub/poll"

    async def poll(ts: int) -> tuple[int, Any]:
        async with session.get(url, params={"ts": ts}, headers=key(world)) as response:
            text = await response.text()
            return response.status, json.loads(text) if text else None

    status, full = await poll(0)
    assert status == 200
    assert {*full} == {"type", *described["fields"]}
    assert full["full"] is True
    kinds = described["poll_types"] | described["seen_only_in_vendor_sdk"]
    for one in full["polls"]:
        assert kinds[one["type"]] in one
    # Held until there is a change.
    held = asyncio.create_task(poll(full["timestamp"]))
    await asyncio.sleep(0.05)
    assert not held.done()
    world.hub.state.set(seed.PLUG, isOn=True)
    world.hub.state.remove("devices", seed.CO2)
    _, delta = await held
    assert delta["full"] is False
    [devices] = [one["devices"] for one in delta["polls"]]
    assert devices[seed.PLUG]["state"]["isOn"] is True
    # Told now or the next time, as null.
    while seed.CO2 not in devices:
        _, delta = await poll(delta["timestamp"])
        [devices] = [one["devices"] for one in delta["polls"]]
    assert devices[seed.CO2] is None


@pytest.mark.parametrize(
    ("nothing", "status", "body"),
    [("304", 304, ""), ("204", 204, ""), ("null", 200, "null"), ("empty", 200, "")],
)
async def test_nothing_new(
    world: CozifyWorld,
    session: aiohttp.ClientSession,
    nothing: str,
    status: int,
    body: str,
) -> None:
    world.hub.state.behaviour = Behaviour(hold=0.1, nothing=nothing)
    url = f"{world.hub.url}/cc/1.14/hub/poll?ts={world.hub.state.last}"
    async with session.get(url, headers=key(world)) as response:
        assert (response.status, await response.text()) == (status, body)


async def test_cloud_tokens(world: CozifyWorld, session: aiohttp.ClientSession) -> None:
    base = world.cloud_url
    async with session.post(
        f"{base}/user/requestlogin", params={"email": seed.OWNER}
    ) as response:
        assert (response.status, await response.text()) == (200, "null")
    code = world.cloud.code_of(seed.OWNER)
    assert len(code) == 6
    form = {"email": seed.OWNER, "password": code}
    # As a form, too; and once only.
    async with session.post(f"{base}/user/emaillogin", data=form) as response:
        token = await response.text()
    assert token.count(".") == 2
    async with session.post(f"{base}/user/emaillogin", json=form) as response:
        assert response.status == 401
    async with session.post(f"{base}/user/emaillogin", json={}) as response:
        assert response.status == 400
    headers = {"Authorization": token}
    async with session.post(f"{base}/user/refreshsession", headers=headers) as response:
        assert response.status == 405
    async with session.get(f"{base}/hub/lan_ip") as response:
        assert await response.json() == [world.hub.url]
