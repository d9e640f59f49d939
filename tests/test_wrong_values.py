"""Impossible values that Home Assistant accepts are refused or left out."""

import logging
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
import pytest

from custom_components.junction.model import FanCommand

from .common import act
from .fake_backend import ROOM, House

pytestmark = pytest.mark.usefixtures("loaded")


@pytest.mark.parametrize(
    ("action", "entity", "data", "key"),
    [
        ("number.set_value", "number.room_level", {"value": "nan"}, "field_invalid"),
        (
            "climate.set_temperature",
            "climate.room_heating",
            {"temperature": "nan"},
            "field_invalid",
        ),
        (
            "climate.set_temperature",
            "climate.room_heating",
            {"temperature": 21, "hvac_mode": "dry"},
            "not_valid_hvac_mode",
        ),
        (
            "select.select_option",
            "select.room_program",
            {"option": "no such"},
            "not_valid_option",
        ),
        (
            "climate.set_preset_mode",
            "climate.room_heating",
            {"preset_mode": "no such"},
            "not_valid_preset_mode",
        ),
        (
            "fan.set_preset_mode",
            "fan.room_fan",
            {"preset_mode": "no such"},
            "not_valid_preset_mode",
        ),
    ],
)
async def test_refused_before_anything_is_sent(
    hass: HomeAssistant,
    house: House,
    caplog: pytest.LogCaptureFixture,
    action: str,
    entity: str,
    data: dict[str, Any],
    key: str,
) -> None:
    # Home Assistant cannot write "nan" into its log of details.
    caplog.set_level(logging.INFO, "homeassistant.components.climate")
    with pytest.raises(ServiceValidationError) as caught:
        await act(hass, action, entity, **data)
    assert caught.value.translation_key == key
    assert house.told == []


async def test_a_preset_chooses_the_speed_itself(
    hass: HomeAssistant, house: House
) -> None:
    for percentage in (0, 30):
        await act(
            hass,
            "fan.turn_on",
            "fan.room_fan",
            percentage=percentage,
            preset_mode="auto",
        )
        assert house.told.pop() == ((ROOM, "fan"), FanCommand(on=True, preset="auto"))
