"""Sum streams over a time range, like the vendor's accumulation report.

Unlike there, a stream that several sources contain counts once, streams without numbers
are excluded, and only equal units are added.

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
from .errors import BadSlugError, UnknownTargetError
from .models import Point, Stream
from .slugs import any_slug

KINDS: Final = frozenset("pdbvs")
"""Sources of sums: projects, devices, data blocks, variables, and streams."""


type Shown = tuple[str, Callable[[float], float], int]
"""A unit, a function that converts stored values to it, and the digits to round to."""

_DIGITS: Final = 6
"""Digits to which sums are rounded, to remove binary rounding errors."""


def as_on_server(stream: Stream) -> Shown:
    """Return the display unit of a stream on the server."""
    return stream.unit, stream.shown, _DIGITS


@dataclass(slots=True)
class Sum:
    """Sum of a stream in one unit."""

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
    """Names of the streams whose data could not be read; no total includes them."""

    @property
    def total(self) -> float | None:
        """Return the sum of all streams, None if their units differ."""
        return next(iter(self.totals.values())) if len(self.totals) == 1 else None


async def accumulate(
    client: IOTileClient,
    sources: Iterable[str],
    start: datetime,
    end: datetime,
    known: Iterable[Stream] = (),
    shown: Callable[[Stream], Shown] = as_on_server,
) -> Accumulation:
    """Sum all points from ``start`` (inclusive) to ``end`` (exclusive).

    Sources are slugs in any form: projects, devices, data blocks, streams, and
    variables, which mean that stream of all devices of a project. ``known`` are
    additional streams, ``shown`` returns the unit of a stream. Several streams are read
    at once, as many as the client allows.

    Raises BadSlugError, UnknownTargetError for a source without streams, and the errors
    of requests before anything was read.
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
        raise UnknownTargetError(target=source)
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
        # Deleted since it was listed: no data, as in the vendor's report.
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
    """Return all results; the first error cancels the others."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(work) for work in works]
    except ExceptionGroup as err:
        raise err.exceptions[0] from None
    return [task.result() for task in tasks]
