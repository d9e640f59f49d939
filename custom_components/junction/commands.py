"""Commands: shown at once, sent in order, and confirmed."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import fields, is_dataclass
from typing import Any

from .backends.base import BackendInfo
from .confirmation import Confirmation, Host, over
from .const import LOGGER
from .errors import BackendError, UnreachableError
from .model import UNAVAILABLE, CoverState, Point, PointKey, merge, needs_nothing
from .pending import Movement, Pending, Setting

type Send = Callable[[], Awaitable[None]]


class NotConfirmedError(BackendError):
    """The backend accepted a command, but the device did not respond to it."""

    key = "not_confirmed"


class CommandRunner:
    """Runs the commands of one config entry.

    Commands to one device are sent in the order given. A command that a later one
    fully covers, while it still waits for its turn, is not sent at all.
    """

    def __init__(self, host: Host, info: BackendInfo) -> None:
        """Serve a host, as patiently as its backend says."""
        self._host = host
        self._info = info
        self._confirmation = Confirmation(host, info)
        self._locks: dict[str, asyncio.Lock] = {}
        self._closed = False
        self.pending: dict[PointKey, Pending] = {}

    def close(self) -> None:
        """Let nobody wait any longer; what was not sent yet fails."""
        self._closed = True
        for pending in self.pending.values():
            pending.dropped = True
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
        if reacts_within is not None:
            # What is there already needs but a look, as with a value that is set.
            await self._now(
                pending, send, self._confirmation.looks_within(reacts_within)
            )
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
            so_already = await self._send_once(pending, send)
        except BaseException:
            self._end(pending)
            raise
        if so_already:
            self._end(pending)
        elif not pending.done:
            self._host.async_start(self._look_after(pending, seconds), "command")

    async def _look_after(self, pending: Pending, seconds: float) -> None:
        responded = False
        try:
            # What it says on its way does not count yet.
            responded = await over(pending, seconds) or await self._confirmation.wait(
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
            if await self._confirmation.wait(
                pending, (0.0, *looks) if so_already else looks
            ):
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
        return pending.asks_nothing

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


def _covers(later: object, earlier: object) -> bool:
    if is_dataclass(earlier) and type(later) is type(earlier):
        return all(
            getattr(later, item.name) is not None
            for item in fields(earlier)
            if getattr(earlier, item.name) is not None
        )
    return True
