"""Client for Home Assistant's REST and WebSocket API."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from http import HTTPStatus
import json
import time
from typing import Any, Final, Self, cast

import aiohttp

# Results have the shape that the command defines; `client.py` gives them types.
type Json = Any

_TIMEOUT: Final = aiohttp.ClientTimeout(total=30)
_WEBSOCKET_LIMIT: Final = 64 * 2**20


class ApiError(Exception):
    """Home Assistant refused a request or failed; the text is its message."""


class Api:
    """Connection of a logged-in user to one Home Assistant."""

    def __init__(self, url: str) -> None:
        """Prepare a connection; ``url`` is the origin, without a trailing slash."""
        self.url = url
        self.client_id = f"{url}/"
        self.tokens: dict[str, Json] = {}
        self._session = aiohttp.ClientSession(timeout=_TIMEOUT)
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._connecting = asyncio.Lock()
        self._reader: asyncio.Task[None] | None = None
        self._last_id = 0
        self._waiting: dict[int, asyncio.Future[Json]] = {}
        self._events: dict[int, asyncio.Queue[Json]] = {}

    async def __aenter__(self) -> Self:
        """Return the connection, before any login."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close."""
        await self.close()

    async def close(self) -> None:
        """Close all connections."""
        if self._reader is not None:
            self._reader.cancel()
            with suppress(asyncio.CancelledError):
                await self._reader
        if self._socket is not None:
            await self._socket.close()
        await self._session.close()

    # Logging in

    async def log_in(self, name: str, username: str, password: str) -> None:
        """Log in as the owner, and create the account if there is none yet.

        Raises ApiError, for example if a kept configuration has another password.
        """
        if await self._needs_owner():
            answer = await self._plain(
                "POST",
                "/api/onboarding/users",
                json={
                    "client_id": self.client_id,
                    "name": name,
                    "username": username,
                    "password": password,
                    "language": "en",
                },
            )
            code = answer["auth_code"]
        else:
            code = await self._log_in(username, password)
        self.tokens = await self._plain(
            "POST",
            "/auth/token",
            data={
                "grant_type": "authorization_code",
                "code": code,
                "client_id": self.client_id,
            },
        )
        # For a browser: see demo/browser.py.
        self.tokens["expires"] = int((time.time() + self.tokens["expires_in"]) * 1000)

    async def _needs_owner(self) -> bool:
        try:
            steps = await self._plain("GET", "/api/onboarding")
        except ApiError:
            return False  # The endpoint no longer exists once onboarding is complete
        return any(step["step"] == "user" and not step["done"] for step in steps)

    async def _log_in(self, username: str, password: str) -> str:
        flow = await self._plain(
            "POST",
            "/auth/login_flow",
            json={
                "client_id": self.client_id,
                "handler": ["homeassistant", None],
                "redirect_uri": self.client_id,
            },
        )
        result = await self._plain(
            "POST",
            f"/auth/login_flow/{flow['flow_id']}",
            json={
                "client_id": self.client_id,
                "username": username,
                "password": password,
            },
        )
        if result["type"] != "create_entry":
            raise ApiError(
                f"{username} cannot log in: {result.get('errors') or result}"
            )
        return cast("str", result["result"])

    async def refresh_tokens(self) -> None:
        """Get a new access token, which is valid for half an hour."""
        answer = await self._plain(
            "POST",
            "/auth/token",
            data={
                "grant_type": "refresh_token",
                "refresh_token": self.tokens["refresh_token"],
                "client_id": self.client_id,
            },
        )
        self.tokens.update(answer)
        self.tokens["expires"] = int((time.time() + answer["expires_in"]) * 1000)

    # REST

    async def request(self, method: str, path: str, body: Json = None) -> Json:
        """Send a request with JSON in and out; raises ApiError if it is refused."""
        headers = {"Authorization": f"Bearer {self.tokens['access_token']}"}
        return await self._plain(method, path, json=body, headers=headers)

    async def _plain(self, method: str, path: str, **options: Any) -> Json:
        async with self._session.request(
            method, f"{self.url}{path}", **options
        ) as response:
            text = await response.text()
            if response.status not in (HTTPStatus.OK, HTTPStatus.CREATED):
                raise ApiError(f"{method} {path}: {response.status} {text[:500]}")
            return json.loads(text) if text else None

    # WebSocket

    async def command(self, kind: str, **fields: Json) -> Json:
        """Send a command and return its result; raises ApiError if it is refused."""
        _, result = await self._send(kind, fields)
        return result

    async def subscribe(self, kind: str, **fields: Json) -> asyncio.Queue[Json]:
        """Send a command that is answered by events, and return the queue of events."""
        identifier, _ = await self._send(kind, fields)
        return self._events[identifier]

    async def _send(self, kind: str, fields: Mapping[str, Json]) -> tuple[int, Json]:
        async with self._connecting:
            socket = await self._connected()
        self._last_id += 1
        identifier = self._last_id
        answer = asyncio.get_running_loop().create_future()
        self._waiting[identifier] = answer
        # Register before the response, because an event may follow at once.
        self._events[identifier] = asyncio.Queue()
        await socket.send_json({"id": identifier, "type": kind, **fields})
        try:
            async with asyncio.timeout(60):
                return identifier, await answer
        finally:
            del self._waiting[identifier]

    async def _connected(self) -> aiohttp.ClientWebSocketResponse:
        if self._socket is not None and not self._socket.closed:
            return self._socket
        if self._reader is not None:
            self._reader.cancel()
        socket = await self._session.ws_connect(
            f"{self.url}/api/websocket", max_msg_size=_WEBSOCKET_LIMIT
        )
        await socket.receive_json()
        await socket.send_json(
            {"type": "auth", "access_token": self.tokens["access_token"]}
        )
        answer = await socket.receive_json()
        if answer["type"] != "auth_ok":
            raise ApiError(f"WebSocket: {answer.get('message', answer)}")
        self._socket = socket
        self._last_id = 0
        self._events.clear()
        self._reader = asyncio.create_task(self._read(socket))
        return socket

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for message in socket:
            if message.type is not aiohttp.WSMsgType.TEXT:
                continue
            content = json.loads(message.data)
            for part in content if isinstance(content, list) else [content]:
                self._dispatch(part)
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(ApiError("Home Assistant closed the connection"))

    def _dispatch(self, message: Json) -> None:
        identifier = message["id"]
        if message["type"] == "event":
            if identifier in self._events:
                self._events[identifier].put_nowait(message["event"])
            return
        answer = self._waiting.get(identifier)
        if answer is None or answer.done():
            return
        if message.get("success", True):
            answer.set_result(message.get("result"))
        else:
            error = message["error"]
            answer.set_exception(ApiError(f"{error['code']}: {error['message']}"))
