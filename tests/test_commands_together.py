"""Commands that meet: in parallel, in a row, cancelled, and during an unload."""

import asyncio

from homeassistant.components.light.const import ColorMode
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import STATE_OFF, STATE_ON
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.junction.errors import (
    RejectedError,
    UnloadedError,
    UnreachableError,
)
from custom_components.junction.model import DeviceSpec, LightState

from .common import act, shown, state_of, under_way
from .fake_backend import ROOM, House
from .fake_house import light, switch

RELAY = "switch.room_relay"
DIMMER = "light.room_dimmer"
KEY = (ROOM, "relay")


def pending(entry: MockConfigEntry) -> int:
    return len(entry.runtime_data.commands.pending)


async def test_report_from_before_sending_confirms_nothing(
    hass: HomeAssistant, loaded: MockConfigEntry, house: House
) -> None:
    """On, off, on again: a report of the first must not swallow the last."""
    house.change(KEY, True)
    async with under_way(hass, house, "switch.turn_off", RELAY):
        again = hass.async_create_task(act(hass, "switch.turn_on", RELAY))
        await asyncio.sleep(0)
        house.push(KEY)
        assert shown(hass, RELAY) == STATE_ON
    await again
    assert house.told == [(KEY, False), (KEY, True)]
    assert house.states[KEY] is True
    assert shown(hass, RELAY) == STATE_ON


async def test_all_off_at_once(
    hass: HomeAssistant, entry: MockConfigEntry, house: House
) -> None:
    """50 lights on 5 boards: all arrive, one by one per board, with few readings."""
    lights = {}
    for board in range(5):
        house.add(DeviceSpec(id=f"board{board}", name=f"Board {board}"))
        for number in range(10):
            lights[f"light.board_{board}_l{number}"] = (f"board{board}", f"l{number}")
            house.add(
                light(
                    house,
                    f"board{board}",
                    f"L{number}",
                    ColorMode.BRIGHTNESS,
                    state=LightState(on=True, brightness=255),
                )
            )
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert {shown(hass, entity) for entity in lights} == {STATE_ON}

    await act(hass, "light.turn_off", list(lights))
    assert {shown(hass, entity) for entity in lights} == {STATE_OFF}
    assert sorted(key for key, _ in house.told) == sorted(lights.values())
    # Different devices do not wait for each other; their limiter is the backend's.
    assert house.most_at_once["command"] == 5
    assert len(house.reads) <= 4
    assert set.union(*house.reads) == set(lights.values())


async def test_covered_commands_collapse(
    hass: HomeAssistant, loaded: MockConfigEntry, house: House
) -> None:
    """A dragged slider sends no values that are outdated before their turn."""
    async with under_way(hass, house, "light.turn_on", DIMMER, brightness=10):
        tasks = []
        for brightness in (50, 90, 130, 178):
            tasks.append(
                hass.async_create_task(
                    act(hass, "light.turn_on", DIMMER, brightness=brightness)
                )
            )
            await asyncio.sleep(0)
        assert state_of(hass, DIMMER).attributes["brightness"] == 178
    await asyncio.gather(*tasks)
    sent = [command.brightness for _, command in house.told]
    assert sent == [10, 178]
    assert state_of(hass, DIMMER).attributes["brightness"] == 178
    assert pending(loaded) == 0


async def test_command_that_says_more_is_not_dropped(
    hass: HomeAssistant, loaded: MockConfigEntry, house: House
) -> None:
    async with under_way(hass, house, "light.turn_on", DIMMER, brightness=10):
        tasks = [
            hass.async_create_task(act(hass, "light.turn_on", DIMMER, brightness=51)),
            hass.async_create_task(act(hass, "light.turn_off", DIMMER)),
        ]
        await asyncio.sleep(0)
        assert shown(hass, DIMMER) == STATE_OFF
    await asyncio.gather(*tasks)
    assert [(c.on, c.brightness) for _, c in house.told] == [
        (True, 10),
        (True, 51),
        (False, None),
    ]
    assert shown(hass, DIMMER) == STATE_OFF
    assert house.states[ROOM, "dimmer"] == LightState(on=False, brightness=51)


async def test_one_device_is_told_one_thing_at_a_time(
    hass: HomeAssistant, loaded: MockConfigEntry, house: House
) -> None:
    async with under_way(hass, house, "switch.turn_on", RELAY):
        other = hass.async_create_task(act(hass, "switch.turn_on", "switch.room_plain"))
        press = hass.async_create_task(act(hass, "button.press", "button.room_restart"))
        await asyncio.sleep(0.02)
        assert shown(hass, "switch.room_plain") == STATE_ON
        assert house.calls["command"] == 1
    await asyncio.gather(other, press)
    assert [key[1] for key, _ in house.told] == ["relay", "plain", "restart"]
    assert house.most_at_once["command"] == 1


async def test_cancelled_command_holds_nothing_back(
    hass: HomeAssistant, loaded: MockConfigEntry, house: House
) -> None:
    async with under_way(hass, house, "switch.turn_on", RELAY) as task:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert shown(hass, RELAY) == STATE_OFF
        assert pending(loaded) == 0
    # It was in transit, so its result is checked.
    house.states[KEY] = True
    await hass.async_block_till_done(wait_background_tasks=True)
    assert shown(hass, RELAY) == STATE_ON


async def test_cancelled_before_its_turn_is_never_sent(
    hass: HomeAssistant, loaded: MockConfigEntry, house: House
) -> None:
    async with under_way(hass, house, "switch.turn_on", RELAY):
        waiting = hass.async_create_task(
            act(hass, "switch.turn_on", "switch.room_plain")
        )
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        assert shown(hass, "switch.room_plain") == STATE_OFF
    await hass.async_block_till_done(wait_background_tasks=True)
    assert house.told == [(KEY, True)]
    assert house.calls["fetch"] == 1


async def test_cancelled_wait_for_a_reading_does_not_log(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    house: House,
    caplog: pytest.LogCaptureFixture,
) -> None:
    gate = house.gates["read"] = asyncio.Event()
    task = hass.async_create_task(act(hass, "switch.turn_on", RELAY))
    while not house.reads:
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    house.errors["read"] = UnreachableError("late")
    gate.set()
    await hass.async_block_till_done(wait_background_tasks=True)
    assert "never retrieved" not in caplog.text


@pytest.mark.parametrize("where", ["command", "read"])
async def test_unload_ends_what_is_pending(
    hass: HomeAssistant, loaded: MockConfigEntry, house: House, where: str
) -> None:
    """Both the command on its way and those behind it end with an error, at once."""
    gate = house.gates[where] = asyncio.Event()
    tasks = [
        hass.async_create_task(act(hass, "switch.turn_on", entity))
        for entity in (RELAY, "switch.room_plain")
    ]
    while not house.calls[where]:
        await asyncio.sleep(0)
    assert await hass.config_entries.async_unload(loaded.entry_id)
    assert loaded.state is ConfigEntryState.NOT_LOADED
    gate.set()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(result) for result in results] == [HomeAssistantError] * 2
    keys = [getattr(result, "translation_key", None) for result in results]
    assert keys[0] == "not_confirmed"
    assert keys[1] == ("command_failed" if where == "command" else "not_confirmed")
    assert house.told == [(KEY, True), ((ROOM, "plain"), True)][: len(house.told)]
    # Nothing is left that could ask the closed backend for anything.
    fetched, read = house.calls["fetch"], house.calls["read"]
    await hass.async_block_till_done(wait_background_tasks=True)
    assert (house.calls["fetch"], house.calls["read"]) == (fetched, read)


async def test_reading_after_unload_fails(
    hass: HomeAssistant, loaded: MockConfigEntry, house: House
) -> None:
    coordinator = loaded.runtime_data
    await hass.config_entries.async_unload(loaded.entry_id)
    with pytest.raises(UnloadedError):
        await coordinator.async_read(KEY)
    coordinator.refresh()
    await hass.async_block_till_done(wait_background_tasks=True)
    assert house.calls["fetch"] == 1
    assert house.calls["read"] == 0


async def test_failure_of_the_last_shows_what_was_before_the_first(
    hass: HomeAssistant, loaded: MockConfigEntry, house: House
) -> None:
    house.refuses[KEY] = RejectedError("locked")
    async with under_way(hass, house, "light.turn_on", "light.room_bulb"):
        tasks = [
            hass.async_create_task(act(hass, f"switch.turn_{way}", RELAY))
            for way in ("on", "off", "on")
        ]
        await asyncio.sleep(0)
        assert shown(hass, RELAY) == STATE_ON
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert results[:2] == [None, None]
    assert isinstance(results[2], HomeAssistantError)
    assert shown(hass, RELAY) == STATE_OFF
    assert [what for key, what in house.told if key == KEY] == [True]


async def test_other_boards_are_not_waited_for(
    hass: HomeAssistant, entry: MockConfigEntry, house: House
) -> None:
    house.add(DeviceSpec(id="far", name="Far"), switch(house, "far", "Pump"))
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    async with under_way(hass, house, "switch.turn_on", RELAY):
        gate = house.gates.pop("command")
        await act(hass, "switch.turn_on", "switch.far_pump")
        assert house.states["far", "pump"] is True
        gate.set()
