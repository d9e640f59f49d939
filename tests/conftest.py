"""Fixtures for all tests.

Sockets are blocked in tests. Tests with a server use pytest-socket's fixture `socket_enabled`,
which allows connections to 127.0.0.1 only.
"""

from collections.abc import Awaitable, Callable, Generator
from datetime import timedelta
import os
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from hypothesis import settings
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)
from pytest_homeassistant_custom_component.syrupy import HomeAssistantSnapshotExtension
from syrupy.assertion import SnapshotAssertion

# pytest-homeassistant-custom-component puts a folder `custom_components` of its own
# first on sys.path once Home Assistant starts: ours must be imported before that.
from custom_components.junction import backends
from custom_components.junction.backends import flow
from custom_components.junction.const import CONF_BACKEND, DOMAIN

from . import fake_backend, fake_house
from .texts import Watch, watch

# Repeatable by default, so that a pull request fails by its own doing only.
# HYPOTHESIS_PROFILE=explore searches for new counterexamples.
settings.register_profile("repeatable", deadline=None, derandomize=True, database=None)
settings.register_profile("explore", deadline=None, max_examples=5_000, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))

# A dialog that opens by itself opens at once when its steps are loaded; the first one of
# a backend, for which they are, would come at whatever moment.
for _backend in backends.BACKENDS:
    backends.load_flow(_backend)


@pytest.fixture(autouse=True)
def junction_in_home_assistant(request: pytest.FixtureRequest) -> None:
    """Let the Home Assistant of a test find the integration, if the test has one."""
    if "hass" not in request.fixturenames:
        return
    if "recorder_mock" in request.fixturenames:
        # The recorder must be there before Home Assistant is.
        request.getfixturevalue("recorder_mock")
    request.getfixturevalue("enable_custom_integrations")


@pytest.fixture
def snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    """Compare with ``snapshots/`` beside the test.

    Two plugins bring this fixture; which of them is taken depends on the order in which
    the file system lists them.
    """
    return snapshot.use_extension(HomeAssistantSnapshotExtension)


@pytest.fixture(autouse=True)
def no_leisure(monkeypatch: pytest.MonkeyPatch) -> None:
    """End progress steps as soon as their work ends, without the pause for the frontend."""
    monkeypatch.setattr(flow, "SHORTEST_PROGRESS", 0)


@pytest.fixture(autouse=True)
def no_complaints(caplog: pytest.LogCaptureFixture) -> Generator[None]:
    """Fail a test in which Home Assistant found fault with how it is used."""
    yield
    for record in (*caplog.get_records("setup"), *caplog.get_records("call")):
        assert "Detected that custom integration" not in record.getMessage()


@pytest.fixture(autouse=True)
def every_text() -> Generator[Watch]:
    """Fail a test in which something is shown for which there is no text."""
    with watch(seen := Watch()):
        yield seen
    assert sorted(seen.problems) == []


@pytest.fixture
def house() -> fake_backend.House:
    """Return the far side of the fake backend, with a point of every kind."""
    return fake_house.full_house()


@pytest.fixture
def entry(
    hass: HomeAssistant, house: fake_backend.House, monkeypatch: pytest.MonkeyPatch
) -> MockConfigEntry:
    """Return the config entry of a house; it is not set up yet."""
    monkeypatch.setitem(backends.BACKENDS, "fake", fake_backend.REGISTERED)
    entry = MockConfigEntry(
        domain=DOMAIN,
        title="Fake house",
        unique_id="fake:4711",
        data={CONF_BACKEND: "fake", "host": "198.51.100.7", "token": "hush-hush"},
    )
    monkeypatch.setitem(fake_backend.HOUSES, entry.unique_id, house)
    entry.add_to_hass(hass)
    return entry


@pytest.fixture
async def loaded(hass: HomeAssistant, entry: MockConfigEntry) -> MockConfigEntry:
    """Return the config entry of a house, set up."""
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED
    return entry


@pytest.fixture
def poll(hass: HomeAssistant) -> Callable[..., Awaitable[None]]:
    """Return a function that lets the time of a poll come, and waits for the poll.

    Without a frozen clock: asyncio's own would stand still as well, and with it every
    wait of a few milliseconds.
    """

    async def come(seconds: float = 31) -> None:
        async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=seconds))
        await hass.async_block_till_done(wait_background_tasks=True)

    return come


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the longest tests first, so that no worker waits for them at the end."""
    items.sort(key=lambda item: item.get_closest_marker("e2e") is None)


@pytest.fixture
async def recorded_entry(recorder_mock: Any, hass: HomeAssistant) -> MockConfigEntry:
    """Return an entry in a Home Assistant that has a recorder."""
    entry = MockConfigEntry(domain=DOMAIN, unique_id="fake:4711")
    entry.add_to_hass(hass)
    return entry
