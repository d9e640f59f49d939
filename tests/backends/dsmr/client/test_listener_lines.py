"""The client at other speeds, with keys, at the end, and on real lines."""

import asyncio

import pytest

from custom_components.junction.backends.dsmr.client.encryption import Keys
from custom_components.junction.backends.dsmr.client.errors import (
    ConnectionLostError,
    EncryptedError,
    HostRefusedError,
    InvalidPortError,
    WrongKeyError,
)
from custom_components.junction.backends.dsmr.client.listener import (
    LinkState,
    LinkStatus,
    P1Listener,
)
from custom_components.junction.backends.dsmr.client.transport import LineSettings

from ..helpers import KEYS, FakeClock, FakePort, encrypted, even_parity
from ..lines import Pty, free_port, meter
from .listeners import BAD, LOGGER, OLD, RAW, Bench

# Speed


async def test_the_other_speed_is_tried_when_nothing_makes_sense() -> None:
    bench = Bench()
    await bench.start()
    assert bench.port.opened == [115200]
    bench.port.send(b"\xf8\x80\x00\xfe" * 30)
    await bench.clock.move(13.5)
    assert bench.port.opened == [115200, 9600]
    for _ in range(3):
        bench.port.send(even_parity(OLD))
        await bench.clock.move(10)
    assert bench.statuses == [LinkStatus.SILENT, LinkStatus.FRESH]
    assert bench.client.baudrate == 9600
    bench.port.lose(ConnectionLostError())
    await bench.clock.move(1.1)
    assert bench.port.opened == [115200, 9600, 9600]
    await bench.stop()


async def test_an_exchanged_meter_may_have_another_speed() -> None:
    bench = Bench(line=LineSettings(9600))
    await bench.start()
    for _ in range(3):
        bench.port.send(even_parity(OLD))
        await bench.clock.move(10)
    assert bench.statuses == [LinkStatus.FRESH]
    # The new one sends at 115200, which at 9600 looks like this.
    while bench.port.is_open:
        bench.port.send(b"\xf8\x80\x00\xfe" * 30)
        await bench.clock.move(1)
    await bench.clock.move(1.2)
    assert bench.port.opened == [9600, 115200]
    await bench.feed(3)
    assert bench.statuses[-1] is LinkStatus.FRESH
    assert bench.client.baudrate == 115200
    await bench.stop()


async def test_damaged_telegrams_are_no_wrong_speed() -> None:
    bench = Bench()
    await bench.start()
    bench.port.send(BAD)
    await bench.clock.move(49)
    assert bench.port.opened == [115200]
    await bench.clock.move(3)
    assert bench.port.opened == [115200, 115200]
    await bench.stop()


async def test_no_data_is_no_wrong_speed() -> None:
    bench = Bench()
    await bench.start()
    await bench.clock.move(300)
    assert set(bench.port.opened) == {115200}
    await bench.stop()


async def test_a_gateway_has_no_speed_to_try() -> None:
    bench = Bench("socket://127.0.0.1:1")
    await bench.start()
    bench.port.send(b"noise")
    await bench.clock.move(100)
    assert set(bench.port.opened) == {115200}
    await bench.stop()


# Keys


async def test_a_key_is_needed(caplog: pytest.LogCaptureFixture) -> None:
    bench = Bench(line=LineSettings(115200))
    await bench.start()
    for n in range(20):
        bench.port.send(encrypted(n))
        await bench.clock.move(10)
    assert bench.statuses == [LinkStatus.KEY_NEEDED]
    assert isinstance(bench.links[0].error, EncryptedError)
    assert bench.port.opened == [115200]
    # The user is asked for it, so there is no log message.
    assert not [r for r in caplog.records if r.name == LOGGER]
    await bench.stop()


async def test_a_wrong_key_is_told_and_listening_goes_on() -> None:
    bench = Bench(line=LineSettings(115200), keys=Keys(bytes(16)))
    await bench.start()
    for n in range(20):
        bench.port.send(encrypted(n))
        await bench.clock.move(10)
    assert bench.statuses == [LinkStatus.WRONG_KEY]
    assert isinstance(bench.links[0].error, WrongKeyError)
    assert bench.port.opened == [115200]
    await bench.stop()


async def test_a_key_changed_by_the_operator() -> None:
    bench = Bench(line=LineSettings(115200), keys=KEYS)
    await bench.start()
    for n in range(3):
        bench.port.send(encrypted(n))
        await bench.clock.move(10)
    for n in range(5):
        bench.port.send(encrypted(n, key=bytes(16)))
        await bench.clock.move(10)
    assert bench.statuses == [LinkStatus.FRESH, LinkStatus.WRONG_KEY]
    await bench.stop()


async def test_broken_frames_are_no_wrong_key() -> None:
    bench = Bench(line=LineSettings(115200), keys=KEYS)
    await bench.start()
    bench.port.send(encrypted(1))
    await bench.clock.move(10)
    for n in range(2):
        bench.port.send(encrypted(n + 2, key=bytes(16)))
        await bench.clock.move(10)
    bench.port.send(encrypted(9))
    assert bench.statuses == [LinkStatus.FRESH]
    assert len(bench.telegrams) == 2
    await bench.stop()


# The end


async def test_close_while_listening(bench: Bench) -> None:
    await bench.feed(1)
    await bench.stop()
    assert bench.statuses == [LinkStatus.FRESH, LinkStatus.CLOSED]
    assert bench.port.closed == 1
    await bench.client.close()


async def test_close_while_waiting() -> None:
    bench = Bench(line=LineSettings(115200))
    bench.port.error = HostRefusedError()
    await bench.start()
    await bench.stop()
    assert bench.statuses == [LinkStatus.LOST, LinkStatus.CLOSED]


async def test_close_while_opening() -> None:
    started = asyncio.Event()

    async def hang(
        url: str, line: LineSettings, on_data: object, on_lost: object
    ) -> FakePort:
        started.set()
        await asyncio.Event().wait()
        raise AssertionError

    client = P1Listener("x", on_telegram=print, on_link=lambda _: None, opener=hang)
    task = asyncio.create_task(client.run())
    await started.wait()
    await client.close()
    await task


async def test_cancelled_from_outside(bench: Bench) -> None:
    assert bench._task is not None
    bench._task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await bench._task
    assert bench.port.closed == 1
    assert bench.client.link.status is LinkStatus.CLOSED
    bench._task = None


async def test_close_before_run() -> None:
    await Bench().client.close()


async def test_errors_of_who_listens_end_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def on_link(link: LinkState) -> None:
        raise ZeroDivisionError

    clock, port = FakeClock(), FakePort()
    port.error = HostRefusedError()
    client = P1Listener(
        "x", on_telegram=print, on_link=on_link, opener=port, clock=clock
    )
    task = asyncio.create_task(client.run())
    await clock.move(10)
    assert len(port.opened) == 4
    assert not task.done()
    assert "ZeroDivisionError" in caplog.text
    await client.close()
    await task


async def test_a_fault_of_our_own_is_not_swallowed() -> None:
    async def opener(
        url: str, line: LineSettings, on_data: object, on_lost: object
    ) -> FakePort:
        raise ZeroDivisionError

    client = P1Listener("x", on_telegram=print, on_link=lambda _: None, opener=opener)
    with pytest.raises(ZeroDivisionError):
        await client.run()
    assert client.link.status is LinkStatus.CLOSED


# On real lines


async def _until(condition: object, seconds: float = 5.0) -> None:
    assert callable(condition)
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)


class _Real(Bench):
    """A client on a real line, with the real clock."""

    def __init__(self, url: str, **arguments: object) -> None:
        super().__init__()
        self.client = P1Listener(
            url,
            on_telegram=self.telegrams.append,
            on_link=self.links.append,
            **arguments,  # type: ignore[arg-type]
        )


@pytest.mark.usefixtures("socket_enabled")
@pytest.mark.parametrize("how", ["finish", "reset"])
async def test_a_gateway_that_hangs_up(how: str) -> None:
    async with meter() as gateway:
        real = _Real(gateway.url)
        await real.start()
        await gateway.connected.wait()
        gateway.send(RAW)
        await _until(lambda: len(real.telegrams) == 1)
        getattr(gateway, how)()
        await _until(lambda: real.client.link.status is LinkStatus.LOST)
        await gateway.connected.wait()
        gateway.send(RAW)
        await _until(lambda: len(real.telegrams) == 2)
        assert real.statuses == [LinkStatus.FRESH, LinkStatus.LOST, LinkStatus.FRESH]
        await real.stop()
        assert real.client.statistics.reconnects == 1


@pytest.mark.usefixtures("socket_enabled")
async def test_a_gateway_that_comes_later() -> None:
    async with meter() as gateway:
        await gateway.stop()
        real = _Real(gateway.url)
        await real.start()
        await _until(lambda: real.statuses == [LinkStatus.LOST])
        assert isinstance(real.links[0].error, HostRefusedError)
        await gateway.start()
        await gateway.connected.wait()
        gateway.send(RAW)
        await _until(lambda: real.client.link.status is LinkStatus.FRESH)
        await real.stop()


async def test_a_serial_port_that_is_unplugged() -> None:
    port = Pty()
    real = _Real(port.path, line=LineSettings(115200))
    await real.start()

    def heard() -> bool:
        port.send(RAW)
        return len(real.telegrams) > 1

    await _until(heard)
    port.unplug()
    await _until(lambda: real.client.link.status is LinkStatus.LOST)
    assert isinstance(real.client.link.error, ConnectionLostError)
    await real.stop()


@pytest.mark.usefixtures("socket_enabled")
async def test_a_configuration_error_does_not_end_it() -> None:
    """Home Assistant core's loop dies of an unknown scheme."""
    real = _Real("gopher://127.0.0.1:1")
    await real.start()
    await _until(lambda: real.client.statistics.reconnects >= 1)
    assert isinstance(real.links[0].error, InvalidPortError)
    assert real._task is not None
    assert not real._task.done()
    await real.stop()
    assert free_port()


@pytest.mark.usefixtures("socket_enabled")
async def test_a_byte_beyond_ascii_costs_one_telegram() -> None:
    """Home Assistant core's loop closes the connection for it."""
    async with meter() as gateway:
        real = _Real(gateway.url)
        await real.start()
        await gateway.connected.wait()
        for raw in (RAW, RAW[:300] + b"\xe9\xff" + RAW[302:], RAW):
            gateway.send(raw)
        await _until(lambda: len(real.telegrams) == 2)
        assert real.statuses == [LinkStatus.FRESH]
        assert gateway.accepted == 1
        await real.stop()
