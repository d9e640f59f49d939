"""Translate exceptions of aiohttp and the operating system into Junction's errors."""

from collections.abc import Callable
import errno
import ssl

import aiohttp
from aiohttp.http_exceptions import ContentEncodingError

from ...errors import BackendError, UnreachableError
from .errors import (
    CertificateChangedError,
    CertificateNotTrustedError,
    ConnectionLostError,
    ConnectRefusedError,
    HostUnknownError,
    InvalidAddressError,
    NoRouteError,
    NotHttpError,
    NotHttpsError,
    TimedOutError,
    TlsFailedError,
)
from .tls import Certificate, PinMismatchError

EXCEPTIONS = (aiohttp.ClientError, OSError)
"""Everything that a failed request raises; TimeoutError is an OSError."""

_NO_ROUTE = {errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN, errno.ENETDOWN}
# OpenSSL's reasons for data that is not TLS.
_NO_TLS = {"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST"}


def translate(
    err: Exception, seconds: float, clean: Callable[[str], str] = str
) -> BackendError:
    """Return the BackendError of an exception, for a timeout of ``seconds``.

    Messages of aiohttp that contain the URL are not used, and the result must be raised
    ``from None``, because a traceback would print them. A server's words in such a
    message are passed through ``clean``.
    """
    match err:
        case aiohttp.ClientConnectorCertificateError():
            return translate(err.certificate_error, seconds, clean)
        case aiohttp.ClientConnectorDNSError():
            return HostUnknownError()
        case aiohttp.ClientConnectorError():
            return translate(err.os_error, seconds, clean)
        case ssl.SSLError():
            return _translate_tls(err)
        case TimeoutError():
            return TimedOutError(seconds)
        case aiohttp.InvalidURL():
            return InvalidAddressError()
        case aiohttp.ClientPayloadError() if isinstance(
            err.__cause__, ContentEncodingError
        ):
            return NotHttpError("Content-Encoding")
        case aiohttp.ClientResponseError():
            return NotHttpError(clean(err.message.partition("\n")[0].rstrip(": ")[:80]))
        case OSError() if err.errno == errno.ECONNREFUSED:
            return ConnectRefusedError()
        case OSError() if err.errno in _NO_ROUTE:
            return NoRouteError()
        case ConnectionError() | aiohttp.ClientError():
            return ConnectionLostError(_cause(err))
        case _:
            return UnreachableError(_cause(err))


def _cause(err: BaseException) -> str:
    return (err.strerror or "") if isinstance(err, OSError) else ""


def _translate_tls(err: ssl.SSLError) -> BackendError:
    match err:
        case PinMismatchError():
            return CertificateChangedError(err.pin, Certificate.from_der(err.der))
        case ssl.SSLCertVerificationError():
            # Cut "…mismatch, certificate is not valid for 'host'" before the host.
            return CertificateNotTrustedError(err.verify_message.partition(",")[0])
        case _ if err.reason in _NO_TLS:
            return NotHttpsError()
        case _:
            return TlsFailedError((err.reason or "").replace("_", " ").lower())
