"""Organizations and their members.

See docs/protocols/iotile.md#roles.
"""

from copy import deepcopy
import re

from aiohttp import web

from .values import Json
from .wire import NOT_FOUND, WORLD, Refused, answer, body_of, crash, paged, user_of
from .world import SEEDS, User, World, identity

NAMES = {"a0": "a0 - Owner", "m1": "m1 - Member", "r1": "r1 - Operator"}
DENIED = {"detail": "Access Denied due to lack of sufficient permissions"}


def slugify(name: str) -> str:
    """Return the server's slug of a name."""
    plain = re.sub(r"[^a-z0-9 _-]", "", name.lower())
    return re.sub(r"[ _-]+", "-", plain).strip("-")


def _org(request: web.Request) -> tuple[User, Json]:
    user, world = user_of(request), request.app[WORLD]
    slug = request.match_info["org"]
    row = world.org(slug)
    if row is None or slug not in world.orgs_of(user):
        raise Refused(404, NOT_FOUND)
    return user, row


async def orgs(request: web.Request) -> web.Response:
    """List the organizations of the user, or create one."""
    user, world = user_of(request), request.app[WORLD]
    if request.method == "GET":
        slugs = world.orgs_of(user)
        return paged(request, [row for row in world.orgs if row["slug"] in slugs])
    body = await body_of(request)
    name = _name(body)
    slug = slugify(name)
    if world.org(slug):
        words = "Organization with this Name produces duplicate slug."
        raise Refused(400, [words])
    row = {
        **deepcopy(SEEDS["org"]),
        "id": identity(f"org {slug}"),
        "name": name,
        "slug": slug,
        "about": body.get("about", ""),
        "created_by": user.name,
    }
    world.orgs.append(row)
    world.founders[slug] = user.name
    return answer(row, 201)


def _name(body: Json) -> str:
    name = body.get("name")
    if name is None:
        raise Refused(400, {"name": ["This field is required."]})
    if not isinstance(name, str) or not name.strip():
        raise Refused(400, {"name": ["This field may not be blank."]})
    return name


async def org(request: web.Request) -> web.Response:
    """Return an organization, or change it; only staff may delete one."""
    user, row = _org(request)
    if request.method == "DELETE":
        raise Refused(403, {"error": "Restricted Access. Contact Arch"})
    if request.method in ("PUT", "PATCH"):
        if not user.permissions["can_manage_org_and_projects"]:
            raise Refused(403, DENIED)
        body = await body_of(request)
        if request.method == "PUT" or "name" in body:
            _rename(request.app[WORLD], row, _name(body))
        row |= {key: body[key] for key in ("about",) if key in body}
    return answer(row)


def _rename(world: World, row: Json, name: str) -> None:
    """Change the name and therefore the slug, also in the objects that it owns."""
    old, new = row["slug"], slugify(name)
    if new != old and world.org(new):
        words = "Organization with this Name produces duplicate slug."
        raise Refused(400, [words])
    row |= {"name": name, "slug": new}
    for rows in (world.projects, world.devices, world.streams, world.variables):
        for one in rows:
            if one["org"] == old:
                one["org"] = new
    for user in world.users:
        if user.org == old:
            user.org = new
    if old in world.founders:
        world.founders[new] = world.founders.pop(old)


def _member(user: User, slug: str) -> Json:
    role = user.role if slug == user.org else "a0"
    return {
        **SEEDS["membership"],
        "user": user.name,
        "is_org_admin": role == "a0",
        "permissions": user.permissions,
        "role": role,
        "role_name": NAMES.get(role, role),
    }


async def membership(request: web.Request) -> web.Response:
    """Return the permissions of the user."""
    user, row = _org(request)
    return answer(_member(user, row["slug"]))


async def members(request: web.Request) -> web.Response:
    """List members, for users who may manage them."""
    user, _ = _org(request)
    if not user.permissions["can_manage_users"]:
        raise Refused(403, DENIED)
    return paged(request, [SEEDS["membership"]])


async def pending(request: web.Request) -> web.Response:
    """List invitations, which is always empty."""
    user, _ = _org(request)
    if not user.permissions["can_manage_users"]:
        raise Refused(403, DENIED)
    return paged(request, [])


async def projects(request: web.Request) -> web.Response:
    """List the projects of an organization by name."""
    _, row = _org(request)
    rows = [p for p in request.app[WORLD].projects if p["org"] == row["slug"]]
    return paged(request, sorted(rows, key=lambda p: str(p["name"])))


async def extra(request: web.Request) -> web.Response:
    """Return an organization with its content."""
    user, row = _org(request)
    world, slug = request.app[WORLD], row["slug"]
    counts = {
        "projects": sum(p["org"] == slug for p in world.projects),
        "datablocks": 0,
        "members": sum(slug in world.orgs_of(u) and u.active for u in world.users),
        "devices": sum(d["org"] == slug for d in world.devices),
        "fleets": 0,
        "networks": 0,
        "reports": 0,
    }
    shown = {key: value for key, value in row.items() if key != "domain_names"}
    return answer({**shown, "counts": counts, "current_member": _member(user, slug)})


async def devices(request: web.Request) -> web.Response:
    """Fail because there is no search engine."""
    _org(request)
    return crash()
