"""The listening client: states, watchdog, reconnects."""

import logging

import pytest

from custom_components.junction.backends.dsmr.client.errors import (
    ConnectionLostError,
    HostRefusedError,
    InvalidPortError,
    NoDataError,
    NoTelegramError,
    NotP1Error,
    OnlyCrcErrorsError,
    PortNotFoundError,
)
from custom_components.junction.backends.dsmr.client.listener import LinkStatus
from custom_components.junction.backends.dsmr.client.transport import LineSettings

from ..helpers import hdlc, settle
from .listeners import BAD, LOGGER, OLD, RAW, Bench

# States


async def test_fresh_with_the_first_telegram(bench: Bench) -> None:
    assert bench.client.link.status is LinkStatus.CONNECTING
    assert bench.links == []
    bench.port.send(RAW[:400])
    assert bench.links == []
    bench.port.send(RAW[400:])
    assert bench.statuses == [LinkStatus.FRESH]
    assert [telegram.raw for telegram in bench.telegrams] == [RAW]
    await bench.feed(20)
    assert bench.statuses == [LinkStatus.FRESH]
    assert len(bench.telegrams) == 21
    assert bench.client.statistics.telegrams == 21
    assert bench.port.opened == [115200]


async def test_lost_and_found(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, LOGGER)
    await bench.feed(3)
    bench.port.lose(ConnectionLostError("device disconnected"))
    await settle()
    assert bench.statuses == [LinkStatus.FRESH, LinkStatus.LOST]
    assert isinstance(bench.links[-1].error, ConnectionLostError)
    assert not bench.port.is_open
    await bench.clock.move(0.9)
    assert not bench.port.is_open
    await bench.clock.move(0.2)
    assert bench.port.is_open
    assert bench.client.link.status is LinkStatus.LOST
    bench.port.send(RAW)
    assert bench.statuses[-1] is LinkStatus.FRESH
    assert bench.client.statistics.reconnects == 1
    assert bench.client.statistics.last_error == "connection_lost: device disconnected"
    assert [(r.levelname, "again" in r.getMessage()) for r in caplog.records] == [
        ("WARNING", False),
        ("INFO", True),
    ]


async def test_delays_grow_and_start_again_after_a_telegram() -> None:
    bench = Bench(line=LineSettings(115200))
    bench.port.error = HostRefusedError("refused")
    await bench.start()
    for delay in (1, 2, 5, 10, 30, 60, 60):
        assert bench.clock.waits == [delay]
        attempts = len(bench.port.opened)
        await bench.clock.move(delay)
        assert len(bench.port.opened) == attempts + 1
    assert bench.statuses == [LinkStatus.LOST]
    bench.port.error = None
    await bench.clock.move(60)
    bench.port.send(RAW)
    bench.port.lose(ConnectionLostError())
    await settle()
    assert bench.clock.waits == [1]
    await bench.stop()


async def test_a_connection_alone_does_not_shorten_the_delay() -> None:
    """A gateway that accepts and closes connections is not retried every second."""
    bench = Bench(line=LineSettings(115200))
    await bench.start()
    for delay in (1, 2, 5, 10):
        bench.port.lose(ConnectionLostError("closed"))
        await settle()
        assert bench.clock.waits == [delay]
        await bench.clock.move(delay)
    await bench.stop()


async def test_jitter() -> None:
    bench = Bench(line=LineSettings(115200))
    bench.clock.chance = 0.5
    bench.port.error = HostRefusedError()
    await bench.start()
    assert bench.clock.waits == pytest.approx([1.05])
    await bench.stop()


async def test_retry_now(bench: Bench) -> None:
    bench.port.error = PortNotFoundError("unplugged")
    bench.port.lose(ConnectionLostError())
    await bench.clock.move(20)
    attempts = len(bench.port.opened)
    bench.port.error = None
    bench.client.retry_now()
    await settle()
    assert len(bench.port.opened) == attempts + 1
    assert bench.port.is_open


async def test_retry_now_is_no_disturbance_while_connected(bench: Bench) -> None:
    await bench.feed(2)
    bench.client.retry_now()
    await bench.feed(2)
    bench.port.lose(ConnectionLostError())
    await settle()
    assert bench.clock.waits == [1]


async def test_the_log_speaks_once(caplog: pytest.LogCaptureFixture) -> None:
    bench = Bench("esphome://host/?port_name=P1&key=hush", line=LineSettings(115200))
    bench.port.error = HostRefusedError("refused")
    await bench.start()
    # The caller may treat this as a response and give up.
    assert not [r for r in caplog.records if r.name == LOGGER]
    await bench.clock.move(600)
    bench.port.error = InvalidPortError("other")
    await bench.clock.move(600)
    records = [r for r in caplog.records if r.name == LOGGER]
    assert len(records) == 1
    assert "host_refused: refused" in records[0].getMessage()
    assert "hush" not in caplog.text
    assert bench.statuses == [LinkStatus.LOST, LinkStatus.LOST]
    await bench.stop()


# Silence


async def test_silence_of_a_fast_meter(bench: Bench) -> None:
    await bench.feed(5)
    await bench.clock.move(8.9)
    assert bench.statuses == [LinkStatus.FRESH]
    assert bench.client.statistics.interval == 1
    await bench.clock.move(0.2)
    assert bench.statuses == [LinkStatus.FRESH, LinkStatus.SILENT]
    assert isinstance(bench.links[-1].error, NoDataError)
    assert not bench.port.is_open
    assert bench.port.closed == 1
    await bench.clock.move(1)
    assert bench.port.is_open
    bench.port.send(RAW)
    assert bench.statuses[-1] is LinkStatus.FRESH


async def test_silence_of_a_slow_meter_takes_longer() -> None:
    bench = Bench(line=LineSettings(9600))
    await bench.start()
    for _ in range(4):
        bench.port.send(OLD)
        await bench.clock.move(10)
    await bench.clock.move(39)
    assert bench.statuses == [LinkStatus.FRESH]
    await bench.clock.move(2)
    assert bench.statuses == [LinkStatus.FRESH, LinkStatus.SILENT]
    await bench.stop()


@pytest.mark.parametrize(("interval", "limit"), [(None, 50), (1.0, 10), (10.0, 50)])
async def test_silence_from_the_start(interval: float | None, limit: float) -> None:
    bench = Bench(line=LineSettings(115200), interval=interval)
    await bench.start()
    await bench.clock.move(limit - 0.1)
    assert bench.statuses == []
    await bench.clock.move(0.2)
    assert bench.statuses == [LinkStatus.SILENT]
    await bench.stop()


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        (b"", NoDataError),
        (b"hello\r\n", NoTelegramError),
        (BAD, OnlyCrcErrorsError),
        (hdlc(100) * 3, NotP1Error),
    ],
)
async def test_what_silence_is_made_of(
    bench: Bench, sent: bytes, error: type[Exception]
) -> None:
    """Without valid telegrams, the reason depends on the received bytes."""
    bench.port.send(RAW)
    await bench.clock.move(60)
    bench.port.send(sent)
    await bench.clock.move(60)
    assert type(bench.client.link.error) is error


async def test_only_damaged_telegrams_are_silence(bench: Bench) -> None:
    await bench.feed(5)
    await bench.feed(9, BAD)
    assert bench.statuses == [LinkStatus.FRESH, LinkStatus.SILENT]
    assert isinstance(bench.links[-1].error, OnlyCrcErrorsError)
    assert bench.client.statistics.crc_errors == 9
