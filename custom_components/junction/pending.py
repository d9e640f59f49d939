"""State of a pending command."""

from abc import ABC, abstractmethod
import asyncio
from dataclasses import dataclass, field
from typing import Any, override

from .model import CoverState, Point, agrees, has_moved, is_response


@dataclass(slots=True, kw_only=True, eq=False)
class Pending(ABC):
    """Pending command.

    ``before`` is the last reported state before the command, ``actual`` the last
    reported state now, and ``shown`` what the entity shows. ``contested`` is True if
    another command to the same point was still pending.

    ``done`` is True when there is nothing left to wait for: the command was confirmed,
    a later one replaced it, or the entry is being unloaded (``dropped``). ``news`` is
    set with it, and whenever the device reports a change towards the target.
    """

    point: Point[Any]
    name: str
    expected: object
    before: object
    actual: object
    shown: object
    contested: bool = False
    sent: bool = False
    moved: object = None
    done: bool = False
    dropped: bool = False
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def finish(self) -> None:
        """Release all waiting callers."""
        self.done = True
        self.news.set()

    @property
    def holds(self) -> bool:
        """Return whether the actual state matches the expected one, as far as known."""
        return agrees(self.expected, self.actual, self.point.tolerance)

    @property
    def already_matched(self) -> bool:
        """Return whether the state matched before the command, as far as known."""
        return not self.contested and agrees(
            self.expected, self.actual, self.point.equality_tolerance
        )

    @abstractmethod
    def take(self, state: object) -> object:
        """Process a report of the device, and return the state to show."""


class Setting(Pending):
    """Set command: the new value is shown at once, and confirmed by a report."""

    __slots__ = ()

    @override
    def take(self, state: object) -> object:
        """Process a report.

        Reports that contradict the command are withheld: most are answers from before
        it. A report that arrives before the command is sent does not confirm it.
        """
        self.actual = state
        if not self.sent:
            return self.shown
        if self.holds:
            self.finish()
            return state
        moved = state if is_response(self.expected, self.before, state) else None
        if moved != self.moved:
            self.moved = moved
            self.news.set()
        return self.shown


@dataclass(slots=True, kw_only=True, eq=False)
class Movement(Pending):
    """Movement command: the reported states are shown during the movement."""

    expected: CoverState

    @override
    def take(self, state: object) -> object:
        """Process a report; the first sign of a movement confirms the command."""
        self.actual = self.shown = state
        if self.sent and (self.holds or has_moved(self.expected, self.before, state)):
            self.finish()
        return state
