"""Events of edge detectors: each new reading is an event."""

from collections.abc import Iterable, Mapping
from typing import Final

from ...base import Sink
from ..client import MycodoState, Reading
from .description import DescribedPoint

EDGE: Final = "edge"
RISING: Final = "rising"
FALLING: Final = "falling"


def latest_edges(
    points: Iterable[DescribedPoint], mycodo: MycodoState
) -> dict[str, Reading]:
    """Return the latest reading of each edge detector, by measurement id."""
    readings = mycodo.readings or {}
    return {
        one.subject: reading
        for one in points
        if one.point.description.key == EDGE
        and (reading := readings.get(one.subject)) is not None
    }


def report_edges(
    sink: Sink,
    points: Iterable[DescribedPoint],
    before: Mapping[str, Reading],
    now: Mapping[str, Reading],
) -> None:
    """Report each new reading as an event; a value above zero is a rising edge."""
    for one in points:
        reading = now.get(one.subject)
        if (
            one.point.description.key == EDGE
            and reading is not None
            and reading != before.get(one.subject)
        ):
            kind = RISING if reading.value > 0 else FALLING
            sink.event(one.point.key, kind, {})
