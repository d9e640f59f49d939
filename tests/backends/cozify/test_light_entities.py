"""Lights in Home Assistant: every action, the hub's responses, transitions."""

import asyncio
from dataclasses import replace
import logging
from typing import Any

from homeassistant.core import (
    Event,
    EventStateChangedData,
    HomeAssistant,
    State,
    callback,
)
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.event import async_track_state_change_event
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.junction.backends.cozify.entities import transitions
from simulators.cozify import seed
from simulators.cozify.server import CozifyWorld

from ...common import act, shown, state_of
from .conftest import entity_id, until


@pytest.fixture
def lamp(hass: HomeAssistant, loaded: MockConfigEntry) -> str:
    """Return the entity of a light with all capabilities."""
    return entity_id(hass, loaded, seed.LAMP_RGBW, "light")


def sent(world: CozifyWorld) -> list[dict[str, Any]]:
    """Return the commands that reached the hub."""
    return [command for _, command in world.hub.state.commands]


def follow(hass: HomeAssistant, entity: str) -> list[State]:
    """Return a list that grows with the states of an entity."""
    seen: list[State] = []

    @callback
    def changed(event: Event[EventStateChangedData]) -> None:
        if (state := event.data["new_state"]) is not None:
            seen.append(state)

    async_track_state_change_event(hass, entity, changed)
    return seen


async def test_reading(hass: HomeAssistant, lamp: str, loaded: MockConfigEntry) -> None:
    state = state_of(hass, lamp)
    assert state.state == "on"
    assert state.attributes["brightness"] == 135
    assert state.attributes["hs_color"] == (15.0, 100.0)
    assert state.attributes["color_mode"] == "hs"
    assert state.attributes["color_temp_kelvin"] is None
    assert state.attributes["min_color_temp_kelvin"] == 1502
    assert state.attributes["max_color_temp_kelvin"] == 6622
    assert set(state.attributes["supported_color_modes"]) == {"hs", "color_temp"}
    white = state_of(hass, entity_id(hass, loaded, seed.LAMP_CT, "light"))
    assert white.attributes["brightness"] == 39
    assert white.attributes["color_temp_kelvin"] == 2203
    assert white.attributes["supported_color_modes"] == ["color_temp"]
    gone = entity_id(hass, loaded, seed.LAMP_GONE, "light")
    assert shown(hass, gone) == "unavailable"


async def test_one_command_one_request(
    hass: HomeAssistant, world: CozifyWorld, lamp: str
) -> None:
    log = world.hub.server.log
    log.clear()
    await act(hass, "light.turn_on", lamp, hs_color=(240, 50), brightness=77)
    assert sent(world) == [
        {
            "id": seed.LAMP_RGBW,
            "type": "CMD_DEVICE",
            "state": {
                "type": "STATE_LIGHT",
                "isOn": True,
                "brightness": 0.302,
                "colorMode": "hs",
                "hue": pytest.approx(4.18879),
                "saturation": 0.5,
            },
        }
    ]
    state = state_of(hass, lamp)
    assert state.attributes["hs_color"] == (240.0, 50.0)
    assert state.attributes["brightness"] == 77
    await until(lambda: world.hub.state.polls_now)
    assert log.count("PUT") == 1
    # The poll that told of it, and the next one, which waits.
    assert log.count("GET") <= 2


async def test_white(hass: HomeAssistant, world: CozifyWorld, lamp: str) -> None:
    await act(hass, "light.turn_on", lamp, color_temp_kelvin=2700)
    [command] = sent(world)
    assert command["state"] == {
        "type": "STATE_LIGHT",
        "isOn": True,
        "colorMode": "ct",
        "temperature": 2700,
    }
    state = state_of(hass, lamp)
    assert state.attributes["color_mode"] == "color_temp"
    assert state.attributes["color_temp_kelvin"] == 2703
    # Not the previous color: Home Assistant shows the color of the white.
    assert state.attributes["hs_color"] != (15.0, 100.0)


async def test_on_and_off(hass: HomeAssistant, world: CozifyWorld, lamp: str) -> None:
    await act(hass, "light.turn_off", lamp)
    assert shown(hass, lamp) == "off"
    await act(hass, "light.turn_on", lamp)
    assert shown(hass, lamp) == "on"
    assert sent(world) == [
        {"id": seed.LAMP_RGBW, "type": "CMD_DEVICE_OFF"},
        {"id": seed.LAMP_RGBW, "type": "CMD_DEVICE_ON"},
    ]


async def test_brightness_switches_a_lamp_on(
    hass: HomeAssistant, world: CozifyWorld, loaded: MockConfigEntry
) -> None:
    lamp = entity_id(hass, loaded, seed.LAMP_DIM, "light")
    assert shown(hass, lamp) == "off"
    await act(hass, "light.turn_on", lamp, brightness=1)
    assert state_of(hass, lamp).attributes["brightness"] == 1
    assert world.device(seed.LAMP_DIM)["state"]["isOn"] is True


async def test_shown_at_once_and_not_flickering(
    hass: HomeAssistant, world: CozifyWorld, lamp: str
) -> None:
    """Deltas with the previous state must not be shown."""
    world.hub.state.behaviour.delay = 0.5
    seen = follow(hass, lamp)
    task = hass.async_create_task(act(hass, "light.turn_off", lamp))
    await asyncio.sleep(0.05)
    assert shown(hass, lamp) == "off"
    world.hub.keep_alive(seed.LAMP_RGBW)
    await task
    await hass.async_block_till_done()
    assert shown(hass, lamp) == "off"
    assert {state.state for state in seen} == {"off"}


async def test_change_at_the_hub_is_pushed(
    hass: HomeAssistant, world: CozifyWorld, lamp: str
) -> None:
    log = world.hub.server.log
    log.clear()
    world.hub.state.set(seed.LAMP_RGBW, brightness=0.1529)
    await until(lambda: state_of(hass, lamp).attributes["brightness"] == 39)
    await until(lambda: world.hub.state.polls_now)
    assert (log.count(), world.hub.state.most_polls) == (1, 1)


async def test_lost_command_is_sent_again(
    hass: HomeAssistant, world: CozifyWorld, lamp: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick(hass, monkeypatch)
    world.hub.state.behaviour.lose_commands = 1
    await act(hass, "light.turn_off", lamp)
    assert shown(hass, lamp) == "off"
    assert len(sent(world)) == 2


async def test_command_lost_twice_is_an_error(
    hass: HomeAssistant, world: CozifyWorld, lamp: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick(hass, monkeypatch)
    world.hub.state.behaviour.lose_commands = 2
    with pytest.raises(HomeAssistantError) as error:
        await act(hass, "light.turn_off", lamp)
    assert error.value.translation_key == "not_confirmed"
    assert shown(hass, lamp) == "on"
    assert len(sent(world)) == 2


async def test_late_delta_confirms(
    hass: HomeAssistant, world: CozifyWorld, lamp: str
) -> None:
    world.hub.state.behaviour.delta_delay = 1.0
    await act(hass, "light.turn_off", lamp)
    assert len(sent(world)) == 1
    assert shown(hass, lamp) == "off"


async def test_no_change_is_confirmed_too(
    hass: HomeAssistant, world: CozifyWorld, lamp: str
) -> None:
    await act(hass, "light.turn_on", lamp)
    assert len(sent(world)) == 1


def quick(hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the wait for a confirmation, which is five seconds."""
    [entry] = hass.config_entries.async_loaded_entries("junction")
    coordinator = entry.runtime_data
    info = replace(coordinator.info, confirm_after=(0.1, 0.4))
    monkeypatch.setattr(coordinator, "info", info)


# Transitions.


@pytest.mark.parametrize("steps", [False, True])
async def test_transition_shows_its_end(
    hass: HomeAssistant, world: CozifyWorld, lamp: str, steps: bool
) -> None:
    world.hub.state.behaviour.report_steps = steps
    seen = follow(hass, lamp)
    await act(hass, "light.turn_on", lamp, brightness=255, transition=1.2)
    await hass.async_block_till_done()
    assert state_of(hass, lamp).attributes["brightness"] == 255
    [command] = sent(world)
    assert command["state"] == {
        "type": "STATE_LIGHT",
        "isOn": True,
        "brightness": 1.0,
        "transitionMsec": 1200,
    }
    await until(lambda: world.device(seed.LAMP_RGBW)["state"]["brightness"] == 1.0)
    await asyncio.sleep(0.1)
    assert {state.attributes["brightness"] for state in seen} == {255}


async def test_transition_to_off(
    hass: HomeAssistant, world: CozifyWorld, lamp: str
) -> None:
    await act(hass, "light.turn_off", lamp, transition=0.5)
    [command] = sent(world)
    assert command["state"] == {
        "type": "STATE_LIGHT",
        "isOn": False,
        "transitionMsec": 500,
    }
    assert shown(hass, lamp) == "off"


async def test_lost_transition_is_sent_again(
    hass: HomeAssistant, world: CozifyWorld, lamp: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transitions, "CONFIRM", 0.3)
    world.hub.state.behaviour.lose_commands = 1
    await act(hass, "light.turn_on", lamp, brightness=200, transition=0.1)
    await until(lambda: len(sent(world)) == 2)
    assert sent(world)[1]["state"] == {
        "type": "STATE_LIGHT",
        "isOn": True,
        "brightness": 0.7843,
    }
    await until(lambda: world.device(seed.LAMP_RGBW)["state"]["brightness"] == 0.7843)
    await asyncio.sleep(0.4)
    assert state_of(hass, lamp).attributes["brightness"] == 200


async def test_transition_that_never_comes_is_given_up(
    hass: HomeAssistant,
    world: CozifyWorld,
    lamp: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(transitions, "CONFIRM", 0.2)
    world.hub.state.behaviour.lose_commands = 2
    await act(hass, "light.turn_on", lamp, brightness=200, transition=0.1)
    await hass.async_block_till_done()
    assert state_of(hass, lamp).attributes["brightness"] == 200
    await until(lambda: state_of(hass, lamp).attributes["brightness"] == 135)
    warnings = [
        r for r in caplog.records if r.levelno == logging.WARNING and "twice" in r.msg
    ]
    assert len(warnings) == 1


async def test_another_command_replaces_a_transition(
    hass: HomeAssistant, world: CozifyWorld, lamp: str
) -> None:
    world.hub.state.behaviour.report_steps = True
    await act(hass, "light.turn_on", lamp, brightness=255, transition=3)
    await act(hass, "light.turn_on", lamp, brightness=10)
    assert state_of(hass, lamp).attributes["brightness"] == 10
    assert world.device(seed.LAMP_RGBW)["state"]["brightness"] == 0.0392


async def test_fifty_lights_off(
    hass: HomeAssistant, world: CozifyWorld, loaded: MockConfigEntry
) -> None:
    """Turning off fifty lights takes few requests."""
    hub = world.hub.state
    keys = [seed.uid(1000 + number) for number in range(50)]
    for number, key in enumerate(keys):
        hub.put(
            "devices",
            seed.device(
                key,
                "LIGHT",
                f"Lamp {number}",
                "ON_OFF CONTROL_LIGHT",
                "STATE_LIGHT",
                isOn=True,
            ),
        )
    await until(lambda: len(hass.states.async_entity_ids("light")) >= 55)
    await hass.async_block_till_done()
    lamps = [entity_id(hass, loaded, key, "light") for key in keys]
    world.hub.server.log.clear()
    await act(hass, "light.turn_off", lamps)
    assert {shown(hass, lamp) for lamp in lamps} == {"off"}
    assert not any(world.device(key)["state"]["isOn"] for key in keys)
    assert world.hub.server.log.count("PUT") <= 2


async def test_round_trip_through_the_hub(
    hass: HomeAssistant, world: CozifyWorld, loaded: MockConfigEntry, lamp: str
) -> None:
    """Values survive the round trip through the hub exactly, on the real light of the captures."""
    world.hub.state.behaviour.delay = 0.0
    for level in (*range(1, 256, 17), 2, 3, 254, 255):
        await act(hass, "light.turn_on", lamp, brightness=level)
        await hass.async_block_till_done()
        assert state_of(hass, lamp).attributes["brightness"] == level
    for hue in range(0, 360, 45):
        await act(hass, "light.turn_on", lamp, hs_color=(hue, 100 - hue / 4))
        await hass.async_block_till_done()
        assert state_of(hass, lamp).attributes["hs_color"] == pytest.approx(
            (hue, 100 - hue / 4), abs=1e-3
        )
    for kelvin in (1502, 2203, 2700, 4000, 6622):
        await act(hass, "light.turn_on", lamp, color_temp_kelvin=kelvin)
        await hass.async_block_till_done()
        # A mired is 0.1 to 4.4 % here.
        echoed = state_of(hass, lamp).attributes["color_temp_kelvin"]
        assert echoed == pytest.approx(kelvin, abs=kelvin**2 / 2e6 + 1)


@pytest.mark.parametrize("length", ["short", "long"])
async def test_flash(
    hass: HomeAssistant, world: CozifyWorld, lamp: str, length: str
) -> None:
    await act(hass, "light.turn_on", lamp, flash=length)
    assert world.hub.state.commands[-1][1] == {
        "id": seed.LAMP_RGBW,
        "type": "CMD_IDENTIFY",
    }
    assert shown(hass, lamp) == "on"


async def test_dimmer_that_does_not_go_so_low(
    hass: HomeAssistant, world: CozifyWorld, loaded: MockConfigEntry
) -> None:
    dimmer = entity_id(hass, loaded, seed.DIMMER, "light")
    await act(hass, "light.turn_on", dimmer, brightness=26)
    assert state_of(hass, dimmer).attributes["brightness"] == 26
    assert world.device(seed.DIMMER)["state"]["brightness"] == 0.102
