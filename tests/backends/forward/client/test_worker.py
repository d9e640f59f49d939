"""Store and forward: all telegrams arrive, in order, for every fault of the server."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from custom_components.junction.backends.forward import entities
from custom_components.junction.backends.forward.client.errors import (
    ApiDisabledError,
    InvalidKeyError,
)
from custom_components.junction.backends.forward.client.queue import Item
from custom_components.junction.backends.forward.client.worker import SAVE_AFTER
from custom_components.junction.backends.http import ServerError
from simulators.dsmr_reader import DsmrReaderServer
from simulators.http_faults import html_page, rate_limited, reset, status

from ..helpers import KEY, START, TARGET, Bench, new_state, parsed, raw, telegram

pytestmark = pytest.mark.usefixtures("socket_enabled")

V1 = "/api/v1/datalogger/dsmrreading"


async def feed(bench: Bench, numbers: range, every: float = 10.0) -> None:
    for number in numbers:
        bench.forwarder.offer(raw(bench.time.now(), number))
        await bench.run(every)


async def test_each_telegram_at_once_and_nothing_on_disk(
    server: DsmrReaderServer, make: Callable[..., Bench]
) -> None:
    bench = make()
    await bench.start()
    await feed(bench, range(1, 51))
    assert bench.arrived == list(range(1, 51))
    assert server.server.log.count("POST", V1) == 50
    assert bench.queue.size(TARGET) == (0, None)
    health = bench.forwarder.health
    assert (health.forwarded, health.queued, health.delay) == (50, 0, 0)
    assert health.last_success is not None
    form = server.server.log.requests[0].body.decode()
    assert (
        "%0D%0A" in form and server.server.log.requests[0].headers["X-AUTHKEY"] == KEY
    )
    await bench.stop()


async def test_six_hours_down_and_killed_in_between(
    server: DsmrReaderServer, make: Callable[..., Bench]
) -> None:
    first = make()
    await first.start()
    await feed(first, range(1, 11))
    await server.server.refuse()
    await feed(first, range(11, 1091))
    # Home Assistant is killed after three hours: no chance to write anything.
    await first.kill()
    second = make()
    second.time.seconds = first.time.seconds
    await second.start()
    lost = 1090 - 10 - second.forwarder.health.queued
    assert 0 <= lost * 10 <= SAVE_AFTER
    await feed(second, range(1091, 2171))
    assert second.forwarder.health.queued == 2160 - lost
    assert second.forwarder.health.delay >= 6 * 3600 - 10
    await server.server.listen()
    await second.run(330)
    server.server.log.clear()
    await second.run(3600)
    assert second.forwarder.health.queued == 0
    arrived = second.arrived
    assert arrived == sorted(arrived)
    assert set(range(1, 2171)) - set(arrived) == set(range(1091 - lost, 1091))
    assert len(arrived) == len(set(arrived))
    await second.stop()


async def test_nobody_knows_how_it_is_before_something_was_sent(
    make: Callable[..., Bench],
) -> None:
    def connected(bench: Bench) -> object:
        shown = entities.states(TARGET, bench.forwarder.health)
        return shown[entities.device_id(TARGET), "forward_connected"]

    bench = make()
    await bench.start()
    assert connected(bench) is None
    await feed(bench, range(1, 3))
    assert connected(bench) is True
    await bench.stop()
    # A condition from before the restart does not count any more.
    after = make()
    after.time.seconds = bench.time.seconds
    await after.start()
    assert after.forwarder.health.last_success is not None
    assert connected(after) is None
    await after.server.server.refuse()
    await feed(after, range(3, 5))
    assert connected(after) is False


async def test_nothing_is_lost_when_it_ends_in_good_order(
    server: DsmrReaderServer, make: Callable[..., Bench]
) -> None:
    await server.server.refuse()
    bench = make()
    await bench.start()
    await feed(bench, range(1, 4), every=1)
    await bench.stop()
    await server.server.listen()
    after = make()
    after.time.seconds = bench.time.seconds
    await after.start()
    await after.run(60)
    assert after.arrived == [1, 2, 3]


async def test_catches_up_at_once_and_new_ones_last(
    server: DsmrReaderServer, make: Callable[..., Bench]
) -> None:
    await server.server.refuse()
    bench = make()
    await bench.start()
    await feed(bench, range(1, 201))
    await server.server.listen()
    # It is found to be back within 15 s, and is sent as much as it takes.
    await bench.run(15)
    assert bench.arrived == list(range(1, 201))
    bench.forwarder.offer(raw(bench.time.now(), 999))
    await bench.run(1)
    assert bench.arrived == [*range(1, 201), 999]
    assert bench.forwarder.health.queued == 0


async def test_killed_while_catching_up_sends_a_batch_twice_at_most(
    server: DsmrReaderServer, make: Callable[..., Bench]
) -> None:
    await server.server.refuse()
    bench = make()
    await bench.start()
    await feed(bench, range(1, 201))
    await bench.stop()
    await server.server.listen()
    second = make()
    second.time.seconds = bench.time.seconds
    await second.start()
    await second.run(1)
    await second.kill()
    sent = len(second.arrived)
    assert 0 < sent < 200
    third = make()
    third.time.seconds = second.time.seconds
    await third.start()
    await third.run(600)
    assert set(third.arrived) == set(range(1, 201))
    assert len(third.arrived) - 200 <= 50
    first_seen = list(dict.fromkeys(third.arrived))
    assert first_seen == sorted(first_seen)


async def test_refused_telegram_goes_aside_and_blocks_nothing(
    server: DsmrReaderServer, make: Callable[..., Bench]
) -> None:
    bench = make()
    await bench.start()
    bench.forwarder.offer(raw(bench.time.now(), 1))
    damaged = telegram(bench.time.now(), 2).replace("1-0:1.7.0", "1-0:1.8.9")
    bench.forwarder.offer(Item(START.timestamp(), "raw", damaged))
    bench.forwarder.offer(raw(bench.time.now(), 3))
    bench.forwarder.offer(Item(START.timestamp(), "raw", ""))
    await bench.run(10)
    assert bench.arrived == [1, 3]
    health = bench.forwarder.health
    assert health.refused == 2
    assert server.server.log.count("POST", V1) == 4
    assert isinstance(health.refusal, Exception) and health.error is None
    kept = bench.queue.refused(TARGET)
    assert kept[0][0].body == damaged
    assert kept[0][1] == "Failed to parse telegram"
    await feed(bench, range(4, 30))
    assert bench.forwarder.health.refusal is None


async def test_poison_telegram_is_found_out(
    server: DsmrReaderServer, make: Callable[..., Bench]
) -> None:
    """A register is missing that the server counts on: 500, but only for this one."""
    from simulators.dsmr_reader.telegram import crc16

    lines = telegram(START, 5).split("\r\n")
    body = "\r\n".join(line for line in lines if not line.startswith("1-0:2.7.0"))
    body = body[: body.index("!") + 1]
    poison = f"{body}{crc16(body.encode('latin-1')):04X}\r\n"
    bench = make()
    await bench.start()
    bench.forwarder.offer(Item(START.timestamp(), "raw", poison))
    bench.forwarder.offer(raw(bench.time.now(), 6))
    await bench.run(60)
    assert bench.arrived == [6]
    assert bench.forwarder.health.refused == 1
    assert server.server.log.count("POST", V1) == 4


async def test_database_that_is_down_costs_nothing(
    server: DsmrReaderServer, make: Callable[..., Bench]
) -> None:
    server.state.database_down = True
    bench = make()
    await bench.start()
    await feed(bench, range(1, 200))
    assert bench.forwarder.health.refused == 0
    assert isinstance(bench.forwarder.health.error, ServerError)
    server.state.database_down = False
    await bench.run(900)
    assert bench.arrived == list(range(1, 200))


@pytest.mark.parametrize(
    ("fault", "wait"),
    [
        (reset(), 60),
        (html_page(502), 60),
        (html_page(200, "Log in"), 60),
        (rate_limited("7"), 30),
        (rate_limited("7", 503), 30),
        (status(404), 60),
    ],
)
async def test_passing_trouble(
    server: DsmrReaderServer, make: Callable[..., Bench], fault: Any, wait: float
) -> None:
    bench = make()
    await bench.start()
    server.server.inject(fault, V1, times=2)
    await feed(bench, range(1, 4), every=1)
    await bench.run(wait)
    assert bench.arrived == [1, 2, 3]
    assert bench.forwarder.health.refused == 0


@pytest.mark.parametrize(
    ("attribute", "wrong", "error"),
    [("allow", False, ApiDisabledError), ("key", "x" * 64, InvalidKeyError)],
)
async def test_pause_until_somebody_changes_a_setting(
    server: DsmrReaderServer,
    make: Callable[..., Bench],
    attribute: str,
    wrong: Any,
    error: type[Exception],
) -> None:
    right = getattr(server.state, attribute)
    setattr(server.state, attribute, wrong)
    bench = make()
    await bench.start()
    await feed(bench, range(1, 100))
    assert isinstance(bench.forwarder.health.error, error)
    # One attempt every five minutes or so; a refused key is believed the second time.
    assert server.server.log.count("POST", V1) <= 8
    setattr(server.state, attribute, right)
    await bench.run(15)
    assert bench.arrived == list(range(1, 100))
    assert bench.forwarder.health.error is None


async def test_bounded_in_size_and_age(
    server: DsmrReaderServer, make: Callable[..., Bench]
) -> None:
    await server.server.refuse()
    bench = make(size=100_000, days=7)
    await bench.start()
    await feed(bench, range(1, 301))
    await bench.run(60)
    health = bench.forwarder.health
    assert 50 < health.queued < 200
    assert health.dropped == 300 - health.queued
    assert bench.queue.path.stat().st_size < 1_000_000
    bench.time.seconds += 8 * 86400
    bench.forwarder.offer(raw(bench.time.now(), 301))
    await bench.run(60)
    assert health.queued == 1
    await server.server.listen()
    await bench.run(400)
    assert bench.arrived == [301]
    await bench.stop()
    again = make()
    await again.start()
    assert again.forwarder.health.dropped == 300
    assert again.forwarder.health.forwarded == 1


async def test_interval(make: Callable[..., Bench]) -> None:
    bench = make(interval=10.0)
    await bench.start()
    due = [second for second in range(60) if bench.forwarder.due(float(second))]
    assert due == [0, 10, 20, 30, 40, 50]
    every = make(interval=0)
    await every.start()
    assert all(every.forwarder.due(float(second)) for second in range(5))


async def test_readings_with_facts_that_changed(
    server: DsmrReaderServer, make: Callable[..., Bench]
) -> None:
    bench = make()
    await bench.start()
    for number, tariff in ((1, 1), (2, 1), (3, 2)):
        bench.forwarder.offer(
            parsed(bench.time.now(), number, electricity_tariff=tariff)
        )
        await bench.run(10)
    assert bench.arrived == [1, 2, 3]
    assert server.state.meter["electricity_tariff"] == 2
    assert server.server.log.count("PATCH") == 2
    bad = parsed(bench.time.now(), 4)
    bad.body = bad.body.replace('"0.1"', '"plenty"')
    bench.forwarder.offer(bad)
    await bench.run(10)
    assert bench.forwarder.health.refused == 1
    [(_, reason)] = bench.queue.refused(TARGET)
    assert "A valid number is required" in reason


async def test_one_dead_server_delays_no_other(
    server: DsmrReaderServer, tmp_path: Path
) -> None:
    async with DsmrReaderServer(new_state()) as other:
        one, two = Bench(server, tmp_path / "1.db"), Bench(other, tmp_path / "2.db")
        two.time = one.time
        await one.start()
        await two.start()
        await server.server.refuse()
        for number in range(1, 20):
            for bench in (one, two):
                bench.forwarder.offer(raw(one.time.now(), number))
            await two.run(10)
        assert two.arrived == list(range(1, 20))
        assert one.arrived == []
        await one.kill()
        await two.kill()


async def test_latin_1_of_the_meter_arrives(
    server: DsmrReaderServer, make: Callable[..., Bench]
) -> None:
    from simulators.dsmr_reader.telegram import crc16

    body = telegram(START, 7).replace("0-0:96.13.0()", "0-0:96.13.0(caf\xe9)")
    body = body[: body.index("!") + 1]
    text = f"{body}{crc16(body.encode('latin-1')):04X}\r\n"
    bench = make()
    await bench.start()
    bench.forwarder.offer(Item(START.timestamp(), "raw", text))
    await bench.run(5)
    assert bench.arrived == [7]
    assert "caf\xe9" in server.state.meter["latest_telegram"]
