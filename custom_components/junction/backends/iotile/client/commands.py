"""Write points, events and reports, and confirm that they were stored.

Nothing is sent twice: the server keeps the same point as often as it comes. When the
connection broke, what is there afterwards tells what happened.

See docs/protocols/iotile.md#writing-data.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from ....errors import UnreachableError
from ...http import ServerError
from .api import IOTileClient
from .errors import NotNumericError, NotStoredError, UncertainWriteError
from .models import Stream
from .reports import Report, read_report
from .slugs import streamer_slug

LOOKS: Final = (1.0, 4.0, 15.0)
"""Seconds between looks at whether a report was processed, in the background there."""
_SECOND: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """What became of a report. ``new`` is False when it had been there before."""

    report: Report
    count: int
    last_id: int
    new: bool


def raw_of(stream: Stream, value: float) -> int:
    """Return the raw number of a shown value. Raises NotNumericError."""
    if not stream.numeric:
        raise NotNumericError(stream=stream.slug)
    try:
        return stream.raw(value)
    except OverflowError:
        raise NotNumericError("range", stream=stream.slug) from None


async def post_point(
    client: IOTileClient, stream: str, time: datetime, raw: int
) -> Mapping[str, Any]:
    """Store a point; return it as stored. Raises UncertainWriteError."""
    time = time.replace(microsecond=0)
    before = None
    try:
        return await client.post_point(stream, time, raw)
    except UnreachableError as err:
        if isinstance(err, ServerError):
            raise
        before = err
    found = await client.frame(stream, time, time + _SECOND)
    if not found:
        raise UncertainWriteError(before.detail) from before
    return {"stream": stream, "int_value": raw, "value": found[-1].stored}


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
