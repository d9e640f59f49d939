"""Reconnecting event stream: soon at first, later with patience."""

from random import Random
from typing import Final, Protocol

from ....errors import AuthFailedError, BackendError, UnsupportedError
from ...http import Clock
from .gateway import Gateway, Listener
from .models import States, Topic

FIRST_PAUSE: Final = 1.0
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
            self.never = isinstance(error, UnsupportedError)
            self._watcher.broken(error)
            if self.never:
                pause = NEVER_PAUSE
            elif isinstance(error, AuthFailedError):
                # Polling finds out as well, and asks the person.
                pause = LONGEST_PAUSE
            await self._clock.sleep(pause * self._random.uniform(0.75, 1.0))
            pause = min(pause * 2, LONGEST_PAUSE)

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
