"""Client of the legacy cloud, with user name and password.

It forwards V0 actions to the gateway, and offers long polling for messages. It is
unknown whether it still answers.

Protocol: docs/protocols/openmotics.md#first-cloud.
"""

from collections.abc import Mapping
from dataclasses import replace
import json
from random import Random
from typing import Any, Final, override

import aiohttp
from yarl import URL

from ....errors import AuthFailedError, ProtocolError, RejectedError
from ...http import (
    Answer,
    Authenticator,
    Clock,
    HttpTransport,
    UnexpectedJsonError,
    json_fields as j,
)
from .cloud.parse import installations
from .errors import LegacyCloudGoneError, check_v0
from .gateway import Listener
from .models import Identity, Topic
from .v0.api import opened
from .v0.commands import V0Gateway

BASE: Final = URL("https://cloud.openmotics.com/api")
LIMIT: Final = 3
SURVEY: Final = 300.0
"""Seconds between two reads of the configuration: a dozen requests through a cloud."""
WAIT_TIMEOUT: Final = 120.0
"""Timeout of a long poll in seconds; the cloud ends it with an empty list long before.
"""

SOON: Final = 2.0
"""Minimum seconds that an empty long poll should take."""

_TOPICS: Final[Mapping[str, Topic]] = {
    "TYPE_OUTPUT_CHANGE": Topic.OUTPUTS,
    "MSG_OUTPUT_CHANGE": Topic.OUTPUTS,
    "TYPE_THERMOSTAT_CHANGE": Topic.THERMOSTATS,
    "MSG_THERMOSTAT_CHANGE": Topic.THERMOSTATS,
}
# Digits of a 64-bit number: an id becomes part of the next request's URL.
_LONGEST_ID: Final = 19
_TYPES: Final = ("TYPE_OUTPUT_CHANGE", "TYPE_THERMOSTAT_CHANGE")
_TOLD: Final = frozenset(_TOPICS.values())


class LegacyCloudGateway(V0Gateway):
    """One installation of an account. ``installation`` None: only list them."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        username: str,
        password: str,
        installation: str | None = None,
        *,
        base: URL = BASE,
        clock: Clock | None = None,
        random: Random | None = None,
    ) -> None:
        """Store the settings; nothing is sent yet."""
        super().__init__()
        self._clock = clock or Clock()
        self._random = random or Random()  # noqa: S311 - tells subscribers apart
        self.transport = HttpTransport(
            session, base, limit=LIMIT, check=check_v0, clock=self._clock
        )
        # A long poll takes minutes, and must not block the slot of a command.
        self._waiting = HttpTransport(
            session,
            base,
            limit=1,
            check=check_v0,
            clock=self._clock,
            pause=self.transport.pause,
            background=True,
        )
        self._username = username
        self._password = password
        self._installation = installation
        self._auth = Authenticator(self._log_in)
        self.messages = 0

    async def _log_in(self) -> Mapping[str, str]:
        """Log in. The token is sent in forms, not in headers."""
        try:
            answer = await self.transport.request(
                "POST",
                "/login",
                form={"username": self._username, "password": self._password},
                idempotent=True,
            )
            body = opened(answer)
        except AuthFailedError:
            raise
        except (ProtocolError, RejectedError) as err:
            raise LegacyCloudGoneError(err.detail) from err
        if (token := j.text(body, "token")) is None:
            raise LegacyCloudGoneError
        return {"token": token}

    async def _send(
        self,
        action: str,
        form: Mapping[str, Any],
        *,
        params: Mapping[str, Any] | None = None,
        idempotent: bool = True,
        timeout: float | None = None,
        transport: HttpTransport | None = None,
    ) -> Answer:
        async def send(login: Mapping[str, str]) -> Answer:
            answer = await (transport or self.transport).request(
                "POST",
                f"/{action}",
                params=params,
                form={
                    **form,
                    "token": login.get("token"),
                    "installation_id": self._installation,
                },
                idempotent=idempotent,
                timeout=timeout,
            )
            # An invalid token may be reported with status 200.
            if answer.text.lstrip().startswith("{"):
                opened(answer)
            return answer

        return await self._auth.run(send)

    @override
    async def _send_action(
        self,
        action: str,
        form: Mapping[str, Any],
        *,
        idempotent: bool,
        timeout: float | None,
    ) -> Answer:
        return await self._send(action, form, idempotent=idempotent, timeout=timeout)

    async def installations(self) -> dict[str, str]:
        """Return the names of the account's installations by id."""
        return installations((await self._send("get_installations", {})).json())

    @override
    async def open(self) -> Identity:
        identity = await self.describe()
        self._abilities = replace(
            self._abilities,
            push=True,
            survey=SURVEY,
            blind=frozenset(set(Topic) - _TOLD),
        )
        return identity

    @override
    async def listen(self, listener: Listener) -> None:
        """Long-poll for messages until a request fails, then raise."""
        subscriber = self._random.randint(0, 1_000_000)
        await self._message("update_message_subscription", subscriber, types=_TYPES)
        last = (await self._message("get_last_message_id", subscriber)).text.strip()
        if not last.isdecimal() or len(last) > _LONGEST_ID:
            # The answer is not from this API, so stop.
            raise UnexpectedJsonError("get_last_message_id")
        listener.live()
        while True:
            asked = self._clock.monotonic()
            answer = await self._message("get_messages_wait", subscriber, last=last)
            body = answer.object()
            if (number := j.integer(body, "last_message_id")) is not None:
                last = str(number)
            messages = j.mappings(body, "messages") or []
            for message in messages:
                self.messages += 1
                kind = j.text(message, "type")
                if kind is None:
                    # The message may concern either kind.
                    for topic in sorted(_TOLD):
                        listener.stale(topic)
                elif kind in _TOPICS:
                    listener.stale(_TOPICS[kind])
            if not messages and self._clock.monotonic() - asked < SOON:
                # Prevent a tight loop if the cloud answers at once.
                await self._clock.sleep(SOON)

    async def _message(
        self,
        action: str,
        subscriber: int,
        *,
        types: tuple[str, ...] | None = None,
        last: str | None = None,
    ) -> Answer:
        # Check before a login, which may be needed as well.
        self.transport.pause.keep()
        return await self._send(
            action,
            {} if types is None else {"types": json.dumps(types)},
            params={
                "id": self._installation,
                "subscriber": subscriber,
                "messageid": last,
                "timestamp": int(self._clock.utcnow().timestamp()),
            },
            timeout=WAIT_TIMEOUT,
            transport=self._waiting,
        )

    @override
    async def close(self) -> None:
        self._auth.headers = None

    @override
    def diagnostics(self) -> dict[str, Any]:
        return {
            **super().diagnostics(),
            "http": self.transport.counters.as_dict(),
            "logins": self._auth.logins,
            "messages": self.messages,
        }
