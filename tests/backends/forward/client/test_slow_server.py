"""A server that is slow to answer, or slower than the meter."""

from collections.abc import Callable

import pytest

from custom_components.junction.backends.forward.client.api import TIMEOUT
from custom_components.junction.backends.http import TimedOutError
from simulators.dsmr_reader import DsmrReaderServer
from simulators.http_faults import reset, status

from ..helpers import START, TARGET, Bench, raw
from .test_worker import V1, feed

pytestmark = pytest.mark.usefixtures("socket_enabled")


async def test_slow_server_gets_more_time_and_nothing_twice(
    server: DsmrReaderServer, make: Callable[..., Bench]
) -> None:
    """A server that responds after the time-out has stored the telegram; it is not sent twice."""
    bench = make()
    await bench.start()
    timeouts: list[float] = []
    post = bench.api.post_telegram

    async def late(telegram: str, *, timeout: float | None = None) -> None:
        timeouts.append(timeout or TIMEOUT)
        await post(telegram)
        if timeouts[-1] < 25:
            await bench.time.clock.sleep(timeouts[-1])
            raise TimedOutError(timeouts[-1])

    bench.api.post_telegram = late  # type: ignore[method-assign]
    await feed(bench, range(1, 11), every=60)
    await bench.run(60)
    assert bench.arrived == list(range(1, 11))
    assert timeouts == [TIMEOUT, *[2 * TIMEOUT] * 9]
    assert bench.forwarder.health.error is None


async def test_server_that_cannot_tell_gets_it_again(
    server: DsmrReaderServer, make: Callable[..., Bench]
) -> None:
    bench = make()
    await bench.start()
    server.server.inject(reset(), V1, times=1)
    server.server.inject(status(400), "/api/v2/datalogger/dsmrreading", times=1)
    await feed(bench, range(1, 3), every=30)
    assert bench.arrived == [1, 2]


@pytest.mark.parametrize(("takes", "lasts"), [(0.25, 25.0), (0.001, 1.0)])
async def test_catching_up_takes_as_long_as_the_server_needs(
    make: Callable[..., Bench], takes: float, lasts: float
) -> None:
    """There are no pauses beyond the server's own time, and at most 100 telegrams a second."""
    bench = make()
    bench.queue.open()
    bench.queue.add(TARGET, [raw(START, number) for number in range(100)])
    bench.queue.close()
    await bench.start()
    ends: list[float] = []

    async def slow(telegram: str, *, timeout: float | None = None) -> None:
        await bench.time.clock.sleep(takes)
        ends.append(bench.time.seconds)

    bench.api.post_telegram = slow  # type: ignore[method-assign]
    await bench.run(60)
    assert len(ends) == 100
    assert lasts - 0.01 <= ends[-1] <= lasts + 0.01


async def test_what_is_sent_at_once_never_waits(
    make: Callable[..., Bench],
) -> None:
    """It is not shown as waiting, not even for as long as it takes to send it."""
    bench = make()
    await bench.start()
    shown: list[int] = []
    bench.forwarder._on_change = lambda: shown.append(bench.forwarder.health.queued)
    await feed(bench, range(1, 6))
    assert bench.arrived == [1, 2, 3, 4, 5]
    assert len(shown) >= 5
    assert not any(shown)


async def test_server_that_is_slower_than_the_meter(
    make: Callable[..., Bench],
) -> None:
    bench = make(interval=0)
    await bench.start()

    async def slow(telegram: str, *, timeout: float | None = None) -> None:
        await bench.time.clock.sleep(3)

    bench.api.post_telegram = slow  # type: ignore[method-assign]
    for number in range(1, 1400):
        bench.forwarder.offer(raw(bench.time.now(), number))
        await bench.time.run(1, lambda: False)
    assert bench.forwarder.health.slow
    assert bench.forwarder.health.error is None
