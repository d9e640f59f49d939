"""python-cozify against the simulated cloud and hub."""

from collections.abc import AsyncIterator, Callable
import time
from typing import Any, Final

import pytest
from yarl import URL

from simulators.clock import VirtualClock
from simulators.cozify import seed
from simulators.cozify.server import CozifyWorld

from .conftest import Judge

CODE: Final = "P7BQ8E"
LAMP: Final = seed.LAMP_RGBW
SCENE: Final = seed.SCENE_MOVIE

WRONG_RANGE: Final = {"hub.light_temperature:outside"}
"""Calls that the package itself refuses, as it should."""

CALLS: Final = 63
"""Functions of the package, those without a request of their own included."""


@pytest.fixture
async def world(socket_enabled: None) -> AsyncIterator[CozifyWorld]:
    """Return a cloud with one hub, whose address the cloud gives without a port."""
    async with CozifyWorld(VirtualClock(time.time())) as world:
        world.cloud.behaviour.code = CODE
        world.cloud.behaviour.addresses = ["127.0.0.1"]
        yield world


async def test_every_call(judge: Judge, world: CozifyWorld) -> None:
    """Every function of the package has its documented result with the simulators.

    The email address and the code are entered at its own prompts.
    """
    report = await judge(
        "python_cozify",
        typed=f"{seed.OWNER}\n{CODE}\n",
        cloud_url=world.cloud_url,
        hub_port=URL(world.hub.url).port,
        email=seed.OWNER,
        code=CODE,
        lamp=LAMP,
        scene=SCENE,
    )
    calls = report["calls"]
    assert {call["name"] for call in calls if "error" in call} == WRONG_RANGE
    called = {call["name"].partition(":")[0] for call in calls}
    assert sorted(f"cozify.{name}" for name in called) == report["names"]
    assert len(called) == CALLS
    values = {call["name"]: call.get("value") for call in calls}
    wrong = {
        name: values[name]
        for name, expected in EXPECTED.items()
        if not (
            expected(values[name]) if callable(expected) else values[name] == expected
        )
    }
    assert wrong == {}
    waited = [name for name in values if name.startswith("hub.await_state")]
    assert [name for name in waited if values[name] is not True] == []
    assert len(waited) == 8
    assert report["state"]["Cloud"] == {}
    assert report["state"][f"Hubs.{seed.HUB_ID}"]["host"] == "127.0.0.1"


def is_token(value: object) -> bool:
    """Return whether a value is a bare token."""
    return isinstance(value, str) and value.count(".") == 2 and " " not in value


def of_devices(*names: str) -> Callable[[Any], bool]:
    """Return whether a value holds exactly the devices of these names."""
    return lambda value: {device["name"] for device in value.values()} == set(names)


def is_all(value: Any) -> bool:
    """Return whether a value holds all devices."""
    return len(value) == 33 and value[LAMP]["id"] == LAMP


def switched(*, on: bool) -> Callable[[Any], bool]:
    """Return whether a value is, or lists, the scene in that state."""

    def check(value: Any) -> bool:
        rows = value if isinstance(value, list) else [value]
        return any(row["id"] == SCENE and row["isOn"] is on for row in rows)

    return check


KEYS: Final = {seed.HUB_ID}
THERMOMETERS: Final = (
    "Makuuhuone",
    "Eteinen",
    "Lattialämmitys",
    "Ilmalämpöpumppu",
)
EXPECTED: Final[dict[str, Any]] = {
    "cloud_api.requestlogin": None,
    "cloud_api.emaillogin": is_token,
    "cloud_api.hubkeys": lambda value: set(value) == KEYS,
    "cloud_api.lan_ip": ["127.0.0.1"],
    "cloud_api.refreshsession": is_token,
    "cloud_api.get": lambda value: all(map(is_token, value.values())),
    "cloud_api.post": None,
    "cloud_api.put": None,
    "cloud_api.remote": "Europe/Helsinki",
    "cloud.authenticate": True,
    "cloud.authenticate:hub": True,
    "cloud.email": seed.OWNER,
    "cloud.email:set": seed.OWNER,
    "cloud.token": is_token,
    "cloud.ping": True,
    "cloud.refresh": True,
    "cloud.update_hubs": None,
    "cloud.resetState": None,
    "hub.default": seed.HUB_ID,
    "hub.getDefaultHub": seed.HUB_ID,
    "hub.name": "Koti",
    "hub.hub_id": seed.HUB_ID,
    "hub.getHubId": seed.HUB_ID,
    "hub.host": "127.0.0.1",
    "hub.exists": True,
    "hub.token": is_token,
    "hub.remote": False,
    "hub.autoremote": True,
    "hub.tz": "Europe/Helsinki",
    "hub.tz:remote": "Europe/Helsinki",
    "hub.ping": True,
    "hub.ping:renew": True,
    "hub.devices": is_all,
    "hub.devices:remote": is_all,
    "hub.getDevices": is_all,
    "hub.devices:one": of_devices(*THERMOMETERS),
    "hub.devices:or": of_devices(*THERMOMETERS),
    "hub.devices:and": of_devices("Makuuhuone"),
    "hub.device": lambda value: value["state"]["type"] == "STATE_LIGHT",
    "hub.device_exists": True,
    "hub.device_exists:not": False,
    "hub.device_eligible": True,
    "hub.device_eligible:not": False,
    "hub.device_reachable": True,
    "hub.has_state": True,
    "hub.scenes": lambda value: len(value) == 3,
    "hub.scenes:filter": lambda value: [s["icon"] for s in value.values()] == ["HOME"],
    "hub.scene": switched(on=False),
    "hub.scene:on": switched(on=True),
    "hub.scene:toggled": switched(on=True),
    "multisensor.getMultisensorData": lambda value: (
        [row["name"] for row in value] == ["Makuuhuone", "Kellari"]
    ),
    **{
        f"hub_api.{name}{way}": expected
        for way in ("", ":remote")
        for name, expected in (
            ("hub", lambda value: value["hubId"] == seed.HUB_ID),
            ("tz", "Europe/Helsinki"),
            ("get", lambda value: set(value) == {seed.LIVING, seed.STAIRS}),
            ("put", None),
            ("devices", is_all),
            ("devices_command", None),
            ("devices_command_generic", None),
            ("devices_command_state", None),
            ("devices_command_on", None),
            ("devices_command_off", None),
            ("scenes", lambda value: value[SCENE]["id"] == SCENE),
            ("scenes_command_state", switched(on=True)),
            ("scenes_command_on", switched(on=True)),
            ("scenes_command_off", switched(on=False)),
        )
    },
}
