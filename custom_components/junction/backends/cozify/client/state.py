"""State of a hub, kept up to date by its deltas (docs/protocols/cozify.md#poll)."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, cast

from ....cleaning import clean_line
from ...http import json_fields as j
from .models import DELTAS, Alarm, Device, Group, Item, Kind, Room, Rule, Scene

_PARSERS: Final = {
    Kind.DEVICE: Device.parse,
    Kind.GROUP: Group.parse,
    Kind.SCENE: Scene.parse,
    Kind.RULE: Rule.parse,
    Kind.ROOM: Room.parse,
    Kind.ALARM: Alarm.parse,
}

# Maximum number of unknown kinds that diagnostics distinguish.
_MAX_STRANGE: Final = 20
_OTHERS: Final = "others"


@dataclass(frozen=True, slots=True)
class Change:
    """An object before and after a change; None = it did not exist, or was removed."""

    kind: Kind
    id: str
    old: Item | None
    new: Item | None


@dataclass(slots=True)
class Changes:
    """Changes of one answer. ``full``: it replaced all known objects of its kinds."""

    full: bool = False
    all: list[Change] = field(default_factory=list)
    advanced: bool = False
    """Whether the hub's time advanced, so that the same changes will not come again."""
    stale: bool = False
    """Whether the hub's clock went back, so that everything must be read again."""


class CozifyState:
    """Objects of one hub, by kind and id."""

    def __init__(self) -> None:
        """Initialize without objects."""
        self.items: dict[Kind, dict[str, Item]] = {kind: {} for kind in Kind}
        self.ts = 0
        """The hub's time (ms) up to which everything is known; 0 requests everything.
        """
        self._reported_at = 0
        self.strange: Counter[str] = Counter()
        """Unknown fields and kinds that were ignored, for diagnostics."""

    @property
    def devices(self) -> Mapping[str, Device]:
        """Return all devices."""
        return cast("dict[str, Device]", self.items[Kind.DEVICE])

    @property
    def groups(self) -> Mapping[str, Group]:
        """Return all groups."""
        return cast("dict[str, Group]", self.items[Kind.GROUP])

    @property
    def scenes(self) -> Mapping[str, Scene]:
        """Return all scenes."""
        return cast("dict[str, Scene]", self.items[Kind.SCENE])

    @property
    def rules(self) -> Mapping[str, Rule]:
        """Return all rules."""
        return cast("dict[str, Rule]", self.items[Kind.RULE])

    @property
    def rooms(self) -> Mapping[str, Room]:
        """Return all rooms."""
        return cast("dict[str, Room]", self.items[Kind.ROOM])

    @property
    def alarms(self) -> Mapping[str, Alarm]:
        """Return all alarms, closed ones included."""
        return cast("dict[str, Alarm]", self.items[Kind.ALARM])

    def apply(self, deltas: list[dict[str, Any]]) -> Changes:
        """Take over the deltas of one answer and return what changed."""
        changes = Changes()
        for delta in deltas:
            full = j.boolean(delta, "full") or self.ts == 0
            time = j.integer(delta, "timestamp")
            if not full and time is not None and time < self.ts:
                # The hub restarted, or its clock was set.
                changes.stale = True
                return changes
            changes.full = changes.full or full
            self._reported_at = self.ts if time is None else time
            seen = {
                self._take_poll(poll, changes, full=full)
                for poll in j.mappings(delta, "polls") or ()
            }
            if full:
                # Empty kinds may be missing in the answer. There are always devices,
                # though, because a hub itself has some, so a missing device list says
                # nothing.
                for kind in set(Kind) - seen - {Kind.DEVICE}:
                    self._replace(kind, {}, changes)
            if time is not None and time != self.ts:
                changes.advanced = True
                self.ts = time
        return changes

    def take(self, kind: Kind, rows: list[dict[str, Any]]) -> Changes:
        """Take over objects from the answer to a command."""
        changes = Changes()
        for row in rows:
            if (key := j.text(row, "id")) is not None:
                self._take(kind, key, row, changes)
        return changes

    def _take_poll(
        self, poll: dict[str, Any], changes: Changes, *, full: bool
    ) -> Kind | None:
        """Take over the objects of one kind, and return the kind."""
        kind = DELTAS.get(j.text(poll, "type") or "")
        if kind is None:
            self._leave_out(clean_line(j.text(poll, "type") or "") or "?")
            return None
        if (objects := j.mapping(poll, kind)) is None:
            return None
        if full:
            self._replace(kind, objects, changes)
        for key, said in objects.items():
            self._take(kind, key, said, changes, force=full)
        return kind

    def _leave_out(self, what: str) -> None:
        # Limited, because the hub may use any number of names.
        known = what in self.strange or len(self.strange) < _MAX_STRANGE
        self.strange[what if known else _OTHERS] += 1

    def _replace(
        self, kind: Kind, objects: Mapping[str, Any], changes: Changes
    ) -> None:
        """Remove the objects that a complete list lacks."""
        known = self.items[kind]
        for key in [key for key in known if key not in objects]:
            changes.all.append(Change(kind, key, known.pop(key), None))

    def _take(
        self,
        kind: Kind,
        key: str,
        said: object,
        changes: Changes,
        *,
        force: bool = False,
    ) -> None:
        known = self.items[kind]
        old = known.get(key)
        if said is None:
            if old is not None:
                del known[key]
                changes.all.append(Change(kind, key, old, None))
            return
        if not isinstance(said, dict):
            self._leave_out(f"{kind}: {type(said).__name__}")
            return
        new = _PARSERS[kind](key, said)
        if (
            not force
            and old is not None
            and new.timestamp < old.timestamp <= self._reported_at
        ):
            # A newer version (with a plausible time) has arrived already.
            return
        if new != old:
            known[key] = new
            changes.all.append(Change(kind, key, old, new))
