"""A small product over HTTP, real and on loopback, and a transport to it."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import UTC, datetime
from functools import cache
import traceback
from typing import Any

import aiohttp
from aiohttp import web
import pytest
from yarl import URL

from custom_components.junction.backends.http import Clock, HttpTransport
from custom_components.junction.errors import BackendError
from simulators.certificates import DeviceCertificate, make_certificate
from simulators.http_server import FaultyServer

KEY = "k3y+/very=secret"


class Product:
    """A product with one light, one list, and sessions that can be revoked."""

    def __init__(self) -> None:
        self.lamp = "off"
        self.commands = 0
        self.tokens: set[str] = set()
        self.logins = 0
        self.password = "correct horse"
        self.application = web.Application()
        self.application.router.add_routes(
            [
                web.get("/api/lamp", self.get_lamp),
                web.put("/api/lamp", self.set_lamp),
                web.post("/api/lamp", self.set_lamp),
                web.get("/api/list/", self.get_list),
                web.post("/api/login", self.log_in),
                web.get("/api/private", self.get_private),
                web.post("/api/private", self.get_private),
                web.get("/api/private/ws", self.open_websocket),
                web.route("*", "/{echo:.*}", self.echo),
            ]
        )

    async def get_lamp(self, request: web.Request) -> web.Response:
        return web.json_response({"lamp": self.lamp, "padding": "x" * 2000})

    async def set_lamp(self, request: web.Request) -> web.Response:
        self.lamp = (await request.json())["lamp"]
        self.commands += 1
        return web.json_response({"lamp": self.lamp, "padding": "x" * 2000})

    async def get_list(self, request: web.Request) -> web.Response:
        return web.json_response([{"id": index} for index in range(4)])

    async def log_in(self, request: web.Request) -> web.Response:
        given = await request.post()
        if given.get("password") != self.password:
            words = f"wrong password {given.get('password')!s}"
            return web.json_response({"msg": words}, status=401)
        self.logins += 1
        token = f"token-{self.logins}"
        self.tokens.add(token)
        return web.json_response({"token": token})

    def refusal(self, request: web.Request) -> web.Response | None:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if token in self.tokens:
            return None
        return web.json_response({"msg": "invalid_token"}, status=401)

    async def get_private(self, request: web.Request) -> web.Response:
        return self.refusal(request) or web.json_response({"private": True})

    async def open_websocket(self, request: web.Request) -> web.StreamResponse:
        if (refusal := self.refusal(request)) is not None:
            return refusal
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for message in socket:
            await socket.send_str(f"heard {message.data}")
        return socket

    async def echo(self, request: web.Request) -> web.Response:
        return web.json_response(
            {
                "method": request.method,
                "path": request.raw_path.partition("?")[0],
                "query": [[key, value] for key, value in request.query.items()],
                "raw_query": request.raw_path.partition("?")[2],
                "headers": {key.lower(): text for key, text in request.headers.items()},
                "body": (await request.read()).decode(errors="replace"),
            }
        )


class SteppingClock:
    """Time that passes only in sleeps and readings."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.slept: list[float] = []
        self.now = datetime(2026, 11, 20, 12, tzinfo=UTC)

    def monotonic(self) -> float:
        self.seconds += 0.125
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(0)

    @property
    def clock(self) -> Clock:
        return Clock(
            monotonic=self.monotonic, utcnow=lambda: self.now, sleep=self.sleep
        )


type Connect = Callable[..., HttpTransport]


@cache
def certificate(number: int = 1, **options: Any) -> DeviceCertificate:
    """Make a certificate; the same one each time, since keys take time."""
    return make_certificate(f"device {number}", **options)


async def failing[ErrorT: BackendError](
    kind: type[ErrorT], request: Awaitable[object]
) -> ErrorT:
    """Return the error of a request, after checks that apply to every error."""
    with pytest.raises(BackendError) as caught:
        await request
    error = caught.value
    assert type(error) is kind
    assert error.placeholders["detail"] == (error.detail or "no details")
    assert "127.0.0.1" not in "".join(traceback.format_exception(error))
    return error


@pytest.fixture
def product() -> Product:
    return Product()


@pytest.fixture
async def server(
    socket_enabled: None, product: Product
) -> AsyncGenerator[FaultyServer]:
    async with FaultyServer(product.application) as running:
        yield running


@pytest.fixture
async def secure_server(
    socket_enabled: None, product: Product
) -> AsyncGenerator[FaultyServer]:
    async with FaultyServer(product.application, certificate()) as running:
        yield running


@pytest.fixture
async def old_server(
    socket_enabled: None, product: Product
) -> AsyncGenerator[FaultyServer]:
    """Run a gateway that knows nothing newer than TLS 1.1 with AES256-SHA."""
    shown = certificate(old_key=True)
    async with FaultyServer(product.application, shown, legacy_tls=True) as running:
        yield running


@pytest.fixture
async def session(socket_enabled: None) -> AsyncGenerator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as opened:
        yield opened


@pytest.fixture
def time() -> SteppingClock:
    return SteppingClock()


@pytest.fixture
def connect(session: aiohttp.ClientSession, time: SteppingClock) -> Connect:
    """Return a function that creates a transport to a server."""

    def connect(server: FaultyServer | str, **options: Any) -> HttpTransport:
        url = server if isinstance(server, str) else server.url
        return HttpTransport(session, URL(url), **{"clock": time.clock, **options})

    return connect
