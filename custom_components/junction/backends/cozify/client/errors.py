"""Errors of Cozify, and their status codes.

See docs/protocols/cozify.md#status-codes.
"""

from collections.abc import Mapping
from http import HTTPStatus

from ....errors import (
    AuthFailedError,
    BackendError,
    ProtocolError,
    RejectedError,
    UnreachableError,
)
from ...http import Answer, check_status, json_fields as j


class InvalidEmailError(RejectedError):
    """The input is not an email address."""

    key = "cozify_invalid_email"


class WrongCodeError(AuthFailedError):
    """The one-time code is wrong, used, or expired."""

    key = "cozify_wrong_code"


class CloudLoginError(AuthFailedError):
    """The cloud no longer accepts the token; the user has to log in again."""

    key = "cozify_login_needed"


class HubKeyRefusedError(AuthFailedError):
    """The hub refuses a key that the cloud has just issued."""

    key = "cozify_key_refused"


class HubGoneError(RejectedError):
    """The account no longer has this hub."""

    key = "cozify_hub_gone"


class NoHubsError(RejectedError):
    """The account has no hub."""

    key = "cozify_no_hubs"


class NotCozifyError(ProtocolError):
    """Another server than a Cozify hub answers."""

    key = "cozify_not_cozify"


class HanReaderError(NotCozifyError):
    """A Cozify HAN reader, another product, which reads meters."""

    key = "cozify_han_reader"


class WrongHubError(UnreachableError):
    """Another hub answers at the address. No secret was sent to it."""

    key = "cozify_wrong_hub"


class HubOfflineError(UnreachableError):
    """The cloud has no connection to the hub."""

    key = "cozify_hub_offline"


class RemoteUnpaidError(RejectedError):
    """Remote use is not paid for (402)."""

    key = "cozify_remote_unpaid"


class VersionGoneError(ProtocolError):
    """The hub no longer supports the requested version of the API (410)."""

    key = "cozify_version_gone"


class BadTokenError(ProtocolError):
    """The answer holds no valid token."""

    key = "cozify_bad_token"


def check_hub(answer: Answer) -> BackendError | None:
    """Return the error of an answer from a hub on the local network, or None."""
    if answer.status == HTTPStatus.GONE:
        return VersionGoneError(answer.words)
    return check_status(answer) or _error_in_body(answer)


def check_remote(answer: Answer) -> BackendError | None:
    """Return the error of an answer from a hub through the cloud, or None."""
    match answer.status:
        case HTTPStatus.BAD_REQUEST | HTTPStatus.REQUEST_TIMEOUT:
            return HubOfflineError(answer.words)
        case HTTPStatus.PAYMENT_REQUIRED:
            return RemoteUnpaidError(answer.words)
        case _:
            return check_hub(answer)


def check_cloud(answer: Answer) -> BackendError | None:
    """Return the error of an answer from the cloud itself, or None."""
    return check_status(answer) or _error_in_body(answer)


def _error_in_body(answer: Answer) -> BackendError | None:
    """Return the error in the body of an answer with a success status, or None."""
    if b'"message"' not in answer.body or len(answer.body) > 2000:
        return None
    try:
        said = answer.json()
    except BackendError:
        return None
    if not isinstance(said, Mapping) or set(said) != {"code", "message"}:
        return None
    words = j.text(said, "message") or ""
    if "auth" in words.lower():
        return AuthFailedError(words)
    return RejectedError(words)
