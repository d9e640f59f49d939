"""Setup of a gateway: requests, entities, and unloading without leftovers."""

from collections.abc import Awaitable, Callable
import json

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.junction.diagnostics import async_get_config_entry_diagnostics
from simulators.http_faults import partial_listing, status
from simulators.openmotics.plan import ADMIN, large
from simulators.openmotics.server import GatewayServer
from simulators.openmotics.state import State

from .conftest import (
    Entities,
    Later,
    Time,
    asked,
    certificate,
    entry_data,
    set_up,
    states_asked,
    tick,
)

SETUP = {
    "login",
    "get_version",
    "get_features",
    "get_platform_details",
    "get_room_configurations",
    "get_output_configurations",
    "get_input_configurations",
    "get_shutter_configurations",
    "get_shutter_group_configurations",
    "get_sensor_configurations",
    "get_thermostat_configurations",
    "get_cooling_configurations",
    "get_thermostat_group_configurations",
    "get_power_modules",
    "get_pulse_counter_configurations",
    "get_group_action_configurations",
    "get_ventilation_configurations",
    "ws_events",
    "get_output_status",
    "get_input_status",
    "get_shutter_status",
    "get_sensor_status",
    "get_thermostat_group_status",
    "get_ventilation_status",
    "get_realtime_power",
    "get_total_energy",
    "get_pulse_counter_status",
    "get_errors",
}


async def test_requests_of_setup(om: MockConfigEntry, gateway: GatewayServer) -> None:
    assert asked(gateway) == dict.fromkeys(SETUP, 1)
    assert gateway.server.log.most_in_flight <= 4


async def test_entities_by_kind(
    hass: HomeAssistant, om: MockConfigEntry, entities: Entities
) -> None:
    found = entities.all()
    kinds = {point: entity.domain for point, entity in found.items()}
    assert kinds["output_0"] == kinds["output_8"] == "light"
    assert kinds["output_1"] == kinds["output_2"] == kinds["output_4"] == "switch"
    assert kinds["output_3"] == kinds["ventilation_1"] == "fan"
    assert kinds["output_10_level"] == "number"
    assert kinds["shutter_8"] == kinds["shutter_group_0"] == "cover"
    assert kinds["thermostat_0"] == "climate"
    assert kinds["thermostat_group_0_mode"] == "select"
    assert kinds["group_action_0"] == "scene"
    assert kinds["input_0_press"] == "event"
    assert kinds["input_0_pressed"] == "binary_sensor"
    disabled = {point for point, entity in found.items() if entity.disabled_by}
    assert {"output_4", "output_5", "output_12"} <= disabled, "valves of thermostats"
    assert {"output_21", "group_action_1", "shutter_group_0", "identify"} <= disabled
    assert {"ct_1.0_voltage", "ct_1.0_energy_day", "ct_1.7_power"} <= disabled
    assert not {"output_0", "ct_1.0_power", "ct_1.0_energy", "sensor_1"} & disabled
    assert len(found) == len({entity.unique_id for entity in found.values()})


async def test_states(om: MockConfigEntry, entities: Entities) -> None:
    assert entities.state("sensor_1") == "20.5"
    assert entities.state("ct_1.1_energy") == "920.896"
    assert entities.attributes("ct_1.1_energy")["unit_of_measurement"] == "kWh"
    assert entities.state("ct_1.3_power") == "-120.0"
    assert entities.state("shutter_8") == "unknown"
    assert entities.state("connected") == "on"
    climate = entities.attributes("thermostat_0")
    assert entities.state("thermostat_0") == "heat"
    assert climate["hvac_modes"] == ["off", "heat"]
    assert climate["hvac_action"] == "idle"
    assert (climate["current_temperature"], climate["temperature"]) == (20.5, 16.0)
    assert climate["preset_mode"] == "auto"
    assert entities.attributes("output_0")["locked"] is False
    assert entities.attributes("sensor_4")["unit_of_measurement"] == "%"
    assert entities.attributes("sensor_7")["device_class"] == "illuminance"


async def test_unload_logs_out(
    hass: HomeAssistant, om: MockConfigEntry, gateway: GatewayServer
) -> None:
    assert await hass.config_entries.async_unload(om.entry_id)
    await hass.async_block_till_done()
    assert gateway.server.log.count("POST", "/logout") == 1
    assert not gateway.tokens
    assert not gateway.sockets


async def test_diagnostics_tell_no_secret(
    hass: HomeAssistant, om: MockConfigEntry, gateway: GatewayServer
) -> None:
    dump = json.dumps(await async_get_config_entry_diagnostics(hass, om))
    secrets = [
        *gateway.issued,
        ADMIN.password,
        gateway.state.mac,
        gateway.state.mac.replace(":", ""),
        gateway.state.serial or "",
        "127.0.0.1",
        "Ceiling lamp",
        "Living",
    ]
    assert gateway.issued
    assert not [secret for secret in secrets if secret in dump]
    part = json.loads(dump)["openmotics"]
    assert part["push"]["live"] is True
    assert part["things"]["outputs"] == 15
    assert part["gateway"]["logins"] == 1


async def test_nothing_is_asked_between_safety_polls(
    hass: HomeAssistant, socket_enabled: None, moment: Time
) -> None:
    """With a live socket, a house without energy modules needs no requests."""
    state = large(moment, outputs=8, inputs=4, thermostats=2)
    async with GatewayServer(state, certificate()) as gateway:
        entry = MockConfigEntry(
            domain="junction",
            unique_id="openmotics:001122aabbcc",
            data=entry_data(gateway),
        )
        entry.add_to_hass(hass)
        await set_up(hass, entry)
        gateway.server.log.clear()
        later = Later(entry)
        for second in range(5, 295, 5):
            later.seconds = second
            await tick(entry)
        assert not states_asked(gateway)
        # Nothing tells of names: they are read every 40 s.
        assert asked(gateway)["get_output_configurations"] == 7
        gateway.server.log.clear()
        later.seconds = 300
        await tick(entry)
        assert states_asked(gateway) == dict.fromkeys(
            (
                "get_output_status",
                "get_input_status",
                "get_sensor_status",
                "get_thermostat_group_status",
                "get_errors",
            ),
            1,
        )
        assert await hass.config_entries.async_unload(entry.entry_id)
        await hass.async_block_till_done()


async def test_only_power_is_asked_where_there_is_any(
    om: MockConfigEntry, gateway: GatewayServer
) -> None:
    later = Later(om)
    gateway.server.log.clear()
    for second in range(5, 65, 5):
        later.seconds = second
        await tick(om)
    assert states_asked(gateway) == {
        "get_realtime_power": 4,
        "get_total_energy": 1,
        "get_pulse_counter_status": 1,
    }


async def test_a_partial_listing_costs_no_device(
    hass: HomeAssistant,
    om: MockConfigEntry,
    gateway: GatewayServer,
    entities: Entities,
) -> None:
    """Devices missing once are unavailable; devices missing twice are removed."""
    backend, coordinator = om.runtime_data.backend, om.runtime_data

    def half(body: dict[str, list[object]]) -> dict[str, list[object]]:
        return {**body, "config": body["config"][:4]}

    fault = gateway.server.inject(
        partial_listing(half), "/get_output_configurations", times=1
    )
    backend._configuration.mark()
    await coordinator.async_refresh()
    await hass.async_block_till_done()
    assert fault.hits == 1
    assert "output_8" in entities.all()
    backend._configuration.mark()
    await coordinator.async_refresh()
    await hass.async_block_till_done()
    assert entities.state("output_8") == "off"
    # Now for good.
    gateway.server.inject(partial_listing(half), "/get_output_configurations")
    for _ in range(2):
        backend._configuration.mark()
        await coordinator.async_refresh()
        await hass.async_block_till_done()
    assert "output_8" not in entities.all()
    assert "output_0" in entities.all()


async def test_new_and_renamed_things_appear(
    hass: HomeAssistant,
    om: MockConfigEntry,
    gateway: GatewayServer,
    entities: Entities,
    until: Callable[..., Awaitable[None]],
) -> None:
    """An event of an unknown object causes a refresh of the configuration."""
    from simulators.openmotics.plan import LIGHT, furnish, output

    gateway.state.outputs.append(output(30, "Attic lamp", LIGHT))
    furnish(gateway.state)
    gateway.engine.put_output(30, True)
    await until(lambda: "output_30" in entities.all())
    await until(lambda: entities.state("output_30") == "on")


async def test_one_failing_topic_costs_only_itself(
    hass: HomeAssistant,
    om: MockConfigEntry,
    gateway: GatewayServer,
    entities: Entities,
) -> None:
    gateway.server.inject(status(500, "{}"), "/get_realtime_power")
    for _ in range(2):
        om.runtime_data.backend._poller.mark()
        await om.runtime_data.async_refresh()
        await hass.async_block_till_done()
    assert entities.state("ct_1.1_power") == "unavailable"
    assert entities.state("output_0") == "off"
    assert entities.state("ct_1.1_energy") == "920.896"
    gateway.server.heal()
    om.runtime_data.backend._poller.mark()
    await om.runtime_data.async_refresh()
    await hass.async_block_till_done()
    assert entities.state("ct_1.1_power") == "120.0"


async def test_a_silent_module_is_unavailable(
    hass: HomeAssistant,
    om: MockConfigEntry,
    gateway: GatewayServer,
    entities: Entities,
) -> None:
    gateway.state.quirks.silent_module = 2
    om.runtime_data.backend._poller.mark()
    await om.runtime_data.async_refresh()
    await hass.async_block_till_done()
    assert entities.state("ct_2.1_power") == "unavailable"
    assert entities.state("ct_1.1_power") == "120.0"


async def test_energy_does_not_jump(
    hass: HomeAssistant,
    om: MockConfigEntry,
    gateway: GatewayServer,
    entities: Entities,
) -> None:
    """A counter read as 0 is a bad reading, unless it stays."""
    gateway.state.quirks.glitch = True
    for _ in range(4):
        om.runtime_data.backend._poller.mark()
        await om.runtime_data.async_refresh()
        await hass.async_block_till_done()
        assert entities.state("ct_1.1_energy") == "920.896"
    om.runtime_data.backend._poller.mark()
    await om.runtime_data.async_refresh()
    await hass.async_block_till_done()
    assert entities.state("ct_1.1_energy") == "0.0"


async def test_energy_does_not_jump_over_a_restart(
    hass: HomeAssistant,
    om: MockConfigEntry,
    gateway: GatewayServer,
    entities: Entities,
) -> None:
    """The earlier total stays until the meaning of the 0 is clear."""
    gateway.state.quirks.glitch = True
    assert await hass.config_entries.async_reload(om.entry_id)
    await hass.async_block_till_done()
    assert entities.state("ct_1.1_energy") == "920.896"
    gateway.state.quirks.glitch = False
    om.runtime_data.backend._poller.mark()
    await om.runtime_data.async_refresh()
    await hass.async_block_till_done()
    assert entities.state("ct_1.1_energy") == "920.896"
    assert om.runtime_data.backend.diagnostics()["zeros_held_back"] > 0


@pytest.fixture
def shuffled(state: State) -> None:
    state.quirks.shuffled = True
    state.output_values[8].on = True
    state.output_values[8].level = 40
    state.sensor_values[2] = None


@pytest.mark.usefixtures("shuffled")
async def test_joined_by_id(
    gateway: GatewayServer, om: MockConfigEntry, entities: Entities
) -> None:
    assert entities.state("output_8") == "on"
    assert entities.attributes("output_8")["brightness"] == 102
    assert entities.state("output_0") == "off"
    assert entities.state("sensor_2") == "unknown"
    assert entities.state("sensor_3") == "45.0"


@pytest.fixture
def aged(state: State) -> None:
    state.quirks.old = True
    state.version, state.platform = "2.17.3", "CLASSIC"
    state.quirks.classic = True
    state.features = ["shutter_positions", "input_states"]
    for unit in state.units.values():
        unit.preset = "party"


@pytest.mark.usefixtures("aged")
async def test_a_gateway_of_2021(
    hass: HomeAssistant,
    gateway: GatewayServer,
    om_entry: MockConfigEntry,
) -> None:
    """No in_use, no new calls, no JSON on the websocket: it is polled."""
    hass.config_entries.async_update_entry(om_entry, unique_id="openmotics:127.0.0.1")
    await set_up(hass, om_entry)
    entities = Entities(hass, om_entry)
    found = entities.all()
    assert "input_0_press" not in found
    assert entities.state("input_0_pressed") == "off"
    assert entities.state("sensor_0.temperature") == "20.5"
    assert entities.state("sensor_0.humidity") == "45.0"
    assert "output_13" not in found, "NOT_IN_USE"
    assert entities.state("connected") == "off"
    assert entities.attributes("thermostat_0")["hvac_modes"] == ["heat"]
    assert entities.attributes("thermostat_0")["preset_mode"] == "party"
    gateway.server.log.clear()
    om_entry.runtime_data.backend._poller.mark()
    gateway.engine.put_output(0, True)
    await tick(om_entry)
    assert entities.state("output_0") == "on"
    await entities.act("climate.set_preset_mode", "thermostat_0", preset_mode="away")
    assert gateway.state.units[0].preset == "away"
    await entities.act("climate.set_temperature", "thermostat_0", temperature=19.5)
    await entities.act("switch.turn_off", "thermostat_group_0_on")
    assert not gateway.state.units[0].on
    assert om_entry.state is ConfigEntryState.LOADED
