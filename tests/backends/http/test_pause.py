"""A pause that a server requests applies to every automatic request."""

import pytest
from yarl import URL

from custom_components.junction.errors import RateLimitedError
from simulators.http_faults import rate_limited
from simulators.http_server import FaultyServer

from .conftest import Connect, SteppingClock, failing


@pytest.mark.parametrize("status", [429, 503])
async def test_transports_to_a_server_share_its_pause(
    server: FaultyServer, connect: Connect, time: SteppingClock, status: int
) -> None:
    http = connect(server)
    waiting = connect(server, pause=http.pause, background=True)
    server.inject(rate_limited("40", status), times=1)
    error = await failing(RateLimitedError, http.request("GET", "/api/lamp"))
    assert error.retry_after == 40
    server.log.clear()

    told = await failing(RateLimitedError, waiting.request("GET", "/api/lamp"))
    assert told.retry_after is not None
    assert 30 < told.retry_after < 40
    await failing(RateLimitedError, http.websocket("/api/private/ws"))
    await failing(RateLimitedError, waiting.websocket("/api/private/ws"))
    assert not server.log.requests

    # Requests of the user are sent all the same, and the server decides.
    assert (await http.request("GET", "/api/lamp")).status == 200
    time.seconds += 40
    assert (await waiting.request("GET", "/api/lamp")).status == 200
    assert http.pause.left == 0


async def test_a_websocket_that_is_refused_begins_a_pause(
    server: FaultyServer, connect: Connect
) -> None:
    http = connect(server)
    server.inject(rate_limited("40"), "/api/private/ws", times=1)
    await failing(RateLimitedError, http.websocket("/api/private/ws"))
    assert http.pause.left > 30


async def test_no_pause_is_shortened_by_what_comes_later(
    server: FaultyServer, connect: Connect
) -> None:
    http = connect(server)
    for seconds in ("40", "5"):
        server.inject(rate_limited(seconds), times=1)
        await failing(RateLimitedError, http.request("GET", "/api/lamp"))
    assert http.pause.left > 30


async def test_other_servers_are_asked(
    server: FaultyServer, connect: Connect, time: SteppingClock
) -> None:
    http, other = connect(server), connect(server, background=True)
    server.inject(rate_limited("40"), times=1)
    await failing(RateLimitedError, http.request("GET", "/api/lamp"))
    assert (await other.request("GET", "/api/lamp")).status == 200
    assert other.base == URL(server.url)
