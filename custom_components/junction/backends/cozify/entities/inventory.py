"""Devices and points of one hub, and their changes by an answer."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from ....model import (
    UNAVAILABLE,
    Delta,
    DeviceSpec,
    Point,
    PointKey,
    Snapshot,
    Topology,
)
from ..client import Changes, CozifyState, Device, Kind, Limits, Meta, TargetRange
from ..settings import Settings
from . import binary_sensors, controls, events, hub, sensors
from .climate import is_climate
from .description import DescribedPoint
from .hub import HUB, HubControl, HubPoint

MANUFACTURER: Final = "Cozify"


@dataclass(frozen=True, slots=True)
class _Known:
    """A device, the result of building it, and the input of that."""

    signature: tuple[object, ...]
    spec: DeviceSpec
    built: tuple[DescribedPoint, ...]


class Inventory:
    """Build points from the state, again only if something other than a state changed.

    ``suspicious`` is True if a complete answer lacked a registered device: the device
    counts as removed only if it is missing twice.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry[Any],
        hub: HubControl,
        state: CozifyState,
        settings: Settings,
    ) -> None:
        """Initialize without points."""
        self._hass = hass
        self._entry = entry
        self._hub = hub
        self._state = state
        self._settings = settings
        self._known: dict[str, _Known] = {}
        self._hub_points: tuple[HubPoint, ...] = ()
        self._hub_signature: tuple[object, ...] | None = None
        self._meta: Meta | None = None
        self._target_ranges: dict[str, TargetRange] = {}
        self._suspects: frozenset[PointKey] = frozenset()
        self.suspicious = False
        self.topology = Topology(complete=False)

    # Changes.

    def take(self, changes: Changes, meta: Meta | None) -> Delta:
        """Return the changes of an answer."""
        before = {point.key for point in self.topology.points}
        structure = self._restructure(changes, meta)
        complete = self._is_complete(changes)
        topology = None
        if structure or complete is not self.topology.complete:
            topology = self.topology = self._topology(complete=complete)
        gone = before - {point.key for point in self.topology.points}
        devices = {
            change.id: isinstance(change.new, Device) and change.new.reachable
            for change in changes.all
            if change.kind is Kind.DEVICE
        }
        touched = [
            known
            for change in changes.all
            if change.kind is Kind.DEVICE
            and (known := self._known.get(change.id)) is not None
        ]
        states = self._states(touched)
        if any(change.kind is not Kind.DEVICE for change in changes.all):
            states |= self._hub_states()
        if topology is not None:
            # A new point may belong to a device whose state has not changed.
            states |= {
                key: state for key, state in self.states().items() if key not in before
            }
        return Delta(
            states={**dict.fromkeys(gone, UNAVAILABLE), **states},
            devices=devices,
            topology=topology,
        )

    def snapshot(self) -> Snapshot:
        """Return all states."""
        return Snapshot(
            topology=self.topology,
            states=self.states(),
            offline=frozenset(
                key
                for key, device in self._state.devices.items()
                if not device.reachable
            ),
        )

    def states(self) -> dict[PointKey, object]:
        """Return the states of all points."""
        return self._states(self._known.values()) | self._hub_states()

    def state(self, key: PointKey) -> object:
        """Return the last reported state of one point."""
        return self.states_of({key}).get(key, UNAVAILABLE)

    def states_of(self, keys: set[PointKey]) -> dict[PointKey, object]:
        """Return the states of some points."""
        wanted = {key[0] for key in keys}
        found = self._states(
            known for device, known in self._known.items() if device in wanted
        )
        if HUB in wanted:
            found |= self._hub_states()
        return {key: state for key, state in found.items() if key in keys}

    def _states(self, known: Iterable[_Known]) -> dict[PointKey, object]:
        devices = self._state.devices
        return {
            built.point.key: built.read(device)
            for one in known
            if (device := devices.get(one.spec.id)) is not None
            for built in one.built
            if built.read is not None
        }

    def _hub_states(self) -> dict[PointKey, object]:
        return {
            one.point.key: one.read(self._state)
            for one in self._hub_points
            if one.read is not None
        }

    # Configuration.

    def _restructure(self, changes: Changes, meta: Meta | None) -> bool:
        """Rebuild what changed, and return whether anything did."""
        changed = meta != self._meta
        self._meta = meta
        kinds = {change.kind for change in changes.all}
        devices = self._state.devices
        ids: Iterable[str] = [
            change.id for change in changes.all if change.kind is Kind.DEVICE
        ]
        if Kind.ROOM in kinds:
            ids = [*devices, *ids]
        for key in ids:
            changed = self._rebuild(key, devices.get(key)) or changed
        if kinds & {Kind.GROUP, Kind.SCENE, Kind.RULE} or self._hub_signature is None:
            changed = self._rebuild_hub() or changed
        return changed

    def _rebuild(self, key: str, device: Device | None) -> bool:
        known = self._known.get(key)
        if device is None:
            self._target_ranges.pop(key, None)
            return self._known.pop(key, None) is not None
        room = self._state.rooms.get(device.room or "")
        area = room.name if room else None
        limits = self._target_ranges.get(key, TargetRange())
        if is_climate(device):
            limits = self._target_ranges[key] = limits.of(device.state)
        signature = (*_signature(device, area), limits)
        if known is not None and known.signature == signature:
            return False
        spec = DeviceSpec(
            id=key,
            name=device.name,
            manufacturer=device.manufacturer,
            model=device.model,
            suggested_area=area,
            via=HUB,
        )
        built = (
            *controls.build(self._hub, device, self._settings, limits),
            *events.build(device),
            *sensors.build(device, self._settings),
            *binary_sensors.build(device),
        )
        self._known[key] = _Known(signature, spec, built)
        return True

    def _rebuild_hub(self) -> bool:
        state = self._state
        signature = (
            *((scene.id, scene.name, scene.mode) for scene in state.scenes.values()),
            *((rule.id, rule.name) for rule in state.rules.values()),
            *(_signature(group, None) for group in state.groups.values()),
        )
        if signature == self._hub_signature:
            return False
        self._hub_signature = signature
        self._hub_points = tuple(hub.build(self._hub, state))
        return True

    def _topology(self, *, complete: bool) -> Topology:
        meta = self._meta
        hub = DeviceSpec(
            id=HUB,
            name=meta.name if meta else None,
            manufacturer=MANUFACTURER,
            model="Hub",
            sw_version=meta.version if meta else None,
        )
        return Topology(
            devices=(hub, *(known.spec for known in self._known.values())),
            points=tuple(self._points()),
            complete=complete,
        )

    def _points(self) -> Iterable[Point[Any]]:
        for known in self._known.values():
            yield from (built.point for built in known.built)
        yield from (one.point for one in self._hub_points)

    def _is_complete(self, changes: Changes) -> bool:
        """Return whether missing devices were removed."""
        if not changes.full and not self._suspects:
            # The hub reports every removal.
            return bool(self._known) and self.topology.complete
        gone = self._registered() - {point.key for point in self._points()}
        if not changes.full and gone:
            self._suspects = gone
            return False
        if gone <= self._suspects:
            self._suspects, self.suspicious = frozenset(), False
            return True
        self._suspects, self.suspicious = gone, True
        return False

    def _registered(self) -> frozenset[PointKey]:
        prefix = f"{self._entry.unique_id}/"
        keys = (
            entity.unique_id.removeprefix(prefix).partition("/")
            for entity in er.async_entries_for_config_entry(
                er.async_get(self._hass), self._entry.entry_id
            )
        )
        return frozenset((device, point) for device, _, point in keys)


def _signature(device: Device, area: str | None) -> tuple[object, ...]:
    """Return everything that determines the points of a device."""
    return (
        device.id,
        device.type,
        device.name,
        device.manufacturer,
        device.model,
        area,
        device.capabilities,
        device.buttons,
        frozenset(device.state),
        device.state_type,
        Limits.of(device.state),
        device.state.get("selfMotion") is None,
    )
