"""The client's result for every kind of response."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
import json
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
import pytest
from yarl import URL

from custom_components.junction.backends.http import Answer, AnswerTooLargeError
from custom_components.junction.backends.iotile.client.api import IOTileClient
from custom_components.junction.backends.iotile.client.errors import (
    NotIOTileError,
    RoleError,
    check,
)
from custom_components.junction.errors import AuthFailedError, BackendError
from simulators import http_faults as faults
from simulators.clock import HOUR
from simulators.iotile.server import IOTileServer

from ..conftest import METER, NOW

FIXTURES = Path(__file__).parents[3] / "fixtures" / "iotile"
LAST = NOW // HOUR * HOUR


def read(name: str) -> Any:
    return json.loads((FIXTURES / f"{name}.json").read_text())


def judged(capture: Mapping[str, Any]) -> BackendError | None:
    body = capture["body"]
    html = isinstance(body, str) and body.lstrip().startswith("<")
    csv = isinstance(body, str) and body.startswith("Error:")
    text = body if html or csv else json.dumps(body)
    return check(
        Answer(
            status=capture["status"],
            headers=capture["headers"],
            body=text.encode(),
            url=URL("http://x/"),
            received=datetime.now(UTC),
        )
    )


FAILED = sorted(
    path.stem
    for path in FIXTURES.glob("*.json")
    if isinstance(found := json.loads(path.read_text()), dict)
    and found.get("status", 0) >= 400
)


@pytest.mark.parametrize("name", FAILED)
def test_every_error_of_the_server_has_its_words(name: str) -> None:
    """All shapes, as a real server sent them.

    See docs/protocols/iotile.md#error-shapes.
    """
    capture = read(name)
    error = judged(capture)
    assert error is not None
    assert error.detail
    assert not error.detail.startswith(("{", "[", "<", "Error:"))
    body = capture["body"]
    if isinstance(body, dict) and isinstance(body.get("detail"), str):
        assert error.detail == body["detail"]
    if capture["status"] == 401:
        assert isinstance(error, AuthFailedError)
    if capture["status"] == 403:
        # A matter of roles, never of the login.
        assert isinstance(error, RoleError)


def test_errors_of_several_points() -> None:
    error = judged(read("post_data_list_one_bad"))
    assert error is not None
    assert error.detail == "timestamp: This field is required."


async def test_the_server_ignores_the_start(
    server: IOTileServer, client: IOTileClient
) -> None:
    """Points before the requested start are left out."""

    async def ignoring(request: web.Request, handler: Any) -> Any:
        return await handler(
            request.clone(rel_url=request.rel_url.without_query_params("start"))
        )

    start = datetime.fromtimestamp(LAST - 2 * HOUR, UTC)
    expected = await client.frame(METER, start)
    server.inject(ignoring, "*/df/")
    assert await client.frame(METER, start) == expected
    assert len(expected) == 3
    assert expected == sorted(expected, key=lambda point: point.time)


async def test_a_list_that_shrinks_while_it_is_read(
    server: IOTileServer, client: IOTileClient
) -> None:
    seen = 0

    async def shrinking(request: web.Request, handler: Any) -> Any:
        nonlocal seen
        seen += 1
        if "page" in request.query:
            return web.json_response({"detail": "Invalid page."}, status=404)
        answer = await handler(request)
        body = json.loads(answer.text)
        return web.json_response({**body, "next": "http://internal/?page=2"})

    server.inject(shrinking, "*/device/")
    assert len(await client.devices()) == 6
    assert seen == 2


async def test_a_login_that_gives_only_the_token_of_a_week(
    server: IOTileServer, session: aiohttp.ClientSession
) -> None:
    """A token that expires in a week is exchanged for one that never does."""

    async def without(request: web.Request, handler: Any) -> Any:
        body = json.loads((await handler(request)).text)
        body.pop("token", None)
        return web.json_response(body)

    account = server.world.users[0]
    client = IOTileClient(session, URL(server.url))
    server.inject(without, "*/auth/login/")
    login = await client.login(account.email, account.password)
    assert login.token == account.token
    # Without that one either, it is no IOTile Cloud.
    server.inject(without, "*/auth/token/")
    with pytest.raises(NotIOTileError):
        await client.login(account.email, account.password)


async def test_no_more_than_four_at_once(
    server: IOTileServer, client: IOTileClient
) -> None:
    await asyncio.gather(*(client.status("d--0000-0000-0000-0097") for _ in range(20)))
    assert server.log.most_in_flight <= 4


async def test_answers_are_as_large_as_they_may_be(
    server: IOTileServer, client: IOTileClient
) -> None:
    """One thing takes little, a page of a list more, data the most."""
    start = datetime(2026, 11, 1, tzinfo=UTC)
    filler = json.dumps({"results": [], "next": None, "x": "x" * (2 * 2**20)})
    big = faults.status(200, filler, content_type="application/json")
    server.inject(big, "*")
    assert await client.projects() == []
    with pytest.raises(AnswerTooLargeError):
        await client.device("d--0000-0000-0000-0097")
    rows = json.dumps([{"x": "x" * (17 * 2**20)}])
    server.heal()
    server.inject(faults.status(200, rows, content_type="application/json"), "*")
    assert await client.frame("d--0000-0000-0000-0097", start) == []
    with pytest.raises(AnswerTooLargeError):
        await client.devices()
