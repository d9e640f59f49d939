"""The cloud, the tokens, the deltas and the link, each by itself."""

import asyncio
from datetime import UTC, datetime
from http import HTTPStatus
import json
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from yarl import URL

from custom_components.junction.backends.cozify.cloud import CloudClient
from custom_components.junction.backends.cozify.const import Remote
from custom_components.junction.backends.cozify.errors import (
    BadTokenError,
    CloudLoginError,
    HubGoneError,
    HubKeyRefusedError,
    HubOfflineError,
    RemoteUnpaidError,
    VersionGoneError,
    WrongCodeError,
    WrongHubError,
)
from custom_components.junction.backends.cozify.link import Route
from custom_components.junction.backends.cozify.models import Device, Kind, Meta, Rule
from custom_components.junction.backends.cozify.sender import Sender, switch
from custom_components.junction.backends.cozify.store import Store, parse_poll
from custom_components.junction.backends.cozify.tokens import claims, parse_token
from custom_components.junction.backends.http import Answer, PermissionDeniedError
from custom_components.junction.errors import (
    ProtocolError,
    RejectedError,
    UnreachableError,
)
from simulators import http_faults as faults
from simulators.cozify import seed
from simulators.cozify.server import CozifyWorld
from simulators.cozify.state import HubState
from simulators.cozify.tokens import GUEST

from .conftest import Reach

FIXTURES = Path(__file__).parents[2] / "fixtures" / "cozify"


def answer(body: object = b"", status: int = 200) -> Answer:
    """Return an answer with a body."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer(
        status=status,
        headers={},
        body=data,
        url=URL("http://hub"),
        received=datetime.now(UTC),
    )


# Tokens.


@pytest.mark.parametrize("text", ["a.b.cdefghijk", ' "a.b.cdefghijk"\n'])
def test_token(text: str) -> None:
    assert parse_token(text) == "a.b.cdefghijk"


@pytest.mark.parametrize(
    "text", ["", "null", "{}", "a.b.c", "<html>a.b.c</html> x", "ä.bbbbbbbb.cccc"]
)
def test_no_token(text: str) -> None:
    with pytest.raises(BadTokenError):
        parse_token(text)


@pytest.mark.parametrize("token", ["", "a.b.c", "!.!.!", "bnVsbA.bnVsbA.x"])
def test_claims_of_nonsense(token: str) -> None:
    assert claims(token).expires is None


@pytest.mark.parametrize("snake", [False, True])
def test_claims(world: CozifyWorld, snake: bool) -> None:
    world.cloud.behaviour.snake_claims = snake
    said = claims(world.cloud.key(seed.OWNER, seed.HUB_ID).text)
    assert (said.hub_id, said.hub_name) == (seed.HUB_ID, "Koti")
    token = claims(world.cloud.cloud_token(seed.OWNER).text)
    assert token.expires is not None
    assert token.issued is not None
    published = json.loads((FIXTURES / "jwt_claims.json").read_text())
    assert (token.expires - token.issued).total_seconds() == published[
        "cloud_token_2017"
    ]["lifetime_seconds"]


# The cloud.


@pytest.mark.parametrize("kind", ["application/json", "application/binary", None])
@pytest.mark.parametrize("quoted", [False, True])
async def test_login(
    world: CozifyWorld, cloud: CloudClient, kind: str | None, quoted: bool
) -> None:
    world.cloud.behaviour.token_type = kind
    world.cloud.behaviour.quoted = quoted
    await cloud.request_code(seed.OWNER)
    token = await cloud.log_in(seed.OWNER, world.cloud.code_of(seed.OWNER))
    assert token in world.mint.issued
    newer = await cloud.refresh(token)
    assert newer in world.mint.issued
    assert list(await cloud.hub_keys(newer)) == [seed.HUB_ID]
    await cloud.log_out(token)
    with pytest.raises(CloudLoginError):
        await cloud.hub_keys(token)


async def test_plus_in_the_address_survives(
    world: CozifyWorld, cloud: CloudClient
) -> None:
    assert "+" in seed.OWNER
    await cloud.request_code(seed.OWNER)
    [request] = world.cloud_server.log.requests
    assert request.query == {"email": seed.OWNER}
    assert len(world.cloud.sent_codes) == 1


async def test_wrong_code_is_asked_of_one_host_only(
    world: CozifyWorld, session: aiohttp.ClientSession
) -> None:
    cloud = CloudClient(session, [URL(world.cloud_url), URL(world.cloud_url)])
    with pytest.raises(WrongCodeError):
        await cloud.log_in(seed.OWNER, "WRONG1")
    assert world.cloud_server.log.count() == 1


async def test_another_host_of_the_cloud(
    world: CozifyWorld, session: aiohttp.ClientSession
) -> None:
    dead, other = URL("http://127.0.0.1:9/ui/0.2"), URL(world.hub.url)
    cloud = CloudClient(session, [dead, other, URL(world.cloud_url)])
    await cloud.request_code(seed.OWNER)
    await cloud.request_code(seed.OWNER)
    # The one that answered is asked first from then on.
    assert world.hub.server.log.count() == 1
    assert len(world.cloud.sent_codes) == 2
    cloud = CloudClient(session, [dead, other])
    with pytest.raises(UnreachableError):
        await cloud.request_code(seed.OWNER)


@pytest.mark.parametrize("keys", ["null", "empty", "null_value"])
async def test_account_without_keys(
    world: CozifyWorld, cloud: CloudClient, keys: str
) -> None:
    if keys == "null":
        world.account.roles.clear()
    elif keys == "empty":
        world.cloud_server.inject(faults.empty_body())
    else:
        world.cloud.behaviour.null_keys = True
    token = world.cloud.cloud_token(seed.OWNER).text
    assert await cloud.hub_keys(token) == {}


async def test_addresses(world: CozifyWorld, cloud: CloudClient) -> None:
    world.cloud.behaviour.addresses = [
        "192.168.1.5",
        "http://192.168.70.160:8893",
        "192.168.1.5",
        "93.184.216.34",
        "nonsense here",
        "hub.example",
    ]
    assert await cloud.addresses() == [
        URL("http://192.168.1.5:8893"),
        URL("http://192.168.70.160:8893"),
    ]
    world.cloud_server.inject(faults.html_page(200), times=1)
    assert await cloud.addresses() == []


# Versions.


@pytest.mark.parametrize(
    ("version", "api"), [("1.14.9.124", "1.14"), ("1.9.0.1", "1.9"), ("2.0", "2.0")]
)
def test_api_version(version: str, api: str) -> None:
    assert Meta("id", "name", version).api == api


# Deltas.


def delta(ts: int, *, full: bool = False, **kinds: Any) -> dict[str, Any]:
    """Return a delta of the hub."""
    names = {"devices": "DEVICE_DELTA", "rooms": "ROOM_DELTA", "rules": "RULE_DELTA"}
    return {
        "type": "POLL_DELTA",
        "full": full,
        "timestamp": ts,
        "polls": [
            {"type": names.get(kind, kind), kind: items}
            for kind, items in kinds.items()
        ],
    }


def lamp(ts: int, **state: Any) -> dict[str, Any]:
    return {"type": "LIGHT", "name": "L", "timestamp": ts, "state": state}


def test_shapes_of_an_answer() -> None:
    one = delta(1)
    assert parse_poll(answer(one)) == [one]
    assert parse_poll(answer([one, one])) == [one, one]
    for nothing in (b"", b" \n", b"null", b"[]"):
        assert parse_poll(answer(nothing)) == []
    for status in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED):
        assert parse_poll(answer(b"whatever", status)) == []
    for wrong in (b"1", b'{"a":1}', b'["x"]', b"<html>", b'{"type":'):
        with pytest.raises(ProtocolError):
            parse_poll(answer(wrong))


def test_vendors_example_of_timestamps() -> None:
    example = json.loads((FIXTURES / "vendor_doc_examples.json").read_text())
    store = Store()
    for poll in example["poll_timestamps"]:
        assert store.ts == poll["request_ts"]
        store.apply([delta(poll["response_timestamp"])])


def test_real_devices() -> None:
    store = Store()
    devices = json.loads((FIXTURES / "devices.json").read_text())
    changes = store.apply([delta(5, full=True, devices=devices)])
    assert len(changes.all) == len(store.devices) == 5
    lamp = store.devices["a371469c-ae3e-11e5-ab7a-68c90bba878f"]
    assert (lamp.name, lamp.manufacturer, lamp.reachable) == (
        "Dining Täble",
        "OSRAM",
        False,
    )
    assert lamp.can("COLOR_HS", "nothing")


def test_deltas() -> None:
    store = Store()
    store.apply([delta(10, full=True, devices={"a": lamp(9), "b": lamp(9)})])
    changes = store.apply([delta(12, devices={"a": lamp(11, isOn=True), "b": None})])
    assert {(c.id, c.new is None) for c in changes.all} == {("a", False), ("b", True)}
    assert not changes.full
    assert store.ts == 12
    # The same once more, and an older one, change nothing.
    assert store.apply([delta(12, devices={"a": lamp(11, isOn=True)})]).all == []
    assert store.apply([delta(13, devices={"a": lamp(8)})]).all == []
    # Deleting what is not there either.
    assert store.apply([delta(14, devices={"b": None, "zz": None})]).all == []
    # What another listing lacks is gone.
    changes = store.apply([delta(15, full=True, devices={"c": lamp(3)})])
    assert set(store.devices) == {"c"}
    assert changes.full


def test_full_without_a_kind() -> None:
    store = Store()
    store.apply(
        [delta(1, full=True, devices={"a": lamp(1)}, rooms={"r": {"name": "R"}})]
    )
    store.apply([delta(2, full=True)])
    # There are always devices; rooms there may be none.
    assert set(store.devices) == {"a"}
    assert store.rooms == {}


def test_time_that_runs_backwards() -> None:
    store = Store()
    store.apply([delta(100, full=True, devices={"a": lamp(1)})])
    changes = store.apply([delta(50, devices={"a": lamp(2)})])
    assert changes.stale
    assert changes.all == []
    assert store.ts == 100


def test_what_nobody_knows_is_left_out() -> None:
    store = Store()
    told = delta(1, full=True, devices={"a": lamp(1), "b": 7, "c": []}, ZONE_DELTA={})
    told["polls"] += ["x", {"type": "DEVICE_DELTA"}, {}]
    store.apply([told])
    assert set(store.devices) == {"a"}
    assert store.strange == {
        "devices: int": 1,
        "devices: list": 1,
        "ZONE_DELTA": 1,
        "?": 1,
    }


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"state": None, "capabilities": None, "room": 5, "buttons": "x"},
        {
            "state": [],
            "capabilities": {"values": [1, None]},
            "name": 3,
            "timestamp": "x",
        },
    ],
)
def test_devices_of_wrong_shapes(said: dict[str, Any]) -> None:
    device = Device.parse("abcdefghij", said)
    assert device.name == "abcdefgh"
    assert device.capabilities == frozenset()
    assert device.room is None
    assert device.reachable


def test_rules_have_their_own_spelling() -> None:
    rule = Rule.parse("1", {"is_on": True, "config": {"name": "Yö"}})
    assert (rule.on, rule.name) == (True, "Yö")
    assert Rule.parse("1", {"isOn": False}).on is False


def test_answer_to_a_command() -> None:
    store = Store()
    changes = store.take(Kind.SCENE, [{"id": "1", "isOn": True}, {"isOn": True}])
    assert [change.id for change in changes.all] == ["1"]


# The link.


async def poll(reach: Reach) -> Answer:
    return await reach.link.request("GET", "hub/poll", params={"ts": 0})


async def test_version_is_read_and_read_again(world: CozifyWorld, reach: Reach) -> None:
    assert await reach.link.time_zone() == "Europe/Helsinki"
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
    # Once is enough, for the cloud and for the person.
    assert reach.logins_needed == 1
    assert world.cloud_server.log.count("GET", "*/hubkeys") == 1


async def test_hub_gone(world: CozifyWorld, reach: Reach) -> None:
    reach.end_hub_key()
    world.account.roles.clear()
    with pytest.raises(HubGoneError):
        await poll(reach)


async def test_forbidden(world: CozifyWorld, reach: Reach) -> None:
    await reach.link.find()
    world.mint.issued[reach.keys.tokens.hub].role = GUEST
    for _ in range(3):
        with pytest.raises(PermissionDeniedError):
            await reach.link.command("devices/command", [])
    assert world.cloud_server.log.count("GET", "*/hubkeys") == 1
    assert reach.logins_needed == 0


async def test_forbidden_by_a_key_that_can_be_renewed(
    world: CozifyWorld, reach: Reach
) -> None:
    await reach.link.find()
    reach.end_hub_key()
    world.hub.server.inject(faults.status(403), "/cc/*", times=1)
    await poll(reach)
    assert reach.keys.renewals == 1


async def test_error_in_disguise(world: CozifyWorld, reach: Reach) -> None:
    await reach.link.find()
    body = '{"code":1,"message":"Authentication failed"}'
    world.hub.server.inject(faults.status(200, body), "/cc/*", times=1)
    with pytest.raises(HubKeyRefusedError):
        await poll(reach)
    world.hub.server.inject(
        faults.status(200, '{"code":7,"message":"Busy"}'), "/cc/*", times=1
    )
    with pytest.raises(RejectedError, match="Busy"):
        await poll(reach)


async def test_another_hub_at_the_address(world: CozifyWorld, reach: Reach) -> None:
    """Also one that came there while we were talking: it is told no second word."""
    await reach.link.find()
    world.hub.state.hub_id = seed.uid(99)
    with pytest.raises(WrongHubError):
        await poll(reach)
    assert world.cloud_server.log.count("GET", "*/hubkeys") == 0


async def test_remote(world: CozifyWorld, session: aiohttp.ClientSession) -> None:
    reach = Reach(world, session, remote=Remote.ONLY)
    await poll(reach)
    assert reach.link.route is Route.REMOTE
    assert world.hub.server.log.count() == 0
    request = world.cloud_server.log.requests[-1]
    assert request.headers["Authorization"] == reach.keys.tokens.cloud
    assert request.headers["X-Hub-Key"] == reach.keys.tokens.hub


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
        await reach.link.find()


async def test_remote_unpaid(
    world: CozifyWorld, session: aiohttp.ClientSession
) -> None:
    world.cloud.behaviour.unpaid = True
    reach = Reach(world, session, remote=Remote.ONLY)
    for _ in range(2):
        with pytest.raises(RemoteUnpaidError):
            await reach.link.find()
    assert reach.unpaid == [True]
    world.cloud.behaviour.unpaid = False
    await reach.link.find()
    assert reach.unpaid == [True, False]


async def test_never_remote(world: CozifyWorld, session: aiohttp.ClientSession) -> None:
    reach = Reach(world, session, remote=Remote.OFF)
    await reach.link.find()
    await world.hub.server.refuse()
    with pytest.raises(UnreachableError):
        await reach.link.command("devices/command", [])
    with pytest.raises(UnreachableError):
        await reach.link.find()
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
    await reach.link.find()
    assert reach.link.route is Route.LOCAL
    assert reach.moves == [URL(world.hub.url)]
    assert not any("Authorization" in r.headers for r in stranger.server.log.requests)


async def test_nowhere(world: CozifyWorld, session: aiohttp.ClientSession) -> None:
    world.cloud.behaviour.addresses = []
    reach = Reach(world, session, host=None, remote=Remote.OFF)
    with pytest.raises(UnreachableError):
        await reach.link.find()
    await world.cloud_server.refuse()
    with pytest.raises(UnreachableError):
        await reach.link.find()


# Commands.


async def test_commands_share_requests_in_order(
    world: CozifyWorld, reach: Reach
) -> None:

    await reach.link.find()
    store = Store()
    store.apply(parse_poll(await poll(reach)))
    devices = list(store.devices.values())
    sender = Sender(reach.link, "devices/command")
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

    await reach.link.find()
    world.hub.server.inject(faults.status(400, "no"), "*/command", times=2)
    device = Device.parse(seed.PLUG, {})
    sender = Sender(reach.link, "devices/command")
    results = await asyncio.gather(
        sender.send(switch(device, on=True)),
        sender.send(switch(device, on=False)),
        return_exceptions=True,
    )
    assert [type(result) for result in results] == [RejectedError, type(None)]
    assert len(world.hub.state.commands) == 1
