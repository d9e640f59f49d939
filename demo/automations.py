"""Automations from Junction's blueprints, for the entities that exist."""

from typing import Final

from .api import Json
from .points import Points, coloured

_MINUTES: Final = {"minutes": 1}


def automations(points: Points) -> dict[str, Json]:
    """Return automations by id, for each blueprint whose entities all exist."""
    made: dict[str, Json] = {}

    def make(blueprint: str, alias: str, wanted: Json, **more: Json) -> None:
        if all(wanted.values()):
            made[f"junction_{blueprint}"] = {
                "alias": alias,
                "description": "Made of a blueprint of Junction.",
                "use_blueprint": {
                    "path": f"junction/{blueprint}.yaml",
                    "input": {**wanted, **more},
                },
            }

    meter, hub = points.of("dsmr"), points.of("cozify")
    sheddable = points.of("cozify", "openmotics").some("switch", "output_1")
    heaters = points.of("openmotics").some("output_10")
    lamps = [light.entity_id for light in hub.lights() if coloured(light)]
    make(
        "quarter_hour_peak",
        "Keep the quarter-hour peak under 4 kW",
        {
            "average_demand": meter["demand_import"],
            "power": meter["power_net"],
            "month_peak": meter["peak_month"],
            "loads": sheddable,
        },
        limit=4,
    )
    make(
        "solar_surplus",
        "Warm towels with the sun",
        {"net_power": meter["power_net"], "load": heaters and heaters[0]},
        load_power=0.3,
    )
    make(
        "meter_silent",
        "Tell when the meter falls silent",
        {"connection": meter["connected"]},
        silence=_MINUTES,
    )
    make(
        "remote_button",
        "The remote control switches the coloured lamps",
        {"remote": hub["remote"], "lights": lamps},
    )
    make(
        "greenhouse_night",
        "Let the greenhouse cool down at night",
        {"entities": points.of("mycodo").platform("climate")},
        day=24,
        night=16,
    )
    return made
