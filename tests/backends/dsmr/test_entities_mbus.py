"""The meters behind the electricity meter: late, exchanged, vanished, come back."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.junction import async_remove_config_entry_device

from .conftest import Stopwatch
from .helpers import replace_line, reseal, wire
from .running import device, entity_id, heard, shown, state, tell, until

pytestmark = pytest.mark.usefixtures("socket_enabled")

RAW = wire("v5_nl_3phase_gas")
BARE = replace_line(
    replace_line(replace_line(RAW, "0-1:24.1.0", None), "0-1:96.1.0", None),
    "0-1:24.2.1",
    None,
)
GAS_ID = "4730303631303032313938373635343231"
GAS = f"mbus-{GAS_ID}"
NEW_ID = "4730303939393939393939393939393939"
NEW = f"mbus-{NEW_ID}"


def with_device(
    raw: bytes,
    channel: int,
    kind: int,
    ident: str,
    reading: str | None = "(250312184500W)(01987.341*m3)",
    *,
    valve: int | None = None,
) -> bytes:
    """Return the telegram with one more device at its end."""
    lines = [f"0-{channel}:24.1.0({kind:03})", f"0-{channel}:96.1.0({ident})"]
    if reading is not None:
        lines.append(f"0-{channel}:24.2.1{reading}")
    if valve is not None:
        lines.append(f"0-{channel}:24.4.0({valve})")
    end = raw.index(b"\n!") + 1
    return reseal(raw[:end] + ("\r\n".join(lines) + "\r\n").encode() + raw[end:])


def readings(hass: HomeAssistant, entry: MockConfigEntry) -> set[str]:
    """Return the unique ids of all readings, in short."""
    found = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    return {
        one.unique_id.split("/")[1]
        for one in found
        if one.unique_id.endswith("/reading")
    }


async def test_late(hass: HomeAssistant) -> None:
    """It was not in the first telegram; it needs no reload."""
    async with heard(hass, BARE) as (entry, gateway):
        assert readings(hass, entry) == set()
        await tell(hass, entry, gateway, RAW)
        assert readings(hass, entry) == {GAS}
        assert shown(hass, entry, "reading", GAS) == "1987.341"
        found, parent = device(hass, entry, GAS), device(hass, entry)
        assert found is not None
        assert parent is not None
        assert found.via_device_id == parent.id
        assert (found.name, found.serial_number) == ("Gas meter", "G0061002198765421")


async def test_first_reading_comes_later(hass: HomeAssistant) -> None:
    """Type and id are there for up to an hour before the first reading is."""
    async with heard(hass, wire("v5_nl_no_mbus_value")) as (entry, gateway):
        (own,) = readings(hass, entry)
        found = state(hass, entry, "reading", own)
        assert found.state == "unknown"
        # Its unit and class are known, so that statistics can begin.
        assert found.attributes["device_class"] == "gas"
        assert found.attributes["unit_of_measurement"] == "m³"
        late = with_device(BARE, 1, 3, own.removeprefix("mbus-"))
        await tell(hass, entry, gateway, late)
        assert readings(hass, entry) == {own}
        assert shown(hass, entry, "reading", own) == "1987.341"


async def test_vanished_for_an_hour_and_back(
    hass: HomeAssistant, stopwatch: Stopwatch
) -> None:
    async with heard(hass, RAW) as (entry, gateway):
        stopwatch.seconds += 120
        await tell(hass, entry, gateway, RAW, BARE)
        stopwatch.seconds += 3500
        await tell(hass, entry, gateway, BARE)
        assert shown(hass, entry, "reading", GAS) == "1987.341"
        stopwatch.seconds += 240
        await tell(hass, entry, gateway, BARE)
        assert shown(hass, entry, "reading", GAS) == "unavailable"
        assert shown(hass, entry, "energy_import") == "5802.467"
        # Asking for an update does not bring it back.
        await entry.runtime_data.async_refresh()
        assert shown(hass, entry, "reading", GAS) == "unavailable"
        await tell(hass, entry, gateway, RAW)
        assert shown(hass, entry, "reading", GAS) == "1987.341"
        assert readings(hass, entry) == {GAS}


async def test_vanished_one_can_be_deleted(
    hass: HomeAssistant, stopwatch: Stopwatch, hass_storage: dict[str, Any]
) -> None:
    """Not before, and it is not expected any more; should it come back, it is new."""

    async def deletable() -> bool:
        found = device(hass, entry, GAS)
        assert found is not None
        return await async_remove_config_entry_device(hass, entry, found)

    async with heard(hass, RAW) as (entry, gateway):
        assert not await deletable()
        stopwatch.seconds += 3700
        await tell(hass, entry, gateway, BARE)
        assert await deletable()
        found = device(hass, entry, GAS)
        assert found is not None
        dr.async_get(hass).async_remove_device(found.id)
        await hass.async_block_till_done()
        assert readings(hass, entry) == set()
        await hass.config_entries.async_unload(entry.entry_id)
        assert hass_storage[f"junction.{entry.entry_id}.dsmr"]["data"]["mbus"] == []
        start = hass.async_create_task(hass.config_entries.async_setup(entry.entry_id))
        await until(lambda: gateway.accepted == 2)
        gateway.send(BARE)
        await start
        assert readings(hass, entry) == set()
        await tell(hass, entry, gateway, RAW)
        assert shown(hass, entry, "reading", GAS) == "1987.341"


async def test_exchanged_on_another_channel(
    hass: HomeAssistant, stopwatch: Stopwatch
) -> None:
    """The slot of the old one stays in the telegram, empty."""
    empty = replace_line(RAW, "0-1:96.1.0", "0-1:96.1.0()")
    empty = replace_line(empty, "0-1:24.2.1", "0-1:24.2.1(700101010000W)(00000000)")
    fresh = with_device(empty, 2, 3, NEW_ID, "(250313184500W)(00000.011*m3)")
    async with heard(hass, RAW) as (entry, gateway):
        await tell(hass, entry, gateway, fresh)
        assert readings(hass, entry) == {GAS, NEW}
        assert shown(hass, entry, "reading", NEW) == "0.011"
        # The old one still shows its last reading, for an hour.
        assert shown(hass, entry, "reading", GAS) == "1987.341"
        stopwatch.seconds += 3700
        await tell(hass, entry, gateway, fresh)
        assert shown(hass, entry, "reading", GAS) == "unavailable"
        assert shown(hass, entry, "reading", NEW) == "0.011"
        assert readings(hass, entry) == {GAS, NEW}


async def test_exchanged_before_the_start(hass: HomeAssistant) -> None:
    """No phantom: of the dead device nothing is created."""
    async with heard(hass, wire("v5_nl_gas_replaced")) as (entry, _):
        assert readings(hass, entry) == {GAS}
        assert shown(hass, entry, "reading", GAS) != "unknown"
        names = {one.name for one in devices_of(hass, entry)}
        assert names == {"Electricity meter", "Gas meter"}


async def test_dead_one_that_keeps_its_number(
    hass: HomeAssistant, stopwatch: Stopwatch
) -> None:
    """For years, with its last reading."""
    old = with_device(RAW, 2, 3, NEW_ID, "(170312184500W)(00001.287*m3)")
    async with heard(hass, old) as (entry, _):
        assert readings(hass, entry) == {GAS}
    # And when it was alive at first
    both = with_device(RAW, 2, 3, NEW_ID, "(250312184500W)(00001.287*m3)")
    later = replace_line(both, "0-1:24.2.1", "0-1:24.2.1(250320184500W)(01999.000*m3)")
    later = replace_line(later, "0-0:1.0.0", "0-0:1.0.0(250320184507W)")
    async with heard(hass, both) as (entry, gateway):
        assert readings(hass, entry) == {GAS, NEW}
        await tell(hass, entry, gateway, later)
        stopwatch.seconds += 3700
        await tell(hass, entry, gateway, later)
        assert shown(hass, entry, "reading", NEW) == "unavailable"
        assert shown(hass, entry, "reading", GAS) == "1999.0"


def devices_of(hass: HomeAssistant, entry: MockConfigEntry) -> list[dr.DeviceEntry]:
    return dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)


@pytest.mark.parametrize(
    "line",
    [
        "(632525252525W)(00000.000*m3)",
        "(700101010000W)(00000000)",
        "(000101010000W)(00000.000*m3)",
        "(681027002758S)(00000.000*m3)",
        None,
    ],
)
async def test_good_reading_is_kept(hass: HomeAssistant, line: str | None) -> None:
    """The last good reading stays, for every form of a missing one."""
    head = "0-1:24.2.1"
    void = replace_line(RAW, head, line and head + line)
    async with heard(hass, RAW) as (entry, gateway):
        await tell(hass, entry, gateway, void)
        assert shown(hass, entry, "reading", GAS) == "1987.341"
        await tell(hass, entry, gateway, RAW)
        assert shown(hass, entry, "reading", GAS) == "1987.341"


@pytest.mark.parametrize(
    ("kind", "reading", "name", "device_class", "unit"),
    [
        (3, "00123.456*m3", "Gas meter", "gas", "m³"),
        (3, "00123.456*kWh", "Gas meter", "energy", "kWh"),
        (3, "00123.456*GJ", "Gas meter", "energy", "GJ"),
        (7, "00123.456*m3", "Water meter", "water", "m³"),
        (6, "00123.456*m3", "Warm water meter", "water", "m³"),
        (21, "00123.456*m3", "Warm water meter", "water", "m³"),
        (22, "00123.456*m3", "Water meter", "water", "m³"),
        (4, "00123.456*GJ", "Heat meter", "energy", "GJ"),
        (12, "00123.456*GJ", "Heat meter", "energy", "GJ"),
        (4, "00123.456*m3", "Heat meter", "volume", "m³"),
        (10, "00123.456*GJ", "Cooling meter", "energy", "GJ"),
        (11, "00123.456*GJ", "Cooling meter", "energy", "GJ"),
        (13, "00123.456*GJ", "Heat and cooling meter", "energy", "GJ"),
        (2, "00123.456*kWh", "Slave electricity meter", "energy", "kWh"),
        (8, "00123.456*m3", "Heat cost allocator", "volume", "m³"),
        (8, "00123.456", "Heat cost allocator", None, None),
        (0, "00123.456*m3", "Meter", "volume", "m³"),
        (99, "00123.456*kWh", "Meter", "energy", "kWh"),
    ],
)
async def test_kinds(
    hass: HomeAssistant,
    kind: int,
    reading: str,
    name: str,
    device_class: str | None,
    unit: str | None,
) -> None:
    raw = with_device(BARE, 3, kind, NEW_ID, f"(250312184500W)({reading})")
    async with heard(hass, raw) as (entry, _):
        found = state(hass, entry, "reading", NEW)
        assert found.state == "123.456"
        assert found.attributes.get("device_class") == device_class
        assert found.attributes.get("unit_of_measurement") == unit
        assert found.attributes["state_class"] == "total_increasing"
        shown_device = device(hass, entry, NEW)
        assert shown_device is not None
        assert shown_device.name == name


@pytest.mark.parametrize(
    ("kind", "unit", "device_class"),
    [
        (3, "m³", "gas"),
        (7, "m³", "water"),
        (4, "GJ", "energy"),
        (2, "kWh", "energy"),
        (8, None, None),
    ],
)
async def test_what_to_expect_of_a_kind_that_was_not_read_yet(
    hass: HomeAssistant, kind: int, unit: str | None, device_class: str | None
) -> None:
    async with heard(hass, with_device(BARE, 2, kind, NEW_ID, None)) as (entry, _):
        found = state(hass, entry, "reading", NEW)
        assert found.state == "unknown"
        assert found.attributes.get("unit_of_measurement") == unit
        assert found.attributes.get("device_class") == device_class


async def test_without_a_number(hass: HomeAssistant) -> None:
    """A reading is proof enough that something is there."""
    raw = replace_line(RAW, "0-1:96.1.0", None)
    raw = replace_line(raw, "0-1:24.2.1", "0-1:24.2.1(250312184500W)(00007.100*imp)")
    async with heard(hass, raw) as (entry, _):
        found = state(hass, entry, "reading", "mbus-channel-1")
        assert found.state == "7.1"
        # Of a unit that no device class allows
        assert found.attributes["unit_of_measurement"] == "imp"
        assert "device_class" not in found.attributes


async def test_unit_that_turns_out_to_be_another(hass: HomeAssistant) -> None:
    """A heat meter that counts water, as its first reading tells."""
    raw = with_device(BARE, 1, 4, NEW_ID, None)
    async with heard(hass, raw) as (entry, gateway):
        before = state(hass, entry, "reading", NEW)
        assert before.attributes["unit_of_measurement"] == "GJ"
        raw = with_device(BARE, 1, 4, NEW_ID, "(250312184500W)(00012.500*m3)")
        await tell(hass, entry, gateway, raw)
        after = state(hass, entry, "reading", NEW)
        assert after.state == "12.5"
        assert after.attributes["unit_of_measurement"] == "m³"
        assert after.attributes["device_class"] == "volume"


async def test_empty_slots_and_lonely_relays(hass: HomeAssistant) -> None:
    async with heard(hass, wire("v5l_luxembourg_clear")) as (entry, _):
        assert len(readings(hass, entry)) == 1
    async with heard(hass, wire("v5b_emucs_2_1")) as (entry, _):
        kinds = {one.name for one in devices_of(hass, entry)}
        assert kinds <= {"Electricity meter", "Gas meter", "Water meter"}


@pytest.mark.usefixtures("all_enabled")
async def test_time_and_valve(hass: HomeAssistant) -> None:
    raw = with_device(BARE, 1, 3, NEW_ID, valve=1)
    async with heard(hass, raw) as (entry, gateway):
        assert shown(hass, entry, "read_at", NEW) == "2025-03-12T17:45:00+00:00"
        assert shown(hass, entry, "valve", NEW) == "open"
        for number, words in enumerate(("closed", "open", "released", "unknown")):
            raw = with_device(BARE, 1, 3, NEW_ID, valve=number)
            await tell(hass, entry, gateway, raw)
            assert shown(hass, entry, "valve", NEW) == words
    async with heard(hass, RAW) as (entry, _):
        assert entity_id(hass, entry, "valve", GAS) is None


async def test_reading_is_written_when_it_is_new(hass: HomeAssistant) -> None:
    """A new reading is written at once, regardless of the interval for counters, and only once."""
    async with heard(hass, RAW, options={"slow_interval": 3600}) as (entry, gateway):
        written = state(hass, entry, "reading", GAS).last_reported
        other = replace_line(RAW, "1-0:1.7.0", "1-0:1.7.0(00.002*kW)")
        await tell(hass, entry, gateway, other, RAW)
        assert state(hass, entry, "reading", GAS).last_reported == written
        line = "0-1:24.2.1(250312185000W)(01987.442*m3)"
        await tell(hass, entry, gateway, replace_line(RAW, "0-1:24.2.1", line))
        assert shown(hass, entry, "reading", GAS) == "1987.442"
        assert shown(hass, entry, "energy_import") == "5802.467"
