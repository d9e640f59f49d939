"""A backend with a point of every kind, for the tests of everything above backends.

`House` is the simulated system: its devices, states, faults, and the requests that it received.
`FakeBackend` is its adapter. A house outlives its config entry, like a real one: `HOUSES` finds it
by the entry's unique id.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.util.json import JsonObjectType
import probatio as vol

from custom_components.junction.backends import Registered
from custom_components.junction.backends.base import Action, BackendInfo, Issue, Sink
from custom_components.junction.errors import BackendError, ProtocolError
from custom_components.junction.model import (
    Delta,
    DeviceSpec,
    Point,
    PointKey,
    Snapshot,
    Topology,
    merge,
)

ROOM: Final = "room"
START: Final = datetime(2026, 1, 1, tzinfo=UTC)
# Errors by kind of request.
type Request = str  # "connect", "fetch", "read", "command", "action" or "resolve"


class House:
    """The simulated system of the backend, and its received requests."""

    def __init__(self) -> None:
        self.devices: dict[str, DeviceSpec] = {}
        self.points: dict[PointKey, Point[Any]] = {}
        self.states: dict[PointKey, object] = {}
        self.offline: set[str] = set()
        self.complete = True
        self.sink: Sink | None = None
        # Faults.
        self.errors: dict[Request, BackendError] = {}
        self.refuses: dict[PointKey, BackendError] = {}
        self.ignores: set[PointKey] = set()
        self.pushes = False
        # Reaction of a device to commands, and whether it reports every change.
        self.bends: dict[PointKey, Callable[[Any], object]] = {}
        self.live = False
        self.gates: dict[Request, asyncio.Event] = {}
        # Received requests.
        self.calls: Counter[Request] = Counter()
        self.reads: list[set[PointKey]] = []
        self.told: list[tuple[PointKey, Any]] = []
        self.at_once: Counter[Request] = Counter()
        self.most_at_once: Counter[Request] = Counter()
        self.chosen: list[tuple[dict[str, str], str]] = []
        self._topology: Topology | None = None

    @property
    def topology(self) -> Topology:
        if self._topology is None:
            self._topology = Topology(
                devices=tuple(self.devices.values()),
                points=tuple(self.points.values()),
                complete=self.complete,
            )
        return self._topology

    def add(self, *things: DeviceSpec | tuple[Point[Any], object]) -> None:
        """Add devices, and points with their states."""
        for thing in things:
            if isinstance(thing, DeviceSpec):
                self.devices[thing.id] = thing
            else:
                point, state = thing
                self.points[point.key] = point
                if state is not None:
                    self.states[point.key] = state
        self._topology = None

    def remove(self, *keys: PointKey | str) -> None:
        """Remove points, or devices with all of theirs."""
        for key in keys:
            if isinstance(key, str):
                del self.devices[key]
                self.remove(*[point for point in self.points if point[0] == key])
            else:
                del self.points[key]
                self.states.pop(key, None)
        self._topology = None

    def remake(self, key: PointKey, **changes: Any) -> None:
        """Recreate a point with other properties."""
        self.points[key] = replace(self.points[key], **changes)
        self._topology = None

    def listing(self, *, complete: bool) -> None:
        """Set whether the next topology is marked as complete."""
        self.complete = complete
        self._topology = None

    async def asked(self, request: Request) -> None:
        """Count a request, and delay it or fail as configured."""
        self.calls[request] += 1
        self.at_once[request] += 1
        self.most_at_once |= self.at_once
        try:
            if gate := self.gates.get(request):
                await gate.wait()
            await asyncio.sleep(0)
        finally:
            self.at_once[request] -= 1
        if error := self.errors.get(request):
            raise error

    async def tell(self, key: PointKey, what: Any, becomes: object = None) -> None:
        """Carry out a command, which may change the state of a point."""
        self.told.append((key, what))
        await self.asked("command")
        if error := self.refuses.get(key):
            raise error
        if becomes is not None and key not in self.ignores:
            if bend := self.bends.get(key):
                becomes = bend(becomes)
            self.states[key] = merge(self.states.get(key), becomes)
            if self.pushes:
                self.push(key)

    def push(self, *keys: PointKey, **delta: Any) -> None:
        """Push the present states of some points."""
        assert self.sink is not None
        self.sink.push(Delta(states={key: self.states[key] for key in keys}, **delta))

    def change(self, key: PointKey, state: object) -> None:
        """Change a point without a command, and report it."""
        self.states[key] = state
        self.push(key)

    def control(
        self, key: PointKey, becomes: Callable[..., object] | None = None
    ) -> Callable[..., Awaitable[None]]:
        """Return a command for a point; `becomes` turns the request into its new state."""

        async def command(*args: Any) -> None:
            what = args[0] if args else None
            await self.tell(key, what, becomes(*args) if becomes else None)

        return command


HOUSES: dict[str | None, House] = {}


class FakeBackend:
    """The adapter of a house."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.closed = 0

    async def connect(self) -> None:
        await self.house.asked("connect")

    async def fetch(self) -> Snapshot:
        states = dict(self.house.states)
        await self.house.asked("fetch")
        return Snapshot(
            topology=self.house.topology,
            states=states,
            offline=frozenset(self.house.offline),
        )

    async def read(self, keys: Collection[PointKey]) -> Delta:
        self.house.reads.append(set(keys))
        await self.house.asked("read")
        states = self.house.states
        return Delta(states={key: states[key] for key in keys if key in states})

    def subscribe(self, sink: Sink) -> None:
        self.house.calls["subscribe"] += 1
        self.house.sink = sink

    async def close(self) -> None:
        self.house.calls["close"] += 1
        self.house.sink = None

    def diagnostics(self) -> Mapping[str, Any]:
        return {"requests": dict(self.house.calls)}


def _create(hass: HomeAssistant, entry: ConfigEntry[Any]) -> FakeBackend:
    return FakeBackend(HOUSES[entry.unique_id])


async def _echo(
    backend: FakeBackend, fields: Mapping[str, Any]
) -> JsonObjectType | None:
    await backend.house.asked("action")
    return {"echo": fields["text"]} if fields["text"] else None


async def _resolve(
    hass: HomeAssistant, entry: ConfigEntry[Any], data: Mapping[str, str], choice: str
) -> None:
    house = HOUSES[entry.unique_id]
    await house.asked("resolve")
    house.chosen.append((dict(data), choice))


def _issue(error: BackendError) -> Issue | None:
    return HINT if isinstance(error, ProtocolError) else None


async def _remove(hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
    HOUSES[entry.unique_id].calls["remove"] += 1


HINT = Issue(id="clock", key="fake_clock", placeholders={"off": "2 h"})
ISSUE = Issue(
    id="replaced",
    key="fake_replaced",
    placeholders={"serial": "4711"},
    choices=("keep", "fresh"),
    data={"old": "a", "new": "b"},
)

INFO = BackendInfo(
    name="fake",
    title="Fake",
    platforms=(
        Platform.BINARY_SENSOR,
        Platform.BUTTON,
        Platform.CLIMATE,
        Platform.COVER,
        Platform.DEVICE_TRACKER,
        Platform.EVENT,
        Platform.FAN,
        Platform.LIGHT,
        Platform.MEDIA_PLAYER,
        Platform.NUMBER,
        Platform.SCENE,
        Platform.SELECT,
        Platform.SENSOR,
        Platform.SIREN,
        Platform.SWITCH,
        Platform.VALVE,
    ),
    create=_create,
    poll_interval=lambda entry: entry.options.get("interval", 30.0),
    confirm_after=(0.01, 0.01, 0.02),
    settle_after=0.01,
    live=lambda backend, key: backend.house.live,
    actions=(
        Action(name="echo", schema={vol.Required("text"): str}, handler=_echo),
        Action(
            name="hush",
            schema={vol.Optional("text", default=""): str},
            handler=_echo,
            response=False,
        ),
    ),
    issue=_issue,
    resolve=_resolve,
    remove=_remove,
)

REGISTERED: Final = Registered(
    adapter=__name__, flow=f"{__package__}.fake_flow", subentries=("more",)
)
