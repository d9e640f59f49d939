"""The simulated cloud: accounts, one-time codes, tokens, and the relay to hubs.

See docs/protocols/cozify.md#cloud-api.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
import json
from random import Random
import string

from aiohttp import web

from simulators.clock import VirtualClock

from .hub_api import HubApi, as_json
from .tokens import CLOUD_LIFE, GUEST, USER, Mint, Token

PREFIX = "/ui/0.2"
CODE_LIFE = 600
TRIES = 5


@dataclass(slots=True)
class Code:
    """A one-time code."""

    text: str
    expires: float
    tries: int = TRIES


@dataclass(slots=True)
class Account:
    """A user, with the roles by hub id."""

    email: str
    roles: dict[str, int] = field(default_factory=dict)
    code: Code | None = None


@dataclass(slots=True)
class CloudBehaviour:
    """Variations in the behavior of the cloud."""

    token_type: str | None = "application/json"
    """The content type of tokens; None = none."""
    quoted: bool = False
    """Whether tokens are in quotes."""
    key_life: float | None = None
    """Seconds for which keys of hubs are good, None = 90 days."""
    snake_claims: bool = False
    """Whether keys say ``hub_id`` in place of ``hubId``."""
    null_keys: bool = False
    """Whether hubs are listed without a key."""
    addresses: list[str] | None = None
    """What ``lan_ip`` says in place of the truth."""
    offline_status: int = 400
    code: str | None = None
    """The one-time code to send, always; None = a new one each time."""
    unpaid: bool = False


class Cloud:
    """One cloud and its accounts."""

    def __init__(self, clock: VirtualClock, mint: Mint, seed: int = 0) -> None:
        """Start without accounts."""
        self.clock = clock
        self.mint = mint
        self.accounts: dict[str, Account] = {}
        self.hubs: dict[str, HubApi] = {}
        self.where: dict[str, str] = {}
        """The addresses of hubs by hub id, as ``lan_ip`` gives them."""
        self.behaviour = CloudBehaviour()
        self.sent_codes: list[tuple[str, str]] = []
        self._keys: dict[tuple[str, str], Token] = {}
        self._random = Random(f"{seed}/codes")

    def application(self) -> web.Application:
        """Return the cloud as a web application."""
        application = web.Application()
        add = application.router.add_route
        for method, path, handler in (
            ("POST", "user/requestlogin", self._request_login),
            ("POST", "user/emaillogin", self._email_login),
            ("GET", "user/hubkeys", self._hub_keys),
            ("GET", "user/refreshsession", self._refresh),
            ("PUT", "user/logout", self._log_out),
            ("GET", "hub/lan_ip", self._lan_ip),
            ("*", "hub/remote/{path:.+}", self._remote),
        ):
            add(method, f"{PREFIX}/{path}", handler)
        return application

    # For tests.

    def code_of(self, email: str) -> str:
        """Return the last code that was emailed."""
        return next(code for to, code in reversed(self.sent_codes) if to == email)

    def cloud_token(self, email: str) -> Token:
        """Issue a cloud token."""
        return self.mint.issue(
            email,
            self.clock.now(),
            CLOUD_LIFE,
            {"iss": "Cloud", "user_id": f"user-of-{email}", "role": USER},
        )

    def key(self, email: str, hub_id: str) -> Token:
        """Return the key of a user for a hub, the same one until it expires."""
        now = self.clock.now()
        token = self._keys.get((email, hub_id))
        if token is None or token.revoked or token.expires <= now:
            snake = self.behaviour.snake_claims
            role = self.accounts[email].roles[hub_id]
            life = self.behaviour.key_life
            name = self.hubs[hub_id].state.name
            token = self.mint.issue(
                email,
                now,
                90 * 86_400 if life is None else life,
                {
                    "hub_id" if snake else "hubId": hub_id,
                    "hub_name" if snake else "hubName": name,
                    "role": role,
                    "owner": role > GUEST,
                    "email": email,
                },
                hub_id=hub_id,
                role=role,
            )
            self._keys[email, hub_id] = token
        return token

    # Routes.

    async def _request_login(self, request: web.Request) -> web.Response:
        account = self.accounts.get(request.query.get("email", ""))
        if account is not None:
            letters = string.ascii_uppercase + string.digits
            text = self.behaviour.code or "".join(self._random.choices(letters, k=6))
            account.code = Code(text, self.clock.now() + CODE_LIFE)
            self.sent_codes.append((account.email, text))
        return as_json(None)

    async def _email_login(self, request: web.Request) -> web.Response:
        fields: Mapping[str, object] = await request.post()
        if not fields:
            try:
                fields = json.loads(await request.read())
            except ValueError:
                fields = {}
        if not {"email", "password"} <= set(fields):
            return as_json({"message": "Missing field"}, 400)
        account = self.accounts.get(str(fields["email"]))
        code = account.code if account else None
        if account is None or code is None or code.expires <= self.clock.now():
            return as_json({"message": "Login failed"}, 401)
        if code.text != fields["password"]:
            code.tries -= 1
            if code.tries <= 0:
                account.code = None
            return as_json({"message": "Login failed"}, 401)
        account.code = None
        return self._token(self.cloud_token(account.email).text)

    def _token(self, text: str) -> web.Response:
        body = f'"{text}"' if self.behaviour.quoted else text
        response = web.Response(body=body.encode())
        if self.behaviour.token_type is None:
            # aiohttp would send application/octet-stream.
            response.headers["Content-Type"] = ""
        else:
            response.headers["Content-Type"] = self.behaviour.token_type
        return response

    def _authorized(self, request: web.Request) -> Token | None:
        text = request.headers.get("Authorization", "")
        token = self.mint.find(text, self.clock.now())
        return token if token is not None and token.hub_id is None else None

    async def _hub_keys(self, request: web.Request) -> web.Response:
        token = self._authorized(request)
        if token is None:
            return as_json({"message": "Authentication failed"}, 401)
        hubs = self.accounts[token.email].roles
        return as_json(
            {
                hub: None
                if self.behaviour.null_keys
                else self.key(token.email, hub).text
                for hub in hubs
            }
            or None
        )

    async def _refresh(self, request: web.Request) -> web.Response:
        token = self._authorized(request)
        if token is None:
            return as_json({"message": "Authentication failed"}, 401)
        return self._token(self.cloud_token(token.email).text)

    async def _log_out(self, request: web.Request) -> web.Response:
        token = self._authorized(request)
        if token is None:
            return as_json({"message": "Authentication failed"}, 401)
        token.revoked = True
        return web.Response(status=200)

    async def _lan_ip(self, request: web.Request) -> web.Response:
        told = self.behaviour.addresses
        return as_json(list(self.where.values()) if told is None else told)

    async def _remote(self, request: web.Request) -> web.Response:
        token = self._authorized(request)
        if token is None:
            return as_json({"message": "Authentication failed"}, 401)
        if self.behaviour.unpaid:
            return as_json({"message": "Payment required"}, 402)
        key_text = request.headers.get("X-Hub-Key", "")
        known = self.mint.issued.get(key_text)
        hub = self.hubs.get(known.hub_id or "") if known else None
        if hub is None or known is None or known.email != token.email:
            return web.Response(status=401, text="Authentication failed.")
        if not hub.state.cloud_connected:
            return as_json(
                {"message": "Hub is not connected"}, self.behaviour.offline_status
            )
        path = request.match_info["path"]
        if path == "hub":
            if self.mint.find(key_text, self.clock.now()) is None:
                return web.Response(status=401, text="Authentication failed.")
            return await hub.meta(request)
        parts = path.split("/", 2)
        if len(parts) < 3 or parts[0] != "cc":
            return web.Response(status=404)
        return await hub.serve(request, parts[1], parts[2], key_text)
