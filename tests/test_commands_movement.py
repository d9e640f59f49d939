"""Commands that take their time: they are waited for until they begin, or looked after."""

import asyncio
from typing import Any

from homeassistant.const import STATE_CLOSED, STATE_OFF, STATE_ON, STATE_OPEN
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
import pytest

from custom_components.junction.model import CoverState, LightState

from .common import act, attributes, log_lines, shown
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


@pytest.mark.parametrize(
    ("action", "data"),
    [
        ("cover.open_cover", {}),
        ("cover.close_cover", {}),
        ("cover.set_cover_position", {"position": 80}),
        ("cover.set_cover_tilt_position", {"tilt_position": 80}),
    ],
)
async def test_cover_that_does_not_move(
    hass: HomeAssistant, house: House, action: str, data: dict[str, Any]
) -> None:
    before = hass.states.get(BLIND)
    house.ignores.add((ROOM, "blind"))
    error = await refused(hass, action, BLIND, **data)
    assert error.translation_key == "not_confirmed"
    assert error.translation_placeholders == {
        "detail": "no details",
        "name": "Room Blind",
    }
    after = hass.states.get(BLIND)
    assert before is not None
    assert after is not None
    assert (after.state, after.attributes) == (before.state, before.attributes)

    # A sign of a movement is enough.
    house.ignores.clear()
    house.bends[ROOM, "blind"] = lambda _: CoverState(opening=True)
    await act(hass, action, BLIND, **data)
    assert shown(hass, BLIND) == "opening"


async def test_cover_on_its_way_or_there_already(
    hass: HomeAssistant, house: House
) -> None:
    house.ignores.add((ROOM, "blind"))
    house.change((ROOM, "blind"), CoverState(closed=False, position=40, closing=True))
    for action, data in (
        ("cover.close_cover", {}),
        ("cover.set_cover_position", {"position": 10}),
    ):
        await act(hass, action, BLIND, **data)
    assert house.reads == []
    house.change((ROOM, "blind"), CoverState(closed=False, position=40, tilt=10))
    for live, looks in ((True, 0), (False, 2)):
        house.live = live
        await act(hass, "cover.set_cover_position", BLIND, position=40)
        await act(hass, "cover.set_cover_tilt_position", BLIND, tilt_position=10)
        await act(hass, "cover.stop_cover", BLIND)
        assert len(house.reads) == looks
    assert len(house.told) == 8


@pytest.mark.parametrize(
    ("action", "shown_as", "really"),
    [
        ("close_cover", CoverState(closed=True), CoverState(closed=False)),
        ("open_cover", CoverState(closed=False), CoverState(closed=True)),
        (
            "close_cover",
            CoverState(closed=True, position=0),
            CoverState(closed=False, position=70),
        ),
    ],
)
async def test_cover_of_which_the_news_was_missed(
    hass: HomeAssistant,
    house: House,
    action: str,
    shown_as: CoverState,
    really: CoverState,
) -> None:
    """That it is elsewhere than was known is no movement."""
    key = (ROOM, "blind")
    house.ignores.add(key)
    house.change(key, shown_as)
    house.states[key] = really
    error = await refused(hass, f"cover.{action}", BLIND)
    assert error.translation_key == "not_confirmed"
    assert shown(hass, BLIND) == (STATE_CLOSED if really.closed else STATE_OPEN)
    # It moves now.
    house.change(key, shown_as)
    house.states[key] = really
    house.ignores.clear()
    await act(hass, f"cover.{action}", BLIND)


async def test_cover_that_does_not_stop(hass: HomeAssistant, house: House) -> None:
    key = (ROOM, "blind")
    house.ignores.add(key)
    house.change(key, CoverState(closed=False, position=40, closing=True))
    task = hass.async_create_task(act(hass, "cover.stop_cover", BLIND))
    while not house.told:
        await asyncio.sleep(0)
    house.change(key, CoverState(closed=False, position=30, closing=True))
    with pytest.raises(HomeAssistantError):
        await task
    assert shown(hass, BLIND) == "closing"
    house.ignores.clear()
    await act(hass, "cover.stop_cover", BLIND)
    assert shown(hass, BLIND) == STATE_OPEN


async def test_cover_of_which_nothing_is_known_counts_once_accepted(
    hass: HomeAssistant, house: House
) -> None:
    house.ignores.add((ROOM, "awning"))
    await act(hass, "cover.open_cover", "cover.room_awning")
    assert house.reads == []
    assert shown(hass, "cover.room_awning") == STATE_CLOSED


async def test_what_tells_only_its_end_is_looked_after(
    hass: HomeAssistant, house: House, caplog: pytest.LogCaptureFixture
) -> None:
    """A cover that reports only its end is polled, and one that never moves is logged."""
    await act(hass, "valve.set_valve_position", MIXER, position=60)
    assert attributes(hass, MIXER, "current_position") == (25,)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert attributes(hass, MIXER, "current_position") == (60,)
    assert log_lines(caplog) == []

    house.ignores.add((ROOM, "mixer"))
    await act(hass, "valve.set_valve_position", MIXER, position=90)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert attributes(hass, MIXER, "current_position") == (60,)
    assert log_lines(caplog) == [
        ("WARNING", "Room Mixer did not respond to the command")
    ]


async def test_lamp_that_fades_is_looked_after(
    hass: HomeAssistant, house: House, caplog: pytest.LogCaptureFixture
) -> None:
    key = (ROOM, "strip")
    house.states[key] = LightState(on=True, brightness=200)
    house.push(key)
    house.ignores.add(key)
    await act(hass, "light.turn_on", STRIP, brightness=5, transition=0.01)
    assert attributes(hass, STRIP, "brightness") == (5,)
    # It reports that it is moving; a constant position for a while is no failure.
    house.change(key, LightState(on=True, brightness=100))
    assert attributes(hass, STRIP, "brightness") == (5,)
    house.change(key, LightState(on=True, brightness=5))
    await hass.async_block_till_done(wait_background_tasks=True)
    assert attributes(hass, STRIP, "brightness") == (5,)
    assert log_lines(caplog) == []

    await act(hass, "light.turn_off", STRIP, transition=0.01)
    assert shown(hass, STRIP) == STATE_OFF
    await hass.async_block_till_done(wait_background_tasks=True)
    assert shown(hass, STRIP) == STATE_ON
    assert log_lines(caplog) == [
        ("WARNING", "Room Strip did not respond to the command")
    ]


async def test_fade_that_another_command_ends_is_not_missed(
    hass: HomeAssistant, house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house.ignores.add((ROOM, "strip"))
    await act(hass, "light.turn_on", STRIP, brightness=5, transition=0.01)
    house.ignores.clear()
    await act(hass, "light.turn_off", STRIP)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert shown(hass, STRIP) == STATE_OFF
    assert log_lines(caplog) == []
