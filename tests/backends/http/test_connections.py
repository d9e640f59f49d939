"""Connections that fail, break and hang, between real sockets."""

import asyncio
import errno
import os
import socket
from typing import Any, override

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
import pytest
from yarl import URL

from custom_components.junction.backends.http import (
    Clock,
    ConnectionLostError,
    ConnectRefusedError,
    HostUnknownError,
    HttpTransport,
    InvalidAddressError,
    NoRouteError,
    TimedOutError,
)
from custom_components.junction.backends.http.translate import translate
from custom_components.junction.errors import BackendError, UnreachableError
from simulators.http_faults import Fault, hang, reset, reset_mid_body, slow_drip
from simulators.http_server import FaultyServer

from .conftest import Connect, Product, SteppingClock, failing


async def test_refused_and_back(server: FaultyServer, connect: Connect) -> None:
    http = connect(server)
    await http.request("GET", "api/lamp")
    await server.refuse()
    await failing(ConnectRefusedError, http.request("GET", "api/lamp"))
    await server.listen()
    assert (await http.request("GET", "api/lamp")).status == 200
    assert http.counters.failures == {"connection_refused": 1}


async def test_restart_between_two_requests(
    server: FaultyServer, connect: Connect, product: Product
) -> None:
    """A kept-alive connection that died in silence costs neither kind of request."""
    http = connect(server)
    await http.request("GET", "api/lamp")
    await server.restart()
    await http.request("GET", "api/lamp")
    await server.restart()
    await http.request("POST", "api/lamp", json={"lamp": "on"})
    assert product.commands == 1
    assert http.counters.failures == {}


async def test_moved_to_another_port(server: FaultyServer, connect: Connect) -> None:
    http = connect(server)
    await http.request("GET", "api/lamp")
    await server.move()
    await failing(ConnectRefusedError, http.request("GET", "api/lamp"))
    http.base = URL(server.url)
    assert (await http.request("GET", "api/lamp")).status == 200


async def test_unknown_host() -> None:
    class NoNames(AbstractResolver):
        @override
        async def resolve(
            self,
            host: str,
            port: int = 0,
            family: socket.AddressFamily = socket.AF_INET,
        ) -> list[ResolveResult]:
            raise OSError(None, "Domain name not found")

        @override
        async def close(self) -> None:
            pass

    connector = aiohttp.TCPConnector(resolver=NoNames())
    async with aiohttp.ClientSession(connector=connector) as session:
        http = HttpTransport(session, URL("http://no.such.host"))
        error = await failing(HostUnknownError, http.request("GET", ""))
        assert isinstance(error, UnreachableError)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("EHOSTUNREACH", NoRouteError),
        ("ENETUNREACH", NoRouteError),
        ("ETIMEDOUT", TimedOutError),
        ("EADDRNOTAVAIL", UnreachableError),
    ],
)
async def test_what_the_network_says(
    socket_enabled: None,
    code: str,
    kind: type[BackendError],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Kernel errors are simulated because loopback has none; all layers above are real."""
    number = getattr(errno, code)

    async def connect(*arguments: Any) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(asyncio.get_running_loop(), "sock_connect", connect)
    async with aiohttp.ClientSession() as session:
        http = HttpTransport(session, URL("http://127.0.0.1:9"))
        await failing(kind, http.request("GET", ""))


@pytest.mark.parametrize("gently", [False, True])
async def test_broken_connection_is_tried_once_more(
    server: FaultyServer, connect: Connect, time: SteppingClock, gently: bool
) -> None:
    http = connect(server)
    server.inject(reset(gently=gently), times=1)
    assert (await http.request("GET", "api/lamp")).status == 200
    assert server.log.count() == 2
    assert http.counters.retries == 1
    assert time.slept == [0.5]
    server.log.clear()
    server.inject(reset(gently=gently))
    await failing(ConnectionLostError, http.request("GET", "api/lamp"))
    assert server.log.count() == 2


@pytest.mark.parametrize("warm", [False, True])
async def test_commands_are_never_sent_twice(
    server: FaultyServer, connect: Connect, product: Product, warm: bool
) -> None:
    """Neither by us nor by aiohttp, and neither on a new nor on a used connection."""
    http = connect(server)
    for method, idempotent in (("POST", None), ("PUT", False)):
        if warm:
            await http.request("GET", "api/lamp")
        before = product.commands
        injection = server.inject(reset(executed=True))
        await failing(
            ConnectionLostError,
            http.request(
                method, "api/lamp", json={"lamp": "on"}, idempotent=idempotent
            ),
        )
        assert product.commands == before + 1
        assert injection.hits == 1
        server.heal(injection)
    assert http.counters.retries == 0


async def test_commands_that_may_be_repeated_are(
    server: FaultyServer, connect: Connect, product: Product
) -> None:
    http = connect(server)
    for method, idempotent in (("PUT", None), ("POST", True)):
        server.inject(reset(executed=True), times=1)
        body = {"lamp": "on"}
        await http.request(method, "api/lamp", json=body, idempotent=idempotent)
    form = {"lamp": "on"}
    server.inject(reset(), times=1)
    said = await http.request("PUT", "echo", form=form)
    assert said.object()["body"] == "lamp=on"
    assert product.commands == 4
    assert http.counters.retries == 3


async def test_reset_in_the_middle_of_the_body(
    server: FaultyServer, connect: Connect
) -> None:
    http = connect(server)
    server.inject(reset_mid_body(), times=1)
    assert (await http.request("GET", "api/lamp")).object()["lamp"] == "off"
    assert server.log.count() == 2
    server.inject(reset_mid_body())
    error = await failing(ConnectionLostError, http.request("GET", "api/lamp"))
    assert isinstance(error, UnreachableError)
    await failing(ConnectionLostError, http.request("POST", "echo"))
    assert server.log.count() == 5


@pytest.mark.parametrize("fault", [hang(), slow_drip()])
async def test_too_slow(server: FaultyServer, connect: Connect, fault: Fault) -> None:
    """The whole answer has to be there in time, not only its first byte."""
    server.inject(fault, times=1)
    http = connect(server, timeout=0.2, limit=1)
    error = await failing(TimedOutError, http.request("GET", "api/lamp"))
    assert error.placeholders["seconds"] == "0.2"
    assert server.log.count() == 1
    assert (await http.request("GET", "api/lamp", timeout=10)).status == 200


async def test_time_out_of_one_request(server: FaultyServer, connect: Connect) -> None:
    server.inject(hang())
    error = await failing(
        TimedOutError, connect(server).request("GET", "api/lamp", timeout=0.1)
    )
    assert error.seconds == 0.1


async def test_nobody_accepts(socket_enabled: None, connect: Connect) -> None:
    """With a full backlog, connections are neither accepted nor refused."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", port))
        http = connect(f"http://127.0.0.1:{port}", timeout=5, connect_timeout=0.2)
        await failing(TimedOutError, http.request("GET", "?key=secret"))
        for filler in fillers:
            filler.close()


async def test_exceptions_that_no_server_provokes() -> None:
    assert type(translate(aiohttp.InvalidURL("http://x"), 1)) is InvalidAddressError
    assert type(translate(ConnectionResetError(), 1)) is ConnectionLostError


def test_the_real_clock() -> None:
    clock = Clock()
    assert clock.monotonic() <= clock.monotonic()
    assert clock.utcnow().tzinfo is not None
    assert clock.sleep is asyncio.sleep
