"""Request pipeline before the handler: keys, roles, limits, two threads."""

import asyncio
from base64 import b64decode
import binascii
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
import json
import math
import time
from typing import Any, Final

from aiohttp import web

from .outputs import Engine
from .series import Database
from .state import ROLES, Role, State, User

type Json = Any
type Reply = tuple[int, Json]
type Handler = Callable[[Call], Awaitable[Reply]]

ACCEPT: Final = "application/vnd.mycodo.v1+json"
LIMIT, WINDOW = 200, 60.0

_NOT_ACCEPTABLE: Final = (
    "The resource identified by the request is only capable of generating response entities "
    "which have content characteristics not acceptable according to the accept headers sent "
    f"in the request. Supported entities are: {ACCEPT}"
)
FORBIDDEN: Final = (
    "You don't have the permission to access the requested resource. It is either "
    "read-protected or not readable by the server."
)
_WRONG_TYPE: Final = (
    "Did not attempt to load JSON data because the request Content-Type was not "
    "'application/json'."
)
_BAD_JSON: Final = (
    "The browser (or proxy) sent a request that this server could not understand."
)
_NO_METHOD: Final = "The method is not allowed for the requested URL."
SECURITY: Final = {
    "Permissions-Policy": "browsing-topics=()",
    "X-Frame-Options": "SAMEORIGIN",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src * 'unsafe-inline' 'unsafe-eval'",
    "Strict-Transport-Security": "max-age=31556926; includeSubDomains",
    "Referrer-Policy": "strict-origin-when-cross-origin",
}
_TITLES: Final = {
    404: "Page Not Found",
    405: "Method Not Allowed",
    500: "Internal Server Error",
    502: "Bad Gateway Error",
}


class Abort(Exception):
    """Ends a request with a status and a body."""

    def __init__(self, status: int, body: Json) -> None:
        """Store both."""
        super().__init__(status)
        self.status = status
        self.body = body


class DaemonGone(Exception):
    """The daemon does not respond; the text is the last line of the traceback."""


@dataclass(slots=True)
class Call:
    """One request on its way to the handler."""

    request: web.Request
    user: User | None
    body: Json = None

    @property
    def at(self) -> Mapping[str, str]:
        """The variable parts of the path."""
        return self.request.match_info


@dataclass(slots=True)
class _Window:
    start: float
    count: int = 0


@dataclass(slots=True)
class Pipeline:
    """Web server of a Mycodo."""

    state: State
    engine: Engine
    database: Database
    announce: Callable[[], Awaitable[None]]
    monotonic: Callable[[], float] = time.monotonic
    threads: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(2))
    limit: int = LIMIT
    _windows: dict[tuple[str, str], _Window] = field(default_factory=dict)

    def headers(self) -> dict[str, str]:
        """Return the headers of every response."""
        return {
            **SECURITY,
            "Vary": "Accept-Encoding, Cookie",
            "Date": formatdate(self.state.now(), usegmt=True),
        }

    def page(self, status: int, text: str | None = None) -> web.Response:
        """Return a web page, by default an error page."""
        title = f"Error {status}: {_TITLES.get(status, 'Error')}"
        html = text or (
            f"<html>\n  <head>\n    <title>{title}</title>\n  </head>\n"
            f"  <body>\n    <h2>{title}</h2>\n  </body>\n</html>"
        )
        return web.Response(
            status=status, text=html, content_type="text/html", headers=self.headers()
        )

    def redirect(self, status: int, location: str) -> web.Response:
        """Redirect the client."""
        return web.Response(
            status=status,
            text="<!doctype html>\n<title>Redirecting...</title>",
            content_type="text/html",
            headers={**self.headers(), "Location": location},
        )

    def user(self, request: web.Request) -> User | None:
        """Return the user of a request's API key, sent in one of three ways."""
        authorization = request.headers.get("Authorization", "")
        given = (
            request.headers.get("X-API-KEY")
            or authorization.removeprefix("Basic ")
            or request.query.get("api_key", "").replace(" ", "+")
        )
        try:
            key = b64decode(given, validate=True)
        except binascii.Error, ValueError:
            return None
        return next(
            (u for u in self.state.users if key and u.key and b64decode(u.key) == key),
            None,
        )

    def role(self, user: User | None) -> Role:
        """Return the role of the user."""
        return ROLES[user.role_id] if user else Role()

    async def ask_daemon(self) -> None:
        """Call the daemon. Raises DaemonGone, after the time-out when it is frozen."""
        if self.state.daemon_frozen:
            await asyncio.sleep(self.state.rpc_timeout)
            # The daemon has resumed, but this request is lost all the same.
            raise DaemonGone("Pyro5.errors.TimeoutError: receiving: timeout")
        if not self.state.daemon_running:
            raise DaemonGone(
                "Pyro5.errors.CommunicationError: cannot connect to "
                "('127.0.0.1', 9080): [Errno 111] Connection refused"
            )
        self.engine.settle()

    async def read_channels(self) -> None:
        """Wait for as long as reading the states of all channels takes."""
        state = self.state
        count = sum(len(output.channels) for output in state.outputs)
        if seconds := count * state.seconds_per_channel:
            await asyncio.sleep(seconds)

    def api(
        self,
        handler: Handler,
        endpoint: str,
        *,
        permission: str | None,
        null: Json,
        reads_body: bool = False,
        traceback: str = "error",
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        """Return the route of an endpoint of the API, with Mycodo's checks in order."""

        async def route(request: web.Request) -> web.Response:
            async with self.threads:
                user = self.user(request)
                limits, exceeded = self._count(endpoint, user)
                if exceeded:
                    return self._reply(
                        429, {"message": f"{LIMIT} per 1 minute"}, limits
                    )
                try:
                    self._check(request, user, permission, null)
                    body = await self._body(request) if reads_body else None
                    status, found = await handler(Call(request, user, body))
                except Abort as err:
                    status, found = err.status, err.body
                except DaemonGone as err:
                    status, found = 500, _traceback(str(err), traceback)
                reply = self._reply(status, found, limits)
                if status == 403:
                    reply.headers["Set-Cookie"] = "session=refused; HttpOnly; Path=/"
                return reply

        return route

    def _check(
        self,
        request: web.Request,
        user: User | None,
        permission: str | None,
        null: Json,
    ) -> None:
        accepted = [
            part.partition(";")[0].strip()
            for part in request.headers.get("Accept", "").split(",")
        ]
        if ACCEPT not in accepted:
            raise Abort(406, {"message": _NOT_ACCEPTABLE})
        if user is None:
            raise Abort(401, null)
        if permission is not None and not getattr(self.role(user), permission):
            raise Abort(403, {"message": FORBIDDEN})

    async def _body(self, request: web.Request) -> Json:
        if request.content_type != "application/json":
            raise Abort(415, {"message": _WRONG_TYPE})
        try:
            return json.loads(await request.read())
        except ValueError:
            raise Abort(400, {"message": _BAD_JSON}) from None

    def _count(self, endpoint: str, user: User | None) -> tuple[dict[str, str], bool]:
        now = self.monotonic()
        key = (endpoint, user.name if user else "")
        window = self._windows.get(key)
        if window is None or now - window.start >= WINDOW:
            window = self._windows[key] = _Window(now)
        window.count += 1
        left = window.start + WINDOW - now
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(max(0, self.limit - window.count)),
            "X-RateLimit-Reset": str(math.ceil(self.state.now() + left)),
            "Retry-After": str(math.ceil(left)),
        }, window.count > self.limit

    def _reply(
        self, status: int, body: Json, limits: Mapping[str, str]
    ) -> web.Response:
        return web.Response(
            status=status,
            body=json.dumps(body, sort_keys=True).encode(),
            headers={**self.headers(), **limits, "Content-Type": ACCEPT},
        )

    @web.middleware
    async def middleware(
        self,
        request: web.Request,
        handler: Callable[[web.Request], Awaitable[web.StreamResponse]],
    ) -> web.StreamResponse:
        """Replace the errors of unknown routes by Mycodo's."""
        try:
            return await handler(request)
        except web.HTTPNotFound:
            return self.page(404)
        except web.HTTPMethodNotAllowed:
            if request.method == "OPTIONS":
                return self.page(200, " ")
            if request.path.startswith("/api/"):
                return self._reply(405, {"message": _NO_METHOD}, {})
            return self.page(405)


def _traceback(last: str, field_name: str) -> Json:
    text = f'Traceback (most recent call last):\n  File "mycodo.py", line 1\n{last}\n'
    if field_name == "custom":
        return {"custom": text}
    return {"error": text, "message": "An exception occurred"}


def failure(last: str) -> Abort:
    """Return the response for an exception in a handler."""
    return Abort(500, _traceback(last, "error"))
