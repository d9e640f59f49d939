"""Commands of every kind of output, and their reported results."""

import json
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from simulators import http_faults as faults
from simulators.clock import VirtualClock
from simulators.mycodo.furniture import add_output
from simulators.mycodo.plan import DIMMER, FAN, MQTT, PUMP, RELAYS, greenhouse
from simulators.mycodo.server import MycodoServer
from simulators.mycodo.state import Channel, State, uid

from ...common import act, reason, shown, state_of
from .conftest import Poll, until

pytestmark = pytest.mark.usefixtures("impatient")


def commands(mycodo: MycodoServer) -> list[str]:
    """Return the commands that reached the outputs."""
    return [what for _, _, what in mycodo.engine.executed]


# On and off.


async def test_a_switch(
    hass: HomeAssistant, mycodo: MycodoServer, loaded: MockConfigEntry
) -> None:
    mycodo.server.log.clear()
    await act(hass, "switch.turn_on", "switch.relay_board_fan")
    assert shown(hass, "switch.relay_board_fan") == "on"
    # The command, and one request for the resulting state.
    assert mycodo.server.log.routes() == {
        "POST /api/outputs/{id}": 1,
        "GET /api/outputs/": 1,
    }
    await act(hass, "switch.turn_off", "switch.relay_board_fan")
    assert shown(hass, "switch.relay_board_fan") == "off"
    assert commands(mycodo) == ["on sec 0", "off sec 0"]


async def test_on_is_no_error_when_it_is_on(
    hass: HomeAssistant, mycodo: MycodoServer, loaded: MockConfigEntry
) -> None:
    mycodo.engine.command(uid(RELAYS), 1, "on", "sec", 0)
    await act(hass, "switch.turn_on", "switch.relay_board_fan")
    assert shown(hass, "switch.relay_board_fan") == "on"


async def test_on_for_a_while(
    hass: HomeAssistant, mycodo: MycodoServer, loaded: MockConfigEntry
) -> None:
    """Mycodo turns it off itself, which is shown at once and not at the next poll."""
    await act(
        hass,
        "junction.turn_on_for",
        "switch.relay_board_fan",
        duration={"seconds": 1},
    )
    assert shown(hass, "switch.relay_board_fan") == "on"
    assert commands(mycodo) == ["on sec 1"]
    await until(lambda: shown(hass, "switch.relay_board_fan") == "off")


async def test_on_for_good_ends_a_timer(
    hass: HomeAssistant, mycodo: MycodoServer, loaded: MockConfigEntry, poll: Poll
) -> None:
    """A plain "on" would be refused, and the timer would still run.

    See docs/protocols/mycodo.md#onoff-channels.
    """
    name = "switch.relay_board_fan"
    await act(hass, "junction.turn_on_for", name, duration={"seconds": 600})
    await act(hass, "switch.turn_on", name)
    assert commands(mycodo)[-1] == "on sec 3.1536e+07"
    channel = mycodo.state.outputs[1].channels[1]
    assert channel.until is not None
    assert channel.until - mycodo.state.now() > 31_000_000
    # An output that is off has no timer.
    await act(hass, "switch.turn_off", name)
    await act(hass, "switch.turn_on", name)
    assert commands(mycodo)[-1] == "on sec 0"


async def test_a_timer_that_mycodo_ended_is_forgotten(
    hass: HomeAssistant, mycodo: MycodoServer, loaded: MockConfigEntry, poll: Poll
) -> None:
    name = "switch.relay_board_fan"
    await act(hass, "junction.turn_on_for", name, duration={"seconds": 600})
    mycodo.engine.command(uid(RELAYS), 1, "off", "sec", 0)
    await poll()
    assert shown(hass, name) == "off"
    mycodo.engine.command(uid(RELAYS), 1, "on", "sec", 0)
    await act(hass, "switch.turn_on", name)
    assert "on sec 3.1536e+07" not in commands(mycodo)


# Other kinds.


async def test_a_dimmer(
    hass: HomeAssistant, mycodo: MycodoServer, loaded: MockConfigEntry, poll: Poll
) -> None:
    light = "light.circulation_fan"
    await act(hass, "light.turn_on", light, brightness=128)
    assert mycodo.engine.states()[uid(FAN)]["0"] == pytest.approx(50.2)
    assert state_of(hass, light).attributes["brightness"] == 128
    await act(hass, "light.turn_off", light)
    assert shown(hass, light) == "off"
    assert mycodo.engine.states()[uid(FAN)]["0"] is False
    # "On" alone means nothing to Mycodo: the last brightness does.
    await act(hass, "light.turn_on", light)
    assert mycodo.engine.states()[uid(FAN)]["0"] == pytest.approx(50.2)
    mycodo.engine.command(uid(FAN), 0, "on", "pwm", 0.2)
    await poll()
    assert state_of(hass, light).attributes["brightness"] == 1


async def test_a_dimmer_that_was_never_on(
    hass: HomeAssistant, mycodo: MycodoServer, loaded: MockConfigEntry
) -> None:
    await act(hass, "light.turn_on", "light.circulation_fan")
    assert mycodo.engine.states()[uid(FAN)]["0"] == 100


async def test_a_reversed_signal(
    hass: HomeAssistant, state: State, mycodo: MycodoServer, entry: MockConfigEntry
) -> None:
    state.outputs[2].channels[0].options["pwm_invert_signal"] = True
    state.outputs[2].channels[0].state = 100.0
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    light = "light.circulation_fan"
    assert shown(hass, light) == "off"
    await act(hass, "light.turn_on", light, brightness=64)
    assert mycodo.engine.states()[uid(FAN)]["0"] == pytest.approx(74.9)
    assert state_of(hass, light).attributes["brightness"] == 64


async def test_a_value(
    hass: HomeAssistant, mycodo: MycodoServer, loaded: MockConfigEntry
) -> None:
    number = "number.dimmer_0_10_v_left"
    attributes = state_of(hass, number).attributes
    assert (attributes["min"], attributes["max"], attributes["step"]) == (0, 10, 0.1)
    await act(hass, "number.set_value", number, value=5.5)
    assert shown(hass, number) == "5.5"
    assert mycodo.engine.states()[uid(DIMMER)]["0"] == 5.5
    await act(hass, "number.set_value", number, value=0)
    assert shown(hass, number) == "0.0"


async def test_a_pump_is_also_a_switch(
    hass: HomeAssistant, mycodo: MycodoServer, loaded: MockConfigEntry, poll: Poll
) -> None:
    await act(hass, "switch.turn_on", "switch.nutrient_pump")
    mycodo.state.clock.jump(30)
    await act(hass, "switch.turn_off", "switch.nutrient_pump")
    await poll()
    assert float(shown(hass, "sensor.nutrient_pump_on_time_today")) == pytest.approx(
        30, abs=2
    )


async def test_controllers(
    hass: HomeAssistant, mycodo: MycodoServer, loaded: MockConfigEntry, poll: Poll
) -> None:
    mycodo.server.log.clear()
    await act(hass, "switch.turn_on", "switch.inactive_sensor_active")
    assert shown(hass, "switch.inactive_sensor_active") == "on"
    assert mycodo.server.log.routes() == {
        "POST /api/controllers/{id}": 1,
        "GET /api/controllers/{id}": 1,
    }
    await act(hass, "switch.turn_on", "switch.greenhouse_frost_guard")
    assert mycodo.state.conditionals[0].active
    await act(hass, "switch.turn_on", "switch.greenhouse_every_minute")
    assert mycodo.state.triggers[0].active
    await act(hass, "switch.turn_off", "switch.average_temperature_active")
    await poll(61)
    assert shown(hass, "switch.average_temperature_active") == "off"
    assert shown(hass, "sensor.average_temperature") == "unavailable"
    assert shown(hass, "switch.greenhouse_frost_guard") == "on"


async def test_measure_now(
    hass: HomeAssistant, mycodo: MycodoServer, loaded: MockConfigEntry
) -> None:
    mycodo.state.inputs[0].measure = lambda moment: {0: 30.0}
    mycodo.state.inputs[0].due = mycodo.state.now() + 1000
    mycodo.server.log.clear()
    await act(hass, "button.press", "button.climate_sensor_measure_now")
    assert mycodo.server.log.count("POST", "*/force-measurement") == 1


# Refused, lost, frozen.


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("switch.gpio_relay_no_hardware", "output channel doesn't exist"),
        ("switch.unconfigured_shell_output", "Output not set up"),
    ],
)
async def test_refused(
    hass: HomeAssistant,
    mycodo: MycodoServer,
    loaded: MockConfigEntry,
    name: str,
    words: str,
) -> None:
    with pytest.raises(HomeAssistantError, match=words):
        await act(hass, "switch.turn_on", name)
    assert shown(hass, name) == "unknown"


async def test_a_success_that_came_to_nothing(
    hass: HomeAssistant, mycodo: MycodoServer, loaded: MockConfigEntry
) -> None:
    with pytest.raises(HomeAssistantError) as caught:
        await act(hass, "switch.turn_on", "switch.mqtt_plug")
    assert caught.value.translation_key == "not_confirmed"
    assert shown(hass, "switch.mqtt_plug") == "unknown"
    assert [o for o, _, _ in mycodo.engine.executed] == [uid(MQTT)]


@pytest.mark.parametrize("executed", [True, False])
async def test_lost(
    hass: HomeAssistant,
    mycodo: MycodoServer,
    loaded: MockConfigEntry,
    poll: Poll,
    executed: bool,
) -> None:
    """A lost response raises an error, and the state is the real one."""
    mycodo.server.inject(faults.reset(executed=executed), method="POST", times=1)
    with pytest.raises(HomeAssistantError) as caught:
        await act(hass, "switch.turn_on", "switch.grow_light")
    assert reason(caught.value) == "connection_lost"
    await poll()
    assert shown(hass, "switch.grow_light") == ("on" if executed else "off")
    assert mycodo.server.log.count("POST", "/api/outputs/*") == 1


async def test_daemon_frozen(
    hass: HomeAssistant, mycodo: MycodoServer, loaded: MockConfigEntry, poll: Poll
) -> None:
    mycodo.state.daemon_frozen, mycodo.state.rpc_timeout = True, 0.05
    with pytest.raises(HomeAssistantError) as caught:
        await act(hass, "switch.turn_on", "switch.grow_light")
    assert reason(caught.value) == "mycodo_daemon_frozen"
    await poll()
    assert shown(hass, "switch.grow_light") == "unavailable"
    mycodo.state.daemon_frozen = False
    await poll(61)
    assert shown(hass, "switch.grow_light") == "off"


async def test_daemon_down(
    hass: HomeAssistant, mycodo: MycodoServer, loaded: MockConfigEntry, poll: Poll
) -> None:
    mycodo.state.daemon_running = False
    with pytest.raises(HomeAssistantError) as caught:
        await act(hass, "light.turn_on", "light.circulation_fan")
    assert reason(caught.value) == "mycodo_daemon_down"


async def test_the_key_ended(
    hass: HomeAssistant, mycodo: MycodoServer, loaded: MockConfigEntry
) -> None:
    mycodo.state.users[0].key = None
    with pytest.raises(HomeAssistantError) as caught:
        await act(hass, "switch.turn_on", "switch.grow_light")
    words = caught.value.translation_placeholders
    assert words is not None
    assert words["name"] == "Grow light"
    assert words["reason"].startswith("Mycodo doesn't accept this API key.")
    # The steps of the dialog are loaded in a thread.
    await hass.async_block_till_done()
    (flow,) = hass.config_entries.flow.async_progress()
    assert flow["context"]["source"] == "reauth"


async def test_values_go_out_as_numbers(
    hass: HomeAssistant, mycodo: MycodoServer, loaded: MockConfigEntry
) -> None:
    await act(hass, "switch.turn_on", "switch.nutrient_pump")
    body: dict[str, Any] = json.loads(
        mycodo.server.log.to("POST", "*/outputs/*")[0].body
    )
    assert body == {"channel": 0, "state": True}
    assert mycodo.engine.executed[0][0] == uid(PUMP)


async def test_any_sequence_ends_in_the_truth(
    hass: HomeAssistant, mycodo: MycodoServer, loaded: MockConfigEntry, poll: Poll
) -> None:
    names = {
        "switch.relay_board_heater": 0,
        "switch.relay_board_fan": 1,
        "switch.relay_board_humidifier": 2,
    }
    for turn, (name, number) in enumerate([*names.items()] * 4):
        mycodo.server.inject(
            faults.reset(executed=bool(turn % 3)), method="POST", times=turn % 2
        )
        action = "on" if (turn + number) % 2 else "off"
        try:
            await act(hass, f"switch.turn_{action}", name)
        except HomeAssistantError:
            continue
    mycodo.server.heal()
    await poll()
    for name, number in names.items():
        truth = mycodo.engine.states()[uid(RELAYS)][str(number)]
        assert shown(hass, name) == ("on" if truth else "off")


class TestMany:
    @pytest.fixture
    def state(self, clock: VirtualClock) -> State:
        state = greenhouse(clock)
        for number in range(100, 150):
            channel = Channel(number, uid(number * 100), 0, state=True)
            add_output(
                state,
                number,
                f"Lamp {number}",
                "wired",
                "on_off",
                [channel],
                [("duration_time", "s")],
            )
        return state

    async def test_all_lights_off(
        self, hass: HomeAssistant, mycodo: MycodoServer, loaded: MockConfigEntry
    ) -> None:
        names = [f"switch.lamp_{number}" for number in range(100, 150)]
        mycodo.server.log.clear()
        await act(hass, "switch.turn_off", names)
        assert {shown(hass, name) for name in names} == {"off"}
        assert len(mycodo.engine.executed) == 50
        assert mycodo.server.log.count("POST") == 50
        assert mycodo.server.log.most_in_flight <= 2
