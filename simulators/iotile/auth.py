"""Login and account endpoints.

See docs/protocols/iotile.md#authentication.
"""

import re

from aiohttp import web

from .values import Json
from .wire import WORLD, Refused, answer, body_of, make_jwt, read_jwt, required, user_of
from .world import SEEDS, User, iso

DAY = 86400
LIFETIME = 7 * DAY
WRONG = "Username/password combination invalid."
COOKIES = ("csrftoken", "sessionid")


def account(user: User) -> Json:
    """Return an account as its owner sees it."""
    return {
        **SEEDS["owner"],
        "id": user.id,
        "email": user.email,
        "username": user.name,
        "slug": user.name,
    }


async def server(request: web.Request) -> web.Response:
    """Describe the server; no authentication required."""
    world = request.app[WORLD]
    return answer({**SEEDS["server"], "now": iso(world.clock.now())})


async def login(request: web.Request) -> web.Response:
    """Return both tokens, and set two cookies that a client must not use."""
    if request.headers.get("Authorization"):
        user_of(request)
        raise Refused(403, "Already Logged-in")
    if "sessionid" in request.cookies:
        raise Refused(403, {"detail": "CSRF Failed: CSRF token missing or incorrect."})
    body = await body_of(request)
    required(body, "email", "password")
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", body["email"]):
        raise Refused(400, {"email": ["Enter a valid email address."]})
    world = request.app[WORLD]
    for user in world.users:
        if (
            user.email == body["email"].lower()
            and user.password == body["password"]
            and user.active
        ):
            tokens = {
                "token": user.token,
                "jwt": make_jwt(user, world.clock.now(), LIFETIME),
            }
            response = answer({**account(user), **tokens})
            for cookie in COOKIES:
                response.set_cookie(cookie, cookie.upper(), httponly=True)
            return response
    raise Refused(401, WRONG)


async def logout(request: web.Request) -> web.StreamResponse:
    """End the cookie session, with a body that a 204 must not have.

    See docs/protocols/iotile.md#refresh-and-logout.
    """
    user_of(request)
    return broken_204(request)


def broken_204(request: web.Request) -> web.StreamResponse:
    """Send 204 with a body, as this server does."""
    assert request.transport is not None
    request.transport.write(
        b"HTTP/1.1 204 No Content\r\nContent-Type: application/json\r\n"
        b"Content-Length: 2\r\n\r\n{}"
    )
    request.transport.close()
    return web.Response(status=204)


async def token(request: web.Request) -> web.Response:
    """Return both tokens of the authenticated user."""
    user = user_of(request)
    now = request.app[WORLD].clock.now()
    return answer({"token": user.token, "jwt": make_jwt(user, now, LIFETIME)})


async def user_info(request: web.Request) -> web.Response:
    """Return the authenticated user."""
    try:
        user = user_of(request)
    except Refused as err:
        raise Refused(403, "User not recognized.") from err
    jwt = make_jwt(user, request.app[WORLD].clock.now(), LIFETIME)
    return answer({**account(user), "jwt": jwt})


async def jwt_auth(request: web.Request) -> web.Response:
    """Log in by user name through the JWT endpoint."""
    body = await body_of(request)
    required(body, "username", "password")
    world = request.app[WORLD]
    for user in world.users:
        if (
            body["username"] in (user.name, user.email)
            and user.password == body["password"]
        ):
            return answer({"token": make_jwt(user, world.clock.now(), LIFETIME)})
    words = "Unable to log in with provided credentials."
    raise Refused(400, {"non_field_errors": [words]})


async def jwt_refresh(request: web.Request) -> web.Response:
    """Return a new token for a valid one."""
    claims = await _claims(request)
    world = request.app[WORLD]
    user = next(user for user in world.users if user.id == claims["user_id"])
    now = world.clock.now()
    return answer({"token": make_jwt(user, now, LIFETIME, claims["orig_iat"])})


async def jwt_verify(request: web.Request) -> web.Response:
    """Return whether a token is valid."""
    body = await body_of(request)
    await _claims(request)
    return answer({"token": body["token"]})


async def _claims(request: web.Request) -> Json:
    body = await body_of(request)
    required(body, "token")
    try:
        return read_jwt(body["token"], request.app[WORLD].clock.now())
    except ValueError as err:
        words = str(err) if "Signature" in str(err) else "Error decoding signature."
        raise Refused(400, {"non_field_errors": [words]}) from None
