"""API of a hub: addresses, keys, and commands."""

import asyncio

import aiohttp
import pytest
from yarl import URL

from custom_components.junction.backends.cozify.client.api import Route
from custom_components.junction.backends.cozify.client.commands import Commands, switch
from custom_components.junction.backends.cozify.client.const import Remote
from custom_components.junction.backends.cozify.client.errors import (
    CloudLoginError,
    HubGoneError,
    HubKeyRefusedError,
    HubOfflineError,
    RemoteUnpaidError,
    VersionGoneError,
    WrongHubError,
)
from custom_components.junction.backends.cozify.client.models import Device
from custom_components.junction.backends.cozify.client.parse import parse_poll
from custom_components.junction.backends.cozify.client.state import CozifyState
from custom_components.junction.backends.http import Answer, PermissionDeniedError
from custom_components.junction.errors import RejectedError, UnreachableError
from simulators import http_faults as faults
from simulators.cozify import seed
from simulators.cozify.server import CozifyWorld
from simulators.cozify.state import HubState
from simulators.cozify.tokens import GUEST

from ..conftest import Reach

# The link.


async def poll(reach: Reach) -> Answer:
    return await reach.api.request("GET", "hub/poll", params={"ts": 0})


async def test_version_is_read_and_read_again(world: CozifyWorld, reach: Reach) -> None:
    assert await reach.api.time_zone() == "Europe/Helsinki"
    world.hub.state.version = "1.15.0.1"
    await poll(reach)
    paths = [request.path for request in world.hub.server.log.requests]
    assert paths == [
        "/hub",
        "/cc/1.14/hub/tz",
        "/cc/1.14/hub/poll",
        "/hub",
        "/cc/1.15/hub/poll",
    ]


async def test_version_that_stays_wrong(world: CozifyWorld, reach: Reach) -> None:
    world.hub.server.inject(faults.status(410), "/cc/*")
    with pytest.raises(VersionGoneError):
        await poll(reach)
    assert world.hub.server.log.count("GET", "/cc/*") == 2


async def test_key_that_ended(world: CozifyWorld, reach: Reach) -> None:
    reach.end_hub_key()
    await poll(reach)
    assert reach.keys.renewals == 1
    assert [tokens.hub for tokens in reach.stored] == [reach.keys.tokens.hub]


async def test_key_that_is_refused_for_good(world: CozifyWorld, reach: Reach) -> None:
    world.hub.server.inject(faults.status(401, "Authentication failed."), "/cc/*")
    with pytest.raises(HubKeyRefusedError):
        await poll(reach)
    assert world.cloud_server.log.count("GET", "*/hubkeys") == 1


async def test_new_key_that_is_refused_too(world: CozifyWorld, reach: Reach) -> None:
    reach.end_hub_key()
    world.hub.server.inject(faults.status(401, "Authentication failed."), "/cc/*")
    with pytest.raises(HubKeyRefusedError):
        await poll(reach)


async def test_key_while_the_cloud_is_away(world: CozifyWorld, reach: Reach) -> None:
    reach.end_hub_key()
    world.cloud_server.inject(faults.status(503))
    with pytest.raises(UnreachableError):
        await poll(reach)
    assert reach.logins_needed == 0


async def test_both_dead(world: CozifyWorld, reach: Reach) -> None:
    reach.end_hub_key()
    reach.end_cloud_token()
    for _ in range(3):
        with pytest.raises(CloudLoginError):
            await poll(reach)
    # One notification is enough, for the cloud and for the user.
    assert reach.logins_needed == 1
    assert world.cloud_server.log.count("GET", "*/hubkeys") == 1


async def test_hub_gone(world: CozifyWorld, reach: Reach) -> None:
    reach.end_hub_key()
    world.account.roles.clear()
    with pytest.raises(HubGoneError):
        await poll(reach)


async def test_forbidden(world: CozifyWorld, reach: Reach) -> None:
    await reach.api.find()
    world.mint.issued[reach.keys.tokens.hub].role = GUEST
    for _ in range(3):
        with pytest.raises(PermissionDeniedError):
            await reach.api.command("devices/command", [])
    assert world.cloud_server.log.count("GET", "*/hubkeys") == 1
    assert reach.logins_needed == 0


async def test_forbidden_by_a_key_that_can_be_renewed(
    world: CozifyWorld, reach: Reach
) -> None:
    await reach.api.find()
    reach.end_hub_key()
    world.hub.server.inject(faults.status(403), "/cc/*", times=1)
    await poll(reach)
    assert reach.keys.renewals == 1


async def test_forbidden_while_the_cloud_is_away(
    world: CozifyWorld, reach: Reach
) -> None:
    """A refused command is reported when the cloud is offline and cannot renew the key."""
    await reach.api.find()
    world.cloud_server.inject(faults.status(502, "<html>"), "*/hubkeys")
    world.hub.server.inject(faults.status(403), "/cc/*")
    with pytest.raises(PermissionDeniedError):
        await poll(reach)
    assert reach.logins_needed == 0


async def test_error_in_disguise(world: CozifyWorld, reach: Reach) -> None:
    await reach.api.find()
    body = '{"code":1,"message":"Authentication failed"}'
    world.hub.server.inject(faults.status(200, body), "/cc/*", times=2)
    with pytest.raises(HubKeyRefusedError):
        await poll(reach)
    world.hub.server.inject(
        faults.status(200, '{"code":7,"message":"Busy"}'), "/cc/*", times=1
    )
    with pytest.raises(RejectedError, match="Busy"):
        await poll(reach)


async def test_another_hub_at_the_address(world: CozifyWorld, reach: Reach) -> None:
    """A hub that replaces another one at an address gets no further requests."""
    await reach.api.find()
    world.hub.state.hub_id = seed.uid(99)
    with pytest.raises(WrongHubError):
        await poll(reach)
    assert world.cloud_server.log.count("GET", "*/hubkeys") == 0


async def test_remote(world: CozifyWorld, session: aiohttp.ClientSession) -> None:
    reach = Reach(world, session, remote=Remote.ONLY)
    await poll(reach)
    assert reach.api.route is Route.REMOTE
    assert world.hub.server.log.count() == 0
    request = world.cloud_server.log.requests[-1]
    assert request.headers["Authorization"] == reach.keys.tokens.cloud
    assert request.headers["X-Hub-Key"] == reach.keys.tokens.hub


async def test_remote_version_is_read_again(
    world: CozifyWorld, session: aiohttp.ClientSession
) -> None:
    reach = Reach(world, session, remote=Remote.ONLY)
    await poll(reach)
    world.hub.state.version = "1.15.0.1"
    await poll(reach)
    assert reach.api.meta is not None
    assert reach.api.meta.api == "1.15"
    assert world.hub.server.log.count() == 0


async def test_a_command_stays_in_the_network_without_a_paid_cloud(
    world: CozifyWorld, reach: Reach
) -> None:
    await reach.api.find()
    world.cloud.behaviour.unpaid = True
    await world.hub.server.refuse()
    for asked in (1, 1):
        with pytest.raises(UnreachableError):
            await reach.api.command("devices/command", [])
        assert world.cloud_server.log.count("PUT", "*/hub/remote/*") == asked


async def test_the_hub_is_not_back_yet(
    world: CozifyWorld, session: aiohttp.ClientSession
) -> None:
    await world.hub.server.refuse()
    world.cloud.where.clear()
    reach = Reach(world, session)
    await reach.api.find()
    assert reach.api.route is Route.REMOTE
    # Not yet time to look; then in vain; then found.
    assert not await reach.api.look_for_local()
    for back in (False, True):
        if back:
            await world.hub.server.listen()
        reach.api._look_due = 0.0
        assert await reach.api.look_for_local() is back
    assert reach.api.route is Route.LOCAL


async def test_remote_key_ended(
    world: CozifyWorld, session: aiohttp.ClientSession
) -> None:
    reach = Reach(world, session, remote=Remote.ONLY)
    reach.end_hub_key()
    await poll(reach)
    assert reach.keys.renewals == 1
    reach.end_cloud_token()
    with pytest.raises(CloudLoginError):
        await poll(reach)
    assert reach.logins_needed == 1


@pytest.mark.parametrize("status", [400, 408])
async def test_remote_hub_offline(
    world: CozifyWorld, session: aiohttp.ClientSession, status: int
) -> None:
    world.cloud.behaviour.offline_status = status
    world.hub.state.cloud_connected = False
    reach = Reach(world, session, remote=Remote.ONLY)
    with pytest.raises(HubOfflineError):
        await reach.api.find()


async def test_remote_unpaid(
    world: CozifyWorld, session: aiohttp.ClientSession
) -> None:
    world.cloud.behaviour.unpaid = True
    reach = Reach(world, session, remote=Remote.ONLY)
    for _ in range(2):
        with pytest.raises(RemoteUnpaidError):
            await reach.api.find()
    assert reach.unpaid == [True]
    world.cloud.behaviour.unpaid = False
    await reach.api.find()
    assert reach.unpaid == [True, False]


async def test_never_remote(world: CozifyWorld, session: aiohttp.ClientSession) -> None:
    reach = Reach(world, session, remote=Remote.OFF)
    await reach.api.find()
    await world.hub.server.refuse()
    with pytest.raises(UnreachableError):
        await reach.api.command("devices/command", [])
    with pytest.raises(UnreachableError):
        await reach.api.find()
    assert not world.cloud_server.log.count("*", "*/remote/*")


async def test_address_is_looked_for(
    world: CozifyWorld, session: aiohttp.ClientSession
) -> None:
    stranger = world.add_hub(HubState(world.clock, seed.uid(5)))
    await stranger.start()
    world.cloud.behaviour.addresses = [
        "127.0.0.1:9",
        world.cloud_server.url,
        stranger.url,
        world.hub.url,
    ]
    reach = Reach(world, session, host=None)
    await reach.api.find()
    assert reach.api.route is Route.LOCAL
    assert reach.moves == [URL(world.hub.url)]
    assert not any("Authorization" in r.headers for r in stranger.server.log.requests)


async def test_nowhere(world: CozifyWorld, session: aiohttp.ClientSession) -> None:
    world.cloud.behaviour.addresses = []
    reach = Reach(world, session, host=None, remote=Remote.OFF)
    with pytest.raises(UnreachableError):
        await reach.api.find()
    await world.cloud_server.refuse()
    with pytest.raises(UnreachableError):
        await reach.api.find()


# Commands.


async def test_commands_share_requests_in_order(
    world: CozifyWorld, reach: Reach
) -> None:

    await reach.api.find()
    store = CozifyState()
    store.apply(parse_poll(await poll(reach)))
    devices = list(store.devices.values())
    sender = Commands(reach.api, "devices/command")
    await asyncio.gather(
        *(
            sender.send(switch(device, on=on))
            for on in (True, False)
            for device in devices
        )
    )
    assert world.hub.server.log.count("PUT") == 1
    told = [command["id"] for _, command in world.hub.state.commands]
    assert told == [device.id for device in devices] * 2
    await sender.close()


async def test_one_bad_command_does_not_spoil_the_others(
    world: CozifyWorld, reach: Reach
) -> None:

    await reach.api.find()
    world.hub.server.inject(faults.status(400, "no"), "*/command", times=2)
    device = Device.parse(seed.PLUG, {})
    sender = Commands(reach.api, "devices/command")
    results = await asyncio.gather(
        sender.send(switch(device, on=True)),
        sender.send(switch(device, on=False)),
        return_exceptions=True,
    )
    assert [type(result) for result in results] == [RejectedError, type(None)]
    assert len(world.hub.state.commands) == 1
