"""A meter that was set up without a number, and prints one later."""

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.junction.const import DOMAIN

from .helpers import replace_line, wire
from .lines import TcpMeter, meter
from .running import connected, entry_for, heard, set_up, shown, tell
from .test_connection_keys import answer

pytestmark = pytest.mark.usefixtures("socket_enabled")

EVERY = {"power_interval": 0, "slow_interval": 0}
RAW = wire("v5_nl_3phase_gas")
IDENT = "4530303839303031323033343536373235"
NAMELESS = replace_line(RAW, "0-0:96.1.1", None)
ON = replace_line(RAW, "1-0:1.8.1", "1-0:1.8.1(003456.790*kWh)")
# Another meter: with a number, and with counters that do not go on
OTHER_ID = b"E0047000000000001".hex()
OTHER = replace_line(
    replace_line(RAW, "0-0:96.1.1", f"0-0:96.1.1({OTHER_ID})"),
    "1-0:1.8.1",
    "1-0:1.8.1(008888.888*kWh)",
)


def question(hass: HomeAssistant, entry: MockConfigEntry) -> ir.IssueEntry | None:
    """Return the open question about the meter, or None."""
    return ir.async_get(hass).async_get_issue(
        DOMAIN, f"{entry.entry_id}_meter_replaced"
    )


async def test_the_same_meter_goes_on(hass: HomeAssistant) -> None:
    """A meter with matching counters is the same one, and its number is stored."""
    async with heard(hass, NAMELESS, options=EVERY) as (entry, gateway):
        await tell(hass, entry, gateway, ON, ON)
        assert entry.data["equipment_id"] is None
        assert shown(hass, entry, "energy_import_tariff_1") == "3456.79"
        await tell(hass, entry, gateway, ON)
        assert entry.data["equipment_id"] == IDENT
        assert question(hass, entry) is None
        # Values of another meter are not shown, even with plausible counters
        wrong = replace_line(ON, "0-0:96.1.1", f"0-0:96.1.1({OTHER_ID})")
        wrong = replace_line(wrong, "1-0:1.7.0", "1-0:1.7.0(09.999*kW)")
        await tell(hass, entry, gateway, *[wrong] * 12)
        assert shown(hass, entry, "power_import") == "unavailable"
        issue = question(hass, entry)
        assert issue is not None and issue.translation_key == "dsmr_meter_replaced"


async def test_another_meter_asks(hass: HomeAssistant) -> None:
    async with heard(hass, NAMELESS, options=EVERY) as (entry, gateway):
        await tell(hass, entry, gateway, *[OTHER] * 12)
        assert shown(hass, entry, "energy_import_tariff_1") == "3456.789"
        assert connected(hass, entry) == "off"
        assert entry.data["equipment_id"] is None
        issue = question(hass, entry)
        assert issue is not None
        assert issue.translation_key == "dsmr_meter_replaced_unnumbered"
        assert issue.translation_placeholders == {"entry": "Meter", "new": "…0001"}
        gateway.connected.clear()
        await answer(hass, issue, "continue", gateway, OTHER)
        assert entry.data["equipment_id"] == OTHER_ID
        await tell(hass, entry, gateway, OTHER)
        assert shown(hass, entry, "energy_import_tariff_1") == "8888.888"
        assert question(hass, entry) is None


async def test_a_meter_that_was_chosen_in_a_dialog_stays(hass: HomeAssistant) -> None:
    """Telegrams of the old one may arrive until the entry is reloaded."""
    async with heard(hass, RAW, equipment_id=IDENT) as (entry, gateway):
        hass.config_entries.async_update_entry(
            entry, data={**entry.data, "equipment_id": OTHER_ID}
        )
        await tell(hass, entry, gateway, ON)
        assert entry.data["equipment_id"] == OTHER_ID


async def test_a_glitch_beside_the_first_number_asks_nothing(
    hass: HomeAssistant,
) -> None:
    zero = replace_line(RAW, "1-0:1.8.1", "1-0:1.8.1(000000.000*kWh)")
    async with heard(hass, NAMELESS, options=EVERY) as (entry, gateway):
        await tell(hass, entry, gateway, zero, ON, ON, ON)
        assert shown(hass, entry, "energy_import_tariff_1") == "3456.79"
        assert entry.data["equipment_id"] == IDENT
        assert question(hass, entry) is None


async def test_a_number_once_is_none(hass: HomeAssistant) -> None:
    """It is not ours before it was printed several times."""
    async with heard(hass, NAMELESS, options=EVERY) as (entry, gateway):
        await tell(hass, entry, gateway, ON, NAMELESS, ON, NAMELESS, ON)
        assert entry.data["equipment_id"] is None
        assert connected(hass, entry) == "on"


@pytest.mark.parametrize("same", [True, False])
async def test_over_a_restart(hass: HomeAssistant, same: bool) -> None:
    """Stored counters identify the meter after a restart."""
    async with meter() as gateway:
        entry = entry_for(gateway.url, None, unique_id="dsmr:test", options=EVERY)
        await begun(hass, entry, gateway, NAMELESS)
        await hass.config_entries.async_unload(entry.entry_id)
        gateway.connected.clear()
        raw = ON if same else OTHER
        await begun(hass, entry, gateway, raw, again=True)
        await tell(hass, entry, gateway, *[raw] * 12)
        assert entry.data["equipment_id"] == (IDENT if same else None)
        assert (question(hass, entry) is None) is same
        value = "3456.79" if same else "3456.789"
        assert shown(hass, entry, "energy_import_tariff_1") == value
        await hass.config_entries.async_unload(entry.entry_id)


async def begun(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    gateway: TcpMeter,
    raw: bytes,
    *,
    again: bool = False,
) -> None:
    """Set an entry up while its meter sends."""
    start = hass.async_create_task(
        hass.config_entries.async_setup(entry.entry_id)
        if again
        else set_up(hass, entry)
    )
    await gateway.connected.wait()
    gateway.send(raw)
    await start
    assert entry.state is ConfigEntryState.LOADED


async def test_the_number_of_another_entry_asks(hass: HomeAssistant) -> None:
    """Also when its counters fit: it is set up already."""
    async with heard(hass, NAMELESS, options=EVERY) as (entry, gateway):
        entry_for("x", IDENT, unique_id="dsmr:other").add_to_hass(hass)
        await tell(hass, entry, gateway, *[ON] * 12)
        assert entry.data["equipment_id"] is None
        issue = question(hass, entry)
        assert issue is not None
        result = await answer(hass, issue, "continue")
        assert result["errors"] == {"base": "meter_taken"}
