"""Errors of a DSMR-reader server; see ``docs/protocols/dsmr_reader.md#answers``."""

from ....errors import AuthFailedError, CallerError, ProtocolError, RejectedError


class ApiDisabledError(RejectedError):
    """The API is disabled in the server's settings. The key may be correct."""

    key = "dsmr_reader_api_disabled"


class InvalidKeyError(AuthFailedError):
    """The key is missing or wrong."""

    key = "dsmr_reader_key"


class ProxyAuthError(AuthFailedError):
    """A proxy in front of the server requires a user name and a password (401)."""

    key = "dsmr_reader_proxy"


class IngressError(ProtocolError):
    """The address is that of Home Assistant, which does not expose the API."""

    key = "dsmr_reader_ingress"


class NotReaderError(ProtocolError):
    """Another server than DSMR-reader answers."""

    key = "dsmr_reader_other_product"


class TelegramRefusedError(RejectedError):
    """The server cannot parse a telegram; sending it again does not help."""

    key = "dsmr_reader_telegram"


class InvalidDataError(CallerError):
    """A field is missing or wrong; ``detail`` holds the server's words."""

    key = "dsmr_reader_data"
