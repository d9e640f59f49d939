"""Backlog of one server: the newest items in memory, the rest on disk, in one order."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from functools import wraps
import logging
from typing import Any, Final

from ...http import Clock
from .health import Health, Limits
from .queue import DiskQueue, Item

_LOGGER: Final = logging.getLogger(__name__)

_BATCH: Final = 50


def whole[**P, ResultT](
    step: Callable[P, Coroutine[Any, Any, ResultT]],
) -> Callable[P, Coroutine[Any, Any, ResultT]]:
    """Let a step finish even if its caller is cancelled.

    A thread that writes cannot be cancelled, and its result must be recorded.
    """

    @wraps(step)
    async def shielded(*args: P.args, **kwargs: P.kwargs) -> ResultT:
        return await asyncio.shield(step(*args, **kwargs))

    return shielded


class Backlog:
    """Items that wait for one target, the oldest first.

    ``work`` runs a blocking call of the queue in an executor; ``on_change`` is called
    when the number of items changes. Dropped items are counted in ``health``.
    """

    def __init__(
        self,
        target: str,
        queue: DiskQueue,
        limits: Limits,
        health: Health,
        *,
        work: Callable[..., Awaitable[Any]],
        on_change: Callable[[], None],
        clock: Clock,
    ) -> None:
        """Initialize; nothing is read yet."""
        self._target = target
        self._queue = queue
        self._limits = limits
        self._health = health
        self._work = work
        self._on_change = on_change
        self._clock = clock
        self._fresh: deque[Item] = deque()
        self._batch: deque[Item] = deque()
        self._sent: list[int] = []
        self._stored = 0
        self._oldest: float | None = None
        self._fresh_since = 0.0
        self._wake = asyncio.Event()
        self._lock = asyncio.Lock()
        self._disk_failed = False

    def __len__(self) -> int:
        """Return the number of waiting items."""
        return self._stored - len(self._sent) + len(self._fresh)

    @property
    def oldest(self) -> float | None:
        """Return when the oldest item was made (Unix time), None if nothing waits."""
        oldest = self._oldest if self._stored else None
        if oldest is None and self._fresh:
            oldest = self._fresh[0].at
        return oldest

    @property
    def unsaved_for(self) -> float:
        """Return for how many seconds items have been in memory only; 0 without any."""
        return self._clock.monotonic() - self._fresh_since if self._fresh else 0.0

    def add(self, item: Item) -> None:
        """Add an item at the end, in memory."""
        if not self._fresh:
            self._fresh_since = self._clock.monotonic()
        self._fresh.append(item)
        self._wake.set()

    async def measure(self) -> None:
        """Read the size of the queue on disk."""
        self._stored, self._oldest = await self._work(self._queue.size, self._target)
        self._on_change()

    @whole
    async def save(self) -> None:
        """Move the items in memory to the end of the queue on disk, and trim it."""
        async with self._lock:
            await self._confirm_sent()
            if self._fresh:
                items = list(self._fresh)
                await self._work(self._queue.add, self._target, items)
                for _ in items:
                    self._fresh.popleft()
                self._fresh_since = self._clock.monotonic()
                # The meter's clock too: that of this computer may be ahead at first.
                newest = max(item.at for item in items)
                now = min(self._clock.utcnow().timestamp(), newest)
                since = now - self._limits.days * 86400
                dropped = await self._work(
                    self._queue.trim, self._target, self._limits.size, since
                )
                if dropped:
                    self._health.dropped += dropped
                    # The loaded items may have been trimmed.
                    self._batch.clear()
                await self.measure()

    def disk_fails(self, err: Exception) -> None:
        """Keep items in memory, up to the limit, until the disk works again."""
        if not self._disk_failed:
            _LOGGER.warning("Telegrams that wait cannot be written to disk: %s", err)
        self._disk_failed = True
        room = max(1, self._limits.most - self._stored)
        while len(self._fresh) > room:
            # The first item may be in flight.
            del self._fresh[1]
            self._health.dropped += 1
        self._on_change()

    def disk_works(self) -> None:
        """Record that the disk works again."""
        if self._disk_failed:
            _LOGGER.info("Telegrams that wait are written to disk again")
        self._disk_failed = False

    async def next(self) -> Item:
        """Return the oldest item without removing it. Waits until there is one."""
        while (item := await self._first()) is None:
            await self._wake.wait()
        return item

    @whole
    async def _first(self) -> Item | None:
        async with self._lock:
            if not self._batch and self._stored:
                await self._confirm_sent()
                found = await self._load()
                self._batch.extend(found)
                if found:
                    self._oldest = found[0].at
            for items in (self._batch, self._fresh):
                if items:
                    return items[0]
            self._wake.clear()
            return None

    async def _load(self) -> list[Item]:
        """Return the oldest items on disk; damaged ones are removed."""
        while True:
            found: list[Item] = await self._work(
                self._queue.first, self._target, _BATCH
            )
            if len(found) >= min(_BATCH, self._stored):
                return found
            damaged = await self._work(self._queue.drop_damaged, self._target, _BATCH)
            self._health.dropped += damaged
            await self.measure()
            if found or not damaged:
                return found

    async def remove(self, item: Item) -> None:
        """Remove the oldest item after it was sent or refused. Call it within ``whole``."""
        async with self._lock:
            if item.row is None:
                self._fresh.popleft()
            else:
                self._sent.append(item.row)
                if self._batch and self._batch[0] is item:
                    self._batch.popleft()
                if self._batch:
                    self._oldest = self._batch[0].at
                else:
                    await self._confirm_sent()

    async def _confirm_sent(self) -> None:
        """Delete sent items from disk, once per batch. A killed process sends one batch twice."""
        if self._sent:
            await self._work(self._queue.remove, self._sent)
            # Only after deleting: otherwise an item that could not be deleted would be
            # sent again.
            self._sent = []
            await self.measure()
