"""Devices and points of an installation, and their states."""

from collections.abc import Collection, Iterable, Mapping

from ....model import Delta, PointKey, Snapshot, Topology
from ..client.models import TOPIC_OF, Configuration, Identity, Key, Kind, States, Topic
from . import (
    energy,
    gateway,
    group_actions,
    inputs,
    lamps,
    outputs,
    presets,
    pulse_counters,
    sensors,
    shutters,
    thermostats,
    ventilation,
)
from .description import Described, Installation, Plan


class Inventory:
    """Points of an installation, and the state of each."""

    def __init__(self, installation: Installation) -> None:
        """Initialize without points."""
        self.installation = installation
        self.topology = Topology(complete=False)
        self.shown: dict[PointKey, object] = {}
        self.known: frozenset[Key] = frozenset()
        self._plan = Plan()
        self._by_key: dict[Key, list[Described]] = {}
        self._reported_topology = self.topology
        self._suspected: frozenset[str] = frozenset()
        self.is_doubtful = False
        """Whether something is missing that was in the configuration before."""

    # Configuration.

    def configure(
        self,
        found: Configuration,
        identity: Identity,
        registered: frozenset[str],
        kinds: Collection[Kind] = (),
    ) -> bool:
        """Take over a configuration; return whether anything changed.

        ``registered`` are the devices in the registry, ``kinds`` the kinds of its
        entities. An incomplete configuration must not remove any of them: an object
        counts as removed only if it is missing twice, and a refused list counts as
        unknown.
        """
        installation = self.installation
        before = self.topology.complete
        same = (found, identity) == (installation.configuration, installation.identity)
        if same and before:
            return False
        installation.configuration, installation.identity = found, identity
        self.known = found.keys()
        gone = registered - build(installation).devices.keys()
        self.is_doubtful = bool(gone) and gone != self._suspected
        self._suspected = gone
        listed = {key[0] for key in self.known}
        if found.actions:
            listed.add(Kind.ACTION)
        refused = found.refused & (set(kinds) - listed)
        self.build(not self.is_doubtful and not refused)
        return not same or self.topology.complete != before

    def build(self, complete: bool | None = None) -> None:
        """Rebuild devices and points, with their states."""
        plan = self._plan = build(self.installation)
        self._by_key = {}
        for built in plan.built:
            for key in built.sources:
                self._by_key.setdefault(key, []).append(built)
        self.topology = Topology(
            devices=tuple(plan.devices.values()),
            points=tuple(built.point for built in plan.built),
            complete=self.topology.complete if complete is None else complete,
        )
        self.shown = {
            built.point.key: built.show(self.installation.states)
            for built in plan.built
        }

    # States.

    def topics_of(self, points: Collection[PointKey]) -> list[Topic]:
        """Return the topics of these points."""
        topics = {
            TOPIC_OF[source[0]]
            for built in self._plan.built
            if built.point.key in points
            for source in built.sources
        }
        return [topic for topic in Topic if topic in topics]

    def update(self, states: States) -> set[PointKey]:
        """Take over states, and return the points whose state changed."""
        current, changed = self.installation.states, []
        for key, state in states.items():
            if key not in current or current[key] != state:
                current[key] = state
                changed.append(key)
        if any(key[0] is Kind.GROUP for key in changed):
            # Thermostats offer the mode of their group.
            before = self.shown
            self.build()
            return {
                key for key, state in self.shown.items() if before.get(key) != state
            }
        return self._show(changed)

    def replace(self, topic: Topic, states: Mapping[Key, object]) -> set[PointKey]:
        """Replace all states of a topic; missing ones become unknown."""
        return self.update(states) | self._drop(
            [
                key
                for key in self.installation.states
                if TOPIC_OF[key[0]] is topic and key not in states
            ]
        )

    def forget(self, topic: Topic) -> set[PointKey]:
        """Forget all states of a topic."""
        return self.replace(topic, {})

    def _drop(self, keys: Collection[Key]) -> set[PointKey]:
        for key in keys:
            del self.installation.states[key]
        return self._show(keys)

    def _show(self, keys: Iterable[Key]) -> set[PointKey]:
        changed: set[PointKey] = set()
        for key in keys:
            for built in self._by_key.get(key, ()):
                state = built.show(self.installation.states)
                if self.shown.get(built.point.key) != state:
                    self.shown[built.point.key] = state
                    changed.add(built.point.key)
        return changed

    # For the coordinator.

    def snapshot(self) -> Snapshot:
        """Return all states."""
        self._reported_topology = self.topology
        return Snapshot(topology=self.topology, states=self.shown)

    def delta(self, keys: Iterable[PointKey]) -> Delta:
        """Return the states of these points, and the topology if it changed."""
        topology = None if self._reported_topology is self.topology else self.topology
        self._reported_topology = self.topology
        return Delta(
            states={key: self.shown[key] for key in keys if key in self.shown},
            topology=topology,
        )


def build(installation: Installation) -> Plan:
    """Return the devices and points of the current configuration."""
    plan = Plan()
    for part in (
        gateway,
        inputs,
        group_actions,
        outputs,
        lamps,
        shutters,
        sensors,
        pulse_counters,
        thermostats,
        presets,
        ventilation,
        energy,
    ):
        part.add(plan, installation)
    return plan
