"""A point of the board, with what it shows."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ....model import Detailed, Point
from ..models import Stream
from ..poller import Poller
from .readings import Reading

type Show = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Built:
    """A point, what it shows, and the stream that it shows."""

    point: Point[Any]
    show: Show
    stream: Stream | None = None
    reading: Reading = Reading.MEASURED


def value_of(poller: Poller, slug: str, convert: Callable[[float], float]) -> object:
    """Return the newest value of a stream, and when it was measured."""
    point = poller.values.get(slug)
    if point is None:
        return None
    return Detailed(convert(point.stored), {"measured_at": point.time.isoformat()})
