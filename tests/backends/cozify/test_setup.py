"""Setup, devices, entities, requests, and objects that appear and disappear."""

from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    entity_registry as er,
)
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.junction.backends.cozify import adapter
from custom_components.junction.backends.cozify.client import poller, probe
from custom_components.junction.const import DOMAIN
from simulators import http_faults as faults
from simulators.cozify import seed
from simulators.cozify.server import CozifyWorld

from ...common import shown, state_of
from .conftest import entity_id, until

# Every row of the mapping table: device, point, platform, state, on by default.
ENTITIES = [
    (seed.LAMP_CT, "light", "light", "on", True),
    (seed.LAMP_GONE, "light", "light", "unavailable", True),
    (seed.LAMP_CT, "identify", "button", "unknown", False),
    (seed.LAMP_CT, "last_seen", "sensor", "2018-01-14T17:02:00+00:00", False),
    (seed.DIMMER, "light", "light", "on", True),
    (seed.DIMMER, "last_seen", "sensor", "unknown", False),
    (seed.PLUG, "switch", "switch", "off", True),
    (seed.PLUG, "power", "sensor", "0.0", True),
    (seed.PLUG, "energy", "sensor", "123.456", True),
    (seed.PLUG, "energy_today", "sensor", "0.75", True),
    (seed.PLUG, "rssi", "sensor", "-61", False),
    (seed.CLIMATE_SENSOR, "temperature", "sensor", "21.3", True),
    (seed.CLIMATE_SENSOR, "humidity", "sensor", "41.5", True),
    (seed.CLIMATE_SENSOR, "illuminance", "sensor", "120.0", True),
    (seed.CLIMATE_SENSOR, "pressure", "sensor", "1013.25", True),
    (seed.CLIMATE_SENSOR, "voc", "sensor", "3.0", True),
    (seed.CLIMATE_SENSOR, "battery", "sensor", "87", True),
    (seed.CLIMATE_SENSOR, "battery_voltage", "sensor", "2.9", True),
    (seed.CLIMATE_SENSOR, "battery_low", "binary_sensor", "off", True),
    (seed.MOTION, "motion", "binary_sensor", "off", True),
    (seed.MOTION, "vibration", "binary_sensor", "off", True),
    (seed.CONTACT, "contact", "binary_sensor", "off", True),
    (seed.SMOKE, "smoke", "binary_sensor", "off", True),
    (seed.MOISTURE, "moisture", "binary_sensor", "off", True),
    (seed.CO, "co", "binary_sensor", "off", True),
    (seed.CO2, "co2", "sensor", "612", True),
    (seed.TWILIGHT, "twilight", "binary_sensor", "on", True),
    (seed.PHONE, "presence", "binary_sensor", "on", True),
    (seed.REMOTE, "remote", "event", "unknown", True),
    (seed.DOORBELL, "doorbell", "event", "unknown", True),
    (seed.THERMOSTAT, "climate", "climate", "heat", True),
    (seed.HEAT_PUMP, "climate", "climate", "heat", True),
    (seed.HEAT_PUMP, "temperature", "sensor", "20.5", True),
    (seed.VENTILATION, "fan", "fan", "on", True),
    (seed.VENTILATION, "fireplace", "switch", "off", True),
    (seed.VENTILATION, "fresh_temperature", "sensor", "-4.0", True),
    (seed.VENTILATION, "supply_temperature", "sensor", "16.5", True),
    (seed.VENTILATION, "extract_temperature", "sensor", "21.0", True),
    (seed.CEILING_FAN, "fan", "fan", "on", True),
    (seed.BLIND, "cover", "cover", "open", True),
    (seed.SHUTTER, "cover", "cover", "open", True),
    (seed.VALVE, "valve", "valve", "open", True),
    (seed.FLOW, "flow", "sensor", "120.5", True),
    (seed.FLOW, "volume", "sensor", "123456.0", True),
    (seed.FLOW, "flow_temperature", "sensor", "7.5", True),
    (seed.SIREN, "siren", "siren", "off", True),
    (seed.SPEAKER, "player", "media_player", "playing", True),
    (seed.CAMERA, "switch", "switch", "on", True),
    (seed.FROST, "low_temperature", "binary_sensor", "off", True),
    (seed.FROST, "high_temperature", "binary_sensor", "off", True),
    (seed.FROST, "sound", "binary_sensor", "off", True),
    ("hub", "alarms", "binary_sensor", "off", True),
    ("hub", "alarm", "event", "unknown", True),
    ("hub", "home_mode", "select", "home", True),
    ("hub", f"scene_{seed.SCENE_MOVIE}", "scene", "unknown", True),
    ("hub", f"scene_switch_{seed.SCENE_HOME}", "switch", "on", False),
    ("hub", f"rule_{seed.RULE}", "switch", "on", False),
    ("hub", f"group_{seed.GROUP}", "light", "off", False),
]


async def test_entities(
    hass: HomeAssistant, enable_all: None, loaded: MockConfigEntry
) -> None:
    registry = er.async_get(hass)
    for device, point, platform, state, _ in ENTITIES:
        entity = registry.async_get(entity_id(hass, loaded, device, point))
        assert entity is not None
        assert entity.domain == platform, point
        assert shown(hass, entity.entity_id) == state, entity.entity_id
    assert {platform for _, _, platform, _, _ in ENTITIES} == {
        str(platform) for platform in adapter.INFO.platforms
    }


async def test_enabled_by_default(hass: HomeAssistant, loaded: MockConfigEntry) -> None:
    registry = er.async_get(hass)
    for device, point, _, _, enabled in ENTITIES:
        entity = registry.async_get(entity_id(hass, loaded, device, point))
        assert entity is not None
        assert (entity.disabled_by is None) is enabled, (device, point)


async def test_what_there_is_not(
    hass: HomeAssistant, enable_all: None, loaded: MockConfigEntry
) -> None:
    """Lights have no temperature, players and thermostats no switch, unknown devices nothing."""
    prefix = f"{loaded.unique_id}/"
    points = {
        entity.unique_id.removeprefix(prefix)
        for entity in er.async_entries_for_config_entry(
            er.async_get(hass), loaded.entry_id
        )
    }
    assert f"{seed.LAMP_CT}/temperature" not in points
    for device in (seed.SPEAKER, seed.THERMOSTAT, seed.SIREN, seed.PHONE):
        assert f"{device}/switch" not in points
    assert {p for p in points if p.startswith(seed.STRANGE)} == {
        f"{seed.STRANGE}/last_seen"
    }


def device(hass: HomeAssistant, entry: MockConfigEntry, identity: str) -> Any:
    """Return a device of the registry, or None."""
    return dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, f"{entry.unique_id}/{identity}"), entry.entry_id
    )


async def test_devices(hass: HomeAssistant, loaded: MockConfigEntry) -> None:
    hub = device(hass, loaded, "hub")
    assert (hub.name, hub.manufacturer, hub.sw_version) == (
        "Koti",
        "Cozify",
        "1.14.9.124",
    )
    lamp = device(hass, loaded, seed.LAMP_GONE)
    assert (lamp.name, lamp.manufacturer, lamp.model, lamp.via_device_id) == (
        "Dining Täble",
        "OSRAM",
        "Classic A60 RGBW",
        hub.id,
    )
    assert device(hass, loaded, seed.LAMP_CT).model is None
    area = ar.async_get(hass).async_get_area(lamp.area_id)
    assert area is not None
    assert area.name == "Olohuone"
    # A plain string as a room, and no room.
    area = ar.async_get(hass).async_get_area(
        device(hass, loaded, seed.ODD_LAMP).area_id
    )
    assert area is not None
    assert area.name == "Portaikko"
    assert device(hass, loaded, seed.TWILIGHT).area_id is None


async def test_requests_of_setup_and_of_an_idle_hub(
    hass: HomeAssistant, world: CozifyWorld, loaded: MockConfigEntry
) -> None:
    requests = [(r.method, r.path, r.query) for r in world.hub.server.log.requests]
    assert requests[:2] == [
        ("GET", "/hub", {}),
        ("GET", "/cc/1.14/hub/poll", {"ts": "0"}),
    ]
    # Then the poll that waits; nothing else, and nothing of the cloud.
    assert len(requests) == 3
    assert int(requests[2][2]["ts"]) > 0
    assert world.cloud_server.log.count() == 0
    assert world.hub.state.most_polls == 1


async def test_update_entity_reads_everything_in_one_poll(
    hass: HomeAssistant, world: CozifyWorld, loaded: MockConfigEntry
) -> None:
    log = world.hub.server.log
    log.clear()
    await loaded.runtime_data.async_refresh()
    assert next(r.query for r in log.requests) == {"ts": "0"}
    await until(lambda: world.hub.state.polls_now == 1)
    assert log.count() == 2
    assert world.hub.state.most_polls <= 2


async def test_options(hass: HomeAssistant, world: CozifyWorld) -> None:
    from .conftest import data_of

    entry = MockConfigEntry(
        domain=DOMAIN,
        title="Koti",
        unique_id=f"cozify:{seed.HUB_ID}",
        data=data_of(world),
        options={"covers_inverted": True, "energy_unit": "wh", "remote": "off"},
    )
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    blind = state_of(hass, entity_id(hass, entry, seed.BLIND, "cover"))
    assert blind.attributes["current_position"] == 75
    shutter = state_of(hass, entity_id(hass, entry, seed.SHUTTER, "cover"))
    assert (shutter.state, shutter.attributes["current_position"]) == ("closed", 0)
    energy = state_of(hass, entity_id(hass, entry, seed.PLUG, "energy"))
    assert energy.attributes["unit_of_measurement"] == "Wh"
    await until(lambda: world.hub.state.polls_now == 1)
    await hass.config_entries.async_unload(entry.entry_id)


async def test_devices_come_and_go(
    hass: HomeAssistant, world: CozifyWorld, loaded: MockConfigEntry
) -> None:
    new = seed.uid(777)
    world.hub.state.put(
        "devices", seed.device(new, "CO2_SENSOR", "Uusi", "CO2", "STATE_CO2", co2Ppm=9)
    )
    await until(lambda: device(hass, loaded, new))
    await hass.async_block_till_done()
    assert shown(hass, entity_id(hass, loaded, new, "co2")) == "9"
    world.hub.state.remove("devices", new)
    await until(lambda: device(hass, loaded, new) is None)
    # And again, with the same id.
    world.hub.state.put(
        "devices", seed.device(new, "CO2_SENSOR", "Uusi", "CO2", "STATE_CO2", co2Ppm=8)
    )
    await until(lambda: device(hass, loaded, new))
    await hass.async_block_till_done()
    assert shown(hass, entity_id(hass, loaded, new, "co2")) == "8"


async def test_scenes_and_rules_come_and_go(
    hass: HomeAssistant, world: CozifyWorld, loaded: MockConfigEntry
) -> None:
    scene = entity_id(hass, loaded, "hub", f"scene_{seed.SCENE_MOVIE}")
    world.hub.state.remove("scenes", seed.SCENE_MOVIE)
    world.hub.state.remove("groups", seed.GROUP)
    world.hub.state.remove("rules", seed.RULE)
    await until(lambda: hass.states.get(scene) is None)
    assert er.async_get(hass).async_get(scene) is None


async def test_renamed(
    hass: HomeAssistant, world: CozifyWorld, loaded: MockConfigEntry
) -> None:
    before = entity_id(hass, loaded, seed.LAMP_CT, "light")
    world.device(seed.LAMP_CT)["name"] = "Katto"
    world.hub.state.touch("devices", seed.LAMP_CT)
    await until(lambda: device(hass, loaded, seed.LAMP_CT).name == "Katto")
    assert entity_id(hass, loaded, seed.LAMP_CT, "light") == before


async def test_reachable(
    hass: HomeAssistant, world: CozifyWorld, loaded: MockConfigEntry
) -> None:
    lamp = entity_id(hass, loaded, seed.LAMP_GONE, "light")
    world.hub.state.set(seed.LAMP_GONE, reachable=True)
    await until(lambda: shown(hass, lamp) == "off")
    world.hub.state.set(seed.LAMP_GONE, reachable=False)
    await until(lambda: shown(hass, lamp) == "unavailable")
    # A phone that is away is not an unavailable device.
    world.hub.state.set(seed.PHONE, reachable=False)
    phone = entity_id(hass, loaded, seed.PHONE, "presence")
    await until(lambda: shown(hass, phone) == "off")


async def test_one_partial_listing_removes_nothing(
    hass: HomeAssistant,
    world: CozifyWorld,
    loaded: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(adapter, "LOOK_TWICE", 0.3)
    kept = world.hub.state.items["devices"].pop(seed.LAMP_CT)
    lamp = entity_id(hass, loaded, seed.LAMP_CT, "light")
    await loaded.runtime_data.async_refresh()
    assert shown(hass, lamp) == "unavailable"
    assert device(hass, loaded, seed.LAMP_CT) is not None
    # It is back in the second refresh.
    world.hub.state.put("devices", kept)
    await until(lambda: shown(hass, lamp) == "on")
    # It is removed after two refreshes without it.
    del world.hub.state.items["devices"][seed.LAMP_CT]
    await loaded.runtime_data.async_refresh()
    assert device(hass, loaded, seed.LAMP_CT) is not None
    world.hub.state.wake()
    await loaded.runtime_data.async_refresh()
    assert device(hass, loaded, seed.LAMP_CT) is None


async def test_partial_listing_at_the_start(
    hass: HomeAssistant,
    world: CozifyWorld,
    loaded: MockConfigEntry,
) -> None:
    kept = world.hub.state.items["devices"].pop(seed.LAMP_CT)
    await hass.config_entries.async_reload(loaded.entry_id)
    assert device(hass, loaded, seed.LAMP_CT) is not None
    world.hub.state.put("devices", kept)
    lamp = entity_id(hass, loaded, seed.LAMP_CT, "light")
    await until(lambda: shown(hass, lamp) == "on")
    await until(lambda: world.hub.state.polls_now == 1)


async def test_hub_not_there_at_the_start(
    hass: HomeAssistant, world: CozifyWorld, entry: MockConfigEntry
) -> None:
    await world.hub.server.refuse()
    await world.cloud_server.refuse()
    assert not await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    await world.hub.server.listen()
    await hass.config_entries.async_reload(entry.entry_id)
    assert entry.state is ConfigEntryState.LOADED
    await until(lambda: world.hub.state.polls_now == 1)
    await hass.config_entries.async_unload(entry.entry_id)


async def test_hub_left_the_account(
    hass: HomeAssistant, world: CozifyWorld, entry: MockConfigEntry
) -> None:
    world.mint.issued[entry.data["hub_key"]].revoked = True
    world.account.roles.clear()
    assert not await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert entry.error_reason_translation_key == "cozify_hub_gone"


async def test_unload_ends_all(
    hass: HomeAssistant, world: CozifyWorld, loaded: MockConfigEntry
) -> None:
    assert await hass.config_entries.async_unload(loaded.entry_id)
    await until(lambda: world.hub.state.polls_now == 0)
    assert loaded.state is ConfigEntryState.NOT_LOADED


async def test_removing_ends_the_login(
    hass: HomeAssistant, world: CozifyWorld, loaded: MockConfigEntry
) -> None:
    token = world.mint.issued[loaded.data["cloud_token"]]
    await hass.config_entries.async_remove(loaded.entry_id)
    assert token.revoked


async def test_removing_one_of_two_keeps_the_login(
    hass: HomeAssistant, world: CozifyWorld, loaded: MockConfigEntry
) -> None:
    MockConfigEntry(
        domain=DOMAIN, unique_id="cozify:other", data=dict(loaded.data)
    ).add_to_hass(hass)
    token = world.mint.issued[loaded.data["cloud_token"]]
    await hass.config_entries.async_remove(loaded.entry_id)
    assert not token.revoked


async def test_removing_while_the_cloud_is_away(
    hass: HomeAssistant, world: CozifyWorld, loaded: MockConfigEntry
) -> None:
    world.cloud_server.inject(faults.status(503))
    await hass.config_entries.async_remove(loaded.entry_id)


@pytest.mark.parametrize("path", ["/hub", "*/hub/poll"])
@pytest.mark.parametrize("options", [{"remote": "off"}])
async def test_hub_that_hangs_at_the_start(
    hass: HomeAssistant,
    world: CozifyWorld,
    entry: MockConfigEntry,
    path: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A hub that hangs during setup is retried later."""
    monkeypatch.setattr(probe, "TIMEOUT", 0.3)
    monkeypatch.setattr(poller, "FULL_TIMEOUT", 0.3)
    world.hub.server.inject(faults.hang(), path)
    assert not await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    world.hub.server.heal()
    assert await hass.config_entries.async_reload(entry.entry_id)
    await until(lambda: world.hub.state.polls_now == 1)
    # And once more, from a poll that hangs; waiting for it would take 20 s.
    world.hub.server.inject(faults.hang(), path)
    await hass.config_entries.async_reload(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
