"""Write points, events, notes, and locations.

See docs/protocols/iotile.md#writing-points.
"""

from copy import deepcopy
import gzip
import json
import re

from aiohttp import web

from .data import point, time_range
from .values import Json
from .wire import (
    FORBIDDEN,
    NOT_FOUND,
    WORLD,
    Refused,
    answer,
    body_of,
    crash,
    form_of,
    moment,
    padded,
    paged,
    required,
    user_of,
)
from .world import SEEDS, World, iso

_STREAM = re.compile(
    r"s--[0-9a-f]{4}-[0-9a-f]{4}--([0-9a-f]{4}-){3}[0-9a-f]{4}--[0-9a-f]{4}"
)
_BAD_TIME = (
    "Datetime has wrong format. Use one of these formats instead: "
    "YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z], YYYY-MM-DDThh:mm:ssZ."
)


def _time(body: Json) -> float:
    try:
        found = moment(body["timestamp"], strict=True)
    except ValueError, TypeError:
        found = None
    if found is None:
        raise Refused(400, {"timestamp": [_BAD_TIME]})
    return found


def _open(request: web.Request, slug: object) -> None:
    """Refuse streams of other users, as the server does."""
    world, user = request.app[WORLD], user_of(request)
    if not isinstance(slug, str) or not _STREAM.fullmatch(slug):
        raise Refused(500, None)
    _, project, device, _ = slug.split("--")
    home = world.project(f"p--{project}")
    virtual = not device.strip("0-")
    if home is None or not (virtual or world.device(f"d--{device}")):
        raise Refused(404, NOT_FOUND)
    if home["org"] != user.org:
        raise Refused(403, FORBIDDEN)


def _check(body: Json) -> Json:
    """Return the errors of a point; {} if it is valid."""
    wrong: dict[str, list[str]] = {}
    for name in ("stream", "timestamp"):
        if body.get(name) is None:
            wrong[name] = ["This field is required."]
    raw = body.get("int_value")
    if raw is not None and (isinstance(raw, bool) or not isinstance(raw, int)):
        wrong["int_value"] = ["A valid integer is required."]
    if wrong:
        return wrong
    if (raw is None) == (body.get("value") is None):
        words = "Either int_value or value should be used"
        if raw is not None:
            words = "Only int_value or value should be used"
        return {"non_field_errors": [words]}
    if body.get("value") is not None and body.get("type") != "ITR":
        words = "type should be 'ITR' or None if value is used"
        return {"non_field_errors": [words]}
    return {}


async def post_data(request: web.Request) -> web.Response:
    """Store one or more points: all or none."""
    user_of(request)
    world, body = request.app[WORLD], await body_of(request)
    if isinstance(body, list):
        each = [_check(one) for one in body]
        if any(each):
            raise Refused(400, each)
        for one in body:
            _open(request, one["stream"])
        for one in body:
            world.add(one["stream"], _time(one), one["int_value"])
        return answer({"count": len(body)}, 201)
    if wrong := _check(body):
        raise Refused(400, wrong)
    at = _time(body)
    _open(request, body["stream"])
    slug = body["stream"]
    if body.get("int_value") is None:
        if world.stream(slug):
            return crash()
        row = world.add(slug, at, 0)
        row.int_value, row.value, row.type = None, body["value"], "ITR"
    else:
        row = world.add(
            slug,
            at,
            body["int_value"],
            local_id=body.get("streamer_local_id", 0),
            device_time=body.get("device_timestamp"),
        )
    return answer(point(row, slug), 201)


async def post_event(request: web.Request) -> web.Response:
    """Store one or more events."""
    user_of(request)
    body = await body_of(request)
    if isinstance(body, list):
        for one in body:
            _store_event(request, one)
        return answer({"count": len(body)}, 201)
    return answer(_store_event(request, body), 201)


def _store_event(request: web.Request, body: Json) -> Json:
    world = request.app[WORLD]
    required(body, "stream", "timestamp")
    extra = body.get("extra_data") or {}
    if not isinstance(extra, dict):
        words = "extra_data must be a valid dictionary object"
        raise Refused(400, {"extra_data": [words]})
    at = _time(body)
    _open(request, body["stream"])
    event = world.add_event(body["stream"], at, extra)
    if "data" in body:
        _keep(world, event, body["data"])
    return event


def _keep(world: World, event: Json, document: object) -> None:
    world.documents[event["id"]] = document
    event |= {"s3key": f"dev/{event['id']}.json", "has_raw_data": True}


async def upload_event(request: web.Request) -> web.Response:
    """Store an event with its document."""
    user_of(request)
    fields, upload = await form_of(request)
    if upload is None:
        raise Refused(400, {"error": "missing request.data['file']"})
    filename, raw = upload
    required(fields, "stream", "timestamp")
    _name, dot, extension = filename.partition(".")
    if not dot:
        raise Refused(400, ["Filename must use file extensions"])
    if extension not in ("json", "json.gz"):
        raise Refused(400, ["Unsupported extension for Stream Event"])
    extra = {}
    if text := fields.get("encoded_extra_data"):
        try:
            extra = json.loads(text)
        except ValueError as err:
            words = f"Failed to deserialize value: {err}"
            raise Refused(400, {"encoded_extra_data": [words]}) from None
        if not isinstance(extra, dict):
            words = "Value should be a utf-8 encoded string"
            raise Refused(400, {"encoded_extra_data": [words]})
    at = _time(fields)
    _open(request, fields["stream"])
    event = request.app[WORLD].add_event(fields["stream"], at, extra)
    _keep(
        request.app[WORLD],
        event,
        json.loads(gzip.decompress(raw) if extension.endswith("gz") else raw),
    )
    return answer(
        {
            "id": event["id"],
            "stream": event["stream"],
            "device_timestamp": None,
            "timestamp": event["timestamp"],
            "streamer_local_id": 0,
            # Formatted by Python's repr, as on the real server.
            "encoded_extra_data": repr(extra),
        },
        201,
    )


def _target(request: web.Request, target: str, *, crashes: bool = False) -> None:
    world, user = request.app[WORLD], user_of(request)
    org = world.org_of(padded(target))
    if org is None:
        raise Refused(500 if crashes else 404, NOT_FOUND)
    if org != user.org:
        raise Refused(403, FORBIDDEN)


def _between(row: Json, low: float, high: float) -> bool:
    return low <= (moment(row["timestamp"]) or 0.0) < high


def _within(request: web.Request, rows: list[Json]) -> list[Json]:
    """Return the rows of the requested range."""
    low, high = time_range(request)
    return [row for row in rows if _between(row, low, high)]


async def notes(request: web.Request) -> web.Response:
    """List notes of a target (no authentication required), or write one."""
    user, world = user_of(request), request.app[WORLD]
    if request.method == "GET":
        if not (target := request.query.get("target")):
            raise Refused(400, {"target": ["This field is required."]})
        rows = _within(request, [r for r in world.notes if r["target"] == target])
        return paged(request, rows, default=1000, most=10_000)
    body = await body_of(request)
    many = body if isinstance(body, list) else [body]
    stored = []
    for one in many:
        required(one, "target", "timestamp")
        at = _time(one)
        _target(request, one["target"], crashes=True)
        note = {
            **deepcopy(SEEDS["note"]),
            "id": world.number(),
            "target": one["target"],
            "timestamp": iso(at),
            "note": one.get("note", ""),
            "type": "ui",
        }
        note["user_info"] |= {"username": f"@{user.name}", "slug": user.name}
        world.notes.append(note)
        stored.append(note)
    if isinstance(body, list):
        return answer({"count": len(stored)}, 201)
    return answer(stored[0], 201)


async def locations(request: web.Request) -> web.Response:
    """List the locations of a target, or store one."""
    user, world = user_of(request), request.app[WORLD]
    if request.method == "GET":
        if not (target := request.query.get("target")):
            raise Refused(400, {"target": ["This field is required."]})
        rows = [row for row in world.locations if row["target"] == target]
        if request.query.get("mask") == "1":
            mask = world.masks.get(target, {})
            low, high = (moment(mask.get(name)) for name in ("start", "end"))
            rows = [r for r in rows if _between(r, low or 0.0, high or float("inf"))]
        return paged(request, _within(request, rows))
    body = await body_of(request)
    required(body, "target", "timestamp")
    for name in ("lat", "lon"):
        try:
            float(body.get(name) or "0")
        except ValueError:
            raise Refused(400, {name: ["A valid number is required."]}) from None
    at = _time(body)
    _target(request, body["target"])
    row = {
        "id": world.number(),
        "timestamp": iso(at),
        "target": body["target"],
        "lat": body["lat"],
        "lon": body["lon"],
        "user": user.name,
    }
    world.locations.append(row)
    if (device := world.device(body["target"])) is not None:
        device |= {"lat": body["lat"], "lon": body["lon"]}
    return answer(row, 201)


async def properties(request: web.Request) -> web.Response:
    """List the properties of a target."""
    user_of(request)
    if not (target := request.query.get("target")):
        words = "target argument (e.g. target=d--0000-0000-0000-1234) is required"
        raise Refused(406, {"detail": words})
    rows = request.app[WORLD].properties
    return paged(request, [row for row in rows if row["target"] == target])
