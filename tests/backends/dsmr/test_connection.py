"""Lost connections: states meanwhile, log messages, and time to recover."""

import asyncio
from collections.abc import AsyncIterator
import logging
from pathlib import Path

from homeassistant.components import usb
from homeassistant.core import HomeAssistant, callback
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.junction.backends.dsmr.client import listener
from simulators.p1_meter import PtyTransport, TcpTransport

from .running import (
    Simulation,
    backend_of,
    connected,
    entity_id,
    entry_for,
    set_up,
    shown,
    simulated,
    until,
)

pytestmark = pytest.mark.usefixtures("socket_enabled")

PACKAGE = "custom_components.junction"
OURS = {"power_interval": 0, "slow_interval": 0}


@pytest.fixture
def watchful(monkeypatch: pytest.MonkeyPatch) -> None:
    """Call a line silent after a second instead of ten."""
    monkeypatch.setattr(listener, "_SHORTEST_SILENCE", 1.0)
    monkeypatch.setattr(listener, "_INTERVALS", 0.1)


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the pauses between attempts a tenth as long."""
    monkeypatch.setattr(listener, "RETRY_DELAYS", (0.1, 0.2, 0.5, 1.0, 3.0, 6.0))


@pytest.fixture(params=["tcp", "tty"])
async def sim(
    request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncIterator[Simulation]:
    """Run a meter, on both kinds of line."""
    tcp = request.param == "tcp"
    line = TcpTransport() if tcp else PtyTransport(link=tmp_path / "p1")
    async with simulated(transport=line) as meter:
        yield meter


@pytest.fixture
async def entry(
    hass: HomeAssistant, sim: Simulation, caplog: pytest.LogCaptureFixture
) -> AsyncIterator[MockConfigEntry]:
    """Its entry, set up, at every telegram; unloaded at the end."""
    caplog.set_level(logging.INFO, PACKAGE)
    made = entry_for(sim.address, sim.equipment, options=OURS)
    await set_up(hass, made)
    await until(lambda: connected(hass, made) == "on")
    caplog.clear()
    yield made
    if hass.config_entries.async_get_entry(made.entry_id) is not None:
        await hass.config_entries.async_unload(made.entry_id)


def log(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    """Return Junction's log messages with their levels."""
    return [
        (record.levelname, record.getMessage())
        for record in caplog.records
        if record.name.startswith(PACKAGE) and record.levelno >= logging.INFO
    ]


def grace_over(hass: HomeAssistant, seconds: float = 61) -> None:
    """Let the grace time of counters be over."""
    async_fire_time_changed(
        hass, dt_util.utcnow() + dt_util.dt.timedelta(seconds=seconds)
    )


def check_lost(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Check that current values are unavailable and lasting ones remain."""
    assert connected(hass, entry) == "off"
    for point in ("power_import", "power_net", "power_export_l2", "voltage_l1"):
        assert shown(hass, entry, point) == "unavailable", point
    for point in ("energy_import", "energy_export_tariff_1", "tariff"):
        assert shown(hass, entry, point) != "unavailable", point
    gas = entity_of_gas(hass, entry)
    assert hass.states.get(gas).state == "1987.341"  # type: ignore[union-attr]


def entity_of_gas(hass: HomeAssistant, entry: MockConfigEntry) -> str:
    found = entity_id(hass, entry, "reading", "mbus-4730303631303032313938373635343231")
    assert found is not None
    return found


# Silence


@pytest.mark.usefixtures("watchful", "hasty")
async def test_silence(
    hass: HomeAssistant,
    sim: Simulation,
    entry: MockConfigEntry,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A connection that stays open without data, on a serial port and over TCP."""
    sim.control.speed(0)
    await until(lambda: connected(hass, entry) == "off")
    check_lost(hass, entry)
    grace_over(hass)
    await hass.async_block_till_done()
    assert shown(hass, entry, "energy_import") == "unavailable"
    assert shown(hass, entry, "tariff") == "unavailable"
    assert hass.states.get(entity_of_gas(hass, entry)).state == "unavailable"  # type: ignore[union-attr]
    assert connected(hass, entry) == "off"
    # Meanwhile it tries again and again, and does not say so.
    await until(lambda: sim.transport.connections > 2, seconds=15)
    sim.control.speed(20)
    await until(lambda: connected(hass, entry) == "on", seconds=15)
    for point in ("power_import", "energy_import", "tariff", "voltage_l1"):
        assert shown(hass, entry, point) not in {"unavailable", "unknown"}
    lines = log(caplog)
    assert [level for level, _ in lines] == ["WARNING", "INFO"]
    assert "no_data" in lines[0][1]
    assert "again" in lines[1][1]


@pytest.mark.usefixtures("watchful")
async def test_asking_for_an_update_does_not_bring_old_values_back(
    hass: HomeAssistant, sim: Simulation, entry: MockConfigEntry
) -> None:
    await async_setup_component(hass, "homeassistant", {})
    power = entity_id(hass, entry, "power_import")

    async def ask() -> None:
        await hass.services.async_call(
            "homeassistant", "update_entity", {"entity_id": power}, blocking=True
        )
        await asyncio.sleep(0.6)
        await hass.async_block_till_done(wait_background_tasks=False)

    sim.control.speed(0)
    await until(lambda: connected(hass, entry) == "off")
    await ask()
    check_lost(hass, entry)
    grace_over(hass)
    await ask()
    assert shown(hass, entry, "energy_import") == "unavailable"
    assert connected(hass, entry) == "off"


async def test_grace_by_option(
    hass: HomeAssistant, sim: Simulation, entry: MockConfigEntry
) -> None:
    options = {**OURS, "grace": 600}
    hass.config_entries.async_update_entry(entry, options=options)
    await hass.config_entries.async_reload(entry.entry_id)
    await sim.control.unplug()
    await until(lambda: connected(hass, entry) == "off")
    grace_over(hass, 599)
    await hass.async_block_till_done()
    check_lost(hass, entry)
    grace_over(hass, 601)
    await hass.async_block_till_done()
    assert shown(hass, entry, "energy_import") == "unavailable"


# A line that breaks


@pytest.mark.parametrize("how", ["fin", "rst", "unplug"])
async def test_back_at_once(
    hass: HomeAssistant,
    sim: Simulation,
    entry: MockConfigEntry,
    caplog: pytest.LogCaptureFixture,
    how: str,
) -> None:
    """Shown as lost in the same moment, and back some seconds after it can be."""
    seen: list[str] = []

    @callback
    def note(event: object) -> None:
        seen.append(connected(hass, entry))

    hass.bus.async_listen("state_changed", note)
    if how == "unplug":
        await sim.control.unplug()
    else:
        await getattr(sim.control, how)()
    await until(lambda: "off" in seen)
    check_lost(hass, entry)
    if how == "unplug":
        await sim.control.restore()
    began = asyncio.get_running_loop().time()
    await until(lambda: connected(hass, entry) == "on", seconds=5)
    assert asyncio.get_running_loop().time() - began < 5
    assert shown(hass, entry, "power_import") != "unavailable"
    grace_over(hass)
    await hass.async_block_till_done()
    assert shown(hass, entry, "energy_import") != "unavailable"
    assert [level for level, _ in log(caplog)] == ["WARNING", "INFO"]
    assert backend_of(entry)._listener.statistics.reconnects >= 1


@pytest.mark.usefixtures("hasty")
async def test_refused_for_a_while(
    hass: HomeAssistant, caplog: pytest.LogCaptureFixture
) -> None:
    """Tries again, with longer and longer pauses."""
    caplog.set_level(logging.INFO, PACKAGE)
    async with simulated() as sim:
        entry = entry_for(sim.address, sim.equipment)
        await set_up(hass, entry)
        caplog.clear()
        statistics = backend_of(entry)._listener.statistics
        await sim.control.refuse()
        began = asyncio.get_running_loop().time()
        await until(lambda: statistics.reconnects == 3)
        # Each pause up to a tenth longer than it says
        assert 0.8 <= asyncio.get_running_loop().time() - began < 2
        await sim.control.restore()
        await until(lambda: connected(hass, entry) == "on", seconds=3)
        assert [level for level, _ in log(caplog)] == ["WARNING", "INFO"]
        await hass.config_entries.async_unload(entry.entry_id)


async def test_plugged_in_again(hass: HomeAssistant, tmp_path: Path) -> None:
    """A new device that Home Assistant detects ends the pause before the next attempt."""
    line = PtyTransport(link=tmp_path / "p1")
    async with simulated(transport=line) as sim:
        entry = entry_for(sim.address, sim.equipment)
        await set_up(hass, entry)
        statistics = backend_of(entry)._listener.statistics
        await sim.control.unplug()
        await until(lambda: statistics.reconnects == 1)
        await sim.control.restore()
        found = usb.USBDevice(
            device=sim.address,
            vid="0403",
            pid="6001",
            serial_number=None,
            manufacturer=None,
            description=None,
        )
        for call in hass.data[usb._USB_DATA]._port_event_callbacks:
            call({found}, set())
        # Two seconds would be the next pause.
        await until(lambda: connected(hass, entry) == "on", seconds=1)
        await hass.config_entries.async_unload(entry.entry_id)
        assert not hass.data[usb._USB_DATA]._port_event_callbacks
