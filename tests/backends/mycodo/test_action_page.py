"""The examples of docs/actions.md for Mycodo."""

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from simulators.mycodo.plan import DIMMER, FAN, PUMP
from simulators.mycodo.server import MycodoServer
from simulators.mycodo.state import uid

from ...action_page import CARRIED_OUT, carry_out


@pytest.mark.parametrize("action", CARRIED_OUT["mycodo"])
async def test_example(
    hass: HomeAssistant, mycodo: MycodoServer, loaded: MockConfigEntry, action: str
) -> None:
    answer = await carry_out(hass, loaded, action)
    states = mycodo.engine.states()
    match action:
        case "turn_on_for":
            assert answer["switch.grow_light"]["state"] == "on"
        case "create_note":
            assert [note["name"] for note in mycodo.state.notes] == ["Frost"]
        case "dispense":
            assert mycodo.engine.executed == [(uid(PUMP), 0, "on vol 50")]
        case "set_duty_cycle":
            assert states[uid(FAN)]["0"] == 42.5
        case "set_value":
            assert states[uid(DIMMER)]["1"] == 11.5
        case _:
            ((_, stored),) = mycodo.database.series["C", "outdoor", 0, None]
            assert (answer, stored) == ({"stored": True}, -4.5)
