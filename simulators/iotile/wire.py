"""Requests and responses of Django REST framework."""

import base64
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
import hashlib
import hmac
import json
import re
from typing import Any

from aiohttp import web

from .values import Json
from .world import User, World

API = "/api/v1"
FORBIDDEN = {"detail": "You do not have permission to perform this action."}
NOT_FOUND = {"detail": "Not found."}
_CRASH = (
    "<html>\n  <head>\n    <title>Internal Server Error</title>\n  </head>\n  <body>\n"
    "    <h1><p>Internal Server Error</p></h1>\n    \n  </body>\n</html>\n"
)
_LOST = (
    '\n<!doctype html>\n<html lang="en">\n<head>\n  <title>Not Found</title>\n</head>\n'
    "<body>\n  <h1>Not Found</h1><p>The requested resource was not found on this "
    "server.</p>\n</body>\n</html>\n"
)
SECRET = b"simulated"
WORLD = web.AppKey("world", World)


class Refused(Exception):
    """A request that ends with an error."""

    def __init__(self, status: int, body: object, **headers: str) -> None:
        """Store the response."""
        super().__init__(status)
        self.status, self.body, self.headers = status, body, headers


def answer(body: object, status: int = 200, **headers: str) -> web.Response:
    """Return JSON."""
    return web.Response(
        status=status,
        text=json.dumps(body),
        content_type="application/json",
        headers={"Vary": "Accept, Origin, Cookie", **headers},
    )


def crash() -> web.Response:
    """Return an internal server error."""
    return web.Response(status=500, text=_CRASH, content_type="text/html")


def lost() -> web.Response:
    """Return the error for an unknown path."""
    return web.Response(status=404, text=_LOST, content_type="text/html")


def paged(
    request: web.Request, rows: list[Any], *, default: int = 100, most: int = 1000
) -> web.Response:
    """Return one page; ``next`` is absolute, with the Host header."""
    query = request.query
    try:
        page = int(query.get("page", "1"))
        size = min(int(query.get("page_size", str(default))), most)
    except ValueError:
        raise Refused(404, {"detail": "Invalid page."}) from None
    last = max(1, -(-len(rows) // size))
    if not 1 <= page <= last:
        raise Refused(404, {"detail": "Invalid page."})

    def link(number: int) -> str:
        more = {k: v for k, v in query.items() if k != "page"}
        if number > 1:
            more["page"] = str(number)
        host = request.app[PROXY].get("host") or f"http://{request.host}"
        return f"{host}{request.url.with_query(sorted(more.items())).relative()}"

    return answer(
        {
            "count": len(rows),
            "next": link(page + 1) if page < last else None,
            "previous": link(page - 1) if page > 1 else None,
            "results": rows[(page - 1) * size : page * size],
        }
    )


PROXY: web.AppKey[dict[str, str]] = web.AppKey("proxy", dict)


def moment(text: str | None, *, strict: bool = False) -> float | None:
    """Parse a time; unreadable values are ignored, impossible ones crash.

    See docs/protocols/iotile.md#points-of-a-stream.
    """
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        if strict:
            raise
        if re.match(r"\d{4}-\d\d-\d\d", text):
            raise Refused(500, None) from None
        return None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


async def body_of(request: web.Request) -> Any:  # noqa: ANN401  # JSON
    """Return the JSON of a request."""
    try:
        return json.loads(await request.text() or "{}")
    except ValueError as err:
        raise Refused(400, {"detail": f"JSON parse error - {err}"}) from None


def required(body: Mapping[str, object], *names: str) -> None:
    """Refuse a body in which a field is missing."""
    missing = {
        name: ["This field is required."] for name in names if body.get(name) is None
    }
    if missing:
        raise Refused(400, missing)


def make_jwt(
    user: User, now: float, lifetime: float, issued: float | None = None
) -> str:
    """Return a signed token."""
    claims = {
        "user_id": user.id,
        "username": user.name,
        "exp": int(now + lifetime),
        "email": user.email,
        "orig_iat": int(issued or now),
    }
    head = _encode({"typ": "JWT", "alg": "HS256"})
    text = f"{head}.{_encode(claims)}"
    return f"{text}.{_sign(text)}"


def read_jwt(token: str, now: float) -> Json:
    """Return the claims. Raises ValueError with the server's message."""
    text, _, signature = token.rpartition(".")
    if not text or not hmac.compare_digest(_sign(text), signature):
        raise ValueError("Error decoding signature.")
    part = text.partition(".")[2]
    claims: Json = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    if claims["exp"] < now:
        raise ValueError("Signature has expired.")
    return claims


def _encode(found: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(found).encode()).decode().rstrip("=")


def _sign(text: str) -> str:
    digest = hmac.new(SECRET, text.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def user_of(request: web.Request) -> User:
    """Return the authenticated user, or refuse with 401.

    See docs/protocols/iotile.md#authorization-header.
    """
    world = request.app[WORLD]
    header = request.headers.get("Authorization", "")
    scheme, _, rest = header.partition(" ")
    if scheme.lower() == "jwt":
        if not rest:
            raise denied("Invalid Authorization header. No credentials provided.")
        if " " in rest:
            raise denied(
                "Invalid Authorization header. Credentials string should not contain"
                " spaces."
            )
        try:
            claims = read_jwt(rest, world.clock.now())
        except ValueError as err:
            raise denied(
                str(err) if "Signature" in str(err) else "Error decoding signature."
            ) from None
        return next(user for user in world.users if user.id == claims["user_id"])
    if scheme.lower() == "token" and rest:
        for user in world.users:
            if user.token == rest and user.active:
                return user
        raise denied("Invalid token.")
    raise denied("Authentication credentials were not provided.")


def denied(words: str) -> Refused:
    """Return a 401."""
    return Refused(401, {"detail": words}, **{"WWW-Authenticate": 'JWT realm="api"'})


def mine(request: web.Request, user: User, rows: Iterable[Json]) -> list[Json]:
    """Return the rows of the user's organizations."""
    orgs = request.app[WORLD].orgs_of(user)
    return [row for row in rows if row["org"] in orgs]


def padded(slug: str) -> str:
    """Prepend missing groups, the only check that the server makes.

    See docs/protocols/iotile.md#slugs.
    """
    kind, *parts = slug.split("--")
    sizes = {"d": (4,), "s": (2, 4, 1), "v": (2, 1), "t": (4, 1)}.get(kind, ())
    if len(parts) != len(sizes):
        return slug
    full = [
        "-".join(["0000"] * (size - part.count("-") - 1) + [part])
        for part, size in zip(parts, sizes, strict=True)
    ]
    return "--".join([kind, *full])


async def form_of(
    request: web.Request,
) -> tuple[dict[str, str], tuple[str, bytes] | None]:
    """Return the fields of an upload, and its file as name and content."""
    boundary = (
        request.headers.get("Content-Type", "").partition("boundary=")[2].strip('"')
    )
    fields: dict[str, str] = {}
    file: tuple[str, bytes] | None = None
    for part in (await request.read()).split(b"--" + boundary.encode())[1:-1]:
        head, _, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        content = content.removesuffix(b"\r\n")
        named = dict(re.findall(r'(name|filename)="([^"]*)"', head.decode()))
        if "filename" in named:
            if named["name"] == "file":
                file = named["filename"], content
        else:
            fields[named["name"]] = content.decode()
    return fields, file
