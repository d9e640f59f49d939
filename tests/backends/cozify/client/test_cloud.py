"""API of the cloud and its tokens."""

import json
from pathlib import Path

import aiohttp
import pytest
from yarl import URL

from custom_components.junction.backends.cozify.client.cloud import CloudApi
from custom_components.junction.backends.cozify.client.errors import (
    BadTokenError,
    CloudLoginError,
    WrongCodeError,
)
from custom_components.junction.backends.cozify.client.models import Meta
from custom_components.junction.backends.cozify.client.tokens import claims, parse_token
from custom_components.junction.errors import UnreachableError
from simulators import http_faults as faults
from simulators.cozify import seed
from simulators.cozify.server import CozifyWorld

FIXTURES = Path(__file__).parents[3] / "fixtures" / "cozify"


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
    world: CozifyWorld, cloud: CloudApi, kind: str | None, quoted: bool
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
    world: CozifyWorld, cloud: CloudApi
) -> None:
    assert "+" in seed.OWNER
    await cloud.request_code(seed.OWNER)
    [request] = world.cloud_server.log.requests
    assert request.query == {"email": seed.OWNER}
    assert len(world.cloud.sent_codes) == 1


async def test_wrong_code_is_asked_of_one_host_only(
    world: CozifyWorld, session: aiohttp.ClientSession
) -> None:
    cloud = CloudApi(session, [URL(world.cloud_url), URL(world.cloud_url)])
    with pytest.raises(WrongCodeError):
        await cloud.log_in(seed.OWNER, "WRONG1")
    assert world.cloud_server.log.count() == 1


async def test_another_host_of_the_cloud(
    world: CozifyWorld, session: aiohttp.ClientSession
) -> None:
    dead, other = URL("http://127.0.0.1:9/ui/0.2"), URL(world.hub.url)
    cloud = CloudApi(session, [dead, other, URL(world.cloud_url)])
    await cloud.request_code(seed.OWNER)
    await cloud.request_code(seed.OWNER)
    # The server that responded is the first one to try from then on.
    assert world.hub.server.log.count() == 1
    assert len(world.cloud.sent_codes) == 2
    cloud = CloudApi(session, [dead, other])
    with pytest.raises(UnreachableError):
        await cloud.request_code(seed.OWNER)


@pytest.mark.parametrize("keys", ["null", "empty", "null_value"])
async def test_account_without_keys(
    world: CozifyWorld, cloud: CloudApi, keys: str
) -> None:
    if keys == "null":
        world.account.roles.clear()
    elif keys == "empty":
        world.cloud_server.inject(faults.empty_body())
    else:
        world.cloud.behaviour.null_keys = True
    token = world.cloud.cloud_token(seed.OWNER).text
    assert await cloud.hub_keys(token) == {}


async def test_addresses(world: CozifyWorld, cloud: CloudApi) -> None:
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
