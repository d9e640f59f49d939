"""Errors of an IOTile Cloud, in addition to those of HTTP servers."""

from ....errors import (
    BackendError,
    CallerError,
    ProtocolError,
    RejectedError,
    UnsupportedError,
)
from ...http import Answer, PermissionDeniedError, check_status


class NotIOTileError(ProtocolError):
    """The HTTP server is not an IOTile Cloud."""

    key = "iotile_not_iotile"


class ArchFXError(UnsupportedError):
    """The server is the successor, ArchFX Cloud, which has another API.

    See docs/protocols/iotile.md#state-of-the-service.
    """

    key = "iotile_archfx"


class BadEmailError(RejectedError):
    """The server does not accept the email address."""

    key = "iotile_bad_email"


class PasswordNeededError(RejectedError):
    """No token is stored with which this account could log in without its password."""

    key = "iotile_password_needed"


class RoleError(PermissionDeniedError):
    """The role of the account in the organization does not allow it.

    See docs/protocols/iotile.md#roles.
    """

    key = "iotile_role"


class NoDataRoleError(RoleError):
    """The role may list streams but not read them: the server then returns no data."""

    key = "iotile_no_data_role"


class BadSlugError(CallerError):
    """The text is not a slug of an IOTile Cloud. Placeholder ``slug``."""

    key = "iotile_bad_slug"

    def __init__(self, slug: object, detail: str = "") -> None:
        """Store the input."""
        super().__init__(detail, slug=str(slug)[:80])


class UnknownStreamError(CallerError):
    """The account does not have this stream. Placeholder ``stream``."""

    key = "iotile_unknown_stream"


class UnknownTargetError(CallerError):
    """The account does not have this device, stream, or project: ``target``."""

    key = "iotile_unknown_target"


class NoStreamError(CallerError):
    """The entity does not show a stream. Placeholder ``entity``."""

    key = "iotile_no_stream"


class ProjectError(CallerError):
    """A project was given instead of a device. Placeholder ``project``, its name."""

    key = "iotile_is_project"


class NotNumericError(CallerError):
    """The stream has no numbers. Placeholder ``stream``."""

    key = "iotile_not_numeric"


class OutOfRangeError(CallerError):
    """The stream cannot store the value as a raw number. Placeholder ``stream``."""

    key = "iotile_out_of_range"


class WrongUnitError(CallerError):
    """The unit is incompatible with that of the stream. ``stream`` and ``unit``."""

    key = "iotile_wrong_unit"


class BadReportError(CallerError):
    """The server would not accept the file as a report."""

    key = "iotile_bad_report"


class ReportCutError(BadReportError):
    """The report is shorter or longer than it says."""

    key = "iotile_report_cut"


class ReportDamagedError(BadReportError):
    """The checksum or the numbers of the readings are wrong."""

    key = "iotile_report_damaged"


class ReportSignedError(BadReportError):
    """The report is signed with a key of the device, which the server refuses."""

    key = "iotile_report_signed"


class ReportFieldsError(BadReportError):
    """The report lacks fields. Placeholder ``missing``, their names."""

    key = "iotile_report_missing"


class NotStoredError(RejectedError):
    """The server answered 201, but stored nothing. Placeholder ``last``, the last id."""

    key = "iotile_not_stored"


class StoredOtherwiseError(RejectedError):
    """The server stored another value. Placeholders ``stream``, ``asked``, ``stored``."""

    key = "iotile_stored_otherwise"


class UncertainWriteError(RejectedError):
    """The connection broke while writing, and reading shows no new data."""

    key = "iotile_uncertain"


class BadFileError(CallerError):
    """The file cannot be read, or is outside of the allowed folders."""

    key = "iotile_bad_file"


def check(answer: Answer) -> BackendError | None:
    """Return the error of an answer, or None; 403 concerns roles, never the login.

    The message may be in any of the server's formats; tables of ``df/`` have "Error:
    …".

    See docs/protocols/iotile.md#recommended-login.
    """
    error = check_status(answer)
    if type(error) is PermissionDeniedError:
        return RoleError(error.detail)
    if error is not None and error.detail.startswith("Error: "):
        return type(error)(error.detail.removeprefix("Error: "))
    return error
