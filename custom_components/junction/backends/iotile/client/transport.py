"""HTTP for one account: no cookies, and page numbers instead of links."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import aiohttp
from yarl import URL

from ....errors import ProtocolError
from ...http import (
    Answer,
    Authenticator,
    Clock,
    HttpTransport,
    NotFoundError,
    NotHttpError,
    TlsPolicy,
    json_fields as j,
)
from .errors import check

IN_FLIGHT: Final = 4
TIMEOUT: Final = 30.0
SAME_TIME: Final = 60.0
"""Seconds up to which our clock and the server's count as equal."""
MAX_PAGES: Final = 1000
MIB: Final = 2**20
SMALL: Final = MIB
"""Maximum bytes of an answer about one object, or a confirmation."""
PAGE_BODY: Final = 16 * MIB
"""Maximum bytes of a page of a list; the page sizes are set by the callers."""
FRAME_BODY: Final = 32 * MIB
"""Maximum bytes of a frame, about 150,000 points; longer ranges are requested in
halves.
"""


def stamp(moment: datetime) -> str:
    """Return a time in the server's format; it silently ignores others.

    See docs/protocols/iotile.md#points-of-a-stream.
    """
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


class Transport:
    """Requests to one server for one account (``token``)."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        server: URL,
        token: str | None = None,
        *,
        tls: TlsPolicy | None = None,
        clock: Clock | None = None,
    ) -> None:
        """Store the session, which must keep no cookies.

        See docs/protocols/iotile.md#login.
        """
        self.session = session
        self.clock = clock or Clock()
        self.http = HttpTransport(
            session,
            server / "api" / "v1",
            limit=IN_FLIGHT,
            timeout=TIMEOUT,
            max_body=SMALL,
            tls=tls,
            check=check,
            auth=(
                Authenticator.fixed({"Authorization": f"Token {token}"})
                if token
                else None
            ),
            clock=self.clock,
        )

    def now(self) -> datetime:
        """Return the time by our clock or by the server's, whichever is later.

        So a clock that is slow, on either side, does not move points into the future.
        """
        skew = self.http.skew
        return self.clock.utcnow() + timedelta(
            seconds=skew if skew > SAME_TIME else 0.0
        )

    async def request(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any] | None = None,
        body: object = None,
    ) -> Answer:
        """Send any API request; ``path`` is below ``/api/v1/``.

        A slash is appended to the path, without which the server would redirect.
        Requests that are not safe to repeat are sent once. Raises BackendError.
        """
        plain = f"{path.strip('/')}/" if path.strip("/") else ""
        if method == "DELETE" and plain.endswith("/mask/"):
            return await self._delete_mask(plain)
        return await self.http.request(
            method, plain, params=query, json=body, max_body=FRAME_BODY
        )

    async def _delete_mask(self, path: str) -> Answer:
        """Delete the mask (visible time range) of a device, and return its new state.

        The answer has a body that its status forbids: it cannot be read, and would
        corrupt the next answer on the same connection
        (docs/protocols/iotile.md#refresh-and-logout).
        """
        with suppress(NotHttpError):
            await self.http.request("DELETE", path, headers={"Connection": "close"})
        return await self.http.request("GET", path)

    async def _get(
        self, path: str, *, max_body: int | None = None, **params: Any
    ) -> Answer:
        return await self.http.request("GET", path, params=params, max_body=max_body)

    async def _post(
        self,
        path: str,
        body: object = None,
        *,
        form: aiohttp.FormData | None = None,
        **params: Any,
    ) -> Answer:
        return await self.http.request(
            "POST", path, json=body, data=form, params=params
        )

    async def _listing[T](
        self, path: str, read: Callable[[object], T | None], **params: Any
    ) -> list[T]:
        return [
            found
            async for rows in self._page_by_page(path, **params)
            for row in rows
            if (found := read(row)) is not None
        ]

    async def _page_by_page(
        self, path: str, **params: Any
    ) -> AsyncIterator[list[dict[str, Any]]]:
        """Yield the pages of a list, regardless of the number that the server announces."""
        for page in range(1, MAX_PAGES):
            number = {"page": page} if page > 1 else {}
            try:
                answer = await self._get(path, max_body=PAGE_BODY, **params, **number)
                found = answer.object()
            except NotFoundError:
                if page == 1:
                    raise
                # The list became shorter in the meantime.
                return
            rows = j.mappings(found, "results")
            if rows is None:
                raise ProtocolError("results")
            yield rows
            if not rows or j.value(found, "next") is None:
                return
