"""Write points, events, and reports, and confirm that they were stored.

Nothing is sent twice: the server stores duplicate points. If the connection broke,
reading shows whether the data was stored.

See docs/protocols/iotile.md#writing-data.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import isclose
from typing import Any, Final

from ....errors import UnreachableError
from ...http import ServerError, json_fields as j
from .api import IOTileClient
from .errors import (
    NotNumericError,
    NotStoredError,
    OutOfRangeError,
    StoredOtherwiseError,
    UncertainWriteError,
    UnknownStreamError,
)
from .models import Stream
from .reports import Report, read_report
from .slugs import streamer_slug

LOOKS: Final = (1.0, 4.0, 15.0)
"""Seconds between checks whether the server has processed a report in the background.
"""
_SECOND: Final = timedelta(seconds=1)
_SAME: Final = 1e-6
"""Relative and absolute tolerance of stored values, because the server stores floats."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """Result of a report upload. ``new`` is False if the server had it already."""

    report: Report
    count: int
    last_id: int
    new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """A point as the server stored it; ``shown`` is in the display unit."""

    stream: Stream
    raw: int
    stored: float
    shown: float


async def find_stream(client: IOTileClient, slug: str, known: Stream | None) -> Stream:
    """Return a stream as the server has it now, so that no outdated factors are used.

    ``known`` is the listed stream. Raises UnknownStreamError, because a point of a
    missing stream would be lost.
    """
    if known is not None and known.recordless:
        return known
    found = await client.stream(slug)
    if found is None:
        raise UnknownStreamError(stream=slug)
    return found


def raw_of(stream: Stream, value: float) -> int:
    """Return the raw number of a displayed value.

    Raises NotNumericError and OutOfRangeError.
    """
    if not stream.numeric:
        raise NotNumericError(stream=stream.name)
    try:
        return stream.raw(value)
    except OverflowError, ValueError:
        raise OutOfRangeError(stream=stream.name) from None


async def post_point(
    client: IOTileClient, stream: Stream, time: datetime, raw: int
) -> Posted:
    """Store a raw point, and compare the stored value with the intended one.

    Raises OutOfRangeError for a number that the server would replace,
    StoredOtherwiseError if it did, and UncertainWriteError.
    """
    if not stream.numeric:
        raise NotNumericError(stream=stream.name)
    try:
        expected = stream.converted(raw)
    except OverflowError:
        raise OutOfRangeError(stream=stream.name) from None
    time = time.replace(microsecond=0)
    try:
        answer = await client.post_point(stream.slug, time, raw)
    except UnreachableError as err:
        if isinstance(err, ServerError):
            raise
        # Of several points at the same time, prefer the one with the intended value.
        found = await client.frame(stream.slug, time, time + _SECOND)
        if not found:
            raise UncertainWriteError(err.detail) from err
        stored: float | None = min(
            (point.stored for point in found), key=lambda one: abs(one - expected)
        )
    else:
        stored = j.number(answer, "value")
    if stored is None or not isclose(stored, expected, rel_tol=_SAME, abs_tol=_SAME):
        raise StoredOtherwiseError(
            stream=stream.name,
            asked=_text(stream, expected),
            stored="-" if stored is None else _text(stream, stored),
        )
    return Posted(stream=stream, raw=raw, stored=stored, shown=stream.shown(stored))


def _text(stream: Stream, stored: float) -> str:
    return f"{stream.shown(stored):.6g} {stream.unit}".strip()


async def post_event(
    client: IOTileClient,
    stream: str,
    time: datetime,
    extra: Mapping[str, Any],
    data: object = None,
) -> int:
    """Store an event; return its id. Raises UncertainWriteError."""
    time = time.replace(microsecond=0)
    try:
        return await client.post_event(stream, time, extra, data)
    except UnreachableError as err:
        if isinstance(err, ServerError):
            raise
        for event in reversed(await client.events(stream, time)):
            if event.time == time and dict(event.data) == dict(extra):
                return event.id
        raise UncertainWriteError(err.detail) from err


async def submit_report(
    client: IOTileClient, content: bytes, received: datetime
) -> Submission:
    """Upload a report, and wait until the server has stored it.

    Raises BadReportError before anything is sent, and NotStoredError if the server
    accepted the report (201) but its streamer did not advance.
    """
    report = read_report(content)
    slug = streamer_slug(report.device, report.index)
    last = await _last_id(client, report.device, slug)
    if last >= report.highest:
        # The server would answer "created", and ignore all readings.
        return Submission(report=report, count=report.readings, last_id=last, new=False)
    try:
        count = await client.upload_report(content, report.suffix, received)
    except UnreachableError as err:
        if isinstance(err, ServerError):
            raise
        count = report.readings
    for seconds in (0.0, *LOOKS):
        await client.clock.sleep(seconds)
        last = await _last_id(client, report.device, slug)
        if last >= report.highest:
            return Submission(report=report, count=count, last_id=last, new=True)
    raise NotStoredError(last=str(last))


async def _last_id(client: IOTileClient, device: str, slug: str) -> int:
    for streamer in await client.streamers(device):
        if streamer.slug == slug:
            return streamer.last_id
    return 0
