"""Write points, events and reports, and confirm that they were stored.

Nothing is sent twice: the server keeps the same point as often as it comes. When the
connection broke, what is there afterwards tells what happened.

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
    StoredOtherwiseError,
    UncertainWriteError,
    UnknownStreamError,
)
from .models import Stream
from .reports import Report, read_report
from .slugs import streamer_slug

LOOKS: Final = (1.0, 4.0, 15.0)
"""Seconds between looks at whether a report was processed, in the background there."""
_SECOND: Final = timedelta(seconds=1)
_SAME: Final = 1e-6
"""How much two results of the same arithmetic may differ, for the server stores floats."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """What became of a report. ``new`` is False when it had been there before."""

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
    """Return a stream as the server has it now, so that nothing is computed with old factors.

    ``known`` is what was listed of it. Raises UnknownStreamError: a point of a stream
    that does not exist would be lost.
    """
    if known is not None and known.recordless:
        return known
    found = await client.stream(slug)
    if found is None:
        raise UnknownStreamError(stream=slug)
    return found


def raw_of(stream: Stream, value: float) -> int:
    """Return the raw number of a shown value. Raises NotNumericError."""
    if not stream.numeric:
        raise NotNumericError(stream=stream.name)
    try:
        return stream.raw(value)
    except OverflowError, ValueError:
        raise NotNumericError("range", stream=stream.name) from None


async def post_point(
    client: IOTileClient, stream: Stream, time: datetime, raw: int
) -> Posted:
    """Store a raw point, and compare what the server made of it with what was meant.

    Raises NotNumericError for a number that the server would replace by another,
    StoredOtherwiseError when it did, and UncertainWriteError.
    """
    if not stream.numeric:
        raise NotNumericError(stream=stream.name)
    try:
        expected = stream.converted(raw)
    except OverflowError:
        raise NotNumericError("range", stream=stream.name) from None
    time = time.replace(microsecond=0)
    try:
        answer = await client.post_point(stream.slug, time, raw)
    except UnreachableError as err:
        if isinstance(err, ServerError):
            raise
        # Of several at one moment the one that was meant, if it is there.
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


async def hand_in(client: IOTileClient, content: bytes, received: datetime) -> Handed:
    """Hand in a report, and wait until the server has stored it.

    Raises BadReportError before anything is sent, and NotStoredError when the server
    accepted it (201) and its streamer did not move on.
    """
    report = read_report(content)
    slug = streamer_slug(report.device, report.index)
    last = await _last_id(client, report.device, slug)
    if last >= report.highest:
        # The server would say "created", and ignore every reading.
        return Handed(report=report, count=report.readings, last_id=last, new=False)
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
            return Handed(report=report, count=count, last_id=last, new=True)
    raise NotStoredError(last=str(last))


async def _last_id(client: IOTileClient, device: str, slug: str) -> int:
    for streamer in await client.streamers(device):
        if streamer.slug == slug:
            return streamer.last_id
    return 0
