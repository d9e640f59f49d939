"""Errors of servers that are reached over HTTP.

Subclasses of the common family, with texts that tell the user what to do. None of them
holds a secret, an address, or a query: ``detail`` is the cause in the words of the
operating system or the server, cleaned by ``answer.words``.
"""

from ...errors import BackendError, ProtocolError, RejectedError, UnreachableError
from .tls import Certificate


class InvalidAddressError(BackendError):
    """The input is not the address of an HTTP server."""

    key = "invalid_address"


class InvalidHeaderError(BackendError):
    """A key contains characters that a header cannot hold: line breaks, NUL."""

    key = "invalid_header"


class HostUnknownError(UnreachableError):
    """The host name cannot be resolved."""

    key = "host_unknown"


class NoRouteError(UnreachableError):
    """There is no route to the host: it is off, or in another network."""

    key = "no_route"


class ConnectRefusedError(UnreachableError):
    """The host is up, but nothing listens on the port."""

    key = "connection_refused"


class TimedOutError(UnreachableError):
    """No complete answer in time. Placeholder ``seconds``."""

    key = "timed_out"

    def __init__(self, seconds: float, detail: str = "") -> None:
        """Store the timeout in seconds."""
        super().__init__(detail, seconds=f"{seconds:g}")
        self.seconds = seconds


class ConnectionLostError(UnreachableError):
    """The connection broke. A command may have been carried out, or not."""

    key = "connection_lost"


class TlsFailedError(UnreachableError):
    """No common TLS version or cipher; old devices need ``TlsPolicy.legacy``."""

    key = "tls_failed"


class NotHttpsError(UnreachableError):
    """The port responds, but not with TLS: plain HTTP, or another protocol."""

    key = "not_https"


class HttpsNeededError(UnreachableError):
    """Plain HTTP was sent to a TLS port, and the server said so."""

    key = "https_needed"


class CertificateNotTrustedError(UnreachableError):
    """The certificate is not signed by a trusted authority; ``detail`` holds the reason."""

    key = "certificate_not_trusted"


class CertificateChangedError(UnreachableError):
    """Another certificate than the pinned one. Nothing was sent to the server.

    ``pin`` is the pinned SHA-256 and ``certificate`` the one shown. Placeholders
    ``old`` and ``new``: both fingerprints, in the format of browsers.
    """

    key = "certificate_changed"

    def __init__(self, pin: str, certificate: Certificate) -> None:
        """Store both."""
        super().__init__(
            old=show_fingerprint(pin), new=show_fingerprint(certificate.sha256)
        )
        self.pin = pin
        self.certificate = certificate


class ServerError(UnreachableError):
    """The server failed: a status of 500 or more. Placeholder ``status``."""

    key = "server_error"

    def __init__(self, status: int, detail: str = "") -> None:
        """Store the status."""
        super().__init__(detail, status=str(status))
        self.status = status


class PermissionDeniedError(RejectedError):
    """The credentials are valid, but lack the permission (403). A new login does not help."""

    key = "permission_denied"


class NotFoundError(RejectedError):
    """The server does not have the path (404): another product, an older version, or deleted."""

    key = "not_found"


class RedirectedError(ProtocolError):
    """The server sent a redirect, which was not followed; nothing was done.

    Placeholder ``to``: the target without host and query (``https://…/api/``, or only
    the path on the same server). ``to_https`` is True if it is the same path of the
    same host over HTTPS.
    """

    key = "redirected"

    def __init__(self, to: str, *, to_https: bool = False) -> None:
        """Store the target."""
        super().__init__(to=to)
        self.to_https = to_https


class NotHttpError(ProtocolError):
    """The answer is not valid HTTP."""

    key = "not_http"


class HtmlAnswerError(ProtocolError):
    """A web page instead of data; ``detail`` is its title."""

    key = "html_answer"


class EmptyAnswerError(ProtocolError):
    """An empty body instead of data."""

    key = "empty_answer"


class InvalidJsonError(ProtocolError):
    """Broken or truncated JSON."""

    key = "invalid_json"


class UnexpectedJsonError(ProtocolError):
    """Valid JSON of an unexpected shape: wrong product or version."""

    key = "unexpected_json"


class AnswerTooLargeError(ProtocolError):
    """The answer exceeds the size limit. Placeholder ``limit``: MiB."""

    key = "answer_too_large"

    def __init__(self, limit: int) -> None:
        """Store the limit in bytes."""
        super().__init__(limit=f"{limit / 2**20:.3g}")
        self.limit = limit


def show_fingerprint(sha256: str) -> str:
    """Return a SHA-256 in the format of browsers: pairs in upper case, with colons."""
    return bytes.fromhex(sha256).hex(":").upper()
