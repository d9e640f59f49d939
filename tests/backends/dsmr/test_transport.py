"""Ports that open, ports that do not, and how they end: the real ones."""

import asyncio
from collections.abc import AsyncIterator, Iterator
import errno
import os
from pathlib import Path
import socket
from socket import gaierror
import termios
from typing import Any, override

from homeassistant.exceptions import ConfigEntryNotReady
import pytest
from serialx import SerialException, register_uri_handler
from serialx.common import UnsupportedSetting
from serialx.platforms.serial_socket import SocketSerial, SocketSerialTransport

from custom_components.junction.backends.dsmr import transport
from custom_components.junction.backends.dsmr.errors import (
    ConnectionLostError,
    ConnectTimeoutError,
    HostRefusedError,
    HostUnknownError,
    InvalidPortError,
    PortBusyError,
    PortError,
    PortNotFoundError,
    PortNotReadyError,
    PortPermissionError,
)
from custom_components.junction.backends.dsmr.transport import (
    SerialConnection,
    has_speed,
    open_port,
    redact,
)
from custom_components.junction.errors import BackendError, UnreachableError

from .helpers import wire
from .lines import Pty, Rfc2217Meter, TcpMeter, free_port, meter

pytestmark = pytest.mark.usefixtures("socket_enabled")

RAW = wire("v5_nl_3phase_gas")


class _Ear:
    """Hears what a port says."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.lost: list[BackendError] = []
        self._news = asyncio.Event()

    def on_data(self, data: bytes) -> None:
        self.data += data
        self._news.set()

    def on_lost(self, error: BackendError) -> None:
        self.lost.append(error)
        self._news.set()

    async def heard(self, size: int) -> bytes:
        async with asyncio.timeout(5):
            while len(self.data) < size and not self.lost:
                self._news.clear()
                await self._news.wait()
        return bytes(self.data)

    async def ended(self) -> BackendError:
        async with asyncio.timeout(5):
            while not self.lost:
                self._news.clear()
                await self._news.wait()
        return self.lost[0]


async def _open(
    url: str, ear: _Ear | None = None, speed: int = 115200
) -> SerialConnection:
    ear = ear or _Ear()
    return await open_port(url, speed, ear.on_data, ear.on_lost)


@pytest.fixture
def pty() -> Iterator[Pty]:
    port = Pty()
    yield port
    port.unplug()


@pytest.fixture
async def gateway() -> AsyncIterator[TcpMeter]:
    async with meter() as server:
        yield server


# Opening fails


async def _refusal(url: str) -> BackendError:
    ear = _Ear()
    with pytest.raises(BackendError) as error:
        await _open(url, ear)
    assert ear.data == b""
    return error.value


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("/dev/there-is-no-such-port", PortNotFoundError),
        ("/dev/null/tty", InvalidPortError),
        ("/", InvalidPortError),
        ("/dev/null", InvalidPortError),
        ("gopher://127.0.0.1:70", InvalidPortError),
        ("socket://127.0.0.1", InvalidPortError),
        ("socket://127.0.0.1:99999", InvalidPortError),
        ("socket://:1", InvalidPortError),
        ("socket://[::1", InvalidPortError),
        ("", PortNotFoundError),
    ],
)
async def test_what_does_not_open(url: str, kind: type[BackendError]) -> None:
    error = await _refusal(url)
    assert type(error) is kind
    assert error.placeholders["port"] == redact(url)


async def test_unknown_host(monkeypatch: pytest.MonkeyPatch) -> None:
    """With what the resolver raises: Home Assistant's tests have none."""

    def getaddrinfo(*_: Any, **__: Any) -> None:
        raise gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    assert type(await _refusal("socket://p1.invalid:2001")) is HostUnknownError


async def test_a_file_is_no_port(tmp_path: Path) -> None:
    path = tmp_path / "log.txt"
    path.write_text("x")
    assert type(await _refusal(str(path))) is InvalidPortError
    assert path.read_text() == "x"


async def test_no_permission(tmp_path: Path) -> None:
    path = tmp_path / "tty"
    path.touch(0)
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    try:
        error = await _refusal(str(path))
    finally:
        os.seteuid(user)
    assert type(error) is PortPermissionError


async def test_busy(pty: Pty) -> None:
    first = await _open(pty.path)
    assert type(await _refusal(pty.path)) is PortBusyError
    await first.close()
    await (await _open(pty.path)).close()


@pytest.mark.parametrize("scheme", ["socket", "tcp", "rfc2217"])
async def test_refused(scheme: str) -> None:
    assert (
        type(await _refusal(f"{scheme}://127.0.0.1:{free_port()}")) is HostRefusedError
    )


async def test_time_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "_OPEN_TIMEOUT", 0.3)
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        waiting = [socket.socket() for _ in range(3)]
        for client in waiting:
            client.setblocking(False)
            client.connect_ex(("127.0.0.1", port))
        assert type(await _refusal(f"socket://127.0.0.1:{port}")) is ConnectTimeoutError
        for client in waiting:
            client.close()


async def test_rfc2217_to_a_raw_server(
    gateway: TcpMeter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "_OPEN_TIMEOUT", 0.3)
    error = await _refusal(gateway.url.replace("socket:", "rfc2217:"))
    assert type(error) is ConnectTimeoutError


class _Failing(SocketSerialTransport):
    """A handler of another integration."""

    error: Exception = RuntimeError()

    @override
    async def _connect(self, **_: Any) -> None:
        raise self.error


def _caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("raised", "kind"),
    [
        (ConfigEntryNotReady(), PortNotReadyError),
        (ConfigEntryNotReady("ESPHome is not loaded"), PortNotReadyError),
        (SerialException("Server refused"), PortError),
        (
            _caused(SerialException("wrapped"), OSError(errno.EBUSY, "busy")),
            PortBusyError,
        ),
        (UnsupportedSetting("Unsupported baudrate"), InvalidPortError),
        (RuntimeError("a bug"), PortError),
        (KeyError("x"), PortError),
        (OSError("no number"), PortError),
        (OSError(errno.EIO, "input/output"), PortError),
        (OSError(errno.EHOSTUNREACH, "no route"), ConnectTimeoutError),
        (ConnectionError("closed"), PortError),
        (gaierror(-3, "try again"), HostUnknownError),
        (TimeoutError(), ConnectTimeoutError),
    ],
)
async def test_whatever_a_handler_raises(
    raised: Exception, kind: type[BackendError]
) -> None:
    remove = register_uri_handler(
        scheme="failing://",
        unique_scheme="failing-unique://",
        sync_cls=SocketSerial,
        async_transport_cls=_Failing,
    )
    _Failing.error = raised
    try:
        error = await _refusal("failing://device/?key=hush&port_name=p1")
    finally:
        remove()
    assert type(error) is kind
    assert error.detail
    assert isinstance(error, UnreachableError) or kind is InvalidPortError


def test_each_error_has_a_text_of_its_own() -> None:
    kinds: set[type[BackendError]] = {
        PortError,
        InvalidPortError,
        *PortError.__subclasses__(),
    }
    assert len({kind.key for kind in kinds}) == len(kinds)


# Secrets


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("/dev/serial/by-id/usb-FTDI_P1", "/dev/serial/by-id/usb-FTDI_P1"),
        ("socket://10.0.0.1:23", "socket://10.0.0.1:23"),
        (
            "esphome://h:6053/?port_name=P1&key=hush",
            "esphome://h:6053/?port_name=P1&key=***",
        ),
        (
            "esphome://h/?noise_psk=hush&password=hush",
            "esphome://h/?noise_psk=***&password=***",
        ),
        ("socket://me:hush@h:1", "socket://h:1"),
        ("socket://[::1", "invalid URL"),
        ("COM3", "COM3"),
    ],
)
def test_redacted(url: str, shown: str) -> None:
    assert redact(url) == shown


async def test_secrets_are_in_no_error() -> None:
    remove = register_uri_handler(
        scheme="failing://",
        unique_scheme="failing-unique://",
        sync_cls=SocketSerial,
        async_transport_cls=_Failing,
    )
    url = "failing://device/?key=hush"
    _Failing.error = RuntimeError(f"cannot open {url}: bad key 'hush'")
    try:
        error = await _refusal(url)
    finally:
        remove()
    assert "hush" not in f"{error} {error.placeholders}"
    assert "failing://device" in error.detail


@pytest.mark.parametrize(
    ("url", "own"),
    [
        ("/dev/ttyUSB0", True),
        ("rfc2217://h:1", True),
        ("esphome-hass://esphome/abc", True),
        ("socket://h:1", False),
        ("TCP://h:1", False),
    ],
)
def test_whose_speed_it_is(url: str, own: bool) -> None:
    assert has_speed(url) is own


# Data, and the end of it


async def test_serial_port(pty: Pty) -> None:
    ear = _Ear()
    connection = await _open(pty.path, ear)
    pty.send(RAW)
    assert await ear.heard(len(RAW)) == RAW
    await connection.close()
    assert type(await ear.ended()) is ConnectionLostError
    assert len(ear.lost) == 1


async def test_eight_bits_whatever_they_are(pty: Pty) -> None:
    ear = _Ear()
    connection = await _open(pty.path, ear)
    data = bytes(range(256)) * 3
    pty.send(data)
    assert await ear.heard(len(data)) == data
    await connection.close()


async def test_speed_changes_on_the_open_port(pty: Pty) -> None:
    connection = await _open(pty.path)
    fd = os.open(pty.path, os.O_RDWR | os.O_NOCTTY)
    try:
        assert termios.tcgetattr(fd)[4:6] == [termios.B115200, termios.B115200]
        await connection.set_speed(9600)
        assert termios.tcgetattr(fd)[4:6] == [termios.B9600, termios.B9600]
    finally:
        os.close(fd)
    await connection.close()


async def test_unplugged(pty: Pty) -> None:
    ear = _Ear()
    connection = await _open(pty.path, ear)
    pty.send(RAW)
    await ear.heard(len(RAW))
    pty.unplug()
    error = await ear.ended()
    assert type(error) is ConnectionLostError
    assert error.detail
    with pytest.raises(BackendError):
        await connection.set_speed(9600)
    await connection.close()
    assert len(ear.lost) == 1


@pytest.mark.parametrize("scheme", ["socket", "tcp"])
async def test_tcp(gateway: TcpMeter, scheme: str) -> None:
    ear = _Ear()
    connection = await _open(gateway.url.replace("socket", scheme), ear)
    await gateway.connected.wait()
    gateway.send(RAW)
    assert await ear.heard(len(RAW)) == RAW
    await connection.set_speed(9600)
    await connection.close()
    assert gateway.received == b""


@pytest.mark.parametrize("how", ["finish", "reset"])
async def test_the_gateway_ends_it(gateway: TcpMeter, how: str) -> None:
    ear = _Ear()
    connection = await _open(gateway.url, ear)
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
        ear = _Ear()
        connection = await _open(server.url, ear)
        server.send(RAW)
        assert await ear.heard(len(RAW)) == RAW
        assert server.speeds[-1] == 115200
        await connection.set_speed(9600)
        assert server.speeds[-1] == 9600
        await connection.close()


async def test_an_error_in_the_receiver_ends_nothing(
    gateway: TcpMeter, caplog: pytest.LogCaptureFixture
) -> None:
    ear = _Ear()

    def on_data(data: bytes) -> None:
        ear.on_data(data)
        raise ZeroDivisionError

    connection = await open_port(gateway.url, 115200, on_data, ear.on_lost)
    await gateway.connected.wait()
    gateway.send(b"one")
    assert await ear.heard(3) == b"one"
    gateway.send(b"two")
    assert await ear.heard(6) == b"onetwo"
    assert not ear.lost
    assert "ZeroDivisionError" in caplog.text
    await connection.close()


async def test_closing_twice_is_fine(gateway: TcpMeter) -> None:
    connection = await _open(gateway.url)
    await connection.close()
    await connection.close()


async def test_closing_never_raises(
    gateway: TcpMeter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "_CLOSE_TIMEOUT", 0.1)
    connection = await _open(gateway.url)
    monkeypatch.setattr(connection._transport, "wait_closed", asyncio.Event().wait)
    await connection.close()
