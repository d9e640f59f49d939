"""A point with the source of its state."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from ....model import Point
from ..client import MycodoState


class Source(Enum):
    """Requests that provide a state."""

    OUTPUTS = auto()
    PIDS = auto()
    CONTROLLER = auto()
    DAEMON = auto()
    MEASUREMENT = auto()
    TOTAL = auto()
    CHANNEL = auto()


@dataclass(frozen=True, slots=True)
class DescribedPoint:
    """A point, its state reader, and the measurements that it needs.

    ``subject`` is the id of the output, controller, or measurement row. ``needs`` are
    the ids of rows that must be read for it. ``channel`` is the channel of the output;
    Mycodo's values are multiplied by ``factor``.
    """

    point: Point[Any]
    source: Source
    state: Callable[[MycodoState], object]
    subject: str = ""
    needs: tuple[str, ...] = ()
    channel: int = 0
    factor: float = 1.0
