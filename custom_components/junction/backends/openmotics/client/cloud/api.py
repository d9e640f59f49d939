"""Client of the cloud, version 1.1 with client credentials.

Nothing of it could be tried against the real cloud: it follows what its own clients do.

On the wire: docs/protocols/openmotics.md#cloud-of-today.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final, override
from uuid import UUID

import aiohttp
from yarl import URL

from .....errors import AuthFailedError, BackendError, RejectedError, UnsupportedError
from ....http import (
    Answer,
    Authenticator,
    Clock,
    HttpTransport,
    NotFoundError,
    PermissionDeniedError,
    UnexpectedJsonError,
    check_status,
    json_fields as j,
)
from ..concurrency import gather_or_cancel
from ..errors import NoInstallationError, OfflineError
from ..gateway import Direction, Gateway, Listener
from ..models import Abilities, Configuration, Identity, Key, Preset, States, Topic
from . import parse

BASE: Final = URL("https://api.openmotics.com/api/v1.1")
NEW_LOGIN: Final = URL(
    "https://rensonpublic.b2clogin.com/rensonpublic.onmicrosoft.com"
    "/b2c_1a_smart_hrd_si_r1/oauth2/v2.0/token"
)
NEW_SCOPE: Final = (
    "https://rensonpublic.onmicrosoft.com/eb3ae9c8-806f-4cd5-8b93-737cbf34138d/.default"
)
OLD_LOGIN: Final = "authentication/oauth2/token"
OLD_SCOPE: Final = "control view configure"
LIMIT: Final = 3
RENEW_BEFORE: Final = 60.0
"""Seconds before its end that a token is replaced."""

_LISTS: Final[Mapping[Topic, tuple[str, ...]]] = {
    Topic.OUTPUTS: ("outputs",),
    Topic.INPUTS: ("inputs",),
    Topic.SHUTTERS: ("shutters",),
    Topic.SENSORS: ("sensors",),
    Topic.THERMOSTATS: ("thermostats/groups", "thermostats/units"),
    Topic.VENTILATION: ("ventilations/units",),
}
_FURTHER: Final = ("rooms", "groupactions")


class CloudGateway(Gateway):
    """One installation of an account. ``installation`` None: only to list them.

    ``login`` is where tokens come from; by the form of the client id if not given.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        client_id: str,
        client_secret: str,
        installation: str | None = None,
        *,
        base: URL = BASE,
        login: URL | None = None,
        clock: Clock | None = None,
    ) -> None:
        """Keep all of it; nothing is sent yet."""
        self._clock = clock or Clock()
        self.new = is_new_client(client_id)
        if login is None:
            login = NEW_LOGIN if self.new else base / OLD_LOGIN
        self.transport = HttpTransport(
            session, base, limit=LIMIT, check=check, clock=self._clock
        )
        self._tokens = HttpTransport(
            session, login, check=check_login, clock=self._clock
        )
        self._client = {
            "grant_type": "client_credentials",
            "client_id": client_id,
            "client_secret": client_secret,
            "scope": NEW_SCOPE if self.new else OLD_SCOPE,
        }
        self._auth = Authenticator(self._log_in)
        self._ends = 0.0
        self._installation = installation
        self._abilities = Abilities()
        self._rows: dict[str, list[dict[str, Any]]] = {}
        self._missing: set[str] = set()
        self._given: set[str] = set()

    @property
    @override
    def abilities(self) -> Abilities:
        return self._abilities

    async def _log_in(self) -> Mapping[str, str]:
        answer = await self._tokens.request(
            "POST", "", form=self._client, idempotent=True
        )
        body = answer.object()
        token = j.text(body, "access_token")
        if not token:
            raise UnexpectedJsonError("access_token")
        # Sometimes a text, sometimes missing.
        life = j.number(body, "expires_in") or 3600.0
        self._ends = self._clock.monotonic() + max(life - RENEW_BEFORE, RENEW_BEFORE)
        return {"Authorization": f"Bearer {token}"}

    async def _call(
        self,
        method: str,
        path: str,
        json: object = None,
        *,
        params: Mapping[str, Any] | None = None,
        idempotent: bool | None = None,
    ) -> object:
        """Return the ``data`` of an answer. A void token is replaced once."""
        if self._auth.headers is not None and self._clock.monotonic() >= self._ends:
            await self._auth.login()
        answer = await self.transport.request(
            method,
            path,
            json=json,
            params=params,
            auth=self._auth,
            idempotent=idempotent,
        )
        return j.value(answer.object(), "data")

    def _path(self, path: str) -> str:
        return f"base/installations/{self._installation}/{path}"

    async def installations(self) -> dict[str, str]:
        """Return the names of the account's installations by id."""
        return parse.installations(await self._call("GET", "base/installations"))

    @override
    async def open(self) -> Identity:
        try:
            row = await self._call("GET", f"base/installations/{self._installation}")
        except NotFoundError as err:
            raise NoInstallationError from err
        return Identity(
            id=self._installation or "",
            title=j.text(row, "name") or "OpenMotics",
            model=j.text(row, "platform") or j.text(row, "gateway_model"),
            sw_version=j.text(row, "version"),
            features=_features(j.value(row, "features")),
            online=j.boolean(row, "flags", "ONLINE"),
            update=j.boolean(row, "flags", "UPDATE_AVAILABLE"),
        )

    @override
    async def configuration(self) -> Configuration:
        paths = [path for lists in _LISTS.values() for path in lists] + [*_FURTHER]
        rows = await gather_or_cancel(*(self._list(path) for path in paths))
        self._rows = dict(zip(paths, rows, strict=True))
        found = parse.configuration(self._rows)
        self._abilities = Abilities(
            presets=(Preset.AUTO, Preset.AWAY, Preset.VACATION, Preset.PARTY),
            # What switches is all groups at once.
            group_on=len(found.groups) == 1,
            ventilation=False,
        )
        return found

    async def _list(self, path: str) -> list[dict[str, Any]]:
        """Return the rows of a list; an account may not be allowed all of them."""
        if path in self._missing:
            return []
        try:
            rows = j.mappings(await self._call("GET", self._path(path)))
        except NotFoundError, PermissionDeniedError:
            if path in self._given:
                # It was there; that it is refused now does not empty it.
                raise
            self._missing.add(path)
            return []
        if rows is None:
            raise UnexpectedJsonError(path)
        self._given.add(path)
        return rows

    @override
    async def status(self, topic: Topic) -> States:
        paths = _LISTS.get(topic, ())
        states: dict[Key, object] = {}
        for path in paths:
            # A listing says what there is and what it shows: read once, used for both.
            rows = self._rows.pop(path, None)
            if rows is None:
                rows = await self._list(path)
            states |= parse.states(path, rows)
        return states

    @override
    async def listen(self, listener: Listener) -> None:
        raise UnsupportedError("cloud")

    # What it is told.

    async def _tell(self, path: str, body: Mapping[str, Any] | None = None) -> None:
        await self._call("POST", self._path(path), dict(body or {}), idempotent=False)

    @override
    async def set_output(
        self,
        output: int,
        on: bool,
        *,
        level: int | None = None,
        seconds: int | None = None,
    ) -> None:
        if seconds is not None:
            raise UnsupportedError("timer")
        if not on:
            await self._tell(f"outputs/{output}/turn_off")
            return
        # Without a value it keeps its level.
        await self._tell(
            f"outputs/{output}/turn_on", {} if level is None else {"value": level}
        )

    @override
    async def move_shutter(self, shutter: int, direction: Direction) -> None:
        await self._tell(f"shutters/{shutter}/{direction}")

    @override
    async def place_shutter(
        self, shutter: int, position: int, *, seconds: float
    ) -> None:
        await self._tell(f"shutters/{shutter}/change_position", {"position": position})

    @override
    async def move_shutter_group(self, group: int, direction: Direction) -> None:
        raise UnsupportedError("shutter group")

    @override
    async def set_thermostat(
        self,
        unit: int,
        *,
        on: bool | None = None,
        setpoint: float | None = None,
        preset: Preset | None = None,
    ) -> None:
        path = f"thermostats/units/{unit}"
        if on is not None:
            await self._tell(f"{path}/state", {"state": "ON" if on else "OFF"})
        if preset is not None:
            await self._tell(f"{path}/preset", {"preset": preset.upper()})
        if setpoint is not None:
            await self._tell(f"{path}/setpoint", {"temperature": setpoint})

    @override
    async def set_thermostat_group(
        self, group: int, *, on: bool | None = None, cooling: bool | None = None
    ) -> None:
        if cooling is not None:
            await self._tell(
                f"thermostats/groups/{group}/mode",
                {"mode": "COOLING" if cooling else "HEATING"},
            )
        if on is not None:
            await self._tell("thermostats/state", {"state": "ON" if on else "OFF"})

    @override
    async def set_ventilation(self, unit: int, level: int | None) -> None:
        raise UnsupportedError("ventilation")

    @override
    async def run_group_action(self, action: int) -> None:
        await self._tell(f"groupactions/{action}/trigger")

    @override
    async def identify(self) -> None:
        raise UnsupportedError("identify")

    @override
    async def close(self) -> None:
        self._auth.headers = None

    @override
    def diagnostics(self) -> dict[str, Any]:
        return {
            "http": self.transport.counters.as_dict(),
            "login": self._tokens.counters.as_dict(),
            "logins": self._auth.logins,
            "new_login": self.new,
            "missing": sorted(self._missing),
        }


def is_new_client(client_id: str) -> bool:
    """Return whether a client id is one of the login of 2026: those are UUIDs."""
    try:
        return str(UUID(client_id)) == client_id.lower()
    except ValueError:
        return False


def check_login(answer: Answer) -> BackendError | None:
    """Judge an answer of the token endpoint: wrong credentials are 400 or 401."""
    if answer.status in {HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED}:
        return AuthFailedError(answer.words)
    return check_status(answer)


def check(answer: Answer) -> BackendError | None:
    """Judge an answer: an error may come under any status."""
    words = answer.words if answer.status >= HTTPStatus.BAD_REQUEST else ""
    if answer.status < HTTPStatus.MULTIPLE_CHOICES and b'"_error"' in answer.body:
        error = j.value(answer.object(), "_error")
        if not error:
            return None
        words = answer.clean(error if isinstance(error, str) else str(error))
        if "gatewaytimeoutexception" not in words.lower():
            return RejectedError(words)
    if "gatewaytimeoutexception" in words.lower():
        return OfflineError()
    return check_status(answer)


def _features(found: object) -> frozenset[str]:
    """Read features: a list of names now, formerly an object by name."""
    match found:
        case dict():
            return frozenset(
                name for name, row in found.items() if j.boolean(row, "available")
            )
        case list():
            return frozenset(name for name in found if isinstance(name, str))
        case _:
            return frozenset()
