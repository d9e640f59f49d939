"""Limits of a queue, and the health of a server that is forwarded to."""

from dataclasses import dataclass

from ....errors import BackendError


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much waits, and how fast it is sent.

    ``interval``: seconds between two telegrams, 0 = all. ``most`` telegrams and
    ``days`` bound the queue, the oldest go first. ``rate``: sent per second while
    catching up.
    """

    interval: float = 10.0
    most: int = 10_000
    days: float = 7.0
    rate: float = 5.0


@dataclass(slots=True)
class Health:
    """How it goes. ``last_success`` is Unix time, ``delay`` the oldest one's age (s).

    ``error`` is what is wrong with the server now, None while it takes what we send;
    ``heard`` tells whether it was tried at all since the start.
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
