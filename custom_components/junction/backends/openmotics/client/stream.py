"""Event stream that reconnects with back-off."""

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
"""Seconds between two attempts at most, where the gateway is in the house and silent."""
LONGEST_PAUSE: Final = 60.0
NEVER_PAUSE: Final = 900.0
"""Seconds until a gateway without push is asked again: it may have been updated."""


class Watcher(Listener, Protocol):
    """A listener that also wants to know when nothing comes any more."""

    def broken(self, error: BackendError) -> None:
        """Tell that from now on changes may be missed."""


class Stream:
    """Listens for good; ``connections`` counts how often that began."""

    def __init__(
        self,
        gateway: Gateway,
        watcher: Watcher,
        *,
        clock: Clock | None = None,
        random: Random | None = None,
    ) -> None:
        """Prepare; ``run`` does it."""
        self._gateway = gateway
        self._watcher = watcher
        self._clock = clock or Clock()
        self._random = random or Random()  # noqa: S311 - spreads reconnections
        self._nudged = asyncio.Event()
        self.connections = 0
        self.live_now = False
        self.never = False
        """The gateway said that it has no push."""

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
            # One that had push has it again soon: while it starts, it says all kinds of
            # things.
            self.never = isinstance(error, UnsupportedError) and not self.connections
            self._watcher.broken(error)
            longest = LONGEST_PAUSE
            if self.never:
                pause = longest = NEVER_PAUSE
            elif isinstance(error, AuthFailedError):
                # Polling finds out as well, and asks the person.
                pause = LONGEST_PAUSE
            elif isinstance(error, UnreachableError):
                longest = min(longest, self._gateway.abilities.patience)
            pause = min(pause, longest)
            wait = pause * self._random.uniform(0.75, 1.0)
            if isinstance(error, RateLimitedError):
                # Not a second earlier.
                wait = max(wait, error.retry_after or 0.0)
            await self._wait(wait)
            pause = FIRST_PAUSE if self.never else min(pause * 2, longest)

    async def _wait(self, seconds: float) -> None:
        """Wait, or until ``nudge``."""
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

    def nudge(self) -> None:
        """Try again at once: the gateway was seen to answer."""
        if not self.never:
            self._nudged.set()

    def live(self) -> None:
        """Pass on that nothing is missed from now on."""
        self.connections += 1
        self.live_now = True
        self.never = False
        self._watcher.live()

    def changed(self, states: States) -> None:
        """Pass on what changed."""
        self._watcher.changed(states)

    def stale(self, topic: Topic) -> None:
        """Pass on what should be read again."""
        self._watcher.stale(topic)
