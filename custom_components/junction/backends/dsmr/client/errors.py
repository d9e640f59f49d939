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
    """Frames of HDLC arrive, and no list of values in them."""

    key = "hdlc_not_p1"


class MBusError(NotP1Error):
    """Frames of wired M-Bus arrive, and no list of values in them."""

    key = "mbus_not_p1"


class UnknownListError(NotP1Error):
    """DLMS arrives, with a list that no reader knows; ``detail`` says its types."""

    key = "unknown_list"


class SmlError(NotP1Error):
    """SML arrives, the protocol of optical heads in Germany."""

    key = "sml_not_p1"


class TicError(NotP1Error):
    """The customer information of French Linky meters arrives."""

    key = "tic_not_p1"


class IecError(NotP1Error):
    """IEC 62056-21 (D0) arrives, the protocol of optical heads."""

    key = "iec_not_p1"


class HttpError(NotP1Error):
    """A web server answers."""

    key = "http_not_p1"


class EsphomeLogError(NotP1Error):
    """The log of an ESPHome device arrives, not what its meter sends."""

    key = "esphome_log"


class NoiseError(NoTelegramError):
    """Bytes arrive that are hardly any text: an inverted signal, a wrong speed."""

    key = "noise"


class WrongSchemeError(UnsupportedError):
    """The URL of something else than a port; ``scheme`` is how it starts."""

    key = "wrong_scheme"


class UnclearAddressError(UnsupportedError):
    """What was typed is neither a device nor an address; ``port`` is what it was."""

    key = "unclear_address"


class EncryptedError(AuthFailedError):
    """The telegrams are encrypted, and we have no key."""

    key = "encrypted"


class WrongKeyError(AuthFailedError):
    """The telegrams are encrypted with another key."""

    key = "wrong_key"


class InvalidKeyError(UnsupportedError):
    """A key must be 32 hexadecimal digits."""

    key = "invalid_key"


class OtherMeterError(ProtocolError):
    """Another meter answers than the one that was set up.

    ``former`` and ``number`` are the numbers of both as printed; ``number`` is None
    when a meter that prints none is told by its counters.
    """

    key = "other_meter"

    def __init__(self, former: str | None, number: str | None) -> None:
        """Keep both numbers; only their ends are shown."""
        super().__init__()
        self.former = former
        self.number = number


class MeterTakenError(UnsupportedError):
    """Another entry has the meter; ``detail`` is its title."""

    key = "meter_taken"
