"""Measurements: freshness, units found by trying, odd units, edges, sums of a day."""

from datetime import timedelta
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)

from custom_components.junction.backends.mycodo.client.measurements import BUDGET
from simulators.mycodo.plan import AVERAGE, CLIMATE, PUMP, TANK
from simulators.mycodo.server import MycodoServer
from simulators.mycodo.state import Features, Input, Row, State, uid

from ...common import act, shown, state_of
from .conftest import Poll

AIR = "sensor.climate_sensor_air"
AVERAGE_SENSOR = "sensor.average_temperature"


@pytest.fixture(params=[True, False], ids=["multi", "single"])
def features(request: pytest.FixtureRequest) -> Features:
    """Run every test with the versions of Mycodo that can read many at once, and without."""
    return Features(multi=request.param)


async def test_values_follow(
    hass: HomeAssistant, mycodo: MycodoServer, loaded: MockConfigEntry, poll: Poll
) -> None:
    mycodo.state.inputs[0].measure = lambda moment: {0: 25.0, 7: 0.0}
    mycodo.state.inputs[0].due = mycodo.state.now()
    await poll()
    assert shown(hass, AIR) == "25.0"
    assert shown(hass, "binary_sensor.climate_sensor_gpio_state") == "off"


async def test_what_is_too_old_is_unknown(
    hass: HomeAssistant, mycodo: MycodoServer, loaded: MockConfigEntry, poll: Poll
) -> None:
    """120 s, or three periods: whichever is longer."""
    mycodo.state.inputs[0].due = mycodo.state.now() + 10_000
    mycodo.state.inputs[2].period = 100.0
    mycodo.state.inputs[2].due = mycodo.state.now() + 10_000
    mycodo.state.clock.jump(130)
    await poll(61)
    assert shown(hass, AIR) == "unknown"
    assert shown(hass, "sensor.cpu_load_1_minute") == "0.5"


async def test_a_mycodo_whose_clock_is_wrong(
    hass: HomeAssistant, mycodo: MycodoServer, state: State, entry: MockConfigEntry
) -> None:
    state.offset = 7200.0
    for found in state.inputs:
        found.due = 0.0
    mycodo.database.series.clear()
    mycodo.database.measure()
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert shown(hass, AIR) == "22.0"


async def test_a_converted_function_is_found_by_trying(
    hass: HomeAssistant,
    mycodo: MycodoServer,
    state: State,
    entry: MockConfigEntry,
    poll: Poll,
) -> None:
    """The API does not give the unit of a function; it is found by requesting other units."""
    state.rows_of(uid(AVERAGE))[0].conversion = "F"
    mycodo.database.series.clear()
    for found in (*state.inputs, *state.functions):
        mycodo.database.backfill(found, 20, 5)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    await poll()
    assert float(shown(hass, AVERAGE_SENSOR)) == pytest.approx(22.0)
    registry_unit = entry.runtime_data.topology
    point = next(p for p in registry_unit.points if p.key[1] == uid(AVERAGE * 100 + 50))
    assert point.description.native_unit_of_measurement == "°F"
    mycodo.server.log.clear()
    await poll()
    # It is requested in the detected unit, and no other is tried any more.
    assert mycodo.server.log.count(path=f"*/last/{uid(AVERAGE)}/K/*") == 0
    assert mycodo.server.log.count(path=f"*/last/{uid(AVERAGE)}/C/*") == 0


async def test_a_function_without_values_is_tried_once(
    hass: HomeAssistant,
    mycodo: MycodoServer,
    state: State,
    entry: MockConfigEntry,
    poll: Poll,
) -> None:
    state.functions[0].measure = lambda moment: {}
    mycodo.database.series.clear()
    mycodo.database.backfill(state.inputs[0], 20, 5)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert shown(hass, AVERAGE_SENSOR) == "unknown"
    assert mycodo.server.log.count(path=f"*/last/{uid(AVERAGE)}/F/*") == 1
    await poll()
    assert mycodo.server.log.count(path=f"*/last/{uid(AVERAGE)}/F/*") == 1


async def test_a_unit_that_the_api_does_not_know(
    hass: HomeAssistant, mycodo: MycodoServer, state: State, entry: MockConfigEntry
) -> None:
    """The web interface has its values all the same (docs/protocols/mycodo.md#units)."""
    state.inputs.append(Input(9, uid(29), "Sun", "SI1145", 5.0, lambda _: {0: 3.5}))
    state.rows.append(Row(99, uid(2950), uid(29), 0, "light", "uv"))
    mycodo.database.measure()
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert shown(hass, "sensor.sun_light") == "3.5"
    assert mycodo.server.log.count(path=f"/last/{uid(29)}/input/*") == 1


async def test_a_unit_that_was_deleted(
    hass: HomeAssistant,
    mycodo: MycodoServer,
    state: State,
    entry: MockConfigEntry,
    poll: Poll,
) -> None:
    """Listed a moment ago, refused now: the others must not suffer."""
    state.inputs.append(Input(9, uid(29), "Lamp", "X", 5.0, lambda _: {0: 300.0}))
    state.rows.append(Row(99, uid(2950), uid(29), 0, "par", "umol_m2_s"))
    mycodo.database.measure()
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    found = state_of(hass, "sensor.lamp_par")
    assert (found.state, found.attributes["unit_of_measurement"]) == (
        "300.0",
        "µmol/m²/s",
    )
    state.units.clear()
    mycodo.database.measure()
    await poll()
    assert shown(hass, AIR) == "22.0"
    assert shown(hass, "sensor.lamp_par") == "300.0"


async def test_names(
    hass: HomeAssistant, state: State, entry: MockConfigEntry, mycodo: MycodoServer
) -> None:
    state.inputs.append(
        Input(
            9, uid(29), "ADC", "ADS1115", 5.0, lambda _: {n: n * 1.0 for n in range(6)}
        )
    )
    for channel, name in enumerate(("", "", "Probe", "Probe", "Soil")):
        state.rows.append(
            Row(
                90 + channel,
                uid(2950 + channel),
                uid(29),
                channel,
                "electrical_potential",
                "V",
                name,
            )
        )
    # Not configured yet: nothing is stored.
    state.rows.append(Row(99, uid(2959), uid(29), 5, "", ""))
    mycodo.database.measure()
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    names = {
        s.name
        for s in hass.states.async_all("sensor")
        if s.entity_id.startswith("sensor.adc_")
    }
    assert names == {
        "ADC Voltage 0",
        "ADC Voltage 1",
        "ADC Probe 2",
        "ADC Probe 3",
        "ADC Soil",
    }


async def test_edges_are_events(
    hass: HomeAssistant,
    mycodo: MycodoServer,
    state: State,
    entry: MockConfigEntry,
    poll: Poll,
) -> None:
    found = Input(9, uid(29), "Door", "EDGE", 5.0, lambda _: {0: 1.0})
    state.inputs.append(found)
    state.rows.append(Row(99, uid(2950), uid(29), 0, "edge", "bool"))
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    found.due = state.now() + 10_000
    assert shown(hass, "event.door_edge") == "unknown"
    mycodo.database.write(state.now(), uid(29), "bool", 0, "edge", -1.0)
    changes = async_capture_events(hass, "state_changed")
    await poll()
    assert state_of(hass, "event.door_edge").attributes["event_type"] == "falling"
    # The same edge is reported once.
    before = [e for e in changes if e.data["entity_id"] == "event.door_edge"]
    await poll()
    after = [e for e in changes if e.data["entity_id"] == "event.door_edge"]
    assert len(before) == len(after) == 1


async def test_what_a_pump_did_today(
    hass: HomeAssistant, mycodo: MycodoServer, loaded: MockConfigEntry, poll: Poll
) -> None:
    dispensed = "sensor.nutrient_pump_dispensed_today"
    found = state_of(hass, dispensed)
    midnight = dt_util.start_of_local_day()
    assert found.attributes["last_reset"] == midnight.isoformat()
    assert found.attributes["state_class"] == "total"
    yesterday = midnight - timedelta(hours=1)
    write = mycodo.database.write
    write(yesterday.timestamp(), uid(PUMP), "ml", 1, "volume", 1000.0)
    for volume in (2.5, -3.0):
        mycodo.engine.command(uid(PUMP), 0, "on", "vol", volume)
    await poll()
    mycodo.state.clock.jump(2)
    mycodo.server.log.clear()
    # Turned off since: read at once, and negative values count as zero.
    await poll()
    assert shown(hass, dispensed) == "2.5"
    assert mycodo.server.log.count(path="*/historical/*") == 2
    await poll()
    assert mycodo.server.log.count(path="*/historical/*") == 2


async def test_a_new_day_begins_at_zero(
    hass: HomeAssistant,
    mycodo: MycodoServer,
    loaded: MockConfigEntry,
    poll: Poll,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mycodo.engine.command(uid(PUMP), 0, "on", "vol", 2.5)
    await poll(301)
    assert shown(hass, "sensor.nutrient_pump_dispensed_today") == "2.5"
    tomorrow = dt_util.start_of_local_day() + timedelta(days=1)
    monkeypatch.setattr(dt_util, "start_of_local_day", lambda: tomorrow)
    await poll()
    found = state_of(hass, "sensor.nutrient_pump_dispensed_today")
    assert found.state == "0"
    assert found.attributes["last_reset"] == tomorrow.isoformat()


async def test_database_down(
    hass: HomeAssistant, mycodo: MycodoServer, loaded: MockConfigEntry, poll: Poll
) -> None:
    """Measurements are unavailable, everything else works; with ``multi`` there is no error."""
    mycodo.state.influx_up = False
    await poll()
    assert shown(hass, AIR) == "unavailable"
    assert shown(hass, "sensor.nutrient_pump_dispensed_today") == "unavailable"
    assert shown(hass, "binary_sensor.greenhouse_measurements_database") == "off"
    assert shown(hass, "binary_sensor.greenhouse_daemon") == "on"
    await act(hass, "switch.turn_on", "switch.grow_light")
    assert shown(hass, "switch.grow_light") == "on"
    mycodo.state.influx_up = True
    await poll()
    assert shown(hass, AIR) == "22.0"
    assert shown(hass, "binary_sensor.greenhouse_measurements_database") == "on"


class TestMany:
    @pytest.fixture
    def state(self, clock: Any, features: Features) -> State:
        from simulators.mycodo.plan import greenhouse

        state = greenhouse(clock, features=features)
        for number in range(100, 160):
            state.inputs.append(
                Input(
                    number,
                    uid(number),
                    f"Sensor {number}",
                    "X",
                    10.0,
                    lambda _: {0: 1.0},
                )
            )
            state.rows.append(
                Row(number, uid(number * 100), uid(number), 0, "temperature", "C")
            )
        return state

    async def test_the_limit_of_mycodo_is_kept(
        self,
        hass: HomeAssistant,
        mycodo: MycodoServer,
        features: Features,
        loaded: MockConfigEntry,
        poll: Poll,
    ) -> None:
        """Not more at a time than Mycodo allows; all of them in their turn."""
        log = mycodo.server.log
        if features.multi:
            # How many at a time depends on how long the first took.
            assert 2 <= log.count("POST", "*/multi") <= 4
            return
        assert log.count(path="*/measurements/last/*") <= BUDGET
        for _ in range(3):
            log.clear()
            await poll(10)
            assert log.count(path="*/measurements/last/*") <= BUDGET
        for number in range(100, 160):
            assert shown(hass, f"sensor.sensor_{number}_temperature") == "1.0"


async def test_tank_and_leaf_are_shown_in_what_they_are_stored(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    tank = state_of(hass, "sensor.tank_level_volume")
    assert tank.attributes["device_class"] == "volume_storage"
    leaf = next(
        p
        for p in loaded.runtime_data.topology.points
        if p.key == (uid(CLIMATE), uid(CLIMATE * 100 + 54))
    )
    assert leaf.description.native_unit_of_measurement == "°F"
    assert uid(TANK) in {p.device for p in loaded.runtime_data.topology.points}
