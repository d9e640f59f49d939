"""First refresh of an entry, and callers who disconnect."""

import asyncio
from dataclasses import replace

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.junction import startup
from custom_components.junction.errors import UnreachableError

from . import fake_backend
from .common import Poll, shown
from .fake_backend import House

TEMPERATURE = "sensor.room_temperature"


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the delays of an entry."""
    monkeypatch.setattr(startup, "FIRST_REFRESH", 0.05)
    monkeypatch.setattr(startup, "CLOSING", 0.05)


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the backend say that its system answers."""
    info = replace(fake_backend.INFO, answers=lambda backend: True)
    monkeypatch.setattr(fake_backend, "INFO", info)


@pytest.mark.parametrize("hangs", ["connect", "fetch"])
async def test_a_silent_system_makes_the_entry_wait(
    hass: HomeAssistant, entry: MockConfigEntry, house: House, hurried: None, hangs: str
) -> None:
    house.gates[hangs] = asyncio.Event()
    assert not await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert entry.error_reason_translation_key == "timed_out"
    assert house.at_once[hangs] == 0
    assert house.calls["close"] == 1
    del house.gates[hangs]
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert shown(hass, TEMPERATURE) == "20.5"


async def test_what_takes_long_goes_on_in_the_background(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    house: House,
    hurried: None,
    answering: None,
) -> None:
    gate = house.gates["fetch"] = asyncio.Event()
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.LOADED
    assert hass.states.get(TEMPERATURE) is None
    assert house.sink is None
    gate.set()
    await hass.async_block_till_done(wait_background_tasks=True)
    assert shown(hass, TEMPERATURE) == "20.5"
    assert house.sink is not None
    assert house.calls["fetch"] == 1
    # It continues like any other start.
    house.push((fake_backend.ROOM, "temperature"))
    assert await hass.config_entries.async_unload(entry.entry_id)


async def test_what_takes_long_may_still_fail(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    house: House,
    hurried: None,
    answering: None,
) -> None:
    gate = house.gates["fetch"] = asyncio.Event()
    assert await hass.config_entries.async_setup(entry.entry_id)
    house.errors["fetch"] = UnreachableError("gone")
    gate.set()
    await hass.async_block_till_done(wait_background_tasks=True)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert entry.error_reason_translation_key == "unreachable"


async def test_unloaded_in_the_middle_of_it(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    house: House,
    hurried: None,
    answering: None,
) -> None:
    house.gates["fetch"] = asyncio.Event()
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert await hass.config_entries.async_unload(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert entry.state is ConfigEntryState.NOT_LOADED
    assert house.at_once["fetch"] == 0
    assert house.sink is None


async def test_the_caller_of_a_reload_goes_away(
    hass: HomeAssistant, loaded: MockConfigEntry, house: House
) -> None:
    """Closing the browser during a reload cancels the request, but not the reload."""
    gate = house.gates["fetch"] = asyncio.Event()
    reload = asyncio.ensure_future(hass.config_entries.async_reload(loaded.entry_id))
    while not house.at_once["fetch"]:
        await asyncio.sleep(0)
    for _ in range(3):
        reload.cancel()
        await asyncio.sleep(0)
    gate.set()
    await asyncio.wait([reload])
    await hass.async_block_till_done()
    assert loaded.state is ConfigEntryState.LOADED
    assert shown(hass, TEMPERATURE) == "20.5"


async def test_the_caller_goes_away_while_the_system_is_silent(
    hass: HomeAssistant, loaded: MockConfigEntry, house: House, hurried: None
) -> None:
    house.gates["fetch"] = asyncio.Event()
    reload = asyncio.ensure_future(hass.config_entries.async_reload(loaded.entry_id))
    while not house.at_once["fetch"]:
        await asyncio.sleep(0)
    reload.cancel()
    await asyncio.wait([reload])
    assert loaded.state is ConfigEntryState.SETUP_RETRY


async def test_a_backend_that_does_not_close(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    house: House,
    hurried: None,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def close() -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(loaded.runtime_data.backend, "close", close)
    assert await hass.config_entries.async_reload(loaded.entry_id)
    assert loaded.state is ConfigEntryState.LOADED


async def test_polls_begin_after_a_long_first_refresh(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    house: House,
    hurried: None,
    answering: None,
    poll: Poll,
) -> None:
    gate = house.gates["fetch"] = asyncio.Event()
    assert await hass.config_entries.async_setup(entry.entry_id)
    gate.set()
    await hass.async_block_till_done(wait_background_tasks=True)
    await poll()
    assert house.calls["fetch"] == 2
    house.errors["fetch"] = UnreachableError("gone")
    await poll(62)
    assert shown(hass, TEMPERATURE) == STATE_UNAVAILABLE
