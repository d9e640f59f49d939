"""Push channel: consecutive polls that the hub holds until something changes.

See docs/protocols/cozify.md#poll. Hubs that do not hold polls are polled once a second
(remote: every five seconds), which is detected by the duration of the answer.
"""

import asyncio
from collections.abc import Callable
from typing import Final

from ....errors import AuthFailedError, BackendError, RateLimitedError, UnloadedError
from ...http import Clock, PermissionDeniedError
from .api import HubApi, Route
from .errors import HubGoneError, RemoteUnpaidError
from .parse import parse_poll
from .state import Changes, CozifyState

POLL_TIMEOUT: Final = 20.0
REMOTE_POLL_TIMEOUT: Final = 25.0
FULL_TIMEOUT: Final = 10.0
"""Timeout in seconds of a poll for everything, which is not held."""
HELD: Final = 1.0
"""Seconds from which an answer counts as held, so that the next poll may follow at
once.
"""
PAUSES: Final = {Route.LOCAL: 1.0, Route.REMOTE: 5.0}
EXPECTING_PAUSES: Final = {Route.LOCAL: 0.25, Route.REMOTE: 1.0}
EXPECTING: Final = 5.0
"""Seconds after a command during which polls are more frequent."""
RESYNC: Final = 2700.0
"""Seconds between two complete polls, as a safeguard."""
BACKOFF: Final = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
REFUSED_PAUSE: Final = 300.0
"""Seconds to wait if only the user can fix the error."""
LOOK_EVERY: Final = 4.0
"""Seconds between two checks of the local network while the hub is unreachable."""
_HELPLESS: Final = (
    AuthFailedError,
    HubGoneError,
    PermissionDeniedError,
    RemoteUnpaidError,
)
"""Errors that need an action by the user."""
_FAILURES: Final = 3
"""Bad answers in a row after which a hub that answers counts as lost."""


class Poller:
    """Keep a state up to date.

    ``changed`` is called with the changes of every answer, ``lost`` with the error when
    the connection is lost, which the next ``changed`` ends.
    """

    def __init__(
        self,
        api: HubApi,
        state: CozifyState,
        *,
        changed: Callable[[Changes], None],
        lost: Callable[[BackendError], None],
        clock: Clock | None = None,
    ) -> None:
        """Initialize; nothing is sent yet."""
        self._api = api
        self._state = state
        self._changed = changed
        self._lost = lost
        self._clock = clock or Clock()
        self._wake = asyncio.Event()
        self._full_due = 0.0
        self._expecting_until = 0.0
        self._waiting: list[asyncio.Future[None]] = []
        self._polling: asyncio.Task[Changes] | None = None
        self._runs = False
        self._is_lost = False
        self._failures = 0
        self._holds = False
        self.polls = 0
        self.fulls = 0

    async def fetch(self) -> None:
        """Read everything; if the loop runs, it does so, because one poll is enough.

        Raises BackendError.
        """
        if not self._runs:
            self._state.ts = 0
            self._changed(await self._poll())
            return
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(done)
        self._full_due = 0.0
        self._wake.set()
        await done

    def expect(self) -> None:
        """Poll more often for a while, after a command was sent."""
        self._expecting_until = self._clock.monotonic() + EXPECTING
        if self._polling is None:
            self._wake.set()

    @property
    def is_live(self) -> bool:
        """Return whether the hub pushes every change at once: it holds polls, and answers them."""
        return self._runs and self._holds and not self._is_lost and not self._failures

    def resync_in(self, seconds: float) -> None:
        """Read everything again in so many seconds, unless it is due earlier."""
        self._full_due = min(self._full_due, self._clock.monotonic() + seconds)

    async def run(self) -> None:
        """Poll until cancelled."""
        self._runs = True
        try:
            while True:
                try:
                    await self._turn()
                except BackendError as err:
                    await self._recover(err)
        finally:
            self._runs = False
            self._answer_waiting(UnloadedError())

    async def _turn(self) -> None:
        """Poll once, and wait until the next poll."""
        clock, state = self._clock, self._state
        if clock.monotonic() >= self._full_due or self._waiting:
            state.ts = 0
        asked_for_all = state.ts == 0
        started = clock.monotonic()
        if (changes := await self._interruptible_poll()) is None:
            return
        self._is_lost, self._failures = False, 0
        self._changed(changes)
        if asked_for_all:
            self._answer_waiting(None)
        if changes.stale:
            state.ts = 0
            return
        if await self._api.look_for_local():
            return
        held = clock.monotonic() - started >= HELD
        if held or not changes.all:
            self._holds = held
        if held or (changes.all and changes.advanced):
            return
        await self._wait_for_request(self._pause())

    def _pause(self) -> float:
        expecting = self._clock.monotonic() < self._expecting_until
        pauses = EXPECTING_PAUSES if expecting else PAUSES
        return pauses[self._api.route or Route.LOCAL]

    async def _interruptible_poll(self) -> Changes | None:
        """Poll; return None if a full poll is requested in the meantime."""
        self._wake.clear()
        task = self._polling = asyncio.create_task(self._poll(), name="cozify poll")
        alarm = asyncio.create_task(self._wake.wait())
        try:
            await asyncio.wait([task, alarm], return_when=asyncio.FIRST_COMPLETED)
            return task.result() if task.done() else None
        finally:
            self._polling = None
            alarm.cancel()
            task.cancel()
            await asyncio.gather(task, alarm, return_exceptions=True)

    async def _poll(self) -> Changes:
        """Send one poll, and take over its answer."""
        api, state = self._api, self._state
        if api.route is None:
            await api.find()
        self.polls += 1
        everything = state.ts == 0
        answer = await api.request(
            "GET",
            "hub/poll",
            params={"ts": state.ts},
            timeout=FULL_TIMEOUT if everything else self._poll_timeout(),
        )
        changes = state.apply(parse_poll(answer))
        if everything or changes.full:
            self.fulls += 1
            self._full_due = self._clock.monotonic() + RESYNC
        return changes

    def _poll_timeout(self) -> float:
        remote = self._api.route is Route.REMOTE
        return REMOTE_POLL_TIMEOUT if remote else POLL_TIMEOUT

    async def _recover(self, error: BackendError) -> None:
        """Handle a failed poll: retry, find the hub again, or report it lost."""
        api = self._api
        self._failures += 1
        helpless = isinstance(error, _HELPLESS)
        limited = isinstance(error, RateLimitedError)
        pause = self._backoff(error, helpless=helpless)
        # After a longer pause the known states would be outdated.
        hopeful = not helpless and not (limited and pause > BACKOFF[-1])
        if not self._is_lost and hopeful and self._failures < _FAILURES:
            if limited:
                await self._wait_for_request(pause)
                return
            await self._wait_for_request(BACKOFF[0] / 2)
            try:
                # Polls may be repeated without losing changes.
                await (api.ping() if self._failures == 1 else api.find())
            except BackendError:
                try:
                    await api.find()
                except BackendError as err:
                    error = err
                else:
                    return
            else:
                return
        if not self._is_lost:
            self._is_lost = True
            self._lost(error)
        elif isinstance(error, AuthFailedError):
            self._lost(error)
        self._answer_waiting(error)
        # Start over with a full poll, and find the hub first.
        self._state.ts = 0
        local = api.route is Route.LOCAL
        api.route = None
        pause = self._backoff(error, helpless=helpless)
        if local:
            # The hub refused or is busy, so it need not be searched.
            await self._wait_for_request(pause)
        else:
            await self._wait_until_local(pause)

    async def _wait_until_local(self, seconds: float) -> None:
        """Wait until a poll is requested or the hub answers in the local network."""
        end = self._clock.monotonic() + seconds
        while (left := end - self._clock.monotonic()) > 0:
            if (
                await self._wait_for_request(min(left, LOOK_EVERY))
                or await self._api.try_local()
            ):
                return

    def _backoff(self, error: BackendError, *, helpless: bool) -> float:
        if isinstance(error, RateLimitedError) and error.retry_after is not None:
            return error.retry_after
        if helpless:
            return REFUSED_PAUSE
        index = max(self._failures - _FAILURES, 0)
        return BACKOFF[min(index, len(BACKOFF) - 1)]

    def _answer_waiting(self, error: BackendError | None) -> None:
        waiting, self._waiting = self._waiting, []
        for done in waiting:
            if done.done():
                continue
            if error is None:
                done.set_result(None)
            else:
                done.set_exception(error)

    async def _wait_for_request(self, seconds: float) -> bool:
        """Wait until a poll is requested; return whether one is."""
        if self._waiting:
            return True
        self._wake.clear()
        sleep = asyncio.ensure_future(self._clock.sleep(seconds))
        alarm = asyncio.create_task(self._wake.wait())
        try:
            await asyncio.wait([sleep, alarm], return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleep.cancel()
            alarm.cancel()
            await asyncio.gather(sleep, alarm, return_exceptions=True)
        return self._wake.is_set()
