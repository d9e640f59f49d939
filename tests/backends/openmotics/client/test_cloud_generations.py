"""The cloud client against several generations of the cloud."""

from collections.abc import AsyncGenerator
import json
from typing import Any

import aiohttp
import pytest
from yarl import URL

from custom_components.junction.backends.http import (
    NotFoundError,
    PermissionDeniedError,
    ServerError,
)
from custom_components.junction.backends.openmotics.client import (
    CloudGateway,
    Direction,
    Kind,
    Topic,
)
from custom_components.junction.errors import AuthFailedError, RejectedError
from simulators.http_faults import status
from simulators.openmotics.cloud import OFFSET, CloudServer

from ..conftest import UUID

SHUTTER = OFFSET + 8
NEW = frozenset({"open", "close", "stop"})
OLD = frozenset({"up", "down", "stop"})


@pytest.fixture
async def cloud(
    server: CloudServer, session: aiohttp.ClientSession
) -> AsyncGenerator[CloudGateway]:
    gateway = CloudGateway(session, UUID, "new-s3cret", "21", base=URL(server.base))
    await gateway.open()
    server.server.log.clear()
    yield gateway
    await gateway.close()


def posts(server: CloudServer) -> list[str]:
    """Return the last parts of the posted paths, and clear the log."""
    found = [
        request.path.rpartition("/")[2] for request in server.server.log.to("POST")
    ]
    server.server.log.clear()
    return found


@pytest.mark.parametrize("polite", [False, True])
@pytest.mark.parametrize(
    ("words", "first", "later"),
    [
        (NEW, ["open"], ["close"]),
        (OLD, ["open", "up"], ["down"]),
        (NEW | OLD, ["open"], ["close"]),
        (
            frozenset({"change_direction"}),
            ["open", "up", "change_direction"],
            ["change_direction"],
        ),
    ],
)
async def test_shutters(
    server: CloudServer,
    cloud: CloudGateway,
    words: frozenset[str],
    first: list[str],
    later: list[str],
    polite: bool,
) -> None:
    """The current command is tried first; the one that works is remembered."""
    server.commands.shutter_words = words
    server.quirks.polite = polite
    await cloud.move_shutter(SHUTTER, Direction.UP)
    assert posts(server) == first
    assert server.engine.commands[-1] == ("shutter", 8, "up")
    await cloud.move_shutter(SHUTTER, Direction.DOWN)
    assert posts(server) == later
    assert server.engine.commands[-1] == ("shutter", 8, "down")
    await cloud.move_shutter(SHUTTER, Direction.STOP)
    assert server.engine.commands[-1] == ("shutter", 8, "stop")
    posts(server)
    server.commands.shutter_words = NEW
    await cloud.move_shutter(SHUTTER, Direction.UP)
    assert posts(server)[-1] == "open"
    assert server.engine.commands[-1] == ("shutter", 8, "up")
    assert len(server.engine.commands) == 4


@pytest.mark.parametrize(
    ("code", "error"),
    [(403, PermissionDeniedError), (500, ServerError), (409, RejectedError)],
)
async def test_a_shutter_may_have_begun(
    server: CloudServer, cloud: CloudGateway, code: int, error: type[Exception]
) -> None:
    """Nothing else is tried when the cloud knows the command and fails."""
    server.server.inject(status(code, "{}"), "*/open")
    with pytest.raises(error):
        await cloud.move_shutter(SHUTTER, Direction.UP)
    assert posts(server) == ["open"]


async def test_no_such_shutter(server: CloudServer, cloud: CloudGateway) -> None:
    with pytest.raises(NotFoundError):
        await cloud.move_shutter(1, Direction.UP)
    assert posts(server) == ["open", "up", "change_direction"]
    await cloud.move_shutter(SHUTTER, Direction.UP)
    assert posts(server) == ["open"], "nothing wrong was learned"


@pytest.mark.parametrize(
    ("positions", "first"),
    [({"object"}, 1), ({"object", "text"}, 1), ({"text"}, 2)],
)
async def test_positions(
    server: CloudServer, cloud: CloudGateway, positions: set[str], first: int
) -> None:
    server.commands.positions = frozenset(positions)
    for position, requests in ((10, first), (5, 1)):
        await cloud.place_shutter(OFFSET + 10, position, seconds=4)
        assert len(posts(server)) == requests
        assert server.engine.commands[-1] == ("shutter", 10, position)


def filters(server: CloudServer) -> list[str | None]:
    """Return the filters that outputs were asked with, and clear the log."""
    found = [
        request.query.get("filter")
        for request in server.server.log.to("GET")
        if request.path.endswith("/outputs")
    ]
    server.server.log.clear()
    return found


async def test_filters(server: CloudServer, cloud: CloudGateway) -> None:
    control = '{"usage":"CONTROL"}'
    found = await cloud.configuration()
    assert filters(server) == [control]
    ids = {output.id - OFFSET for output in found.outputs}
    assert ids.isdisjoint({4, 5, 12, 16}), "nobody's to control"
    await cloud.status(Topic.OUTPUTS)
    assert filters(server) == [], "the listing said it already"
    await cloud.status(Topic.OUTPUTS)
    assert filters(server) == [control]


async def test_a_cloud_without_filters(
    server: CloudServer, cloud: CloudGateway
) -> None:
    server.quirks.filters = "refused"
    found = await cloud.configuration()
    assert filters(server) == ['{"usage":"CONTROL"}', None]
    assert OFFSET + 4 in {output.id for output in found.outputs}
    await cloud.configuration()
    assert filters(server) == [None], "remembered"


async def test_what_somebody_has_already(
    server: CloudServer, cloud: CloudGateway
) -> None:
    """Rows that the filter hides stay for entries from before the filter."""
    had = {(Kind.OUTPUT, str(OFFSET + 4)), (Kind.OUTPUT, str(OFFSET + 999))}
    found = await cloud.configuration(had)
    [kept] = [output for output in found.outputs if output.internal]
    assert kept.id == OFFSET + 4
    assert OFFSET + 5 not in {output.id for output in found.outputs}
    await cloud.status(Topic.OUTPUTS)
    states = await cloud.status(Topic.OUTPUTS)
    assert (Kind.OUTPUT, str(OFFSET + 4)) in states
    assert cloud.diagnostics()["kept_though_hidden"] == 1


async def test_pages(server: CloudServer, cloud: CloudGateway) -> None:
    whole = await cloud.configuration()
    server.quirks.page_size = 3
    assert await cloud.configuration() == whole


async def test_fresh_tokens_that_are_refused(
    server: CloudServer, session: aiohttp.ClientSession
) -> None:
    """After a refused new token, one more is requested, and no old one is sent again."""
    gateway = CloudGateway(session, UUID, "new-s3cret", "21", base=URL(server.base))
    server.quirks.refuse_fresh = 1
    await gateway.open()
    assert len(server.logins) == 2
    numbers = [int(token.rpartition("-")[2]) for token in server.sent]
    assert numbers == sorted(numbers)
    server.quirks.refuse_fresh = 9
    server.tokens.clear()
    with pytest.raises(AuthFailedError):
        await gateway.open()
    assert len(server.logins) <= 5


async def test_tokens_at_once(server: CloudServer, cloud: CloudGateway) -> None:
    """However many requests are refused together, the token that follows is a new one."""
    server.tokens.clear()
    server.sent.clear()
    await cloud.configuration()
    numbers = [int(token.rpartition("-")[2]) for token in server.sent]
    assert numbers == sorted(numbers)
    assert len(server.logins) == 2


async def test_bodies(server: CloudServer, cloud: CloudGateway) -> None:
    """An "on" has no level, and commands without a body send none."""
    bodies: list[bytes] = []

    async def keep(request: Any, handler: Any) -> Any:
        bodies.append(await request.read())
        return await handler(request)

    server.server.inject(keep, "*/turn_*")
    await cloud.set_output(OFFSET + 8, True)
    await cloud.set_output(OFFSET + 8, True, level=40)
    await cloud.set_output(OFFSET + 8, False)
    await cloud.set_lamp(OFFSET, True)
    await cloud.set_lamp(OFFSET, False)
    assert bodies == [b"{}", b'{"value": 40}', b"", b"{}", b""]


async def test_all_lights_off(server: CloudServer, cloud: CloudGateway) -> None:
    """Only lights: an outlet stays on."""
    for number in (0, 1, 8):
        server.state.output_values[number].on = True
    server.state.lamps[0]["on"] = True
    await cloud.configuration()
    await cloud.turn_lights_off()
    assert [server.state.output_values[n].on for n in (0, 1, 8)] == [False, True, False]
    assert not server.state.lamps[0]["on"]


async def test_preset_temperatures(server: CloudServer, cloud: CloudGateway) -> None:
    """All six are sent; the others stay."""
    from custom_components.junction.backends.openmotics.client.models import Preset

    before = {
        name: server.state.cooling[0][name] for name in ("setp3", "setp4", "setp5")
    }
    await cloud.set_preset_temperature(OFFSET, Preset.AWAY, 14.5, cooling=False)
    assert server.state.thermostats[0]["setp3"] == 14.5
    assert server.state.thermostats[0]["setp5"] == 22.0
    assert {n: server.state.cooling[0][n] for n in before} == before


async def test_any_request(server: CloudServer, cloud: CloudGateway) -> None:
    """Other requests use the path directly, with the same authentication and errors."""
    server.tokens.clear()
    answer = await cloud.request(
        "POST", cloud.path(f"shutters/{SHUTTER}/lock"), None, None
    )
    assert (answer.status, answer.object()["_error"]) == (200, None)
    assert server.state.locked_shutters == {8}
    answer = await cloud.request(
        "GET", cloud.path("outputs"), {"filter": json.dumps({"type": "LIGHT"})}
    )
    assert {row["type"] for row in answer.object()["data"]} == {"LIGHT"}
    with pytest.raises(NotFoundError):
        await cloud.request("GET", cloud.path("nothing"))
    listed = await cloud.request("GET", "rooms")
    assert listed.object()["data"]
    for path in ("../../other", "https://example.com/x", "a\nb"):
        server.server.log.clear()
        with pytest.raises(RejectedError):
            await cloud.request("GET", path)
        assert server.server.log.count() == 0
