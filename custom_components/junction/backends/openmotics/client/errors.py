"""Errors of OpenMotics, beyond those of any HTTP server.

On the wire: docs/protocols/openmotics.md#login-token-and-errors.
"""

from http import HTTPStatus

from ....errors import (
    AuthFailedError,
    BackendError,
    ProtocolError,
    RejectedError,
    UnreachableError,
    UnsupportedError,
)
from ...http import Answer, NotFoundError, check_status


class NotOpenMoticsError(ProtocolError):
    """An HTTP server, but not an OpenMotics gateway."""

    key = "openmotics_not_openmotics"


class TermsNotAcceptedError(AuthFailedError):
    """The account has not accepted the terms of use yet; the login gave no token."""

    key = "openmotics_terms"


class NotSuperError(AuthFailedError):
    """The login is right, but only accounts with the role SUPER may do anything."""

    key = "openmotics_not_super"


class MaintenanceError(UnreachableError):
    """The master is being serviced or updated; it comes back by itself."""

    key = "openmotics_maintenance"


class BusDownError(UnreachableError):
    """The gateway answers, but the master behind it does not."""

    key = "openmotics_bus_down"


class BusTimeoutError(UnreachableError):
    """The master did not answer in time: a command may have been carried out, or not."""

    key = "openmotics_bus_timeout"


class OfflineError(UnreachableError):
    """The cloud answers, but does not reach the gateway."""

    key = "openmotics_offline"


class WrongMethodError(RejectedError):
    """The cloud has something else under that path (405)."""


class BadRequestError(RejectedError):
    """The cloud does not understand the body or the query (400, 422)."""


class MissingActionError(UnsupportedError):
    """The action is beyond this version of the gateway."""

    key = "openmotics_missing_action"


class UnknownParameterError(UnsupportedError):
    """A parameter of the action is beyond this version of the gateway."""

    key = "openmotics_unknown_parameter"


class UnknownPositionError(RejectedError):
    """The gateway does not know where the shutter is, so it cannot go to a position."""

    key = "openmotics_unknown_position"


class TimerError(UnsupportedError):
    """The master knows only a few durations. Placeholder ``durations``, in s."""

    key = "openmotics_timer"


class IncompleteSensorError(RejectedError):
    """A virtual sensor of the master takes all its quantities at once.

    Placeholder ``missing``, the names of those that are not known.
    """

    key = "openmotics_incomplete_sensor"


class LegacyCloudGoneError(UnsupportedError):
    """The cloud no longer answers logins with user name and password."""

    key = "openmotics_legacy_gone"


class NoInstallationError(RejectedError):
    """The account sees no installation, or no longer the one that was chosen."""

    key = "openmotics_no_installation"


def check_v0(answer: Answer) -> BackendError | None:
    """Judge the status of a V0 answer; ``judge_v0`` looks into the body of a 200."""
    words = answer.words
    match answer.status:
        case HTTPStatus.NOT_FOUND if words.startswith("The path"):
            return MissingActionError(words)
        case HTTPStatus.NOT_FOUND if words.startswith("Missing parameters"):
            return RejectedError(words)
        case HTTPStatus.BAD_REQUEST if answer.text.lstrip().startswith("<"):
            return UnknownParameterError(words)
        case HTTPStatus.SERVICE_UNAVAILABLE if words == "maintenance_mode":
            return MaintenanceError()
        case HTTPStatus.SERVICE_UNAVAILABLE if "communication failure" in words:
            return BusDownError()
    return check_status(answer)


def judge_v0(words: str) -> BackendError:
    """Return what is meant by ``success: false`` under a status of 200."""
    match words:
        case "Internal communication timeout":
            return BusTimeoutError()
        case "Internal communication failure":
            return BusDownError()
        case "maintenance_mode":
            return MaintenanceError()
        case "Unsupported" | "Feature unavailable":
            return UnsupportedError(words)
        case "invalid_token" | "invalid_credentials" | "unauthorized":
            # The old cloud may say it so.
            return AuthFailedError(words)
        case "Object not found":
            return NotFoundError(words)
        case _:
            return RejectedError(words)
