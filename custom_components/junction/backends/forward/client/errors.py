"""Errors of a DSMR-reader server; see ``docs/protocols/dsmr_reader.md#answers``."""

from ....errors import AuthFailedError, ProtocolError, RejectedError


class ApiDisabledError(RejectedError):
    """The API is switched off in the server's settings. The key may well be right."""

    key = "dsmr_reader_api_disabled"


class InvalidKeyError(AuthFailedError):
    """The key is missing or wrong."""

    key = "dsmr_reader_key"


class ProxyAuthError(AuthFailedError):
    """A proxy in front of the server wants a user name and a password (401)."""

    key = "dsmr_reader_proxy"


class IngressError(ProtocolError):
    """The address is that of Home Assistant, through which the API is not reachable."""

    key = "dsmr_reader_ingress"


class NotReaderError(ProtocolError):
    """Something answers, but no DSMR-reader."""

    key = "dsmr_reader_other_product"


class TelegramRefusedError(RejectedError):
    """The server cannot make sense of a telegram, now and for ever."""

    key = "dsmr_reader_telegram"


class InvalidDataError(RejectedError):
    """A field is missing or wrong; ``detail`` holds the server's words."""

    key = "dsmr_reader_data"
