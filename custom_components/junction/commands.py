"""Commands: shown at once, sent in order, and believed only when confirmed."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, Protocol

from .errors import BackendError, UnreachableError
from .model import UNAVAILABLE, Point, PointKey, agrees, merge


class NotConfirmedError(BackendError):
    """The backend accepted a command, but nothing changed."""

    key = "not_confirmed"


class Host(Protocol):
    """What commands need of the coordinator."""

    states: dict[PointKey, object]

    async def async_read(self, key: PointKey) -> None:
        """Read a point again and take its state over. Raises BackendError."""

    def async_wake(self, keys: Iterable[PointKey]) -> None:
        """Let these points be written again."""

    def refresh(self) -> None:
        """Fetch everything soon."""


@dataclass(slots=True)
class _Pending:
    """A command on its way: what it should lead to, and what is shown meanwhile.

    ``done`` is set when there is nothing to wait for any more: it was confirmed, a
    later command to the same point counts instead, or the entry is being unloaded.
    """

    point: Point[Any]
    expected: object
    shown: object
    actual: object
    sent: bool = False
    done: asyncio.Event = field(default_factory=asyncio.Event)


class CommandRunner:
    """Run the commands of one entry.

    Commands to one device are sent in the order given. A command that a later one
    fully covers, while it still waits for its turn, is not sent at all.
    """

    def __init__(
        self, host: Host, *, confirm_after: tuple[float, ...], resends: int
    ) -> None:
        """Serve a host; the times are those of ``BackendInfo``."""
        self._host = host
        self._confirm_after = confirm_after
        self._resends = resends
        self._locks: dict[str, asyncio.Lock] = {}
        self._closed = False
        self.pending: dict[PointKey, _Pending] = {}

    def close(self) -> None:
        """Let nobody wait any longer; what was not sent yet fails."""
        self._closed = True
        for pending in self.pending.values():
            pending.done.set()

    def settle(self, key: PointKey, state: object) -> object:
        """Return what to show for a state that the backend reports.

        While a command waits for its confirmation, reports that contradict it are
        kept back: most are answers from before the command. One from before it was
        even sent confirms nothing.
        """
        if (pending := self.pending.get(key)) is None:
            return state
        pending.actual = state
        tolerance = pending.point.tolerance
        if not (pending.sent and agrees(pending.expected, state, tolerance)):
            return pending.shown
        del self.pending[key]
        pending.done.set()
        return state

    async def run[StateT](
        self,
        point: Point[StateT],
        send: Callable[[], Awaitable[None]],
        expected: StateT | None,
    ) -> None:
        """Send a command and return when it is confirmed.

        Without an expected state it is enough that the backend accepted it. Raises
        BackendError, NotConfirmedError if nothing came of it; what is shown is then
        what the backend last said.
        """
        if expected is None:
            async with self._turn(point.device):
                await send()
            return
        pending = self._begin(point, expected)
        try:
            await self._send(pending, send)
        except asyncio.CancelledError, UnreachableError:
            if pending.sent:
                # It may have arrived all the same.
                self._host.refresh()
            raise
        finally:
            self._end(pending)

    @asynccontextmanager
    async def _turn(self, device: str) -> AsyncGenerator[None]:
        async with self._locks.setdefault(device, asyncio.Lock()):
            if self._closed:
                raise UnreachableError("unloaded")
            yield

    def _begin(self, point: Point[Any], expected: object) -> _Pending:
        current = self._host.states.get(point.key, UNAVAILABLE)
        actual = current
        if (earlier := self.pending.get(point.key)) is not None:
            actual = earlier.actual
            earlier.done.set()
        pending = _Pending(
            point=point,
            expected=expected,
            shown=merge(current, expected),
            actual=actual,
        )
        self.pending[point.key] = pending
        self._show(pending, pending.shown)
        return pending

    async def _send(
        self, pending: _Pending, send: Callable[[], Awaitable[None]]
    ) -> None:
        point = pending.point
        for attempt in range(1 + self._resends):
            async with self._turn(point.device):
                if self._superseded(pending) or (attempt and pending.done.is_set()):
                    return
                pending.sent = True
                await send()
            if await self._confirmed(pending):
                return
        raise NotConfirmedError(point.name or point.key[1])

    def _superseded(self, pending: _Pending) -> bool:
        """Return whether a later command says everything that this one says."""
        later = self.pending.get(pending.point.key)
        return (
            later is not None
            and later is not pending
            and _covers(later.expected, pending.expected)
        )

    async def _confirmed(self, pending: _Pending) -> bool:
        """Wait for a push that confirms, and look for oneself when none comes."""
        problem: BackendError | None = None
        for delay in self._confirm_after:
            try:
                async with asyncio.timeout(delay):
                    await pending.done.wait()
            except TimeoutError:
                problem = None
                try:
                    await self._host.async_read(pending.point.key)
                except BackendError as err:
                    problem = err
            if pending.done.is_set():
                return not self._closed
        if problem is not None:
            raise problem
        return False

    def _end(self, pending: _Pending) -> None:
        """Stop holding a state back; show what is true if it was not confirmed."""
        if self.pending.get(pending.point.key) is pending:
            del self.pending[pending.point.key]
            self._show(pending, pending.actual)

    def _show(self, pending: _Pending, state: object) -> None:
        key = pending.point.key
        if self._host.states.get(key, UNAVAILABLE) != state:
            self._host.states[key] = state
            self._host.async_wake((key,))


def _covers(later: object, earlier: object) -> bool:
    if is_dataclass(earlier) and type(later) is type(earlier):
        return all(
            getattr(later, item.name) is not None
            for item in fields(earlier)
            if getattr(earlier, item.name) is not None
        )
    return True
