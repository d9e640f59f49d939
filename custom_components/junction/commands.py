"""Commands: shown at once, sent in order, and believed only when confirmed."""

import asyncio
from collections.abc import (
    AsyncGenerator,
    Awaitable,
    Callable,
    Coroutine,
    Iterable,
    Iterator,
)
from contextlib import asynccontextmanager
from dataclasses import fields, is_dataclass
from typing import Any, Final, Protocol

from .backends.base import BackendInfo
from .const import LOGGER
from .errors import BackendError, UnreachableError
from .model import UNAVAILABLE, CoverState, Point, PointKey, merge, needs_nothing
from .pending import Movement, Pending, Setting

LONGEST_MOVE: Final = 30.0
"""Seconds: a value that still changes after that long is on a way that nobody waits for."""

type Send = Callable[[], Awaitable[None]]


class NotConfirmedError(BackendError):
    """The backend accepted a command, but the device did not respond to it."""

    key = "not_confirmed"


class Host(Protocol):
    """What commands need of the coordinator."""

    states: dict[PointKey, object]

    async def async_read(self, key: PointKey) -> None:
        """Read a point again and take its state over. Raises BackendError."""

    def async_wake(self, keys: Iterable[PointKey]) -> None:
        """Let these points be written again."""

    def async_start(
        self, run: Coroutine[Any, Any, None], what: str
    ) -> asyncio.Task[None]:
        """Start a background task of the entry."""

    def refresh(self) -> None:
        """Fetch everything soon."""

    def is_live(self, key: PointKey) -> bool:
        """Return whether every change of a point is pushed at present."""


class CommandRunner:
    """Run the commands of one entry.

    Commands to one device are sent in the order given. A command that a later one
    fully covers, while it still waits for its turn, is not sent at all.
    """

    def __init__(self, host: Host, info: BackendInfo) -> None:
        """Serve a host, as patiently as its backend says."""
        self._host = host
        self._info = info
        self._locks: dict[str, asyncio.Lock] = {}
        self._closed = False
        self.pending: dict[PointKey, Pending] = {}

    def close(self) -> None:
        """Let nobody wait any longer; what was not sent yet fails."""
        self._closed = True
        for pending in self.pending.values():
            pending.finish()

    def settle(self, key: PointKey, state: object) -> object:
        """Return what to show for a state that the backend reports."""
        if (pending := self.pending.get(key)) is None:
            return state
        shown = pending.take(state)
        if pending.done:
            del self.pending[key]
        return shown

    async def accept(self, point: Point[Any], send: Send) -> None:
        """Send a command of which the backend's acceptance is all that is known."""
        async with self._turn(point.device):
            await send()

    async def set(
        self,
        point: Point[Any],
        send: Send,
        expected: object,
        *,
        name: str,
        takes: float = 0.0,
    ) -> None:
        """Set a value and return when the device has it, or the nearest that it can do.

        What ``takes`` some seconds (a lamp that fades) is not waited for, but looked
        after: the log tells of a device that did not respond. Raises BackendError,
        NotConfirmedError if the device did not respond; what is shown is then what it
        last said.
        """
        current = self._host.states.get(point.key, UNAVAILABLE)
        actual, contested = self._replace(point.key, current)
        pending = Setting(
            point=point,
            name=name,
            expected=expected,
            before=actual,
            actual=actual,
            shown=merge(current, expected),
            contested=contested,
        )
        self.pending[point.key] = pending
        self._show(pending, pending.shown)
        if takes:
            await self._later(pending, send, takes + sum(self._info.confirm_after))
        else:
            await self._now(pending, send, self._info.confirm_after)

    async def move(
        self,
        point: Point[Any],
        send: Send,
        expected: CoverState,
        *,
        name: str,
        reacts_within: float | None,
        arrives_within: float | None,
    ) -> None:
        """Set something in motion and return when it is seen to move.

        Where the backend tells of a movement only at its end nobody waits for it: the
        log tells then of what never moved. Where it never tells, its acceptance is all.
        """
        patience = reacts_within or arrives_within
        current = self._host.states.get(point.key, UNAVAILABLE)
        if patience is None or needs_nothing(expected, current):
            await self.accept(point, send)
            return
        actual, contested = self._replace(point.key, current)
        pending = Movement(
            point=point,
            name=name,
            expected=expected,
            before=actual,
            actual=actual,
            shown=actual,
            contested=contested,
        )
        self.pending[point.key] = pending
        if pending.holds:
            # There already, and nothing will be seen to move.
            try:
                await self.accept(point, send)
            finally:
                self._end(pending)
        elif reacts_within is not None:
            await self._now(pending, send, _within(self._info, reacts_within))
        else:
            await self._later(pending, send, patience)

    # How a command is sent, and followed.

    async def _now(
        self, pending: Pending, send: Send, looks: tuple[float, ...]
    ) -> None:
        """Send a command and wait for what comes of it."""
        try:
            await self._send(pending, send, looks)
        except asyncio.CancelledError, UnreachableError:
            if pending.sent:
                # It may have arrived all the same.
                self._host.refresh()
            raise
        finally:
            self._end(pending)

    async def _later(self, pending: Pending, send: Send, seconds: float) -> None:
        """Send a command, and look in the background what comes of it."""
        try:
            await self._send_once(pending, send)
        except BaseException:
            self._end(pending)
            raise
        if not pending.done:
            self._host.async_start(self._look_after(pending, seconds), "command")

    async def _look_after(self, pending: Pending, seconds: float) -> None:
        responded = False
        try:
            # What it says on its way does not count yet.
            responded = await _over(pending, seconds) or await self._confirmed(
                pending, (0.0,)
            )
        except BackendError:
            # Its loss is told elsewhere.
            responded = True
        finally:
            self._end(pending)
        if not responded and not self._closed:
            LOGGER.warning("%s did not respond to the command", pending.name)

    async def _send(
        self, pending: Pending, send: Send, looks: tuple[float, ...]
    ) -> None:
        for _attempt in range(1 + self._info.resends):
            so_already = await self._send_once(pending, send)
            if so_already and self._host.is_live(pending.point.key):
                return
            if pending.done and not self._closed:
                return
            # What was so already needs but a look.
            if await self._confirmed(pending, (0.0, *looks) if so_already else looks):
                return
        raise NotConfirmedError

    async def _send_once(self, pending: Pending, send: Send) -> bool:
        """Send a command when it is its turn.

        Returns whether it changed nothing, as far as it is known.
        """
        async with self._turn(pending.point.device):
            if self._superseded(pending) or (pending.sent and pending.done):
                pending.finish()
                return False
            pending.sent = True
            await send()
        return pending.holds and not pending.contested

    @asynccontextmanager
    async def _turn(self, device: str) -> AsyncGenerator[None]:
        async with self._locks.setdefault(device, asyncio.Lock()):
            if self._closed:
                raise UnreachableError("unloaded")
            yield

    def _superseded(self, pending: Pending) -> bool:
        """Return whether a later command says everything that this one says."""
        later = self.pending.get(pending.point.key)
        return (
            later is not None
            and later is not pending
            and _covers(later.expected, pending.expected)
        )

    async def _confirmed(self, pending: Pending, looks: tuple[float, ...]) -> bool:
        """Wait until the device has responded, and return whether it has.

        A push may confirm; when none comes it is looked for after each of the times.
        A device that went elsewhere is waited for until it stays there.
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
                    return self._obeyed(pending)
            if not await _news(pending, delay):
                if moved is not None and self._host.is_live(pending.point.key):
                    return self._obeyed(pending)
                problem = None
                try:
                    await self._host.async_read(pending.point.key)
                except BackendError as err:
                    problem = err
                else:
                    if moved is not None and moved == pending.moved:
                        return self._obeyed(pending)
            if pending.done:
                return not self._closed
        if problem is not None:
            raise problem
        return False

    def _next_wait(self, pending: Pending, waits: Iterator[float]) -> float | None:
        if pending.moved is not None:
            return self._info.settle_after
        return next(waits, None)

    def _obeyed(self, pending: Pending) -> bool:
        LOGGER.debug(
            "%s obeyed as well as it can: %s, asked for %s",
            pending.name,
            pending.moved,
            pending.expected,
        )
        return True

    # What is shown.

    def _replace(self, key: PointKey, current: object) -> tuple[object, bool]:
        """End an earlier command to a point.

        Returns what the device said last, and whether there was such a command.
        """
        if (earlier := self.pending.get(key)) is None:
            return current, False
        earlier.finish()
        return earlier.actual, True

    def _end(self, pending: Pending) -> None:
        """Stop holding a state back; show what is true if it was not confirmed."""
        if self.pending.get(pending.point.key) is pending:
            del self.pending[pending.point.key]
            self._show(pending, pending.actual)

    def _show(self, pending: Pending, state: object) -> None:
        key = pending.point.key
        if self._host.states.get(key, UNAVAILABLE) != state:
            self._host.states[key] = state
            self._host.async_wake((key,))


async def _news(pending: Pending, seconds: float) -> bool:
    """Return whether the device said something new within so many seconds."""
    try:
        async with asyncio.timeout(seconds):
            await pending.news.wait()
    except TimeoutError:
        return False
    if not pending.done:
        pending.news.clear()
    return True


async def _over(pending: Pending, seconds: float) -> bool:
    """Return whether there is nothing more to wait for after so many seconds."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while not pending.done and (left := end - loop.time()) > 0:
        await _news(pending, left)
    return pending.done


def _within(info: BackendInfo, seconds: float) -> tuple[float, ...]:
    """Return when to look for a movement that must be seen within so many seconds."""
    looks: list[float] = []
    for wait in info.confirm_after:
        if sum(looks) + wait >= seconds:
            break
        looks.append(wait)
    return (*looks, seconds - sum(looks))


def _covers(later: object, earlier: object) -> bool:
    if is_dataclass(earlier) and type(later) is type(earlier):
        return all(
            getattr(later, item.name) is not None
            for item in fields(earlier)
            if getattr(earlier, item.name) is not None
        )
    return True
