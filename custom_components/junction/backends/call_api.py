"""Action ``call_api``: call any function of a system's own API with the client of its entry.

A backend declares ``action(...)`` with its own fields and a handler. This module has
the shared parts: paths that stay below the API's root, a size limit for bodies,
confirmation of dangerous calls, and answers without secrets.
"""

from base64 import b64encode
from collections.abc import Awaitable, Callable, Iterable, Mapping
import re
from typing import TYPE_CHECKING, Any, Final
import unicodedata

from homeassistant.util.json import JsonObjectType
import orjson
import probatio as vol

from ..errors import BackendError, CallerError
from .base import Access, Action, WrongValueError
from .verdict import CallRefusedError, Judgement

if TYPE_CHECKING:
    # P1 meters have this action too, but no HTTP server.
    from .http import Answer

NAME: Final = "call_api"
MAX_BODY: Final = 2**20
"""Maximum size of a body, in bytes of JSON."""
MAX_PATH: Final = 1024
METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
FIELDS: Final = (
    "target",
    "function",
    "parameters",
    "method",
    "path",
    "query",
    "body",
    "command",
)
"""Fields that not every system has, in the order of the form."""
HIDDEN: Final = "**REDACTED**"

_SHOWN_HEADERS: Final = (
    "content-type",
    "etag",
    "last-modified",
    "location",
)
_NO_TEXT: Final = (
    "image/",
    "video/",
    "application/octet-stream",
    "application/zip",
)
_SECRET: Final = re.compile(
    r"passw|passphrase|passcode|(^|_)(pass|pwd|pin)$|token|secret|authorization|cookie"
    r"|(api|hub|private)_?key",
    re.IGNORECASE,
)
_JWT: Final = re.compile(r"[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}")


class ForeignFieldError(CallerError):
    """A field belongs to another system. Placeholders ``field``, ``system``, and ``fields``."""

    key = "call_foreign_field"


class MissingFieldError(CallerError):
    """A field that the system requires is missing. Placeholder ``field``."""

    key = "field_missing"


def path_below(value: object) -> str:
    """Return a path below an API's root, without slashes at its ends.

    Raises vol.Invalid for a path that leads elsewhere or cannot be sent: with another
    host, a scheme, ``..``, a query, or control characters.
    """
    path = value if isinstance(value, str) else ""
    if not path.strip("/") or len(path) > MAX_PATH:
        raise WrongValueError(f"1-{MAX_PATH}")
    # Some servers accept look-alikes of these characters.
    for form in (path, unicodedata.normalize("NFKC", path)):
        if (
            form.startswith("//")
            or not form.isprintable()
            or re.search(r"[\\?#:;@%]|\s", form)
        ):
            raise WrongValueError(r"// \ ? # : ; @ %")
        if any(part in {"", ".", ".."} for part in form.strip("/").split("/")):
            raise WrongValueError("..")
    return path.strip("/")


def below(path: str, *roots: str) -> str:
    """Return a path without the API's root, which users often copy along.

    Raises CallerError if nothing is left.
    """
    for root in roots:
        path = f"{path}/".removeprefix(f"{root}/").strip("/")
    if not path:
        raise CallerError("/", field="path")
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


def permit(judgement: Judgement, call: str, fields: Mapping[str, Any]) -> None:
    """Raise CallRefusedError or NotConfirmedCallError unless the call is allowed."""
    obstacle = judgement.obstacle
    if obstacle is None:
        return
    if issubclass(obstacle, CallRefusedError) or not fields["confirm"]:
        raise obstacle(call=call)


async def execute(
    judgement: Judgement,
    call: str,
    fields: Mapping[str, Any],
    request: Callable[[], Awaitable[Answer]],
    refresh: Callable[[], None],
) -> JsonObjectType:
    """Send a call if it is allowed, and refresh what it may have changed.

    ``call`` is the name of the call in messages. Raises what ``permit`` and ``request``
    raise.
    """
    permit(judgement, call, fields)
    try:
        answer = await request()
    finally:
        # A failed call may have been carried out.
        if judgement.changes:
            refresh()
    return reply(answer, fields)


def check_fields(fields: Mapping[str, Any], system: str, taken: Iterable[str]) -> None:
    """Raise ForeignFieldError if a field does not belong to this system."""
    taken = tuple(taken)
    for name in FIELDS:
        if name in fields and name not in taken:
            raise ForeignFieldError(
                field=name, system=system, fields=", ".join(taken) or "-"
            )


def check_needs(fields: Mapping[str, Any], *names: str) -> None:
    """Raise MissingFieldError if one of these fields is missing."""
    for name in names:
        if name not in fields:
            raise MissingFieldError(field=name)


def reply(answer: Answer, fields: Mapping[str, Any]) -> JsonObjectType:
    """Return the response of the action: status, relevant headers, and body.

    The body is JSON, or text if it is not JSON; images and archives are Base64.
    """
    headers = {name.lower(): value for name, value in answer.headers.items()}
    shown: JsonObjectType = {
        "status": answer.status,
        "headers": {name: headers[name] for name in _SHOWN_HEADERS if name in headers},
    }
    if headers.get("content-type", "").startswith(_NO_TEXT):
        return {**shown, "body": b64encode(answer.body).decode(), "encoding": "base64"}
    try:
        body = answer.json() if answer.body.strip() else None
    except BackendError:
        body = answer.text
    shown["body"] = body if fields["show_secrets"] else mask(body)  # type: ignore[assignment]  # JSON
    return shown


def mask(value: object) -> object:
    """Return JSON with secrets masked, recognized by their name or shape."""
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
    system: str,
    schema: Mapping[vol.Marker, Any] | None,
    handler: Callable[[Any, Mapping[str, Any]], Awaitable[JsonObjectType]],
    *,
    needs: tuple[str, ...] = (),
    one_of: tuple[tuple[str, ...], ...] = (),
) -> Action:
    """Return the action of one backend, for administrators only.

    ``system`` is its product name, ``needs`` are the required fields. Fields of other
    systems are refused by name; with ``schema`` None the handler has to validate the
    fields.
    """
    own = FIELDS if schema is None else [str(marker) for marker in schema]
    foreign: dict[vol.Marker, Any] = {
        vol.Optional(name): object
        for name in FIELDS
        if schema is None or name not in own
    }

    async def handle(backend: Any, fields: Mapping[str, Any]) -> JsonObjectType:  # noqa: ANN401 - each backend is its own type
        check_fields(fields, system, own)
        check_needs(fields, *needs)
        return await handler(backend, fields)

    return Action(
        name=NAME,
        schema={
            **(schema or {}),
            **foreign,
            vol.Optional("confirm", default=False): bool,
            vol.Optional("show_secrets", default=False): bool,
        },
        handler=handle,
        access=Access.ADMIN,
        one_of=one_of,
    )


_VALUE: Final = vol.Any(str, int, float, bool)

REST: Final[Mapping[vol.Marker, Any]] = {
    vol.Optional("method"): vol.In(METHODS),
    vol.Optional("path"): path_below,
    vol.Optional("query"): {str: vol.Any(_VALUE, [_VALUE])},
    vol.Optional("body"): small_body,
}
"""Fields of a REST call."""


def method_of(fields: Mapping[str, Any]) -> str:
    """Return the HTTP method of a REST call, GET by default."""
    method: str = fields.get("method", "GET")
    return method
