"""services.yaml offers exactly the values that the actions accept."""

from collections.abc import Iterator, Mapping
from dataclasses import fields
import json
from typing import Any

from homeassistant.components.light.const import ColorMode
from homeassistant.const import Platform
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers.selector import validate_selector
import probatio as vol
import pytest

from custom_components.junction import model
from custom_components.junction.backends import BACKENDS, load
from custom_components.junction.backends.base import Action
from custom_components.junction.backends.iotile.entities import devices as iotile
from custom_components.junction.backends.mycodo.entities import devices as mycodo
from custom_components.junction.timed import TimedEntity

from .selectors import ACTIONS, domains

DEVICES = {
    cls.platform: {item.name for item in fields(cls)}
    for cls in vars(model).values()
    if isinstance(cls, type) and issubclass(cls, model.Point) and cls is not model.Point
}


MAKERS = {"iotile": iotile.MANUFACTURER, "mycodo": mycodo.MANUFACTURER}
"""What devices of systems whose actions name some say of their maker."""


def offers() -> Iterator[tuple[str, Action]]:
    for name in BACKENDS:
        for action in load(name).actions:
            yield name, action


def taken(action: Action, field: str, value: object) -> bool:
    """Return whether a field may be this, as far as it alone can say."""
    for marker, validator in action.schema.items():
        if str(marker) == field:
            try:
                vol.Schema(validator)(value)
            except vol.Invalid, ServiceValidationError:
                return False
            return True
    return False


def chosen(kind: str) -> list[Any]:
    """Return (action, field, selector) of all fields with a kind of selector."""
    return [
        pytest.param(action, field, about["selector"][kind], id=f"{action}.{field}")
        for action, described in ACTIONS.items()
        for field, about in described.get("fields", {}).items()
        if kind in about.get("selector", {})
    ]


def test_selectors_are_those_of_home_assistant() -> None:
    for described in ACTIONS.values():
        for about in described["fields"].values():
            validate_selector(about["selector"])


def test_turn_on_for_is_offered_for_what_can_be_timed() -> None:
    can = {str(kind) for kind, names in DEVICES.items() if "turn_on_for" in names}
    assert domains(ACTIONS["turn_on_for"]["target"]["entity"]) == can
    for platform in can:
        entity = __import__(
            f"custom_components.junction.{platform}", fromlist=["async_setup_entry"]
        )
        assert any(
            isinstance(found, type) and issubclass(found, TimedEntity)
            for found in vars(entity).values()
            if found is not TimedEntity
        )


def test_its_brightness_is_offered_for_what_can_be_dimmed() -> None:
    assert [kind for kind, names in DEVICES.items() if "dim_for" in names] == [
        Platform.LIGHT
    ]
    for field in ("brightness", "brightness_pct"):
        filtered = ACTIONS["turn_on_for"]["fields"][field]["filter"]["attribute"]
        modes = filtered["supported_color_modes"]
        assert {mode.rpartition(".")[2].lower() for mode in modes} == {
            ColorMode.BRIGHTNESS
        }


@pytest.mark.parametrize(("action", "field", "about"), chosen("number"))
def test_numbers(action: str, field: str, about: Mapping[str, Any]) -> None:
    if action == "turn_on_for":
        limits = {"brightness": (1, 255), "brightness_pct": (1, 100)}
        assert (about["min"], about["max"]) == limits[field]
        return
    found = [offer for _, offer in offers() if offer.name == action]
    assert found
    for value in (about["min"], about["max"]):
        assert any(taken(offer, field, value) for offer in found), value


@pytest.mark.parametrize(("action", "field", "about"), chosen("select"))
def test_choices(action: str, field: str, about: Mapping[str, Any]) -> None:
    found = [offer for _, offer in offers() if offer.name == action]
    for option in about["options"]:
        assert any(taken(offer, field, option) for offer in found), option
    if action != "call_api":
        # There it depends on the other fields, and the handler reports the error.
        assert not any(taken(offer, field, "no such choice") for offer in found)


@pytest.mark.parametrize(("action", "field", "about"), chosen("config_entry"))
def test_entries_are_those_of_junction(
    action: str, field: str, about: Mapping[str, Any]
) -> None:
    assert (field, about) == ("entry", {"integration": "junction"})


@pytest.mark.parametrize(("action", "field", "about"), chosen("entity"))
def test_entities_are_those_of_junction_and_of_some_platforms(
    action: str, field: str, about: Mapping[str, Any]
) -> None:
    offered = domains(about["filter"])
    assert offered
    for backend, offer in offers():
        if offer.name == action and field in map(str, offer.schema):
            assert offered & {str(kind) for kind in load(backend).platforms}
            # Those of another entry are refused by the same declaration.
            assert field in offer.entities


@pytest.mark.parametrize(
    ("action", "field", "about"), [*chosen("entity"), *chosen("device")]
)
def test_only_what_is_of_a_system_that_can_is_offered(
    action: str, field: str, about: Mapping[str, Any]
) -> None:
    able = {
        MAKERS[backend]
        for backend, offer in offers()
        if offer.name == action and field in (*offer.entities, *offer.devices)
    }
    assert able
    offered = [one.get("device", one) for one in about["filter"]]
    assert {one["manufacturer"] for one in offered} == able
    assert {one["integration"] for one in about["filter"]} == {"junction"}


@pytest.mark.parametrize("kind", ["example", "default"])
def test_examples_and_defaults_are_taken(kind: str) -> None:
    """Examples that users copy work, including JSON."""
    for action, described in ACTIONS.items():
        if action == "turn_on_for":
            continue
        for field, about in described["fields"].items():
            value = about.get(kind)
            if isinstance(value, str) and value.startswith("{"):
                value = json.loads(value)
            found = [offer for _, offer in offers() if offer.name == action]
            assert value is None or any(
                taken(offer, field, value) for offer in found
            ), f"{action}.{field}"
