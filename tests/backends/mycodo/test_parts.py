"""Parts of a Mycodo fail separately: outputs and PIDs work without the database."""

import asyncio
from contextlib import suppress
from itertools import pairwise
import json
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er, issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.junction.const import DOMAIN
from simulators import http_faults as faults
from simulators.clock import VirtualClock
from simulators.mycodo.furniture import add_many, add_pump, add_shared_board
from simulators.mycodo.plan import DIMMER, FAN, GPIO, greenhouse
from simulators.mycodo.server import MycodoServer
from simulators.mycodo.state import Features, Influx, Input, State, uid

from ...common import act, shown, state_of
from .conftest import Ahead, Poll, no_errors

AIR = "sensor.climate_sensor_air"
LAMP = "switch.grow_light"
DIMMED = "light.circulation_fan"
VOLTS = "number.dimmer_0_10_v_left"
HEATING = "climate.heating"
DATABASE = "binary_sensor.greenhouse_measurements_database"

TROUBLES = [mode for mode in Influx if mode is not Influx.UP]


@pytest.fixture(params=["multi", "single"])
def features(request: pytest.FixtureRequest) -> Features:
    return Features(multi=request.param == "multi", pid_widget=True)


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_whatever_the_database_does(
    hass: HomeAssistant,
    mycodo: MycodoServer,
    state: State,
    loaded: MockConfigEntry,
    poll: Poll,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    trouble: Influx,
) -> None:
    """Sensors are unavailable; outputs, thermostats, and the daemon are unchanged."""
    state.pids[0].active = True
    if trouble is Influx.HANGS:
        transport = loaded.runtime_data.backend.client.transport
        monkeypatch.setattr(transport, "_timeout", 0.3)
        state.influx_timeout = 1.0
    state.influx = trouble
    if trouble is Influx.EMPTY:
        mycodo.database.series.clear()
    await poll(31)
    assert shown(hass, AIR) == "unavailable"
    assert shown(hass, DATABASE) == "off"
    assert shown(hass, "binary_sensor.greenhouse_daemon") == "on"
    for on in ("on", "off"):
        await act(hass, f"switch.turn_{on}", LAMP)
        assert shown(hass, LAMP) == on
    await act(hass, "switch.turn_on", "switch.nutrient_pump")
    assert shown(hass, "switch.nutrient_pump") == "on"
    await act(hass, "light.turn_on", DIMMED, brightness=128)
    assert state_of(hass, DIMMED).attributes["brightness"] == 128
    assert mycodo.engine.states()[uid(FAN)]["0"] == pytest.approx(50.2)
    await act(hass, "number.set_value", VOLTS, value=5.5)
    assert shown(hass, VOLTS) == "5.5"
    assert mycodo.engine.states()[uid(DIMMER)]["0"] == 5.5
    await act(hass, "climate.set_temperature", HEATING, temperature=25.5)
    assert state.pids[0].setpoint == 25.5
    assert state_of(hass, HEATING).attributes["temperature"] == 25.5
    await act(hass, "climate.set_preset_mode", HEATING, preset_mode="held")
    assert state.pids[0].held
    assert no_errors(caplog) == []
    state.influx = Influx.UP
    mycodo.database.measure_now(state.inputs[0], state.now())
    await poll(61)
    assert shown(hass, AIR) == "22.0"
    assert shown(hass, DATABASE) == "on"


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_set_up_whatever_the_database_does(
    hass: HomeAssistant,
    mycodo: MycodoServer,
    state: State,
    entry: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
    trouble: Influx,
) -> None:
    from custom_components.junction.backends.mycodo import adapter

    monkeypatch.setattr(adapter, "FIRST_MEASUREMENTS", 0.2)
    state.influx, state.influx_timeout = trouble, 1.0
    mycodo.database.series.clear()
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert shown(hass, LAMP) == "off"
    assert shown(hass, AIR) == "unavailable"
    await act(hass, "switch.turn_on", LAMP)
    assert shown(hass, LAMP) == "on"


FAULTS = [
    faults.status(500),
    faults.status(500, '{"custom": "Traceback: no such table"}'),
    faults.status(502, "<html>Bad Gateway</html>", content_type="text/html"),
    faults.status(404),
    faults.truncated(),
    faults.html_page(),
    faults.empty_body(),
    faults.reset(),
    faults.status(200, "[]"),
    faults.status(200, '{"measurements": 5, "time": {}, "value": []}'),
    faults.rate_limited("3"),
]


@pytest.mark.parametrize("fault", FAULTS)
async def test_no_error_of_a_measuring_request_takes_an_output(
    hass: HomeAssistant,
    mycodo: MycodoServer,
    loaded: MockConfigEntry,
    poll: Poll,
    caplog: pytest.LogCaptureFixture,
    fault: faults.Fault,
) -> None:
    mycodo.server.inject(fault, "/api/measurements/*")
    await poll(31)
    await poll(31)
    assert shown(hass, LAMP) == "off"
    await act(hass, "switch.turn_on", LAMP)
    assert shown(hass, LAMP) == "on"
    assert no_errors(caplog) == []
    mycodo.server.heal()
    await poll(61)
    assert shown(hass, AIR) == "22.0"


@pytest.mark.parametrize(
    ("path", "lost"),
    [
        ("/api/inputs/", "switch.climate_sensor_active"),
        ("/api/functions/", "switch.average_temperature_active"),
        ("/api/settings/triggers", "switch.greenhouse_every_minute"),
        ("/api/pids/", HEATING),
        ("/api/settings/device_measurements", None),
        ("/api/choices/controllers", None),
        ("/api/daemon/", "binary_sensor.greenhouse_daemon"),
        ("/api/outputs/", LAMP),
    ],
)
async def test_a_part_that_fails_takes_its_own_entities(
    hass: HomeAssistant,
    mycodo: MycodoServer,
    loaded: MockConfigEntry,
    poll: Poll,
    caplog: pytest.LogCaptureFixture,
    path: str,
    lost: str | None,
) -> None:
    others = {LAMP, AIR, HEATING, "switch.climate_sensor_active"} - {lost}
    before = {s.entity_id for s in hass.states.async_all()}
    # Not 500, for which there is another way to list outputs.
    mycodo.server.inject(faults.truncated(), path)
    await poll(601)
    if lost is not None:
        assert shown(hass, lost) == "unavailable"
    for entity_id in others:
        assert shown(hass, entity_id) != "unavailable", entity_id
    assert {s.entity_id for s in hass.states.async_all()} == before
    assert no_errors(caplog) == []
    mycodo.server.heal()
    await poll(31)
    if lost is not None:
        assert shown(hass, lost) != "unavailable"


class TestManyAndSlow:
    """63 outputs and 117 inputs that take the time that they take on a Raspberry Pi."""

    @pytest.fixture
    def state(self, clock: VirtualClock, features: Features) -> State:
        state = greenhouse(clock, features=features)
        add_many(state, outputs=63 - len(state.outputs), inputs=117 - len(state.inputs))
        return state

    @pytest.fixture
    def options(self) -> dict[str, Any]:
        return {"interval": 5}

    async def test_outputs_are_looked_at_all_the_same(
        self,
        mycodo: MycodoServer,
        state: State,
        loaded: MockConfigEntry,
        ahead: Ahead,
    ) -> None:
        """Between two requests of a poll there is at most one for measurements, a short one.

        Requests are counted, not seconds: this machine may be slow.
        """
        state.seconds_per_channel = 0.003
        log = mycodo.server.log
        log.clear()
        backend = loaded.runtime_data.backend
        for _ in range(5):
            ahead.seconds += 31
            await backend.fetch()
        paths = [request.path for request in log.requests]
        measuring = ["/measurements/" in path for path in paths]
        assert paths.count("/api/outputs/") == 5
        assert measuring.count(True) >= 4
        assert not any(one and other for one, other in pairwise(measuring)), paths
        assert log.most_in_flight == 1
        bodies = [json.loads(one.body) for one in log.to("POST", "*/multi")]
        assert all(len(body["channels"]) <= 50 for body in bodies)


# Outputs that break the list of all.


async def test_a_repair_names_the_output_and_the_mend(
    hass: HomeAssistant,
    state: State,
    loaded: MockConfigEntry,
    poll: Poll,
) -> None:
    broken = next(o for o in state.outputs if o.unique_id == uid(GPIO))
    broken.i2c_bus = ""
    await poll()
    issue_id = f"{loaded.entry_id}_mycodo_output_list"
    issue = ir.async_get(hass).async_get_issue(DOMAIN, issue_id)
    assert issue is not None and issue.translation_placeholders is not None
    assert issue.translation_placeholders["outputs"] == broken.name
    assert "i2c_bus = 1" in issue.translation_placeholders["command"]
    broken.i2c_bus = 1
    await poll(61)
    assert ir.async_get(hass).async_get_issue(DOMAIN, issue_id) is None


async def test_names_of_channels_without_the_list(
    hass: HomeAssistant, state: State, entry: MockConfigEntry, mycodo: MycodoServer
) -> None:
    """The measurement that a row records is not the name of a channel."""
    add_pump(state, 80, "Doser", "grove_i2c_motor_driver_v1_0", "Acid (pH)", "")
    for output in state.outputs:
        output.i2c_bus = ""
        for channel in output.channels:
            channel.state = False
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    names = {s.entity_id: s.name for s in hass.states.async_all("switch")}
    assert names["switch.doser_acid_ph"] == "Doser Acid (pH)"
    assert names["switch.doser_channel_2"] == "Doser Channel 2"
    assert names["switch.relay_board_fan"] == "Relay board Fan"
    assert names["switch.relay_board_channel_4"] == "Relay board Channel 4"
    assert names["switch.nutrient_pump"] == "Nutrient pump"


class TestReversed:
    """An inverted PWM output on a host where Mycodo does not report that."""

    @pytest.fixture
    def state(self, clock: VirtualClock, features: Features) -> State:
        state = greenhouse(clock, features=features)
        for output in state.outputs:
            output.i2c_bus = ""
        fan = next(o for o in state.outputs if o.unique_id == uid(FAN))
        fan.channels[0].options["pwm_invert_signal"] = True
        return state

    async def test_learnt_from_what_it_answers(
        self,
        hass: HomeAssistant,
        mycodo: MycodoServer,
        loaded: MockConfigEntry,
        impatient: None,
    ) -> None:
        fan = "light.circulation_fan"
        for brightness in (77, 128):
            with suppress(HomeAssistantError):
                await act(hass, "light.turn_on", fan, brightness=brightness)
        assert mycodo.engine.states()[uid(FAN)]["0"] == pytest.approx(49.8, abs=0.1)
        await act(hass, "light.turn_on", fan, brightness=77)
        assert state_of(hass, fan).attributes["brightness"] == 77
        await act(hass, "light.turn_off", fan)
        assert shown(hass, fan) == "off"

    async def test_told_in_the_options(
        self,
        hass: HomeAssistant,
        mycodo: MycodoServer,
        loaded: MockConfigEntry,
        impatient: None,
    ) -> None:
        flow = await hass.config_entries.options.async_init(loaded.entry_id)
        flow = await hass.config_entries.options.async_configure(
            flow["flow_id"], {"next_step_id": "mycodo_outputs"}
        )
        await hass.config_entries.options.async_configure(
            flow["flow_id"], {"reversed": [f"{uid(FAN)}:0"]}
        )
        await hass.async_block_till_done()
        fan = "light.circulation_fan"
        await act(hass, "light.turn_on", fan, brightness=77)
        assert state_of(hass, fan).attributes["brightness"] == 77
        assert mycodo.engine.states()[uid(FAN)]["0"] == pytest.approx(69.8, abs=0.1)


# Today's use of outputs.


@pytest.mark.parametrize(
    "module",
    [
        "peristaltic_pump",
        "grove_i2c_motor_driver_v1_0",
        "grove_i2c_motor_driver_v1_3",
        "MCP23017_PUMP",
        "PCF8574_PUMP",
    ],
)
async def test_pumps_with_three_rows_a_channel(
    hass: HomeAssistant,
    mycodo: MycodoServer,
    state: State,
    clock: VirtualClock,
    entry: MockConfigEntry,
    entity_registry: er.EntityRegistry,
    poll: Poll,
    module: str,
) -> None:
    """One sensor of each kind for each channel, of the right one."""
    pump = add_pump(state, 80, "Doser", module, "Acid", "Base", "Feed")
    for channel in pump.channels:
        channel.state = False
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    today = {
        e.entity_id
        for e in entity_registry.entities.values()
        if e.entity_id.startswith("sensor.doser") and e.unique_id.endswith("_today")
    }
    assert today == {
        f"sensor.doser_{what}_today_{name}"
        for what in ("on_time", "dispensed")
        for name in ("acid", "base", "feed")
    }
    mycodo.engine.command(uid(80), 1, "on", "vol", 25.0)
    mycodo.engine.command(uid(80), 2, "on", "sec", 0.2)
    await asyncio.sleep(0.3)
    await poll(301)
    assert float(shown(hass, "sensor.doser_dispensed_today_base")) == 25
    assert float(shown(hass, "sensor.doser_dispensed_today_acid")) == 0
    assert float(shown(hass, "sensor.doser_on_time_today_acid")) == 0
    assert float(shown(hass, "sensor.doser_on_time_today_feed")) >= 0.2


async def test_a_row_that_all_channels_share(
    hass: HomeAssistant,
    state: State,
    entry: MockConfigEntry,
    entity_registry: er.EntityRegistry,
    mycodo: MycodoServer,
) -> None:
    """A row that all channels share gives no sensor, because the channel is unknown."""
    board = add_shared_board(state, 81, "Relays", 8)
    for channel in board.channels:
        channel.state = False
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert shown(hass, "switch.relays_channel_8") == "off"
    entries = entity_registry.entities.values()
    assert not [e for e in entries if e.entity_id.startswith("sensor.relays")]


async def test_spacers_are_no_devices(
    hass: HomeAssistant, state: State, entry: MockConfigEntry, mycodo: MycodoServer
) -> None:
    for number, (module, rows) in enumerate(
        (("input_spacer", state.inputs), ("function_spacer", state.functions)), 90
    ):
        rows.append(
            Input(number, uid(number), f"Line {number}", module, 15.0, lambda _: {})
        )
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert not [s for s in hass.states.async_all() if "line_9" in s.entity_id]
