"""Share one login among many requests."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Self

from ...errors import AuthFailedError


class Authenticator:
    """Keep the headers of a login, and renew them when they are refused.

    ``login`` makes the requests of a login, without this authenticator (it would wait
    for itself), and returns the headers for later requests; it raises AuthFailedError
    if the credentials are refused. ``headers`` may come from a stored earlier login;
    None means that there is none.

    If many requests are refused at once, only one login runs. If it is refused as well,
    none of them retries, because repeated attempts may lock the account.
    """

    def __init__(
        self,
        login: Callable[[], Awaitable[Mapping[str, str]]],
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Store the login; it runs when first needed."""
        self._login = login
        self._running: asyncio.Task[None] | None = None
        self._waiting = 0
        self._refusal: AuthFailedError | None = None
        self.headers = headers
        self.logins = 0
        """Number of logins, accepted or refused, for diagnostics and tests."""

    @classmethod
    def fixed(cls, headers: Mapping[str, str]) -> Self:
        """Return an authenticator with a fixed key, which fails at the second refusal.

        Servers that are starting, and proxies in front of them, may refuse a valid key
        once.
        """

        async def same() -> Mapping[str, str]:
            return headers

        return cls(same, headers)

    async def run[ResultT](
        self, send: Callable[[Mapping[str, str]], Awaitable[ResultT]]
    ) -> ResultT:
        """Send with the current headers; if refused, log in once and send again.

        Sending twice is safe for all methods: a refused request was not carried out.
        Raises what ``send`` and ``login`` raise; AuthFailedError only if the login was
        refused, or if the request is refused right after it.
        """
        headers = self.headers
        if headers is not None and self._running is None:
            logins = self.logins
            try:
                return await send(headers)
            except AuthFailedError:
                await self._renew(logins)
        else:
            await self.login()
        return await send(self.headers or {})

    async def login(self) -> None:
        """Log in now, or join the login that is running."""
        if self._running is None:
            self._running = asyncio.create_task(self._log_in(), name="login")
        task = self._running
        self._waiting += 1
        try:
            # Do not await it directly: a cancelled request must not cancel the others'
            # login.
            await asyncio.wait([task])
        finally:
            self._waiting -= 1
            if not self._waiting:
                self._running = None
                task.cancel()
                # This also retrieves an exception that no caller is left to see.
                await asyncio.gather(task, return_exceptions=True)
        task.result()

    async def _renew(self, logins: int) -> None:
        """Log in unless a login ended since the number of logins was ``logins``."""
        if self.logins == logins:
            await self.login()
        elif self._refusal is not None:
            raise self._refusal.with_traceback(None)

    async def _log_in(self) -> None:
        try:
            self.headers = await self._login()
        except AuthFailedError as err:
            self._refusal = err
            self.logins += 1
            raise
        self._refusal = None
        self.logins += 1
