"""Points of one meter, and when their states are due."""

from collections.abc import Iterator, Mapping
import re
from typing import Any, Final

from homeassistant.components.sensor import SensorDeviceClass

from ....model import UNAVAILABLE, Delta, DeviceSpec, Point, PointKey, Topology
from ..client.dialect import (
    Dialect,
    Tariff,
    TariffRule,
    dialect_of,
    tariff,
    tariff_rule,
)
from ..client.models import Layout, MBusDevice, Telegram
from . import DESCRIPTIONS
from .behind import MetersBehind
from .description import METER, Pace, PointDescription, at_once
from .energy import EnergyTotals, registers_before, registers_in, registers_named
from .meter import ABOUT_METER, meter_spec
from .rows import Lane, Row, relay_row, row_of

WATCH_INTERVAL: Final = 60.0
"""Seconds between two checks which M-Bus meters are present."""

# Seconds; a telegram may arrive slightly early, and waiting for the next would double
# the interval.
SLACK: Final = 0.5

_RELAY: Final = re.compile(r"0-([1-4]):96\.3\.10")


class Inventory:
    """Points of one meter, and when their states are due.

    ``intervals`` are the seconds between two states of a pace, 0 = every telegram.
    ``rule`` overrides the tariff rule of the dialect. ``known`` is the result of
    ``remember`` of an earlier inventory: its points exist before the first telegram.
    ``fixed`` are points whose states come from elsewhere.
    """

    def __init__(
        self,
        intervals: Mapping[Pace, float],
        rule: TariffRule | None = None,
        known: Mapping[str, Any] | None = None,
        fixed: tuple[Point[Any], ...] = (),
    ) -> None:
        """Initialize with the known points."""
        self.topology = Topology(complete=False)
        self.dialect: Dialect | None = None
        self._lanes = {pace: Lane(intervals.get(pace, 0.0)) for pace in Pace}
        self._rule = rule
        self._fixed = fixed
        self._attached: tuple[DeviceSpec, ...] = ()
        self._attached_points: tuple[Point[Any], ...] = ()
        self._rows: dict[str, Row] = {}
        # By line: each row that depends on it, with the set in which it waits.
        self._by_key: dict[str, list[tuple[set[Row], Row]]] = {}
        self._fresh = True
        self._layout: Layout | None = None
        self._header: str | None = None
        self._meter = DeviceSpec(id=METER, translation_key="electricity_meter")
        self._mbus: Mapping[int, MBusDevice] | None = None
        self._behind = MetersBehind()
        self._watch_due = 0.0
        self._totals = EnergyTotals()
        self._recall(known or {})

    def _recall(self, known: Mapping[str, Any]) -> None:
        names = set(known.get("sources", ()))
        tariffs = list(registers_named(sorted(names)))
        self._totals.learn(known.get("registers") or registers_before(names, tariffs))
        for source in (*self._all(), *tariffs):
            if source.id in names:
                self._add(row_of(source, None))
        for number in known.get("relays", ()):
            self._add(relay_row(int(number)))
        for item in known.get("mbus", ()):
            self._behind.recall(item)
        self._rebuild()

    def _all(self) -> Iterator[PointDescription]:
        """Yield all possible points, except for tariff registers."""
        yield from self._totals.descriptions()
        yield from DESCRIPTIONS
        yield self._tariff()

    def remember(self) -> dict[str, Any]:
        """Return the input of ``known`` as plain JSON, without devices that are gone."""
        return {
            "sources": [name for name in self._rows if not name.startswith("relay_")],
            "relays": [
                int(name.removeprefix("relay_"))
                for name in self._rows
                if name.startswith("relay_")
            ],
            "registers": self._totals.keys,
            "mbus": self._behind.remember(),
        }

    @property
    def gone(self) -> frozenset[str]:
        """Return the devices whose lines have been missing for too long."""
        return self._behind.gone

    def attach(
        self, devices: tuple[DeviceSpec, ...], points: tuple[Point[Any], ...]
    ) -> Topology:
        """Replace the devices and points that do not come from telegrams."""
        self._attached, self._attached_points = devices, points
        return self._rebuild()

    def refresh(self) -> None:
        """Make everything due at the next telegram."""
        self._fresh = True
        self._mbus = None

    def waiting(self) -> dict[PointKey, object]:
        """Return the states before the first telegram; lasting ones may show an old value."""
        return dict.fromkeys(self.stale(lasting=True))

    def stale(self, *, lasting: bool) -> dict[PointKey, object]:
        """Return the states of values that are no longer valid without telegrams."""
        keys = [row.point.key for row in self._rows.values() if row.lasting == lasting]
        if lasting:
            keys += [
                point.key
                for point in self.topology.points
                if point.device in self._behind
            ]
        return dict.fromkeys(keys, UNAVAILABLE)

    def take(self, telegram: Telegram, now: float) -> Delta:
        """Return the changes of a telegram; ``now`` is monotonic, in seconds."""
        topology = None
        if self._is_news(telegram) and self._take_layout(telegram):
            topology = self._rebuild()
        states: dict[PointKey, object] = {}
        devices: dict[str, bool] = {}
        if telegram.mbus is not self._mbus or now >= self._watch_due:
            self._mbus = telegram.mbus
            self._watch_due = now + WATCH_INTERVAL
            if self._behind.take(telegram, states):
                topology = self._rebuild()
            if devices := self._behind.watch(telegram, now):
                topology = self._rebuild()
        self._collect(telegram, now, states)
        return Delta(states=states, devices=devices, topology=topology)

    def _collect(
        self, telegram: Telegram, now: float, states: dict[PointKey, object]
    ) -> None:
        fresh, self._fresh = self._fresh, False
        if fresh:
            for row in self._rows.values():
                self._lanes[row.pace].waiting.add(row)
        else:
            by_key = self._by_key
            for key in telegram.changed:
                if key in by_key:
                    for waiting, row in by_key[key]:
                        waiting.add(row)
        for lane in self._lanes.values():
            if (rows := lane.waiting) and (fresh or now >= lane.due):
                for row in rows:
                    states[row.point.key] = row.value(telegram)
                rows.clear()
                lane.due = now + lane.interval - SLACK

    def _is_news(self, telegram: Telegram) -> bool:
        """Return whether the telegram may have other lines, or be from another meter."""
        return (
            self._fresh
            or telegram.layout is not self._layout
            or telegram.header is not self._header
            or not ABOUT_METER.isdisjoint(telegram.changed)
        )

    def _take_layout(self, telegram: Telegram) -> bool:
        """Add points for new lines; return whether anything changed."""
        self._layout, self._header = telegram.layout, telegram.header
        self.dialect = dialect_of(telegram)
        self._totals.learn(telegram.readings)
        new = [
            row_of(source, telegram)
            for source in (*self._all(), *registers_in(telegram.readings))
            if source.is_in(telegram) and self._is_new(source)
        ]
        relays = filter(None, map(_RELAY.fullmatch, telegram.readings))
        new += [
            relay_row(int(found[1]))
            for found in relays
            if f"relay_{found[1]}" not in self._rows
        ]
        for row in new:
            self._add(row)
            self._lanes[Pace.AT_ONCE].waiting.add(row)
        meter = meter_spec(telegram)
        changed = bool(new) or meter != self._meter
        self._meter = meter
        return changed

    def _is_new(self, source: PointDescription) -> bool:
        """Return whether a description has no row yet, or only parts of it."""
        row = self._rows.get(source.id)
        return row is None or not set(source.keys) <= set(row.keys)

    def _add(self, row: Row) -> None:
        if (old := self._rows.get(row.point.key[1])) is not None:
            for lane in self._lanes.values():
                lane.waiting.discard(old)
            for waiters in self._by_key.values():
                waiters[:] = [one for one in waiters if one[1] is not old]
        self._rows[row.point.key[1]] = row
        waiting = self._lanes[row.pace].waiting
        for key in row.keys:
            self._by_key.setdefault(key, []).append((waiting, row))

    def _tariff(self) -> PointDescription:
        def value(telegram: Telegram) -> Tariff | None:
            rule = self._rule or tariff_rule(self.dialect or Dialect.OTHER)
            return tariff(telegram.number("0-0:96.14.0"), rule)

        return at_once(
            "tariff",
            "0-0:96.14.0",
            value,
            on=True,
            diagnostic=False,
            restore=True,
            device_class=SensorDeviceClass.ENUM,
            options=list(Tariff),
        )

    def _rebuild(self) -> Topology:
        points = [*self._fixed, *(row.point for row in self._rows.values())]
        points.extend(self._behind.points())
        points.extend(self._attached_points)
        self.topology = Topology(
            devices=(
                self._meter,
                *self._behind.specs(),
                *self._attached,
            ),
            points=tuple(points),
            # A missing line is no proof; only the user knows what was removed.
            complete=False,
        )
        return self.topology
