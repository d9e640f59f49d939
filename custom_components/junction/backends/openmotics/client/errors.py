"""Errors of OpenMotics, in addition to those of HTTP servers.

Protocol: docs/protocols/openmotics.md#login-token-and-errors.
"""

from http import HTTPStatus

from ....errors import (
    AuthFailedError,
    BackendError,
    CallerError,
    ProtocolError,
    RejectedError,
    UnreachableError,
    UnsupportedError,
)
from ...http import Answer, NotFoundError, check_status


class NotOpenMoticsError(ProtocolError):
    """The HTTP server is not an OpenMotics gateway."""

    key = "openmotics_not_openmotics"


class TermsNotAcceptedError(AuthFailedError):
    """The account has not accepted the terms of use, so the login returned no token."""

    key = "openmotics_terms"


class NotSuperError(AuthFailedError):
    """The login is valid, but only accounts with the role SUPER have permissions."""

    key = "openmotics_not_super"


class MaintenanceError(UnreachableError):
    """The master is in maintenance or being updated; it recovers by itself."""

    key = "openmotics_maintenance"


class BusDownError(UnreachableError):
    """The gateway answers, but its master does not."""

    key = "openmotics_bus_down"


class BusTimeoutError(UnreachableError):
    """The master did not answer in time; a command may have been carried out, or not."""

    key = "openmotics_bus_timeout"


class OfflineError(UnreachableError):
    """The cloud answers, but cannot reach the gateway."""

    key = "openmotics_offline"


class WrongMethodError(RejectedError):
    """The cloud does not support this method for the path (405)."""


class BadRequestError(RejectedError):
    """The cloud rejects the body or the query (400, 422)."""


class MissingActionError(UnsupportedError):
    """The gateway is too old for the action."""

    key = "openmotics_missing_action"


class UnknownParameterError(UnsupportedError):
    """The gateway is too old for a parameter of the action."""

    key = "openmotics_unknown_parameter"


class TransportUnsupportedError(UnsupportedError):
    """Not over this transport; the gateway itself may well be able to."""

    key = "openmotics_other_way"


class UnknownPositionError(RejectedError):
    """The gateway does not know the shutter's position, so it cannot move to another one."""

    key = "openmotics_unknown_position"


class TimerError(UnsupportedError):
    """The master supports only a few durations. Placeholder ``durations``, in seconds."""

    key = "openmotics_timer"


class IncompleteSensorError(CallerError):
    """A virtual sensor of the master needs all its quantities at once.

    Placeholder ``missing``: the names of the missing quantities.
    """

    key = "openmotics_incomplete_sensor"


class LegacyCloudGoneError(UnsupportedError):
    """The cloud no longer answers logins with user name and password."""

    key = "openmotics_legacy_gone"


class NoInstallationError(RejectedError):
    """The account has no installation, or no longer the configured one."""

    key = "openmotics_no_installation"


def check_v0(answer: Answer) -> BackendError | None:
    """Return the error of a V0 answer by its status; ``judge_v0`` checks the body of a 200."""
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
    """Return the error of ``success: false`` with status 200."""
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
            # The legacy cloud may report it this way.
            return AuthFailedError(words)
        case "Object not found":
            return NotFoundError(words)
        case _:
            return RejectedError(words)
