"""Options: polling interval, connected loads, ranges, push, history."""

from typing import Any

from homeassistant.components import webhook
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers.network import NoURLAvailableError
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from simulators.mycodo.plan import CLIMATE, DIMMER, FAN, LAMP, PUMP, RELAYS
from simulators.mycodo.server import MycodoServer
from simulators.mycodo.state import State, uid

from ...common import act, shown, state_of, suggested
from .conftest import WEBHOOK, Poll


async def open_step(hass: HomeAssistant, entry: MockConfigEntry, step: str) -> Any:
    """Open the options and choose a line of the menu."""
    result = await hass.config_entries.options.async_init(entry.entry_id)
    assert result["type"] is FlowResultType.MENU
    return await hass.config_entries.options.async_configure(
        result["flow_id"], {"next_step_id": step}
    )


async def enter(hass: HomeAssistant, result: Any, **fields: Any) -> Any:
    """Fill in a form, and wait for the reload that follows."""
    result = await hass.config_entries.options.async_configure(
        result["flow_id"], fields
    )
    await hass.async_block_till_done()
    return result


async def test_how_often_to_look(hass: HomeAssistant, loaded: MockConfigEntry) -> None:
    result = await open_step(hass, loaded, "mycodo_general")
    result = await enter(hass, result, interval=30.0)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert loaded.options == {"interval": 30}
    assert loaded.runtime_data.interval == 30


async def test_what_is_connected(
    hass: HomeAssistant, mycodo: MycodoServer, loaded: MockConfigEntry, poll: Poll
) -> None:
    result = await open_step(hass, loaded, "mycodo_outputs")
    lamp, fan = f"{uid(LAMP)}:0", f"{uid(RELAYS)}:1"
    twice = await enter(hass, result, light=[lamp], outlet=[lamp])
    assert twice["errors"] == {"base": "mycodo_chosen_twice"}
    result = await enter(
        hass,
        twice,
        light=[lamp],
        outlet=[f"{uid(RELAYS)}:2"],
        fan=[fan],
        valve=[f"{uid(PUMP)}:0", f"{uid(RELAYS)}:3"],
        number=[f"{uid(FAN)}:0"],
    )
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await poll()
    assert hass.states.get("switch.grow_light") is None
    await act(hass, "light.turn_on", "light.grow_light")
    assert shown(hass, "light.grow_light") == "on"
    assert state_of(hass, "light.grow_light").attributes["color_mode"] == "onoff"
    await act(
        hass, "junction.turn_on_for", "light.grow_light", duration={"seconds": 600}
    )
    outlet = state_of(hass, "switch.relay_board_humidifier")
    assert outlet.attributes["device_class"] == "outlet"
    await act(hass, "fan.turn_on", "fan.relay_board_fan")
    assert shown(hass, "fan.relay_board_fan") == "on"
    valve = "valve.relay_board_channel_4"
    await act(hass, "valve.open_valve", valve)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert shown(hass, valve) == "open"
    await act(hass, "valve.close_valve", valve)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert shown(hass, valve) == "closed"
    number = "number.circulation_fan"
    await act(hass, "number.set_value", number, value=42.5)
    assert (shown(hass, number), mycodo.engine.states()[uid(FAN)]["0"]) == (
        "42.5",
        42.5,
    )
    await act(hass, "number.set_value", number, value=0)
    assert mycodo.engine.states()[uid(FAN)]["0"] is False


async def test_a_fan_with_a_duty_cycle(
    hass: HomeAssistant, mycodo: MycodoServer, loaded: MockConfigEntry, poll: Poll
) -> None:
    result = await open_step(hass, loaded, "mycodo_outputs")
    await enter(hass, result, fan=[f"{uid(FAN)}:0"])
    await poll()
    fan = "fan.circulation_fan"
    await act(hass, "fan.set_percentage", fan, percentage=30)
    assert mycodo.engine.states()[uid(FAN)]["0"] == 30
    assert state_of(hass, fan).attributes["percentage"] == 30
    await act(hass, "fan.turn_off", fan)
    await act(hass, "fan.turn_on", fan)
    assert mycodo.engine.states()[uid(FAN)]["0"] == 30


async def test_channels_that_are_gone_are_not_offered(
    hass: HomeAssistant, state: State, loaded: MockConfigEntry, poll: Poll
) -> None:
    result = await open_step(hass, loaded, "mycodo_outputs")
    await enter(hass, result, light=[f"{uid(LAMP)}:0", f"{uid(RELAYS)}:1"])
    state.outputs.pop(0)
    await poll()
    result = await open_step(hass, loaded, "mycodo_outputs")
    assert suggested(result)["light"] == [f"{uid(RELAYS)}:1"]


async def test_ranges(hass: HomeAssistant, loaded: MockConfigEntry) -> None:
    left = f"{uid(DIMMER)}:0"
    result = await open_step(hass, loaded, "mycodo_limits")
    result = await enter(hass, result, channel=left)
    assert result["description_placeholders"]["channel"] == "Dimmer 0-10 V – Left"
    wrong = await enter(hass, result, low=5, high=5, step=1)
    assert wrong["errors"] == {"base": "mycodo_no_range"}
    await enter(hass, wrong, low=-5, high=5, step=0.5)
    found = state_of(hass, "number.dimmer_0_10_v_left").attributes
    assert (found["min"], found["max"], found["step"]) == (-5, 5, 0.5)
    other = state_of(hass, "number.dimmer_0_10_v_right").attributes
    assert (other["min"], other["max"]) == (0, 10)


async def test_what_to_enter_in_mycodo(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    result = await open_step(hass, loaded, "mycodo_push")
    action = result["description_placeholders"]["action"]
    assert action.startswith("POST ")
    assert f"/api/webhook/{WEBHOOK}\n" in action
    await enter(hass, result, remote_push=True)
    assert loaded.options == {"remote_push": True}
    assert loaded.state is ConfigEntryState.LOADED


async def test_what_to_enter_with_an_address_of_home_assistant(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    hass.config.internal_url = "http://192.0.2.1:8123"
    result = await open_step(hass, loaded, "mycodo_push")
    action = result["description_placeholders"]["action"]
    assert action.startswith(f"POST http://192.0.2.1:8123/api/webhook/{WEBHOOK}\n")


async def test_what_to_enter_without_an_address_of_home_assistant(
    hass: HomeAssistant, loaded: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(*_: Any) -> str:
        raise NoURLAvailableError

    monkeypatch.setattr(webhook, "async_generate_url", none)
    result = await open_step(hass, loaded, "mycodo_push")
    action = result["description_placeholders"]["action"]
    assert action.startswith(f"POST /api/webhook/{WEBHOOK}\n")


async def test_only_what_there_is(
    hass: HomeAssistant, state: State, entry: MockConfigEntry
) -> None:
    state.outputs.clear()
    state.rows.clear()
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    result = await hass.config_entries.options.async_init(entry.entry_id)
    assert result["menu_options"] == ["mycodo_general", "mycodo_push", "mycodo_daemon"]


async def test_an_entry_that_is_not_running(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    result = await hass.config_entries.options.async_init(entry.entry_id)
    assert (result["type"], result["reason"]) == (
        FlowResultType.ABORT,
        "entry_not_loaded",
    )


async def test_the_kinds_of_rows(loaded: MockConfigEntry) -> None:
    channels = loaded.runtime_data.backend.inventory.channels()
    assert channels[f"{uid(PUMP)}:0"][1] == "pump"
    assert channels[f"{uid(FAN)}:0"] == ("Circulation fan – 1", "pwm")
    assert not [channel for channel in channels if channel.startswith(uid(9))]
    assert loaded.runtime_data.backend.inventory.limits("nope") == {}
    assert uid(CLIMATE) not in channels


@pytest.mark.parametrize("options", [{"show_as": {"light": ["gone:0"]}}])
async def test_a_wish_for_what_is_gone_does_no_harm(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    assert loaded.state is ConfigEntryState.LOADED
