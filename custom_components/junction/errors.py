"""Errors that every backend raises.

Clients and adapters raise these; only the coordinator, the command guard, and the
config flow translate them for Home Assistant. ``key`` names the text in the
translations (``exceptions.<key>`` and ``config.error.<key>``), and ``placeholders``
fill it. A backend that can be more specific subclasses the closest class and sets its
own ``key``; handlers of the base class keep working.
"""

from functools import cached_property
from typing import ClassVar, Final

from .cleaning import clean_line, plain_words

NO_DETAIL: Final = "no details"
"""Text for ``{detail}`` if there is no detail; ``wording`` translates it."""


class BackendError(Exception):
    """Base of all errors of a backend.

    ``detail`` is shown to users: the device's own words or the cause, without secrets.
    It fills the placeholder ``{detail}`` of every text. It and all placeholders are
    shown as one line without markup or links.
    """

    key: ClassVar[str] = "backend_error"

    def __init__(self, detail: str = "", **placeholders: str) -> None:
        """Store the detail and the other placeholders of the text."""
        detail = clean_line(detail)
        super().__init__(detail or self.key)
        self.detail = detail
        self._said = {"detail": detail or NO_DETAIL, **placeholders}

    @cached_property
    def placeholders(self) -> dict[str, str]:
        """Return the placeholders; computed on demand, because most errors are never shown."""
        return {name: plain_words(text) for name, text in self._said.items()}


class UnreachableError(BackendError):
    """The server did not answer in time, or the connection broke. Worth retrying."""

    key = "unreachable"


class UnloadedError(UnreachableError):
    """The entry was unloaded or reloaded before it was done."""

    key = "unloaded"


class AuthFailedError(BackendError):
    """The backend refused the credentials, even after one new login if it has logins."""

    key = "auth_failed"


class RateLimitedError(BackendError):
    """The backend limits the rate of requests.

    ``retry_after`` is in seconds, or None if the backend did not say.
    """

    key = "rate_limited"

    def __init__(
        self, detail: str = "", *, retry_after: float | None = None, **placeholders: str
    ) -> None:
        """Store the time to wait."""
        super().__init__(detail, **placeholders)
        self.retry_after = retry_after


class RejectedError(BackendError):
    """The backend refused a valid request; ``detail`` holds its words."""

    key = "rejected"


class UnsupportedError(BackendError):
    """The backend, its version, or the device does not support the request."""

    key = "unsupported"


class ProtocolError(BackendError):
    """The answer violates the protocol (wrong product, broken body)."""

    key = "protocol_error"


class CallerError(RejectedError):
    """A field of an action names something unknown, or has an impossible value.

    Nothing was sent. Placeholder ``field``; ``detail`` says what is wrong with it.
    """

    key = "field_invalid"

    def __init__(
        self, detail: str = "", *, field: str = "-", **placeholders: str
    ) -> None:
        """Store the name of the field."""
        super().__init__(detail, field=field, **placeholders)
