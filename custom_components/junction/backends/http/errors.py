"""Errors of servers that are reached over HTTP.

Subclasses of the common family, so that a person reads what to do about it. None of
them ever holds a secret, an address or a query: ``detail`` is the cause in the words
of the operating system or the server, cleaned by ``answer.words``.
"""

from ...errors import BackendError, ProtocolError, RejectedError, UnreachableError
from .tls import Certificate


class InvalidAddressError(BackendError):
    """What a person typed is not the address of an HTTP server."""

    key = "invalid_address"


class InvalidHeaderError(BackendError):
    """A key that was typed holds characters that no header can: line breaks, NUL."""

    key = "invalid_header"


class HostUnknownError(UnreachableError):
    """No name server knows the host."""

    key = "host_unknown"


class NoRouteError(UnreachableError):
    """No way leads to the host: switched off, or in another network."""

    key = "no_route"


class ConnectRefusedError(UnreachableError):
    """The host is there, but nothing listens on the port."""

    key = "connection_refused"


class TimedOutError(UnreachableError):
    """No complete answer in time. Placeholder ``seconds``."""

    key = "timed_out"

    def __init__(self, seconds: float, detail: str = "") -> None:
        """Keep the time that was waited, in s."""
        super().__init__(detail, seconds=f"{seconds:g}")
        self.seconds = seconds


class ConnectionLostError(UnreachableError):
    """The connection broke. A command may have been carried out, or not."""

    key = "connection_lost"


class TlsFailedError(UnreachableError):
    """No common version or cipher of TLS; old devices need ``TlsPolicy.legacy``."""

    key = "tls_failed"


class NotHttpsError(UnreachableError):
    """The port speaks, but not TLS: plain HTTP, or something else."""

    key = "not_https"


class HttpsNeededError(UnreachableError):
    """Plain HTTP was sent to a port that speaks TLS, and the server said so."""

    key = "https_needed"


class CertificateNotTrustedError(UnreachableError):
    """Nobody we trust vouches for the certificate; ``detail`` holds the reason."""

    key = "certificate_not_trusted"


class CertificateChangedError(UnreachableError):
    """Another certificate than the pinned one. Nothing was sent to the server.

    ``pin`` is the pinned SHA-256 and ``certificate`` what was shown instead.
    Placeholders ``old`` and ``new``: both fingerprints, as browsers show them.
    """

    key = "certificate_changed"

    def __init__(self, pin: str, certificate: Certificate) -> None:
        """Keep both sides."""
        super().__init__(
            old=show_fingerprint(pin), new=show_fingerprint(certificate.sha256)
        )
        self.pin = pin
        self.certificate = certificate


class ServerError(UnreachableError):
    """The server failed: a status of 500 or more. Placeholder ``status``."""

    key = "server_error"

    def __init__(self, status: int, detail: str = "") -> None:
        """Keep the status."""
        super().__init__(detail, status=str(status))
        self.status = status


class PermissionDeniedError(RejectedError):
    """The credentials are right, but not for this (403). Logging in does not help."""

    key = "permission_denied"


class NotFoundError(RejectedError):
    """The server does not know the path (404): other product, older version, gone."""

    key = "not_found"


class RedirectedError(ProtocolError):
    """The server sent us elsewhere; nothing was done and nothing followed.

    Placeholder ``to``: the new place without host and query (``https://…/api/``, or
    only the path on the same server). ``to_https`` tells that it is the same path of
    the same host over HTTPS.
    """

    key = "redirected"

    def __init__(self, to: str, *, to_https: bool = False) -> None:
        """Keep where to."""
        super().__init__(to=to)
        self.to_https = to_https


class NotHttpError(ProtocolError):
    """What answered does not speak proper HTTP."""

    key = "not_http"


class HtmlAnswerError(ProtocolError):
    """A web page where data was expected; ``detail`` is its title."""

    key = "html_answer"


class EmptyAnswerError(ProtocolError):
    """Nothing where data was expected."""

    key = "empty_answer"


class InvalidJsonError(ProtocolError):
    """Broken or truncated JSON."""

    key = "invalid_json"


class UnexpectedJsonError(ProtocolError):
    """JSON, but of another shape than this server gives: wrong product or version."""

    key = "unexpected_json"


class AnswerTooLargeError(ProtocolError):
    """More than we are ready to take in. Placeholder ``limit``: MiB."""

    key = "answer_too_large"

    def __init__(self, limit: int) -> None:
        """Keep the limit, in bytes."""
        super().__init__(limit=f"{limit / 2**20:.3g}")
        self.limit = limit


def show_fingerprint(sha256: str) -> str:
    """Return a SHA-256 as browsers show it: pairs in upper case, with colons."""
    return bytes.fromhex(sha256).hex(":").upper()
