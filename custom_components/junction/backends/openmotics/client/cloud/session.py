"""Requests to the cloud, with the tokens of either login.

Protocol: docs/protocols/openmotics.md#cloud-of-today.
"""

import asyncio
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final
from uuid import UUID

import aiohttp
from yarl import URL

from .....errors import AuthFailedError, BackendError, RejectedError
from ....http import (
    Answer,
    Authenticator,
    Clock,
    HttpTransport,
    NotFoundError,
    UnexpectedJsonError,
    check_status,
    json_fields as j,
)
from ..errors import BadRequestError, OfflineError, WrongMethodError

NEW_LOGIN: Final = URL(
    "https://rensonpublic.b2clogin.com/rensonpublic.onmicrosoft.com"
    "/b2c_1a_smart_hrd_si_r1/oauth2/v2.0/token"
)
NEW_SCOPE: Final = (
    "https://rensonpublic.onmicrosoft.com/eb3ae9c8-806f-4cd5-8b93-737cbf34138d/.default"
)
OLD_LOGIN: Final = "authentication/oauth2/token"
OLD_SCOPE: Final = "control view configure"
LIMIT: Final = 3
"""Requests in flight; the cloud documents no limit."""
RENEW_BEFORE: Final = 60.0
"""Seconds before its expiry at which a token is renewed."""
LIFE: Final = 3600.0
"""Default lifetime of a token in seconds."""


class TokenRefusedError(AuthFailedError):
    """The cloud refused a token, which does not mean that the credentials are wrong."""


class CloudSession:
    """Requests of one account. ``new`` says which of the two logins its client id uses.

    ``login`` is the URL of the token endpoint; its default depends on the client id.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        client_id: str,
        client_secret: str,
        *,
        base: URL,
        login: URL | None = None,
        clock: Clock | None = None,
    ) -> None:
        """Store the settings; nothing is sent yet."""
        self._clock = clock or Clock()
        self.new = is_new_client(client_id)
        if login is None:
            login = NEW_LOGIN if self.new else base / OLD_LOGIN
        self.transport = HttpTransport(
            session, base, limit=LIMIT, check=check, clock=self._clock
        )
        same = login.origin() == base.origin()
        self._tokens = HttpTransport(
            session,
            login,
            check=check_login,
            clock=self._clock,
            pause=self.transport.pause if same else None,
        )
        self._client = {
            "grant_type": "client_credentials",
            "client_id": client_id,
            "client_secret": client_secret,
            "scope": NEW_SCOPE if self.new else OLD_SCOPE,
        }
        self._auth = Authenticator(self._log_in)
        self._ends = 0.0
        # Limit requests here, because those waiting in the transport would keep an old
        # token.
        self._slots = asyncio.Semaphore(LIMIT)

    async def _log_in(self) -> Mapping[str, str]:
        answer = await self._tokens.request(
            "POST", "", form=self._client, idempotent=True
        )
        body = answer.object()
        token = j.text(body, "access_token")
        if not token:
            raise UnexpectedJsonError("access_token")
        # May be a text, or missing.
        life = j.number(body, "expires_in") or LIFE
        self._ends = self._clock.monotonic() + max(life - RENEW_BEFORE, RENEW_BEFORE)
        return {"Authorization": f"Bearer {token}"}

    async def request(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any] | None = None,
        body: object = None,
        *,
        idempotent: bool | None = None,
    ) -> Answer:
        """Send a request below ``/api/v1.1`` and return its answer.

        ``body`` is sent as JSON, None without a body. A token is renewed before it
        expires, and when it is refused: up to twice, because the cloud sometimes
        refuses a valid one. Raises AuthFailedError if the third token or the
        credentials are refused, NotFoundError, PermissionDeniedError, OfflineError if
        the cloud cannot reach the gateway, and the errors of ``HttpTransport.request``.
        """
        try:
            return await self._send(method, path, query, body, idempotent)
        except TokenRefusedError:
            return await self._send(method, path, query, body, idempotent)

    async def _send(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any] | None,
        body: object,
        idempotent: bool | None,
    ) -> Answer:
        async with self._slots:
            if self._auth.headers is not None and (
                self._clock.monotonic() >= self._ends
            ):
                await self._auth.login()
            return await self.transport.request(
                method,
                path,
                json=body,
                params=query,
                headers={"Accept": "application/json"},
                auth=self._auth,
                idempotent=idempotent,
            )

    async def data(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any] | None = None,
        body: object = None,
        *,
        idempotent: bool | None = None,
    ) -> object:
        """Return the ``data`` of an answer; arguments and errors are those of ``request``."""
        answer = await self.request(method, path, query, body, idempotent=idempotent)
        return j.value(answer.object(), "data")

    def close(self) -> None:
        """Forget the token."""
        self._auth.headers = None

    def diagnostics(self) -> dict[str, Any]:
        """Return counters, and the type of login."""
        return {
            "http": self.transport.counters.as_dict(),
            "login": self._tokens.counters.as_dict(),
            "logins": self._auth.logins,
            "new_login": self.new,
        }


def is_new_client(client_id: str) -> bool:
    """Return whether a client id belongs to the login of 2026: those are UUIDs."""
    try:
        return str(UUID(client_id)) == client_id.lower()
    except ValueError:
        return False


def check_login(answer: Answer) -> BackendError | None:
    """Return the error of a token endpoint answer: wrong credentials are 400 or 401."""
    if answer.status in {HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED}:
        return AuthFailedError(answer.words)
    return check_status(answer)


def check(answer: Answer) -> BackendError | None:
    """Return the error of an answer, which may have any status."""
    words = answer.words if answer.status >= HTTPStatus.BAD_REQUEST else ""
    if answer.status < HTTPStatus.MULTIPLE_CHOICES and b'"_error"' in answer.body:
        error = j.value(answer.object(), "_error")
        if not error:
            return None
        words = answer.clean(error if isinstance(error, str) else str(error))
        if _is_not_found(words):
            return NotFoundError(words)
        if "gatewaytimeoutexception" not in words.lower():
            return RejectedError(words)
    if "gatewaytimeoutexception" in words.lower():
        return OfflineError()
    by_status: dict[int, type[BackendError]] = {
        HTTPStatus.UNAUTHORIZED: TokenRefusedError,
        HTTPStatus.METHOD_NOT_ALLOWED: WrongMethodError,
        HTTPStatus.BAD_REQUEST: BadRequestError,
        HTTPStatus.UNPROCESSABLE_CONTENT: BadRequestError,
    }
    if (error := by_status.get(answer.status)) is not None:
        return error(words)
    return check_status(answer)


def _is_not_found(words: str) -> bool:
    plain = words.lower().replace("_", " ").replace(" ", "")
    return "notfound" in plain or "nosuchpath" in plain
