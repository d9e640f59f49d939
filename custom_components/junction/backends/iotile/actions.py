"""Actions of IOTile Cloud: names, fields, and permissions."""

from typing import Any, Final

from homeassistant.helpers import config_validation as cv
import probatio as vol

from ..base import Access, Action
from .entities.history import MAX_DAYS
from .entities.read_actions import (
    accumulate_streams,
    get_locations,
    get_notes,
    get_stream_data,
    get_stream_events,
)
from .entities.validate import finite, whole
from .entities.write_actions import (
    create_note,
    import_history,
    post_data,
    set_location,
    set_property,
    upload_event,
    upload_report,
)

MAX_POINTS: Final = 10_000

_RANGE: Final[dict[vol.Marker, Any]] = {
    vol.Optional("start"): cv.datetime,
    vol.Optional("end"): cv.datetime,
}
_TIME: Final[dict[vol.Marker, Any]] = {vol.Optional("timestamp"): cv.datetime}
_STREAM: Final[dict[vol.Marker, Any]] = {vol.Required("stream"): cv.string}
_DEVICE: Final[dict[vol.Marker, Any]] = {vol.Required("target"): cv.string}
_TARGET: Final[dict[vol.Marker, Any]] = {
    vol.Optional("target"): cv.string,
    vol.Optional("stream"): cv.string,
}
_ONE_TARGET: Final = (("target", "stream"),)
_PLACE: Final[dict[vol.Marker, Any]] = {
    vol.Required("latitude"): cv.latitude,
    vol.Required("longitude"): cv.longitude,
}

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
        handler=accumulate_streams,
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
        handler=post_data,
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
        handler=upload_event,
        entities=("stream",),
    ),
    Action(
        name="upload_report",
        schema={
            vol.Optional("path"): cv.string,
            vol.Optional("content"): cv.string,
            vol.Optional("received"): cv.datetime,
        },
        handler=upload_report,
        one_of=(("path", "content"),),
    ),
    Action(
        name="create_note",
        schema={**_TARGET, **_TIME, vol.Required("note"): cv.string},
        handler=create_note,
        one_of=_ONE_TARGET,
        entities=("target", "stream"),
        devices=("target",),
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
        handler=get_stream_data,
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
        handler=get_stream_events,
        access=Access.READ,
        entities=("stream",),
    ),
    Action(
        name="get_notes",
        schema={**_TARGET, **_RANGE},
        handler=get_notes,
        access=Access.READ,
        one_of=_ONE_TARGET,
        entities=("target", "stream"),
        devices=("target",),
    ),
    Action(
        name="get_locations",
        schema={**_DEVICE, **_RANGE},
        handler=get_locations,
        access=Access.READ,
        devices=("target",),
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
        handler=import_history,
        entities=("entities",),
    ),
    Action(
        name="set_property",
        schema={
            **_DEVICE,
            vol.Required("name"): cv.string,
            vol.Required("value"): vol.Any(bool, int, cv.string),
        },
        handler=set_property,
        devices=("target",),
    ),
    Action(
        name="set_location",
        schema={
            **_DEVICE,
            **_TIME,
            # As the map of Home Assistant gives it.
            vol.Optional("location"): vol.Schema(_PLACE, extra=vol.REMOVE_EXTRA),
            vol.Optional("latitude"): cv.latitude,
            vol.Optional("longitude"): cv.longitude,
        },
        handler=set_location,
        one_of=(("location", "latitude"), ("location", "longitude")),
        devices=("target",),
    ),
)
