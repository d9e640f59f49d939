"""Description and state reader of one point."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ....model import Detailed, Point
from ..client.models import Stream
from ..client.state import IOTileState
from .readings import Reading

type Show = Callable[[], object]


@dataclass(frozen=True, slots=True)
class PointDescription:
    """A point, its state reader, and its stream."""

    point: Point[Any]
    show: Show
    stream: Stream | None = None
    reading: Reading = Reading.MEASURED
    derived: bool = False
    """Whether it shows something other than the stream's values."""


def value_of(
    state: IOTileState, slug: str, convert: Callable[[float], float]
) -> object:
    """Return the newest value of a stream, with the time of its measurement."""
    point = state.values.get(slug)
    if point is None:
        return None
    return Detailed(convert(point.stored), {"measured_at": point.time.isoformat()})
