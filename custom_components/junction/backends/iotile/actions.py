"""Actions for IOTile Cloud."""

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, Protocol, cast

from homeassistant.core import HomeAssistant
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonObjectType
import probatio as vol

from ..base import Access, Action
from .client import as_json
from .client.accumulate import accumulate
from .client.api import IOTileClient
from .client.clock_skew import AHEAD
from .client.commands import find_stream, hand_in, post_event, post_point, raw_of
from .client.errors import BadFileError, NotNumericError, UnknownStreamError
from .client.models import Point, Stream
from .client.poller import Poller
from .client.slugs import any_slug, device_slug, stream_parts
from .client.transport import stamp
from .entities.files import read_file
from .entities.history import MAX_DAYS, IOTileHistory
from .entities.inventory import Inventory
from .entities.lookup import (
    from_display_unit,
    in_sensors_unit,
    listed_stream,
    point_of,
    stream_of,
    to_display_unit,
)
from .entities.validate import finite, whole

MAX_POINTS: Final = 10_000
DEFAULT_EVENTS: Final = timedelta(days=30)


class Target(Protocol):
    """What the actions need of the backend."""

    hass: HomeAssistant
    client: IOTileClient
    poller: Poller
    inventory: Inventory
    history: IOTileHistory

    def save(self) -> None:
        """Write down what is to be remembered."""

    async def look(self, owner: str) -> None:
        """Show at once what we wrote to a device or virtual stream."""


def _moment(fields: Mapping[str, Any], name: str) -> datetime | None:
    moment: datetime | None = fields.get(name)
    return dt_util.as_utc(moment) if moment else None


def _when(fields: Mapping[str, Any], name: str, default: datetime) -> datetime:
    return _moment(fields, name) or default


def _stream(backend: Target, named: str) -> Stream:
    return stream_of(backend.hass, backend.inventory, named)


async def _accumulate(backend: Target, fields: Mapping[str, Any]) -> JsonObjectType:
    end = _when(fields, "end", backend.poller.now())
    start = _when(fields, "start", end)
    sources: list[str] = fields["sources"]
    entities = {source for source in sources if "." in source}
    result = await accumulate(
        backend.client,
        [source for source in sources if source not in entities],
        start,
        end,
        [_numeric(_stream(backend, entity)) for entity in sorted(entities)],
    )
    return as_json.sums(result)


def _numeric(stream: Stream) -> Stream:
    if not stream.numeric:
        raise NotNumericError(stream=stream.name)
    return stream


async def _post_data(backend: Target, fields: Mapping[str, Any]) -> JsonObjectType:
    moment = _when(fields, "timestamp", backend.poller.now())
    slug, listed = listed_stream(backend.hass, backend.inventory, fields["stream"])
    stream = await find_stream(backend.client, slug, listed)
    unit: str = fields.get("unit", stream.unit)
    if (value := fields.get("value")) is not None:
        asked = to_display_unit(stream, value, unit)
        raw = raw_of(stream, asked)
    else:
        raw = fields["int_value"]
    posted = await post_point(backend.client, stream, moment, raw)
    await backend.look(stream_parts(slug).device or slug)
    shown = from_display_unit(stream, posted.shown, unit)
    return {
        "stream": slug,
        "timestamp": stamp(moment),
        "int_value": raw,
        "value": shown,
        "unit": unit,
        "rounding": 0.0 if value is None else shown - value,
    }


async def _upload_event(backend: Target, fields: Mapping[str, Any]) -> JsonObjectType:
    stream = _stream(backend, fields["stream"])
    moment = _when(fields, "timestamp", backend.poller.now())
    number = await post_event(
        backend.client, stream.slug, moment, fields["extra_data"], fields.get("data")
    )
    await backend.look(stream.owner)
    return {"event_id": number, "stream": stream.slug, "timestamp": stamp(moment)}


async def _upload_report(backend: Target, fields: Mapping[str, Any]) -> JsonObjectType:
    if (path := fields.get("path")) is not None:
        content = await read_file(backend.hass, path)
    else:
        try:
            content = base64.b64decode(fields["content"], validate=True)
        except binascii.Error, ValueError:
            raise BadFileError("Base64") from None
    received = _when(fields, "received", backend.poller.now())
    handed = await hand_in(backend.client, content, received)
    if handed.new and handed.report.device in backend.poller.state.listing.devices:
        await backend.look(handed.report.device)
    return {
        "device": handed.report.device,
        "count": handed.count,
        "last_id": handed.last_id,
        "new": handed.new,
    }


def _target(backend: Target, named: str) -> str:
    """Return the slug of a device, stream or project that is shown."""
    if "." in named:
        return _stream(backend, named).slug
    target = any_slug(named)
    listing = backend.poller.state.listing
    if target in listing.projects or target in listing.devices:
        return target
    if target.startswith("s--") and listing.find(target) is not None:
        return target
    # The server crashes on targets that it does not know, and shows others' notes.
    raise UnknownStreamError(stream=named)


async def _create_note(backend: Target, fields: Mapping[str, Any]) -> JsonObjectType:
    target = _target(backend, fields["target"])
    moment = _when(fields, "timestamp", backend.poller.now())
    number = await backend.client.create_note(target, moment, fields["note"])
    return {"note_id": number, "target": target}


async def _get_notes(backend: Target, fields: Mapping[str, Any]) -> JsonObjectType:
    target = _target(backend, fields["target"])
    found = await backend.client.notes(
        target, _moment(fields, "start"), _moment(fields, "end")
    )
    return {
        "target": target,
        "notes": cast("Any", as_json.notes(found)),
    }


async def _get_locations(backend: Target, fields: Mapping[str, Any]) -> JsonObjectType:
    target = _known_device(backend, fields["target"])
    found = await backend.client.locations(
        target, _moment(fields, "start"), _moment(fields, "end")
    )
    return {
        "target": target,
        "locations": cast("Any", as_json.locations(found)),
    }


async def _get_events(backend: Target, fields: Mapping[str, Any]) -> JsonObjectType:
    stream = _stream(backend, fields["stream"])
    now = backend.poller.now() + AHEAD
    start = _when(fields, "start", now - DEFAULT_EVENTS)
    end = min(_when(fields, "end", now), now)
    events = await backend.client.events(stream.slug, start, end)
    rows: list[Any] = []
    for event in events[-fields["limit"] :]:
        row = as_json.event(event)
        if fields["documents"] and event.has_raw:
            row["data"] = await backend.client.event_document(event.id)
        rows.append(row)
    return {"stream": stream.slug, "name": stream.name, "events": rows}


async def _get_stream_data(
    backend: Target, fields: Mapping[str, Any]
) -> JsonObjectType:
    stream = _stream(backend, fields["stream"])
    limit: int = fields["limit"]
    now = backend.poller.now() + AHEAD
    end = min(_when(fields, "end", now), now)
    points: list[Point] = []
    if (start := _moment(fields, "start")) is None:
        newest = (
            backend.client.newest_recordless
            if stream.recordless
            else backend.client.newest
        )
        points = await newest(stream.slug, limit, end)
    else:
        async for part, _ in backend.client.span(stream.slug, start, end):
            points = (points + part)[-limit:]
    unit, convert = in_sensors_unit(backend.hass, backend.inventory, stream)
    return {
        "stream": stream.slug,
        "name": stream.name,
        "unit": unit,
        "points": cast("Any", as_json.points(points[-limit:], convert)),
    }


async def _import_history(backend: Target, fields: Mapping[str, Any]) -> JsonObjectType:
    wanted = [
        point_of(backend.hass, backend.inventory, entity_id)
        for entity_id in fields["entities"]
    ]
    hours = await backend.history.run(
        wanted, fields["days"], anew=fields["anew"], follow=fields["follow"]
    )
    backend.save()
    return {"hours": dict(hours)}


def _known_device(backend: Target, given: str) -> str:
    slug = device_slug(given)
    if slug not in backend.poller.state.listing.devices:
        raise UnknownStreamError(stream=given)
    return slug


async def _set_property(backend: Target, fields: Mapping[str, Any]) -> JsonObjectType:
    slug = _known_device(backend, fields["target"])
    stored = await backend.client.set_property(slug, fields["name"], fields["value"])
    await backend.look(slug)
    return {"name": fields["name"], "value": cast("str", stored.get("value"))}


async def _set_location(backend: Target, fields: Mapping[str, Any]) -> JsonObjectType:
    slug = _known_device(backend, fields["target"])
    moment = _when(fields, "timestamp", backend.poller.now())
    number = await backend.client.set_location(
        slug, moment, fields["latitude"], fields["longitude"]
    )
    await backend.look(slug)
    return {"location_id": number}


_RANGE: Final[dict[vol.Marker, Any]] = {
    vol.Optional("start"): cv.datetime,
    vol.Optional("end"): cv.datetime,
}
_TIME: Final[dict[vol.Marker, Any]] = {vol.Optional("timestamp"): cv.datetime}
_STREAM: Final[dict[vol.Marker, Any]] = {vol.Required("stream"): cv.string}
_TARGET: Final[dict[vol.Marker, Any]] = {vol.Required("target"): cv.string}

ACTIONS: Final = (
    Action(
        name="accumulate",
        schema={
            vol.Required("sources"): vol.All(
                cv.ensure_list, vol.Length(min=1), [cv.string]
            ),
            vol.Required("start"): cv.datetime,
            vol.Optional("end"): cv.datetime,
        },
        handler=_accumulate,
        access=Access.READ,
        entities=("sources",),
    ),
    Action(
        name="post_data",
        schema={
            **_STREAM,
            **_TIME,
            vol.Optional("value"): finite,
            vol.Optional("int_value"): whole,
            vol.Optional("unit"): cv.string,
        },
        handler=_post_data,
        one_of=(("value", "int_value"),),
        entities=("stream",),
    ),
    Action(
        name="upload_event",
        schema={
            **_STREAM,
            **_TIME,
            vol.Required("extra_data", default=dict): dict,
            vol.Optional("data"): object,
        },
        handler=_upload_event,
        entities=("stream",),
    ),
    Action(
        name="upload_report",
        schema={
            vol.Optional("path"): cv.string,
            vol.Optional("content"): cv.string,
            vol.Optional("received"): cv.datetime,
        },
        handler=_upload_report,
        one_of=(("path", "content"),),
    ),
    Action(
        name="create_note",
        schema={**_TARGET, **_TIME, vol.Required("note"): cv.string},
        handler=_create_note,
    ),
    Action(
        name="get_stream_data",
        schema={
            **_STREAM,
            **_RANGE,
            vol.Required("limit", default=1000): vol.All(
                vol.Coerce(int), vol.Range(min=1, max=MAX_POINTS)
            ),
        },
        handler=_get_stream_data,
        access=Access.READ,
        entities=("stream",),
    ),
    Action(
        name="get_stream_events",
        schema={
            **_STREAM,
            **_RANGE,
            vol.Required("limit", default=100): vol.All(
                vol.Coerce(int), vol.Range(min=1, max=1000)
            ),
            vol.Required("documents", default=False): cv.boolean,
        },
        handler=_get_events,
        access=Access.READ,
        entities=("stream",),
    ),
    Action(
        name="get_notes",
        schema={**_TARGET, **_RANGE},
        handler=_get_notes,
        access=Access.READ,
        entities=("target",),
    ),
    Action(
        name="get_locations",
        schema={**_TARGET, **_RANGE},
        handler=_get_locations,
        access=Access.READ,
    ),
    Action(
        name="import_history",
        schema={
            vol.Required("entities"): cv.entity_ids,
            vol.Required("days", default=365): vol.All(
                vol.Coerce(int), vol.Range(min=1, max=MAX_DAYS)
            ),
            vol.Required("anew", default=False): cv.boolean,
            vol.Required("follow", default=True): cv.boolean,
        },
        handler=_import_history,
        entities=("entities",),
    ),
    Action(
        name="set_property",
        schema={
            **_TARGET,
            vol.Required("name"): cv.string,
            vol.Required("value"): vol.Any(bool, int, cv.string),
        },
        handler=_set_property,
    ),
    Action(
        name="set_location",
        schema={
            **_TARGET,
            **_TIME,
            vol.Required("latitude"): cv.latitude,
            vol.Required("longitude"): cv.longitude,
        },
        handler=_set_location,
    ),
)
