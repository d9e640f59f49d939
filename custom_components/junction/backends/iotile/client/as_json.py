"""Convert read data to JSON for the response of an action."""

from collections.abc import Callable, Iterable
from typing import Any

from .accumulate import Accumulation
from .models import Event, Location, Note, Point
from .transport import stamp


def sums(result: Accumulation) -> dict[str, Any]:
    """Return sums by stream and by unit; ``total`` only for a single unit."""
    found: dict[str, Any] = {
        "streams": {
            slug: {
                "name": one.name,
                "sum": one.total,
                "unit": one.unit,
                "count": one.count,
                "first": one.first and stamp(one.first),
                "last": one.last and stamp(one.last),
            }
            for slug, one in result.streams.items()
        },
        "totals": dict(result.totals),
        "unreadable": dict(result.unreadable),
    }
    if result.total is not None:
        found["total"] = result.total
    return found


def points(
    found: Iterable[Point], convert: Callable[[float], float], digits: int
) -> list[dict[str, Any]]:
    """Return points with their values converted and rounded."""
    return [
        {"timestamp": stamp(point.time), "value": round(convert(point.stored), digits)}
        for point in found
    ]


def notes(found: Iterable[Note]) -> list[dict[str, Any]]:
    """Return notes."""
    return [
        {"timestamp": stamp(note.time), "note": note.text, "type": note.kind}
        for note in found
    ]


def locations(found: Iterable[Location]) -> list[dict[str, Any]]:
    """Return the locations of a device, in degrees."""
    return [
        {
            "timestamp": stamp(place.time),
            "latitude": place.latitude,
            "longitude": place.longitude,
        }
        for place in found
    ]


def event(found: Event) -> dict[str, Any]:
    """Return an event without its document."""
    return {
        "event_id": found.id,
        "timestamp": stamp(found.time),
        "extra_data": dict(found.data),
    }
