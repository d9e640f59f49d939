"""Share one login among many requests."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Self

from ...errors import AuthFailedError


class Authenticator:
    """Keeps the headers that a login gave, and renews them when they are refused.

    ``login`` makes the requests of a login (themselves without this authenticator: it
    would wait for itself) and returns the headers of what follows; it raises
    AuthFailedError when the credentials are refused. ``headers`` may come from an
    earlier login that was stored; None means that there was none.

    However many requests are refused at once, one login runs; and when that one is
    refused, none of them tries again, for locked accounts help nobody.
    """

    def __init__(
        self,
        login: Callable[[], Awaitable[Mapping[str, str]]],
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Log in on first need; do nothing now."""
        self._login = login
        self._running: asyncio.Task[None] | None = None
        self._waiting = 0
        self._refusal: AuthFailedError | None = None
        self.headers = headers
        self.logins = 0
        """Logins that were accepted or refused, for diagnostics and tests."""

    @classmethod
    def fixed(cls, headers: Mapping[str, str]) -> Self:
        """Keep a key that nothing renews; a refusal is believed the second time.

        Servers that start, and proxies in front of them, refuse what is good.
        """

        async def same() -> Mapping[str, str]:
            return headers

        return cls(same, headers)

    async def run[ResultT](
        self, send: Callable[[Mapping[str, str]], Awaitable[ResultT]]
    ) -> ResultT:
        """Send with the current headers; when refused, log in once and send again.

        Sending twice is safe whatever the method: a refused request was not carried
        out. Raises what ``send`` and ``login`` raise; AuthFailedError only when the
        login was refused, or right after it was accepted.
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
            # Not awaited itself: a cancelled request must not cancel the others' login.
            await asyncio.wait([task])
        finally:
            self._waiting -= 1
            if not self._waiting:
                self._running = None
                task.cancel()
                # Also takes note of an exception that nobody is left to see.
                await asyncio.gather(task, return_exceptions=True)
        task.result()

    async def _renew(self, logins: int) -> None:
        """Make sure that a login ended after the moment when there were ``logins``."""
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
