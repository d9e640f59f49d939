"""Limits of a queue, and the health of a server that is forwarded to."""

from dataclasses import dataclass

from ....errors import BackendError


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much waits.

    ``interval``: seconds between two telegrams, 0 = all. ``size`` (bytes on disk) and
    ``days`` bound the queue, the oldest go first. ``most`` telegrams wait in memory at
    most, while the disk does not take any. ``rate``: sent per second at most while
    catching up; servers take less.
    """

    interval: float = 10.0
    size: float = 500e6
    days: float = 7.0
    most: int = 10_000
    rate: float = 100.0


@dataclass(slots=True)
class Health:
    """How it goes. ``last_success`` is Unix time, ``delay`` the oldest one's age (s).

    ``error`` is what is wrong with the server now, None while it takes what we send;
    ``heard`` tells whether it was tried at all since the start, ``slow`` whether the
    server takes less than the meter says.
    """

    forwarded: int = 0
    refused: int = 0
    dropped: int = 0
    queued: int = 0
    delay: float = 0.0
    last_success: float | None = None
    error: BackendError | None = None
    refusal: BackendError | None = None
    heard: bool = False
    slow: bool = False
