"""Clock and counters of requests."""

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
    """The time: monotonic seconds, an aware moment in UTC, and how to let time pass."""

    monotonic: Callable[[], float] = time.monotonic
    utcnow: Callable[[], datetime] = _utcnow
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


class ServerPause:
    """How long a server wants to be left alone; one for all transports to that server.

    ``monotonic`` is the clock (s) of those transports.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Begin with a server that wants nothing of the kind."""
        self._monotonic = monotonic
        self._until = -math.inf

    @property
    def left(self) -> float:
        """Seconds that are left of it, 0 when it is over."""
        return max(0.0, self._until - self._monotonic())

    def note(self, error: BackendError | None) -> None:
        """Remember what the server asked for, if that is what an error says."""
        if isinstance(error, RateLimitedError) and error.retry_after:
            self._until = max(self._until, self._monotonic() + error.retry_after)

    def keep(self) -> None:
        """Raise RateLimitedError while it lasts, in place of asking once more."""
        if left := self.left:
            raise RateLimitedError(retry_after=left)


@dataclass(slots=True)
class Counters:
    """What happened so far, for diagnostics."""

    requests: int = 0
    """Requests put on the wire, repeated ones included."""
    retries: int = 0
    """Requests repeated after a broken connection."""
    failures: Counter[str] = field(default_factory=Counter)
    """Calls that ended in an error, by its key."""
    last_status: int | None = None
    in_flight: int = 0
    seconds: deque[float] = field(default_factory=lambda: deque(maxlen=100))
    """How long the last answers took, from the request to the end of the body."""

    def as_dict(self) -> dict[str, Any]:
        """Return them as diagnostics show them; nothing in it is secret."""
        return {
            "requests": self.requests,
            "retries": self.retries,
            "failures": dict(self.failures),
            "last_status": self.last_status,
            "in_flight": self.in_flight,
            "median_ms": round(median(self.seconds) * 1000) if self.seconds else None,
        }
