"""What Home Assistant's own integration of these meters gets wrong, and this one does not.

Each fault of its `dsmr` as of 2026.10 is one test, named by its number. What it does was
seen by running it or read in its source; the comparison in docs/dsmr.md has the rest.
"""

from homeassistant.config_entries import SOURCE_REAUTH
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ConfigEntryNotReady
from homeassistant.helpers import entity_registry as er
import pytest
from serialx import SerialException
from serialx.common import UnknownUriScheme

from custom_components.junction.backends.dsmr.client import listener

from .helpers import expected, replace_line, wire
from .running import (
    backend_of,
    connected,
    device,
    entity_id,
    entry_for,
    heard,
    set_up,
    shown,
    simulated,
    state,
    tell,
    until,
)

pytestmark = pytest.mark.usefixtures("socket_enabled")

RAW = wire("v5_nl_3phase_gas")
GAS = "mbus-4730303631303032313938373635343231"
EVERY = {"power_interval": 0, "slow_interval": 0}


@pytest.fixture
def watchful(monkeypatch: pytest.MonkeyPatch) -> None:
    """Notice silence after a second, and try again at once."""
    monkeypatch.setattr(listener, "_SHORTEST_SILENCE", 1.0)
    monkeypatch.setattr(listener, "_INTERVALS", 0.1)
    monkeypatch.setattr(listener, "RETRY_DELAYS", (0.1, 0.2, 0.5))


@pytest.mark.usefixtures("watchful")
@pytest.mark.parametrize(
    "error",
    [
        SerialException("proxy error"),
        UnknownUriScheme("esphome-hass"),
        ConfigEntryNotReady("ESPHome is not ready"),
        ValueError("port out of range"),
        RuntimeError("what nobody thought of"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_fault_01_no_error_ends_the_listening(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """Its loop catches OSError only; any other error ends it, and the data with it."""
    async with simulated() as sim:
        entry = entry_for(sim.address, sim.equipment)
        await set_up(hass, entry)
        statistics = backend_of(entry)._listener.statistics

        async def fail(*args: object, **kwargs: object) -> None:
            raise error

        with monkeypatch.context() as patch:
            patch.setattr(
                "custom_components.junction.backends.dsmr.client.transport"
                ".create_serial_connection",
                fail,
            )
            await sim.control.fin()
            await until(lambda: statistics.reconnects >= 2)
            assert connected(hass, entry) == "off"
        await until(lambda: connected(hass, entry) == "on")
        assert shown(hass, entry, "power_import") != "unavailable"
        await hass.config_entries.async_unload(entry.entry_id)


async def test_fault_02_nothing_swallows_the_first_telegram_or_the_loss(
    hass: HomeAssistant,
) -> None:
    """Its throttle drops the first telegrams, and the mark that the meter is lost."""
    # Intervals as long as can be
    options = {"power_interval": 300, "slow_interval": 3600}
    async with simulated(speed=1) as sim:
        entry = entry_for(sim.address, sim.equipment, options=options)
        await set_up(hass, entry)
        # No telegram but the first came yet.
        assert backend_of(entry)._listener.statistics.telegrams == 1
        assert shown(hass, entry, "power_import") not in {"unknown", "unavailable"}
        assert shown(hass, entry, "energy_import") not in {"unknown", "unavailable"}
        await sim.control.refuse()
        await until(lambda: connected(hass, entry) == "off", seconds=1)
        assert shown(hass, entry, "power_import") == "unavailable"
        await hass.config_entries.async_unload(entry.entry_id)


async def test_fault_03_a_foreign_byte_costs_one_telegram(hass: HomeAssistant) -> None:
    """With it, a byte above 0x7F closes the connection, which costs half a minute."""
    async with heard(hass, RAW, options=EVERY) as (entry, gateway):
        for byte in (0x80, 0xA9, 0xE9, 0xFF):
            gateway.send(RAW[:300] + bytes([byte]) + RAW[301:])
        await tell(
            hass,
            entry,
            gateway,
            replace_line(RAW, "1-0:32.7.0", "1-0:32.7.0(230.0*V)"),
        )
        assert shown(hass, entry, "voltage_l1") == "230.0"
        assert gateway.accepted == 1
        statistics = backend_of(entry)._listener.statistics
        assert (statistics.reconnects, sum(statistics.rejected.values())) == (0, 4)


async def test_fault_04_a_flipped_bit_is_no_wrong_key(hass: HomeAssistant) -> None:
    """It takes one for a wrong key; after a real change of key it loops for ever."""
    async with simulated("5L-enc", speed=200) as sim:
        assert sim.meter.frames is not None
        key = sim.meter.frames.key.hex()
        entry = entry_for(sim.address, sim.equipment, encryption_key=key)
        await set_up(hass, entry)
        statistics = backend_of(entry)._listener.statistics
        sim.control.fault("bit_flip", 2)
        await sim.sent(6)
        await until(lambda: sum(statistics.rejected.values()) >= 2)
        assert connected(hass, entry) == "on"
        assert sim.transport.connections == 1
        assert not hass.config_entries.flow.async_progress()
        sim.control.key("0123456789ABCDEF0123456789ABCDEF")
        await until(hass.config_entries.flow.async_progress)
        (flow,) = hass.config_entries.flow.async_progress()
        assert flow["context"]["source"] == SOURCE_REAUTH
        await hass.config_entries.async_unload(entry.entry_id)


@pytest.mark.usefixtures("all_enabled")
async def test_fault_05_every_way_to_write_a_telegram_is_read(
    hass: HomeAssistant,
) -> None:
    """It loses telegrams with `/` in a message, a lower-case check sum, LF ends."""
    plain = replace_line(wire("v2_2_gas"), "0-0:96.13.0", "0-0:96.13.0(test-/-test)")
    async with heard(hass, plain, plain) as (entry, _):
        assert shown(hass, entry, "message") == "test-/-test"
    at = RAW.rindex(b"!")
    async with heard(hass, RAW, options=EVERY) as (entry, gateway):
        await tell(hass, entry, gateway, RAW[:at] + RAW[at:].lower())
        await tell(hass, entry, gateway, RAW[:at] + RAW[at:].replace(b"\r\n", b"\n"))
        await tell(hass, entry, gateway, RAW[:at] + RAW[at:].replace(b"\r", b"\0\r"))
        assert not backend_of(entry)._listener.statistics.rejected


async def test_fault_06_zero_is_shown_as_zero(hass: HomeAssistant) -> None:
    """It shows a counter of 0 as unknown, for ever in a house without solar panels."""
    raw = wire("v4_single_phase_gas")
    assert expected("v4_single_phase_gas")["values"]["1-0:2.8.1"]["value"] == (
        "000000.000"
    )
    async with heard(hass, raw) as (entry, _):
        assert shown(hass, entry, "energy_export_tariff_1") == "0.0"
        assert shown(hass, entry, "energy_export") == "0.0"
        statistics = state(hass, entry, "energy_export").attributes["state_class"]
        assert statistics == "total_increasing"


async def test_fault_07_gas_that_comes_later_gets_its_entity(
    hass: HomeAssistant,
) -> None:
    """It makes entities of the first telegram only; the others take a reload."""
    bare = replace_line(RAW, "0-1:24.1.0", None)
    bare = replace_line(bare, "0-1:96.1.0", None)
    bare = replace_line(bare, "0-1:24.2.1", None)
    async with heard(hass, bare) as (entry, gateway):
        assert entity_id(hass, entry, "reading", GAS) is None
        await tell(hass, entry, gateway, RAW)
        assert shown(hass, entry, "reading", GAS) == "1987.341"


async def test_fault_08_an_exchanged_gas_meter_leaves_no_phantom(
    hass: HomeAssistant,
) -> None:
    """It makes an entity of the dead one, which takes the name; and knows few types."""
    async with heard(hass, wire("v5_nl_gas_replaced")) as (entry, _):
        found = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
        gas = [one.entity_id for one in found if one.unique_id.endswith("/reading")]
        assert gas == ["sensor.gas_meter_reading"]
    async with heard(hass, wire("v5_nl_water_heat_slave")) as (entry, _):
        kinds = ("Water meter", "Heat meter", "Slave electricity meter")
        names = [
            kind.name
            for one in expected("v5_nl_water_heat_slave")["mbus"].values()
            if (kind := device(hass, entry, f"mbus-{one['id']}")) is not None
        ]
        assert set(names) == set(kinds)


async def test_fault_09_a_good_reading_outlives_an_undefined_one(
    hass: HomeAssistant,
) -> None:
    """It replaces the good one by unknown."""
    void = replace_line(RAW, "0-1:24.2.1", "0-1:24.2.1(632525252525W)(00000.000*m3)")
    async with heard(hass, RAW) as (entry, gateway):
        await tell(hass, entry, gateway, void)
        assert shown(hass, entry, "reading", GAS) == "1987.341"
