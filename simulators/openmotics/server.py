"""A simulated gateway as a real server: HTTPS, logins, V0 actions and the websocket."""

import asyncio
from base64 import urlsafe_b64decode
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
import inspect
import json
from random import Random
import time
from typing import Self

from aiohttp import WSCloseCode, WSMsgType, web

from simulators.certificates import DeviceCertificate
from simulators.http_server import FaultyServer

from .action import BadRequest
from .actions import build
from .engine import Engine
from .state import Account, Row, State
from .switching import Refusal

_PROTOCOL = "authorization.bearer."
_HEADERS = {"Server": "CherryPy/17.4.2"}
_PADDED = 513


@dataclass(slots=True, eq=False)
class Socket:
    """One websocket, with its subscriptions and its queue."""

    response: web.WebSocketResponse
    types: frozenset[str] = frozenset()
    queue: asyncio.Queue[Row] = field(default_factory=asyncio.Queue)


class GatewayServer:
    """A gateway on loopback. Usable with ``async with``.

    ``server`` is the HTTPS port, with its log and its faults. ``tick`` is the interval in s
    between two rounds of the thermostats; without it, call ``engine.tick``.
    """

    def __init__(
        self,
        state: State,
        certificate: DeviceCertificate | None,
        *,
        legacy_tls: bool = False,
        tick: float | None = None,
        seed: int = 1,
    ) -> None:
        """Prepare the server; it listens after ``start``."""
        self.state = state
        self.engine = Engine(state, self.emit)
        self.tokens: dict[str, tuple[Account, float]] = {}
        self.sockets: list[Socket] = []
        self.frozen = False
        """Websockets stay open, but nothing comes and no ping is answered."""
        self.while_alive: Callable[[], None] = lambda: None
        """Called several times a second, to measure what there is to measure."""
        self.logins = 0
        self.issued: list[str] = []
        """Every token that was ever given away."""
        self._random = Random(seed)
        self._tick = tick
        self._work: asyncio.Task[None] | None = None
        application = web.Application()
        application.router.add_route("*", "/ws_events", self._websocket)
        application.router.add_route("*", "/{action}", self._action)
        self.server = FaultyServer(application, certificate, legacy_tls=legacy_tls)

    async def __aenter__(self) -> Self:
        """Start."""
        await self.start()
        return self

    async def __aexit__(self, *exception: object) -> None:
        """Stop."""
        await self.stop()

    async def start(self, port: int = 0) -> None:
        """Listen, and start the timers."""
        self.server.port = port
        await self.server.start()
        self._work = asyncio.create_task(self._live())

    async def stop(self) -> None:
        """Stop everything."""
        if self._work is not None:
            self._work.cancel()
            await asyncio.gather(self._work, return_exceptions=True)
            self._work = None
        await self.server.stop()

    @property
    def url(self) -> str:
        """URL of the gateway."""
        return self.server.url

    async def restart(self, seconds: float = 0.0) -> None:
        """Restart: all tokens become invalid, all sockets break, positions are lost."""
        self.tokens.clear()
        self.engine.forget()
        await self.server.restart(seconds)

    async def _live(self) -> None:
        """End shutter moves in time, and control the thermostats."""
        next_tick = time.monotonic() + (self._tick or 0)
        while True:
            await asyncio.sleep(0.02)
            self.engine.settle()
            self.while_alive()
            if self._tick and time.monotonic() >= next_tick:
                next_tick = time.monotonic() + self._tick
                self.engine.tick()

    # Logins

    def _log_in(self, given: Mapping[str, str]) -> Row:
        for name in ("username", "password"):
            if name not in given:
                raise BadRequest(404, f"Missing parameters: {name}")
        account = next(
            (
                one
                for one in self.state.accounts
                if one.name == given["username"].lower()
                and one.password == given["password"]
            ),
            None,
        )
        if account is None:
            raise BadRequest(401, "invalid_credentials")
        if given.get("accept_terms", "").lower() in {"true", "1"}:
            account.terms = True
        if not account.terms:
            return {"next_step": "accept_terms"}
        self.logins += 1
        token = f"{self._random.getrandbits(128):032x}"
        life = min(max(float(given.get("timeout", 3600)), 3600.0), 2_592_000.0)
        self.tokens[token] = (account, self.state.now() + life)
        self.issued.append(token)
        return {"token": token}

    def allows(self, token: str | None) -> bool:
        """Return whether a token is valid."""
        account, until = self.tokens.get(token or "", (None, 0.0))
        return (
            account is not None and account.role == "SUPER" and until > self.state.now()
        )

    # Actions

    async def _action(self, request: web.Request) -> web.Response:
        form = await request.post()
        given = {
            **{str(k): str(v) for k, v in form.items()},
            **dict(request.query.items()),
        }
        name = request.match_info["action"]
        headers = {**_HEADERS, "Server-Timing": "process=0.02"}
        try:
            body, deprecated = await self._answer(name, given, request)
        except BadRequest as err:
            return _refused(err)
        except Refusal as err:
            return _json(200, {"success": False, "msg": str(err)}, headers)
        if deprecated:
            words = f'"Deprecated, replaced by: {deprecated}"'
            headers["Warning"] = f"Warning: 299 - {words}"
        if self.state.quirks.events_first:
            for socket in self.sockets:
                await socket.queue.join()
        return _json(200, {"success": True, **body}, headers)

    async def _answer(
        self, name: str, given: dict[str, str], request: web.Request
    ) -> tuple[Row, str | None]:
        if name == "login":
            return self._log_in(given), None
        if name == "health_check":
            works = {"openmotics": True, "master": True, "vpn_service": False}
            health = {part: {"state": good} for part, good in works.items()}
            return {"health": health, "health_version": 1.0}, None
        given_token = given.pop("token", None)
        header = request.headers.get("Authorization", "")
        token = header.removeprefix("Bearer ") if header else given_token
        actions = build(self.state, self.engine)
        if name not in actions and name not in {"logout", "get_usernames"}:
            raise BadRequest(404, f"The path '/{name}' was not found.")
        if not self.allows(token):
            raise BadRequest(401, "invalid_token")
        if name == "logout":
            self.tokens.pop(token or "", None)
            return {"status": "OK"}, None
        if name == "get_usernames":
            raise BadRequest(401, "unauthorized")
        if self.state.quirks.maintenance:
            raise BadRequest(503, "maintenance_mode")
        action = actions[name]
        read = action.read(given)
        late = not name.startswith("get_") and self.state.quirks.bus_timeouts > 0
        if late:
            self.state.quirks.bus_timeouts -= 1
        body: Row = {}
        if not late or self.state.quirks.bus_timeout_executes:
            result = action.handler(**read)
            body = await _awaited(result) if inspect.isawaitable(result) else result
        if late:
            raise Refusal("Internal communication timeout")
        return body, action.deprecated

    # The websocket

    async def _websocket(self, request: web.Request) -> web.StreamResponse:
        if self.state.version < "2.10":
            return _refused(BadRequest(404, "The path '/ws_events' was not found."))
        offered = [
            part.strip()
            for part in request.headers.get("Sec-WebSocket-Protocol", "").split(",")
        ]
        chosen = next((one for one in offered if one.startswith(_PROTOCOL)), None)
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        token = token or request.query.get("token", "")
        if chosen and not token:
            coded = chosen.removeprefix(_PROTOCOL)
            with suppress(ValueError):
                token = urlsafe_b64decode(coded + "=" * (-len(coded) % 4)).decode()
        if not self.allows(token):
            return web.Response(status=401, headers=_HEADERS)
        unknown = set(request.query) - {"token"}
        if self.state.quirks.old and unknown:
            return _refused(BadRequest(404, "Unexpected query", html=True))
        if request.query.get("serialization", "msgpack") not in {"json", "msgpack"}:
            return web.Response(status=500, headers=_HEADERS)
        response = web.WebSocketResponse(
            autoping=False, protocols=(chosen,) if chosen else ()
        )
        await response.prepare(request)
        socket = Socket(response)
        self.sockets.append(socket)
        writer = asyncio.create_task(self._write(socket))
        try:
            # Messages from clients are not understood in MessagePack.
            spoken = request.query.get("serialization") == "json"
            await self._read(socket, understands=spoken)
        finally:
            self.sockets.remove(socket)
            writer.cancel()
            while not socket.queue.empty():
                socket.queue.get_nowait()
                socket.queue.task_done()
        return response

    async def _read(self, socket: Socket, *, understands: bool) -> None:
        async for message in socket.response:
            if self.frozen:
                continue
            if message.type is WSMsgType.PING:
                await socket.response.pong(message.data)
            if not understands or message.type not in {
                WSMsgType.TEXT,
                WSMsgType.BINARY,
            }:
                continue
            try:
                said = json.loads(message.data)
                self._understand(socket, said)
            except ValueError, KeyError, TypeError:
                continue

    def _understand(self, socket: Socket, said: Row) -> None:
        if said["type"] == "PING":
            socket.queue.put_nowait(_event("PONG", None))
        elif said["data"]["action"] == "set_subscription":
            socket.types = frozenset(said["data"]["types"])

    async def _write(self, socket: Socket) -> None:
        while True:
            event = await socket.queue.get()
            with suppress(ConnectionError):
                if not self.frozen:
                    await socket.response.send_bytes(json.dumps(event).encode())
            socket.queue.task_done()

    def emit(self, kind: str, data: Row) -> None:
        """Send an event to its subscribers."""
        for socket in self.sockets:
            if kind in socket.types:
                socket.queue.put_nowait(_event(kind, data))

    def send_raw(self, frame: bytes) -> list[Awaitable[None]]:
        """Return a function that sends a raw frame to every socket."""
        return [socket.response.send_bytes(frame) for socket in self.sockets]

    async def close_sockets(self) -> None:
        """Close all websockets cleanly, and keep serving."""
        for socket in list(self.sockets):
            await socket.response.close(code=WSCloseCode.GOING_AWAY)


def _event(kind: str, data: Row | None) -> Row:
    return {
        "type": kind,
        "data": data,
        "error": {"code": 0, "description": "no error"},
        "_version": 1.0,
    }


async def _awaited(result: Awaitable[Row]) -> Row:
    return await result


def _refused(err: BadRequest) -> web.Response:
    if err.html:
        page = (
            "<!DOCTYPE html>\n<html><head><title>400 Bad Request</title></head><body>"
            f"<h2>400 Bad Request</h2><p>{err.words}</p><pre>{'Traceback ' * 180}</pre>"
            "</body></html>"
        )
        return web.Response(
            status=err.status,
            text=page,
            headers={**_HEADERS, "Content-Type": "text/html;charset=utf-8"},
        )
    padded = err.status in {404, 406}
    return _json(err.status, {"success": False, "msg": err.words}, _HEADERS, pad=padded)


def _json(
    status: int, body: Row, headers: Mapping[str, str], *, pad: bool = False
) -> web.Response:
    # The gateway escapes slashes.
    text = json.dumps(body).replace("/", "\\/")
    return web.Response(
        status=status,
        body=(text.ljust(_PADDED) if pad else text).encode(),
        headers={**headers, "Content-Type": "application/json"},
    )
