"""Rarely used endpoints of an IOTile Cloud: device keys, the type of one variable.

See docs/protocols/iotile.md#endpoints.
"""

from aiohttp import web

from .objects import found_device
from .values import Json
from .wire import (
    FORBIDDEN,
    NOT_FOUND,
    WORLD,
    Refused,
    answer,
    make_jwt,
    padded,
    user_of,
)
from .world import SEEDS

_ENDLESS = 100 * 365 * 86_400.0


async def device_key(request: web.Request) -> web.Response:
    """Return a token of a device, which acts on behalf of the user who claimed it."""
    found_device(request)
    if request.query.get("type") != "a-jwt":
        raise Refused(400, {"msg": "No type specified"})
    now = request.app[WORLD].clock.now()
    return answer({"key": make_jwt(user_of(request), now, _ENDLESS)})


async def variable_type(request: web.Request) -> web.Response:
    """Return the type of a variable."""
    user, world = user_of(request), request.app[WORLD]
    slug = padded(request.match_info["variable"])
    if world.org_of(slug) != user.org:
        raise Refused(403, FORBIDDEN)
    kinds = {row["slug"]: row for row in SEEDS["vartypes"]}
    found: Json | None = next(
        (kinds.get(row["var_type"]) for row in world.variables if row["slug"] == slug),
        None,
    )
    if found is None:
        raise Refused(404, NOT_FOUND)
    return answer(found)
