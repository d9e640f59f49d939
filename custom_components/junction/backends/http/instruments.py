"""Clock, server pauses, and request counters."""

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
import math
from statistics import median
import time
from typing import Any

from ...errors import BackendError, RateLimitedError


def _utcnow() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """Clock: monotonic seconds, the time in UTC, and sleep."""

    monotonic: Callable[[], float] = time.monotonic
    utcnow: Callable[[], datetime] = _utcnow
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


class ServerPause:
    """Pause that a server asked for, shared by all transports to it.

    ``monotonic`` is the clock (s) of those transports.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Start without a pause."""
        self._monotonic = monotonic
        self._until = -math.inf

    @property
    def left(self) -> float:
        """Return the remaining seconds, 0 when it is over."""
        return max(0.0, self._until - self._monotonic())

    def note(self, error: BackendError | None) -> None:
        """Store the pause if the error asks for one."""
        if isinstance(error, RateLimitedError) and error.retry_after:
            self._until = max(self._until, self._monotonic() + error.retry_after)

    def keep(self) -> None:
        """Raise RateLimitedError during the pause, without a request."""
        if left := self.left:
            raise RateLimitedError(retry_after=left)


@dataclass(slots=True)
class Counters:
    """Request counters for diagnostics."""

    requests: int = 0
    """Requests sent, repeated ones included."""
    retries: int = 0
    """Requests repeated after a broken connection."""
    failures: Counter[str] = field(default_factory=Counter)
    """Calls that ended in an error, by its key."""
    last_status: int | None = None
    in_flight: int = 0
    seconds: deque[float] = field(default_factory=lambda: deque(maxlen=100))
    """Durations of the last answers in seconds, from the request to the end of the body."""

    def as_dict(self) -> dict[str, Any]:
        """Return the counters for diagnostics, free of secrets."""
        return {
            "requests": self.requests,
            "retries": self.retries,
            "failures": dict(self.failures),
            "last_status": self.last_status,
            "in_flight": self.in_flight,
            "median_ms": round(median(self.seconds) * 1000) if self.seconds else None,
        }
