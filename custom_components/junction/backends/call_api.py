"""The action ``call_api``: any function of a system's own API, by the client of its entry.

A backend declares ``action(...)`` with its own fields and a handler. What all of them
share is here: paths that cannot lead elsewhere, a limit for bodies, confirmation of what
can break the installation, and answers without secrets.
"""

from collections.abc import Awaitable, Callable, Mapping
from enum import Enum
import re
from typing import Any, Final

from homeassistant.util.json import JsonObjectType
import orjson
import probatio as vol

from ..errors import BackendError, CallerError
from .base import Access, Action, WrongValueError
from .http import Answer

NAME: Final = "call_api"
MAX_BODY: Final = 2**20
"""Bytes of a body, as JSON."""
MAX_PATH: Final = 1024
METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
HIDDEN: Final = "**REDACTED**"

_SHOWN_HEADERS: Final = (
    "content-type",
    "etag",
    "last-modified",
    "location",
    "retry-after",
)
_SECRET: Final = re.compile(
    r"passw|passphrase|passcode|(^|_)(pass|pwd|pin)$|token|secret|authorization|cookie"
    r"|(api|hub|private)_?key",
    re.IGNORECASE,
)
_JWT: Final = re.compile(r"[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}")


class Verdict(Enum):
    """What becomes of a call."""

    FREE = "free"
    CONFIRM = "confirm"
    """It can change or break the installation itself: only with ``confirm``."""
    REFUSED = "refused"
    """It would end or replace the login by which Junction works."""


class NotConfirmedCallError(CallerError):
    """The call can break the installation. Placeholder ``call``. Nothing was sent."""

    key = "call_not_confirmed"


class RefusedCallError(CallerError):
    """The call would end Junction's own login. Placeholder ``call``. Nothing was sent."""

    key = "call_refused"


def path_below(value: object) -> str:
    """Return a path below an API's own root, without slashes at its ends.

    Raises vol.Invalid for what leads elsewhere or cannot be sent: another host, a scheme,
    ``..``, a query of its own, control characters.
    """
    path = value if isinstance(value, str) else ""
    if not path.strip("/") or len(path) > MAX_PATH:
        raise WrongValueError(f"1-{MAX_PATH}")
    if (
        path.startswith("//")
        or not path.isprintable()
        or re.search(r"[\\?#:@%]|\s", path)
    ):
        raise WrongValueError(r"// \ ? # : @ %")
    path = path.strip("/")
    if any(part in {"", ".", ".."} for part in path.split("/")):
        raise WrongValueError("..")
    return path


def small_body(value: object) -> object:
    """Return a body that is JSON of at most ``MAX_BODY`` bytes. Raises vol.Invalid."""
    try:
        size = len(orjson.dumps(value))
    except TypeError as err:
        raise WrongValueError("JSON") from err
    if size > MAX_BODY:
        raise WrongValueError(f"> {MAX_BODY}")
    return value


def permit(verdict: Verdict, call: str, fields: Mapping[str, Any]) -> None:
    """Raise RefusedCallError or NotConfirmedCallError for a call that may not be made."""
    if verdict is Verdict.REFUSED:
        raise RefusedCallError(call=call)
    if verdict is Verdict.CONFIRM and not fields["confirm"]:
        raise NotConfirmedCallError(call=call)


def reply(answer: Answer, fields: Mapping[str, Any]) -> JsonObjectType:
    """Return an answer as the action returns it: status, headers that matter, body."""
    try:
        body = answer.json() if answer.body.strip() else None
    except BackendError:
        body = answer.text
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return {
        "status": answer.status,
        "headers": {name: headers[name] for name in _SHOWN_HEADERS if name in headers},
        "body": body if fields["show_secrets"] else mask(body),  # type: ignore[dict-item]  # of JSON
    }


def mask(value: object) -> object:
    """Return JSON without what by its name or shape is a secret."""
    match value:
        case dict():
            return {
                name: HIDDEN if item and _is_secret(name, item) else mask(item)
                for name, item in value.items()
            }
        case list():
            return [mask(item) for item in value]
        case str():
            return _JWT.sub(HIDDEN, value)
        case _:
            return value


def _is_secret(name: str, item: object) -> bool:
    return isinstance(item, str | int | float) and (
        not isinstance(item, bool) and _SECRET.search(name) is not None
    )


def action(
    schema: Mapping[vol.Marker, Any],
    handler: Callable[[Any, Mapping[str, Any]], Awaitable[JsonObjectType]],
    *,
    one_of: tuple[tuple[str, ...], ...] = (),
) -> Action:
    """Return the action of one backend, for administrators."""
    return Action(
        name=NAME,
        schema={
            **schema,
            vol.Optional("confirm", default=False): bool,
            vol.Optional("show_secrets", default=False): bool,
        },
        handler=handler,
        access=Access.ADMIN,
        one_of=one_of,
    )


REST: Final[Mapping[vol.Marker, Any]] = {
    vol.Optional("method", default="GET"): vol.In(METHODS),
    vol.Optional("path"): path_below,
    vol.Optional("query", default=dict): {str: vol.Any(str, int, float, bool)},
    vol.Optional("body"): small_body,
}
"""The fields of a call over REST."""
