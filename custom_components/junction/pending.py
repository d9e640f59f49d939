"""State of a command that is under way."""

from abc import ABC, abstractmethod
import asyncio
from dataclasses import dataclass, field
from typing import Any, override

from .model import CoverState, Point, agrees, has_moved, obeys


@dataclass(slots=True, kw_only=True, eq=False)
class Pending(ABC):
    """A command on its way.

    ``before`` is what the device said last before the command, ``actual`` what it says
    now and ``shown`` what its entity shows. ``contested`` tells that another command to
    the same point was still on its way.

    ``done`` means that there is nothing to wait for any more: the command was confirmed,
    a later one counts instead, or the entry is being unloaded (``dropped``). ``news`` is
    set with it, and whenever the device changed without having got there yet.
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
        """Let nobody wait any longer."""
        self.done = True
        self.news.set()

    @property
    def holds(self) -> bool:
        """Return whether the device is as it was told to be, as far as it is known."""
        return agrees(self.expected, self.actual, self.point.tolerance)

    @property
    def asks_nothing(self) -> bool:
        """Return whether the device was so before, as far as it is known."""
        return not self.contested and agrees(
            self.expected, self.actual, self.point.sameness
        )

    @abstractmethod
    def take(self, state: object) -> object:
        """Take a report of the device, and return what to show."""


class Setting(Pending):
    """A value that is set: it is shown at once, and believed when confirmed."""

    __slots__ = ()

    @override
    def take(self, state: object) -> object:
        """Take a report.

        Reports that contradict the command are kept back: most are answers from before
        it. One from before it was even sent confirms nothing.
        """
        self.actual = state
        if not self.sent:
            return self.shown
        if self.holds:
            self.finish()
            return state
        moved = state if obeys(self.expected, self.before, state) else None
        if moved != self.moved:
            self.moved = moved
            self.news.set()
        return self.shown


@dataclass(slots=True, kw_only=True, eq=False)
class Movement(Pending):
    """Something that takes its time: what it does meanwhile is shown as it is told."""

    expected: CoverState

    @override
    def take(self, state: object) -> object:
        """Take a report; the first sign of a movement is enough."""
        self.actual = self.shown = state
        if self.sent and (self.holds or has_moved(self.expected, self.before, state)):
            self.finish()
        return state
