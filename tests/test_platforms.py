"""Each platform: its states and its actions."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from homeassistant.components.climate import HVACAction, HVACMode
from homeassistant.components.media_player import MediaPlayerState
from homeassistant.const import (
    STATE_NOT_HOME,
    STATE_OFF,
    STATE_ON,
    STATE_UNAVAILABLE,
    STATE_UNKNOWN,
)
from homeassistant.core import Event, EventStateChangedData, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers.event import async_track_state_change_event
import pytest

from custom_components.junction.const import DOMAIN
from custom_components.junction.errors import RejectedError
from custom_components.junction.model import (
    SCENE_ACTIVATED,
    ClimateCommand,
    ClimateState,
    CoverState,
    FanCommand,
    FanState,
    LightState,
    Location,
    MediaState,
)

from .common import act, attributes, shown
from .fake_backend import ROOM, House

pytestmark = pytest.mark.usefixtures("loaded")


async def test_binary_sensor(hass: HomeAssistant, house: House) -> None:
    entity = "binary_sensor.room_motion"
    assert shown(hass, entity) == STATE_OFF
    house.change((ROOM, "motion"), True)
    assert shown(hass, entity) == STATE_ON
    house.change((ROOM, "motion"), None)
    assert shown(hass, entity) == STATE_UNKNOWN


async def test_button(hass: HomeAssistant, house: House) -> None:
    await act(hass, "button.press", "button.room_restart")
    assert house.told == [((ROOM, "restart"), None)]
    assert house.calls["read"] == 0
    datetime.fromisoformat(shown(hass, "button.room_restart"))


async def test_event(hass: HomeAssistant, house: House) -> None:
    assert house.sink is not None
    house.sink.event((ROOM, "bell"), "long", {"ring": 2})
    assert attributes(hass, "event.room_bell", "event_type", "ring") == ("long", 2)
    datetime.fromisoformat(shown(hass, "event.room_bell"))


async def test_scene(hass: HomeAssistant, house: House) -> None:
    entity = "scene.room_evening"
    await act(hass, "scene.turn_on", entity)
    assert house.told == [((ROOM, "evening"), None)]
    first = datetime.fromisoformat(shown(hass, entity))

    # Somebody else did it.
    assert house.sink is not None
    house.sink.event((ROOM, "evening"), SCENE_ACTIVATED, {})
    assert datetime.fromisoformat(shown(hass, entity)) > first

    house.errors["command"] = RejectedError("no such scene")
    before = shown(hass, entity)
    with pytest.raises(HomeAssistantError):
        await act(hass, "scene.turn_on", entity)
    assert shown(hass, entity) == before


async def test_device_tracker(hass: HomeAssistant, house: House) -> None:
    entity = "device_tracker.room_car"
    place = ("latitude", "longitude", "gps_accuracy", "source_type")
    assert shown(hass, entity) == STATE_NOT_HOME
    assert attributes(hass, entity, *place) == (52.1, 5.1, 30.0, "gps")
    home = hass.config
    house.change((ROOM, "car"), Location(home.latitude, home.longitude))
    assert shown(hass, entity) == "home"
    house.change((ROOM, "car"), None)
    assert shown(hass, entity) == STATE_UNKNOWN
    assert attributes(hass, entity, *place) == (None, None, None, "gps")


@pytest.mark.parametrize(
    ("entity", "key"), [("switch.room_plain", "plain"), ("siren.room_horn", "horn")]
)
async def test_switch_and_siren(
    hass: HomeAssistant, house: House, entity: str, key: str
) -> None:
    domain = entity.partition(".")[0]
    assert shown(hass, entity) == STATE_OFF
    await act(hass, f"{domain}.turn_on", entity)
    assert shown(hass, entity) == STATE_ON
    await act(hass, f"{domain}.turn_off", entity)
    assert shown(hass, entity) == STATE_OFF
    assert house.told == [((ROOM, key), True), ((ROOM, key), False)]
    house.change((ROOM, key), None)
    assert shown(hass, entity) == STATE_UNKNOWN


async def test_number(hass: HomeAssistant, house: House) -> None:
    entity = "number.room_level"
    assert attributes(hass, entity, "min", "max", "step") == (0, 10, 0.5)
    await act(hass, "number.set_value", entity, value=7.5)
    assert shown(hass, entity) == "7.5"
    assert house.told == [((ROOM, "level"), 7.5)]
    with pytest.raises(ServiceValidationError):
        await act(hass, "number.set_value", entity, value=11)


async def test_select(hass: HomeAssistant, house: House) -> None:
    entity = "select.room_program"
    assert attributes(hass, entity, "options") == (["day", "night"],)
    await act(hass, "select.select_option", entity, option="night")
    assert shown(hass, entity) == "night"
    assert house.told == [((ROOM, "program"), "night")]


async def test_cover(hass: HomeAssistant, house: House) -> None:
    entity = "cover.room_blind"
    where = ("current_position", "current_tilt_position")
    assert shown(hass, entity) == "open"
    assert attributes(hass, entity, *where) == (40, 10)

    house.pushes = True
    for action, data in (
        ("open_cover", {}),
        ("stop_cover", {}),
        ("close_cover", {}),
        ("set_cover_position", {"position": 70}),
        ("set_cover_tilt_position", {"tilt_position": 30}),
    ):
        await act(hass, f"cover.{action}", entity, **data)
    assert [what for _, what in house.told] == [None, None, None, 70, 30]
    # That it moves is pushed.
    assert house.calls["read"] == 0
    house.change((ROOM, "blind"), CoverState(position=50, closed=False, opening=True))
    assert shown(hass, entity) == "opening"
    house.change((ROOM, "blind"), CoverState(position=20, closed=False, closing=True))
    assert shown(hass, entity) == "closing"
    house.change((ROOM, "blind"), CoverState(position=0, closed=True))
    assert shown(hass, entity) == "closed"
    assert attributes(hass, entity, *where) == (0, None)
    house.change((ROOM, "blind"), None)
    assert shown(hass, entity) == STATE_UNKNOWN


async def test_cover_of_which_the_state_is_a_guess(
    hass: HomeAssistant, house: House
) -> None:
    entity = "cover.room_awning"
    assert attributes(hass, entity, "assumed_state") == (True,)
    await act(hass, "cover.close_cover", entity)
    assert house.told == [((ROOM, "awning"), None)]
    # Unsupported features are not offered.
    with pytest.raises(HomeAssistantError):
        await act(hass, "cover.set_cover_position", entity, position=10)


async def test_valve_with_a_position(hass: HomeAssistant, house: House) -> None:
    entity = "valve.room_mixer"
    assert attributes(hass, entity, "current_position") == (25,)
    await act(hass, "valve.set_valve_position", entity, position=60)
    await act(hass, "valve.open_valve", entity)
    await act(hass, "valve.close_valve", entity)
    assert [what for _, what in house.told] == [60, 100, 0]
    house.change((ROOM, "mixer"), CoverState(position=0))
    assert shown(hass, entity) == "closed"


async def test_valve_without_a_position(hass: HomeAssistant, house: House) -> None:
    entity = "valve.room_tap"
    assert shown(hass, entity) == "closed"
    for action in ("open_valve", "stop_valve", "close_valve"):
        await act(hass, f"valve.{action}", entity)
    assert len(house.told) == 3
    house.change((ROOM, "tap"), CoverState(closed=False))
    assert shown(hass, entity) == "open"
    house.change((ROOM, "tap"), None)
    assert shown(hass, entity) == STATE_UNKNOWN


async def test_fan(hass: HomeAssistant, house: House) -> None:
    entity = "fan.room_fan"
    speed = ("percentage", "preset_mode")
    assert shown(hass, entity) == STATE_ON
    assert attributes(hass, entity, *speed, "percentage_step") == (50, None, 25.0)
    steps: list[tuple[str, dict[str, Any], FanCommand]] = [
        ("set_percentage", {"percentage": 75}, FanCommand(on=True, percentage=75)),
        ("set_percentage", {"percentage": 0}, FanCommand(on=False)),
        ("turn_on", {}, FanCommand(on=True)),
        ("turn_on", {"percentage": 25}, FanCommand(on=True, percentage=25)),
        ("turn_on", {"percentage": 0}, FanCommand(on=False)),
        ("turn_on", {"preset_mode": "boost"}, FanCommand(on=True, preset="boost")),
        (
            "set_preset_mode",
            {"preset_mode": "auto"},
            FanCommand(on=True, preset="auto"),
        ),
        ("turn_off", {}, FanCommand(on=False)),
    ]
    for action, data, command in steps:
        await act(hass, f"fan.{action}", entity, **data)
        assert house.told.pop() == ((ROOM, "fan"), command)
        assert (shown(hass, entity) == STATE_ON) is command.on
    # The house still reports the speed for the next start.
    assert house.states[ROOM, "fan"] == FanState(on=False, percentage=25, preset="auto")
    assert attributes(hass, entity, *speed) == (0, "auto")
    house.change((ROOM, "fan"), None)
    assert shown(hass, entity) == STATE_UNKNOWN


async def test_fan_that_is_on_or_off(hass: HomeAssistant, house: House) -> None:
    entity = "fan.room_vent"
    await act(hass, "fan.toggle", entity)
    assert shown(hass, entity) == STATE_ON
    assert attributes(hass, entity, "percentage", "preset_mode") == (None, None)
    await act(hass, "fan.toggle", entity)
    assert [command.on for _, command in house.told] == [True, False]


async def test_climate(hass: HomeAssistant, house: House) -> None:
    entity = "climate.room_heating"
    assert shown(hass, entity) == HVACMode.HEAT
    assert attributes(
        hass,
        entity,
        "hvac_action",
        "current_temperature",
        "current_humidity",
        "temperature",
        "preset_mode",
        "fan_mode",
        "min_temp",
        "max_temp",
        "target_temp_step",
    ) == (HVACAction.IDLE, 19.5, 44.0, 20.0, "home", "low", 7.0, 35.0, 0.5)

    steps: list[tuple[str, dict[str, Any], ClimateCommand]] = [
        ("set_temperature", {"temperature": 21.5}, ClimateCommand(target=21.5)),
        (
            "set_temperature",
            {"temperature": 18, "hvac_mode": "cool"},
            ClimateCommand(target=18.0, mode=HVACMode.COOL),
        ),
        ("set_preset_mode", {"preset_mode": "away"}, ClimateCommand(preset="away")),
        ("set_fan_mode", {"fan_mode": "high"}, ClimateCommand(fan_mode="high")),
        ("turn_off", {}, ClimateCommand(mode=HVACMode.OFF)),
        ("turn_on", {}, ClimateCommand(mode=HVACMode.HEAT)),
        ("set_hvac_mode", {"hvac_mode": "cool"}, ClimateCommand(mode=HVACMode.COOL)),
    ]
    for action, data, command in steps:
        await act(hass, f"climate.{action}", entity, **data)
        assert house.told.pop() == ((ROOM, "heating"), command)
    assert shown(hass, entity) == HVACMode.COOL
    assert attributes(hass, entity, "temperature", "preset_mode") == (18.0, "away")

    # On already: the mode that somebody chose stays.
    await act(hass, "climate.turn_on", entity)
    assert house.told == []
    house.change((ROOM, "heating"), None)
    assert shown(hass, entity) == STATE_UNKNOWN


async def test_climate_that_is_only_looked_at(
    hass: HomeAssistant, house: House
) -> None:
    entity = "climate.room_cellar"
    assert shown(hass, entity) == HVACMode.AUTO
    assert attributes(hass, entity, "current_temperature", "supported_features") == (
        12.0,
        0,
    )
    with pytest.raises(ServiceValidationError) as caught:
        await act(hass, "climate.set_hvac_mode", entity, hvac_mode="auto")
    assert caught.value.translation_domain == DOMAIN
    assert caught.value.translation_key == "not_offered"
    assert caught.value.translation_placeholders == {"entity": "Room Cellar"}
    assert house.told == []


async def test_media_player(hass: HomeAssistant, house: House) -> None:
    entity = "media_player.room_speaker"
    sound = ("volume_level", "is_volume_muted")
    assert shown(hass, entity) == MediaPlayerState.PLAYING
    assert attributes(hass, entity, *sound) == (0.5, False)
    await act(hass, "media_player.volume_set", entity, volume_level=0.25)
    await act(hass, "media_player.volume_mute", entity, is_volume_muted=True)
    assert [what for _, what in house.told] == [0.25, True]
    assert attributes(hass, entity, *sound) == (0.25, True)
    house.change((ROOM, "speaker"), MediaState(state=MediaPlayerState.OFF))
    assert shown(hass, entity) == MediaPlayerState.OFF


@pytest.mark.parametrize(
    ("key", "state"),
    [
        ("heating", ClimateState(mode=HVACMode.OFF)),
        ("fan", FanState(on=False)),
        ("strip", LightState(on=False)),
        ("blind", CoverState(closed=True)),
        ("horn", True),
    ],
)
async def test_changes_reach_the_bus(
    hass: HomeAssistant, house: House, key: str, state: object
) -> None:
    """One change, one event; the same again is none."""
    entity = next(s.entity_id for s in hass.states.async_all() if key in s.entity_id)
    seen: list[Event[EventStateChangedData]] = []
    stop: Callable[[], None] = async_track_state_change_event(hass, entity, seen.append)
    house.change((ROOM, key), state)
    house.change((ROOM, key), state)
    await hass.async_block_till_done()
    stop()
    assert len(seen) == 1


async def test_nothing_is_shown_of_a_silent_room(
    hass: HomeAssistant, house: House
) -> None:
    house.push(devices={ROOM: False})
    room = {s.state for s in hass.states.async_all() if ".room_" in s.entity_id}
    assert room == {STATE_UNAVAILABLE}
