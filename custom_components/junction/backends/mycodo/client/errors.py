"""Errors of Mycodo, beyond those of any HTTP server."""

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
"""Mycodo's own status: the daemon said no."""


class NotMycodoError(ProtocolError):
    """An HTTP server, but not a Mycodo."""

    key = "mycodo_not_mycodo"


class HttpsOnlyError(UnreachableError):
    """The server sends plain HTTP to HTTPS, but nothing answers at the usual port there.

    Placeholders ``host`` and ``example``, an address as it should be.
    """

    key = "mycodo_https_only"


class DaemonDownError(UnreachableError):
    """The web server answers, but the daemon behind it does not run."""

    key = "mycodo_daemon_down"


class DaemonFrozenError(DaemonDownError):
    """The daemon runs but does not answer; a command may still be carried out later."""

    key = "mycodo_daemon_frozen"


class DatabaseDownError(UnreachableError):
    """The daemon answers, but InfluxDB, which keeps all measurements, does not."""

    key = "mycodo_database_down"


class ReadOnlyKeyError(PermissionDeniedError):
    """The user of the key may look, but not steer (role Monitor)."""

    key = "mycodo_read_only"


class UselessKeyError(PermissionDeniedError):
    """The user of the key may not even look (roles Guest and Kiosk)."""

    key = "mycodo_useless_key"


class AlreadyOnError(RejectedError):
    """The channel is on already, so "on" was refused; a running timer keeps running."""


class NothingDoneError(RejectedError):
    """Mycodo answered "success" without doing anything: the wrong kind of command."""

    key = "mycodo_nothing_done"


class NoEffectError(RejectedError):
    """Mycodo said yes, but the output shows something else. Placeholder ``state``."""

    key = "mycodo_no_effect"


class WrongEntityError(CallerError):
    """The entity is none of this Mycodo that this can be done to. Placeholder ``entity``."""

    key = "mycodo_wrong_entity"


class BadUnitError(RejectedError):
    """Mycodo does not know a unit id. ``index`` is its place in a list, if it was one."""

    key = "mycodo_bad_unit"

    def __init__(self, detail: str = "", *, index: int | None = None) -> None:
        """Keep the place."""
        super().__init__(detail)
        self.index = index


class UnknownTagError(RejectedError):
    """A note was not written; a tag that is none is the usual reason."""

    key = "mycodo_unknown_tag"


class NoNotesError(UnsupportedError):
    """A Mycodo that is too old to take notes (before 8.16)."""

    key = "mycodo_no_notes"


class NoRouteError(UnsupportedError):
    """A route of the web interface that only exists with a PID widget."""

    key = "mycodo_no_pid_route"


class ChannelDownError(UnreachableError):
    """The daemon's own port does not answer."""

    key = "mycodo_channel_down"


class ChannelTimeoutError(ChannelDownError):
    """The daemon took too long; a command may still be carried out later."""

    key = "mycodo_channel_timeout"


class NoDaemonError(ProtocolError):
    """Something else than the daemon of a Mycodo listens at its port."""

    key = "mycodo_channel_no_daemon"


class OtherDaemonError(ProtocolError):
    """The daemon of another Mycodo listens there."""

    key = "mycodo_channel_other"


class ChannelMissingError(UnsupportedError):
    """The daemon channel is switched off, or could not be installed."""

    key = "mycodo_channel_missing"


class NotInstalledError(UnsupportedError):
    """What the channel needs could not be installed."""

    key = "mycodo_channel_not_installed"


class NoFunctionError(UnsupportedError):
    """A daemon that does not have a function. Placeholder ``function``."""

    key = "mycodo_channel_no_function"


class WrongFieldsError(CallerError):
    """A function needs other fields. Placeholders ``function`` and ``fields``."""

    key = "mycodo_wrong_fields"


class PidNotRunningError(RejectedError):
    """A PID takes no values while it is not active."""

    key = "mycodo_pid_not_running"


def check(answer: Answer) -> BackendError | None:
    """Judge an answer of the API (docs/protocols/mycodo.md#errors).

    The status first: the body of a 401 looks like an empty listing.
    """
    status = answer.status
    if status == REFUSED:
        words = answer.words.removeprefix("Fail:").strip()
        if "is already on" in words and "for an amount" not in words:
            return AlreadyOnError(words)
        return RejectedError(words)
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        return _judge_500(answer)
    return check_status(answer)


def check_web(answer: Answer) -> BackendError | None:
    """Judge an answer of the web interface, which sends strangers to its login page."""
    if answer.status in (HTTPStatus.FOUND, HTTPStatus.SEE_OTHER):
        if "/login" in answer.headers.get("Location", ""):
            return AuthFailedError()
        return check_status(answer)
    return check(answer)


def judge_daemon(text: str) -> BackendError | None:
    """Return what a traceback tells about the daemon, None when nothing."""
    if "receiving: timeout" in text:
        return DaemonFrozenError()
    if "CommunicationError" in text or "cannot connect" in text:
        return DaemonDownError()
    return None


def _judge_500(answer: Answer) -> BackendError:
    """Find the cause in a traceback, of which only the last line may be shown."""
    last = _last_line(answer)
    if (error := judge_daemon(last)) is not None:
        return error
    if "/measurements/" in answer.url.path:
        # InfluxDB fails in many words, and the last line need not name it.
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
