"""Requests to Mycodo's REST API: key, limits, and errors."""

from collections.abc import Awaitable, Mapping
import re
from typing import Any, Final

import aiohttp
from yarl import URL

from ....errors import ProtocolError, RejectedError
from ...http import (
    Answer,
    Authenticator,
    Clock,
    HttpTransport,
    PermissionDeniedError,
    TlsPolicy,
    json_fields as j,
)
from .errors import BadUnitError, ReadOnlyKeyError, UselessKeyError, check

ACCEPT: Final = "application/vnd.mycodo.v1+json"

POLL_TIMEOUT: Final = 15.0
COMMAND_TIMEOUT: Final = 35.0
"""Seconds; the web server itself waits 30 s for the daemon.

See docs/protocols/mycodo.md#when-a-part-fails.
"""

_BAD_INDEX: Final = re.compile(r"at index (\d+)")


class Requests:
    """Send requests to one Mycodo, with the key and within its limits.

    ``session`` must keep no cookies, because a refused request sets one. ``base`` is
    the URL of the web interface, whose path may be the prefix of a reverse proxy.
    ``key`` is the Base64 API key of a user. At most two requests are in flight, because
    the server has two threads (docs/protocols/mycodo.md#what-matters-most).
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        base: URL,
        key: str,
        *,
        tls: TlsPolicy | None = None,
        clock: Clock | None = None,
    ) -> None:
        """Store the settings; nothing is sent yet."""
        self.session = session
        self.clock = clock or Clock()
        self.tls = tls or TlsPolicy()
        self.transport = HttpTransport(
            session,
            base,
            headers={"Accept": ACCEPT},
            auth=Authenticator.fixed({"X-API-KEY": key}),
            limit=2,
            timeout=POLL_TIMEOUT,
            tls=self.tls,
            check=check,
            clock=self.clock,
        )

    @property
    def skew(self) -> float:
        """Return the seconds by which Mycodo's clock is ahead of ours."""
        return self.transport.skew

    def now(self) -> float:
        """Return the time by Mycodo's clock (Unix time)."""
        return self.clock.utcnow().timestamp() + self.skew

    async def request(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any] | None = None,
        body: object = None,
    ) -> Answer:
        """Send any API request; ``path`` is below ``/api/``.

        List paths end in a slash, without which the server would redirect. Requests
        that are not safe to repeat are sent once. Raises ReadOnlyKeyError in addition.
        """
        if "/" not in path and "." not in path:
            path = f"{path}/"
        request = self._request(
            method, f"/{path}", params=query, json=body, timeout=COMMAND_TIMEOUT
        )
        return await (request if method == "GET" else self._control(request))

    async def _request(self, method: str, path: str, **options: Any) -> Answer:
        return await self.transport.request(method, f"/api{path}", **options)

    async def _get(self, path: str) -> Answer:
        try:
            return await self._request("GET", path)
        except PermissionDeniedError as err:
            raise UselessKeyError(err.detail) from err

    async def _post(self, path: str, body: object) -> Answer:
        return await self._request("POST", path, json=body, timeout=COMMAND_TIMEOUT)

    async def _rows(self, path: str, wrapper: str) -> list[dict[str, Any]]:
        """Return the rows of a list."""
        found = (await self._get(path)).object()
        return listed(found, wrapper)

    async def _control[ResultT](self, request: Awaitable[ResultT]) -> ResultT:
        try:
            return await request
        except PermissionDeniedError as err:
            raise ReadOnlyKeyError(err.detail) from err

    async def _units[ResultT](self, request: Awaitable[ResultT]) -> ResultT:
        try:
            return await request
        except RejectedError as err:
            if "Unit ID not found" not in err.detail:
                raise
            found = _BAD_INDEX.search(err.detail)
            raise BadUnitError(
                err.detail, index=int(found[1]) if found else None
            ) from err


def listed(found: dict[str, Any], wrapper: str) -> list[dict[str, Any]]:
    """Return the rows of a list; an empty table is sent as null.

    Raises ProtocolError if there is no list. See
    docs/protocols/mycodo.md#what-matters-most.
    """
    rows = j.mappings(found, wrapper)
    if rows is None and found.get(wrapper, ...) is not None:
        # Without even null it is not a list, so it does not mean that rows were
        # removed.
        raise ProtocolError(wrapper)
    return rows or []
