"""Rounds of reading, of which the first is shown before it has ended."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final, Protocol

from ....errors import BackendError

FIRST_WAIT: Final = 8.0
"""Maximum seconds to wait for the first round, if there is anything to show."""
SHOW_AFTER: Final = 5.0
"""Seconds between two updates with the data read so far."""

type Start = Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]]


class Show(Protocol):
    """Receiver of the data."""

    def push(self) -> None:
        """Show the known data."""

    def lost(self, error: BackendError) -> None:
        """Show that nothing could be read."""


class Rounds:
    """Read in rounds, one at a time.

    ``start`` starts a background task, ``read`` reads everything that is due, and
    ``fall_back`` returns whether there is anything to show before that.
    """

    def __init__(
        self,
        start: Start,
        read: Callable[[], Awaitable[None]],
        fall_back: Callable[[], bool],
        show: Show,
    ) -> None:
        """Initialize; nothing is read yet."""
        self._start = start
        self._read = read
        self._fall_back = fall_back
        self._show = show
        self._first = True
        self._round: asyncio.Task[None] | None = None
        self._catching_up: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Wait for a round to end, for the first one at most ``FIRST_WAIT`` seconds.

        Later data is shown as it arrives. Raises BackendError.
        """
        if self._round is None or self._round.done():
            self._round = self._start(self._run())
        first, self._first = self._first, False
        await asyncio.wait([self._round], timeout=FIRST_WAIT if first else None)
        if not self._round.done() and self._fall_back():
            self._catching_up = self._start(self._catch_up(self._round))
        else:
            await self._round

    async def _run(self) -> None:
        await self._read()

    async def _catch_up(self, first: asyncio.Task[None]) -> None:
        while not first.done():
            await asyncio.wait([first], timeout=SHOW_AFTER)
            if first.cancelled():
                return
            error = first.exception() if first.done() else None
            if isinstance(error, BackendError):
                self._show.lost(error)
                return
            if error is not None:
                raise error
            self._show.push()

    async def close(self) -> None:
        """Stop."""
        for task in (self._catching_up, self._round):
            if task is not None:
                task.cancel()
                await asyncio.wait([task])
