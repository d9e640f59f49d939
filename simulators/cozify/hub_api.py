"""The HTTP API of a simulated hub (docs/protocols/cozify.md#hub-api)."""

import asyncio
from collections.abc import Awaitable, Callable
import json
from typing import Any

from aiohttp import web

from .commands import Commands
from .state import HubState, Item
from .tokens import GUEST, Mint


def as_json(value: object, status: int = 200) -> web.Response:
    """Return JSON as the hub sends it: UTF-8 without escapes."""
    body = json.dumps(value, ensure_ascii=False).encode()
    return web.Response(status=status, body=body, content_type="application/json")


class HubApi:
    """The routes of one hub."""

    def __init__(self, state: HubState, commands: Commands, mint: Mint) -> None:
        """Serve a hub with the keys that ``mint`` issued."""
        self.state = state
        self.commands = commands
        self.mint = mint
        self._routes: dict[
            tuple[str, str], Callable[[web.Request], Awaitable[web.Response]]
        ] = {
            ("GET", "hub/poll"): self._poll,
            ("GET", "hub/tz"): self._time_zone,
            ("PUT", "devices/command"): self._command,
            ("PUT", "groups/command"): self._command,
            ("PUT", "scenes/command"): self._scenes,
            ("PUT", "rules/command"): self._rules,
            ("PUT", "devices"): self._rename,
            **{("GET", kind): self._listing for kind in state.items},
        }

    def application(self) -> web.Application:
        """Return the hub's API in the local network."""
        application = web.Application()
        application.router.add_get("/hub", self.meta)
        application.router.add_route(
            "*", "/cc/{version}/{path:.+}", self._versioned_local
        )
        return application

    async def meta(self, request: web.Request) -> web.Response:
        """Identify the hub; no authentication required."""
        state = self.state
        return as_json(
            {
                "type": "HUB_META_DATA",
                "hubId": state.hub_id,
                "name": state.name,
                "version": state.version,
                "state": "claimed",
                "connected": state.cloud_connected,
                "features": [1, 4],
            }
        )

    async def _versioned_local(self, request: web.Request) -> web.Response:
        return await self.serve(
            request,
            request.match_info["version"],
            request.match_info["path"],
            request.headers.get("Authorization", ""),
        )

    async def serve(
        self, request: web.Request, version: str, path: str, key: str
    ) -> web.Response:
        """Answer a request below ``/cc/<version>/``."""
        token = self.mint.find(key, self.state.clock.now())
        if token is None or token.hub_id != self.state.hub_id:
            return web.Response(status=401, text="Authentication failed.")
        if version != ".".join(self.state.version.split(".")[:2]):
            return web.Response(status=410, text="Gone")
        handler = self._routes.get((request.method, path))
        if handler is None:
            return web.Response(status=404, text="Not Found")
        if request.method == "PUT" and token.role <= GUEST:
            return as_json({"message": "Forbidden for this role"}, 403)
        request["path"] = path
        return await handler(request)

    async def _time_zone(self, request: web.Request) -> web.Response:
        return as_json("Europe/Helsinki")

    async def _listing(self, request: web.Request) -> web.Response:
        return as_json(self.state.items[request["path"]])

    async def _poll(self, request: web.Request) -> web.Response:
        state = self.state
        try:
            ts = int(request.query.get("ts", "0"))
        except ValueError:
            return web.Response(status=400, text="ts")
        state.polls_now += 1
        state.most_polls = max(state.most_polls, state.polls_now)
        try:
            return await self._held_poll(ts)
        finally:
            state.polls_now -= 1

    async def _held_poll(self, ts: int) -> web.Response:
        state, behaviour = self.state, self.state.behaviour
        end = state.clock.now() + behaviour.hold
        while True:
            changed = state.changed
            delta, some = state.delta(ts)
            left = end - state.clock.now()
            if some or left <= 0:
                break
            await _either(changed.wait(), state.clock.sleep(left))
        if some and not delta["full"] and behaviour.delta_delay:
            await state.clock.sleep(behaviour.delta_delay)
            delta, some = state.delta(ts)
        if not some:
            return self._nothing(delta)
        answer: object = [delta] if behaviour.as_list else delta
        if behaviour.repeat and not delta["full"]:
            older, self.state.overtaken = self.state.overtaken, delta
            again = [{**delta, "polls": older["polls"]}] if older else []
            answer = [delta, *again, delta]
        return as_json(answer)

    def _nothing(self, delta: Item) -> web.Response:
        match self.state.behaviour.nothing:
            case "null":
                return as_json(None)
            case "empty":
                return web.Response(status=200)
            case "delta":
                return as_json(delta)
            case status:
                return web.Response(status=int(status))

    async def _command(self, request: web.Request) -> web.Response:
        rows = await _rows(request)
        if rows is None:
            return as_json({"message": "Expected an array"}, 400)
        self.commands.accept(request["path"], rows)
        return as_json(None)

    async def _scenes(self, request: web.Request) -> web.Response:
        rows = await _rows(request)
        if rows is None:
            return as_json({"message": "Expected an array"}, 400)
        for row in rows:
            self.commands.scene(row)
        return as_json(list(self.state.items["scenes"].values()))

    async def _rules(self, request: web.Request) -> web.Response:
        rows = await _rows(request)
        if rows is None:
            return as_json({"message": "Expected an array"}, 400)
        for row in rows:
            self.commands.rule(row)
        return as_json(list(self.state.items["rules"].values()))

    async def _rename(self, request: web.Request) -> web.Response:
        for row in await _rows(request) or []:
            if row.get("id") in self.state.items["devices"]:
                self.state.change("devices", row["id"], name=row["name"])
        return as_json(None)


async def _rows(request: web.Request) -> list[Any] | None:
    try:
        body = json.loads(await request.read())
    except ValueError:
        return None
    return body if isinstance(body, list) else None


async def _either(*works: Any) -> None:
    """Wait for the first of several tasks, and cancel the others."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
