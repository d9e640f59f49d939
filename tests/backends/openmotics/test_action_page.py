"""The examples of docs/actions.md for OpenMotics."""

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from ...action_page import CARRIED_OUT, carry_out


@pytest.mark.parametrize("action", CARRIED_OUT["openmotics"])
async def test_example(hass: HomeAssistant, om: MockConfigEntry, action: str) -> None:
    answer = await carry_out(hass, om, action)
    assert len(answer["thermostats"]) == 2
