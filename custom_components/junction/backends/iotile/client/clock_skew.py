"""Detect points with a time in the future, caused by a wrong clock."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
import logging
from typing import Final, Protocol

_LOGGER: Final = logging.getLogger(__name__)

AHEAD: Final = timedelta(hours=1)
"""How far a point may be ahead of both clocks: clocks are never equal, and a device may
be ahead by summer time.
"""


class Dated(Protocol):
    """A point or an event."""

    @property
    def stream(self) -> str:
        """Return the slug of its stream."""

    @property
    def time(self) -> datetime:
        """Return when it was measured."""


class FutureGuard:
    """Pass on points measured until now, and record the streams with later ones.

    A withheld point is read again, and shown when its time has come.
    """

    def __init__(self) -> None:
        """Initialize without streams."""
        self.noted: set[str] = set()
        """Streams with points in the future."""

    def past[T: Dated](self, found: Iterable[T], now: datetime) -> Iterator[T]:
        """Yield the points that are not ahead of ``now`` by more than ``AHEAD``."""
        limit = now + AHEAD
        for one in found:
            if one.time <= limit:
                yield one
            elif one.stream not in self.noted:
                self.noted.add(one.stream)
                _LOGGER.warning(
                    "Stream %s has values dated in the future, which are left out until "
                    "their time comes. Check the clock of the device or of its gateway",
                    one.stream[-4:],
                )
