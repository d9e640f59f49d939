"""Client of a local gateway: V0 actions and the websocket ``ws_events``.

Protocol: docs/protocols/openmotics.md#local-websocket.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
import json
from typing import Any, Final, override

import aiohttp
from yarl import URL

from ....errors import (
    AuthFailedError,
    BackendError,
    ProtocolError,
    RejectedError,
    UnsupportedError,
)
from ...http import (
    Answer,
    Authenticator,
    Clock,
    ConnectionLostError,
    HttpTransport,
    RedirectedError,
    TlsPolicy,
    json_fields as j,
)
from .errors import (
    NotOpenMoticsError,
    NotSuperError,
    TermsNotAcceptedError,
    UnknownParameterError,
    check_v0,
)
from .gateway import Listener
from .models import Configuration, Identity, Key, Topic
from .stream import LOCAL_PAUSE
from .v0 import states
from .v0.commands import V0Gateway

SOCKET: Final = "/ws_events"
TOKEN_LIFE: Final = 7 * 86_400
"""Requested token lifetime in seconds; the gateway allows an hour to 30 days."""
LIMIT: Final = 3
"""Requests in flight: the gateway has ten threads, and one bus."""
SURVEY: Final = 40.0
"""Seconds between two reads of the configuration: a dozen short requests."""
HEARTBEAT: Final = 30.0
SOCKET_TIMEOUT: Final = 4.0
"""Seconds for opening the websocket: a starting gateway may accept the connection but
not answer.
"""
LOGOUT_TIMEOUT: Final = 2.0
"""Seconds; unloading the entry and stopping Home Assistant wait for it."""
EVENTS: Final = (
    "OUTPUT_CHANGE",
    "INPUT_CHANGE",
    "SENSOR_CHANGE",
    "SHUTTER_CHANGE",
    "THERMOSTAT_CHANGE",
    "THERMOSTAT_GROUP_CHANGE",
    "VENTILATION_CHANGE",
)
_NEVER: Final = frozenset({400, 404, 405, 426, 500, 501})
"""Statuses of gateways without a websocket, or without JSON on it."""


class LocalGateway(V0Gateway):
    """One gateway, at its own address.

    ``session`` is injected; ``base`` is the URL of the gateway (``https://host``).
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        base: URL,
        username: str,
        password: str,
        *,
        tls: TlsPolicy | None = None,
        clock: Clock | None = None,
        accept_terms: bool = False,
    ) -> None:
        """Store the settings; nothing is sent yet."""
        super().__init__()
        self.transport = HttpTransport(
            session, base, limit=LIMIT, tls=tls, check=check_v0, clock=clock
        )
        self._username = username
        self._password = password
        self._accept_terms = accept_terms
        self._auth = Authenticator(self._log_in)
        self.frames = 0
        """Number of websocket frames received."""

    async def _log_in(self) -> Mapping[str, str]:
        form: dict[str, Any] = {
            "username": self._username,
            "password": self._password,
            "timeout": TOKEN_LIFE,
        }
        if self._accept_terms:
            form["accept_terms"] = True
        try:
            try:
                body = await self._ask_login(form)
            except UnknownParameterError:
                # An older gateway, which sets the token's lifetime itself.
                del form["timeout"]
                body = await self._ask_login(form)
        except AuthFailedError, RedirectedError:
            raise
        except (ProtocolError, RejectedError) as err:
            raise NotOpenMoticsError(err.detail) from err
        if j.text(body, "next_step") == "accept_terms":
            raise TermsNotAcceptedError
        if (token := j.text(body, "token")) is None:
            raise NotOpenMoticsError
        return {"Authorization": f"Bearer {token}"}

    async def _ask_login(self, form: Mapping[str, Any]) -> dict[str, Any]:
        answer = await self.transport.request(
            "POST", "/login", form=form, idempotent=True
        )
        return answer.object()

    @override
    async def _send_action(
        self,
        action: str,
        form: Mapping[str, Any],
        *,
        idempotent: bool,
        timeout: float | None,
    ) -> Answer:
        async def send() -> Answer:
            return await self.transport.request(
                "POST",
                f"/{action}",
                form=form,
                auth=self._auth,
                idempotent=idempotent,
                timeout=timeout,
            )

        try:
            return await send()
        except AuthFailedError as err:
            if err.detail != "invalid_token":
                raise
            # The token is new. If the gateway just restarted, it has forgotten this
            # token, too, and accepts the next one; an account without permissions is
            # refused every time.
            try:
                return await send()
            except AuthFailedError as again:
                if again.detail != "invalid_token":
                    raise
                raise NotSuperError from again

    @override
    async def open(self) -> Identity:
        try:
            identity = await self.describe()
        except NotOpenMoticsError, RedirectedError:
            raise
        except ProtocolError as err:
            raise NotOpenMoticsError from err
        self._abilities = replace(
            self._abilities,
            push=True,
            presses=True,
            survey=SURVEY,
            patience=LOCAL_PAUSE,
        )
        return replace(identity, url=str(self.transport.base))

    @override
    async def configuration(self, keep: Collection[Key] = ()) -> Configuration:
        found = await super().configuration(keep)
        # The gateway never sends events of shutter 0.
        blind = any(shutter.id == 0 for shutter in found.shutters)
        self._abilities = replace(
            self._abilities,
            blind=frozenset({Topic.SHUTTERS}) if blind else frozenset(),
        )
        return found

    @override
    async def listen(self, listener: Listener) -> None:
        """Listen to the websocket until it breaks, then raise.

        Raises UnsupportedError if this gateway does not have it.
        """
        socket = await self.transport.websocket(
            SOCKET,
            params={"serialization": "json"},
            heartbeat=HEARTBEAT,
            auth=self._auth,
            timeout=SOCKET_TIMEOUT,
            check=_check_socket,
        )
        async with socket:
            await socket.send_json(
                {
                    "type": "ACTION",
                    "data": {"action": "set_subscription", "types": EVENTS},
                }
            )
            # The subscription is not acknowledged, but the answer to a later ping
            # confirms it.
            await socket.send_json({"type": "PING", "data": None})
            async for message in socket:
                # The gateway sends JSON in binary frames.
                if message.type in {aiohttp.WSMsgType.BINARY, aiohttp.WSMsgType.TEXT}:
                    self._take(message.data, listener)
        raise ConnectionLostError(f"websocket {socket.close_code or ''}".strip())

    def _take(self, frame: bytes | str, listener: Listener) -> None:
        self.frames += 1
        try:
            event = json.loads(frame)
        except ValueError:
            return
        kind = j.text(event, "type")
        if kind == "PONG":
            listener.live()
        elif found := states.event(kind, j.mapping(event, "data") or {}):
            listener.changed(found)

    @override
    async def close(self) -> None:
        headers, self._auth.headers = self._auth.headers, None
        if headers is None:
            return
        try:
            # Without the authenticator: if the token is invalid already, no new login
            # is needed.
            await self.transport.request(
                "POST",
                "/logout",
                form={},
                headers=headers,
                timeout=LOGOUT_TIMEOUT,
                prompt=True,
            )
        except BackendError:
            return

    @override
    def diagnostics(self) -> dict[str, Any]:
        return {
            **super().diagnostics(),
            "http": self.transport.counters.as_dict(),
            "logins": self._auth.logins,
            "frames": self.frames,
        }


def _check_socket(answer: Answer) -> BackendError | None:
    if answer.status in _NEVER:
        return UnsupportedError(f"websocket: HTTP {answer.status}")
    return check_v0(answer)
