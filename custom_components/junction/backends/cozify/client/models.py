"""Devices, groups, scenes, rules, rooms, and alarms of a hub.

See docs/protocols/cozify.md#data-model.

The hub sends whole objects. They are stored unchanged, and read field by field: a
missing or mistyped field affects only itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, Self, override

from ...http import json_fields as j

type State = Mapping[str, Any]


class Kind(StrEnum):
    """Kind of object, by the name of its field in a delta."""

    DEVICE = "devices"
    GROUP = "groups"
    SCENE = "scenes"
    RULE = "rules"
    ROOM = "rooms"
    ALARM = "alarms"


DELTAS: Final[Mapping[str, Kind]] = {
    "DEVICE_DELTA": Kind.DEVICE,
    "GROUP_DELTA": Kind.GROUP,
    "SCENE_DELTA": Kind.SCENE,
    "RULE_DELTA": Kind.RULE,
    "ROOM_DELTA": Kind.ROOM,
    "ALARM_DELTA": Kind.ALARM,
}


@dataclass(frozen=True, slots=True)
class Meta:
    """Public information of a hub (``GET /hub``)."""

    hub_id: str
    name: str
    version: str
    connected: bool | None = None
    """Whether the hub is connected to the cloud."""

    @property
    def api(self) -> str:
        """Return the version of the API as in paths: ``1.14``."""
        return ".".join(self.version.split(".")[:2])


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """Common fields of all objects. ``timestamp`` (ms, by the hub's clock) grows with changes."""

    id: str
    name: str
    timestamp: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Device(Item):
    """A device that measures or accepts commands."""

    type: str = ""
    manufacturer: str | None = None
    model: str | None = None
    room: str | None = None
    capabilities: frozenset[str] = frozenset()
    state: State = field(default_factory=dict)
    buttons: tuple[tuple[int, str], ...] = ()

    @property
    def state_type(self) -> str:
        """Return the type to send with every state."""
        return j.text(self.state, "type") or f"STATE_{self.type}"

    @property
    def reachable(self) -> bool:
        """Return whether the hub reaches it; phones have a value for that instead."""
        if self.type == "UI_DEVICE":
            return True
        return j.boolean(self.state, "reachable") is not False

    @property
    def last_seen(self) -> int:
        """Return when the hub last received a message from it (ms), 0 = never."""
        return j.integer(self.state, "lastSeen") or 0

    def can(self, *capabilities: str) -> bool:
        """Return whether it has any of these capabilities."""
        return not self.capabilities.isdisjoint(capabilities)

    @classmethod
    def parse(cls, key: str, said: Mapping[str, Any]) -> Self:
        """Read a device."""
        return cls(
            **_common(key, said),
            type=j.text(said, "type") or "",
            manufacturer=j.text(said, "manufacturer") or None,
            model=j.text(said, "model") or None,
            room=_first(said.get("room")),
            capabilities=_capabilities(said.get("capabilities")),
            state=j.mapping(said, "state") or {},
            buttons=tuple(
                (number, j.text(row, "label") or str(number))
                for row in j.mappings(said, "buttons") or ()
                if (number := j.integer(row, "id")) is not None
            ),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Group(Device):
    """Several devices that are controlled as one; the state is that of one of them."""

    members: tuple[str, ...] = ()

    @classmethod
    @override
    def parse(cls, key: str, said: Mapping[str, Any]) -> Self:
        """Read a group, which has the common capabilities of its members."""
        return cls(
            **_common(key, said),
            type="GROUP",
            room=_first(said.get("room")),
            capabilities=_capabilities(said.get("minCapabilities")),
            state=j.mapping(said, "state") or {},
            members=_texts(said.get("members")),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene(Item):
    """A stored set of states, which stays on until another one is selected.

    ``mode`` is ``HOME`` or ``AWAY`` for the two that exclude each other.
    """

    on: bool | None = None
    mode: str | None = None

    @classmethod
    def parse(cls, key: str, said: Mapping[str, Any]) -> Self:
        """Read a scene."""
        factory = j.text(said, "category") == "FACTORY"
        icon = j.text(said, "icon")
        return cls(
            **_common(key, said),
            on=j.boolean(said, "isOn"),
            mode=icon if factory and icon in ("HOME", "AWAY") else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(Item):
    """An automation of the hub."""

    on: bool | None = None

    @classmethod
    def parse(cls, key: str, said: Mapping[str, Any]) -> Self:
        """Read a rule, whose name is in its configuration."""
        common = _common(key, said)
        common["name"] = j.text(said, "config", "name") or common["name"]
        on = j.boolean(said, "is_on")
        return cls(**common, on=j.boolean(said, "isOn") if on is None else on)


@dataclass(frozen=True, slots=True, kw_only=True)
class Room(Item):
    """A room."""

    @classmethod
    def parse(cls, key: str, said: Mapping[str, Any]) -> Self:
        """Read a room."""
        return cls(**_common(key, said))


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm(Item):
    """A message of the hub to the user. ``level``: ``err`` and the like."""

    title: str = ""
    level: str = ""
    source: str | None = None
    closed: bool = False

    @classmethod
    def parse(cls, key: str, said: Mapping[str, Any]) -> Self:
        """Read an alarm; its message is HTML, meant for another program."""
        return cls(
            **_common(key, said),
            title=j.text(said, "title") or "",
            level=j.text(said, "level") or "",
            source=j.text(said, "sourceId"),
            closed=j.boolean(said, "closed") or False,
        )


def _common(key: str, said: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": key,
        "name": (j.text(said, "name") or "").strip() or key[:8],
        "timestamp": j.integer(said, "timestamp") or 0,
    }


def _texts(said: object) -> tuple[str, ...]:
    if isinstance(said, str):
        return (said,)
    if isinstance(said, list):
        return tuple(item for item in said if isinstance(item, str))
    return ()


def _first(said: object) -> str | None:
    found = _texts(said)
    return found[0] if found and found[0] else None


def _capabilities(said: object) -> frozenset[str]:
    values = said.get("values") if isinstance(said, Mapping) else said
    return frozenset(_texts(values))
