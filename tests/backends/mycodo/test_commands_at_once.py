"""Many commands at once: they wait for their turn, and share the looks at what came."""

import asyncio

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from simulators.mycodo.furniture import add_output
from simulators.mycodo.server import MycodoServer
from simulators.mycodo.state import Channel, uid

from ...common import act, shown

pytestmark = pytest.mark.usefixtures("impatient")


async def test_all_at_once(
    hass: HomeAssistant, mycodo: MycodoServer, loaded: MockConfigEntry
) -> None:
    names = [
        "switch.grow_light",
        *(
            f"switch.relay_board_{n}"
            for n in ("heater", "fan", "humidifier", "channel_4")
        ),
    ]
    mycodo.server.log.clear()
    await act(hass, "switch.turn_on", names)
    assert [shown(hass, name) for name in names] == ["on"] * 5
    assert len(mycodo.engine.executed) == 5
    assert mycodo.server.log.most_in_flight <= 2
    # They share the requests for the resulting states.
    assert mycodo.server.log.count("GET") <= 3


async def test_fifty_relays_off(
    hass: HomeAssistant, mycodo: MycodoServer, entry: MockConfigEntry
) -> None:
    """All arrive, no more at once than Mycodo can stand, and share the looks after."""
    numbers = range(100, 150)
    for number in numbers:
        channel = Channel(number, uid(number * 100), 0, state=True)
        rows = [("duration_time", "s")]
        name = f"Relay {number}"
        add_output(mycodo.state, number, name, "wired", "on_off", [channel], rows)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    names = [f"switch.relay_{number}" for number in numbers]
    assert {shown(hass, name) for name in names} == {"on"}
    mycodo.server.log.clear()
    await act(hass, "switch.turn_off", names)
    assert {shown(hass, name) for name in names} == {"off"}
    states = mycodo.engine.states()
    assert not any(states[uid(number)]["0"] for number in numbers)
    assert mycodo.server.log.count("POST") == 50
    assert mycodo.server.log.most_in_flight <= 2
    assert mycodo.server.log.count("GET") <= 25


async def test_the_last_of_many_counts(
    hass: HomeAssistant, mycodo: MycodoServer, loaded: MockConfigEntry
) -> None:
    await asyncio.gather(
        *(
            act(hass, f"switch.turn_{'on' if n % 2 else 'off'}", "switch.grow_light")
            for n in range(10)
        )
    )
    assert shown(hass, "switch.grow_light") == "on"
    assert mycodo.engine.states()[uid(1)]["0"] is True
