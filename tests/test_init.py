"""Setting an installation up, and leaving nothing of it behind."""

import asyncio
from unittest.mock import patch

from homeassistant.config_entries import SOURCE_IGNORE, ConfigEntryState
from homeassistant.const import EVENT_HOMEASSISTANT_STOP, STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.junction import backends
from custom_components.junction.const import CONF_BACKEND, DOMAIN
from custom_components.junction.devices import device_identifier
from custom_components.junction.errors import UnreachableError

from . import fake_backend, fake_house
from .common import Poll, shown
from .fake_backend import ROOM, House

TEMPERATURE = "sensor.room_temperature"


async def test_set_up_and_unload(
    hass: HomeAssistant, loaded: MockConfigEntry, house: House, poll: Poll
) -> None:
    assert loaded.runtime_data.info is fake_backend.INFO
    assert await hass.config_entries.async_unload(loaded.entry_id)
    assert loaded.state is ConfigEntryState.NOT_LOADED
    assert shown(hass, TEMPERATURE) == STATE_UNAVAILABLE
    assert house.sink is None
    assert house.calls["close"] == 1
    await poll()
    assert house.calls["fetch"] == 1

    assert await hass.config_entries.async_setup(loaded.entry_id)
    await hass.async_block_till_done()
    assert shown(hass, TEMPERATURE) == "20.5"


async def test_home_assistant_stops(
    hass: HomeAssistant, loaded: MockConfigEntry, house: House, poll: Poll
) -> None:
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    await hass.async_block_till_done()
    assert loaded.state is ConfigEntryState.LOADED
    assert house.calls["close"] == 1
    await poll()
    assert house.calls["fetch"] == 1
    # The last known state is recorded last.
    assert shown(hass, TEMPERATURE) == "20.5"


async def test_home_assistant_stops_during_set_up(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    house: House,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The end of the set-up does not stop listening to the stop a second time."""
    house.gates["connect"] = asyncio.Event()
    start = hass.async_create_task(hass.config_entries.async_setup(entry.entry_id))
    while not house.calls["connect"]:
        await asyncio.sleep(0.01)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    await asyncio.sleep(0)
    house.errors["connect"] = UnreachableError()
    house.gates["connect"].set()
    await start
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert "Unable to remove" not in caplog.text
    assert "ValueError" not in caplog.text


async def test_unload_during_a_poll(
    hass: HomeAssistant, loaded: MockConfigEntry, house: House
) -> None:
    gate = house.gates["fetch"] = asyncio.Event()
    assert house.sink is not None
    house.sink.refresh()
    while house.calls["fetch"] < 2:
        await asyncio.sleep(0.01)
    assert await hass.config_entries.async_unload(loaded.entry_id)
    assert loaded.state is ConfigEntryState.NOT_LOADED
    gate.set()
    assert house.at_once["fetch"] == 0


async def test_platform_that_cannot_unload(
    hass: HomeAssistant, loaded: MockConfigEntry, house: House
) -> None:
    with patch.object(
        hass.config_entries, "async_unload_platforms", return_value=False
    ):
        assert not await hass.config_entries.async_unload(loaded.entry_id)
    assert house.calls["close"] == 0


async def test_only_the_backends_platforms_are_set_up(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    for platform in fake_backend.INFO.platforms:
        assert f"{DOMAIN}.{platform}" in hass.config.components


async def test_unknown_backend(hass: HomeAssistant) -> None:
    entry = MockConfigEntry(
        domain=DOMAIN, unique_id="future:1", data={CONF_BACKEND: "future"}
    )
    entry.add_to_hass(hass)
    assert not await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.SETUP_ERROR
    assert entry.error_reason_translation_key == "unknown_backend"
    assert entry.error_reason_translation_placeholders == {"backend": "future"}
    # It can be removed all the same.
    result = await hass.config_entries.async_remove(entry.entry_id)
    assert result == {"require_restart": False}


@pytest.mark.parametrize(
    ("version", "minor_version", "state"),
    [
        (1, 1, ConfigEntryState.LOADED),
        # A newer minor version can still be read, a newer major one cannot.
        (1, 9, ConfigEntryState.LOADED),
        (2, 1, ConfigEntryState.MIGRATION_ERROR),
    ],
)
async def test_entry_of_a_newer_version(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    version: int,
    minor_version: int,
    state: ConfigEntryState,
) -> None:
    hass.config_entries.async_update_entry(
        entry, version=version, minor_version=minor_version
    )
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert entry.state is state


async def test_removed_entry_leaves_nothing(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    house: House,
    entity_registry: er.EntityRegistry,
    device_registry: dr.DeviceRegistry,
) -> None:
    result = await hass.config_entries.async_remove(loaded.entry_id)
    await hass.async_block_till_done()
    assert result == {"require_restart": False}
    assert not er.async_entries_for_config_entry(entity_registry, loaded.entry_id)
    assert not dr.async_entries_for_config_entry(device_registry, loaded.entry_id)
    assert [s for s in hass.states.async_all() if s.domain != "zone"] == []
    assert house.calls["remove"] == 1
    assert house.calls["close"] == 1


async def test_backends_are_imported_only_when_needed(
    hass: HomeAssistant, entry: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An installation of one backend does not depend on the code of another."""
    missing = backends.Registered(adapter="no.such.module", flow="no.such.module")
    monkeypatch.setitem(backends.BACKENDS, "other", missing)
    ignored = MockConfigEntry(
        domain=DOMAIN, unique_id="other:1", source=SOURCE_IGNORE, data={}
    )
    ignored.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED


async def test_two_installations_do_not_meet(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    house: House,
    monkeypatch: pytest.MonkeyPatch,
    device_registry: dr.DeviceRegistry,
) -> None:
    other = fake_house.full_house()
    monkeypatch.setitem(fake_backend.HOUSES, "fake:4712", other)
    second = MockConfigEntry(
        domain=DOMAIN,
        title="Second house",
        unique_id="fake:4712",
        data={CONF_BACKEND: "fake"},
    )
    second.add_to_hass(hass)
    assert await hass.config_entries.async_setup(second.entry_id)
    await hass.async_block_till_done()
    other.change((ROOM, "temperature"), 30.0)
    assert shown(hass, "sensor.room_temperature") == "20.5"
    assert shown(hass, "sensor.room_temperature_2") == "30.0"
    devices = [
        len(dr.async_entries_for_config_entry(device_registry, entry.entry_id))
        for entry in (loaded, second)
    ]
    assert devices == [3, 3]


async def test_device_may_be_removed_only_when_gone(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    house: House,
    poll: Poll,
    device_registry: dr.DeviceRegistry,
) -> None:
    from custom_components.junction import async_remove_config_entry_device

    device = device_registry.async_get_device_by_identifier(
        device_identifier(loaded, "sensor"), loaded.entry_id
    )
    assert device is not None
    assert not await async_remove_config_entry_device(hass, loaded, device)
    house.remove("sensor")
    house.listing(complete=False)
    await poll()
    assert await async_remove_config_entry_device(hass, loaded, device)
    await hass.config_entries.async_unload(loaded.entry_id)
    assert not await async_remove_config_entry_device(hass, loaded, device)


async def test_device_that_does_not_answer_may_be_removed(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    house: House,
    poll: Poll,
    device_registry: dr.DeviceRegistry,
) -> None:
    from custom_components.junction import async_remove_config_entry_device

    device = device_registry.async_get_device_by_identifier(
        device_identifier(loaded, "sensor"), loaded.entry_id
    )
    assert device is not None
    house.offline.add("sensor")
    await poll()
    assert await async_remove_config_entry_device(hass, loaded, device)


async def test_yaml_is_refused(
    hass: HomeAssistant, caplog: pytest.LogCaptureFixture
) -> None:
    assert await async_setup_component(hass, DOMAIN, {DOMAIN: {"host": "x"}})
    assert "does not support YAML setup" in caplog.text
