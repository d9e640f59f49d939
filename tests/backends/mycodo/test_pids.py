"""PID controllers: thermostats with the PID widget, and with fewer features without it."""

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from simulators import http_faults as faults
from simulators.mycodo.plan import CLIMATE, PID, RELAYS
from simulators.mycodo.server import MycodoServer
from simulators.mycodo.state import Features, State, uid

from ...common import act, reason, shown, state_of
from .conftest import Poll

HEATING = "climate.heating"


class TestWithWidget:
    @pytest.fixture
    def features(self) -> Features:
        return Features(pid_widget=True)

    async def test_a_thermostat(
        self,
        hass: HomeAssistant,
        mycodo: MycodoServer,
        state: State,
        loaded: MockConfigEntry,
        poll: Poll,
    ) -> None:
        pid = state.pids[0]
        found = state_of(hass, HEATING)
        assert (found.state, found.attributes["hvac_action"]) == ("off", "off")
        assert found.attributes["temperature"] == 24.0
        assert found.attributes["current_temperature"] == 22.0
        assert found.attributes["preset_modes"] == ["running", "held", "paused"]
        await act(hass, "climate.set_hvac_mode", HEATING, hvac_mode="heat")
        assert pid.active
        assert state_of(hass, HEATING).attributes["hvac_action"] == "idle"
        mycodo.server.log.clear()
        await act(hass, "climate.set_temperature", HEATING, temperature=25.5)
        assert pid.setpoint == 25.5
        assert state_of(hass, HEATING).attributes["temperature"] == 25.5
        assert mycodo.server.log.count() == 2
        mycodo.engine.command(uid(RELAYS), 0, "on", "sec", 0)
        await poll()
        assert state_of(hass, HEATING).attributes["hvac_action"] == "heating"
        await act(hass, "climate.turn_off", HEATING)
        assert not pid.active

    @pytest.mark.parametrize(
        ("preset", "held", "paused"),
        [("held", True, False), ("paused", False, True), ("running", False, False)],
    )
    async def test_hold_and_pause(
        self,
        hass: HomeAssistant,
        state: State,
        loaded: MockConfigEntry,
        preset: str,
        held: bool,
        paused: bool,
    ) -> None:
        pid = state.pids[0]
        pid.held = pid.paused = preset == "running"
        await act(hass, "climate.set_preset_mode", HEATING, preset_mode=preset)
        assert (pid.held, pid.paused) == (held, paused)
        assert state_of(hass, HEATING).attributes["preset_mode"] == preset

    async def test_cooling(
        self,
        hass: HomeAssistant,
        mycodo: MycodoServer,
        state: State,
        entry: MockConfigEntry,
    ) -> None:
        pid = state.pids[0]
        pid.direction, pid.active = "lower", True
        pid.raise_output, pid.lower_output = (
            None,
            f"{uid(RELAYS)},{uid(RELAYS * 100 + 1)}",
        )
        mycodo.engine.command(uid(RELAYS), 1, "on", "sec", 0)
        assert await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done()
        found = state_of(hass, HEATING)
        assert (found.state, found.attributes["hvac_action"]) == ("cool", "cooling")

    async def test_in_fahrenheit(
        self, hass: HomeAssistant, state: State, entry: MockConfigEntry
    ) -> None:
        state.pids[0].measurement = f"{uid(CLIMATE)},{uid(CLIMATE * 100 + 54)}"
        state.pids[0].setpoint = 77.0
        assert await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done()
        found = state_of(hass, HEATING)
        assert found.attributes["temperature"] == 25.0
        assert found.attributes["current_temperature"] == 22.0
        await act(hass, "climate.set_temperature", HEATING, temperature=20)
        assert state.pids[0].setpoint == 68.0

    async def test_anything_but_a_temperature(
        self, hass: HomeAssistant, state: State, entry: MockConfigEntry
    ) -> None:
        state.pids[0].measurement = f"{uid(CLIMATE)},{uid(CLIMATE * 100 + 51)}"
        state.pids[0].name = "Humidity control"
        state.pids[0].setpoint = 55.0
        assert await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done()
        assert shown(hass, "number.humidity_control_setpoint") == "55.0"
        await act(
            hass, "number.set_value", "number.humidity_control_setpoint", value=60
        )
        assert state.pids[0].setpoint == 60
        name = "select.humidity_control_operation"
        assert shown(hass, name) == "running"
        await act(hass, "select.select_option", name, option="paused")
        assert state.pids[0].paused
        assert shown(hass, name) == "paused"

    @pytest.mark.parametrize("temperature", [True, False])
    async def test_one_that_follows_a_method_is_not_told_a_setpoint(
        self,
        hass: HomeAssistant,
        state: State,
        entry: MockConfigEntry,
        poll: Poll,
        temperature: bool,
    ) -> None:
        """A PID that follows a method accepts a setpoint but ignores it, so it is not sent."""
        pid = state.pids[0]
        pid.active, pid.follows = True, 19.5
        if not temperature:
            pid.measurement = f"{uid(CLIMATE)},{uid(CLIMATE * 100 + 51)}"
        assert await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done()
        await poll(60)
        assert shown(hass, "sensor.heating_set_to") == "19.5"
        assert hass.states.get("number.heating_setpoint") is None
        if temperature:
            found = state_of(hass, HEATING).attributes
            assert found.get("temperature") is None
            assert found["preset_mode"] == "running"
        else:
            assert shown(hass, "select.heating_operation") == "running"

    async def test_the_widget_was_taken_away(
        self, hass: HomeAssistant, mycodo: MycodoServer, loaded: MockConfigEntry
    ) -> None:
        mycodo.server.inject(faults.status(404, "<html>"), "/pid_mod*")
        with pytest.raises(HomeAssistantError) as caught:
            await act(hass, "climate.set_temperature", HEATING, temperature=25)
        assert reason(caught.value) == "mycodo_no_pid_route"
        assert state_of(hass, HEATING).attributes["temperature"] == 24.0


async def test_without_widget_it_can_be_switched_on_only(
    hass: HomeAssistant, state: State, loaded: MockConfigEntry
) -> None:
    found = state_of(hass, HEATING)
    assert found.attributes.get("temperature") is None
    assert shown(hass, "sensor.heating_set_to") == "24.0"
    assert "preset_modes" not in found.attributes
    await act(hass, "climate.turn_on", HEATING)
    assert state.pids[0].active
    assert shown(hass, HEATING) == "heat"
    diagnostics = loaded.runtime_data.backend.diagnostics()
    assert diagnostics["pid_routes_reason"].startswith("no dashboard had a PID widget")


async def test_the_daemon_runs_the_pids(
    hass: HomeAssistant, state: State, loaded: MockConfigEntry, poll: Poll
) -> None:
    state.daemon_running = False
    await poll()
    assert shown(hass, HEATING) == "unavailable"


async def test_a_pid_that_controls_nothing(
    hass: HomeAssistant, state: State, entry: MockConfigEntry
) -> None:
    state.pids[0].measurement = ""
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert hass.states.get(HEATING) is None
    assert shown(hass, "switch.heating_active") == "off"
    assert uid(PID) in loaded_pids(entry)


def loaded_pids(entry: MockConfigEntry) -> set[str]:
    """Return the PIDs that are listed."""
    return set(entry.runtime_data.backend.poller.listing.pids)
