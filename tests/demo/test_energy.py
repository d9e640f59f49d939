"""Energy dashboard of the demo: all existing sources, and no others."""

from typing import Any

from demo.client import Entity, State
from demo.energy import energy_sources
from demo.points import Points


def _entity(
    point: str, *, device: str = "meter", shown: bool = True, **attributes: Any
) -> Entity:
    entity_id = f"sensor.{device}_{point}"
    state = State(entity_id, "1.5", attributes) if shown else None
    return Entity(
        entity_id, f"dsmr:1/{device}/{point}", device, None, None, point, state
    )


METER = [
    _entity("power_net"),
    _entity("power_import_l1"),
    _entity("energy_import"),
    _entity("energy_export"),
    _entity("reading", device="gas", device_class="gas"),
    _entity("reading", device="water", device_class="water"),
    _entity("reading", device="heat", device_class="energy"),
]


def test_what_shows_nothing_is_left_out() -> None:
    points = Points([_entity("power_net", shown=False)])
    assert points["power_net"] is None
    assert energy_sources(points) == []


def test_energy_sources() -> None:
    grid, gas, water = energy_sources(Points(METER))
    assert grid["stat_energy_from"] == "sensor.meter_energy_import"
    assert grid["stat_energy_to"] == "sensor.meter_energy_export"
    assert grid["stat_rate"] == "sensor.meter_power_net"
    assert gas == {"type": "gas", "stat_energy_from": "sensor.gas_reading"}
    assert water == {"type": "water", "stat_energy_from": "sensor.water_reading"}


def test_a_meter_without_export() -> None:
    [grid] = energy_sources(Points([_entity("energy_import")]))
    assert grid["stat_energy_to"] is None
    assert "stat_rate" not in grid
