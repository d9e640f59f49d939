"""Cloud of OpenMotics as a real server: v1.1 with OAuth2.

It shows the same installation as its gateway. The behavior of the real cloud is known from its
clients only; switches cover the cases that they leave open.

Protocol: docs/protocols/openmotics.md#cloud-of-today.
"""

from dataclasses import dataclass
import json
from typing import Any, Self

from aiohttp import web

from simulators.http_server import FaultyServer

from .cloud_commands import BadBodyError, CloudCommands, NoSuchPathError
from .cloud_rows import OFFSET, CloudRows
from .engine import Engine
from .state import Row, State
from .switching import Refusal

__all__ = ["OFFSET", "CloudQuirks", "CloudServer"]

FILTERED = frozenset({"outputs", "shutters", "groupactions", "lights"})
"""Lists that support a filter."""


@dataclass(slots=True)
class CloudQuirks:
    """Differences between observed responses."""

    old_features: bool = False
    life: object = "3599"
    """``expires_in``: a text, a number, or None to leave it out."""
    offline: bool = False
    update: bool | None = None
    """``UPDATE_AVAILABLE``; None to leave it out."""
    refuse_once: bool = False
    """Good tokens are refused once."""
    refuse_fresh: int = 0
    """So many new tokens are no good."""
    filters: str = "known"
    """What becomes of a filter: ``known``, ``ignored``, or ``refused``."""
    page_size: int | None = None
    """Rows on one page; None = all."""
    polite: bool = False
    """What is not found is said under a status of 200."""


class CloudServer:
    """The current cloud, with tokens of both logins; two installations, one of them empty.

    ``engine`` is the engine of the gateway, which sends events about the cloud's commands.
    """

    def __init__(
        self, state: State, *, installation: int = 21, engine: Engine | None = None
    ) -> None:
        """Prepare the server; it listens on entering the context."""
        self.state = state
        self.engine = engine or Engine(state, lambda _kind, _data: None)
        self.installation = installation
        self.installations: dict[int, str] = {installation: "Home", 22: "Office"}
        self.quirks = CloudQuirks()
        self.rows = CloudRows(state, self.engine, installation)
        self.commands = CloudCommands(self.engine)
        self.sent: list[str] = []
        """The token of each request, in order."""
        self.clients = {
            "0b1c2d3e-4f50-4162-8374-95a6b7c8d9e0": "new-s3cret",
            "old-client": "old-s3cret",
        }
        self.tokens: list[str] = []
        self.issued = 0
        self.logins: list[dict[str, str]] = []
        application = web.Application()
        application.router.add_post("/new/token", self._token)
        application.router.add_post(
            "/api/v1.1/authentication/oauth2/token", self._token
        )
        application.router.add_get("/api/v1.1/base/installations", self._installations)
        application.router.add_get("/api/v1.1/base/installations/{id}", self._one)
        application.router.add_get(
            "/api/v1.1/base/installations/{id}/{path:.+}", self._list
        )
        application.router.add_post(
            "/api/v1.1/base/installations/{id}/{path:.+}", self._command
        )
        self.server = FaultyServer(application)

    async def __aenter__(self) -> Self:
        """Start."""
        await self.server.start()
        return self

    async def __aexit__(self, *exception: object) -> None:
        """Stop."""
        await self.server.stop()

    @property
    def base(self) -> str:
        """Base URL of the API."""
        return f"{self.server.url}/api/v1.1"

    async def _token(self, request: web.Request) -> web.Response:
        form = {str(k): str(v) for k, v in (await request.post()).items()}
        self.logins.append({"path": request.path, "scope": form.get("scope", "")})
        if form.get("grant_type") != "client_credentials":
            return web.json_response({"error": "invalid_request"}, status=400)
        if self.clients.get(form.get("client_id", "")) != form.get("client_secret"):
            body = {"error": "invalid_client", "error_description": "unknown client"}
            return web.json_response(body, status=401)
        token = f"cloud-token-{self.issued}"
        if self.quirks.refuse_fresh:
            self.quirks.refuse_fresh -= 1
        else:
            self.tokens.append(token)
        self.issued += 1
        answer: Row = {"access_token": token, "token_type": "Bearer"}
        if self.quirks.life is not None:
            answer["expires_in"] = self.quirks.life
        return web.json_response(answer)

    def _refusal(self, request: web.Request) -> web.Response | None:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        self.sent.append(token)
        refused = token not in self.tokens
        if self.quirks.refuse_once and not refused:
            self.quirks.refuse_once = False
            self.tokens.remove(token)
            refused = True
        if refused:
            body = {"_error": "unauthorized", "data": None}
            return web.json_response(body, status=401)
        number = request.match_info.get("id")
        if number is not None and int(number) not in self.installations:
            return web.json_response({"_error": "not found", "data": None}, status=404)
        return None

    def _data(self, data: object, **extra: object) -> web.Response:
        return web.json_response({"data": data, "_error": None, "_acl": {}, **extra})

    def _row(self, number: int) -> Row:
        features: object = ["thermostats_gateway", "shutter_positions"]
        if self.quirks.old_features:
            features = {"shutter_positions": {"available": True, "used": True}}
        return {
            "id": number,
            "name": self.installations[number],
            "platform": "CORE_PLUS",
            "gateway_model": "openmotics",
            "version": "1.16.5",
            "_version": 1.0,
            "features": features,
            "building_roles": {} if self.quirks.old_features else [],
            "network": {"local_ip_address": "192.0.2.5"},
            "flags": {
                "ONLINE": not self.quirks.offline,
                "UNREAD_NOTIFICATIONS": 0,
                **(
                    {}
                    if self.quirks.update is None
                    else {"UPDATE_AVAILABLE": self.quirks.update}
                ),
            },
        }

    async def _installations(self, request: web.Request) -> web.Response:
        return self._refusal(request) or self._data(
            [self._row(number) for number in self.installations]
        )

    async def _one(self, request: web.Request) -> web.Response:
        return self._refusal(request) or self._data(
            self._row(int(request.match_info["id"]))
        )

    async def _list(self, request: web.Request) -> web.Response:
        if (refusal := self._refusal(request)) is not None:
            return refusal
        path = request.match_info["path"]
        lists = self.rows.lists()
        if path in lists:
            rows = (
                lists[path]()
                if request.match_info["id"] == str(self.installation)
                else []
            )
            return self._filtered(request, path, rows)
        folder, _, number = path.rpartition("/")
        if folder in lists:
            for row in lists[folder]():
                if str(row["id"]) == number:
                    return self._data(row)
        return _missing()

    def _filtered(
        self, request: web.Request, path: str, rows: list[Row]
    ) -> web.Response:
        """Return the filtered rows, on one page or on several."""
        text = request.query.get("filter")
        if text is not None and path in FILTERED:
            if self.quirks.filters == "refused":
                body = {"data": None, "_error": "unknown parameter filter"}
                return web.json_response(body, status=400)
            wanted = json.loads(text)
            if wanted.get("usage") == "CONTROL" and self.quirks.filters == "known":
                rows = [row for row in rows if not self.rows.hidden(path, row)]
            if "type" in wanted:
                rows = [row for row in rows if row.get("type") == wanted["type"]]
        if (size := self.quirks.page_size) is None:
            return self._data(rows)
        page = json.loads(request.query.get("paging", "{}")).get("page", 1)
        return self._data(
            rows[(page - 1) * size : page * size],
            _paging={
                "page": page,
                "items_per_page": size,
                "number_of_items": len(rows),
                "number_of_pages": max(1, -(-len(rows) // size)),
            },
        )

    async def _command(self, request: web.Request) -> web.Response:
        if (refusal := self._refusal(request)) is not None:
            return refusal
        if self.quirks.offline:
            body = {"data": None, "_error": "GatewayTimeoutException"}
            return web.json_response(body)
        text = await request.text()
        try:
            told: Any = json.loads(text) if text else None
            self.commands.do(request.match_info["path"].split("/"), told)
        except NoSuchPathError:
            if self.quirks.polite:
                return web.json_response({"data": None, "_error": "not found"})
            return _missing()
        except BadBodyError, ValueError, KeyError:
            return web.json_response(
                {"data": None, "_error": "bad request"}, status=400
            )
        except Refusal as err:
            return web.json_response({"data": None, "_error": str(err)})
        return self._data({})


def _missing() -> web.Response:
    return web.json_response({"data": None, "_error": "not found"}, status=404)
