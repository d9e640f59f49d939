"""Options and their effects."""

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from pytest_homeassistant_custom_component.common import MockConfigEntry

from simulators.openmotics.server import GatewayServer

from .conftest import Entities

FIELDS = {
    "valves": "valve",
    "dimmers": "light",
    "group_actions": "button",
    "power_interval": 30,
}


async def test_what_outputs_are_shown_as(
    hass: HomeAssistant,
    om: MockConfigEntry,
    gateway: GatewayServer,
    entities: Entities,
) -> None:
    result = await hass.config_entries.options.async_init(om.entry_id)
    result = await hass.config_entries.options.async_configure(
        result["flow_id"], FIELDS
    )
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    kinds = {point: entity.domain for point, entity in entities.all().items()}
    assert kinds["output_4"] == "valve"
    assert kinds["output_10"] == kinds["output_11"] == "light"
    assert "output_10_level" not in kinds
    assert kinds["group_action_0"] == "button"
    await entities.act("button.press", "group_action_0")
    assert gateway.engine.commands == [("group_action", 0, None)]
    await entities.act("light.turn_on", "output_11", brightness=255)
    assert gateway.state.output_values[11].level == 100
    await entities.enable("output_4")
    await entities.act("valve.open_valve", "output_4")
    assert gateway.state.output_values[4].on
    await entities.act("valve.close_valve", "output_4")
    assert not gateway.state.output_values[4].on
    await hass.services.async_call(
        "junction",
        "turn_on_for",
        {"duration": {"minutes": 5}},
        blocking=True,
        target={"entity_id": entities.id("output_4")},
    )
    assert gateway.engine.commands[-1] == ("output", 4, (True, None, 300))


async def test_what_pulses_mean(
    hass: HomeAssistant, om: MockConfigEntry, entities: Entities
) -> None:
    result = await hass.config_entries.options.async_init(om.entry_id)
    result = await hass.config_entries.options.async_configure(
        result["flow_id"], {**FIELDS, "pulse_counter": "0"}
    )
    assert result["step_id"] == "openmotics_pulses"
    assert result["description_placeholders"] == {"counter": "Water meter"}
    result = await hass.config_entries.options.async_configure(
        result["flow_id"], {"medium": "water", "per_unit": 1000}
    )
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    assert om.options["pulses"] == {"0": {"medium": "water", "per_unit": 1000}}
    assert entities.state("pulse_0") == "5163.8"
    attributes = entities.attributes("pulse_0")
    assert attributes["device_class"] == "water"
    assert attributes["unit_of_measurement"] == "m³"
