"""Projects, devices, variables, and streams.

See docs/protocols/iotile.md#resources.
"""

from aiohttp import web

from .auth import account, broken_204
from .values import Json
from .wire import (
    API,
    FORBIDDEN,
    NOT_FOUND,
    WORLD,
    Refused,
    answer,
    body_of,
    crash,
    mine,
    padded,
    paged,
    user_of,
)
from .world import SEEDS


async def root(request: web.Request) -> web.Response:
    """List the endpoints."""
    base = f"http://{request.host}{API}"
    return answer({key: f"{base}/{key}/" for key in SEEDS["root"]})


async def accounts(request: web.Request) -> web.Response:
    """List the user's own account."""
    return paged(request, [account(user_of(request))])


async def projects(request: web.Request) -> web.Response:
    """List projects."""
    user = user_of(request)
    rows = mine(request, user, request.app[WORLD].projects)
    query = request.query
    for field in ("slug", "name", "created_by"):
        if value := query.get(field):
            rows = [row for row in rows if row[field] == value]
    if org := query.get("org__slug") or query.get("org"):
        if request.app[WORLD].org(org) is None:
            raise Refused(404, NOT_FOUND)
        rows = [row for row in rows if row["org"] == org]
    return paged(request, rows)


async def project(request: web.Request) -> web.Response:
    """Return a project, by UUID only."""
    return answer(_project(request))


def _project(request: web.Request) -> Json:
    user = user_of(request)
    name = request.match_info["project"]
    if name.startswith("p--"):
        raise Refused(400, ["Project ID must be a UUID"])
    row = request.app[WORLD].project(name)
    if row is None or row["org"] not in request.app[WORLD].orgs_of(user):
        raise Refused(404, NOT_FOUND)
    return row


async def project_properties(request: web.Request) -> web.Response:
    """List the properties of a project."""
    _project(request)
    return answer(SEEDS["project_properties"])


async def devices(request: web.Request) -> web.Response:
    """List devices; inactive ones only on request."""
    user, world, query = user_of(request), request.app[WORLD], request.query
    rows = mine(request, user, world.devices)
    if query.get("all") != "1":
        rows = [row for row in rows if row["active"]]
    if name := query.get("project"):
        found = world.project(name)
        rows = [row for row in rows if found and row["project"] == found["id"]]
    if name := query.get("org__slug"):
        rows = [row for row in rows if row["org"] == name]
    if name := query.get("sg"):
        rows = [row for row in rows if row["sg"] == name]
    return paged(request, rows, default=1000, most=10_000)


def found_device(request: web.Request) -> Json:
    """Return the device in the path."""
    user, world = user_of(request), request.app[WORLD]
    row = world.device(padded(request.match_info["device"]))
    if row is None:
        raise Refused(404, NOT_FOUND)
    if row["org"] != user.org:
        raise Refused(403, FORBIDDEN)
    return row


async def device(request: web.Request) -> web.Response:
    """Return a device, or change it."""
    row = found_device(request)
    if request.method == "PATCH":
        if not user_of(request).permissions["can_modify_device"]:
            raise Refused(403, {"detail": "User is not allowed to modify device"})
        row |= await body_of(request)
    return answer(row)


async def device_extra(request: web.Request) -> web.Response:
    """Return which streams have data, with or without a record."""
    row, world = found_device(request), request.app[WORLD]
    counts: dict[str, Json] = {}
    for slug, points in world.points.items():
        if slug.split("--")[2] == row["gid"] and points:
            counts.setdefault(slug, {})["data_cnt"] = len(points)
    for event in world.events:
        if event["device"] == row["slug"]:
            count = counts.setdefault(event["stream"], {})
            count["event_cnt"] = count.get("event_cnt", 0) + 1
    for slug, count in counts.items():
        count["has_streamid"] = world.stream(slug) is not None
    keys = (
        "id",
        "slug",
        "project",
        "label",
        "active",
        "created_on",
        "claimed_by",
        "claimed_on",
    )
    return answer({**{key: row[key] for key in keys}, "stream_counts": counts})


async def device_status(request: web.Request) -> web.Response:
    """Return the status of a device, or change its checks."""
    row = found_device(request)
    status = request.app[WORLD].statuses[row["slug"]]
    if request.method == "PATCH":
        status |= await body_of(request)
        keys = (
            "health_check_enabled",
            "health_check_period",
            "notification_recipients",
        )
        return answer({key: status[key] for key in keys})
    return answer(status)


async def device_properties(request: web.Request) -> web.Response:
    """List the properties of a device."""
    row = found_device(request)
    if not user_of(request).permissions["can_read_device_properties"]:
        raise Refused(403, {"detail": "User has no access to read properties"})
    rows = request.app[WORLD].properties
    return answer(
        [
            {key: value for key, value in one.items() if key != "target"}
            for one in rows
            if one["target"] == row["slug"]
        ]
    )


async def new_property(request: web.Request) -> web.Response:
    """Set a property."""
    row, world = found_device(request), request.app[WORLD]
    if not user_of(request).permissions["can_modify_device_properties"]:
        words = "User has no access to create/modify properties"
        raise Refused(403, {"detail": words})
    body = await body_of(request)
    kinds = [kind for kind in ("str", "int", "bool") if f"{kind}_value" in body]
    if len(kinds) != 1:
        raise Refused(400, "Only one of int_value,str_value,bool_value can be used")
    value = {"value": body[f"{kinds[0]}_value"], "type": kinds[0]}
    for one in world.properties:
        if (one["target"], one["name"]) == (row["slug"], body["name"]):
            one |= value
            break
    else:
        one = {"id": world.number(), "name": body["name"], **value, "is_system": False}
        one["target"] = row["slug"]
        world.properties.append(one)
    return answer({k: v for k, v in one.items() if k != "target"}, 201)


async def device_streamers(request: web.Request) -> web.Response:
    """List the streamers of a device."""
    row = found_device(request)
    rows = request.app[WORLD].streamers
    return answer([one for one in rows if one["device"] == row["slug"]])


async def device_versions(request: web.Request) -> web.Response:
    """Return an empty list, as the real server did."""
    found_device(request)
    return answer([])


async def device_template(request: web.Request) -> web.Response:
    """Return the hardware of a device."""
    row = found_device(request)
    for one in request.app[WORLD].templates:
        if one["slug"] == row["template"]:
            return answer(one)
    raise Refused(404, NOT_FOUND)


async def device_mask(request: web.Request) -> web.StreamResponse:
    """Return or change the visible period."""
    row, world = found_device(request), request.app[WORLD]
    mask = world.masks.get(row["slug"], {"start": None, "end": None})
    if request.method == "DELETE":
        world.masks.pop(row["slug"], None)
        return broken_204(request)
    if request.method == "PATCH":
        body = await body_of(request)
        for key, value in body.items():
            if value is None:
                raise Refused(400, {key: ["This field may not be null."]})
        mask = world.masks[row["slug"]] = {**mask, **body}
        return answer({**mask, "events": [], "data": []}, 202)
    return answer(mask)


async def templates(request: web.Request) -> web.Response:
    """List hardware types."""
    user_of(request)
    return paged(request, request.app[WORLD].templates)


async def template(request: web.Request) -> web.Response:
    """Return a hardware type."""
    user_of(request)
    for row in request.app[WORLD].templates:
        if row["slug"] == request.match_info["template"]:
            return answer(row)
    raise Refused(404, NOT_FOUND)


async def vartypes(request: web.Request) -> web.Response:
    """List variable types."""
    user_of(request)
    return paged(request, SEEDS["vartypes"])


async def vartype(request: web.Request) -> web.Response:
    """Return a variable type."""
    user_of(request)
    for row in SEEDS["vartypes"]:
        if row["slug"] == request.match_info["vartype"]:
            return answer(row)
    raise Refused(404, NOT_FOUND)


async def variables(request: web.Request) -> web.Response:
    """List variables."""
    user, world = user_of(request), request.app[WORLD]
    rows = mine(request, user, world.variables)
    if name := request.query.get("project"):
        found = world.project(name)
        rows = [row for row in rows if found and row["project"] == found["id"]]
    return paged(request, rows, default=1000, most=10_000)


async def variable(request: web.Request) -> web.Response:
    """Return a variable."""
    user, world = user_of(request), request.app[WORLD]
    slug = padded(request.match_info["variable"])
    if world.org_of(slug) != user.org:
        raise Refused(403, FORBIDDEN)
    for row in world.variables:
        if row["slug"] == slug:
            return answer(row)
    raise Refused(404, NOT_FOUND)


async def streams(request: web.Request) -> web.Response:
    """List streams, by default those of active devices."""
    user, world, query = user_of(request), request.app[WORLD], request.query
    rows = mine(request, user, world.streams)
    if name := query.get("device"):
        if not name.startswith("d--"):
            raise Refused(403, FORBIDDEN)
        if len(name.partition("--")[2].rpartition("-")[2]) != 4:
            return crash()
        rows = [row for row in rows if row["device"] == padded(name)]
    elif block := query.get("block"):
        rows = [row for row in rows if row["block"] == block]
    elif query.get("virtual") == "1":
        rows = [row for row in rows if row["device"] is None]
    elif query.get("all") != "1":
        active = {row["slug"] for row in world.devices if row["active"]}
        rows = [row for row in rows if row["device"] in active]
    if name := query.get("project"):
        found = world.project(name)
        rows = [row for row in rows if found and row["project"] == found["slug"]]
    if name := query.get("variable"):
        rows = [row for row in rows if row["variable"] == name]
    if name := query.get("org"):
        rows = [row for row in rows if row["org"] == name]
    return paged(request, rows, default=5000, most=20_000)


def found_stream(request: web.Request) -> Json:
    """Return the stream in the path, if the user may read it."""
    user, world = user_of(request), request.app[WORLD]
    slug = padded(request.match_info["stream"])
    row = world.stream(slug)
    if row is None:
        raise Refused(404, NOT_FOUND)
    if row["org"] != user.org or not user.permissions["can_read_stream_data"]:
        raise Refused(403, FORBIDDEN)
    return row


async def stream(request: web.Request) -> web.Response:
    """Return a stream, or change its label or unit."""
    row = found_stream(request)
    if request.method == "PATCH":
        body = await body_of(request)
        if unit := body.pop("output_unit", None):
            row["output_unit"] = _unit(unit)
        row |= body
    return answer(row)


def _unit(slug: str) -> Json:
    for kind in SEEDS["vartypes"]:
        for unit in kind["available_output_units"]:
            if unit["slug"] == slug:
                return dict(unit)
    words = f"Object with slug={slug} does not exist."
    raise Refused(400, {"output_unit": [words]})


async def graphs(request: web.Request) -> web.Response:
    """List sensor graphs of all vendors."""
    user_of(request)
    return paged(request, SEEDS["graphs"])


async def graph(request: web.Request) -> web.Response:
    """Return a sensor graph with its variables."""
    user_of(request)
    return answer(_graph(request.match_info["graph"]))


async def device_graph(request: web.Request) -> web.Response:
    """Return the sensor graph of a device."""
    return answer(_graph(found_device(request)["sg"]))


def _graph(slug: str | None) -> Json:
    for row in (*SEEDS["graph_details"], *SEEDS["graphs"]):
        if row["slug"] == slug:
            found: Json = row
            return found
    raise Refused(404, NOT_FOUND)


async def filters(request: web.Request) -> web.Response:
    """List the stream filters, which are actions of the server."""
    user = user_of(request)
    world = request.app[WORLD]
    mine_ = {p["slug"] for p in mine(request, user, world.projects)}
    return paged(request, [r for r in SEEDS["filters"] if r["project"] in mine_])


async def nothing(request: web.Request) -> web.Response:
    """Return an empty list: fleets, archives, aliases, and reports do not exist here."""
    user_of(request)
    return paged(request, [])


async def project_extra(request: web.Request) -> web.Response:
    """Return a project with its content."""
    row, world = _project(request), request.app[WORLD]
    devices = [d for d in world.devices if d["project"] == row["id"]]
    counts = {
        "active_devices": sum(d["active"] for d in devices),
        "inactive_devices": sum(not d["active"] for d in devices),
        "variables": sum(v["project"] == row["id"] for v in world.variables),
        "streams": sum(s["project"] == row["slug"] for s in world.streams),
    }
    return answer({**row, "counts": counts})
