"""Send commands in order, show them at once, and confirm them."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import fields, is_dataclass
from typing import Any

from .backends.base import BackendInfo
from .confirmation import Confirmation, Host, over
from .const import LOGGER
from .errors import BackendError, UnloadedError, UnreachableError
from .model import UNAVAILABLE, CoverState, Point, PointKey, merge, needs_nothing
from .pending import Movement, Pending, Setting

type Send = Callable[[], Awaitable[None]]


class NotConfirmedError(BackendError):
    """The backend accepted a command, but the device did not respond to it."""

    key = "not_confirmed"


class CommandRunner:
    """Command runner of one config entry.

    Commands to one device are sent in the order given. A waiting command that a later
    one fully covers is not sent.
    """

    def __init__(self, host: Host, info: BackendInfo) -> None:
        """Store the host and the backend's timings."""
        self._host = host
        self._info = info
        self._confirmation = Confirmation(host, info)
        self._locks: dict[str, asyncio.Lock] = {}
        self._closed = False
        self.pending: dict[PointKey, Pending] = {}

    def close(self) -> None:
        """Release all waiting callers. Commands that were not sent yet raise UnreachableError."""
        self._closed = True
        for pending in self.pending.values():
            pending.dropped = True
            pending.finish()

    def shown_state(self, key: PointKey, state: object) -> object:
        """Return the state to show for a state that the backend reports."""
        if (pending := self.pending.get(key)) is None:
            return state
        shown = pending.take(state)
        if pending.done:
            del self.pending[key]
        return shown

    async def accept(self, point: Point[Any], send: Send) -> None:
        """Send a command that is done once the backend accepts it. Raises BackendError."""
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
        """Set a value and return when the device reports it, or the nearest supported one.

        ``takes`` is the time in seconds that the device needs on purpose, such as a
        fade. If it is given, the command is checked in the background, and a device
        that does not respond is logged. Raises BackendError, or NotConfirmedError if
        the device does not respond; the entity then shows the last reported state.
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
        """Start a movement and return when the device reports that it moves.

        If the backend reports a movement only at its end (``arrives_within``, seconds),
        the movement is checked in the background, and a device that never moved is
        logged. If both times are None, the command is done once accepted. Raises
        BackendError, or NotConfirmedError if nothing moves within ``reacts_within``
        seconds.
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
            # If the target is reached already, one read is enough.
            await self._now(
                pending, send, self._confirmation.read_pauses(reacts_within)
            )
        else:
            await self._later(pending, send, patience)

    # Sending and confirming.

    async def _now(
        self, pending: Pending, send: Send, looks: tuple[float, ...]
    ) -> None:
        """Send a command and wait for its confirmation."""
        try:
            await self._send(pending, send, looks)
        except asyncio.CancelledError, UnreachableError:
            if pending.sent:
                # The command may have arrived, so read the actual state.
                self._host.refresh()
            raise
        finally:
            self._end(pending)

    async def _later(self, pending: Pending, send: Send, seconds: float) -> None:
        """Send a command and confirm it in the background."""
        try:
            so_already = await self._send_once(pending, send)
        except BaseException:
            self._end(pending)
            raise
        if so_already:
            self._end(pending)
        elif not pending.done:
            self._host.async_start(self._watch_response(pending, seconds), "command")

    async def _watch_response(self, pending: Pending, seconds: float) -> None:
        responded = False
        try:
            # States reported during the change do not count yet.
            responded = await over(pending, seconds) or await self._confirmation.wait(
                pending, (0.0,)
            )
        except BackendError:
            # The coordinator reports a lost connection.
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
            # If the state was correct before the command, one immediate read can
            # confirm it.
            if await self._confirmation.wait(
                pending, (0.0, *looks) if so_already else looks
            ):
                return
        raise NotConfirmedError

    async def _send_once(self, pending: Pending, send: Send) -> bool:
        """Send a command when it is its turn.

        Returns True if the device was in the expected state already, as far as known.
        """
        async with self._turn(pending.point.device):
            if self._is_superseded(pending) or (pending.sent and pending.done):
                pending.finish()
                return False
            pending.sent = True
            await send()
        return pending.already_matched

    @asynccontextmanager
    async def _turn(self, device: str) -> AsyncGenerator[None]:
        async with self._locks.setdefault(device, asyncio.Lock()):
            if self._closed:
                raise UnloadedError
            yield

    def _is_superseded(self, pending: Pending) -> bool:
        """Return whether a later command sets everything that this one sets."""
        later = self.pending.get(pending.point.key)
        return (
            later is not None
            and later is not pending
            and _covers(later.expected, pending.expected)
        )

    # Shown states.

    def _replace(self, key: PointKey, current: object) -> tuple[object, bool]:
        """End an earlier command to a point.

        Returns the last reported state, and whether there was such a command.
        """
        if (earlier := self.pending.get(key)) is None:
            return current, False
        earlier.finish()
        return earlier.actual, True

    def _end(self, pending: Pending) -> None:
        """Stop withholding reports; show the actual state if the command was not confirmed."""
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
