"""How requests are made: addresses, fields, limits, counters."""

import asyncio
from typing import Any

import aiohttp
import pytest

from custom_components.junction.backends.http import (
    Answer,
    HttpTransport,
    PermissionDeniedError,
    UnexpectedJsonError,
    check_status,
)
from custom_components.junction.errors import AuthFailedError, BackendError
from simulators.http_faults import delayed, hang, status
from simulators.http_server import FaultyServer

from .conftest import KEY, Connect, Product, SteppingClock


async def echo(http: HttpTransport, *arguments: Any, **options: Any) -> dict[str, Any]:
    return (await http.request(*arguments, **options)).object()


async def test_returns_what_the_server_says(
    server: FaultyServer, connect: Connect, time: SteppingClock
) -> None:
    answer = await connect(server).request("GET", "/api/lamp")
    assert answer.status == 200
    assert answer.headers["content-TYPE"].startswith("application/json")
    assert answer.object()["lamp"] == "off"
    assert answer.received == time.now
    with pytest.raises(UnexpectedJsonError):
        answer.array()
    assert server.log.routes() == {"GET /api/lamp": 1}


async def test_lists_are_arrays(server: FaultyServer, connect: Connect) -> None:
    answer = await connect(server).request("GET", "/api/list/")
    assert len(answer.array()) == 4
    with pytest.raises(UnexpectedJsonError) as caught:
        answer.object()
    assert caught.value.detail == "list"


@pytest.mark.parametrize(
    ("prefix", "path", "seen"),
    [
        ("", "/outputs/", "/outputs/"),
        ("", "outputs", "/outputs"),
        ("", "", "/"),
        ("/api/hassio_ingress/abc", "/outputs/", "/api/hassio_ingress/abc/outputs/"),
        ("/pro xy", "/unit °C/50%?x", "/pro%20xy/unit%20%C2%B0C/50%25%3Fx"),
        ("/prefix", "", "/prefix"),
    ],
)
async def test_paths_stand_behind_the_base(
    server: FaultyServer, connect: Connect, prefix: str, path: str, seen: str
) -> None:
    http = connect(server.url + prefix)
    assert (await echo(http, "GET", path))["path"] == seen


async def test_query_fields(server: FaultyServer, connect: Connect) -> None:
    said = await echo(
        connect(server),
        "GET",
        "echo",
        params={
            "email": "a+b@example.com",
            "on": True,
            "off": False,
            "n": 3,
            "x": 0.5,
            "none": None,
            "many": ["1", 2],
        },
    )
    assert said["query"] == [
        ["email", "a+b@example.com"],
        ["on", "true"],
        ["off", "false"],
        ["n", "3"],
        ["x", "0.5"],
        ["many", "1"],
        ["many", "2"],
    ]
    assert "a%2Bb" in said["raw_query"]


async def test_headers_of_request_over_those_of_transport(
    server: FaultyServer, connect: Connect
) -> None:
    http = connect(server, headers={"X-API-KEY": KEY, "Accept-Language": "en"})
    said = await echo(http, "GET", "echo", headers={"Accept-Language": "nl"})
    assert said["headers"]["x-api-key"] == KEY
    assert said["headers"]["accept-language"] == "nl"


async def test_three_kinds_of_body(server: FaultyServer, connect: Connect) -> None:
    http = connect(server)
    said = await echo(http, "POST", "echo", json={"ä": [1]})
    assert said["headers"]["content-type"] == "application/json"
    assert said["body"] in ('{"\\u00e4": [1]}', '{"ä":[1]}')
    said = await echo(http, "POST", "echo", form={"is_on": True, "id": 3, "dim": None})
    assert said["headers"]["content-type"] == "application/x-www-form-urlencoded"
    assert said["body"] == "is_on=true&id=3"
    data = aiohttp.FormData()
    data.add_field("file", b"report", filename="report.bin")
    said = await echo(http, "POST", "echo", data=data)
    assert said["headers"]["content-type"].startswith("multipart/form-data")
    assert "report" in said["body"]
    said = await echo(http, "POST", "echo", data=b"raw")
    assert said["body"] == "raw"


async def test_never_more_in_flight_than_allowed(
    server: FaultyServer, connect: Connect, product: Product
) -> None:
    """Fifty commands at once all arrive, two at a time, in the order given."""
    server.inject(delayed(0.005))
    http = connect(server, limit=2)
    async with asyncio.TaskGroup() as group:
        for index in range(50):
            group.create_task(http.request("POST", "api/lamp", json={"lamp": index}))
    assert server.log.most_in_flight == 2
    assert server.connections == 2
    assert product.commands == 50
    order = [request.body for request in server.log.requests]
    numbers = [int(body.partition(b":")[2].strip(b"} ")) for body in order]
    assert all(abs(number - place) <= 1 for place, number in enumerate(numbers))
    assert http.counters.in_flight == 0


async def test_waiting_for_ones_turn_is_not_a_time_out(
    server: FaultyServer, connect: Connect
) -> None:
    server.inject(delayed(0.3))
    http = connect(server, limit=1, timeout=1)
    await asyncio.gather(*(http.request("GET", "api/lamp") for _ in range(4)))
    assert server.log.count() == 4


async def test_cancelling_leaves_nothing_behind(
    server: FaultyServer, connect: Connect
) -> None:
    server.inject(hang(), times=1)
    http = connect(server, limit=1)
    before = asyncio.all_tasks()
    running = asyncio.create_task(http.request("GET", "api/lamp"))
    waiting = asyncio.create_task(http.request("GET", "api/list/"))
    await server.log.until(lambda log: log.in_flight > 0)
    assert http.counters.in_flight == 1
    for task in (running, waiting):
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    await server.log.until(lambda log: log.in_flight == 0)
    assert http.counters.in_flight == 0
    assert http.counters.failures == {}
    assert server.log.count() == 1
    # The one slot is free again, and no task of ours is left.
    await http.request("GET", "api/lamp")
    leftover = asyncio.all_tasks() - before
    assert not [task for task in leftover if "RequestHandler" not in repr(task)]


async def test_check_of_the_backend_sees_every_answer(
    server: FaultyServer, connect: Connect
) -> None:
    """Statuses that mean something else here, and refusals that come as 200."""

    def check(answer: Answer) -> BackendError | None:
        if answer.status == 460:
            return None if "already" in answer.words else PermissionDeniedError()
        if answer.status == 200 and answer.object().get("code") == 1:
            return AuthFailedError(answer.words)
        return check_status(answer)

    http = connect(server, check=check)
    server.inject(status(460, '{"message": "CH0 is already on."}'), times=1)
    assert (await http.request("POST", "api/lamp")).status == 460
    server.inject(status(460, '{"message": "no"}'), times=1)
    with pytest.raises(PermissionDeniedError):
        await http.request("POST", "api/lamp")
    server.inject(status(200, '{"code":1,"message":"Authentication failed"}'), times=1)
    with pytest.raises(AuthFailedError) as caught:
        await http.request("GET", "api/lamp")
    assert caught.value.detail == "Authentication failed"
    await http.request("GET", "api/lamp")
    # For one request only.
    server.inject(status(404), times=1)
    gone = await http.request("GET", "api/lamp", check=lambda answer: None)
    assert gone.status == 404


async def test_counters(server: FaultyServer, connect: Connect) -> None:
    http = connect(server)
    assert http.counters.as_dict() == {
        "requests": 0,
        "retries": 0,
        "failures": {},
        "last_status": None,
        "in_flight": 0,
        "median_ms": None,
    }
    await http.request("GET", "api/lamp")
    server.inject(status(403), times=1)
    with pytest.raises(PermissionDeniedError):
        await http.request("GET", "api/lamp")
    assert http.counters.as_dict() == {
        "requests": 2,
        "retries": 0,
        "failures": {"permission_denied": 1},
        "last_status": 403,
        "in_flight": 0,
        "median_ms": 125,
    }


async def test_base_may_change(server: FaultyServer, connect: Connect) -> None:
    http = connect("http://127.0.0.1:1")
    http.base = http.base.with_port(server.port)
    assert (await http.request("GET", "api/lamp")).status == 200
