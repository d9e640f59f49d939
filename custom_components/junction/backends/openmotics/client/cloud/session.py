"""Requests to the cloud, with tokens of either login.

On the wire: docs/protocols/openmotics.md#cloud-of-today.
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
"""Requests at once; the cloud names no limit of its own."""
RENEW_BEFORE: Final = 60.0
"""Seconds before its end that a token is replaced."""
LIFE: Final = 3600.0
"""Seconds that a token lives when its answer does not say."""


class TokenRefusedError(AuthFailedError):
    """The cloud refused a token, which says nothing of the credentials yet."""


class CloudSession:
    """Requests of one account. ``new`` tells which of the two logins its client uses.

    ``login`` is where tokens come from; by the form of the client id if not given.
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
        """Keep all of it; nothing is sent yet."""
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
        # Requests wait here, not in the transport, where they would keep an old token.
        self._slots = asyncio.Semaphore(LIMIT)

    async def _log_in(self) -> Mapping[str, str]:
        answer = await self._tokens.request(
            "POST", "", form=self._client, idempotent=True
        )
        body = answer.object()
        token = j.text(body, "access_token")
        if not token:
            raise UnexpectedJsonError("access_token")
        # Sometimes a text, sometimes missing.
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

        ``body`` is sent as JSON, None as no body at all. A token that ends soon is
        replaced before, and one that is refused after: twice, since now and then a good
        one is refused. Raises AuthFailedError when the third one is refused or the
        credentials are, NotFoundError, PermissionDeniedError, OfflineError when the cloud
        does not reach the gateway, and what any server may fail with.
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
        """Return the ``data`` of an answer; the rest is as with ``request``."""
        answer = await self.request(method, path, query, body, idempotent=idempotent)
        return j.value(answer.object(), "data")

    def close(self) -> None:
        """Forget the token."""
        self._auth.headers = None

    def diagnostics(self) -> dict[str, Any]:
        """Return counters, and which login it is."""
        return {
            "http": self.transport.counters.as_dict(),
            "login": self._tokens.counters.as_dict(),
            "logins": self._auth.logins,
            "new_login": self.new,
        }


def is_new_client(client_id: str) -> bool:
    """Return whether a client id is one of the login of 2026: those are UUIDs."""
    try:
        return str(UUID(client_id)) == client_id.lower()
    except ValueError:
        return False


def check_login(answer: Answer) -> BackendError | None:
    """Judge an answer of the token endpoint: wrong credentials are 400 or 401."""
    if answer.status in {HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED}:
        return AuthFailedError(answer.words)
    return check_status(answer)


def check(answer: Answer) -> BackendError | None:
    """Judge an answer: an error may come under any status."""
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
