"""Log in to an IOTile Cloud."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from yarl import URL

from ....errors import AuthFailedError, BackendError, ProtocolError, RejectedError
from ...http import (
    Answer,
    NotFoundError,
    PermissionDeniedError,
    RedirectedError,
    base_url,
    json_fields as j,
)
from .errors import ArchFXError, BadEmailError, NotIOTileError, check
from .parse import when
from .transport import Transport


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """Result of a login. ``token`` never expires.

    ``installation`` identifies the account on this server, regardless of the address.
    It includes the time of its creation, because account ids are small numbers.

    See docs/protocols/iotile.md#authorization-header.
    """

    email: str
    name: str
    installation: str
    token: str = field(repr=False)


def server_url(typed: str) -> URL:
    """Return the root URL of a server from an address that the user copied from a browser.

    Raises InvalidAddressError.
    """
    url = base_url(typed)
    path = url.raw_path.rstrip("/")
    for end in ("/api/v1", "/api"):
        path = path.removesuffix(end)
    return url.with_path(path, encoded=True)


class AccountApi(Transport):
    """Requests concerning the server and the account."""

    async def probe(self) -> datetime:
        """Return the server's time. Raises NotIOTileError if it is not an IOTile Cloud.

        See docs/protocols/iotile.md#base-url.
        """
        try:
            found = (await self.http.request("GET", "server/")).object()
        except RedirectedError:
            raise
        except (ProtocolError, NotFoundError) as err:
            raise NotIOTileError(err.detail) from err
        now = when(found, "now")
        if now is None or j.text(found, "stage") is None:
            raise NotIOTileError
        return now

    async def login(self, email: str, password: str) -> Login:
        """Return the account and its token.

        Raises AuthFailedError (also for a disabled account), BadEmailError, and
        ArchFXError.
        """
        answer = await self.http.request(
            "POST",
            "auth/login/",
            json={"email": email, "password": password},
            check=_check_login,
        )
        found = answer.object()
        if "jwt_refresh_token" in found:
            raise ArchFXError
        token = j.text(found, "token") or await self._exchange(j.text(found, "jwt"))
        return self._login(found, email, token)

    async def resume(self, email: str, token: str) -> Login:
        """Return the account of the token with which this client was created.

        ``email`` is used if the server does not return one. Raises AuthFailedError.

        See docs/protocols/iotile.md#refresh-and-logout.
        """
        try:
            answer = await self.http.request("GET", "auth/user-info/")
        except PermissionDeniedError as err:
            raise AuthFailedError(err.detail) from err
        return self._login(answer.object(), email, token)

    def _login(self, found: dict[str, Any], email: str, token: str | None) -> Login:
        user = j.integer(found, "id")
        if not token or user is None:
            raise NotIOTileError("token")
        made = "".join(c for c in j.text(found, "created_at") or "" if c.isdecimal())
        return Login(
            email=j.text(found, "email") or email,
            name=j.text(found, "name") or j.text(found, "username") or "",
            installation=f"{user}_{made or self.http.base.host}",
            token=token,
        )

    async def _exchange(self, jwt: str | None) -> str | None:
        """Exchange a token that expires after a week for one that never expires.

        With this no renewal is needed, even if a server's login returns only the
        former.

        See docs/protocols/iotile.md#refresh-and-logout.
        """
        if not jwt:
            return None
        answer = await self.http.request(
            "GET", "auth/token/", headers={"Authorization": f"JWT {jwt}"}
        )
        return j.text(answer.object(), "token")


def _check_login(answer: Answer) -> BackendError | None:
    error = check(answer)
    if type(error) is RejectedError and answer.status == 400:
        try:
            field = j.value(answer.json(), "email")
        except ProtocolError:
            return error
        return BadEmailError(error.detail) if field else error
    return error
