"""A dashboard, and the Energy dashboard, of whatever entities there are."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from .api import Json
from .client import Entity

URL_PATH: Final = "junction-house"
TITLE: Final = "House"
_PHASES: Final = (1, 2, 3)
# Of a kind that a system may have by the hundred, so many are shown.
_MANY: Final = 8

type Card = dict[str, Json]


class Points:
    """Entities by what they mean."""

    def __init__(self, entities: Iterable[Entity]) -> None:
        """Take over the enabled ones."""
        self._entities = [entity for entity in entities if entity.state is not None]

    def __getitem__(self, point: str) -> str | None:
        """Return the entity id of a point; None if there is none."""
        return next((e.entity_id for e in self._entities if e.point == point), None)

    def some(self, *points: str) -> list[str]:
        """Return the entity ids of those points that exist."""
        return [found for point in points if (found := self[point])]

    def counters(self, device_class: str | None = None) -> list[str]:
        """Return the entity ids of the counters behind a meter: of a kind (gas, water), or all."""
        return [
            e.entity_id
            for e in self._entities
            if e.point == "reading"
            and device_class in (None, e.attribute("device_class"))
        ]

    def steered(self) -> list[str]:
        """Return the entity ids of what people switch and set every day."""
        kinds = ("climate", "cover", "fan", "light", "number", "switch", "valve")
        return [
            e.entity_id
            for e in self._entities
            if e.platform in kinds and e.category is None
        ]

    def measured(self, device_class: str) -> list[str]:
        """Return the entity ids of sensors of a kind that are not about a device itself."""
        return [
            e.entity_id
            for e in self._entities
            if e.platform == "sensor"
            and e.category is None
            and e.attribute("device_class") == device_class
        ]


def dashboard(points: Points) -> Card:
    """Return the configuration of the dashboard."""
    sections = [
        {"type": "grid", "cards": [_heading(title, icon), *cards]}
        for title, icon, cards in (
            ("Now", "mdi:flash", list(_now(points))),
            ("Phases", "mdi:sine-wave", list(_phases(points))),
            ("Meters", "mdi:counter", list(_meters(points))),
            ("Demand", "mdi:chart-bell-curve", list(_demand(points))),
            ("Electricity", "mdi:flash", list(_electricity(points))),
            ("Gas and water", "mdi:fire", list(_gas_and_water(points))),
            ("Controls", "mdi:toggle-switch-outline", list(_controls(points))),
            ("Climate", "mdi:thermometer", list(_climate(points))),
        )
        if cards
    ]
    view = {
        "title": TITLE,
        "path": "house",
        "type": "sections",
        "max_columns": 3,
        "dense_section_placement": True,
        "sections": sections,
    }
    return {"views": [view]}


def entities_of(config: Json) -> Iterator[str]:
    """Yield every entity id that a dashboard shows."""
    if isinstance(config, str):
        yield config
        return
    if entity := config.get("entity"):
        yield entity
    for key in ("views", "sections", "cards", "entities"):
        for part in config.get(key, ()):
            yield from entities_of(part)


def _heading(title: str, icon: str) -> Card:
    return {"type": "heading", "heading": title, "icon": icon}


def _tile(entity: str, columns: int = 6, *, device: bool = False, **more: Json) -> Card:
    """Return a tile that is named by the entity alone, or by its device alone."""
    return {
        "type": "tile",
        "entity": entity,
        "name": {"type": "device" if device else "entity"},
        "grid_options": {"columns": columns},
        **more,
    }


def _named(entities: Iterable[str], *, device: bool = False) -> list[Card]:
    """Return entities for a graph, named as tiles are."""
    name = {"type": "device" if device else "entity"}
    return [{"entity": entity, "name": name} for entity in entities]


def _history(entities: Sequence[str], hours: float) -> Iterator[Card]:
    if entities:
        yield {
            "type": "history-graph",
            "entities": _named(entities),
            "hours_to_show": hours,
        }


def _of_phases(points: Points, quantity: str) -> list[str]:
    return points.some(*(f"{quantity}_l{n}" for n in _PHASES))


def _controls(points: Points) -> Iterator[Card]:
    for entity in points.steered()[:_MANY]:
        yield {
            "type": "tile",
            "entity": entity,
            "name": [{"type": "device"}, {"type": "entity"}],
            "grid_options": {"columns": 6},
        }


def _climate(points: Points) -> Iterator[Card]:
    for device_class in ("temperature", "humidity"):
        yield from _history(points.measured(device_class)[:_MANY], 1)


def _now(points: Points) -> Iterator[Card]:
    if net := points["power_net"]:
        yield {
            "type": "gauge",
            "entity": net,
            "name": "From the grid",
            "min": -6,
            "max": 12,
            "needle": True,
            "segments": [
                {"from": -6, "color": "#43a047"},
                {"from": 0, "color": "#1e88e5"},
                {"from": 6, "color": "#fb8c00"},
                {"from": 9, "color": "#e53935"},
            ],
        }
    yield from map(_tile, points.some("power_import", "power_export"))
    if tariff := points["tariff"]:
        yield _tile(tariff, 12)
    yield from _history(points.some("power_import", "power_export"), 0.5)


def _phases(points: Points) -> Iterator[Card]:
    for quantity, icon in (("power_import", "flash"), ("voltage", "sine-wave")):
        for n in _PHASES:
            if entity := points[f"{quantity}_l{n}"]:
                yield _tile(entity, 4, vertical=True, name=f"L{n}", icon=f"mdi:{icon}")
    yield from _history(_of_phases(points, "power_import"), 0.5)


def _meters(points: Points) -> Iterator[Card]:
    yield from map(_tile, points.some("energy_import", "energy_export"))
    for way in ("import", "export"):
        for tariff in (1, 2, 3, 4):
            for entity in points.some(f"energy_{way}_tariff_{tariff}"):
                yield _tile(entity, 12)
    for counter in points.counters():
        yield _tile(counter, device=True)


def _demand(points: Points) -> Iterator[Card]:
    if now := points["demand_import"]:
        yield {
            "type": "gauge",
            "entity": now,
            "name": "This quarter of an hour",
            "min": 0,
            "max": 10,
            "severity": {"green": 0, "yellow": 2.5, "red": 5},
        }
    for peak in points.some("peak_month", "peak_last_month", "peak_average"):
        yield _tile(peak, 12)


def _electricity(points: Points) -> Iterator[Card]:
    yield from _counted(_named(points.some("energy_import", "energy_export")))


def _gas_and_water(points: Points) -> Iterator[Card]:
    counters = points.counters("gas") + points.counters("water")
    yield from _counted(_named(counters, device=True))


def _counted(entities: list[Card]) -> Iterator[Card]:
    """Yield what was counted, in bars of five minutes."""
    if entities:
        yield {
            "type": "statistics-graph",
            "entities": entities,
            "chart_type": "bar",
            "period": "5minute",
            "days_to_show": 1 / 12,
            "stat_types": ["change"],
        }


def energy_sources(points: Points) -> list[Card]:
    """Return the sources for the Energy dashboard."""
    sources: list[Card] = []
    if points["energy_import"]:
        grid: Card = {
            "type": "grid",
            "stat_energy_from": points["energy_import"],
            "stat_energy_to": points["energy_export"],
            "cost_adjustment_day": 0,
        }
        if net := points["power_net"]:
            grid["stat_rate"] = net
        sources.append(grid)
    for kind in ("gas", "water"):
        sources += [
            {"type": kind, "stat_energy_from": counter}
            for counter in points.counters(kind)
        ]
    return sources
