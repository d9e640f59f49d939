"""Ports that fail to open, and the error for each."""

import errno
import os
from pathlib import Path
import socket
from socket import gaierror
from typing import Any, override

from homeassistant.exceptions import ConfigEntryNotReady
import pytest
from serialx import SerialException, register_uri_handler
from serialx.common import UnsupportedSetting
from serialx.platforms.serial_socket import SocketSerial, SocketSerialTransport

from custom_components.junction.backends.dsmr.client import transport
from custom_components.junction.backends.dsmr.client.errors import (
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
from custom_components.junction.backends.dsmr.client.transport import (
    has_speed,
    show_port,
)
from custom_components.junction.errors import BackendError, UnreachableError

from ..helpers import wire
from ..lines import Pty, TcpMeter, free_port
from .ears import Ear, listen_to

pytestmark = pytest.mark.usefixtures("socket_enabled")

RAW = wire("v5_nl_3phase_gas")


# Opening fails


async def _refusal(url: str) -> BackendError:
    ear = Ear()
    with pytest.raises(BackendError) as error:
        await listen_to(url, ear)
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
    assert error.placeholders["port"].replace("\u2060", "") == show_port(url)


async def test_unknown_host(monkeypatch: pytest.MonkeyPatch) -> None:
    """The resolver's error is simulated, because Home Assistant's tests have no resolver."""

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
    first = await listen_to(pty.path)
    assert type(await _refusal(pty.path)) is PortBusyError
    await first.close()
    await (await listen_to(pty.path)).close()


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
        ("socket://10.0.0.1:23", "10.0.0.1:23"),
        ("tcp://10.0.0.1:23", "10.0.0.1:23"),
        ("rfc2217://10.0.0.1:23", "rfc2217://10.0.0.1:23"),
        (
            "esphome://h:6053/?port_name=P1&key=hush",
            "esphome://h:6053/?port_name=P1&key=***",
        ),
        (
            "esphome://h/?noise_psk=hush&password=hush",
            "esphome://h/?noise_psk=***&password=***",
        ),
        ("socket://me:hush@h:1", "h:1"),
        ("socket://[::1", "invalid URL"),
        ("COM3", "COM3"),
    ],
)
def test_redacted(url: str, shown: str) -> None:
    assert show_port(url) == shown


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
