"""Sum streams over a range of time, as the vendor's accumulation report does.

Other than there, a stream that several sources name counts once, streams that hold no
numbers are left out, and only what has the same unit is added up.

See docs/protocols/iotile.md#accumulation-report.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from ....errors import AuthFailedError, BackendError
from ...http import NotFoundError, PermissionDeniedError
from .api import IOTileClient
from .errors import BadSlugError, UnknownStreamError
from .models import Point, Stream
from .slugs import any_slug

KINDS: Final = frozenset("pdbvs")
"""What can be added up: projects, devices, data blocks, variables and streams."""


type Shown = tuple[str, Callable[[float], float], int]
"""A unit, how stored values become values in it, and how many digits to round to."""

_DIGITS: Final = 6
"""Digits behind the point that any sum is rounded to; the rest is noise of computing."""


def as_on_server(stream: Stream) -> Shown:
    """Return the display unit of a stream on the server."""
    return stream.unit, stream.shown, _DIGITS


@dataclass(slots=True)
class Sum:
    """What a stream added up to, in one unit."""

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
    unreadable: dict[str, str] = field(default_factory=dict)
    """The names of the streams whose data could not be read; they are in no total."""

    @property
    def total(self) -> float | None:
        """The sum of all, if it means anything: everything has the same unit."""
        return next(iter(self.totals.values())) if len(self.totals) == 1 else None


async def accumulate(
    client: IOTileClient,
    sources: Iterable[str],
    start: datetime,
    end: datetime,
    known: Iterable[Stream] = (),
    shown: Callable[[Stream], Shown] = as_on_server,
) -> Accumulation:
    """Add up all points from ``start`` (inclusive) to ``end`` (exclusive).

    Sources are slugs in any form: of projects, devices, data blocks, streams, and of
    variables, which stand for that stream of all devices of a project. ``known`` are
    streams to add to them, and ``shown`` tells in which unit. Several are read at once,
    as many as the client allows.

    Raises BadSlugError, UnknownStreamError for a source that has no streams, and what
    requests raise before anything was read.
    """
    given = [any_slug(source) for source in sources]
    for source in given:
        if source[0] not in KINDS:
            raise BadSlugError(source)
    listings = await gather_or_cancel(_streams_of(client, source) for source in given)
    streams = {stream.slug: stream for stream in known}
    for listing in listings:
        streams |= {stream.slug: stream for stream in listing if stream.numeric}
    result = Accumulation()
    sums = await gather_or_cancel(
        _sum(client, stream, start, end, shown(stream)) for stream in streams.values()
    )
    for (slug, stream), found in zip(streams.items(), sums, strict=True):
        if found is None:
            result.unreadable[slug] = stream.name
        elif found.total:
            result.streams[slug] = found
            before = result.totals.get(found.unit, 0.0)
            result.totals[found.unit] = round(before + found.total, _DIGITS)
    return result


async def _streams_of(client: IOTileClient, source: str) -> list[Stream]:
    try:
        found = await client.streams_of(source)
    except NotFoundError, PermissionDeniedError:
        found = []
    if not found:
        raise UnknownStreamError(stream=source)
    return found


async def _sum(
    client: IOTileClient,
    stream: Stream,
    start: datetime,
    end: datetime,
    shown: Shown,
) -> Sum | None:
    unit, convert, digits = shown
    found = Sum(stream.name, unit)
    try:
        async for points in _points(client, stream, start, end):
            for point in points:
                found.total += convert(point.stored)
                found.count += 1
                found.first = min(found.first or point.time, point.time)
                found.last = max(found.last or point.time, point.time)
    except NotFoundError:
        # Gone since it was listed: no data, as the vendor's report has it.
        return Sum(stream.name, unit)
    except AuthFailedError:
        raise
    except BackendError:
        return None
    found.total = round(found.total, digits)
    return found


async def _points(
    client: IOTileClient, stream: Stream, start: datetime, end: datetime
) -> AsyncIterator[list[Point]]:
    if stream.device is not None and stream.device.startswith("b--"):
        async for points in client.pages(stream.slug, start, end):
            yield points
    else:
        async for points, _ in client.span(stream.slug, start, end):
            yield points


async def gather_or_cancel[T](works: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Return what comes of all; the first error ends the others."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(work) for work in works]
    except ExceptionGroup as err:
        raise err.exceptions[0] from None
    return [task.result() for task in tasks]
