"""Sources of the Energy dashboard, from the entities that exist."""

from .api import Json
from .points import Points


def energy_sources(points: Points) -> list[dict[str, Json]]:
    """Return the sources for the Energy dashboard."""
    sources: list[dict[str, Json]] = []
    if points["energy_import"]:
        grid: dict[str, Json] = {
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
