"""Event stream that reconnects with backoff."""

import asyncio
from random import Random
from typing import Final, Protocol

from ....errors import (
    AuthFailedError,
    BackendError,
    RateLimitedError,
    UnreachableError,
    UnsupportedError,
)
from ...http import Clock
from .gateway import Gateway, Listener
from .models import States, Topic

FIRST_PAUSE: Final = 1.0
LOCAL_PAUSE: Final = 3.0
"""Maximum seconds between two attempts to reconnect to a silent local gateway."""
LONGEST_PAUSE: Final = 60.0
NEVER_PAUSE: Final = 900.0
"""Seconds before a gateway without push is tried again: it may have been updated."""


class Watcher(Listener, Protocol):
    """Listener that is also notified when the stream breaks."""

    def broken(self, error: BackendError) -> None:
        """Report that changes may be missed from now on."""


class Stream:
    """Listen permanently; ``connections`` counts the connections."""

    def __init__(
        self,
        gateway: Gateway,
        watcher: Watcher,
        *,
        clock: Clock | None = None,
        random: Random | None = None,
    ) -> None:
        """Initialize; ``run`` connects."""
        self._gateway = gateway
        self._watcher = watcher
        self._clock = clock or Clock()
        self._random = random or Random()  # noqa: S311 - spreads reconnections
        self._nudged = asyncio.Event()
        self.connections = 0
        self.live_now = False
        self.never = False
        """Whether the gateway reported that it does not support push."""

    async def run(self) -> None:
        """Listen until cancelled."""
        pause = FIRST_PAUSE
        while True:
            error: BackendError
            try:
                await self._gateway.listen(self)
            except BackendError as err:
                error = err
            if self.live_now:
                pause = FIRST_PAUSE
            self.live_now = False
            # A gateway that had push before will have it again: while starting it
            # returns various errors.
            self.never = isinstance(error, UnsupportedError) and not self.connections
            self._watcher.broken(error)
            longest = LONGEST_PAUSE
            if self.never:
                pause = longest = NEVER_PAUSE
            elif isinstance(error, AuthFailedError):
                # Polling notices a refused login too, and asks the user.
                pause = LONGEST_PAUSE
            elif isinstance(error, UnreachableError):
                longest = min(longest, self._gateway.abilities.patience)
            pause = min(pause, longest)
            wait = pause * self._random.uniform(0.75, 1.0)
            if isinstance(error, RateLimitedError):
                # Respect the server's Retry-After.
                wait = max(wait, error.retry_after or 0.0)
            await self._wait(wait)
            pause = FIRST_PAUSE if self.never else min(pause * 2, longest)

    async def _wait(self, seconds: float) -> None:
        """Wait so many seconds, or until ``reconnect_now`` is called."""
        self._nudged.clear()
        waiting = [
            asyncio.ensure_future(one)
            for one in (self._clock.sleep(seconds), self._nudged.wait())
        ]
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waiting:
                one.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)

    def reconnect_now(self) -> None:
        """Reconnect at once, because the gateway has answered a request."""
        if not self.never:
            self._nudged.set()

    def live(self) -> None:
        """Forward that the stream is complete from now on."""
        self.connections += 1
        self.live_now = True
        self.never = False
        self._watcher.live()

    def changed(self, states: States) -> None:
        """Forward changed states."""
        self._watcher.changed(states)

    def stale(self, topic: Topic) -> None:
        """Forward the topic to read again."""
        self._watcher.stale(topic)
