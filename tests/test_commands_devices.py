"""Commands to devices that clamp, round, step, ignore, or take their time."""

import asyncio
from dataclasses import replace
from typing import Any

from homeassistant.const import STATE_OFF, STATE_ON
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.event import async_track_state_change_event
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.junction.errors import RejectedError
from custom_components.junction.model import (
    ClimateState,
    FanState,
    LightCommand,
    LightState,
)

from .common import act, attributes, shown, under_way
from .fake_backend import ROOM, House

pytestmark = pytest.mark.usefixtures("loaded")

RELAY = "switch.room_relay"
BLIND = "cover.room_blind"
MIXER = "valve.room_mixer"
LEVEL = "number.room_level"
STRIP = "light.room_strip"


async def refused(
    hass: HomeAssistant, action: str, entity: str | list[str], **data: Any
) -> HomeAssistantError:
    with pytest.raises(HomeAssistantError) as caught:
        await act(hass, action, entity, **data)
    return caught.value


# Commands with possible values.


async def test_commands_are_brought_to_the_limits(
    hass: HomeAssistant, house: House
) -> None:
    await act(hass, "light.turn_on", STRIP, color_temp_kelvin=6500)
    assert house.told[-1][1] == LightCommand(on=True, kelvin=5000)
    assert attributes(hass, STRIP, "color_temp_kelvin") == (5000,)
    await act(hass, "number.set_value", LEVEL, value=3.3)
    assert house.told[-1][1] == 3.5
    await act(hass, "fan.set_percentage", "fan.room_fan", percentage=60)
    assert house.told[-1][1].percentage == 75
    await act(hass, "climate.set_temperature", "climate.room_heating", temperature=19.3)
    assert house.told[-1][1].target == 19.5


# Moved, but elsewhere.


@pytest.mark.parametrize("pushes", [False, True])
@pytest.mark.parametrize("live", [False, True])
async def test_device_that_clamps_has_obeyed(
    hass: HomeAssistant, house: House, pushes: bool, live: bool
) -> None:
    house.pushes, house.live = pushes, live
    house.bends[ROOM, "level"] = lambda value: min(value, 4.0)
    await act(hass, "number.set_value", LEVEL, value=9)
    assert shown(hass, LEVEL) == "4.0"
    assert [value for _, value in house.told] == [9.0]


@pytest.mark.parametrize(
    ("key", "action", "entity", "data", "becomes"),
    [
        (
            "strip",
            "light.turn_on",
            STRIP,
            {"color_temp_kelvin": 4800},
            lambda state: replace(state, kelvin=2700),
        ),
        (
            "dimmer",
            "light.turn_on",
            "light.room_dimmer",
            {"brightness": 1},
            lambda state: replace(state, brightness=30),
        ),
        (
            "fan",
            "fan.set_percentage",
            "fan.room_fan",
            {"percentage": 25},
            lambda state: replace(state, percentage=100),
        ),
        (
            "heating",
            "climate.set_temperature",
            "climate.room_heating",
            {"temperature": 28},
            lambda state: replace(state, target=23.0),
        ),
        ("program", "select.select_option", "select.room_program", None, None),
        (
            "speaker",
            "media_player.volume_set",
            "media_player.room_speaker",
            {"volume_level": 0.9},
            lambda state: replace(state, volume=0.7),
        ),
    ],
)
async def test_every_kind_of_device_may_go_elsewhere(
    hass: HomeAssistant,
    house: House,
    loaded: MockConfigEntry,
    key: str,
    action: str,
    entity: str,
    data: dict[str, Any] | None,
    becomes: Any,
) -> None:
    if data is None:
        # It takes the one option for another.
        now = shown(hass, entity)
        options = attributes(hass, entity, "options")[0]
        first, *rest = [option for option in options if option != now]
        data, elsewhere = {"option": first}, (rest or [first])[0]
        becomes = lambda _: elsewhere  # noqa: E731 - as those above
    house.bends[ROOM, key] = becomes
    await act(hass, action, entity, **data)
    assert len(house.told) == 1
    assert loaded.runtime_data.states[ROOM, key] == house.states[ROOM, key]


async def test_device_that_goes_there_step_by_step_is_waited_for(
    hass: HomeAssistant, house: House
) -> None:
    house.ignores.add((ROOM, "level"))
    task = hass.async_create_task(act(hass, "number.set_value", LEVEL, value=5))
    for step in (1.0, 2.0, 3.0, 4.0):
        while len(house.reads) < 1:
            await asyncio.sleep(0)
        house.reads.clear()
        house.change((ROOM, "level"), step)
        assert not task.done()
        # The end is shown all the while.
        assert shown(hass, LEVEL) == "5.0"
    house.change((ROOM, "level"), 5.0)
    await task
    assert shown(hass, LEVEL) == "5.0"
    assert len(house.told) == 1


async def test_device_that_goes_back_did_not_obey(
    hass: HomeAssistant, house: House
) -> None:
    house.ignores.add((ROOM, "level"))
    house.live = True
    task = hass.async_create_task(act(hass, "number.set_value", LEVEL, value=5))
    while not house.told:
        await asyncio.sleep(0)
    house.change((ROOM, "level"), 3.0)
    house.change((ROOM, "level"), 0.0)
    with pytest.raises(HomeAssistantError):
        await task
    assert shown(hass, LEVEL) == "0.0"


async def test_what_is_on_although_told_to_be_off_did_not_obey(
    hass: HomeAssistant, house: House
) -> None:
    """A device that stays on after a command to turn off fails, whatever else changed."""
    key = (ROOM, "dimmer")
    house.states[key] = LightState(on=True, brightness=100)
    house.bends[key] = lambda _: LightState(on=True, brightness=3)
    error = await refused(hass, "light.turn_off", "light.room_dimmer")
    assert error.translation_placeholders == {
        "detail": "no details",
        "name": "Room Dimmer",
    }
    assert shown(hass, "light.room_dimmer") == STATE_ON


async def test_other_changes_are_no_answer(hass: HomeAssistant, house: House) -> None:
    """A changed room temperature does not confirm a setpoint."""
    key = (ROOM, "heating")
    house.ignores.add(key)
    before = house.states[key]
    assert isinstance(before, ClimateState)
    house.states[key] = replace(before, current=25.0)
    error = await refused(
        hass, "climate.set_temperature", "climate.room_heating", temperature=28
    )
    assert error.translation_key == "not_confirmed"


# So already.


async def test_what_is_so_already_is_not_waited_for(
    hass: HomeAssistant, house: House
) -> None:
    house.live = True
    for _ in range(20):
        await act(hass, "switch.turn_off", RELAY)
    assert len(house.told) == 20
    assert house.reads == []
    house.refuses[ROOM, "relay"] = RejectedError("locked")
    error = await refused(hass, "switch.turn_off", RELAY)
    assert error.translation_key == "command_rejected"


async def test_what_is_so_already_is_looked_at_once_where_nothing_is_pushed(
    hass: HomeAssistant, house: House
) -> None:
    await act(hass, "switch.turn_off", RELAY)
    assert house.reads == [{(ROOM, "relay")}]


async def test_what_another_command_changes_is_waited_for(
    hass: HomeAssistant, house: House
) -> None:
    """Off is the reported state, but a command to turn on is pending."""
    house.live = True
    async with under_way(hass, house, "switch.turn_on", RELAY):
        off = hass.async_create_task(act(hass, "switch.turn_off", RELAY))
        await asyncio.sleep(0)
        assert shown(hass, RELAY) == STATE_OFF
    await off
    assert [what for _, what in house.told] == [True, False]
    assert house.reads


async def test_fan_that_is_told_nothing_new(
    hass: HomeAssistant, house: House, loaded: MockConfigEntry
) -> None:
    house.live = True
    house.change((ROOM, "fan"), FanState(on=True, percentage=50))
    await act(hass, "fan.set_percentage", "fan.room_fan", percentage=49)
    assert house.reads == []
    assert not loaded.runtime_data.commands.pending


async def test_a_step_is_a_change_also_where_it_may_be_rounded_away(
    hass: HomeAssistant, house: House, loaded: MockConfigEntry
) -> None:
    """The requested value stays shown until the device reports the rounded one."""
    key, entity = (ROOM, "heating"), "climate.room_heating"
    (point,) = (p for p in loaded.runtime_data.topology.points if p.key == key)
    # A device with steps of whole degrees, which Junction does not know.
    object.__setattr__(point, "tolerance", 0.5)
    house.live = True
    house.bends[key] = lambda told: replace(told, target=21.0)
    targets: list[float] = []

    def note(event: Event[EventStateChangedData]) -> None:
        if (state := event.data["new_state"]) is not None:
            targets.append(state.attributes["temperature"])

    async_track_state_change_event(hass, entity, callback(note))
    await act(hass, "climate.set_temperature", entity, temperature=20.5)
    assert targets == [20.5, 21.0]
    # A value that is rounded to the current one is not a failure.
    await act(hass, "climate.set_temperature", entity, temperature=21.5)
    assert attributes(hass, entity, "temperature") == (21.0,)
    # A command without values.
    reads = len(house.reads)
    await act(hass, "climate.set_temperature", entity, temperature=21)
    assert len(house.reads) == reads
