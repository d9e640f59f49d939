"""Setup, devices, entities, requests, and objects that appear and disappear."""

from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.junction.const import DOMAIN
from simulators import http_faults as faults
from simulators.mycodo.furniture import add_output
from simulators.mycodo.plan import CLIMATE, INACTIVE, LAMP, PID, RELAYS
from simulators.mycodo.server import MycodoServer
from simulators.mycodo.state import Channel, Features, Input, Row, State, uid

from ...common import shown, state_of
from .conftest import Poll, key_of


def device(hass: HomeAssistant, entry: MockConfigEntry, identity: str) -> Any:
    """Return a device of the registry."""
    found = dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, f"{entry.unique_id}/{identity}"), entry.entry_id
    )
    assert found is not None, identity
    return found


async def test_devices(hass: HomeAssistant, loaded: MockConfigEntry) -> None:
    hub = device(hass, loaded, "mycodo")
    assert (hub.name, hub.manufacturer, hub.sw_version) == (
        "Greenhouse",
        "Mycodo",
        "8.16.2",
    )
    assert hub.configuration_url == loaded.data["url"]
    board = device(hass, loaded, uid(RELAYS))
    assert (board.name, board.model, board.via_device_id) == (
        "Relay board",
        "Virtual relay 4",
        hub.id,
    )
    assert device(hass, loaded, uid(CLIMATE)).model == "Python 3 Code (v2.0)"
    assert device(hass, loaded, uid(PID)).model == "PID controller"
    names = {
        found.name
        for found in dr.async_entries_for_config_entry(
            dr.async_get(hass), loaded.entry_id
        )
    }
    assert "Spacer" not in names


async def test_requests_of_setup_and_of_polls(
    mycodo: MycodoServer, loaded: MockConfigEntry, poll: Poll
) -> None:
    log = mycodo.server.log
    assert log.routes() == {
        "GET /api/swagger.json": 1,
        "GET /login_password": 1,
        "GET /info": 1,
        "GET /api/daemon/": 1,
        "GET /api/outputs/": 1,
        "GET /api/inputs/": 1,
        "GET /api/functions/": 1,
        "GET /api/settings/triggers": 1,
        "GET /api/choices/controllers": 1,
        "GET /api/pids/": 1,
        "GET /api/settings/device_measurements": 1,
        "GET /api/settings/units": 1,
        "GET /api/choices/inputs/measurements": 1,
        "GET /api/choices/outputs/measurements": 1,
        # One conditional, one question about the PID widget.
        "GET /api/controllers/{id}": 1,
        f"GET /last_pid/{uid(PID)}/60": 1,
        # All measurements in one, and two sums of the pump.
        "POST /api/measurements/multi": 1,
        "GET /api/measurements/historical/{id}/{unit}/{channel}/{start}/{end}": 2,
    }
    log.clear()
    await poll(11)
    assert log.routes() == {
        "GET /api/outputs/": 1,
        "POST /api/measurements/multi": 1,
    }
    log.clear()
    await poll(20)
    assert log.routes() == {
        "GET /api/outputs/": 1,
        "GET /api/pids/": 1,
        "GET /api/daemon/": 1,
        "POST /api/measurements/multi": 1,
    }
    assert log.most_in_flight == 1


class TestWithoutMulti:
    @pytest.fixture
    def features(self) -> Features:
        return Features(multi=False, version="8.16.1")

    async def test_one_request_for_each_channel_that_is_due(
        self, mycodo: MycodoServer, loaded: MockConfigEntry, poll: Poll
    ) -> None:
        log = mycodo.server.log
        # Climate 7, RAM 2, CPU 3, missing 1, tank 1, average 1; not the inactive one,
        # and no disabled one.
        assert log.count(path="/api/measurements/last/*") == 15
        log.clear()
        await poll(8)
        # CPU, climate, tank and average every 5 or 10 s; RAM and the probe every 15 s.
        assert log.count(path="/api/measurements/last/*") == 12
        assert log.count(path=f"*/last/{uid(INACTIVE)}/*") == 0
        assert log.count() == 13
        log.clear()
        await poll(8)
        assert log.count(path="/api/measurements/last/*") == 15

    async def test_values_are_the_same(
        self, hass: HomeAssistant, loaded: MockConfigEntry
    ) -> None:
        assert shown(hass, "sensor.climate_sensor_air") == "22.0"
        assert shown(hass, "sensor.tank_level_volume") == "21.25"


async def test_nothing_is_measured_for_nobody(
    hass: HomeAssistant,
    mycodo: MycodoServer,
    loaded: MockConfigEntry,
    entity_registry: er.EntityRegistry,
) -> None:
    """A disabled entity costs no request; an enabled one shows its value."""
    term = f"{loaded.unique_id}/{uid(PID)}/{uid(PID * 100 + 53)}"
    entity_id = entity_registry.async_get_entity_id("sensor", DOMAIN, term)
    assert entity_id is not None
    sent = b"".join(request.body for request in mycodo.server.log.to("POST"))
    assert uid(PID).encode() not in sent
    mycodo.state.pids[0].active = True
    mycodo.database.measure()
    entity_registry.async_update_entity(entity_id, disabled_by=None)
    await hass.config_entries.async_reload(loaded.entry_id)
    await hass.async_block_till_done()
    assert shown(hass, entity_id) == "4.0"


async def test_unload_is_clean(
    hass: HomeAssistant, mycodo: MycodoServer, loaded: MockConfigEntry, poll: Poll
) -> None:
    assert await hass.config_entries.async_unload(loaded.entry_id)
    assert loaded.state is ConfigEntryState.NOT_LOADED
    mycodo.server.log.clear()
    await poll(60)
    assert mycodo.server.log.count() == 0
    assert await hass.config_entries.async_setup(loaded.entry_id)
    await hass.async_block_till_done()
    assert shown(hass, "switch.grow_light") == "off"


async def test_removal_leaves_nothing(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    await hass.config_entries.async_remove(loaded.entry_id)
    await hass.async_block_till_done()
    assert not [s for s in hass.states.async_all() if s.domain != "zone"]


class TestReadOnly:
    @pytest.fixture
    def user(self) -> str:
        return "monitor"

    async def test_shows_everything_and_steers_nothing(
        self,
        hass: HomeAssistant,
        mycodo: MycodoServer,
        loaded: MockConfigEntry,
        poll: Poll,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        domains = {state.domain for state in hass.states.async_all()}
        assert domains == {"binary_sensor", "sensor", "climate"}
        assert shown(hass, "binary_sensor.relay_board_fan") == "off"
        assert shown(hass, "sensor.circulation_fan") == "0.0"
        assert shown(hass, "sensor.dimmer_0_10_v_left") == "0.0"
        assert shown(hass, "binary_sensor.greenhouse_daemon") == "on"
        assert shown(hass, "binary_sensor.climate_sensor_active") == "on"
        climate = state_of(hass, "climate.heating")
        assert climate.attributes["supported_features"] == 0
        mycodo.engine.command(uid(RELAYS), 1, "on", "sec", 0)
        mycodo.engine.command(uid(5), 0, "on", "value", 4)
        await poll()
        assert shown(hass, "binary_sensor.relay_board_fan") == "on"
        assert shown(hass, "sensor.dimmer_0_10_v_left") == "4.0"
        diagnostics = loaded.runtime_data.backend.diagnostics()
        assert diagnostics["may_control"] is False
        assert diagnostics["pid_routes_reason"] == "the API key may only look"
        assert not [r for r in caplog.records if r.levelname == "ERROR"]

    async def test_a_better_key_changes_the_kind_of_entities(
        self,
        hass: HomeAssistant,
        mycodo: MycodoServer,
        loaded: MockConfigEntry,
        poll: Poll,
    ) -> None:
        hass.config_entries.async_update_entry(
            loaded, data={**loaded.data, "api_key": key_of(mycodo, "editor")}
        )
        await hass.config_entries.async_reload(loaded.entry_id)
        await hass.async_block_till_done()
        await poll()
        assert shown(hass, "switch.relay_board_fan") == "off"
        assert hass.states.get("binary_sensor.relay_board_fan") is None


# Objects that appear and disappear.


async def test_outputs_appear_at_the_next_poll(
    hass: HomeAssistant, state: State, loaded: MockConfigEntry, poll: Poll
) -> None:
    channel = Channel(99, uid(9900), 0, state=False)
    add_output(
        state, 99, "Fogger", "wired", "on_off", [channel], [("duration_time", "s")]
    )
    await poll()
    assert shown(hass, "switch.fogger") == "off"


async def test_inputs_appear_without_a_reload(
    hass: HomeAssistant, state: State, loaded: MockConfigEntry, poll: Poll
) -> None:
    state.inputs.append(Input(9, uid(29), "Soil", "ADS1115", 15.0, lambda _: {0: 40.0}))
    state.rows.append(Row(99, uid(2950), uid(29), 0, "moisture", "percent"))
    await poll(61)
    found = state_of(hass, "sensor.soil_moisture")
    assert (found.state, found.attributes["device_class"]) == ("40.0", "moisture")


async def test_what_is_gone_is_removed_after_a_second_look(
    hass: HomeAssistant,
    mycodo: MycodoServer,
    state: State,
    loaded: MockConfigEntry,
    poll: Poll,
) -> None:
    state.outputs.pop(0)
    await poll()
    assert shown(hass, "switch.grow_light") == "unavailable"
    await poll()
    assert hass.states.get("switch.grow_light") is None
    with pytest.raises(AssertionError):
        device(hass, loaded, uid(LAMP))


async def test_a_listing_that_lacks_a_row_once_removes_nothing(
    hass: HomeAssistant, mycodo: MycodoServer, loaded: MockConfigEntry, poll: Poll
) -> None:
    def lose(found: Any) -> Any:
        del found["input settings"][0]
        return found

    mycodo.server.inject(faults.partial_listing(lose), "/api/inputs/", times=1)
    await poll(61)
    assert shown(hass, "sensor.climate_sensor_air") == "unavailable"
    await poll()
    assert shown(hass, "sensor.climate_sensor_air") == "22.0"
    device(hass, loaded, uid(CLIMATE))


async def test_names_follow_and_ids_stay(
    hass: HomeAssistant,
    state: State,
    loaded: MockConfigEntry,
    entity_registry: er.EntityRegistry,
    poll: Poll,
) -> None:
    before = entity_registry.async_get("switch.relay_board_fan")
    assert before is not None
    state.outputs[1].channels[1].name = "Exhaust"
    state.outputs[1].name = "Board"
    await poll()
    after = entity_registry.async_get("switch.relay_board_fan")
    assert after is not None and after.unique_id == before.unique_id
    assert state_of(hass, "switch.relay_board_fan").name == "Board Exhaust"


async def test_unique_ids_hold_no_address(
    loaded: MockConfigEntry, hass: HomeAssistant, entity_registry: er.EntityRegistry
) -> None:
    for entity in er.async_entries_for_config_entry(entity_registry, loaded.entry_id):
        assert entity.unique_id.startswith(f"mycodo:{uid(900)}/")
        assert "127.0.0.1" not in entity.unique_id


class TestEditor:
    @pytest.fixture
    def user(self) -> str:
        return "editor"

    async def test_the_entry_goes_on_without_the_first_user(
        self,
        hass: HomeAssistant,
        state: State,
        loaded: MockConfigEntry,
        entity_registry: er.EntityRegistry,
    ) -> None:
        """An installation added under its first user keeps working without that user."""
        before = entity_registry.entities.get_entries_for_config_entry_id(
            loaded.entry_id
        )
        assert state.users.pop(0).unique_id == uid(900)
        assert await hass.config_entries.async_reload(loaded.entry_id)
        await hass.async_block_till_done()
        after = entity_registry.entities.get_entries_for_config_entry_id(
            loaded.entry_id
        )
        assert [e.unique_id for e in after] == [e.unique_id for e in before]
        assert shown(hass, "switch.relay_board_fan") == "off"


async def test_outputs_that_cannot_be_listed(
    hass: HomeAssistant,
    mycodo: MycodoServer,
    state: State,
    loaded: MockConfigEntry,
    poll: Poll,
) -> None:
    """The listing fails for good, the entities go on, with one request.

    See docs/protocols/mycodo.md#when-the-output-list-fails.
    """
    before = {s.entity_id for s in hass.states.async_all()}
    state.outputs[7].i2c_bus = ""
    await poll()
    mycodo.server.log.clear()
    mycodo.engine.command(uid(RELAYS), 1, "on", "sec", 0)
    await poll()
    assert mycodo.server.log.count(path="/outputstate") == 1
    assert mycodo.server.log.count(path="/api/outputs/") == 0
    assert shown(hass, "switch.relay_board_fan") == "on"
    assert {s.entity_id for s in hass.states.async_all()} == before
    assert loaded.runtime_data.backend.diagnostics()["outputs_listed_indirectly"]
    # And back, when the row was repaired.
    state.outputs[7].i2c_bus = 1
    await poll(601)
    assert not loaded.runtime_data.backend.diagnostics()["outputs_listed_indirectly"]


async def test_an_empty_mycodo(
    hass: HomeAssistant, state: State, entry: MockConfigEntry
) -> None:
    for rows in (
        state.outputs,
        state.inputs,
        state.functions,
        state.pids,
        state.rows,
        state.triggers,
        state.conditionals,
        state.units,
    ):
        rows.clear()
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert {s.entity_id for s in hass.states.async_all()} == {
        "binary_sensor.greenhouse_daemon",
        "binary_sensor.greenhouse_measurements_database",
        "sensor.greenhouse_memory_of_the_daemon",
    }
