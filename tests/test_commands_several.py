"""Commands to several devices at once."""

import asyncio
import logging
from typing import Any

from homeassistant.const import STATE_ON
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError
import pytest

from custom_components.junction.errors import RejectedError

from .common import act, log_lines, shown
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


async def test_all_are_told_before_the_error_names_those_that_failed(
    hass: HomeAssistant, house: House, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    house.ignores.add((ROOM, "relay"))
    house.refuses[ROOM, "plain"] = RejectedError("locked")
    error = await refused(
        hass, "homeassistant.turn_on", [RELAY, "switch.room_plain", "light.room_bulb"]
    )
    assert error.translation_key == "several_failed"
    assert error.translation_placeholders is not None
    names = set(error.translation_placeholders["names"].split(", "))
    assert names == {"Room Relay", "Room Plain"}
    assert {key[1] for key, _ in house.told} == {"relay", "plain", "bulb"}
    assert shown(hass, "light.room_bulb") == STATE_ON
    assert len([line for line in log_lines(caplog) if line[0] == "WARNING"]) == 2


async def test_error_of_one_is_its_own(hass: HomeAssistant, house: House) -> None:
    house.refuses[ROOM, "plain"] = RejectedError("locked")
    error = await refused(hass, "switch.turn_on", [RELAY, "switch.room_plain"])
    assert error.translation_key == "command_rejected"
    assert error.translation_placeholders == {"detail": "locked", "name": "Room Plain"}
    assert shown(hass, RELAY) == STATE_ON


async def test_actions_of_others_have_their_own_errors(
    hass: HomeAssistant, house: House
) -> None:
    house.ignores.add((ROOM, "relay"))
    house.refuses[ROOM, "plain"] = RejectedError("locked")
    results = await asyncio.gather(
        *(
            hass.services.async_call(
                "switch",
                "turn_on",
                {"entity_id": entity},
                blocking=True,
                context=Context(),
            )
            for entity in (RELAY, "switch.room_plain")
        ),
        return_exceptions=True,
    )
    keys = [getattr(result, "translation_key", None) for result in results]
    assert keys == ["not_confirmed", "command_rejected"]
