"""Sums over a stretch of time, as the vendor's accumulation report makes them (§3.7).

Other than there, a stream that several sources name counts once, streams that hold no
numbers are left out, and only what has the same unit is added up.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from .client import IOTileClient
from .errors import BadSlugError, UnknownStreamError
from .models import Stream
from .slugs import any_slug


@dataclass(slots=True)
class Sum:
    """What a stream added up to, in its display unit."""

    name: str
    unit: str
    total: float = 0.0
    count: int = 0
    first: datetime | None = None
    last: datetime | None = None


@dataclass(slots=True)
class Accumulation:
    """Sums by stream (those that are not zero), and by unit."""

    streams: dict[str, Sum] = field(default_factory=dict)
    totals: dict[str, float] = field(default_factory=dict)

    @property
    def total(self) -> float | None:
        """The sum of all, if it means anything: everything has the same unit."""
        return next(iter(self.totals.values())) if len(self.totals) == 1 else None


async def accumulate(
    client: IOTileClient, sources: Iterable[str], start: datetime, end: datetime
) -> Accumulation:
    """Add up all points from ``start`` (inclusive) to ``end`` (exclusive).

    Sources are slugs of projects, devices and streams in any form. Raises BadSlugError,
    UnknownStreamError when there is nothing to add up at all, and what requests raise.
    """
    streams: dict[str, Stream] = {}
    given = [any_slug(source) for source in sources]
    for source in given:
        if source[0] not in "pds":
            raise BadSlugError(source)
        for stream in await client.streams_of(source):
            if stream.numeric:
                streams[stream.slug] = stream
    if not streams:
        raise UnknownStreamError(stream=", ".join(given))
    result = Accumulation()
    for slug, stream in streams.items():
        found = Sum(stream.name, stream.unit)
        async for page in client.pages(slug, start=start, end=end):
            for point in page:
                found.total += stream.shown(point.stored)
                found.count += 1
                found.first = min(found.first or point.time, point.time)
                found.last = max(found.last or point.time, point.time)
        if found.total:
            result.streams[slug] = found
            result.totals[found.unit] = result.totals.get(found.unit, 0.0) + found.total
    return result
