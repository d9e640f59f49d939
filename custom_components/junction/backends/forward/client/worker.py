"""Send the telegrams of a meter to one server: in order, without loss.

While the server answers, nothing is written to disk. Telegrams that could not be sent
within ``SAVE_AFTER`` seconds are written in one batch, and so are all that follow until
the server has caught up. A killed process loses at most the last ``SAVE_AFTER``
seconds, an orderly shutdown nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable
import logging
from random import Random
from typing import Any, Final

from ....errors import AuthFailedError, BackendError, RateLimitedError
from ...http import Clock, ServerError
from .backlog import Backlog, whole
from .delivery import Delivery, Server
from .errors import ApiDisabledError, InvalidDataError, TelegramRefusedError
from .health import Health, Limits
from .pace import Pace
from .queue import DISK_ERRORS, DiskQueue, Item

_LOGGER: Final = logging.getLogger(__name__)


SAVE_AFTER: Final = 30.0
"""Seconds that a telegram is kept in memory only."""

RETRY_DELAYS: Final = (5.0, 10.0, 30.0, 60.0, 120.0, 300.0)
PROBE: Final = 10.0
"""Seconds between two checks whether the server answers again."""
# Seconds; the user has to change a setting first.
PAUSE: Final = 300.0
# Attempts for a telegram on which the server fails, for example because it lacks a
# register.
POISON: Final = 3
_POISON_DELAY: Final = 2.0

_JITTER: Final = 0.1
# Successful telegrams after which earlier refusals are no longer reported.
_FORGIVEN: Final = 20


class Forwarder:
    """One target with its own queue. ``run`` sends until it is cancelled.

    ``work`` runs a blocking call of the queue in an executor; ``on_change`` is called
    in the event loop whenever ``health`` changed.
    """

    def __init__(
        self,
        target: str,
        server: Server,
        queue: DiskQueue,
        limits: Limits,
        *,
        work: Callable[..., Awaitable[Any]],
        on_change: Callable[[], None] = lambda: None,
        clock: Clock | None = None,
        random: Random | None = None,
    ) -> None:
        """Initialize; nothing is sent or read yet."""
        self.target = target
        self.health = Health()
        self._server = server
        self._queue = queue
        self._limits = limits
        self._work = work
        self._on_change = on_change
        self._clock = clock or Clock()
        self._random = random or Random()  # noqa: S311 - spreads retries
        self._backlog = Backlog(
            target,
            queue,
            limits,
            self.health,
            work=work,
            on_change=self._notify,
            clock=self._clock,
        )
        self._next_due = -1e9
        self._failures = 0
        self._poison = 0
        self._streak = _FORGIVEN
        self._delivery = Delivery(server)
        self._pace = Pace()

    async def open(self) -> None:
        """Load the counters and the size of the queue. Call it before ``run``."""
        try:
            await self._load()
        except DISK_ERRORS as err:
            if not await self._work(self._queue.recover, err):
                raise
            await self._load()

    async def _load(self) -> None:
        counted = await self._work(self._queue.counters, self.target)
        health = self.health
        health.forwarded = int(counted.get("forwarded", 0))
        health.refused = int(counted.get("refused", 0))
        health.dropped = int(counted.get("dropped", 0))
        health.last_success = counted.get("last_success")
        await self._backlog.measure()

    def due(self, now: float) -> bool:
        """Return whether a telegram is due at ``now`` (monotonic); if so, it counts as sent.

        Registers are absolute, so skipped telegrams lose nothing.
        """
        if now < self._next_due:
            return False
        # A telegram may arrive slightly early, and waiting for the next would lose an
        # interval.
        self._next_due = now + self._limits.interval - 0.5
        return True

    def offer(self, item: Item) -> None:
        """Queue an item; does not block."""
        self._backlog.add(item)
        self._pace.offered += 1
        # An item that is sent at once is not reported as waiting: the sensor is written
        # rarely and would otherwise never show an empty queue.
        if len(self._backlog) > 1 or self.health.error is not None:
            self._notify()

    async def run(self) -> None:
        """Send forever. May be started again after an unexpected error."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._sending())
            group.create_task(self._saving())

    def fail(self, error: BackendError) -> None:
        """Report an error until an item is sent."""
        self.health.error = error
        self.health.heard = True
        self._notify()

    async def close(self) -> None:
        """Save unsent items, if the disk works. Call it after ``run`` was cancelled."""
        try:
            await self._write_down()
        except DISK_ERRORS as err:
            self._backlog.disk_fails(err)

    async def _write_down(self) -> None:
        await self._backlog.save()
        health = self.health
        counters = {
            "forwarded": float(health.forwarded),
            "refused": float(health.refused),
            "dropped": float(health.dropped),
        }
        if health.last_success is not None:
            counters["last_success"] = health.last_success
        await self._work(self._queue.count, self.target, counters)

    async def _saving(self) -> None:
        while True:
            await self._clock.sleep(SAVE_AFTER / 2)
            if self._backlog.unsaved_for >= SAVE_AFTER / 2:
                try:
                    await self._backlog.save()
                except DISK_ERRORS as err:
                    await self._mend(err)
                else:
                    self._backlog.disk_works()

    async def _mend(self, err: Exception) -> float:
        """Replace a damaged file; return the seconds until it can be used again."""
        try:
            if await self._work(self._queue.recover, err):
                await self._backlog.measure()
                return 1.0
        except DISK_ERRORS as again:
            err = again
        self._backlog.disk_fails(err)
        return SAVE_AFTER

    def _notify(self) -> None:
        health = self.health
        health.queued = len(self._backlog)
        oldest = self._backlog.oldest
        now = self._clock.utcnow().timestamp()
        health.delay = 0.0 if oldest is None else max(0.0, now - oldest)
        health.slow = self._pace.is_slow(self._clock.monotonic(), health.delay)
        self._on_change()

    # Sending.

    async def _sending(self) -> None:
        while True:
            try:
                wait = await self._send_next()
            except DISK_ERRORS as err:
                # Items on disk come first; continue when they can be read and deleted.
                wait = await self._mend(err)
            if wait:
                await self._wait(wait)

    async def _wait(self, wait: float) -> None:
        """Wait so many seconds, or until the server answers again."""
        end = self._clock.monotonic() + wait
        while (left := end - self._clock.monotonic()) > 0:
            await self._clock.sleep(min(left, PROBE))
            if left <= PROBE:
                return
            if isinstance(self.health.error, RateLimitedError):
                continue
            try:
                await self._server.version()
            except BackendError:
                continue
            return

    async def _send_next(self) -> float:
        """Send the oldest item, waiting for one; return the seconds to wait afterwards."""
        item = await self._backlog.next()
        catching_up = item.row is not None
        begin = self._clock.monotonic()
        wait = await self._deliver(item)
        if wait or not catching_up:
            return wait
        # The time that the server took counts towards the pause.
        return max(0.0, 1 / self._limits.rate - (self._clock.monotonic() - begin))

    async def _deliver(self, item: Item) -> float:
        """Send one item; return the seconds to wait before the next attempt."""
        try:
            await self._delivery.send(item)
        except (TelegramRefusedError, InvalidDataError) as err:
            await self._refuse(item, err)
            return 0.0
        except (AuthFailedError, ApiDisabledError) as err:
            return self._fail(err, PAUSE)
        except RateLimitedError as err:
            return self._fail(err, err.retry_after or RETRY_DELAYS[0])
        except ServerError as err:
            self._delivery.fail(item, err)
            return await self._judge(item, err)
        except BackendError as err:
            self._delivery.fail(item, err)
            return self._fail(err)
        self._pace.sent += 1
        health = self.health
        health.forwarded += 1
        health.last_success = self._clock.utcnow().timestamp()
        self._streak += 1
        if self._streak == _FORGIVEN:
            health.refusal = None
        await self._done(item)
        return 0.0

    async def _judge(self, item: Item, err: ServerError) -> float:
        """Distinguish a failing server from an item that makes it fail."""
        if err.status != 500:
            return self._fail(err)
        try:
            await self._server.version()
        except BackendError:
            self._poison = 0
            return self._fail(err)
        self._poison += 1
        if self._poison < POISON:
            return _POISON_DELAY
        await self._refuse(item, err)
        return 0.0

    async def _refuse(self, item: Item, err: BackendError) -> None:
        """Set aside an item that the server refuses for good, so that it blocks nothing."""
        _LOGGER.debug("A telegram was refused: %s", err)
        self.health.refused += 1
        self.health.refusal = err
        self._streak = 0
        try:
            await self._work(self._queue.keep_refused, self.target, item, str(err))
        except DISK_ERRORS as disk:
            self._backlog.disk_fails(disk)
        await self._done(item)

    @whole
    async def _done(self, item: Item) -> None:
        self._failures = self._poison = 0
        self.health.error = None
        self.health.heard = True
        await self._backlog.remove(item)
        self._notify()

    def _fail(self, err: BackendError, wait: float | None = None) -> float:
        if wait is None:
            wait = RETRY_DELAYS[min(self._failures, len(RETRY_DELAYS) - 1)]
        self._failures += 1
        if self.health.error is None:
            _LOGGER.info("Forwarding waits: %s", err)
        self.health.error = err
        self.health.heard = True
        self._notify()
        return wait * (1 + _JITTER * self._random.random())
