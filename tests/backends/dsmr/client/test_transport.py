"""Real ports: opening, reading, and closing."""

import asyncio
import os
import termios

import pytest

from custom_components.junction.backends.dsmr.client import transport
from custom_components.junction.backends.dsmr.client.errors import (
    ConnectionLostError,
    ConnectTimeoutError,
)
from custom_components.junction.backends.dsmr.client.transport import (
    LineSettings,
    open_port,
)
from custom_components.junction.errors import BackendError

from ..helpers import wire
from ..lines import Pty, Rfc2217Meter, TcpMeter, meter
from .ears import Ear, listen_to

pytestmark = pytest.mark.usefixtures("socket_enabled")

RAW = wire("v5_nl_3phase_gas")
# As RFC 2217 numbers them
NO_PARITY, EVEN_PARITY = 1, 3


# Data, and the end of it


async def test_serial_port(pty: Pty) -> None:
    ear = Ear()
    connection = await listen_to(pty.path, ear)
    pty.send(RAW)
    assert await ear.heard(len(RAW)) == RAW
    await connection.close()
    assert type(await ear.ended()) is ConnectionLostError
    assert len(ear.lost) == 1


async def test_eight_bits_whatever_they_are(pty: Pty) -> None:
    ear = Ear()
    connection = await listen_to(pty.path, ear)
    data = bytes(range(256)) * 3
    pty.send(data)
    assert await ear.heard(len(data)) == data
    await connection.close()


async def test_speed_changes_on_the_open_port(pty: Pty) -> None:
    connection = await listen_to(pty.path)
    fd = os.open(pty.path, os.O_RDWR | os.O_NOCTTY)
    try:
        assert termios.tcgetattr(fd)[4:6] == [termios.B115200, termios.B115200]
        await connection.set_line(LineSettings(9600))
        assert termios.tcgetattr(fd)[4:6] == [termios.B9600, termios.B9600]
    finally:
        os.close(fd)
    await connection.close()


async def test_a_port_that_has_no_parity_is_listened_to_without(pty: Pty) -> None:
    """A port without parity support is opened without parity; kernels refuse it for some ptys."""
    ear = Ear()
    even = LineSettings(2400, even=True)
    connection = await open_port(pty.path, even, ear.on_data, ear.on_lost)
    for line in (LineSettings(2400), even, LineSettings(115200), even, even):
        await connection.set_line(line)
    pty.send(RAW)
    assert await ear.heard(len(RAW)) == RAW
    assert not ear.lost
    await connection.close()
    # Opened again while its settings are in force
    again = await open_port(pty.path, even, ear.on_data, ear.on_lost)
    await again.close()


async def test_unplugged(pty: Pty) -> None:
    ear = Ear()
    connection = await listen_to(pty.path, ear)
    pty.send(RAW)
    await ear.heard(len(RAW))
    pty.unplug()
    error = await ear.ended()
    assert type(error) is ConnectionLostError
    assert error.detail
    with pytest.raises(BackendError):
        await connection.set_line(LineSettings(9600))
    await connection.close()
    assert len(ear.lost) == 1


@pytest.mark.parametrize("scheme", ["socket", "tcp"])
async def test_tcp(gateway: TcpMeter, scheme: str) -> None:
    ear = Ear()
    connection = await listen_to(gateway.url.replace("socket", scheme), ear)
    await gateway.connected.wait()
    gateway.send(RAW)
    assert await ear.heard(len(RAW)) == RAW
    await connection.set_line(LineSettings(9600))
    await connection.close()
    assert gateway.received == b""


@pytest.mark.parametrize("how", ["finish", "reset"])
async def test_the_gateway_ends_it(gateway: TcpMeter, how: str) -> None:
    ear = Ear()
    connection = await listen_to(gateway.url, ear)
    await gateway.connected.wait()
    getattr(gateway, how)()
    error = await ear.ended()
    assert type(error) is ConnectionLostError
    assert ("reset" in error.detail.lower()) == (how == "reset")
    await connection.close()
    assert len(ear.lost) == 1


async def test_rfc2217() -> None:
    async with meter(Rfc2217Meter) as server:
        assert isinstance(server, Rfc2217Meter)
        ear = Ear()
        connection = await listen_to(server.url, ear)
        server.send(RAW)
        assert await ear.heard(len(RAW)) == RAW
        assert server.speeds[-1] == 115200
        await connection.set_line(LineSettings(9600))
        assert server.speeds[-1] == 9600
        assert server.parities[-1] == NO_PARITY
        await connection.set_line(LineSettings(2400, even=True))
        assert (server.speeds[-1], server.parities[-1]) == (2400, EVEN_PARITY)
        await connection.close()


async def test_rfc2217_without_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """A gateway that stops answering does not stop the listening forever."""
    async with meter(Rfc2217Meter) as server:
        ear = Ear()
        connection = await listen_to(server.url, ear)
        monkeypatch.setattr(transport, "_OPEN_TIMEOUT", 0.1)
        monkeypatch.setattr(Rfc2217Meter, "answer", TcpMeter.answer)
        with pytest.raises(ConnectTimeoutError):
            async with asyncio.timeout(5):
                await connection.set_line(LineSettings(9600))
        await connection.close()


async def test_rfc2217_is_opened_with_parity() -> None:
    async with meter(Rfc2217Meter) as server:
        assert isinstance(server, Rfc2217Meter)
        even = LineSettings(2400, even=True)
        ear = Ear()
        connection = await open_port(server.url, even, ear.on_data, ear.on_lost)
        assert (server.speeds[-1], server.parities[-1]) == (2400, EVEN_PARITY)
        await connection.close()


async def test_an_error_in_the_receiver_ends_nothing(
    gateway: TcpMeter, caplog: pytest.LogCaptureFixture
) -> None:
    ear = Ear()

    def on_data(data: bytes) -> None:
        ear.on_data(data)
        raise ZeroDivisionError

    connection = await open_port(
        gateway.url, LineSettings(115200), on_data, ear.on_lost
    )
    await gateway.connected.wait()
    gateway.send(b"one")
    assert await ear.heard(3) == b"one"
    gateway.send(b"two")
    assert await ear.heard(6) == b"onetwo"
    assert not ear.lost
    assert "ZeroDivisionError" in caplog.text
    await connection.close()


async def test_closing_twice_is_fine(gateway: TcpMeter) -> None:
    connection = await listen_to(gateway.url)
    await connection.close()
    await connection.close()


async def test_closing_never_raises(
    gateway: TcpMeter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "_CLOSE_TIMEOUT", 0.1)
    connection = await listen_to(gateway.url)
    monkeypatch.setattr(connection._transport, "wait_closed", asyncio.Event().wait)
    await connection.close()
