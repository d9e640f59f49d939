"""Dashboards for the entities that exist."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from .api import Json
from .points import Points, coloured, dimmable

URL_PATH: Final = "junction-house"
TITLE: Final = "House"
_PHASES: Final = (1, 2, 3)
# Of a kind that a system may have by the hundred, so many are shown.
_MANY: Final = 6

type Card = dict[str, Json]


def dashboard(points: Points, energy: Sequence[Json] = ()) -> Card:
    """Return the configuration of the dashboard.

    ``energy`` are the sources of the Energy dashboard, whose history is shown too.
    """
    meter = points.of("dsmr") or points.of("dsmr_reader")
    water = points.of("iotile", "dsmr")
    sections = [
        {"type": "grid", "cards": [_heading(title, icon), *cards]}
        for title, icon, cards in (
            ("Energy now", "mdi:flash", list(_now(meter))),
            ("Quarter-hour peak", "mdi:chart-bell-curve", list(_demand(meter))),
            ("Lights", "mdi:lightbulb-group", list(_lights(points))),
            ("Climate", "mdi:home-thermometer", list(_climate(points))),
            ("Greenhouse", "mdi:greenhouse", list(_greenhouse(points.of("mycodo")))),
            ("Water", "mdi:water", list(_water(water))),
            ("Last weeks", "mdi:calendar", list(_weeks(energy))),
            ("Blinds and switches", "mdi:toggle-switch", list(_controls(points))),
            ("Phases and meters", "mdi:sine-wave", list(_phases(meter))),
        )
        if cards
    ]
    view: Card = {
        "title": TITLE,
        "path": "house",
        "type": "sections",
        "max_columns": 4,
        "dense_section_placement": True,
        "badges": list(_badges(points, meter)),
        "sections": sections,
    }
    return {"views": [view]}


def entities_of(config: Json) -> Iterator[str]:
    """Yield every entity or statistic id that a dashboard shows."""
    if isinstance(config, str):
        yield config
        return
    if entity := config.get("entity"):
        yield entity
    for key in ("views", "badges", "sections", "cards", "entities"):
        for part in config.get(key, ()):
            yield from entities_of(part)


# Parts


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


def _full(entity: str, columns: int = 6, **more: Json) -> Card:
    """Return a tile that is named by device and entity."""
    name = [{"type": "device"}, {"type": "entity"}]
    return {**_tile(entity, columns), "name": name, **more}


def _with(entity: str, *features: str, columns: int = 6, **more: Json) -> Card:
    """Return a tile with something to slide or to press."""
    return _tile(
        entity,
        columns,
        device=True,
        features=[{"type": feature} for feature in features],
        **more,
    )


def _named(entities: Iterable[str], *, device: bool = False) -> list[Card]:
    """Return entities for a graph, named as tiles are."""
    name = {"type": "device" if device else "entity"}
    return [{"entity": entity, "name": name} for entity in entities]


def _history(
    entities: Sequence[str], hours: float, *, device: bool = False
) -> Iterator[Card]:
    if entities:
        yield {
            "type": "history-graph",
            "entities": _named(entities, device=device),
            "hours_to_show": hours,
        }


def _bars(entities: Sequence[Card], period: str, days: float) -> Iterator[Card]:
    """Yield what was counted, in bars."""
    if entities:
        yield {
            "type": "statistics-graph",
            "entities": list(entities),
            "chart_type": "bar",
            "period": period,
            "days_to_show": days,
            "stat_types": ["change"],
        }


def _gauge(
    entity: str, name: str, low: float, high: float, *colours: tuple[float, str]
) -> Card:
    return {
        "type": "gauge",
        "entity": entity,
        "name": name,
        "min": low,
        "max": high,
        "needle": True,
        "segments": [{"from": start, "color": colour} for start, colour in colours],
    }


# Sections


def _badges(points: Points, meter: Points) -> Iterator[Card]:
    found = [*meter.some("power_net", "tariff"), *points.some("home_mode", "presence")]
    for entity in found:
        yield {"type": "entity", "entity": entity, "show_name": False}


def _now(meter: Points) -> Iterator[Card]:
    if net := meter["power_net"]:
        colours = (-6, "#43a047"), (0, "#1e88e5"), (4, "#fb8c00"), (8, "#e53935")
        yield _gauge(net, "From the grid", -6, 12, *colours)
    for point, icon in (
        ("power_import", "mdi:transmission-tower-export"),
        ("power_export", "mdi:solar-power"),
    ):
        if entity := meter[point]:
            yield _tile(entity, icon=icon)
    for entity in meter.some("tariff"):
        yield _tile(entity, 12)
    yield from _history(meter.some("power_import", "power_export"), 0.5)


def _demand(meter: Points) -> Iterator[Card]:
    if now := meter["demand_import"]:
        colours = (0, "#43a047"), (2.5, "#fb8c00"), (5, "#e53935")
        yield _gauge(now, "This quarter of an hour", 0, 8, *colours)
    for entity in meter.some("peak_month", "peak_average"):
        yield _tile(entity, 12)
    yield from _history(meter.some("demand_import"), 0.5)


def _lights(points: Points) -> Iterator[Card]:
    for light in points.lights()[:_MANY]:
        features = ["light-brightness"] if dimmable(light) else []
        if coloured(light):
            features.append("light-color-favorites")
        yield _with(light.entity_id, *features, columns=12 if len(features) > 1 else 6)


def _climate(points: Points) -> Iterator[Card]:
    heated = points.of("openmotics", "cozify").platform("climate")
    for number, entity in enumerate(heated[:3]):
        if number:
            yield _with(entity, "target-temperature")
        else:
            yield {"type": "thermostat", "entity": entity, "name": {"type": "device"}}
    rooms = points.of("openmotics", "cozify").measured("temperature")
    yield from _history(rooms[:_MANY], 1, device=True)


def _greenhouse(mycodo: Points) -> Iterator[Card]:
    for entity in mycodo.platform("climate"):
        yield _with(entity, "target-temperature", columns=12)
    yield from map(_tile, mycodo.measured("temperature")[:1])
    for kind in ("humidity", "carbon_dioxide"):
        yield from map(_tile, mycodo.measured(kind)[:1])
    yield from map(_tile, mycodo.platform("switch", "light")[:_MANY])
    yield from _history(mycodo.measured("temperature")[:3], 1)
    yield from _history(mycodo.measured("humidity")[:1], 1)


def _water(water: Points) -> Iterator[Card]:
    counted = water.of("dsmr").counters("water")
    hours = water.of("iotile").measured("water")
    for entity in (*counted, *hours):
        yield _full(entity, 12)
    yield from _history(counted, 1, device=True)
    yield from _history(water.of("iotile").measured("temperature")[:3], 24)


def _controls(points: Points) -> Iterator[Card]:
    for entity in points.platform("cover")[:3]:
        yield _with(entity, "cover-open-close")
    others = points.of("openmotics", "cozify").steered()
    yield from (_full(entity) for entity in others[:_MANY])


def _phases(meter: Points) -> Iterator[Card]:
    for quantity, icon in (("power_import", "flash"), ("voltage", "sine-wave")):
        for n in _PHASES:
            if entity := meter[f"{quantity}_l{n}"]:
                yield _tile(entity, 4, vertical=True, name=f"L{n}", icon=f"mdi:{icon}")
    for way in ("import", "export"):
        for tariff in (1, 2):
            yield from map(_tile, meter.some(f"energy_{way}_tariff_{tariff}"))
    for counter in meter.counters():
        yield _tile(counter, device=True)


def _weeks(energy: Sequence[Json]) -> Iterator[Card]:
    """Yield what was imported: days of the last weeks, in kWh and in m³."""
    for kind, names in (
        (
            "grid",
            {"stat_energy_from": "From the grid", "stat_energy_to": "To the grid"},
        ),
        ("gas", {"stat_energy_from": "Gas"}),
    ):
        shown = [
            {"entity": source[key], "name": name}
            for source in energy
            if source["type"] == kind
            for key, name in names.items()
            if source.get(key)
        ]
        yield from _bars(shown, "day", 30)


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
