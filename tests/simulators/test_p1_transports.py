"""The meter on real lines: pseudo-terminals, TCP and RFC 2217, read as clients read them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
import os
from pathlib import Path
from typing import Any, override

import pytest
import serialx

from simulators.clock import VirtualClock
from simulators.house import House, Load
from simulators.minutes import HousePlan
from simulators.p1_meter import (
    DEFAULT_START,
    Action,
    Fate,
    MeterPlan,
    MeterServer,
    P1Meter,
    PtyTransport,
    Rfc2217Transport,
    TcpTransport,
    Transport,
)

from .p1_reference import clean_lines, text_receiver

pytestmark = pytest.mark.usefixtures("socket_enabled")


class Reader(asyncio.Protocol):
    """A client that keeps the bytes that it receives."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.chunks: list[bytes] = []
        self.lost = asyncio.Event()
        self.error: Exception | None = None

    @override
    def data_received(self, data: bytes) -> None:
        self.data += data
        self.chunks.append(data)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self.error = exc
        self.lost.set()

    def telegrams(self) -> list[list[str]]:
        return list(text_receiver(bytes(self.data)))

    async def until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not true():
                await asyncio.sleep(0.005)

    async def until_telegrams(self, count: int) -> None:
        await self.until(lambda: len(self.telegrams()) >= count)


@asynccontextmanager
async def running(
    transport: Transport, dialect: str = "5", speed: float = 50, **plan: Any
) -> AsyncIterator[MeterServer]:
    meter = P1Meter(
        MeterPlan(dialect, **plan), clock=VirtualClock(DEFAULT_START, speed)
    )
    async with MeterServer(meter, transport) as server:
        yield server


@asynccontextmanager
async def reading(url: str, baudrate: int = 115200) -> AsyncIterator[Reader]:
    transport, reader = await connect(url, baudrate)
    try:
        yield reader
    finally:
        transport.close()
        async with asyncio.timeout(5):
            await reader.lost.wait()


async def connect(url: str, baudrate: int = 115200) -> tuple[Any, Reader]:
    transport, protocol = await serialx.create_serial_connection(
        asyncio.get_running_loop(), Reader, url, baudrate=baudrate, low_latency=False
    )
    assert isinstance(protocol, Reader)
    return transport, protocol


async def reconnected(url: str) -> tuple[Any, Reader]:
    while True:
        try:
            return await connect(url)
        except OSError:
            await asyncio.sleep(0.02)


def meant(server: MeterServer) -> list[list[str]]:
    return [clean_lines(record.telegram.data) for record in server.meter.log]


TRANSPORTS: dict[str, Callable[[], Transport]] = {
    "pty": PtyTransport,
    "tcp": TcpTransport,
    "rfc2217": Rfc2217Transport,
}
EVERYWHERE = pytest.mark.parametrize("kind", TRANSPORTS)


@EVERYWHERE
async def test_telegrams_arrive_whole_and_in_order(kind: str) -> None:
    async with (
        running(TRANSPORTS[kind]()) as server,
        reading(server.transport.address) as reader,
    ):
        await reader.until_telegrams(20)
        first = meant(server).index(reader.telegrams()[0])
        got = reader.telegrams()
        assert got == meant(server)[first : first + len(got)]
        assert (server.transport.connections, server.transport.receivers) == (1, 1)
        assert server.transport.received == b""
        assert server.transport.dropped == 0


@EVERYWHERE
async def test_who_is_not_connected_misses_what_is_sent(kind: str) -> None:
    async with running(TRANSPORTS[kind]()) as server:
        async with asyncio.timeout(10):
            await server.wait_sent(3)
        assert [record.receivers for record in list(server.meter.log)[:3]] == [0, 0, 0]
        async with reading(server.transport.address) as reader:
            await reader.until_telegrams(5)
            assert server.meter.log[-1].receivers == 1
            assert meant(server)[0] not in reader.telegrams()


@EVERYWHERE
async def test_the_line_breaks_and_can_be_had_again(kind: str, tmp_path: Path) -> None:
    transport = (
        PtyTransport(link=tmp_path / "ttyP1") if kind == "pty" else TRANSPORTS[kind]()
    )
    async with running(transport) as server:
        address = transport.address
        for action in Action:
            async with reading(address) as reader:
                await reader.until_telegrams(2)
                await server.break_off(action)
                async with asyncio.timeout(5):
                    await reader.lost.wait()
                if kind == "pty":
                    assert isinstance(reader.error, OSError)
                elif action is Action.RESET:
                    assert isinstance(reader.error, ConnectionResetError)
                else:
                    assert reader.error is None
        async with reading(address) as reader:
            await reader.until_telegrams(2)
        assert transport.connections == len(Action) + 1


async def test_a_pty_comes_back_under_its_link(tmp_path: Path) -> None:
    link = tmp_path / "ttyUSB0"
    async with running(PtyTransport(link=link)) as server:
        assert server.transport.address == str(link)
        await server.break_off(Action.UNPLUG, None)
        assert not link.is_symlink()
        with pytest.raises(OSError, match="ttyUSB0"):
            await connect(str(link))
        # Another process may take the old number meanwhile.
        taken = os.openpty()
        await server.restore()
        assert link.is_symlink()
        async with reading(str(link)) as reader:
            await reader.until_telegrams(2)
        for end in taken:
            os.close(end)
    assert not link.is_symlink()


async def test_refused_connections(unused_tcp_port: int) -> None:
    async with running(TcpTransport(port=unused_tcp_port)) as server:
        assert server.transport.address == f"socket://127.0.0.1:{unused_tcp_port}"
        await server.break_off(Action.REFUSE, None)
        with pytest.raises(ConnectionRefusedError):
            await connect(server.transport.address)
        await server.restore()
        async with reading(server.transport.address) as reader:
            await reader.until_telegrams(1)


async def test_a_break_ends_by_itself_after_virtual_seconds() -> None:
    async with running(TcpTransport(), speed=20) as server:
        await server.break_off(Action.REFUSE, 5)
        with pytest.raises(ConnectionRefusedError):
            await connect(server.transport.address)
        await asyncio.sleep(0.4)
        async with reading(server.transport.address) as reader:
            await reader.until_telegrams(1)


async def test_a_gateway_takes_as_many_clients_as_it_is_told() -> None:
    transport = TcpTransport(max_clients=2)
    async with (
        running(transport) as server,
        reading(transport.address) as one,
        reading(transport.address) as two,
    ):
        _, three = await connect(transport.address)
        async with asyncio.timeout(5):
            await three.lost.wait()
        await one.until_telegrams(3)
        await two.until_telegrams(3)
        assert (transport.receivers, transport.refused, three.data) == (2, 1, b"")
        assert server.meter.log[-1].receivers == 2


async def test_a_gateway_may_greet() -> None:
    transport = TcpTransport(greeting=b"\xff\xfd\x03ser2net\r\n")
    async with running(transport), reading(transport.address) as reader:
        await reader.until_telegrams(2)
        assert reader.data.startswith(b"\xff\xfd\x03ser2net\r\n/ISK5")


@pytest.mark.parametrize("kind", ["pty", "rfc2217"])
async def test_another_speed_shows_garbage(kind: str) -> None:
    transport = TRANSPORTS[kind]()
    async with running(transport):
        async with reading(transport.address, baudrate=9600) as reader:
            await reader.until(lambda: len(reader.data) > 500)
            assert reader.telegrams() == []
            assert b"/ISK5" not in reader.data
        async with reading(transport.address, baudrate=115200) as reader:
            await reader.until_telegrams(2)


@pytest.mark.parametrize("kind", ["pty", "rfc2217"])
async def test_the_speed_can_be_changed_on_the_open_port(kind: str) -> None:
    transport = PtyTransport(9600) if kind == "pty" else Rfc2217Transport(9600)
    meter = P1Meter(MeterPlan("2.2", crc=None), clock=VirtualClock(DEFAULT_START, 200))
    async with MeterServer(meter, transport):
        client, reader = await connect(transport.address)
        await reader.until(lambda: len(reader.data) > 500)
        await client.reconfigure_port(baudrate=9600)
        reader.data.clear()
        await reader.until(
            lambda: b"/ISk5\\2MT382-1079\r\n\r\n0-0:96.1.1(" in reader.data
        )
        client.close()
        await reader.lost.wait()


async def test_what_a_client_writes_is_kept() -> None:
    for transport in (PtyTransport(), TcpTransport(), Rfc2217Transport()):
        async with running(transport):
            client, reader = await connect(transport.address)
            client.write(b"hello")
            await reader.until(lambda line=transport: line.received == b"hello")  # type: ignore[misc]
            client.close()
            await reader.lost.wait()


async def test_a_client_that_does_not_read_costs_itself_data_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("simulators.p1.serial_line.PATIENCE", 0.05)
    transport = PtyTransport()
    async with running(transport, speed=100) as server:
        stuck = os.open(transport.address, os.O_RDONLY | os.O_NOCTTY)
        async with asyncio.timeout(10):
            while not transport.dropped:
                await asyncio.sleep(0.01)
            await server.wait_sent(server.meter.sequence + 5)
        os.close(stuck)


@EVERYWHERE
async def test_faults_of_timing_and_connection_happen_on_the_line(
    kind: str, tmp_path: Path
) -> None:
    """A client observes a stall, a slow drip, a burst, and a loss, and then recovers."""
    transport = (
        PtyTransport(link=tmp_path / "p1") if kind == "pty" else TRANSPORTS[kind]()
    )
    async with running(transport, speed=20) as server:
        faults = server.meter.faults
        async with reading(transport.address) as reader:
            await reader.until_telegrams(1)
            faults.once("stall", seconds=2)
            faults.once("drip", seconds=0.01, size=16)
            faults.once("burst", count=3)
            start = len(reader.telegrams())
            await reader.until_telegrams(start + 6)
            # Slowly means in pieces.
            assert sum(len(chunk) <= 16 for chunk in reader.chunks) > 20
            first = meant(server).index(reader.telegrams()[0])
            got = reader.telegrams()
            assert got == meant(server)[first : first + len(got)]
            faults.once("unplug", seconds=4)
            async with asyncio.timeout(10):
                await reader.lost.wait()
        async with asyncio.timeout(10):
            client, reader = await reconnected(transport.address)
        await reader.until_telegrams(2)
        client.close()
        await reader.lost.wait()
        cut = next(r for r in server.meter.log if r.fault == "unplug")
        assert cut.fate is Fate.MUST_NOT
        assert clean_lines(cut.telegram.data) not in reader.telegrams()


async def test_nothing_is_sent_for_time_that_was_jumped_over() -> None:
    async with (
        running(TcpTransport(), speed=20) as server,
        reading(server.transport.address) as reader,
    ):
        await reader.until_telegrams(2)
        before = server.meter.log[-1]
        server.meter.clock.jump(24 * 3600)
        await reader.until_telegrams(len(reader.telegrams()) + 3)
        after = [r for r in server.meter.log if r.sequence > before.sequence]
        assert (
            max(b.time - a.time for a, b in zip([before, *after], after, strict=False))
            >= 24 * 3600
        )
        assert len(after) < 40
        assert [r.sequence for r in after] == list(
            range(after[0].sequence, after[-1].sequence + 1)
        )


async def test_a_stopped_clock_sends_when_it_is_moved() -> None:
    async with (
        running(TcpTransport(), speed=0) as server,
        reading(server.transport.address) as reader,
    ):
        await asyncio.sleep(0.05)
        assert reader.data == b""
        server.meter.clock.jump(1)
        await reader.until_telegrams(1)
        await asyncio.sleep(0.05)
        assert len(reader.telegrams()) == 1


async def test_pacing_keeps_to_the_speed_of_the_line() -> None:
    meter = P1Meter(MeterPlan("5"), clock=VirtualClock(DEFAULT_START, 1))
    transport = TcpTransport()
    async with (
        MeterServer(meter, transport, pace=True),
        reading(transport.address) as reader,
    ):
        await reader.until_telegrams(1)
        assert max(map(len, reader.chunks)) < len(meter.log[0].data)
        assert sum(len(chunk) <= 64 for chunk in reader.chunks) >= 8


async def test_two_systems_on_one_house() -> None:
    """A light switched in the house changes the reading on the meter's line."""
    clock = VirtualClock(DEFAULT_START, 50)
    house = House(clock, HousePlan(2))
    meter = P1Meter(MeterPlan("5"), house=house)
    transport = TcpTransport()
    async with MeterServer(meter, transport), reading(transport.address) as reader:
        await reader.until_telegrams(1)
        house.add_load(Load("floodlight", 20_000, phase=3))
        house.switch("floodlight", on=True)
        await reader.until(lambda: b"1-0:61.7.0(2" in reader.data)


async def test_an_error_while_sending_is_not_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    meter = P1Meter(MeterPlan("5"), clock=VirtualClock(DEFAULT_START, 100))
    server = MeterServer(meter, TcpTransport())

    def broken(_moment: int) -> list[Any]:
        msg = "meter on fire"
        raise RuntimeError(msg)

    monkeypatch.setattr(meter, "step", broken)
    await server.start()
    async with asyncio.timeout(5):
        while not server.failed:
            await asyncio.sleep(0.01)
    with pytest.raises(RuntimeError, match="meter on fire"):
        await server.stop()


async def test_a_taken_port_is_an_error() -> None:
    first = TcpTransport()
    await first.start()
    second = TcpTransport(port=first.port)
    with pytest.raises(OSError, match=str(first.port)):
        await second.start()
    await first.stop()
