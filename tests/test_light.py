"""Lights: states and actions."""

from homeassistant.components.light.const import ColorMode
from homeassistant.const import STATE_OFF, STATE_UNKNOWN
from homeassistant.core import HomeAssistant
import pytest

from custom_components.junction.model import LightCommand, LightState

from .common import act, attributes, shown
from .fake_backend import ROOM, House

pytestmark = pytest.mark.usefixtures("loaded")


async def test_light_on_off(hass: HomeAssistant, house: House) -> None:
    entity = "light.room_bulb"
    await act(hass, "light.turn_on", entity, brightness=20)
    assert house.told == [((ROOM, "bulb"), LightCommand(on=True))]
    assert attributes(hass, entity, "color_mode") == (ColorMode.ONOFF,)
    await act(hass, "light.turn_off", entity)
    assert house.told[1:] == [((ROOM, "bulb"), LightCommand(on=False))]
    assert shown(hass, entity) == STATE_OFF


async def test_light_brightness(hass: HomeAssistant, house: House) -> None:
    entity = "light.room_dimmer"
    assert attributes(hass, entity, "brightness") == (100,)
    await act(hass, "light.turn_on", entity, brightness_pct=60)
    assert house.told == [((ROOM, "dimmer"), LightCommand(on=True, brightness=153))]
    assert attributes(hass, entity, "brightness", "color_mode") == (
        153,
        ColorMode.BRIGHTNESS,
    )


async def test_light_colour(hass: HomeAssistant, house: House) -> None:
    entity = "light.room_strip"
    limits = ("min_color_temp_kelvin", "max_color_temp_kelvin")
    assert attributes(hass, entity, *limits) == (2200, 5000)
    assert attributes(hass, entity, "color_mode", "color_temp_kelvin") == (
        ColorMode.COLOR_TEMP,
        3000,
    )
    await act(hass, "light.turn_on", entity, hs_color=(120, 80))
    assert house.told[-1][1] == LightCommand(on=True, hs=(120.0, 80.0))
    assert attributes(hass, entity, "color_mode", "hs_color") == (
        ColorMode.HS,
        (120.0, 80.0),
    )
    await act(hass, "light.turn_on", entity, color_temp_kelvin=4000)
    assert house.told[-1][1] == LightCommand(on=True, kelvin=4000)
    assert attributes(hass, entity, "color_mode", "color_temp_kelvin") == (
        ColorMode.COLOR_TEMP,
        4000,
    )


@pytest.mark.parametrize(
    ("state", "mode"),
    [
        (LightState(on=True, color_mode=ColorMode.HS), ColorMode.HS),
        (LightState(on=True, hs=(10, 50)), ColorMode.HS),
        (LightState(on=True, kelvin=2500, hs=(10, 50)), ColorMode.COLOR_TEMP),
        # Home Assistant requires a color mode, and one that the light supports.
        (LightState(on=True), ColorMode.COLOR_TEMP),
        (LightState(on=True, color_mode=ColorMode.RGB), ColorMode.COLOR_TEMP),
        (LightState(on=False), None),
    ],
)
async def test_light_that_does_not_tell_its_mode(
    hass: HomeAssistant, house: House, state: LightState, mode: ColorMode | None
) -> None:
    house.change((ROOM, "strip"), state)
    assert attributes(hass, "light.room_strip", "color_mode") == (mode,)
    house.change((ROOM, "strip"), None)
    assert shown(hass, "light.room_strip") == STATE_UNKNOWN


async def test_light_that_fades_is_not_waited_for(
    hass: HomeAssistant, house: House
) -> None:
    """A light with a long transition does not have its final state for many seconds."""
    house.ignores.add((ROOM, "strip"))
    await act(hass, "light.turn_on", "light.room_strip", brightness=5, transition=30)
    await act(hass, "light.turn_off", "light.room_strip", transition=30)
    assert [command for _, command in house.told] == [
        LightCommand(on=True, brightness=5, transition=30.0),
        LightCommand(on=False, transition=30.0),
    ]
    assert house.calls["read"] == 0
    # Meanwhile the final state is shown.
    assert shown(hass, "light.room_strip") == STATE_OFF
