"""What the tests of the meter inside Home Assistant share."""

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
    """Let the flow give up after a second, not after a minute."""
    monkeypatch.setattr(flow, "probe", partial(probe, timeout=1.2, speed_trial=0.5))
    monkeypatch.setattr(transport, "_OPEN_TIMEOUT", 0.5)


@pytest.fixture
def all_enabled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Enable also the entities that are not at first."""
    monkeypatch.setattr(Entity, "entity_registry_enabled_default", True)


class Stopwatch:
    """The seconds that the backend counts its intervals by, in the test's hands."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def stopwatch(monkeypatch: pytest.MonkeyPatch) -> Stopwatch:
    """Stop the time of the backend; telegrams and links keep theirs."""
    watch = Stopwatch()
    monkeypatch.setattr(adapter, "monotonic", watch)
    return watch


@pytest.fixture
def queue_folder(hass: HomeAssistant, tmp_path: Path) -> None:
    """Have a folder for the queues of servers that are forwarded to."""
    hass.config.config_dir = str(tmp_path)
    (tmp_path / ".storage").mkdir()


@pytest.fixture
async def meter(socket_enabled: None) -> AsyncGenerator[Simulation]:
    """Return a meter in a hurry."""
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
