"""Errors of Mycodo, in addition to those of HTTP servers."""

from http import HTTPStatus
from typing import Final

from ....errors import (
    AuthFailedError,
    BackendError,
    CallerError,
    ProtocolError,
    RejectedError,
    UnreachableError,
    UnsupportedError,
)
from ...http import (
    Answer,
    PermissionDeniedError,
    ServerError,
    check_status,
    json_fields as j,
)

REFUSED: Final = 460
"""Mycodo's own HTTP status: the daemon refused."""


class NotMycodoError(ProtocolError):
    """The HTTP server is not a Mycodo."""

    key = "mycodo_not_mycodo"


class HttpsOnlyError(UnreachableError):
    """The server redirects to HTTPS, but the default HTTPS port does not answer.

    Placeholders ``host`` and ``example``, a correct address.
    """

    key = "mycodo_https_only"


class DaemonDownError(UnreachableError):
    """The web server answers, but the daemon is not running."""

    key = "mycodo_daemon_down"


class DaemonFrozenError(DaemonDownError):
    """The daemon is running but does not answer; a command may still be carried out later."""

    key = "mycodo_daemon_frozen"


class DatabaseDownError(UnreachableError):
    """The daemon answers, but InfluxDB, which stores all measurements, does not."""

    key = "mycodo_database_down"


class KeyRefusedError(AuthFailedError):
    """No user of this Mycodo has the API key."""

    key = "mycodo_key_refused"


class ReadOnlyKeyError(PermissionDeniedError):
    """The user of the key may read, but not control (role Monitor)."""

    key = "mycodo_read_only"


class UselessKeyError(PermissionDeniedError):
    """The user of the key may not even read (roles Guest and Kiosk)."""

    key = "mycodo_useless_key"


class AlreadyOnError(RejectedError):
    """The channel is on already, so "on" was refused; a running timer keeps running."""


class NothingDoneError(RejectedError):
    """Mycodo answered "success" but did nothing: wrong kind of command."""

    key = "mycodo_nothing_done"


class NoEffectError(RejectedError):
    """Mycodo accepted the command, but the output's state differs. Placeholder ``state``."""

    key = "mycodo_no_effect"


class WrongEntityError(CallerError):
    """The entity does not belong to this Mycodo, or is of another kind. Placeholder ``entity``."""

    key = "mycodo_wrong_entity"


class BadUnitError(CallerError):
    """Mycodo does not know a unit id. ``index`` is its position in a list request."""

    key = "mycodo_bad_unit"

    def __init__(self, detail: str = "", *, index: int | None = None) -> None:
        """Store the position."""
        super().__init__(detail, field="unit")
        self.index = index


class UnknownTagError(CallerError):
    """A note was not written, usually because of an unknown tag."""

    key = "mycodo_unknown_tag"


class NoNotesError(UnsupportedError):
    """Mycodo is too old to create notes (before 8.16)."""

    key = "mycodo_no_notes"


class NoRouteError(UnsupportedError):
    """The web interface has this route only with a PID widget."""

    key = "mycodo_no_pid_route"


class ChannelDownError(UnreachableError):
    """The daemon's own port does not answer."""

    key = "mycodo_channel_down"


class ChannelTimeoutError(ChannelDownError):
    """The daemon took too long; a command may still be carried out later."""

    key = "mycodo_channel_timeout"


class NoDaemonError(ProtocolError):
    """Another server than Mycodo's daemon listens on the port."""

    key = "mycodo_channel_no_daemon"


class OtherDaemonError(ProtocolError):
    """The daemon of another Mycodo listens on the port."""

    key = "mycodo_channel_other"


class ChannelMissingError(UnsupportedError):
    """The daemon channel is turned off, or could not be installed."""

    key = "mycodo_channel_missing"


class NotInstalledError(UnsupportedError):
    """The packages for the channel could not be installed."""

    key = "mycodo_channel_not_installed"


class NoFunctionError(UnsupportedError):
    """The daemon does not have a function. Placeholder ``function``."""

    key = "mycodo_channel_no_function"


class WrongFieldsError(CallerError):
    """A function takes other fields. Placeholders ``function`` and ``fields``."""

    key = "mycodo_wrong_fields"


class PidNotRunningError(RejectedError):
    """A PID that is not active does not accept values."""

    key = "mycodo_pid_not_running"


def check(answer: Answer) -> BackendError | None:
    """Return the error of an API answer, or None (docs/protocols/mycodo.md#errors).

    The status comes first: the body of a 401 looks like an empty list.
    """
    status = answer.status
    if status == REFUSED:
        words = answer.words.removeprefix("Fail:").strip()
        if "is already on" in words and "for an amount" not in words:
            return AlreadyOnError(words)
        return RejectedError(words)
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        return _judge_500(answer)
    return _of_key(check_status(answer))


def check_web(answer: Answer) -> BackendError | None:
    """Return the error of a web interface answer; a wrong key is redirected to the login page."""
    if answer.status in (HTTPStatus.FOUND, HTTPStatus.SEE_OTHER):
        if "/login" in answer.headers.get("Location", ""):
            return KeyRefusedError()
        return check_status(answer)
    return check(answer)


def _of_key(error: BackendError | None) -> BackendError | None:
    return KeyRefusedError(error.detail) if type(error) is AuthFailedError else error


def judge_daemon(text: str) -> BackendError | None:
    """Return the error that a traceback shows about the daemon, or None."""
    if "receiving: timeout" in text:
        return DaemonFrozenError()
    if "CommunicationError" in text or "cannot connect" in text:
        return DaemonDownError()
    return None


def _judge_500(answer: Answer) -> BackendError:
    """Return the error that a traceback shows; only its last line may be displayed."""
    last = _last_line(answer)
    if (error := judge_daemon(last)) is not None:
        return error
    if "/measurements/" in answer.url.path:
        # InfluxDB's errors vary, and the last line may not name it.
        return DatabaseDownError()
    return ServerError(answer.status, answer.clean(last)[:200])


def _last_line(answer: Answer) -> str:
    try:
        body = answer.json()
    except ProtocolError:
        return answer.words
    text = j.text(body, "error") or j.text(body, "custom") or j.text(body, "message")
    lines = (text or "").strip().splitlines()
    return lines[-1].strip() if lines else ""
