"""Actions on outputs accept everything that their selectors offer, and refuse other values."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from simulators.mycodo.server import MycodoServer
from simulators.mycodo.state import State

from ...common import reason
from ...selectors import ACTIONS, domains
from .kinds import SHOW_AS, furnish


@pytest.fixture
def options() -> dict[str, Any]:
    return {"show_as": SHOW_AS}


@pytest.fixture
def state(state: State) -> State:
    furnish(state)
    return state


@pytest.mark.parametrize(
    ("action", "fields"),
    [
        ("dispense", {"volume": 1}),
        ("set_duty_cycle", {"duty_cycle": 40}),
        ("set_value", {"value": 2}),
    ],
)
async def test_offered_and_taken(
    hass: HomeAssistant,
    mycodo: MycodoServer,
    loaded: MockConfigEntry,
    entity_registry: er.EntityRegistry,
    action: str,
    fields: dict[str, Any],
) -> None:
    taken: set[str] = set()
    refused: set[str] = set()
    reasons: set[str | None] = set()
    for entity in er.async_entries_for_config_entry(entity_registry, loaded.entry_id):
        if hass.states.get(entity.entity_id) is None:
            continue
        mycodo.engine.executed.clear()
        try:
            await hass.services.async_call(
                "junction",
                action,
                {"entry": loaded.entry_id, "entity": entity.entity_id, **fields},
                blocking=True,
            )
        except ServiceValidationError as err:
            reasons.add(reason(err))
            refused.add(entity.entity_id)
        else:
            taken.add(entity.domain)
        assert bool(mycodo.engine.executed) is (entity.entity_id not in refused)
    assert reasons == {"mycodo_wrong_entity"}
    offered = domains(
        ACTIONS[action]["fields"]["entity"]["selector"]["entity"]["filter"]
    )
    assert taken == offered
    # The kind of the output counts, not the platform of its entity.
    assert {"switch.grow_light", "sensor.climate_sensor_air"} & refused
    assert {entity.partition(".")[0] for entity in refused} & offered
