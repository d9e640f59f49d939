"""Requests to the cloud: login, hub keys, and the relay to hubs.

See docs/protocols/cozify.md#cloud-api.
"""

from collections.abc import Mapping, Sequence
from ipaddress import ip_address
import re
from typing import Any, Final

import aiohttp
from yarl import URL

from ....errors import AuthFailedError, BackendError, RejectedError
from ...http import (
    Answer,
    Clock,
    ConnectRefusedError,
    HostUnknownError,
    HtmlAnswerError,
    HttpTransport,
    NoRouteError,
    NotFoundError,
    UnexpectedJsonError,
    base_url,
)
from .const import HUB_PORT
from .errors import (
    CloudLoginError,
    InvalidEmailError,
    WrongCodeError,
    check_cloud,
    check_remote,
)
from .tokens import parse_token

TIMEOUT: Final = 15.0
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")

# Try another host only if this one is not the cloud: a code that is wrong at one host
# is wrong at all, and attempts are limited.
_ELSEWHERE: Final = (HostUnknownError, ConnectRefusedError, NoRouteError, NotFoundError)


class CloudApi:
    """API of one cloud, which may have several hosts.

    Tokens are passed to every call and not stored. All methods raise what
    ``HttpTransport`` raises; CloudLoginError replaces any other AuthFailedError.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        bases: Sequence[URL],
        clock: Clock | None = None,
    ) -> None:
        """Start with the first host."""
        self._bases = list(bases)
        # One slot is for the long poll if the hub is remote.
        self.transport = HttpTransport(
            session, bases[0], limit=4, timeout=TIMEOUT, check=check_cloud, clock=clock
        )

    async def request_code(self, email: str) -> None:
        """Request a one-time code by email; it invalidates an earlier one.

        Raises InvalidEmailError: the cloud itself accepts any text, without sending an
        email.
        """
        if not _EMAIL.fullmatch(email):
            raise InvalidEmailError
        # The API requires the email in the query, with an empty body.
        answer = await self._call("POST", "user/requestlogin", params={"email": email})
        if answer.text.lstrip().startswith("<"):
            # A server with web pages is not the cloud, and has sent no email.
            raise HtmlAnswerError(answer.words)

    async def log_in(self, email: str, code: str) -> str:
        """Return the cloud token for a one-time code. Raises WrongCodeError."""
        try:
            answer = await self._call(
                "POST", "user/emaillogin", json={"email": email, "password": code}
            )
        except (AuthFailedError, RejectedError) as err:
            if isinstance(err, NotFoundError):
                raise
            raise WrongCodeError(err.detail) from err
        return parse_token(answer.text)

    async def hub_keys(self, token: str) -> dict[str, str]:
        """Return the hub keys of the account by hub id; hubs without a key are omitted."""
        answer = await self._authorized("GET", "user/hubkeys", token)
        found = answer.json() if answer.text.strip() else None
        if found is None:
            return {}
        if not isinstance(found, Mapping):
            raise UnexpectedJsonError(type(found).__name__)
        return {
            hub: parse_token(key)
            for hub, key in found.items()
            if isinstance(key, str) and key
        }

    async def refresh(self, token: str) -> str:
        """Return a new cloud token; the old one stays valid until it expires."""
        answer = await self._authorized("GET", "user/refreshsession", token)
        return parse_token(answer.text)

    async def log_out(self, token: str) -> None:
        """Invalidate a cloud token."""
        await self._authorized("PUT", "user/logout", token)

    async def addresses(self) -> list[URL]:
        """Return the possible local addresses of hubs; needs no token.

        See docs/protocols/cozify.md#discovery.

        The list has no names. It can contain several hubs, HAN readers and, behind a
        carrier's NAT, hubs of strangers. Only private addresses are returned, and the
        caller must verify who answers there.
        """
        answer = await self._call("GET", "hub/lan_ip")
        try:
            found = answer.json()
        except BackendError:
            return []
        items = found if isinstance(found, list) else []
        urls = (_private(item) for item in items if isinstance(item, str))
        return list(dict.fromkeys(url for url in urls if url is not None))

    async def relay(
        self, method: str, path: str, token: str, key: str, **options: Any
    ) -> Answer:
        """Send a request to a hub through the cloud."""
        return await self.transport.request(
            method,
            f"hub/remote/{path.lstrip('/')}",
            headers={"Authorization": token, "X-Hub-Key": key},
            check=check_remote,
            **options,
        )

    async def call(self, method: str, path: str, token: str, **options: Any) -> Answer:
        """Send any request to the cloud."""
        return await self._authorized(method, path, token, **options)

    async def _authorized(
        self, method: str, path: str, token: str, **options: Any
    ) -> Answer:
        headers = {"Authorization": token}
        try:
            return await self._call(method, path, headers=headers, **options)
        except AuthFailedError as err:
            raise CloudLoginError(err.detail) from err

    async def _call(self, method: str, path: str, **options: Any) -> Answer:
        first: BackendError | None = None
        for base in list(self._bases):
            self.transport.base = base
            try:
                answer = await self.transport.request(method, path, **options)
            except _ELSEWHERE as err:
                first = first or err
                continue
            # Try the host that answers first from now on.
            self._bases.remove(base)
            self._bases.insert(0, base)
            return answer
        self.transport.base = self._bases[0]
        assert first is not None
        raise first


def _private(item: str) -> URL | None:
    try:
        url = base_url(item, scheme="http", port=HUB_PORT)
        return url if ip_address(url.host or "").is_private else None
    except BackendError, ValueError:
        return None
