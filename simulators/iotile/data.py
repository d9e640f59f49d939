"""Read points, data frames, and events.

See docs/protocols/iotile.md#reading-data.
"""

import contextlib

from aiohttp import web

from .objects import found_stream
from .values import Json, shown
from .wire import FORBIDDEN, NOT_FOUND, WORLD, Refused, answer, moment, paged, user_of
from .world import Row, World, iso


def time_range(request: web.Request) -> tuple[float, float]:
    """Return start and end of a request; unreadable values are ignored."""
    start, end = (moment(request.query.get(name)) for name in ("start", "end"))
    return start or 0.0, end or float("inf")


def visible(world: World, slug: str, at: float) -> bool:
    """Return whether a moment is inside the mask of a device."""
    mask = world.masks.get(f"d--{slug.split('--')[2]}", {})
    low = moment(mask.get("start")) or 0.0
    high = moment(mask.get("end")) or float("inf")
    return low <= at < high


def masked(world: World, slug: str, rows: list[Row]) -> list[Row]:
    """Return the points inside the mask of a device."""
    return [row for row in rows if visible(world, slug, row.time)]


async def stream_data(request: web.Request) -> web.Response:
    """Return the points of one stream."""
    stream, world = found_stream(request), request.app[WORLD]
    start, end = time_range(request)
    rows = masked(world, stream["slug"], world.points[stream["slug"]])
    rows = sorted((r for r in rows if start <= r.time < end), key=lambda r: r.time)
    if (text := request.query.get("lastn")) is not None:
        with contextlib.suppress(ValueError):
            rows = rows[-max(1, int(text)) :]
    items = [
        {
            "type": row.type,
            "timestamp": iso(row.time),
            "int_value": row.int_value,
            "value": row.value,
            "display_value": f"{shown(stream, row.value):.2f}",
            "output_value": shown(stream, row.value),
            "streamer_local_id": row.local_id,
        }
        for row in rows
    ]
    return paged(request, items, default=5000, most=20_000)


def selected(request: web.Request, world: World) -> list[str]:
    """Return the streams of a filter that the user may read; unknown ones are left out."""
    user, chosen = user_of(request), request.query.get("filter", "")
    if not user.permissions["can_read_stream_data"]:
        return []
    if chosen.startswith("s--") and chosen.count("--") != 3:
        words = (
            "Illegal filter argument format (Illegal Stream). Stream slug must have "
            "three terms: s--<prj>--<dev>--<var>"
        )
        raise Refused(400, {"detail": words})
    found = []
    for slug in {*world.points, *(event["stream"] for event in world.events)}:
        _, project, device, variable = slug.split("--")
        if chosen not in (slug, f"d--{device}", f"v--{project}--{variable}"):
            continue
        home = world.project(f"p--{project}")
        if home and home["org"] == user.org:
            found.append(slug)
    return sorted(found)


async def data(request: web.Request) -> web.Response:
    """List points; slow on the real server."""
    user_of(request)
    world, query = request.app[WORLD], request.query
    last = None
    if "lastn" in query:
        try:
            last = int(query["lastn"])
        except ValueError:
            raise Refused(400, {"lastn": ["Enter a number."]}) from None
        if last <= 0:
            raise Refused(400, ["lastn must be greater than 0"])
        if last > 100_000:
            raise Refused(400, ["lastn limit is 100000"])
    times = {}
    for name in ("start", "end"):
        try:
            times[name] = moment(query.get(name), strict=True)
        except ValueError:
            raise Refused(400, {name: ["Enter a valid date/time."]}) from None
    rows = [
        (row, slug) for slug in selected(request, world) for row in world.points[slug]
    ]
    low, high = times["start"] or 0.0, times["end"] or float("inf")
    rows = [found for found in rows if low <= found[0].time < high]
    for name, key in (("id", "id"), ("streamer_id", "local_id")):
        if f"{name}_0" in query:
            rows = [f for f in rows if getattr(f[0], key) >= int(query[f"{name}_0"])]
        if f"{name}_1" in query:
            rows = [f for f in rows if getattr(f[0], key) <= int(query[f"{name}_1"])]
    rows.sort(key=lambda f: (f[0].local_id, f[1], f[0].time))
    if last is not None:
        rows = sorted(rows, key=lambda f: f[0].time)[-last:]
    items = [point(row, slug) for row, slug in rows]
    return paged(request, items, default=1000, most=10_000)


async def data_detail(request: web.Request) -> web.Response:
    """Refuse: for staff only."""
    user_of(request)
    raise Refused(403, FORBIDDEN)


def point(row: Row, slug: str) -> Json:
    """Return a point in the form of ``data/``."""
    _, project, device, variable = slug.split("--")
    return {
        "id": row.id,
        "stream": slug,
        "project": f"p--{project}",
        "device": f"d--{device}",
        "variable": f"v--{project}--{variable}",
        "type": row.type,
        "device_timestamp": row.device_time,
        "timestamp": iso(row.time),
        "int_value": row.int_value,
        "value": row.value,
        "streamer_local_id": row.local_id,
        "dirty_ts": False,
        "status": "cln" if row.local_id else "unk",
    }


async def events(request: web.Request) -> web.Response:
    """List events."""
    user_of(request)
    world = request.app[WORLD]
    slugs = selected(request, world)
    start, end = time_range(request)
    rows = [
        row
        for row in world.events
        if row["stream"] in slugs
        and start <= (at := moment(row["timestamp"]) or 0) < end
        and (request.query.get("mask") != "1" or visible(world, row["stream"], at))
    ]
    rows.sort(key=lambda r: (r["stream"], r["streamer_local_id"], r["timestamp"]))
    if "lastn" in request.query:
        rows = rows[-int(request.query["lastn"]) :]
    return paged(request, rows, default=1000, most=10_000)


def _event(request: web.Request) -> Json:
    user_of(request)
    try:
        number = int(request.match_info["event"])
    except ValueError:
        words = "Bad Request: Expected an integer database ID"
        raise Refused(400, {"detail": words}) from None
    for row in request.app[WORLD].events:
        if row["id"] == number:
            return row
    raise Refused(404, NOT_FOUND)


async def event(request: web.Request) -> web.Response:
    """Return an event."""
    return answer(_event(request))


async def event_data(request: web.Request) -> web.Response:
    """Return the document of an event."""
    row = _event(request)
    documents = request.app[WORLD].documents
    if row["id"] not in documents:
        raise Refused(404, {"error": "Event has no data"})
    return answer(documents[row["id"]])
