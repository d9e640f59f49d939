"""Limits of a queue, and the health of a forwarding target."""

from dataclasses import dataclass

from ....errors import BackendError


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Limits of a queue.

    ``interval``: seconds between two telegrams, 0 = all. ``size`` (bytes on disk) and
    ``days`` limit the queue; the oldest items are dropped first. At most ``most``
    telegrams are kept in memory while the disk fails. ``rate``: maximum telegrams per
    second while catching up.
    """

    interval: float = 10.0
    size: float = 500e6
    days: float = 7.0
    most: int = 10_000
    rate: float = 100.0


@dataclass(slots=True)
class Health:
    """Health of a target. ``last_success`` is Unix time, ``delay`` the age of the oldest item (s).

    ``error`` is the current error, None while the server accepts telegrams. ``heard``
    says whether a request was made since the start, ``slow`` whether the server accepts
    fewer telegrams than the meter sends.
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
