"""The examples of docs/actions.md for DSMR-reader."""

from datetime import date

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from simulators.dsmr_reader import State

from ...action_page import CARRIED_OUT, carry_out


@pytest.mark.parametrize("action", CARRIED_OUT["dsmr_reader"])
async def test_example(
    hass: HomeAssistant, state: State, loaded: MockConfigEntry, action: str
) -> None:
    answer = await carry_out(hass, loaded, action)
    match action:
        case "dsmr_reader_get_statistics":
            assert set(answer) == {"days"}
        case "dsmr_reader_get_readings":
            assert set(answer) == {"rows", "more"}
        case "dsmr_reader_send_reading":
            assert [answer["electricity_delivered_1"]] == ["1234.567"]
            assert len(state.new) == 1
        case _:
            day = date(2019, 2, 28)
            assert answer["total_cost"] == "2.17"
            assert state.days.between(day, day)
