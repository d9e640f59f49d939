"""Messages, breaker, relays, limits, failures; the device; entities enabled by default."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest

from ...common import writes, written_since
from .helpers import replace_line, wire
from .running import device, entity_id, heard, shown, state, tell

pytestmark = pytest.mark.usefixtures("socket_enabled")

RAW = wire("v5_nl_3phase_gas")


def message(text: str, raw: bytes = RAW) -> bytes:
    return replace_line(raw, "0-0:96.13.0", f"0-0:96.13.0({text.encode().hex()})")


# Messages


@pytest.mark.usefixtures("all_enabled")
async def test_messages(hass: HomeAssistant) -> None:
    """Each new message is an event, but not the one that is present at the start."""
    async with heard(hass, message("Onderhoud")) as (entry, gateway):
        assert shown(hass, entry, "message") == "Onderhoud"

        def event() -> tuple[str, str | None]:
            found = state(hass, entry, "message_event", platform="event")
            return found.state, found.attributes.get("text")

        assert event() == ("unknown", None)
        # The same again, and other news
        other = replace_line(message("Onderhoud"), "1-0:1.7.0", "1-0:1.7.0(00.002*kW)")
        await tell(hass, entry, gateway, message("Onderhoud"), other)
        assert event() == ("unknown", None)
        await tell(hass, entry, gateway, message("Storing / let op!"))
        at, text = event()
        assert (text, at != "unknown") == ("Storing / let op!", True)
        found = state(hass, entry, "message_event", platform="event")
        assert found.attributes["event_type"] == "received"
        # That it is taken back is no event.
        await tell(hass, entry, gateway, RAW)
        assert shown(hass, entry, "message") == ""
        assert event() == (at, text)
        # A stray telegram between two of ours changes nothing.
        stray = replace_line(message("Neighbour"), "0-0:96.1.1", "0-0:96.1.1(4531)")
        await tell(hass, entry, gateway, stray, RAW)
        assert event() == (at, text)
        await tell(hass, entry, gateway, message("Onderhoud"), stray)
        at, text = event()
        await tell(hass, entry, gateway, message("Onderhoud"))
        assert event() == (at, text)


@pytest.mark.usefixtures("all_enabled")
async def test_long_message(hass: HomeAssistant) -> None:
    """Home Assistant's states end at 255 characters; the attribute has it all."""
    text = "Storing! " * 113
    async with heard(hass, message(text)) as (entry, _):
        found = state(hass, entry, "message")
        assert found.state == text[:255]
        assert found.attributes["text"] == text


@pytest.mark.usefixtures("all_enabled")
async def test_messages_of_luxembourg(hass: HomeAssistant) -> None:
    raw = message("one", wire("v5l_luxembourg_clear"))
    raw = replace_line(raw, "0-0:96.13.3", f"0-0:96.13.3({b'three'.hex()})")
    async with heard(hass, raw) as (entry, _):
        attributes = state(hass, entry, "message").attributes
        assert (attributes["text"], attributes["channel_3"]) == ("one", "three")
        assert "channel_2" not in attributes


# What is switched


@pytest.mark.usefixtures("all_enabled")
async def test_breaker(hass: HomeAssistant) -> None:
    def breaker(number: int) -> bytes:
        line = f"0-0:96.3.10({number})"
        return replace_line(wire("v5b_gas_water_peak"), "0-0:96.3.10", line)

    async with heard(hass, breaker(1)) as (entry, gateway):
        found = state(hass, entry, "breaker")
        assert found.state == "on"
        assert found.attributes["options"] == ["off", "on", "ready"]
        for number, word in ((0, "off"), (2, "ready"), (3, "unknown")):
            await tell(hass, entry, gateway, breaker(number))
            assert shown(hass, entry, "breaker") == word


@pytest.mark.usefixtures("all_enabled")
async def test_relays(hass: HomeAssistant) -> None:
    """Each for itself, and none in the place of the breaker."""
    raw = wire("v5l_luxembourg_clear")

    def relay(hass: HomeAssistant, number: int) -> str:
        return shown(hass, entry, f"relay_{number}", platform="binary_sensor")

    async with heard(hass, raw) as (entry, gateway):
        first, second = relay(hass, 1), relay(hass, 2)
        assert {first, second} <= {"on", "off"}
        assert entity_id(hass, entry, "relay_3", platform="binary_sensor") is None
        breaker = shown(hass, entry, "breaker")
        await tell(
            hass, entry, gateway, replace_line(raw, "0-1:96.3.10", "0-1:96.3.10(1)")
        )
        assert (relay(hass, 1), relay(hass, 2)) == ("on", second)
        await tell(
            hass, entry, gateway, replace_line(raw, "0-1:96.3.10", "0-1:96.3.10()")
        )
        assert relay(hass, 1) == "unknown"
        assert shown(hass, entry, "breaker") == breaker


# Limits


@pytest.mark.usefixtures("all_enabled")
@pytest.mark.parametrize(
    ("line", "point", "value"),
    [
        ("(0016.1*kW)", "power_limit", "16.1"),
        ("(0025*A)", "current_limit", "25.0"),
        ("(27.600*kVA)", "apparent_power_limit", "27.6"),
        ("(999.9*kW)", "power_limit", "unknown"),
        ("(0999.00*kW)", "power_limit", "unknown"),
        ("(999*A)", "current_limit", "unknown"),
        ("(99.999*kVA)", "apparent_power_limit", "unknown"),
        ("(0000.0*kW)", "power_limit", "0.0"),
    ],
)
async def test_limit_in_the_unit_that_is_printed(
    hass: HomeAssistant, line: str, point: str, value: str
) -> None:
    raw = replace_line(wire("v5b_gas_water_peak"), "0-0:17.0.0", "0-0:17.0.0" + line)
    async with heard(hass, raw) as (entry, _):
        assert shown(hass, entry, point) == value
        limits = {"power_limit", "current_limit", "apparent_power_limit"} - {point}
        assert all(entity_id(hass, entry, other) is None for other in limits)


@pytest.mark.usefixtures("all_enabled")
async def test_limits_of_current(hass: HomeAssistant) -> None:
    raw = wire("v5l_luxembourg_clear")
    line = "1-1:31.4.0(016*A)(-999*A)"
    async with heard(hass, replace_line(raw, "1-1:31.4.0", line)) as (entry, gateway):
        assert shown(hass, entry, "current_limit_imported") == "16.0"
        assert shown(hass, entry, "current_limit_exported") == "unknown"
        await tell(hass, entry, gateway, raw)
        assert shown(hass, entry, "current_limit_exported") == "40.0"
        broken = replace_line(raw, "1-1:31.4.0", "1-1:31.4.0(x*A)(y*A)")
        await tell(hass, entry, gateway, broken)
        assert shown(hass, entry, "current_limit_imported") == "unknown"


# Failures of the power


@pytest.mark.usefixtures("all_enabled")
async def test_power_failures(hass: HomeAssistant) -> None:
    async with heard(hass, RAW) as (entry, gateway):
        last = state(hass, entry, "last_power_failure")
        assert last.state == "2024-12-03T01:15:44+00:00"
        # The factory's log entry is not shown.
        assert last.attributes["failures"] == [
            {"end": "2024-12-03T01:15:44+00:00", "seconds": 812},
            {"end": "2022-07-18T09:45:00+00:00", "seconds": 3720},
        ]
        assert shown(hass, entry, "last_power_failure_duration") == "812"
        empty = replace_line(RAW, "1-0:99.97.0", "1-0:99.97.0(0)(0-0:96.7.19)")
        await tell(hass, entry, gateway, empty)
        assert shown(hass, entry, "last_power_failure") == "unknown"
        assert shown(hass, entry, "last_power_failure_duration") == "unknown"


# The line, the device, and what is enabled at first


@pytest.mark.usefixtures("all_enabled")
async def test_quality_of_the_line(hass: HomeAssistant) -> None:
    """Shown by entities too, every half minute."""
    async with heard(hass, RAW) as (entry, gateway):
        points = {
            "telegrams": "total_increasing",
            "crc_errors": "total_increasing",
            "framing_errors": "total_increasing",
            "decode_errors": "total_increasing",
            "lost_telegrams": "total_increasing",
            "reconnects": "total_increasing",
            "interval": "measurement",
        }
        for name, kind in points.items():
            found = state(hass, entry, f"link_{name}")
            assert found.attributes["state_class"] == kind
            registered = er.async_get(hass).async_get(found.entity_id)
            assert registered is not None
            assert registered.entity_category == "diagnostic"
        interval = state(hass, entry, "link_interval").attributes
        assert interval["unit_of_measurement"] == "s"
        entry.runtime_data.backend._counters_due = 0.0
        gateway.send(wire("v5_nl_bad_crc"))
        await tell(hass, entry, gateway, RAW)
        assert shown(hass, entry, "link_telegrams") == "2"
        assert shown(hass, entry, "link_crc_errors") == "1"


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("v5_nl_3phase_gas", ("Iskraemeco", "M550T-1099", "P1 50")),
        ("v4_single_phase_gas", ("Kaifa", "KAIFA-METER", "P1 42")),
        ("v5b_emucs_2_1", ("Sagemcom", "53771234_A", "P1 50221")),
        ("v5eonhu", ("Sagemcom", "SAG-METER", None)),
        ("q3d_easymeter", ("EasyMeter", "Q3DA1004 V3.04", None)),
        ("v5s_kamstrup_units", ("Kamstrup", "KAM5", None)),
        ("lt_eso_extended", (None, "VMM01", None)),
        ("v5_heat_only_unpadded_crc", ("Nedap", "JUNCTION01", "P1 50")),
    ],
)
async def test_device(hass: HomeAssistant, name: str, facts: Any) -> None:
    async with heard(hass, wire(name), wire(name)) as (entry, _):
        found = device(hass, entry)
        assert found is not None
        assert found.name == "Electricity meter"
        assert (found.manufacturer, found.model, found.sw_version) == facts
        assert found.via_device_id is None


COMMON = {
    "connected",
    "energy_import",
    "energy_import_tariff_1",
    "energy_import_tariff_2",
    "energy_export",
    "energy_export_tariff_1",
    "energy_export_tariff_2",
    "tariff",
    "power_import",
    "power_export",
    "power_net",
    "current_l1",
    "reading",
}
PHASES = {
    f"{name}_l{phase}"
    for name in ("power_import", "power_export", "voltage", "current")
    for phase in (1, 2, 3)
}


@pytest.mark.parametrize(
    ("name", "points"),
    [("v4_single_phase_gas", COMMON), ("v5_nl_3phase_gas", COMMON | PHASES)],
)
async def test_enabled_at_first(
    hass: HomeAssistant, name: str, points: set[str]
) -> None:
    """Power of a phase is enabled only if there is more than one phase."""
    async with heard(hass, wire(name)) as (entry, _):
        registry = er.async_get(hass)
        enabled = {
            one.unique_id.rpartition("/")[2]
            for one in er.async_entries_for_config_entry(registry, entry.entry_id)
            if one.disabled_by is None
        }
        assert enabled == points


async def test_nothing_is_written_that_did_not_change(hass: HomeAssistant) -> None:
    options = {"power_interval": 0, "slow_interval": 0}
    async with heard(hass, RAW, options=options) as (entry, gateway):
        await tell(hass, entry, gateway, RAW)
        before = writes(hass)
        other = replace_line(RAW, "1-0:32.7.0", "1-0:32.7.0(231.5*V)")
        await tell(hass, entry, gateway, RAW, other)
        written = written_since(hass, before)
        assert written == {entity_id(hass, entry, "voltage_l1")}
