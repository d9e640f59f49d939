"""Sum streams over a range of time, as the vendor's accumulation report does.

Other than there, a stream that several sources name counts once, streams that hold no
numbers are left out, and only what has the same unit is added up.

See docs/protocols/iotile.md#accumulation-report.
"""

import asyncio
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from ...http import NotFoundError
from .api import IOTileClient
from .errors import BadSlugError, UnknownStreamError
from .models import Stream
from .slugs import any_slug

KINDS: Final = frozenset("pdbvs")
"""What can be added up: projects, devices, data blocks, variables and streams."""


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

    Sources are slugs in any form: of projects, devices, data blocks, streams, and of
    variables, which stand for that stream of all devices of a project. Several are read
    at once, as many as the client allows. Raises BadSlugError, UnknownStreamError when
    there is nothing to add up at all, and what requests raise.
    """
    given = [any_slug(source) for source in sources]
    for source in given:
        if source[0] not in KINDS:
            raise BadSlugError(source)
    listings = await gather_or_cancel(client.streams_of(source) for source in given)
    streams = {
        stream.slug: stream
        for listing in listings
        for stream in listing
        if stream.numeric
    }
    if not streams:
        raise UnknownStreamError(stream=", ".join(given))
    sums = await gather_or_cancel(
        _sum(client, stream, start, end) for stream in streams.values()
    )
    result = Accumulation()
    for slug, found in zip(streams, sums, strict=True):
        if found.total:
            result.streams[slug] = found
            result.totals[found.unit] = result.totals.get(found.unit, 0.0) + found.total
    return result


async def _sum(
    client: IOTileClient, stream: Stream, start: datetime, end: datetime
) -> Sum:
    found = Sum(stream.name, stream.unit)
    try:
        async for page in client.pages(stream.slug, start=start, end=end):
            for point in page:
                found.total += stream.shown(point.stored)
                found.count += 1
                found.first = min(found.first or point.time, point.time)
                found.last = max(found.last or point.time, point.time)
    except NotFoundError:
        # Gone since it was listed: no data, as the vendor's report has it.
        return Sum(stream.name, stream.unit)
    return found


async def gather_or_cancel[T](works: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Return what comes of all; the first error ends the others."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(work) for work in works]
    except ExceptionGroup as err:
        raise err.exceptions[0] from None
    return [task.result() for task in tasks]
