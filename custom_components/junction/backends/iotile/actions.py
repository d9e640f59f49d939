"""Actions for IOTile Cloud."""

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Protocol, cast

from homeassistant.core import HomeAssistant
from homeassistant.helpers import config_validation as cv, entity_registry as er
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonObjectType
import probatio as vol

from ..base import Access, Action
from .client.accumulate import accumulate
from .client.api import IOTileClient
from .client.commands import hand_in, post_event, post_point, raw_of
from .client.errors import BadFileError, UnknownStreamError
from .client.models import Stream
from .client.poller import Poller
from .client.slugs import any_slug, device_slug, stream_parts, stream_slug
from .client.transport import stamp
from .entities.description import PointDescription
from .entities.history import MAX_DAYS, IOTileHistory
from .entities.inventory import Inventory

MAX_FILE: Final = 2**20
"""Bytes; the length field of a report holds 24 bits, devices send a few kB."""
MAX_POINTS: Final = 10_000


class Target(Protocol):
    """What the actions need of the backend."""

    hass: HomeAssistant
    client: IOTileClient
    poller: Poller
    inventory: Inventory
    history: IOTileHistory

    def save(self) -> None:
        """Write down what is to be remembered."""


def _moment(fields: Mapping[str, Any], name: str) -> datetime | None:
    moment: datetime | None = fields.get(name)
    return dt_util.as_utc(moment) if moment else None


def _when(fields: Mapping[str, Any], name: str, default: datetime) -> datetime:
    return _moment(fields, name) or default


def _point(backend: Target, entity_id: str) -> PointDescription:
    """Return the point behind an entity that shows a stream."""
    entity = er.async_get(backend.hass).async_get(entity_id)
    for found in backend.inventory.points:
        key = "/".join(found.point.key)
        if entity and found.stream and entity.unique_id.endswith(f"/{key}"):
            return found
    raise UnknownStreamError(stream=entity_id)


def _stream(backend: Target, named: str) -> Stream:
    """Return a stream by its slug in any form, or by an entity that shows it."""
    if "." in named:
        found = _point(backend, named).stream
    else:
        found = backend.poller.state.listing.streams.get(stream_slug(named))
    if found is None:
        raise UnknownStreamError(stream=named)
    return found


async def _accumulate(backend: Target, fields: Mapping[str, Any]) -> JsonObjectType:
    end = _when(fields, "end", backend.poller.now())
    start = _when(fields, "start", end)
    result = await accumulate(backend.client, fields["sources"], start, end)
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
    }
    if result.total is not None:
        found["total"] = result.total
    return found


async def _post_data(backend: Target, fields: Mapping[str, Any]) -> JsonObjectType:
    named = fields["stream"]
    moment = _when(fields, "timestamp", backend.poller.now())
    if (raw := fields.get("int_value")) is None:
        stream = _stream(backend, named)
        slug, raw = stream.slug, raw_of(stream, fields["value"])
    else:
        # Streams without a record take raw numbers too.
        slug = _stream(backend, named).slug if "." in named else stream_slug(named)
    stored = await post_point(backend.client, slug, moment, raw)
    backend.poller.expect(stream_parts(slug).device or slug)
    return {
        "stream": slug,
        "timestamp": stamp(moment),
        "int_value": raw,
        "value": cast("float | None", stored.get("value")),
    }


async def _upload_event(backend: Target, fields: Mapping[str, Any]) -> JsonObjectType:
    stream = _stream(backend, fields["stream"])
    moment = _when(fields, "timestamp", backend.poller.now())
    number = await post_event(
        backend.client, stream.slug, moment, fields["extra_data"], fields.get("data")
    )
    return {"event_id": number, "stream": stream.slug, "timestamp": stamp(moment)}


async def _upload_report(backend: Target, fields: Mapping[str, Any]) -> JsonObjectType:
    if (path := fields.get("path")) is not None:
        content = await _read_file(backend.hass, path)
    else:
        try:
            content = base64.b64decode(fields["content"], validate=True)
        except binascii.Error, ValueError:
            raise BadFileError("Base64") from None
    received = _when(fields, "received", backend.poller.now())
    handed = await hand_in(backend.client, content, received)
    return {
        "device": handed.report.device,
        "count": handed.count,
        "last_id": handed.last_id,
        "new": handed.new,
    }


async def _read_file(hass: HomeAssistant, path: str) -> bytes:
    def read() -> bytes:
        if not hass.config.is_allowed_path(path):
            raise BadFileError("allowlist_external_dirs")
        try:
            with Path(path).open("rb") as file:
                return file.read(MAX_FILE)
        except OSError as err:
            raise BadFileError(err.strerror or "") from None

    return await hass.async_add_executor_job(read)


async def _create_note(backend: Target, fields: Mapping[str, Any]) -> JsonObjectType:
    target = any_slug(fields["target"])
    listing = backend.poller.state.listing
    if target not in {*listing.devices, *listing.streams, *listing.projects}:
        # The server crashes on targets that it does not know.
        raise UnknownStreamError(stream=fields["target"])
    moment = _when(fields, "timestamp", backend.poller.now())
    number = await backend.client.create_note(target, moment, fields["note"])
    return {"note_id": number, "target": target}


async def _get_stream_data(
    backend: Target, fields: Mapping[str, Any]
) -> JsonObjectType:
    stream = _stream(backend, fields["stream"])
    limit: int = fields["limit"]
    points: list[Any] = []
    async for page in backend.client.pages(
        stream.slug,
        start=_moment(fields, "start"),
        end=_moment(fields, "end"),
        lastn=limit,
        size=limit,
    ):
        points += page
        if len(points) >= limit:
            break
    return {
        "stream": stream.slug,
        "name": stream.name,
        "unit": stream.unit,
        "points": [
            {"timestamp": stamp(point.time), "value": stream.shown(point.stored)}
            for point in points[-limit:]
        ],
    }


async def _import_history(backend: Target, fields: Mapping[str, Any]) -> JsonObjectType:
    wanted = [_point(backend, entity_id) for entity_id in fields["entities"]]
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
    return {"name": fields["name"], "value": cast("str", stored.get("value"))}


async def _set_location(backend: Target, fields: Mapping[str, Any]) -> JsonObjectType:
    slug = _known_device(backend, fields["target"])
    moment = _when(fields, "timestamp", backend.poller.now())
    number = await backend.client.set_location(
        slug, moment, fields["latitude"], fields["longitude"]
    )
    return {"location_id": number}


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
    ),
    Action(
        name="post_data",
        schema={
            **_STREAM,
            **_TIME,
            vol.Optional("value"): vol.Coerce(float),
            vol.Optional("int_value"): vol.Coerce(int),
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
            vol.Optional("start"): cv.datetime,
            vol.Optional("end"): cv.datetime,
            vol.Required("limit", default=1000): vol.All(
                vol.Coerce(int), vol.Range(min=1, max=MAX_POINTS)
            ),
        },
        handler=_get_stream_data,
        access=Access.READ,
        entities=("stream",),
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
