"""Setup of an IOTile Cloud: devices, entities, and changes."""

from datetime import UTC, datetime
import json
import re
from typing import Any

from homeassistant.const import ATTR_RESTORED
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.junction.const import DOMAIN
from custom_components.junction.diagnostics import async_get_config_entry_diagnostics
from simulators.clock import HOUR
from simulators.iotile.server import IOTileServer
from simulators.iotile.world import World

from ...common import shown, state_of
from .conftest import BOILER, METER, NOW, SHOCKS, VIRTUAL, Poll

API = "/api/v1"
LAST = NOW // HOUR * HOUR
GALLON = 3.785411784
"""Liters: the stream is in gallons, Home Assistant shows its own unit."""


async def test_what_is_shown(
    hass: HomeAssistant,
    server: IOTileServer,
    loaded: MockConfigEntry,
    device_registry: dr.DeviceRegistry,
) -> None:
    temperature = state_of(hass, "sensor.boiler_room_temperatures_external_500f")
    world = server.world
    point = max(world.points[BOILER], key=lambda row: row.time)
    assert point.value is not None
    assert float(temperature.state) == pytest.approx(point.value - 273.15)
    assert temperature.attributes["unit_of_measurement"] == "°C"
    assert temperature.attributes["state_class"] == "measurement"
    assert temperature.attributes["measured_at"] == "2026-11-20T08:00:00+00:00"
    total = state_of(hass, "sensor.cellar_water_meter_io_1_total")
    assert total.state == "0.0"
    assert total.attributes["device_class"] == "water"
    assert total.attributes["state_class"] == "total_increasing"
    assert total.attributes["unit_of_measurement"] == "L"
    battery = state_of(hass, "sensor.cellar_water_meter_battery_voltage")
    assert float(battery.state) == pytest.approx(3.0, abs=0.2)
    assert shown(hass, "sensor.soil_probe_gs3_io_3") != "unknown"
    assert (
        shown(hass, "sensor.cellar_water_meter_last_measurement")
        == "2026-11-20T08:00:00+00:00"
    )
    tracker = state_of(hass, "device_tracker.cellar_water_meter_location")
    assert tracker.attributes["latitude"] == pytest.approx(52.0907)
    assert (
        state_of(hass, "sensor.pump_pressure_4_20_io_1").attributes["device_class"]
        == "current"
    )
    meter = next(
        device
        for device in dr.async_entries_for_config_entry(
            device_registry, loaded.entry_id
        )
        if device.serial_number == "d--0000-0000-0000-0097"
    )
    assert (meter.manufacturer, meter.model) == ("Arch Systems", "POD-1G[g1] v2")
    assert (meter.model_id, meter.hw_version) == ("arch0033", "v4.3.0")
    assert meter.sw_version == "water-meter-v1-1-0"
    home = device_registry.async_get(meter.via_device_id or "")
    assert home is not None
    assert home.name == "House"
    assert getattr(home, "entry_type", None) is dr.DeviceEntryType.SERVICE


async def test_what_is_not_enabled(
    hass: HomeAssistant, loaded: MockConfigEntry, entity_registry: er.EntityRegistry
) -> None:
    def disabled(device: str, point: str) -> bool:
        unique = f"{loaded.unique_id}/{device}/{point}"
        found = entity_registry.async_get_entity_id("sensor", DOMAIN, unique)
        assert found is not None, point
        return entity_registry.entities[found].disabled

    meter = "d--0000-0000-0000-0097"
    # Live values that only the phone sees, the last interval, restarts.
    assert disabled(meter, "100b")
    assert disabled(meter, "5001")
    assert disabled(meter, "5c00")
    assert disabled(meter, "last_report")
    assert disabled(meter, "state")
    # An inactive device that never reported; one that did.
    assert disabled("d--0000-0000-0000-0333", "500f")
    assert not disabled("d--0000-0000-0000-1234", "5023")
    assert not disabled(meter, "5001_total")
    assert shown(hass, "sensor.pod_1m_ae1_v2_temperature") == "21.5"


async def test_every_entity_can_be_enabled(
    hass: HomeAssistant, loaded: MockConfigEntry, entity_registry: er.EntityRegistry
) -> None:
    def all_of_it() -> list[er.RegistryEntry]:
        return er.async_entries_for_config_entry(entity_registry, loaded.entry_id)

    for entity in all_of_it():
        entity_registry.async_update_entity(entity.entity_id, disabled_by=None)
    await hass.config_entries.async_reload(loaded.entry_id)
    await hass.async_block_till_done()
    left_out = [
        entity.entity_id
        for entity in all_of_it()
        if (state := hass.states.get(entity.entity_id)) is None
        or ATTR_RESTORED in state.attributes
    ]
    assert not left_out
    yesterday = state_of(hass, "sensor.cellar_water_meter_io_1_yesterday")
    assert "last_reset" not in yesterday.attributes
    assert float(yesterday.state) >= 0


async def test_totals_count_every_point_once(
    hass: HomeAssistant, server: IOTileServer, loaded: MockConfigEntry, poll: Poll
) -> None:
    world = server.world
    total = "sensor.cellar_water_meter_io_1_total"
    world.add(METER, LAST + HOUR, 10, local_id=2000)
    await poll()
    assert float(shown(hass, total)) == pytest.approx(10 * GALLON)
    # Read again; late, within what every look covers; twice the same, without an id.
    world.add(METER, LAST - 2 * HOUR + 5, 7, local_id=1999)
    world.add(METER, LAST + HOUR + 60, 1)
    world.add(METER, LAST + HOUR + 60, 1)
    await poll()
    assert float(shown(hass, total)) == pytest.approx(19 * GALLON)
    # Later than that: found when all is looked through again.
    world.add(METER, LAST - 40 * HOUR, 100, local_id=1998)
    await poll()
    assert float(shown(hass, total)) == pytest.approx(19 * GALLON)
    await poll(6 * HOUR)
    assert float(shown(hass, total)) == pytest.approx(119 * GALLON)
    # The state is the newest value, not the last one to arrive.
    state = hass.states.get("sensor.cellar_water_meter_last_measurement")
    assert state is not None
    assert state.state == datetime.fromtimestamp(LAST + HOUR + 60, UTC).isoformat()
    # After a restart nothing is added twice, and points that arrived meanwhile are added.
    assert await hass.config_entries.async_unload(loaded.entry_id)
    world.add(METER, LAST + 2 * HOUR, 5, local_id=2001)
    assert await hass.config_entries.async_setup(loaded.entry_id)
    await hass.async_block_till_done()
    assert float(shown(hass, total)) == pytest.approx(124 * GALLON)


async def test_after_a_long_silence_day_by_day(
    hass: HomeAssistant, server: IOTileServer, loaded: MockConfigEntry, clock: Any
) -> None:
    assert await hass.config_entries.async_unload(loaded.entry_id)
    clock.jump(20 * 24 * HOUR)
    server.world.add(METER, LAST + 24 * HOUR, 3, local_id=3000)
    server.world.add(METER, LAST + 15 * 24 * HOUR, 4, local_id=3001)
    server.log.clear()
    assert await hass.config_entries.async_setup(loaded.entry_id)
    await hass.async_block_till_done()
    assert float(shown(hass, "sensor.cellar_water_meter_io_1_total")) == pytest.approx(
        7 * GALLON
    )
    frames = [
        request
        for request in server.log.to("GET", f"{API}/df/")
        if request.query["filter"].endswith("0097")
    ]
    assert len(frames) == 21
    assert len({request.query["start"] for request in frames}) == 21


async def test_events(
    hass: HomeAssistant, server: IOTileServer, loaded: MockConfigEntry, poll: Poll
) -> None:
    entity = "event.pod_1m_ae1_v2_accelerometer"
    # Earlier points cause no event.
    assert shown(hass, entity) == "unknown"
    server.world.add_event(SHOCKS, LAST - HOUR, {"axis": "z", "peak": 99.5})
    await poll(3600)
    state = state_of(hass, entity)
    assert state.attributes["event_type"] == "pod-1m-accelerometer"
    assert state.attributes["peak"] == 99.5
    assert state.attributes["measured_at"] == "2026-11-20T07:00:00+00:00"
    before = state.state
    await poll(3600)
    assert shown(hass, entity) == before


async def test_problem(
    hass: HomeAssistant, server: IOTileServer, entry: MockConfigEntry, poll: Poll
) -> None:
    status = server.world.statuses["d--0000-0000-0000-0097"]
    status |= {"health_check_enabled": True, "alert": "OK"}
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    entity = "binary_sensor.cellar_water_meter_reports_overdue"
    assert shown(hass, entity) == "off"
    status["alert"] = "FAIL"
    await poll()
    assert shown(hass, entity) == "on"
    status["alert"] = "UNK"
    await poll()
    assert shown(hass, entity) == "unknown"


async def test_things_come_and_go(
    hass: HomeAssistant, server: IOTileServer, loaded: MockConfigEntry, poll: Poll
) -> None:
    world = server.world
    device = world.add_device(0x555, "New meter", project="p--0000-0006")
    stream = world.add_stream("s--0000-0006--0000-0000-0000-0111--500f", device)
    world.add(stream["slug"], LAST, 12000)
    await poll(6 * HOUR)
    assert shown(hass, "sensor.new_meter_io_1") == "12.0"
    # Another unit, another name; the entity stays.
    stream |= {"data_label": "Bed"}
    stream["output_unit"] = {
        **stream["output_unit"],
        "unit_short": "F",
        "unit_full": "Fahrenheit",
        "m": 9,
        "d": 5,
        "o": -459.67,
    }
    await poll(6 * HOUR)
    state = state_of(hass, "sensor.new_meter_io_1")
    # Home Assistant converts to its own unit.
    assert float(state.state) == pytest.approx(12.0)
    # Moved to another project: new slugs, the same entities.
    world.move("d--0000-0000-0000-00a0", "p--0000-0006")
    await poll(6 * HOUR)
    registry = er.async_get(hass)
    assert registry.async_get("sensor.boiler_room_temperatures_external_500f")
    world.devices.remove(device)
    world.streams.remove(stream)
    await poll(6 * HOUR)
    assert hass.states.get("sensor.new_meter_io_1") is None


class TestProjects:
    """Only some projects."""

    @pytest.fixture
    def options(self) -> dict[str, Any]:
        return {"projects": ["p--0000-0006"]}

    async def test_others_are_left_alone(
        self, hass: HomeAssistant, server: IOTileServer, loaded: MockConfigEntry
    ) -> None:
        assert hass.states.get("sensor.soil_probe_gs3_io_3")
        assert hass.states.get("sensor.cellar_water_meter_io_1_total") is None
        assert not any(
            request.query["filter"].endswith("0097")
            for request in server.log.to("GET", f"{API}/df/")
        )


class TestVolumes:
    """The user decides about the meaning of volumes."""

    @pytest.fixture
    def options(self) -> dict[str, Any]:
        return {"readings": [VIRTUAL]}

    async def test_a_virtual_meter(
        self,
        hass: HomeAssistant,
        server: IOTileServer,
        loaded: MockConfigEntry,
        poll: Poll,
    ) -> None:
        assert shown(hass, "sensor.house_total") == "unknown"
        server.world.add(VIRTUAL, LAST, 123456)
        await poll(3600)
        state = state_of(hass, "sensor.house_total")
        assert float(state.state) == pytest.approx(123.456)
        assert state.attributes["device_class"] == "water"
        assert state.attributes["state_class"] == "total_increasing"


async def test_diagnostics(
    hass: HomeAssistant, world: World, loaded: MockConfigEntry
) -> None:
    found = json.dumps(await async_get_config_entry_diagnostics(hass, loaded))
    secrets = {"52.09", loaded.data["token"], loaded.data["url"]}
    for user in world.users:
        secrets |= {user.token, user.password, user.email}
    for rows, field in ((world.devices, "label"), (world.projects, "name")):
        secrets |= {row[field] for row in rows}
    secrets |= {row["slug"] for row in (*world.devices, *world.streams)}
    assert len(secrets) > 50
    for secret in secrets:
        assert secret not in found, secret
    assert re.search(r'"streams": 36', found)


async def test_unload_and_remove(
    hass: HomeAssistant, loaded: MockConfigEntry, hass_storage: dict[str, Any]
) -> None:
    key = f"junction.{loaded.entry_id}.iotile"
    assert await hass.config_entries.async_unload(loaded.entry_id)
    assert hass_storage[key]["data"]["totals"]
    await hass.config_entries.async_remove(loaded.entry_id)
    await hass.async_block_till_done()
    assert key not in hass_storage
