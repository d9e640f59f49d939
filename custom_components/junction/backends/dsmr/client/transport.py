"""Open local and remote serial ports (``docs/protocols/dsmr.md#serial-ports``)."""

import asyncio
from collections.abc import Callable
import errno
import logging
from socket import gaierror
from typing import Final, NamedTuple, Protocol
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from serialx import (
    BaseSerialTransport,
    Parity,
    SerialException,
    StopBits,
    create_serial_connection,
)
from serialx.common import UnknownUriScheme, UnsupportedSetting

from ....errors import BackendError
from .address import show_address
from .errors import (
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
from .receiver import Receiver

_LOGGER: Final = logging.getLogger(__name__)


class LineSettings(NamedTuple):
    """Speed of a line (baud), and whether it has even parity."""

    baudrate: int
    even: bool = False


FAST: Final = 115200
SLOW: Final = 9600
# Norway, Sweden, Austria, and Switzerland, with or without parity.
HAN: Final = 2400
SETTINGS: Final = (
    LineSettings(FAST),
    LineSettings(SLOW),
    LineSettings(HAN, even=True),
    LineSettings(HAN),
)
# Only French meters, with another protocol, are this slow.
SLOWEST: Final = LineSettings(1200)

# Seconds; serialx has its own timeouts of 5 and 10 s, this one is for what hangs
# anyway.
_OPEN_TIMEOUT: Final = 20.0
_CLOSE_TIMEOUT: Final = 5.0

# A raw TCP connection has no speed, which is set at its other end.
_WITHOUT_SPEED: Final = ("socket", "tcp")
_SECRET_PARAMETERS: Final = frozenset({"key", "password", "noise_psk"})

_BY_ERRNO: Final[dict[int, type[BackendError]]] = {
    errno.EBUSY: PortBusyError,
    errno.EAGAIN: PortBusyError,
    errno.ENOENT: PortNotFoundError,
    errno.ENODEV: PortNotFoundError,
    errno.ENXIO: PortNotFoundError,
    errno.EACCES: PortPermissionError,
    errno.EPERM: PortPermissionError,
    errno.ENOTTY: InvalidPortError,
    errno.EISDIR: InvalidPortError,
    errno.ENOTDIR: InvalidPortError,
    errno.EINVAL: InvalidPortError,
    errno.ECONNREFUSED: HostRefusedError,
    errno.EHOSTUNREACH: ConnectTimeoutError,
    errno.ENETUNREACH: ConnectTimeoutError,
    errno.ETIMEDOUT: ConnectTimeoutError,
}


class Connection(Protocol):
    """An open port, which is only read."""

    async def set_line(self, line: LineSettings) -> None:
        """Change the line settings. Raises BackendError."""

    async def close(self) -> None:
        """Close the port and wait until it is closed. Never raises."""


class Opener(Protocol):
    """Opens a port; ``open_port`` is the real one."""

    async def __call__(
        self,
        url: str,
        line: LineSettings,
        on_data: Callable[[bytes], None],
        on_lost: Callable[[BackendError], None],
    ) -> Connection:
        """Open ``url``; see ``open_port``."""


class SerialConnection:
    """Port opened by ``open_port``."""

    def __init__(self, transport: BaseSerialTransport, url: str) -> None:
        """Wrap serialx's transport."""
        self._transport = transport
        self._url = url

    async def set_line(self, line: LineSettings) -> None:
        """Change the line settings. Raises BackendError."""
        try:
            # serialx waits for the answer of an RFC 2217 gateway without a limit.
            async with asyncio.timeout(_OPEN_TIMEOUT):
                await self._transport.reconfigure_port(
                    baudrate=line.baudrate, parity=_parity(line)
                )
        except Exception as err:
            error = _typed(err, self._url)
            if not line.even or not isinstance(error, InvalidPortError):
                raise error from err
            _log_parity(self._url)
            await self.set_line(line._replace(even=False))

    async def close(self) -> None:
        """Close the port and wait until it is closed. Never raises."""
        try:
            self._transport.close()
            async with asyncio.timeout(_CLOSE_TIMEOUT):
                await self._transport.wait_closed()
        except Exception as err:  # noqa: BLE001 - the port is abandoned anyway
            _LOGGER.debug(
                "Error while closing %s: %s", show_port(self._url), _words(err)
            )
            self._transport.abort()


async def open_port(
    url: str,
    line: LineSettings,
    on_data: Callable[[bytes], None],
    on_lost: Callable[[BackendError], None],
) -> SerialConnection:
    """Open a path or URL exclusively, with eight bits and without flow control.

    ``url`` is a path or one of ``socket://``, ``tcp://``, ``rfc2217://``,
    ``esphome://``, and ``esphome-hass://``. ``on_data`` is called with received data,
    ``on_lost`` with a ConnectionLostError once when the connection ends (also after
    ``close``). Both are called in the event loop. A port that does not support parity
    (a virtual one) is opened without it.

    Raises only PortError (PortBusyError, PortNotFoundError, PortPermissionError,
    PortNotReadyError, HostRefusedError, HostUnknownError, ConnectTimeoutError) if a
    retry may help, or InvalidPortError if not.
    """

    def lost(exc: Exception | None) -> None:
        detail = "closed by the other side" if exc is None else _words(exc)
        on_lost(ConnectionLostError(detail))

    try:
        async with asyncio.timeout(_OPEN_TIMEOUT):
            transport, _ = await create_serial_connection(
                asyncio.get_running_loop(),
                lambda: Receiver(on_data, lost),
                url,
                baudrate=line.baudrate,
                parity=_parity(line),
                stopbits=StopBits.ONE,
                byte_size=8,
                xonxoff=False,
                rtscts=False,
                exclusive=True,
                # Sets a tty flag that many USB adapters refuse.
                low_latency=False,
            )
    except Exception as err:
        # URL handlers of other integrations may raise any exception.
        error = _typed(err, url)
        if not line.even or not isinstance(error, InvalidPortError):
            raise error from err
        _log_parity(url)
        return await open_port(url, line._replace(even=False), on_data, on_lost)
    return SerialConnection(transport, url)


def _parity(line: LineSettings) -> Parity:
    return Parity.EVEN if line.even else Parity.NONE


def _log_parity(url: str) -> None:
    """Log that a port, such as a virtual one, does not support parity."""
    _LOGGER.debug("%s has no parity; listening without it", show_port(url))


def has_speed(url: str) -> bool:
    """Return whether the speed of the line can be set."""
    return urlsplit(url).scheme.lower() not in _WITHOUT_SPEED


def port_of(url: str) -> int | None:
    """Return the port number in a URL, None without a valid one."""
    try:
        return urlsplit(url).port
    except ValueError:
        return None


def show_port(url: str) -> str:
    """Return a path or URL as people read it: without keys and passwords.

    A raw connection is shown by its host and port only, see ``show_address``.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return "invalid URL"
    if not parts.scheme or not parts.netloc:
        return url
    host = parts.netloc.rpartition("@")[2]
    query = urlencode(
        [
            (name, "***" if name.lower() in _SECRET_PARAMETERS else value)
            for name, value in parse_qsl(parts.query, keep_blank_values=True)
        ],
        safe="*/:",
    )
    return show_address(urlunsplit((parts.scheme, host, parts.path, query, "")))


def _words(err: BaseException) -> str:
    return str(err) or type(err).__name__


def _typed(err: Exception, url: str) -> BackendError:
    """Return an exception as a BackendError, without secrets."""
    detail = _words(err).replace(url, show_port(url))
    for secret in _secrets(url):
        detail = detail.replace(secret, "***")
    return _class_of(err)(detail, port=show_port(url))


def _secrets(url: str) -> list[str]:
    try:
        parts = urlsplit(url)
    except ValueError:
        return []
    values = [
        value
        for name, value in parse_qsl(parts.query)
        if name.lower() in _SECRET_PARAMETERS
    ]
    return [secret for secret in (*values, parts.password) if secret]


def _class_of(err: Exception) -> type[BackendError]:
    if isinstance(err, ValueError | UnknownUriScheme | UnsupportedSetting):
        return InvalidPortError
    if isinstance(err, gaierror):
        return HostUnknownError
    if isinstance(err, TimeoutError):
        return ConnectTimeoutError
    if isinstance(err, OSError) and err.errno is not None:
        return _BY_ERRNO.get(err.errno, PortError)
    if any(base.__name__ == "ConfigEntryNotReady" for base in type(err).__mro__):
        # Compared by name, because this module must not import Home Assistant.
        return PortNotReadyError
    if isinstance(err, SerialException) and isinstance(err.__cause__, OSError):
        return _class_of(err.__cause__)
    return PortError
