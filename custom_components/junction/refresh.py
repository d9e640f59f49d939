"""Share one request among callers within a short time."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Coroutine
from typing import Any

from .errors import UnloadedError
from .model import PointKey

# Seconds: long enough for several callers to share one request, too short to notice.
REFRESH_GATHER = 0.5
READ_GATHER = 0.05

type Start = Callable[[Coroutine[Any, Any, None], str], asyncio.Task[None]]
"""Start a background task of the entry, with a name."""


class SharedRead:
    """Read single points, sharing requests."""

    def __init__(
        self, start: Start, read: Callable[[Collection[PointKey]], Awaitable[None]]
    ) -> None:
        """Store how to start a task, and how to read points and take them over."""
        self._start = start
        self._read = read
        self._wanted: set[PointKey] = set()
        self._task: asyncio.Task[None] | None = None
        self._lock = asyncio.Lock()

    async def run(self, key: PointKey) -> None:
        """Read a point, together with those of other callers.

        A running read may have started before the command, so only one that has not
        started yet can be shared. Raises BackendError.
        """
        self._wanted.add(key)
        if (task := self._task) is None:
            task = self._task = self._start(self._run_once(), "read")
            # All waiting callers may be cancelled, so mark the exception as retrieved.
            task.add_done_callback(lambda done: done.cancelled() or done.exception())
        await asyncio.wait([task])
        if task.cancelled():
            raise UnloadedError
        task.result()

    async def _run_once(self) -> None:
        await asyncio.sleep(READ_GATHER)
        async with self._lock:
            wanted, self._wanted = self._wanted, set()
            self._task = None
            await self._read(wanted)


class RequestedRefresh:
    """Fetch everything soon after a request."""

    def __init__(self, start: Start, fetch: Callable[[], Awaitable[None]]) -> None:
        """Store how to start a task, and how to fetch everything."""
        self._start = start
        self._fetch = fetch
        self._wanted = False
        self._closed = False
        self._task: asyncio.Task[None] | None = None

    def request(self) -> None:
        """Request a fetch soon. A fetch that already runs may be too early to count."""
        self._wanted = not self._closed
        if self._wanted and self._task is None:
            self._task = self._start(self._run(), "requested refresh")

    def begun(self) -> None:
        """Note that a fetch begins now; it serves all earlier requests."""
        self._wanted = False

    def close(self) -> None:
        """Stop fetching. A running fetch is cancelled."""
        # A cancelled fetch may still end with the error of a request that failed at the
        # same moment, so the task has to check by itself whether it is still wanted.
        self._closed, self._wanted = True, False
        if self._task is not None:
            self._task.cancel()

    async def _run(self) -> None:
        while self._wanted:
            await asyncio.sleep(REFRESH_GATHER)
            if self._wanted:
                await self._fetch()
        self._task = None
