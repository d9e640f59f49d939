"""Detect points that are dated ahead of now by a wrong clock."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
import logging
from typing import Final, Protocol

_LOGGER: Final = logging.getLogger(__name__)

AHEAD: Final = timedelta(hours=1)
"""How far ahead of both clocks a point may lie: clocks are never the same, and a device may
be one summer time ahead."""


class Dated(Protocol):
    """A point or an event."""

    @property
    def stream(self) -> str:
        """The slug of its stream."""

    @property
    def time(self) -> datetime:
        """When it was measured."""


class FutureGuard:
    """Lets through what was measured until now, and notes each stream that is ahead.

    A point that is left out is read again, and is shown when its time has come.
    """

    def __init__(self) -> None:
        """Note nothing yet."""
        self.noted: set[str] = set()
        """The streams that had points ahead of now."""

    def past[T: Dated](self, found: Iterable[T], now: datetime) -> Iterator[T]:
        """Yield what is not ahead of ``now`` by more than ``AHEAD``."""
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
