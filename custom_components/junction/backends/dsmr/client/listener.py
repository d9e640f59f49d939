"""Listen to a meter: connect, monitor, reconnect."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
import logging
from typing import Any, Final

from ....errors import BackendError
from .clock import Clock
from .encryption import Keys
from .errors import (
    EncryptedError,
    NoDataError,
    NoTelegramError,
    OnlyCrcErrorsError,
    WrongKeyError,
)
from .line_kinds import error_of
from .models import Telegram
from .statistics import LinkStatistics
from .stream import P1Stream
from .transport import (
    FAST,
    SETTINGS,
    LineSettings,
    Opener,
    has_speed,
    open_port,
    show_port,
)

_LOGGER: Final = logging.getLogger(__name__)

RETRY_DELAYS: Final = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
# Fraction of additional random delay, so that several clients do not reconnect in step.
_JITTER: Final = 0.1

_SHORTEST_SILENCE: Final = 10.0
_INTERVALS: Final = 5
# Seconds; assumed until the interval is known: that of DSMR 4 and older.
_LONGEST_INTERVAL: Final = 10.0
# Seconds; enough for one telegram of any meter at the right speed.
_SPEED_TRIAL: Final = 12.0


class LinkStatus(StrEnum):
    """Status of the connection to the meter."""

    CONNECTING = "connecting"
    """The first attempt is running; nothing is known yet."""
    FRESH = "fresh"
    """Connected, and valid telegrams arrive."""
    SILENT = "silent"
    """Connected, but without a valid telegram for too long; reconnecting."""
    LOST = "lost"
    """Not connected; ``error`` has the reason. Retrying."""
    KEY_NEEDED = "key_needed"
    """Encrypted frames arrive, but there is no key. Still listening."""
    WRONG_KEY = "wrong_key"
    """Encrypted frames arrive that the key does not decrypt. Still listening."""
    CLOSED = "closed"
    """``close`` was called."""


@dataclass(frozen=True, slots=True)
class LinkState:
    """Status of the connection, with an error unless it is CONNECTING, FRESH, or CLOSED."""

    status: LinkStatus
    error: BackendError | None = None

    def words(self) -> tuple[LinkStatus, str | None]:
        """Return status and message, which are compared to detect changes."""
        error = self.error
        return self.status, f"{error.key}: {error.detail}" if error else None


class P1Listener:
    """Listen to one meter while ``run`` is running.

    ``on_telegram`` is called with every accepted telegram, ``on_link`` with every
    change of the connection; both are called in the event loop, and exceptions are
    logged. ``line`` are the initial serial settings; if no telegrams arrive, the others
    are tried in turn, because a replaced meter may use them. ``interval`` is the
    meter's interval between telegrams (s), if known.
    """

    def __init__(
        self,
        url: str,
        *,
        on_telegram: Callable[[Telegram], None],
        on_link: Callable[[LinkState], None],
        line: LineSettings | None = None,
        keys: Keys | None = None,
        standard_offset: timedelta | None = None,
        interval: float | None = None,
        opener: Opener = open_port,
        clock: Clock | None = None,
    ) -> None:
        """Initialize; nothing is opened before ``run``."""
        self.url = url
        self.link = LinkState(LinkStatus.CONNECTING)
        self._clock = clock or Clock()
        self.stream = P1Stream(
            keys,
            standard_offset=standard_offset,
            now=self._clock.now,
            monotonic=self._clock.monotonic,
        )
        self._on_telegram = on_telegram
        self._on_link = on_link
        self._interval = interval
        self._opener = opener
        self._name = show_port(url)
        first = line or LineSettings(FAST)
        self._lines = [first, *(one for one in SETTINGS if one != first)]
        if not has_speed(url):
            self._lines = self._lines[:1]
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._attempts = 0
        self._complained = False
        # At the last sign of life: its time, and the numbers of bytes and checksum
        # errors.
        self._alive = (0.0, 0, 0)
        self._frames = 0

    @property
    def statistics(self) -> LinkStatistics:
        """Return the counters over all connections."""
        return self.stream.statistics

    @property
    def baudrate(self) -> int:
        """Return the current speed in baud."""
        return self._lines[0].baudrate

    async def run(self) -> None:
        """Listen until ``close`` is called or the task is cancelled. Never raises."""
        self._task = task = asyncio.create_task(
            self._stay_connected(), name="P1 client"
        )
        try:
            await asyncio.wait([task])
        finally:
            await _end(task)
            self._task = None
            self._set(LinkState(LinkStatus.CLOSED))
        if not task.cancelled():
            task.result()

    async def close(self) -> None:
        """Stop listening and wait until the port is closed. May be called twice."""
        if (task := self._task) is not None:
            await _end(task)

    def retry_now(self) -> None:
        """Reconnect at once, for example after the device was plugged in."""
        self._wake.set()

    async def _stay_connected(self) -> None:
        while True:
            state = await self._connection()
            self._set(state)
            self._log_problem(state)
            await self._pause()
            self.statistics.reconnects += 1

    async def _connection(self) -> LinkState:
        """Connect and listen; return the reason why that ended."""
        lost: asyncio.Future[BackendError] = asyncio.get_running_loop().create_future()

        def on_lost(error: BackendError) -> None:
            if not lost.done():
                lost.set_result(error)

        self.stream.reset()
        try:
            connection = await self._opener(
                self.url, self._lines[0], self._received, on_lost
            )
        except BackendError as err:
            return LinkState(LinkStatus.LOST, err)
        try:
            return await self._listen(lost)
        finally:
            self._wake.clear()
            await connection.close()

    async def _listen(self, lost: asyncio.Future[BackendError]) -> LinkState:
        """Wait until the connection is lost, or no valid telegram arrived for too long."""
        self._activity()
        while True:
            since = self._clock.monotonic() - self._alive[0]
            limit = self._limit()
            if since >= limit:
                error = self._diagnosis()
                self._change_speed(error)
                return LinkState(LinkStatus.SILENT, error)
            # Check more often, because the data may shorten the limit.
            await self._first(min(limit - since, _SPEED_TRIAL), lost)
            if lost.done():
                return LinkState(LinkStatus.LOST, lost.result())

    def _received(self, data: bytes) -> None:
        telegrams = self.stream.feed(data)
        if telegrams:
            self._activity()
            self._attempts = 0
            if self.link.status is not LinkStatus.FRESH:
                self._set(LinkState(LinkStatus.FRESH))
                self._log_recovery()
            for telegram in telegrams:
                self._on_telegram(telegram)
        elif self.stream.frames_seen != self._frames:
            self._frames = self.stream.frames_seen
            if self.stream.wrong_key:
                self._locked(LinkState(LinkStatus.WRONG_KEY, WrongKeyError()))
            elif self.stream.key_needed:
                self._locked(LinkState(LinkStatus.KEY_NEEDED, EncryptedError()))

    def _locked(self, state: LinkState) -> None:
        """Record that telegrams arrive, but cannot be decrypted.

        Not logged, because the user is asked for a key anyway.
        """
        self._activity()
        if self.link.status is not state.status:
            self.statistics.last_error = state.words()[1]
            self._set(state)

    def _activity(self) -> None:
        statistics = self.statistics
        self._alive = (
            self._clock.monotonic(),
            statistics.bytes_received,
            statistics.crc_errors,
        )

    def _limit(self) -> float:
        """Return the maximum seconds without a valid telegram."""
        if self._is_wrong_speed():
            return _SPEED_TRIAL
        interval = self.statistics.interval or self._interval or _LONGEST_INTERVAL
        return max(_SHORTEST_SILENCE, _INTERVALS * interval)

    def _is_wrong_speed(self) -> bool:
        """Return whether the data is unreadable, and another speed can be tried."""
        return (
            len(self._lines) > 1
            and self.statistics.telegrams == 0
            and self.stream.frames_seen == 0
            and self.statistics.bytes_received > self._alive[1]
        )

    def _change_speed(self, error: BackendError) -> None:
        if isinstance(error, NoTelegramError):
            self._lines.append(self._lines.pop(0))

    def _diagnosis(self) -> BackendError:
        """Return the error for the data since the last sign of life."""
        _, received, crc_errors = self._alive
        if (kind := self.stream.other_kind) is not None:
            return error_of(kind, self.stream.unknown_list)
        if self.statistics.bytes_received == received:
            return NoDataError()
        if self.statistics.crc_errors > crc_errors:
            return OnlyCrcErrorsError()
        return NoTelegramError()

    async def _pause(self) -> None:
        """Wait before the next attempt, longer each time."""
        delay = RETRY_DELAYS[min(self._attempts, len(RETRY_DELAYS) - 1)]
        self._attempts += 1
        wake = asyncio.ensure_future(self._wake.wait())
        try:
            await self._first(delay * (1 + _JITTER * self._clock.random()), wake)
        finally:
            wake.cancel()
            self._wake.clear()

    async def _first(self, seconds: float, other: asyncio.Future[Any]) -> None:
        """Wait for ``other``, at most so many seconds."""
        sleep = asyncio.ensure_future(self._clock.sleep(seconds))
        try:
            await asyncio.wait([sleep, other], return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleep.cancel()

    def _set(self, state: LinkState) -> None:
        if state.words() != self.link.words():
            self.link = state
            try:
                self._on_link(state)
            except Exception:
                _LOGGER.exception("Unexpected error in who is told of the link")

    def _log_problem(self, state: LinkState) -> None:
        """Log the first error after a working connection; at the start, log the second.

        The caller is notified of the first one itself, and may give up.
        """
        statistics = self.statistics
        statistics.last_error = state.words()[1]
        if not self._complained and (statistics.telegrams or statistics.reconnects):
            self._complained = True
            _LOGGER.warning(
                "No telegrams from the meter on %s (%s); retrying",
                self._name,
                self.statistics.last_error,
            )

    def _log_recovery(self) -> None:
        """Log that the connection works again."""
        if self._complained:
            self._complained = False
            _LOGGER.info("Telegrams from the meter on %s again", self._name)


async def _end(task: asyncio.Task[None]) -> None:
    """Cancel a task once and wait for it; a second cancel would interrupt its cleanup."""
    if not task.cancelling():
        task.cancel()
    await asyncio.wait([task])
