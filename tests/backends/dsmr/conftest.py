"""Fixtures for tests of the meter in Home Assistant."""

from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from functools import partial
from pathlib import Path

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity import Entity
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.junction.backends.dsmr import adapter, flow
from custom_components.junction.backends.dsmr.client import transport
from custom_components.junction.backends.dsmr.client.probe import probe
from custom_components.junction.backends.dsmr.client.transport import LineSettings

from .client.listeners import Bench
from .lines import Pty, TcpMeter, meter as tcp_meter
from .running import Simulation, entry_for, simulated


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the flow's time-out from a minute to a second."""
    monkeypatch.setattr(flow, "probe", partial(probe, timeout=1.2, speed_trial=0.5))
    monkeypatch.setattr(transport, "_OPEN_TIMEOUT", 0.5)


@pytest.fixture
def all_enabled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Enable entities that are disabled by default."""
    monkeypatch.setattr(Entity, "entity_registry_enabled_default", True)


class Stopwatch:
    """Clock of the backend's intervals, which the test controls."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def stopwatch(monkeypatch: pytest.MonkeyPatch) -> Stopwatch:
    """Stop the backend's clock; telegrams and connections keep theirs."""
    watch = Stopwatch()
    monkeypatch.setattr(adapter, "monotonic", watch)
    return watch


@pytest.fixture
def queue_folder(hass: HomeAssistant, tmp_path: Path) -> None:
    """Create a folder for the forwarding queues."""
    hass.config.config_dir = str(tmp_path)
    (tmp_path / ".storage").mkdir()


@pytest.fixture
async def meter(socket_enabled: None) -> AsyncGenerator[Simulation]:
    """Return a meter with a short interval."""
    async with simulated(speed=10) as running:
        yield running


@pytest.fixture
async def entry(
    hass: HomeAssistant, meter: Simulation
) -> AsyncGenerator[MockConfigEntry]:
    """Return the entry of the meter, set up."""
    entry = entry_for(meter.address, meter.equipment)
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    yield entry
    if entry.state is ConfigEntryState.LOADED:
        await hass.config_entries.async_unload(entry.entry_id)


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    made = Bench(line=LineSettings(115200))
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
def pty() -> Iterator[Pty]:
    port = Pty()
    yield port
    port.unplug()


@pytest.fixture
async def gateway() -> AsyncIterator[TcpMeter]:
    async with tcp_meter() as server:
        yield server
