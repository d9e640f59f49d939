"""The client against a real server: faults."""

import asyncio
from collections.abc import Awaitable, Callable
import json
from typing import Any

import aiohttp
import pytest
from yarl import URL

from custom_components.junction.backends.http import (
    CertificateChangedError,
    ConnectionLostError,
    EmptyAnswerError,
    HtmlAnswerError,
    InvalidJsonError,
    RedirectedError,
    ServerError,
    TimedOutError,
    TlsPolicy,
)
from custom_components.junction.backends.mycodo.client.api import MycodoClient
from custom_components.junction.backends.mycodo.client.errors import (
    DaemonDownError,
    DaemonFrozenError,
    DatabaseDownError,
)
from custom_components.junction.backends.mycodo.client.web import MycodoWeb
from custom_components.junction.errors import (
    AuthFailedError,
    ProtocolError,
    RateLimitedError,
)
from simulators import http_faults as faults
from simulators.mycodo.certificate import make_v1_certificate
from simulators.mycodo.plan import CLIMATE, DIMMER, INACTIVE, PID, RELAYS
from simulators.mycodo.server import MycodoServer
from simulators.mycodo.state import State, uid

from ..conftest import key_of

AIR = (uid(CLIMATE), "C", 0)
# Faults


async def test_daemon_and_database_are_told_apart(
    state: State, client: MycodoClient, web: MycodoWeb
) -> None:
    state.daemon_running = False
    with pytest.raises(DaemonDownError) as caught:
        await client.outputs()
    assert not isinstance(caught.value, DaemonFrozenError)
    assert not (await client.daemon()).running
    assert not await web.daemon_alive()
    with pytest.raises(DaemonDownError):
        await client.set_output(uid(RELAYS), 0, state=True)
    with pytest.raises(DaemonDownError):
        await client.activate(uid(CLIMATE), True)
    assert await client.inputs()
    state.daemon_running, state.daemon_frozen, state.rpc_timeout = True, True, 0.1
    with pytest.raises(DaemonFrozenError):
        await client.set_output(uid(RELAYS), 0, state=True)
    state.daemon_frozen, state.influx_up = False, False
    with pytest.raises(DatabaseDownError):
        await client.last(*AIR, 60)
    with pytest.raises(DatabaseDownError):
        await client.historical(*AIR, 1)
    assert await client.multi([AIR], 60) == [None]
    assert (await client.outputs()).devices


async def test_a_traceback_is_not_shown(state: State, client: MycodoClient) -> None:
    state.outputs[0].i2c_bus = ""
    with pytest.raises(ServerError) as caught:
        await client.outputs()
    assert (
        caught.value.detail == "ValueError: invalid literal for int() with base 10: ''"
    )


async def test_rate_limit(mycodo: MycodoServer, client: MycodoClient) -> None:
    mycodo.pipeline.limit = 200
    for _ in range(200):
        await client.daemon()
    with pytest.raises(RateLimitedError) as caught:
        await client.daemon()
    assert caught.value.retry_after is not None
    assert 0 < caught.value.retry_after <= 60
    # Another endpoint has a limit of its own.
    await client.inputs()


FAULTS: list[tuple[faults.Fault, type[Exception]]] = [
    (faults.status(401), AuthFailedError),
    (
        faults.status(502, "<html><title>Error 502: Bad Gateway Error</title>"),
        ServerError,
    ),
    (faults.status(500, ""), ServerError),
    (faults.status(500, "<html><title>Error 500</title>"), ServerError),
    (faults.rate_limited("7"), RateLimitedError),
    (faults.redirect("/elsewhere"), RedirectedError),
    (faults.html_page(), HtmlAnswerError),
    (faults.truncated(), InvalidJsonError),
    (faults.empty_body(), EmptyAnswerError),
    (faults.reset(), ConnectionLostError),
    (faults.reset_mid_body(), ConnectionLostError),
    (faults.status(200, "{}"), ProtocolError),
    (faults.status(200, "[]"), ProtocolError),
]


@pytest.mark.parametrize(("fault", "error"), FAULTS)
async def test_faults_are_told_apart_and_over_when_they_are(
    mycodo: MycodoServer,
    client: MycodoClient,
    fault: faults.Fault,
    error: type[Exception],
) -> None:
    mycodo.server.inject(fault, "/api/inputs/")
    with pytest.raises(error):
        await client.inputs()
    mycodo.server.heal()
    assert len(await client.inputs()) == 6


async def test_the_label_does_not_matter(
    mycodo: MycodoServer, client: MycodoClient
) -> None:
    mycodo.server.inject(faults.wrong_content_type())
    assert len(await client.inputs()) == 6


@pytest.mark.parametrize("fault", [faults.hang(), faults.slow_drip(0.2)])
async def test_nobody_is_waited_for_for_ever(
    mycodo: MycodoServer,
    client: MycodoClient,
    monkeypatch: pytest.MonkeyPatch,
    fault: faults.Fault,
) -> None:
    mycodo.server.inject(fault)
    monkeypatch.setattr(client.transport, "_timeout", 0.3)
    with pytest.raises(TimedOutError):
        await client.inputs()


async def test_refused_and_back(mycodo: MycodoServer, client: MycodoClient) -> None:
    await client.inputs()
    await mycodo.server.refuse()
    with pytest.raises(Exception, match=r"refused|lost"):
        await client.inputs()
    await mycodo.server.listen()
    assert await client.inputs()


async def test_another_certificate(mycodo: MycodoServer, client: MycodoClient) -> None:
    await client.inputs()
    new = make_v1_certificate()
    await mycodo.server.change_certificate(new)
    mycodo.server.log.clear()
    with pytest.raises(CertificateChangedError) as caught:
        await client.set_output(uid(RELAYS), 0, state=True)
    assert caught.value.certificate.sha256 == new.sha256
    assert mycodo.server.log.count() == 0


@pytest.mark.parametrize(
    "command",
    [
        lambda client: client.set_output(uid(RELAYS), 0, state=True),
        lambda client: client.activate(uid(INACTIVE), True),
        lambda client: MycodoWeb(client).set_value(uid(DIMMER), 0, 3.0),
        lambda client: MycodoWeb(client).hold_pid(uid(PID)),
    ],
)
@pytest.mark.parametrize("executed", [True, False])
async def test_no_command_is_sent_twice(
    mycodo: MycodoServer,
    client: MycodoClient,
    command: Callable[[MycodoClient], Awaitable[Any]],
    executed: bool,
) -> None:
    mycodo.server.inject(faults.reset(executed=executed))
    with pytest.raises(ConnectionLostError):
        await command(client)
    assert mycodo.server.log.count() == 1


async def test_reading_is_tried_again_once(
    mycodo: MycodoServer, client: MycodoClient
) -> None:
    mycodo.server.inject(faults.reset(), times=1)
    assert await client.inputs()
    assert mycodo.server.log.count() == 2


async def test_a_command_is_never_redirected(
    session: aiohttp.ClientSession, mycodo: MycodoServer
) -> None:
    client = MycodoClient(
        session, URL(mycodo.plain_url), key_of(mycodo), tls=TlsPolicy(verify=False)
    )
    with pytest.raises(RedirectedError) as caught:
        await client.set_output(uid(RELAYS), 0, state=True)
    assert caught.value.to_https
    assert mycodo.server.log.count() == 0
    assert mycodo.engine.executed == []


async def test_two_requests_at_most(mycodo: MycodoServer, client: MycodoClient) -> None:
    mycodo.server.inject(faults.delayed(0.05))
    await asyncio.gather(
        *(client.inputs() for _ in range(6)),
        *(client.set_output(uid(RELAYS), n, state=True) for n in range(4)),
    )
    assert mycodo.server.log.most_in_flight == 2


async def test_the_headers_that_mycodo_wants(
    mycodo: MycodoServer, client: MycodoClient
) -> None:
    await client.set_output(uid(RELAYS), 0, state=True)
    (request,) = mycodo.server.log.requests
    assert request.headers["Accept"] == "application/vnd.mycodo.v1+json"
    assert request.headers["X-API-KEY"] == key_of(mycodo)
    assert request.headers["Content-Type"] == "application/json"
    assert not request.query
    assert json.loads(request.body) == {"channel": 0, "state": True}


PAGES = [
    "<title>" + " " * 200_000,
    "<title>" * 30_000,
    '<meta name="application-name"' + " " * 200_000,
    'content="Mycodo ' * 20_000,
    'name="application-name" content="Mycodo' + " " * 200_000 + "8",
    "<title>" + "\n\t " * 60_000 + "</titl",
]


@pytest.mark.parametrize("page", PAGES, ids=range(len(PAGES)))
async def test_pages_that_are_made_to_take_long(
    mycodo: MycodoServer, web: MycodoWeb, page: str
) -> None:
    """With a search that looks again and again, this would come to its time-out."""
    mycodo.server.inject(faults.status(200, page, content_type="text/html"))
    assert (await web.host_name()) is None
    assert await web.version() is None
