"""A refusal of remote access does not affect access in the local network."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest

from custom_components.junction.backends.cozify.client import (
    Poller,
    Remote,
    Route,
    poller as poller_module,
    probe,
)
from custom_components.junction.backends.cozify.client.errors import RemoteUnpaidError
from custom_components.junction.errors import BackendError
from simulators import http_faults as faults
from simulators.cozify import seed
from simulators.cozify.server import CozifyWorld

from ..conftest import Reach, until

REFUSALS = ["unpaid", 401, 402, 403, "offline"]


def refuse(world: CozifyWorld, how: str | int) -> None:
    """Let the cloud relay nothing any more."""
    match how:
        case "unpaid":
            world.cloud.behaviour.unpaid = True
        case "offline":
            world.hub.state.cloud_connected = False
        case status:
            world.cloud_server.inject(faults.status(int(status)), "*/hub/remote/*")


@pytest.fixture
async def reach(world: CozifyWorld, session: aiohttp.ClientSession) -> Reach:
    """Return an API that was led to the cloud, for the hub did not answer."""
    reach = Reach(world, session)
    await world.hub.server.refuse()
    await reach.api.find()
    assert reach.api.route is Route.REMOTE
    return reach


@pytest.mark.parametrize("how", REFUSALS)
async def test_a_command_goes_to_the_hub_itself(
    world: CozifyWorld, reach: Reach, how: str | int
) -> None:
    refuse(world, how)
    await world.hub.server.listen()
    command = [{"id": seed.PLUG, "type": "CMD_DEVICE_ON"}]
    await reach.api.command("devices/command", command)
    assert reach.api.route is Route.LOCAL
    assert [row for _, row in world.hub.state.commands] == command


@pytest.mark.parametrize("how", ["unpaid", 403])
async def test_a_refusal_stands_if_the_hub_is_away(
    world: CozifyWorld, reach: Reach, how: str | int
) -> None:
    refuse(world, how)
    with pytest.raises(BackendError) as raised:
        await reach.api.command("devices/command", [])
    assert isinstance(raised.value, RemoteUnpaidError) is (how == "unpaid")


async def test_remote_only_stays_away_from_the_local_network(
    world: CozifyWorld, session: aiohttp.ClientSession
) -> None:
    reach = Reach(world, session, remote=Remote.ONLY)
    await reach.api.find()
    refuse(world, "unpaid")
    with pytest.raises(RemoteUnpaidError):
        await reach.api.request("GET", "hub/tz")
    assert world.hub.server.log.count() == 0


class Lost:
    """A poller that lost its hub, and is about to wait for minutes."""

    def __init__(self, reach: Reach) -> None:
        self.losses: list[BackendError] = []
        self.found = asyncio.Event()
        self.poller = Poller(
            reach.api,
            reach.state,
            changed=lambda changes: self.found.set(),
            lost=self.losses.append,
        )


@pytest.fixture
async def lost(
    world: CozifyWorld, reach: Reach, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Lost]:
    """Return a poller that was refused."""
    monkeypatch.setattr(poller_module, "LOOK_EVERY", 0.05)
    lost = Lost(reach)
    refuse(world, 403)
    task = asyncio.create_task(lost.poller.run())
    await until(lambda: lost.losses)
    yield lost
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_hub_that_answers_again_is_used_at_once(
    world: CozifyWorld, reach: Reach, lost: Lost
) -> None:
    await world.hub.server.listen()
    await asyncio.wait_for(lost.found.wait(), 5)
    assert reach.api.route is Route.LOCAL


def test_it_is_used_within_ten_seconds() -> None:
    """The local hub is used within ten seconds, even after a slow failed attempt."""
    assert poller_module.LOOK_EVERY + probe.TIMEOUT + probe.TIMEOUT <= 10


async def test_the_cloud_is_hardly_asked_meanwhile(
    world: CozifyWorld, reach: Reach, lost: Lost, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = 0
    try_local = reach.api.try_local

    async def counted() -> bool:
        nonlocal looks
        looks += 1
        return await try_local()

    monkeypatch.setattr(reach.api, "try_local", counted)
    relayed = world.cloud_server.log.count("GET", "*/hub/remote/*")
    asked = world.cloud_server.log.count("GET", "*/hub/lan_ip")
    await until(lambda: looks >= 10)
    assert world.cloud_server.log.count("GET", "*/hub/remote/*") == relayed
    assert world.cloud_server.log.count("GET", "*/hub/lan_ip") == asked
    # Once a minute it is, for the hub may have another address.
    reach.api._addresses_due = 0.0
    await world.hub.move()
    await asyncio.wait_for(lost.found.wait(), 5)
    assert [str(url) for url in reach.moves] == [f"{world.hub.url}"]
