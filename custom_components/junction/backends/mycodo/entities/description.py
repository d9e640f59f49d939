"""A point together with where its state comes from."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from ....model import Point
from ..client import MycodoState


class Source(Enum):
    """What has to be asked for a state."""

    OUTPUTS = auto()
    PIDS = auto()
    CONTROLLER = auto()
    DAEMON = auto()
    MEASUREMENT = auto()
    TOTAL = auto()
    CHANNEL = auto()


@dataclass(frozen=True, slots=True)
class DescribedPoint:
    """A point, how to find its state, and which measurements it needs.

    ``subject`` is the id of the output, controller or measurement row that it is about.
    ``needs`` are the ids of rows that must be read for it. ``channel`` is the
    channel of the output; values of Mycodo are to be multiplied by ``factor``.
    """

    point: Point[Any]
    source: Source
    state: Callable[[MycodoState], object]
    subject: str = ""
    needs: tuple[str, ...] = ()
    channel: int = 0
    factor: float = 1.0
