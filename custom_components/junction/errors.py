"""Errors that every backend raises.

Clients and adapters raise these; only the coordinator, the command guard and the
config flow translate them for Home Assistant. ``key`` names the text in the
translations (``exceptions.<key>`` and ``config.error.<key>``), ``placeholders``
fill it. A backend that can say more subclasses the fitting class and gives its
own ``key``; everything that handles the family keeps working.
"""

from functools import cached_property
from typing import ClassVar, Final

from .cleaning import clean_line, plain_words

NO_DETAIL: Final = "no details"
"""What a text says in place of ``{detail}`` when nothing is known."""


class BackendError(Exception):
    """Base of all errors of a backend.

    ``detail`` is for people: the device's own words or the cause, without
    secrets. It is always available to texts as ``{detail}``. Whatever a device put into
    it or into a placeholder is shown as words: no markup, no link, one line.
    """

    key: ClassVar[str] = "backend_error"

    def __init__(self, detail: str = "", **placeholders: str) -> None:
        """Keep the detail and the other placeholders of the text."""
        detail = clean_line(detail)
        super().__init__(detail or self.key)
        self.detail = detail
        self._said = {"detail": detail or NO_DETAIL, **placeholders}

    @cached_property
    def placeholders(self) -> dict[str, str]:
        """What fills the text; a noisy line raises more errors than are ever shown."""
        return {name: plain_words(text) for name, text in self._said.items()}


class UnreachableError(BackendError):
    """Nothing answered in time, or the connection broke. Worth retrying."""

    key = "unreachable"


class AuthFailedError(BackendError):
    """The backend refused the credentials, after one renewed login where it has logins."""

    key = "auth_failed"


class RateLimitedError(BackendError):
    """The backend asked us to slow down.

    ``retry_after`` is in seconds, or None when the backend did not say.
    """

    key = "rate_limited"

    def __init__(
        self, detail: str = "", *, retry_after: float | None = None, **placeholders: str
    ) -> None:
        """Keep the time to wait."""
        super().__init__(detail, **placeholders)
        self.retry_after = retry_after


class RejectedError(BackendError):
    """The backend understood and refused; ``detail`` holds its words."""

    key = "rejected"


class UnsupportedError(BackendError):
    """Neither backend, version nor device supports the request."""

    key = "unsupported"


class ProtocolError(BackendError):
    """The answer is not what the protocol allows (wrong product, broken body)."""

    key = "protocol_error"


class CallerError(RejectedError):
    """A field of an action names what is not there, or asks for what cannot be.

    Nothing was sent. Placeholder ``field``; ``detail`` says what is wrong with it.
    """

    key = "field_invalid"

    def __init__(
        self, detail: str = "", *, field: str = "-", **placeholders: str
    ) -> None:
        """Keep the name of the field."""
        super().__init__(detail, field=field, **placeholders)
