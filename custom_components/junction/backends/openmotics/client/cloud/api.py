"""Read the cloud's configuration and states.

Not tested against the real cloud: it follows the cloud's own clients. Protocol:
docs/protocols/openmotics.md#cloud-of-today.
"""

from abc import ABC
from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import partial
import json
from typing import Any, Final, override

import aiohttp
from yarl import URL

from .....errors import CallerError, RejectedError
from ....http import (
    Answer,
    Clock,
    NotFoundError,
    PermissionDeniedError,
    UnexpectedJsonError,
    json_fields as j,
)
from ..concurrency import gather_or_cancel
from ..errors import NoInstallationError, TransportUnsupportedError
from ..gateway import Gateway, Listener
from ..models import Abilities, Configuration, Identity, Key, Preset, States, Topic
from . import parse
from .session import CloudSession
from .variants import Variants

BASE: Final = URL("https://api.openmotics.com/api/v1.1")
CONTROL: Final[Mapping[str, str]] = {"filter": '{"usage":"CONTROL"}'}
"""Filter for what users control, without the relays of shutters and the valves of
thermostats.
"""
FILTERED: Final = frozenset({"outputs", "shutters", "groupactions"})
"""Lists that are requested with this filter."""
MOST_PAGES: Final = 50
ASK_AGAIN: Final = 3600.0
"""Seconds before a list that is unknown or not allowed is requested again."""
FROM_ROOT: Final = ("base/", "authentication/", "ws/")
"""Prefixes of paths that do not belong to one installation."""

_LISTS: Final[Mapping[Topic, tuple[str, ...]]] = {
    Topic.OUTPUTS: ("outputs",),
    Topic.LAMPS: ("lights",),
    Topic.INPUTS: ("inputs",),
    Topic.SHUTTERS: ("shutters",),
    Topic.SENSORS: ("sensors",),
    Topic.THERMOSTATS: ("thermostats/groups", "thermostats/units"),
    Topic.VENTILATION: ("ventilations/units",),
}
_FURTHER: Final = ("rooms", "groupactions")


class CloudApi(ABC, Gateway):
    """One installation of an account. ``installation`` None: only list them."""

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
        """Store the settings; nothing is sent yet."""
        self.session = CloudSession(
            session, client_id, client_secret, base=base, login=login, clock=clock
        )
        self._installation = installation
        self._abilities = Abilities()
        self._rows: dict[str, list[dict[str, Any]]] = {}
        self._clock = clock or Clock()
        self._missing: dict[str, float] = {}
        """Unavailable lists, and when to request them again."""
        self._given: set[str] = set()
        self._whole: set[str] = set()
        self._filters = Variants(
            RejectedError, final=(NotFoundError, PermissionDeniedError)
        )
        self.kept: frozenset[Key] = frozenset()

    @property
    @override
    def abilities(self) -> Abilities:
        return self._abilities

    def path(self, path: str) -> str:
        """Return the full path below the installation."""
        return f"base/installations/{self._installation}/{path}"

    @override
    async def request(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any] | None = None,
        body: object = None,
    ) -> Answer:
        if ".." in path.split("/") or "//" in path or not path.isprintable():
            # Allow only paths below the API of this cloud.
            raise CallerError(path, field="path")
        if not path.startswith(FROM_ROOT):
            path = self.path(path)
        return await self.session.request(method, path, query, body)

    async def installations(self) -> dict[str, str]:
        """Return the names of the account's installations by id."""
        return parse.installations(await self.session.data("GET", "base/installations"))

    @override
    async def open(self) -> Identity:
        try:
            row = await self.session.data(
                "GET", f"base/installations/{self._installation}"
            )
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

    # Configuration.

    @override
    async def configuration(self, keep: Collection[Key] = ()) -> Configuration:
        paths = [path for lists in _LISTS.values() for path in lists] + [*_FURTHER]
        rows = await gather_or_cancel(*(self._list(path) for path in paths))
        self._rows = dict(zip(paths, rows, strict=True))
        hidden: set[Key] = set()
        for path, kind in parse.FILTERED_KINDS.items():
            if path in self._missing:
                continue
            wanted = {key for key in keep if key[0] is kind}
            if missing := wanted - parse.keys(kind, self._rows[path]):
                hidden |= await self._unhide(path, missing)
        self.kept = frozenset(hidden)
        found = parse.configuration(self._rows, self.kept)
        found = replace(
            found,
            refused=frozenset(
                kind for path, kind in parse.KINDS.items() if path in self._missing
            ),
        )
        self._abilities = Abilities(
            presets=(Preset.AUTO, Preset.AWAY, Preset.VACATION, Preset.PARTY),
            # A switch controls all groups at once.
            group_on=len(found.groups) == 1,
            ventilation=False,
            lights_off=True,
        )
        return found

    async def _unhide(self, path: str, missing: set[Key]) -> set[Key]:
        """Add the keys that are in use already, but that the filter hides."""
        kind = parse.FILTERED_KINDS[path]
        rows = [
            row
            for row in await self._pages(path, {})
            if parse.keys(kind, [row]) & missing
        ]
        found = parse.keys(kind, rows)
        if found:
            self._rows[path] = [*self._rows[path], *rows]
            self._whole.add(path)
        return found

    async def _list(self, path: str) -> list[dict[str, Any]]:
        """Return the rows of a list; an account may lack permission for some of them."""
        now = self._clock.monotonic()
        if now < self._missing.get(path, now):
            return []
        ask = partial(self._pages, path)
        try:
            if path in FILTERED and path not in self._whole:
                # Older versions of the cloud do not support filters.
                rows = await self._filters.send(
                    path, (partial(ask, CONTROL), partial(ask, {}))
                )
            else:
                rows = await ask({})
        except NotFoundError, PermissionDeniedError:
            if path in self._given:
                # The list was available before, so a refusal does not mean that it is
                # empty.
                raise
            self._missing[path] = now + ASK_AGAIN
            return []
        self._missing.pop(path, None)
        self._given.add(path)
        return rows

    async def _pages(self, path: str, query: Mapping[str, str]) -> list[dict[str, Any]]:
        """Return all rows of a list, on one page or several."""
        rows: dict[object, dict[str, Any]] = {}
        page = pages = 1
        while page <= min(pages, MOST_PAGES):
            paging = {} if page == 1 else {"paging": json.dumps({"page": page})}
            answer = (
                await self.session.request("GET", self.path(path), {**query, **paging})
            ).object()
            found = j.mappings(answer, "data")
            if found is None:
                raise UnexpectedJsonError(path)
            for row in found:
                rows.setdefault(j.integer(row, "id") or str(row), row)
            pages = j.integer(answer, "_paging", "number_of_pages") or 1
            page += 1
        return list(rows.values())

    # States.

    @override
    async def status(self, topic: Topic) -> States:
        states: dict[Key, object] = {}
        for path in _LISTS.get(topic, ()):
            # The configuration request has the states too, so use its rows once.
            rows = self._rows.pop(path, None)
            if rows is None:
                rows = await self._list(path)
            states |= parse.states(path, rows)
        return states

    @override
    async def listen(self, listener: Listener) -> None:
        raise TransportUnsupportedError

    @override
    async def close(self) -> None:
        self.session.close()

    @override
    def diagnostics(self) -> dict[str, Any]:
        return {
            **self.session.diagnostics(),
            "missing": sorted(self._missing),
            "forms": dict(self._filters.works),
            "kept_though_hidden": len(self.kept),
        }


def _features(found: object) -> frozenset[str]:
    """Read features: a list of names, formerly an object by name."""
    match found:
        case dict():
            return frozenset(
                name for name, row in found.items() if j.boolean(row, "available")
            )
        case list():
            return frozenset(name for name in found if isinstance(name, str))
        case _:
            return frozenset()
