"""Confirmation of commands, by push or by reading."""

import asyncio
from collections.abc import Coroutine, Iterable, Iterator
from typing import Any, Final, Protocol

from .backends.base import BackendInfo
from .const import LOGGER
from .errors import BackendError
from .model import PointKey
from .pending import Pending

LONGEST_MOVE: Final = 30.0
"""Seconds after which a value that still changes counts as confirmed."""


class Host(Protocol):
    """The part of the coordinator that commands use."""

    states: dict[PointKey, object]

    async def async_read(self, key: PointKey) -> None:
        """Read a point and take over its state. Raises BackendError."""

    def async_wake(self, keys: Iterable[PointKey]) -> None:
        """Write the states of these points."""

    def async_start(
        self, run: Coroutine[Any, Any, None], what: str
    ) -> asyncio.Task[None]:
        """Start a background task of the entry."""

    def refresh(self) -> None:
        """Fetch everything soon."""

    def is_live(self, key: PointKey) -> bool:
        """Return whether every change of a point is pushed at present."""


class Confirmation:
    """Wait for devices to confirm commands, with the timings of their backend."""

    def __init__(self, host: Host, info: BackendInfo) -> None:
        """Store the host and the backend's timings."""
        self._host = host
        self._info = info

    async def wait(self, pending: Pending, looks: tuple[float, ...]) -> bool:
        """Return whether the device responded, after waiting for it.

        ``looks`` are the waiting times in seconds, after each of which the point is
        read unless a push confirmed it before. If the device goes to another value than
        expected, wait until it stays there. Raises the BackendError of the last read if
        that failed.
        """
        problem: BackendError | None = None
        waits = iter(looks)
        clock = asyncio.get_running_loop().time
        until: float | None = None
        while (delay := self._next_wait(pending, waits)) is not None:
            moved = pending.moved
            if moved is not None:
                until = until or clock() + LONGEST_MOVE
                if clock() >= until:
                    return self._responded(pending)
            if not await _news(pending, delay):
                if moved is not None and self._host.is_live(pending.point.key):
                    return self._responded(pending)
                problem = None
                try:
                    await self._host.async_read(pending.point.key)
                except BackendError as err:
                    problem = err
                else:
                    if moved is not None and moved == pending.moved:
                        return self._responded(pending)
            if pending.done:
                return not pending.dropped
        if problem is not None:
            raise problem
        return False

    def _next_wait(self, pending: Pending, waits: Iterator[float]) -> float | None:
        if pending.moved is not None:
            return self._info.settle_after
        return next(waits, None)

    def _responded(self, pending: Pending) -> bool:
        LOGGER.debug(
            "%s obeyed as well as it can: %s, asked for %s",
            pending.name,
            pending.moved,
            pending.expected,
        )
        return True

    def read_pauses(self, seconds: float) -> tuple[float, ...]:
        """Return the pauses (s) between reads for a movement that must show in ``seconds``."""
        looks: list[float] = []
        for wait in self._info.confirm_after:
            if sum(looks) + wait >= seconds:
                break
            looks.append(wait)
        return (*looks, seconds - sum(looks))


async def _news(pending: Pending, seconds: float) -> bool:
    """Return whether the device reported a change within so many seconds."""
    try:
        async with asyncio.timeout(seconds):
            await pending.news.wait()
    except TimeoutError:
        return False
    if not pending.done:
        pending.news.clear()
    return True


async def over(pending: Pending, seconds: float) -> bool:
    """Return whether the command is done after at most so many seconds."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while not pending.done and (left := end - loop.time()) > 0:
        await _news(pending, left)
    return pending.done
