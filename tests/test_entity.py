"""Entities that appear, disappear, are recreated, or renamed."""

from homeassistant.components.light.const import ColorMode
from homeassistant.components.number import NumberEntityDescription
from homeassistant.components.sensor import SensorDeviceClass, SensorEntityDescription
from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.const import (
    EVENT_STATE_CHANGED,
    STATE_OFF,
    STATE_ON,
    STATE_UNAVAILABLE,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)

from custom_components.junction.const import CONF_BACKEND, DOMAIN
from custom_components.junction.devices import device_identifier, entity_unique_id
from custom_components.junction.model import DeviceSpec, Snapshot

from .common import Poll, act, shown, state_of, writes, written_since
from .fake_backend import ROOM, FakeBackend, House
from .fake_house import light, switch

TEMPERATURE = "sensor.room_temperature"


async def test_unique_id_and_device_outlive_everything(
    hass: HomeAssistant, loaded: MockConfigEntry, entity_registry: er.EntityRegistry
) -> None:
    entity = entity_registry.async_get(TEMPERATURE)
    assert entity is not None
    assert entity.unique_id == "fake:4711/room/temperature"
    assert entity.unique_id == entity_unique_id(loaded, (ROOM, "temperature"))
    assert entity.has_entity_name
    assert loaded.entry_id not in entity.unique_id


@pytest.mark.parametrize("pushed", [False, True])
async def test_point_appears_and_vanishes(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    house: House,
    poll: Poll,
    entity_registry: er.EntityRegistry,
    pushed: bool,
) -> None:
    async def tell() -> None:
        if pushed:
            house.push(*house.states, topology=house.topology)
            await hass.async_block_till_done()
        else:
            await poll()

    before = writes(hass)
    house.add(switch(house, ROOM, "Pump"))
    await tell()
    assert shown(hass, "switch.room_pump") == STATE_OFF
    assert written_since(hass, before) == {"switch.room_pump"}
    await act(hass, "switch.turn_on", "switch.room_pump")
    assert shown(hass, "switch.room_pump") == STATE_ON

    house.remove((ROOM, "pump"))
    await tell()
    assert hass.states.get("switch.room_pump") is None
    assert entity_registry.async_get("switch.room_pump") is None
    assert shown(hass, TEMPERATURE) == "20.5"

    house.add(switch(house, ROOM, "Pump"))
    await tell()
    assert shown(hass, "switch.room_pump") == STATE_OFF


async def test_first_state_of_a_new_point_is_its_own(
    hass: HomeAssistant, loaded: MockConfigEntry, house: House
) -> None:
    """It does not appear as unavailable first, which would stay in the history."""
    events = async_capture_events(hass, EVENT_STATE_CHANGED)
    house.add(switch(house, ROOM, "Pump"))
    house.push((ROOM, "pump"), topology=house.topology)
    await hass.async_block_till_done()
    seen = [event.data["new_state"] for event in events]
    assert [state.state for state in seen if state is not None] == [STATE_OFF]


async def test_incomplete_listing_removes_nothing(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    house: House,
    poll: Poll,
    entity_registry: er.EntityRegistry,
    device_registry: dr.DeviceRegistry,
) -> None:
    plain = house.points[ROOM, "plain"], house.states[ROOM, "plain"]
    known, devices = len(entity_registry.entities), len(device_registry.devices)
    house.remove((ROOM, "plain"), "sensor")
    house.listing(complete=False)
    await poll()
    assert shown(hass, "switch.room_plain") == STATE_UNAVAILABLE
    assert shown(hass, "sensor.outside_counter") == STATE_UNAVAILABLE
    assert len(entity_registry.entities) == known
    assert len(device_registry.devices) == devices

    # After its return, the entity that waited has the value.
    house.add(plain)
    house.listing(complete=False)
    await poll()
    assert shown(hass, "switch.room_plain") == STATE_OFF

    house.listing(complete=True)
    await poll()
    assert hass.states.get("sensor.outside_counter") is None
    assert len(device_registry.devices) == devices - 1


async def test_what_a_person_removed_meanwhile_comes_back(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    house: House,
    poll: Poll,
    entity_registry: er.EntityRegistry,
) -> None:
    plain = house.points[ROOM, "plain"], house.states[ROOM, "plain"]
    house.remove((ROOM, "plain"))
    house.listing(complete=False)
    await poll()
    entity_registry.async_remove("switch.room_plain")
    await hass.async_block_till_done()
    assert hass.states.get("switch.room_plain") is None
    house.add(plain)
    await poll()
    assert shown(hass, "switch.room_plain") == STATE_OFF


async def test_disabled_entity_stays_away(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    house: House,
    poll: Poll,
    entity_registry: er.EntityRegistry,
) -> None:
    entity_registry.async_update_entity(
        TEMPERATURE, disabled_by=er.RegistryEntryDisabler.USER
    )
    await hass.async_block_till_done()
    assert hass.states.get(TEMPERATURE) is None
    house.states[ROOM, "temperature"] = 1.0
    house.listing(complete=True)
    await poll()
    assert hass.states.get(TEMPERATURE) is None


async def test_remade_point_is_adopted(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    house: House,
    poll: Poll,
    entity_registry: er.EntityRegistry,
) -> None:
    """Renamed and with other limits in the backend: the same entity, at once."""
    entity = "number.room_level"
    assert state_of(hass, entity).attributes["max"] == 10
    house.remake(
        (ROOM, "level"),
        name="Flow",
        description=NumberEntityDescription(
            key="level", native_min_value=5, native_max_value=50, native_step=5
        ),
    )
    await poll()
    attributes = state_of(hass, entity).attributes
    assert (attributes["min"], attributes["max"], attributes["step"]) == (5, 50, 5)
    assert attributes["friendly_name"] == "Room Flow"
    registered = entity_registry.async_get(entity)
    assert registered is not None
    assert registered.original_name == "Flow"
    assert registered.capabilities is not None
    assert registered.capabilities["max"] == 50
    await act(hass, "number.set_value", entity, value=40)
    assert shown(hass, entity) == "40.0"


async def test_remade_point_is_steered_by_its_new_command(
    hass: HomeAssistant, loaded: MockConfigEntry, house: House, poll: Poll
) -> None:
    told: list[bool] = []

    async def set_on(on: bool) -> None:
        told.append(on)
        house.states[ROOM, "plain"] = on

    house.remake((ROOM, "plain"), set_on=set_on)
    await poll()
    await act(hass, "switch.turn_on", "switch.room_plain")
    assert told == [True]
    assert house.told == []


async def test_backend_that_stops_naming_leaves_it_to_the_description(
    hass: HomeAssistant, loaded: MockConfigEntry, house: House, poll: Poll
) -> None:
    house.remake((ROOM, "temperature"), name=None)
    await poll()
    # The device class names it.
    assert state_of(hass, TEMPERATURE).attributes["friendly_name"] == "Room Temperature"
    house.remake((ROOM, "temperature"), name="Warmth")
    await poll()
    assert state_of(hass, TEMPERATURE).attributes["friendly_name"] == "Room Warmth"


async def test_translated_name_with_placeholders(
    hass: HomeAssistant, loaded: MockConfigEntry, house: House, poll: Poll
) -> None:
    for phase in ("L1", "L2"):
        house.remake(
            (ROOM, "temperature"),
            name=None,
            description=SensorEntityDescription(
                key="temperature",
                device_class=SensorDeviceClass.VOLTAGE,
                native_unit_of_measurement="V",
                translation_key="voltage_phase",
            ),
            placeholders={"phase": phase},
        )
        await poll()
        name = state_of(hass, TEMPERATURE).attributes["friendly_name"]
        assert name == f"Room Voltage {phase}"


async def test_persons_own_names_survive(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    house: House,
    poll: Poll,
    entity_registry: er.EntityRegistry,
) -> None:
    entity_registry.async_update_entity(
        TEMPERATURE, name="Cosy", new_entity_id="sensor.cosy", icon="mdi:fire"
    )
    await hass.async_block_till_done()
    house.remake((ROOM, "temperature"), name="Renamed in the backend")
    await poll()
    house.change((ROOM, "temperature"), 22.0)
    assert shown(hass, "sensor.cosy") == "22.0"
    # 2026.11 puts the device's name before the user's own.
    assert state_of(hass, "sensor.cosy").attributes["friendly_name"] in {
        "Cosy",
        "Room Cosy",
    }

    await hass.config_entries.async_reload(loaded.entry_id)
    await hass.async_block_till_done()
    assert shown(hass, "sensor.cosy") == "22.0"

    # Removed and added again, under another entry id: the unique id is the same.
    await hass.config_entries.async_remove(loaded.entry_id)
    again = MockConfigEntry(
        domain=DOMAIN, unique_id=loaded.unique_id, data={CONF_BACKEND: "fake"}
    )
    assert again.entry_id != loaded.entry_id
    again.add_to_hass(hass)
    assert await hass.config_entries.async_setup(again.entry_id)
    await hass.async_block_till_done()
    entity = entity_registry.async_get("sensor.cosy")
    assert entity is not None
    assert (entity.name, entity.icon) == ("Cosy", "mdi:fire")
    assert shown(hass, "sensor.cosy") == "22.0"


@pytest.mark.parametrize("reload", [False, True])
async def test_switch_becomes_a_light(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    house: House,
    poll: Poll,
    entity_registry: er.EntityRegistry,
    reload: bool,
) -> None:
    """An option of a backend: the same point on another platform."""
    house.remove((ROOM, "plain"))
    house.add(light(house, ROOM, "Plain", ColorMode.ONOFF))
    if reload:
        await hass.config_entries.async_reload(loaded.entry_id)
        await hass.async_block_till_done()
    else:
        await poll()
    assert hass.states.get("switch.room_plain") is None
    assert entity_registry.async_get("switch.room_plain") is None
    assert shown(hass, "light.room_plain") == STATE_OFF
    await act(hass, "light.turn_on", "light.room_plain")
    assert shown(hass, "light.room_plain") == STATE_ON


async def test_vanished_before_it_was_added(
    hass: HomeAssistant, loaded: MockConfigEntry, house: House
) -> None:
    """Of two topologies at once, the second one counts."""
    house.add(switch(house, ROOM, "Pump"))
    house.push((ROOM, "pump"), topology=house.topology)
    house.listing(complete=False)
    house.push(topology=house.topology)
    house.remove((ROOM, "pump"))
    house.listing(complete=True)
    house.push(topology=house.topology)
    await hass.async_block_till_done()
    assert (hass.states.get("switch.room_pump") is None) or (
        shown(hass, "switch.room_pump") == STATE_UNAVAILABLE
    )


async def test_entry_disabled_and_enabled(
    hass: HomeAssistant, loaded: MockConfigEntry, house: House
) -> None:
    await hass.config_entries.async_set_disabled_by(
        loaded.entry_id, ConfigEntryDisabler.USER
    )
    await hass.async_block_till_done()
    # 2026.11 has no state for disabled entities, 2026.10 an unavailable one.
    gone = hass.states.get(TEMPERATURE)
    assert gone is None or gone.state == STATE_UNAVAILABLE
    await hass.config_entries.async_set_disabled_by(loaded.entry_id, None)
    await hass.async_block_till_done()
    assert shown(hass, TEMPERATURE) == "20.5"


async def test_snapshot_of_a_device_without_points(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    house: House,
    device_registry: dr.DeviceRegistry,
) -> None:
    house.add(DeviceSpec(id="empty", name="Empty"))
    snapshot = await FakeBackend(house).fetch()
    assert isinstance(snapshot, Snapshot)
    house.push(topology=snapshot.topology)
    device = device_registry.async_get_device_by_identifier(
        device_identifier(loaded, "empty"), loaded.entry_id
    )
    assert device is not None
    assert device.name == "Empty"
