"""Actions that write: values, events, reports, notes, properties, locations, and statistics."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any, Final, cast

from homeassistant.util.json import JsonObjectType

from ..client.commands import find_stream, post_event, post_point, raw_of, submit_report
from ..client.errors import BadFileError
from ..client.slugs import stream_parts
from ..client.transport import stamp
from .action_target import Target, known_device, stream_named, target_named, when
from .files import read_file
from .lookup import from_display_unit, listed_stream, point_of, to_display_unit

_DIGITS: Final = 6
"""Digits to which stored values are rounded, to remove binary rounding errors."""


async def post_data(backend: Target, fields: Mapping[str, Any]) -> JsonObjectType:
    """Write a value, and return it as stored."""
    moment = when(fields, "timestamp", backend.poller.now())
    slug, listed = listed_stream(backend.hass, backend.inventory, fields["stream"])
    stream = await find_stream(backend.client, slug, listed)
    unit: str = fields.get("unit", stream.unit)
    if (value := fields.get("value")) is not None:
        asked = to_display_unit(stream, value, unit)
        raw = raw_of(stream, asked)
    else:
        raw = fields["int_value"]
    posted = await post_point(backend.client, stream, moment, raw)
    await backend.read_soon(stream_parts(slug).device or slug)
    shown = from_display_unit(stream, posted.shown, unit)
    return {
        "stream": slug,
        "timestamp": stamp(moment),
        "int_value": raw,
        "value": round(shown, _DIGITS),
        "unit": unit,
        "rounding": 0.0 if value is None else round(shown - value, _DIGITS),
    }


async def upload_event(backend: Target, fields: Mapping[str, Any]) -> JsonObjectType:
    """Write an event."""
    stream = stream_named(backend, fields["stream"])
    moment = when(fields, "timestamp", backend.poller.now())
    number = await post_event(
        backend.client, stream.slug, moment, fields["extra_data"], fields.get("data")
    )
    await backend.read_soon(stream.owner)
    return {"event_id": number, "stream": stream.slug, "timestamp": stamp(moment)}


async def upload_report(backend: Target, fields: Mapping[str, Any]) -> JsonObjectType:
    """Upload a device report. Raises BadFileError."""
    if (path := fields.get("path")) is not None:
        content = await read_file(backend.hass, path)
    else:
        try:
            content = base64.b64decode(fields["content"], validate=True)
        except binascii.Error, ValueError:
            raise BadFileError("Base64") from None
    received = when(fields, "received", backend.poller.now())
    submission = await submit_report(backend.client, content, received)
    if (
        submission.new
        and submission.report.device in backend.poller.state.listing.devices
    ):
        await backend.read_soon(submission.report.device)
    return {
        "device": submission.report.device,
        "count": submission.count,
        "last_id": submission.last_id,
        "new": submission.new,
    }


async def create_note(backend: Target, fields: Mapping[str, Any]) -> JsonObjectType:
    """Create a note."""
    target = target_named(backend, fields)
    moment = when(fields, "timestamp", backend.poller.now())
    number = await backend.client.create_note(target, moment, fields["note"])
    return {"note_id": number, "target": target}


async def set_property(backend: Target, fields: Mapping[str, Any]) -> JsonObjectType:
    """Set a property of a device."""
    slug = known_device(backend, fields["target"])
    stored = await backend.client.set_property(slug, fields["name"], fields["value"])
    await backend.read_soon(slug)
    return {"name": fields["name"], "value": cast("str", stored.get("value"))}


async def set_location(backend: Target, fields: Mapping[str, Any]) -> JsonObjectType:
    """Set the location of a device."""
    slug = known_device(backend, fields["target"])
    moment = when(fields, "timestamp", backend.poller.now())
    place: Mapping[str, float] = fields.get("location", fields)
    number = await backend.client.set_location(
        slug, moment, place["latitude"], place["longitude"]
    )
    await backend.read_soon(slug)
    return {"location_id": number}


async def import_history(backend: Target, fields: Mapping[str, Any]) -> JsonObjectType:
    """Import the history of sensors into statistics."""
    wanted = [
        point_of(backend.hass, backend.inventory, entity_id)
        for entity_id in fields["entities"]
    ]
    hours = await backend.history.run(
        wanted, fields["days"], anew=fields["anew"], follow=fields["follow"]
    )
    backend.save()
    return {"hours": dict(hours)}
