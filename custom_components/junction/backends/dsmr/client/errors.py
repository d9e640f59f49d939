"""Errors on the way to a smart meter."""

from ....errors import (
    AuthFailedError,
    ProtocolError,
    UnreachableError,
    UnsupportedError,
)


class PortError(UnreachableError):
    """The port could not be opened, or broke."""

    key = "port_failed"


class PortBusyError(PortError):
    """Something else holds the serial port."""

    key = "port_busy"


class PortNotFoundError(PortError):
    """There is no such device: unplugged, or never was."""

    key = "port_not_found"


class PortPermissionError(PortError):
    """We may not open the device."""

    key = "port_permission"


class PortNotReadyError(PortError):
    """Who provides the port (an ESPHome device) has not started yet."""

    key = "port_not_ready"


class HostRefusedError(PortError):
    """The host is there, and nothing listens on that port (or it serves one only)."""

    key = "host_refused"


class HostUnknownError(PortError):
    """The name of the host does not resolve."""

    key = "host_unknown"


class ConnectTimeoutError(PortError):
    """The host did not answer in time."""

    key = "connect_timeout"


class ConnectionLostError(PortError):
    """The connection was there and broke."""

    key = "connection_lost"


class InvalidPortError(UnsupportedError):
    """No serial port: a URL that is none, a directory, a file."""

    key = "invalid_port"


class NoDataError(UnreachableError):
    """The port is open and nothing arrives: cable, or P1 port not activated."""

    key = "no_data"


class NoTelegramError(ProtocolError):
    """Bytes arrive, but no telegram: wrong speed, inverted line, another product."""

    key = "no_telegram"


class OnlyCrcErrorsError(ProtocolError):
    """Telegrams arrive, and every one of them is damaged."""

    key = "only_crc_errors"


class NotP1Error(ProtocolError):
    """DLMS in HDLC frames arrives: a customer port, but no P1 port."""

    key = "hdlc_not_p1"


class EncryptedError(AuthFailedError):
    """The telegrams are encrypted, and we have no key."""

    key = "encrypted"


class WrongKeyError(AuthFailedError):
    """The telegrams are encrypted with another key."""

    key = "wrong_key"


class InvalidKeyError(UnsupportedError):
    """A key must be 32 hexadecimal digits."""

    key = "invalid_key"


class MeterTakenError(UnsupportedError):
    """Another entry has the meter; ``detail`` is its title."""

    key = "meter_taken"
