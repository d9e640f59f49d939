"""Errors of P1 ports and their connections."""

from ....errors import (
    AuthFailedError,
    ProtocolError,
    UnreachableError,
    UnsupportedError,
)


class PortError(UnreachableError):
    """The port could not be opened, or the connection broke."""

    key = "port_failed"


class PortBusyError(PortError):
    """Another program uses the serial port."""

    key = "port_busy"


class PortNotFoundError(PortError):
    """The device does not exist: unplugged, or never present."""

    key = "port_not_found"


class PortPermissionError(PortError):
    """No permission to open the device."""

    key = "port_permission"


class PortNotReadyError(PortError):
    """The provider of the port (an ESPHome device) has not started yet."""

    key = "port_not_ready"


class HostRefusedError(PortError):
    """The host is up, but nothing listens on the port, or it accepts only one connection."""

    key = "host_refused"


class HostUnknownError(PortError):
    """The host name cannot be resolved."""

    key = "host_unknown"


class ConnectTimeoutError(PortError):
    """The host did not answer in time."""

    key = "connect_timeout"


class ConnectionLostError(PortError):
    """The connection broke."""

    key = "connection_lost"


class InvalidPortError(UnsupportedError):
    """Not a serial port: an invalid URL, a directory, a file."""

    key = "invalid_port"


class NoDataError(UnreachableError):
    """The port is open, but nothing arrives: cable, or P1 port not activated."""

    key = "no_data"


class NoTelegramError(ProtocolError):
    """Bytes arrive, but no telegram: wrong speed, inverted line, another product."""

    key = "no_telegram"


class OnlyCrcErrorsError(ProtocolError):
    """Telegrams arrive, but all of them are damaged."""

    key = "only_crc_errors"


class NotP1Error(ProtocolError):
    """HDLC frames arrive, but without a list of values."""

    key = "hdlc_not_p1"


class MBusError(NotP1Error):
    """Frames of wired M-Bus arrive, but without a list of values."""

    key = "mbus_not_p1"


class UnknownListError(NotP1Error):
    """DLMS arrives, but with a list of an unknown format; ``detail`` holds its types."""

    key = "unknown_list"


class SmlError(NotP1Error):
    """SML arrives, the protocol of optical heads in Germany."""

    key = "sml_not_p1"


class TicError(NotP1Error):
    """TIC arrives, the customer information of French Linky meters."""

    key = "tic_not_p1"


class IecError(NotP1Error):
    """IEC 62056-21 (D0) arrives, the protocol of optical heads."""

    key = "iec_not_p1"


class HttpError(NotP1Error):
    """A web server answers."""

    key = "http_not_p1"


class EsphomeLogError(NotP1Error):
    """The log of an ESPHome device arrives, not the data of its meter."""

    key = "esphome_log"


class NoiseError(NoTelegramError):
    """Bytes arrive that are hardly text: an inverted signal, a wrong speed."""

    key = "noise"


class WrongSchemeError(UnsupportedError):
    """The URL is not that of a port; ``scheme`` is its scheme."""

    key = "wrong_scheme"


class UnclearAddressError(UnsupportedError):
    """The input is neither a device nor an address; ``port`` is the input."""

    key = "unclear_address"


class EncryptedError(AuthFailedError):
    """The telegrams are encrypted, but no key is configured."""

    key = "encrypted"


class WrongKeyError(AuthFailedError):
    """The telegrams are encrypted with another key."""

    key = "wrong_key"


class InvalidKeyError(UnsupportedError):
    """A key must be 32 hexadecimal digits."""

    key = "invalid_key"


class OtherMeterError(ProtocolError):
    """Another meter than the configured one answers.

    ``former`` and ``number`` are the printed numbers of both; ``number`` is None if a
    meter without a number was recognized by its counters.
    """

    key = "other_meter"

    def __init__(self, former: str | None, number: str | None) -> None:
        """Store both numbers; only their ends are shown."""
        super().__init__()
        self.former = former
        self.number = number


class MeterTakenError(UnsupportedError):
    """Another entry has the meter; ``detail`` is its title."""

    key = "meter_taken"
