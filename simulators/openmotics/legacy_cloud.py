"""First cloud of OpenMotics as a real server: V0 actions and a long poll.

Protocol: docs/protocols/openmotics.md#first-cloud-messages.
"""

import asyncio
from dataclasses import dataclass, field
import json
from typing import Self
from urllib.parse import parse_qsl

from aiohttp import web

from simulators.http_server import FaultyServer

from .action import BadRequest
from .actions import build
from .engine import Engine
from .state import Row, State
from .switching import Refusal


@dataclass(slots=True, kw_only=True)
class Subscriber:
    """A client that waits for messages."""

    types: list[str]
    last: int = 0


@dataclass(slots=True)
class LegacyCloudServer:
    """The first cloud: V0 actions with a token in the form, and a long poll."""

    state: State
    password: str = "legacy-s3cret"
    gone: bool = False
    """Logins are no longer known."""
    wait: float = 0.5
    """Seconds after which a wait ends without a message."""
    installations: dict[int, str] = field(default_factory=lambda: {5: "Home"})
    tokens: list[str] = field(default_factory=list)
    messages: list[Row] = field(default_factory=list)
    subscribers: dict[str, Subscriber] = field(default_factory=dict)
    engine: Engine = field(init=False)
    server: FaultyServer = field(init=False)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        """Prepare the server; it listens on entering the context."""
        self.engine = Engine(self.state, self._on_event)
        application = web.Application()
        application.router.add_post("/api/{action}", self._action)
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
        """Base URL of the actions."""
        return f"{self.server.url}/api"

    def _on_event(self, kind: str, data: Row) -> None:
        if kind in {"OUTPUT_CHANGE", "THERMOSTAT_CHANGE"}:
            # The id without the state.
            self.messages.append({"type": f"TYPE_{kind}", "data": data["id"]})
            news, self._news = self._news, asyncio.Event()
            news.set()

    async def _action(self, request: web.Request) -> web.Response:
        name = request.match_info["action"]
        # The order of the fields does not matter.
        form = dict(parse_qsl(await request.text(), keep_blank_values=True))
        if self.gone:
            return web.Response(status=404, text="<html>gone</html>")
        if name == "login":
            if form.get("password") != self.password:
                body = {"success": False, "msg": "invalid_credentials"}
                return web.json_response(body, status=401)
            token = f"legacy-token-{len(self.tokens)}"
            self.tokens.append(token)
            return web.json_response({"success": True, "token": token})
        if form.pop("token", None) not in self.tokens:
            body = {"success": False, "msg": "invalid_token"}
            return web.json_response(body, status=401)
        installation = form.pop("installation_id", None)
        if name == "get_installations":
            return web.json_response(
                [
                    {"id": number, "name": title, "version": "1.0"}
                    for number, title in self.installations.items()
                ]
            )
        if int(installation or 0) not in self.installations:
            return web.json_response({"success": False, "msg": "unauthorized"})
        if name in {
            "update_message_subscription",
            "get_last_message_id",
            "get_messages_wait",
        }:
            return await self._message(name, request, form)
        actions = build(self.state, self.engine)
        if name not in actions:
            words = f"The path '/{name}' was not found."
            return web.json_response({"success": False, "msg": words}, status=404)
        try:
            result = actions[name].handler(**actions[name].read(form))
            body = result if isinstance(result, dict) else await result
        except Refusal as err:
            return web.json_response({"success": False, "msg": str(err)})
        except BadRequest as err:
            body = {"success": False, "msg": err.words}
            return web.json_response(body, status=err.status)
        return web.json_response({"success": True, **body})

    async def _message(
        self, name: str, request: web.Request, form: Row
    ) -> web.Response:
        number = request.query["subscriber"]
        if name == "update_message_subscription":
            self.subscribers[number] = Subscriber(types=json.loads(form["types"]))
            return web.json_response({"success": True})
        if number not in self.subscribers:
            return web.json_response({"success": False, "msg": "no subscription"})
        if name == "get_last_message_id":
            return web.Response(text=str(len(self.messages)))
        since = int(request.query["messageid"])
        self.engine.settle()
        if since >= len(self.messages):
            try:
                async with asyncio.timeout(self.wait):
                    await self._news.wait()
            except TimeoutError:
                self.engine.settle()
        return web.json_response(
            {
                "last_message_id": len(self.messages),
                "messages": self.messages[since:],
            }
        )
