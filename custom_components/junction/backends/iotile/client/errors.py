"""Errors of an IOTile Cloud, beyond those of any HTTP server."""

from ....errors import (
    BackendError,
    CallerError,
    ProtocolError,
    RejectedError,
    UnsupportedError,
)
from ...http import Answer, PermissionDeniedError, check_status


class NotIOTileError(ProtocolError):
    """An HTTP server, but not an IOTile Cloud."""

    key = "iotile_not_iotile"


class ArchFXError(UnsupportedError):
    """The successor, ArchFX Cloud, which speaks another language.

    See docs/protocols/iotile.md#state-of-the-service.
    """

    key = "iotile_archfx"


class BadEmailError(RejectedError):
    """The server does not take this for an e-mail address."""

    key = "iotile_bad_email"


class PasswordNeededError(RejectedError):
    """Nothing is known by which this account could log in without its password."""

    key = "iotile_password_needed"


class RoleError(PermissionDeniedError):
    """The role of the account in the organisation does not allow it.

    See docs/protocols/iotile.md#roles.
    """

    key = "iotile_role"


class NoDataRoleError(RoleError):
    """The role may list streams but not read them: the server then answers "nothing"."""

    key = "iotile_no_data_role"


class BadSlugError(RejectedError):
    """Not the name of anything on an IOTile Cloud. Placeholder ``slug``."""

    key = "iotile_bad_slug"

    def __init__(self, slug: object, detail: str = "") -> None:
        """Keep what was typed."""
        super().__init__(detail, slug=str(slug)[:80])


class UnknownStreamError(CallerError):
    """A stream or entity that this account does not have. Placeholder ``stream``."""

    key = "iotile_unknown_stream"


class NotNumericError(CallerError):
    """The stream holds no numbers, or cannot be converted. Placeholder ``stream``."""

    key = "iotile_not_numeric"


class BadReportError(RejectedError):
    """The file is not a report that the server would take; ``detail`` says why."""

    key = "iotile_bad_report"


class NotStoredError(RejectedError):
    """The server said yes (201), and stored nothing. Placeholder ``last``, the last id."""

    key = "iotile_not_stored"


class StoredOtherwiseError(RejectedError):
    """The server stored another value than was asked. ``stream``, ``asked``, ``stored``."""

    key = "iotile_stored_otherwise"


class UncertainWriteError(RejectedError):
    """The connection broke while writing, and reading back shows nothing."""

    key = "iotile_uncertain"


class BadFileError(CallerError):
    """A file that cannot be read, or lies outside the allowed folders."""

    key = "iotile_bad_file"


def check(answer: Answer) -> BackendError | None:
    """Judge an answer: 403 is a matter of roles, never of the login.

    The words come from any shape that errors have; tables of ``df/`` say "Error: …".

    See docs/protocols/iotile.md#recommended-login.
    """
    error = check_status(answer)
    if type(error) is PermissionDeniedError:
        return RoleError(error.detail)
    if error is not None and error.detail.startswith("Error: "):
        return type(error)(error.detail.removeprefix("Error: "))
    return error
