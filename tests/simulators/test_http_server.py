"""The server that fails on demand, itself."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress

import aiohttp
from aiohttp import web
import pytest

from simulators.certificates import make_certificate
from simulators.http_faults import Handler, delayed, reset, status, wrong_content_type
from simulators.http_server import FaultyServer
from simulators.tls_door import TlsDoor


def application() -> web.Application:
    async def hello(request: web.Request) -> web.Response:
        if request.match_info["name"] == "nobody":
            raise web.HTTPForbidden
        return web.json_response({"hello": request.match_info["name"]})

    made = web.Application()
    made.router.add_get("/hello/{name}", hello)
    return made


@pytest.fixture
async def server(socket_enabled: None) -> AsyncGenerator[FaultyServer]:
    async with FaultyServer(application()) as running:
        yield running


@pytest.fixture
async def session(socket_enabled: None) -> AsyncGenerator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


async def ask(session: aiohttp.ClientSession, url: str) -> int:
    async with session.get(url) as response:
        await response.read()
        return response.status


async def test_log(server: FaultyServer, session: aiohttp.ClientSession) -> None:
    assert await ask(session, f"{server.url}/hello/you?x=1") == 200
    assert await ask(session, f"{server.url}/hello/nobody") == 403
    assert await ask(session, f"{server.url}/elsewhere") == 404
    assert server.log.routes() == {"GET /hello/{name}": 2, "GET /elsewhere": 1}
    assert [entry.status for entry in server.log.requests] == [200, 403, 404]
    first = server.log.requests[0]
    assert (first.path, first.query, first.body) == ("/hello/you", {"x": "1"}, b"")
    assert first.ended is not None and first.ended >= first.started
    assert server.log.count("GET", "/hello/*") == 2
    assert server.log.count("POST") == 0
    server.log.clear()
    assert server.log.routes() == {}


async def test_injections(server: FaultyServer, session: aiohttp.ClientSession) -> None:
    url = f"{server.url}/hello/you"
    twice = server.inject(status(500), "/hello/*", times=2)
    always = server.inject(status(418), method="GET")
    server.inject(status(400), method="POST")
    assert [await ask(session, url) for _ in range(3)] == [500, 500, 418]
    assert (twice.hits, always.hits) == (2, 1)
    server.heal(always)
    assert await ask(session, url) == 200
    always = server.inject(status(418))
    server.heal()
    assert await ask(session, url) == 200
    assert always.hits == 0


async def test_unanswered_requests_have_no_status(
    server: FaultyServer, session: aiohttp.ClientSession
) -> None:
    server.inject(reset())
    with pytest.raises(aiohttp.ClientError):
        await ask(session, f"{server.url}/hello/you")
    assert server.log.requests[0].status is None


async def test_only_plain_answers_can_be_altered(server: FaultyServer) -> None:
    async def stream(request: web.Request) -> web.StreamResponse:
        return web.StreamResponse()

    with pytest.raises(TypeError, match="cannot alter a StreamResponse"):
        await wrong_content_type()(None, stream)  # type: ignore[arg-type]


async def test_faults_of_a_product(
    server: FaultyServer, session: aiohttp.ClientSession
) -> None:
    async def teapot(request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handler(request)
        response.set_status(418)
        return response

    server.inject(teapot)
    assert await ask(session, f"{server.url}/hello/you") == 418


async def test_goings_on_at_stop(socket_enabled: None) -> None:
    """The server stops with a running request, an idle connection, and one without TLS."""
    server = FaultyServer(application(), make_certificate())
    await server.start()
    server.inject(delayed(60))
    async with aiohttp.ClientSession() as session:
        running = asyncio.create_task(session.get(f"{server.url}/hello/you", ssl=False))
        await server.log.until(lambda log: log.in_flight == 1)
        _, silent = await asyncio.open_connection("127.0.0.1", server.port)
        reader, plain = await asyncio.open_connection("127.0.0.1", server.port)
        plain.write(b"GET / HTTP/1.0\r\n\r\n")
        await reader.read(-1)
        await server.stop()
        await server.stop()
        with pytest.raises(aiohttp.ClientError):
            await running
        silent.close()
        plain.close()
    assert server.log.in_flight == 0
    assert server.connections == 3


async def test_broken_before_the_handshake(
    socket_enabled: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No handshake is attempted on a connection that is already closed."""
    usual = TlsDoor.connection_made

    def gone_at_once(door: TlsDoor, transport: asyncio.BaseTransport) -> None:
        usual(door, transport)
        assert isinstance(transport, asyncio.Transport)
        transport.abort()

    monkeypatch.setattr(TlsDoor, "connection_made", gone_at_once)
    async with FaultyServer(application(), make_certificate()) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        with suppress(ConnectionResetError):
            await reader.read()
        writer.close()
    assert not [task for task in asyncio.all_tasks() if "_shake_hands" in repr(task)]


async def test_drop_connections(
    server: FaultyServer, session: aiohttp.ClientSession
) -> None:
    assert await ask(session, f"{server.url}/hello/you") == 200
    server.drop_connections()
    await asyncio.sleep(0.01)
    assert await ask(session, f"{server.url}/hello/you") == 200
    assert server.connections == 2
    await server.refuse()
    server.drop_connections()
    await server.listen()


async def test_restart_takes_its_time(
    server: FaultyServer, session: aiohttp.ClientSession
) -> None:
    restarting = asyncio.create_task(server.restart(0.5))
    await asyncio.sleep(0.02)
    with pytest.raises(aiohttp.ClientConnectorError):
        await ask(session, f"{server.url}/hello/you")
    await restarting
    assert await ask(session, f"{server.url}/hello/you") == 200
