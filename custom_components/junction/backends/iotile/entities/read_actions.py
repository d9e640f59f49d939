"""Actions that read: sums, values, events, notes, and locations."""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any, Final, cast

from homeassistant.util.json import JsonObjectType

from ..client import as_json
from ..client.accumulate import accumulate
from ..client.clock_skew import AHEAD
from ..client.errors import NotNumericError
from ..client.models import Point, Stream
from .action_target import (
    Target,
    known_device,
    moment_of,
    stream_named,
    target_named,
    when,
)
from .lookup import as_sensor_shows

DEFAULT_EVENTS: Final = timedelta(days=30)


async def accumulate_streams(
    backend: Target, fields: Mapping[str, Any]
) -> JsonObjectType:
    """Return sums of streams between two times, in the units of their sensors."""
    end = when(fields, "end", backend.poller.now())
    start = when(fields, "start", end)
    sources: list[str] = fields["sources"]
    entities = {source for source in sources if "." in source}
    result = await accumulate(
        backend.client,
        [source for source in sources if source not in entities],
        start,
        end,
        [_numeric(stream_named(backend, entity)) for entity in sorted(entities)],
        partial(as_sensor_shows, backend.hass, backend.inventory),
    )
    return as_json.sums(result)


def _numeric(stream: Stream) -> Stream:
    if not stream.numeric:
        raise NotNumericError(stream=stream.name)
    return stream


async def get_stream_data(backend: Target, fields: Mapping[str, Any]) -> JsonObjectType:
    """Return the values of a stream, in its sensor's unit."""
    stream = stream_named(backend, fields["stream"])
    limit: int = fields["limit"]
    now = backend.poller.now() + AHEAD
    end = min(when(fields, "end", now), now)
    points: list[Point] = []
    if (start := moment_of(fields, "start")) is None:
        newest = (
            backend.client.newest_recordless
            if stream.recordless
            else backend.client.newest
        )
        points = await newest(stream.slug, limit, end)
    else:
        async for part, _ in backend.client.span(stream.slug, start, end):
            points = (points + part)[-limit:]
    unit, convert, digits = as_sensor_shows(backend.hass, backend.inventory, stream)
    return {
        "stream": stream.slug,
        "name": stream.name,
        "unit": unit,
        "points": cast("Any", as_json.points(points[-limit:], convert, digits)),
    }


async def get_stream_events(
    backend: Target, fields: Mapping[str, Any]
) -> JsonObjectType:
    """Return the events of a stream, optionally with their documents."""
    stream = stream_named(backend, fields["stream"])
    now = backend.poller.now() + AHEAD
    start = when(fields, "start", now - DEFAULT_EVENTS)
    end = min(when(fields, "end", now), now)
    events = await backend.client.events(stream.slug, start, end)
    rows: list[Any] = []
    for event in events[-fields["limit"] :]:
        row = as_json.event(event)
        if fields["documents"] and event.has_raw:
            row["data"] = await backend.client.event_document(event.id)
        rows.append(row)
    return {"stream": stream.slug, "name": stream.name, "events": rows}


async def get_notes(backend: Target, fields: Mapping[str, Any]) -> JsonObjectType:
    """Return the notes on a device, stream, or project."""
    target = target_named(backend, fields)
    found = await backend.client.notes(
        target, moment_of(fields, "start"), moment_of(fields, "end")
    )
    return {
        "target": target,
        "notes": cast("Any", as_json.notes(found)),
    }


async def get_locations(backend: Target, fields: Mapping[str, Any]) -> JsonObjectType:
    """Return the locations of a device."""
    target = known_device(backend, fields["target"])
    found = await backend.client.locations(
        target, moment_of(fields, "start"), moment_of(fields, "end")
    )
    return {
        "target": target,
        "locations": cast("Any", as_json.locations(found)),
    }
