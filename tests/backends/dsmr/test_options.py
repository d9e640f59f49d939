"""Options: update intervals, and settings that the meter does not send."""

from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import InvalidData
import pytest

from custom_components.junction.backends.dsmr.client.transport import (
    LineSettings,
    open_port,
)
from custom_components.junction.backends.dsmr.options import OFFSETS, SCHEMA
from simulators.p1_meter import PtyTransport

from .flows import CREATED, FORM, fields
from .running import connected, entry_for, set_up, shown, simulated, state, until

pytestmark = pytest.mark.usefixtures("socket_enabled")

DEFAULTS = {
    "power_interval": 10,
    "slow_interval": 30,
    "grace": 60,
    "tariffs": "auto",
    "utc_offset": "auto",
}


async def options(hass: HomeAssistant, entry: Any) -> Any:
    result = await hass.config_entries.options.async_init(entry.entry_id)
    assert (result["type"], result["step_id"]) == (FORM, "dsmr")
    return result


async def test_saved_and_at_work(hass: HomeAssistant) -> None:
    async with simulated("5B") as sim:
        entry = entry_for(sim.address, sim.equipment)
        await set_up(hass, entry)
        sim.control.tariff(1)
        await until(lambda: shown(hass, entry, "tariff") == "normal")
        before = sim.transport.connections
        result = await options(hass, entry)
        assert SCHEMA({}) == DEFAULTS
        assert set(fields(result)) == set(DEFAULTS)
        chosen = {**DEFAULTS, "tariffs": "numbered", "utc_offset": "2", "grace": 0}
        result = await hass.config_entries.options.async_configure(
            result["flow_id"], chosen
        )
        assert result["type"] is CREATED
        await hass.async_block_till_done()
        # Saved, and reloaded
        assert dict(entry.options) == chosen
        assert entry.state is ConfigEntryState.LOADED
        assert sim.transport.connections == before + 1
        assert shown(hass, entry, "tariff") == "tariff_1"
        stamp = state(hass, entry, "peak_month").attributes["at"]
        printed = sim.meter.metering.registers.peak.stamp
        # The meter's clock is an hour ahead of UTC, and is now believed to be two.
        hours = int(printed[6:8]) - 2 - printed.endswith("S")
        assert int(stamp[11:13]) == hours % 24
        # And shown the next time
        assert fields(await options(hass, entry)) == chosen
        await hass.config_entries.async_unload(entry.entry_id)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("power_interval", 301),
        ("slow_interval", -1),
        ("grace", 3601),
        ("tariffs", "high"),
        ("utc_offset", "3"),
    ],
)
async def test_out_of_range(hass: HomeAssistant, field: str, value: object) -> None:
    entry = entry_for("socket://127.0.0.1:1")
    entry.add_to_hass(hass)
    result = await options(hass, entry)
    with pytest.raises(InvalidData) as raised:
        await hass.config_entries.options.async_configure(
            result["flow_id"], {**DEFAULTS, field: value}
        )
    assert set(raised.value.schema_errors) == {field}


@pytest.mark.parametrize("offset", OFFSETS)
async def test_every_offset_can_be_used(hass: HomeAssistant, offset: str) -> None:
    async with simulated() as sim:
        entry = entry_for(sim.address, sim.equipment, options={"utc_offset": offset})
        await set_up(hass, entry)
        assert connected(hass, entry) == "on"
        hours = entry.runtime_data.backend.diagnostics()["standard_offset_hours"]
        assert hours == (1 if offset == "auto" else None)
        await hass.config_entries.async_unload(entry.entry_id)


async def test_port_is_free_after_a_reload(hass: HomeAssistant, tmp_path: Any) -> None:
    """A serial port that were still held would end in another attempt."""
    async with simulated(transport=PtyTransport(link=tmp_path / "p1")) as sim:
        entry = entry_for(sim.address, sim.equipment)
        await set_up(hass, entry)
        for _ in range(5):
            await hass.config_entries.async_reload(entry.entry_id)
            assert entry.state is ConfigEntryState.LOADED
        await hass.config_entries.async_unload(entry.entry_id)
        other = await open_port(
            sim.address, LineSettings(115200), lambda _: None, lambda _: None
        )
        await other.close()
