"""The demo's automations fit our blueprints, and are left out where something is missing."""

from typing import Any

import yaml

from demo.automations import automations
from demo.client import Entity, State
from demo.config import ROOT
from demo.points import Points, coloured, dimmable

BLUEPRINTS = ROOT / "blueprints" / "automation"


class _Loader(yaml.SafeLoader):
    """Reads blueprints, whose inputs have a tag of their own."""


_Loader.add_constructor("!input", lambda loader, node: f"!{node.value}")


def _entity(
    backend: str, point: str, platform: str = "sensor", **attributes: Any
) -> Entity:
    entity_id = f"{platform}.{backend}_{point}"
    state = State(entity_id, "on", attributes)
    unique_id = f"{backend}:1/device/{point}"
    return Entity(entity_id, unique_id, "device", None, None, None, state)


HOUSE = [
    *(_entity("dsmr", point) for point in ("demand_import", "power_net", "peak_month")),
    _entity("dsmr", "connected", "binary_sensor"),
    _entity("cozify", "switch", "switch"),
    _entity("cozify", "remote", "event"),
    _entity("cozify", "light", "light", supported_color_modes=["color_temp", "hs"]),
    _entity("openmotics", "output_10", "switch"),
    _entity("openmotics", "output_8", "light", supported_color_modes=["brightness"]),
    _entity("mycodo", "pid", "climate"),
]


def test_one_of_each_blueprint_with_inputs_that_it_has() -> None:
    made = automations(Points(HOUSE))
    used = {config["use_blueprint"]["path"] for config in made.values()}
    assert used == {f"junction/{b.name}" for b in (BLUEPRINTS / "junction").iterdir()}
    for config in made.values():
        blueprint = config["use_blueprint"]
        text = (BLUEPRINTS / blueprint["path"]).read_text()
        known: set[str] = set()
        wanted = yaml.load(text, _Loader)["blueprint"]["input"]
        for name, field in wanted.items():
            known |= set(field["input"]) if "input" in field else {name}
        assert set(blueprint["input"]) <= known


def test_without_its_entities_there_is_none() -> None:
    assert automations(Points([])) == {}
    meter = Points(HOUSE).of("dsmr")
    assert list(automations(meter)) == ["junction_meter_silent"]


def test_lights_by_what_they_can() -> None:
    colour, dimmed = Points(HOUSE).lights()
    assert (coloured(colour), dimmable(colour)) == (True, True)
    assert (coloured(dimmed), dimmable(dimmed)) == (False, True)
    assert not dimmable(_entity("x", "light", "light", supported_color_modes=["onoff"]))
