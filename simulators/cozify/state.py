"""State of a simulated hub, with the time of each change."""

import asyncio
from collections import deque
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from simulators.clock import VirtualClock

type Item = dict[str, Any]

DELTAS = {
    "devices": "DEVICE_DELTA",
    "groups": "GROUP_DELTA",
    "scenes": "SCENE_DELTA",
    "rules": "RULE_DELTA",
    "rooms": "ROOM_DELTA",
    "alarms": "ALARM_DELTA",
}
REMEMBERED = 600_000
"""Milliseconds for which deletions are reported."""


@dataclass(slots=True)
class Behaviour:
    """Variations between hubs, and unconfirmed behavior; tests cover all of them."""

    hold: float = 12.0
    """Seconds for which a poll is held, 0 = answered at once."""
    nothing: str = "304"
    """The answer when nothing happened: ``304``, ``204``, ``null``, ``empty``, ``delta``."""
    as_list: bool = False
    """Whether a delta comes in a list of one."""
    every_kind: bool = False
    """Whether a delta names kinds in which nothing changed."""
    delay: float = 0.15
    """Seconds until a command is carried out."""
    report_steps: bool = False
    """Whether a fading lamp reports on its way, or its target at once."""
    delta_delay: float = 0.0
    """Seconds by which deltas come late."""
    lose_commands: int = 0
    """How many of the next commands are accepted and never carried out."""
    clock_offset: float = 0.0
    """Seconds by which the hub's clock is ahead."""
    repeat: bool = False
    """Whether every delta is told twice, the second time an older one."""


@dataclass(frozen=True, slots=True)
class Driver:
    """Undocumented reaction of a device to commands."""

    min_brightness: float = 0.0
    """The darkest that it can be while it is on."""
    low: float = 5.0
    high: float = 35.0
    """The limits of its wanted temperature (°C)."""
    step: float = 0.1
    """What it rounds its wanted temperature to."""
    deaf: bool = False
    """Whether it ignores what it is told."""


@dataclass(slots=True)
class HubState:
    """A hub: its objects by kind and id, each with the time (ms) of its last change."""

    clock: VirtualClock
    hub_id: str
    name: str = "Koti"
    version: str = "1.14.9.124"
    cloud_connected: bool = True
    items: dict[str, dict[str, Item]] = field(default_factory=dict)
    deleted: dict[tuple[str, str], int] = field(default_factory=dict)
    behaviour: Behaviour = field(default_factory=Behaviour)
    drivers: dict[str, Driver] = field(default_factory=dict)
    """Devices by id that do not simply do what they are told."""
    began: int = 0
    last: int = 0
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    polls_now: int = 0
    most_polls: int = 0
    commands: deque[tuple[str, Item]] = field(default_factory=lambda: deque(maxlen=500))
    """Every command that came, with the path."""
    overtaken: Item | None = None
    forgot: int = 0
    """The time of the latest deletion that is no longer told."""

    def __post_init__(self) -> None:
        """Create all kinds."""
        for kind in DELTAS:
            self.items.setdefault(kind, {})
        self.began = self.last = self.now()

    def now(self) -> int:
        """Return the hub's time in ms; each value is unique, so that deltas have an order."""
        return int((self.clock.now() + self.behaviour.clock_offset) * 1000)

    def stamp(self) -> int:
        """Return a timestamp that no change has yet."""
        self.last = max(self.now(), self.last + 1)
        return self.last

    def touch(self, kind: str, key: str) -> None:
        """Mark an object as changed."""
        self.items[kind][key]["timestamp"] = self.stamp()
        self.deleted.pop((kind, key), None)
        self.wake()

    def change(self, kind: str, key: str, **values: Any) -> None:
        """Change an object; without a difference there is no delta."""
        item = self.items[kind][key]
        if any(item.get(name) != value for name, value in values.items()):
            item.update(values)
            self.touch(kind, key)

    def put(self, kind: str, item: Item) -> None:
        """Add or replace an object."""
        self.items[kind][item["id"]] = item
        self.touch(kind, item["id"])

    def remove(self, kind: str, key: str) -> None:
        """Delete an object."""
        del self.items[kind][key]
        self.deleted[kind, key] = self.stamp()
        self.wake()

    def set(self, key: str, *, seen: bool = True, **values: Any) -> None:
        """Change the state of a device."""
        state = self.items["devices"][key]["state"]
        state.update(values)
        if seen and "lastSeen" in state:
            state["lastSeen"] = self.now()
        self.touch("devices", key)

    def restart(self) -> None:
        """Restart: earlier timestamps become invalid."""
        self.began = self.stamp()

    def wake(self) -> None:
        """Release held polls."""
        changed, self.changed = self.changed, asyncio.Event()
        changed.set()

    def _forget(self) -> None:
        for key, moment in list(self.deleted.items()):
            if moment < self.now() - REMEMBERED:
                del self.deleted[key]
                self.forgot = max(self.forgot, moment)

    def delta(self, ts: int) -> tuple[Item, bool]:
        """Return the changes since ``ts``, and whether there are any."""
        self._forget()
        full = ts < self.began or ts < self.forgot or ts > self.last
        polls = []
        some = False
        for kind, delta in DELTAS.items():
            found: dict[str, Item | None] = {
                key: deepcopy(item)
                for key, item in self.items[kind].items()
                if full or item["timestamp"] > ts
            }
            if not full:
                found |= {
                    key: None
                    for (of, key), moment in self.deleted.items()
                    if of == kind and moment > ts
                }
            some = some or bool(found)
            if found or full or self.behaviour.every_kind:
                polls.append({"type": delta, "timestamp": self.last, kind: found})
        return (
            {
                "type": "POLL_DELTA",
                "full": full,
                "timestamp": self.last,
                "polls": polls,
            },
            full or some,
        )
