"""Answers that a server or a proxy gives to one telegram: nothing twice, nothing blocked."""

from collections.abc import Callable

from aiohttp import web
import pytest

from custom_components.junction.backends.forward.client.queue import DiskQueue
from simulators.dsmr_reader import DsmrReaderServer
from simulators.http_faults import Fault, Handler, html_page, status

from ..helpers import TARGET, Bench, parsed, raw

pytestmark = pytest.mark.usefixtures("socket_enabled")

V1 = "/api/v1/datalogger/dsmrreading"
V2 = "/api/v2/datalogger/dsmrreading"
METER = "/api/v2/datalogger/meter-statistics"


def stored_but(code: int, body: str) -> Fault:
    """Store what was sent, and answer otherwise."""

    async def fault(request: web.Request, handler: Handler) -> web.StreamResponse:
        await handler(request)
        return web.Response(status=code, text=body)

    return fault


@pytest.mark.parametrize("body", ["OK", '{"id": 7}', "<p>created</p>", "[]"])
async def test_what_was_created_is_not_sent_again(
    server: DsmrReaderServer, make: Callable[..., Bench], body: str
) -> None:
    server.server.inject(stored_but(201, body), method="POST")
    bench = make()
    await bench.start()
    bench.forwarder.offer(raw(bench.time.now(), 1))
    await bench.run(100)
    bench.forwarder.offer(parsed(bench.time.now(), 2))
    await bench.run(600)
    assert bench.arrived == [1, 2]
    assert bench.forwarder.health.forwarded == 2


@pytest.mark.parametrize("code", [502, 503, 504])
async def test_proxy_that_gives_up_on_a_slow_server(
    server: DsmrReaderServer, make: Callable[..., Bench], code: int
) -> None:
    server.server.inject(stored_but(code, "gateway"), method="POST", times=2)
    bench = make()
    await bench.start()
    for number in (1, 2, 3):
        bench.forwarder.offer(raw(bench.time.now(), number))
        await bench.run(60)
    await bench.run(600)
    assert bench.arrived == [1, 2, 3]
    assert bench.forwarder.health.queued == 0


@pytest.mark.parametrize(
    "fault", [status(404), status(400, "wrong"), status(413), html_page(500)]
)
async def test_refused_facts_send_no_reading_twice(
    server: DsmrReaderServer, make: Callable[..., Bench], fault: Fault
) -> None:
    server.server.inject(fault, METER)
    bench = make()
    await bench.start()
    for number in (1, 2, 3):
        bench.forwarder.offer(parsed(bench.time.now(), number, electricity_tariff=1))
        await bench.run(60)
    await bench.run(600)
    assert bench.arrived == [1, 2, 3]
    health = bench.forwarder.health
    assert (health.forwarded, health.refused, health.queued) == (3, 0, 0)


async def test_telegram_that_is_too_large_for_a_proxy_blocks_nothing(
    server: DsmrReaderServer, make: Callable[..., Bench]
) -> None:
    async def fault(request: web.Request, handler: Handler) -> web.StreamResponse:
        if b"000000.002" in await request.read():
            return web.Response(status=413)
        return await handler(request)

    server.server.inject(fault, V1)
    bench = make()
    await bench.start()
    for number in (1, 2, 3):
        bench.forwarder.offer(raw(bench.time.now(), number))
        await bench.run(60)
    assert bench.arrived == [1, 3]
    assert bench.forwarder.health.refused == 1


async def test_refused_telegram_blocks_nothing_while_the_disk_is_full(
    server: DsmrReaderServer,
    make: Callable[..., Bench],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    server.server.inject(status(400, "Invalid data"), V1, times=1)
    bench = make()
    await bench.start()
    monkeypatch.setattr(DiskQueue, "keep_refused", full)
    for number in (1, 2, 3):
        bench.forwarder.offer(raw(bench.time.now(), number))
        await bench.run(10)
    assert bench.arrived == [2, 3]
    assert bench.forwarder.health.refused == 1
    assert server.server.log.count("POST", V1) == 3


async def test_clock_that_jumps_ahead_drops_nothing(
    server: DsmrReaderServer, make: Callable[..., Bench]
) -> None:
    """A computer without a battery for its clock may believe any time for a while."""
    await server.server.refuse()
    bench = make()
    await bench.start()
    start = bench.time.now()
    for number in range(1, 11):
        bench.forwarder.offer(raw(start, number))
        await bench.run(10)
    bench.time.seconds += 30 * 86400
    for number in range(11, 21):
        bench.forwarder.offer(raw(start, number))
        await bench.run(10)
    assert bench.queue.size(TARGET)[0] >= 10
    assert bench.forwarder.health.dropped == 0
