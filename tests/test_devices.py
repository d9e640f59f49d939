"""Devices in the registry."""

from dataclasses import replace
from types import MappingProxyType

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    entity_registry as er,
)
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.junction.const import DOMAIN
from custom_components.junction.devices import async_sync, device_identifier
from custom_components.junction.model import DeviceSpec, Topology

from .common import Poll, shown
from .fake_backend import ROOM, House
from .fake_house import switch


@pytest.fixture
def bare(hass: HomeAssistant) -> MockConfigEntry:
    """Return an entry without a backend, to sync topologies by hand."""
    entry = MockConfigEntry(domain=DOMAIN, title="Bare", unique_id="bare:1")
    entry.add_to_hass(hass)
    return entry


def find(
    registry: dr.DeviceRegistry, entry: MockConfigEntry, device: str
) -> dr.DeviceEntry:
    found = registry.async_get_device_by_identifier(
        device_identifier(entry, device), entry.entry_id
    )
    assert found is not None
    return found


def test_identifier_does_not_hang_on_the_entry_id(loaded: MockConfigEntry) -> None:
    assert device_identifier(loaded, ROOM) == (DOMAIN, "fake:4711/room")


async def test_everything_that_is_known(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    device_registry: dr.DeviceRegistry,
    area_registry: ar.AreaRegistry,
) -> None:
    hub = find(device_registry, loaded, "hub")
    area = area_registry.async_get_area_by_name("Attic")
    assert area is not None
    assert hub.area_id == area.id
    assert hub.connections == {("mac", "02:00:00:00:00:01")}
    assert (hub.name, hub.manufacturer, hub.model, hub.model_id) == (
        "Hub",
        "Fake",
        "Bridge",
        "B1",
    )
    assert (hub.serial_number, hub.sw_version, hub.hw_version) == (
        "4711",
        "1.2.3",
        "rev A",
    )
    assert hub.configuration_url == "http://127.0.0.1:8080"
    assert hub.entry_type is None
    assert hub.via_device_id is None


async def test_parents_come_first(
    loaded: MockConfigEntry, device_registry: dr.DeviceRegistry
) -> None:
    """The house lists a child before its parent."""
    hub = find(device_registry, loaded, "hub")
    room = find(device_registry, loaded, ROOM)
    sensor = find(device_registry, loaded, "sensor")
    assert room.via_device_id == hub.id
    assert sensor.via_device_id == room.id


@pytest.mark.parametrize(
    "vias",
    [
        {"a": "b", "b": "a"},
        {"a": "a", "b": None},
        {"a": "nobody", "b": "a"},
    ],
    ids=["circle", "itself", "unknown"],
)
async def test_odd_parents_cost_no_device(
    hass: HomeAssistant,
    bare: MockConfigEntry,
    device_registry: dr.DeviceRegistry,
    vias: dict[str, str | None],
) -> None:
    devices = tuple(
        DeviceSpec(id=device, name=device, via=via) for device, via in vias.items()
    )
    async_sync(hass, bare, Topology(devices=devices))
    parents = {
        device: find(device_registry, bare, device).via_device_id for device in vias
    }
    assert parents["a"] is None
    if vias["b"] == "a":
        assert parents["b"] == find(device_registry, bare, "a").id


async def test_service_and_names(
    hass: HomeAssistant, bare: MockConfigEntry, device_registry: dr.DeviceRegistry
) -> None:
    assert await async_setup_component(hass, DOMAIN, {})
    devices = (
        DeviceSpec(id="cloud", name="Cloud", service=True),
        DeviceSpec(id="named", translation_key="gas_meter"),
        DeviceSpec(id="nameless"),
    )
    for _ in range(2):
        async_sync(hass, bare, Topology(devices=devices))
        cloud = find(device_registry, bare, "cloud")
        assert cloud.entry_type is dr.DeviceEntryType.SERVICE
        assert find(device_registry, bare, "named").name == "Gas meter"
        assert find(device_registry, bare, "nameless").name == "Bare"


async def test_change_is_followed_and_a_persons_choice_kept(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    house: House,
    poll: Poll,
    device_registry: dr.DeviceRegistry,
) -> None:
    hub = find(device_registry, loaded, "hub")
    device_registry.async_update_device(hub.id, name_by_user="Mine", area_id=None)
    house.add(replace(house.devices["hub"], sw_version="2.0", name="Other"))
    await poll()
    hub = find(device_registry, loaded, "hub")
    assert (hub.sw_version, hub.name, hub.name_by_user) == ("2.0", "Other", "Mine")
    assert hub.area_id is None


async def test_vanished_device_is_removed(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    house: House,
    poll: Poll,
    device_registry: dr.DeviceRegistry,
) -> None:
    sensor = find(device_registry, loaded, "sensor")
    device_registry.async_update_device(sensor.id, name_by_user="Garden")
    spec = house.devices["sensor"]
    point = house.points["sensor", "counter"], 1.0
    house.remove("sensor")
    await poll()
    assert device_registry.async_get(sensor.id) is None
    assert hass.states.get("sensor.outside_counter") is None

    # The user's own name stays.
    house.add(spec, point)
    await poll()
    assert find(device_registry, loaded, "sensor").name_by_user == "Garden"
    assert hass.states.get("sensor.outside_counter") is not None


async def test_devices_of_other_entries_are_left_alone(
    hass: HomeAssistant, bare: MockConfigEntry, device_registry: dr.DeviceRegistry
) -> None:
    other = MockConfigEntry(domain=DOMAIN, unique_id="bare:2")
    other.add_to_hass(hass)
    spec = DeviceSpec(id="same", name="Same")
    for entry in (bare, other):
        async_sync(hass, entry, Topology(devices=(spec,)))
    async_sync(hass, bare, Topology())
    assert not dr.async_entries_for_config_entry(device_registry, bare.entry_id)
    assert find(device_registry, other, "same").name == "Same"


async def test_device_of_a_subentry(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    house: House,
    device_registry: dr.DeviceRegistry,
    entity_registry: er.EntityRegistry,
) -> None:
    """A device of a subentry is removed with it, the others stay."""
    sub = ConfigSubentry(
        data=MappingProxyType({}), subentry_type="more", title="More", unique_id="m"
    )
    hass.config_entries.async_add_subentry(entry, sub)
    house.add(
        DeviceSpec(id="extra", name="Extra", subentry=sub.subentry_id),
        switch(house, "extra", "Lamp"),
    )
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    extra = find(device_registry, entry, "extra")
    assert extra.config_subentry_id == sub.subentry_id
    lamp = entity_registry.async_get("switch.extra_lamp")
    assert lamp is not None
    assert lamp.config_subentry_id == sub.subentry_id
    assert find(device_registry, entry, ROOM).config_subentry_id is None

    house.remove("extra")
    hass.config_entries.async_remove_subentry(entry, sub.subentry_id)
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert device_registry.async_get(extra.id) is None
    assert hass.states.get("switch.extra_lamp") is None
    assert shown(hass, "sensor.room_temperature") == "20.5"
