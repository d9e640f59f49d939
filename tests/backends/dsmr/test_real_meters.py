"""Every real telegram that leaves the standards, through the dialog and in Home Assistant."""

import asyncio
from typing import NamedTuple

from homeassistant.components.recorder import Recorder
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
import pytest

from .client.test_real_telegrams import REAL, real
from .flows import FORM, begin, confirm, heard
from .lines import meter
from .running import device, heard as set_up, shown, state, tell
from .test_flow_real import sending
from .test_statistics import sums

pytestmark = pytest.mark.usefixtures("socket_enabled")

EVERY = {"power_interval": 0, "slow_interval": 0}


class Meter(NamedTuple):
    """Expected results of a meter: its number, its name in the dialog, and its values."""

    serial: str | None
    dialect: str
    values: dict[str, str]


GAS = "mbus-4730303339303031393334393337313137/reading"
METERS = {
    "pl_kaifa_model_in_96_1_1": Meter(
        "78979844", "Poland", {"energy_import": "336.42 kWh", "voltage_l2": "229.1 V"}
    ),
    "pl_kaifa_model_in_96_1_1_second_meter": Meter(
        "78979845", "Poland", {"energy_import": "8888.888 kWh"}
    ),
    "lt_kilovolts": Meter(
        None,
        "Lithuania",
        {
            "voltage_l1": "242.0 V",
            "current_l1": "5.0 A",
            "frequency": "49.0 Hz",
            "fuse_limit_l1": "3.0 A",
            "fuse_limit_l3": "2.0 A",
            "energy_import": "9548.086 kWh",
        },
    ),
    "hu_holley_crc_x25": Meter(
        None,
        "Hungary",
        {
            "energy_import": "3668.743 kWh",
            "energy_import_tariff_1": "1737.629 kWh",
            "energy_import_tariff_2": "1931.114 kWh",
            "energy_export_tariff_1": "2533.342 kWh",
            "energy_combined": "7137.694 kWh",
            "voltage_l1": "238.2 V",
            "current_l3": "4.96 A",
        },
    ),
    "il_kaifa_tariff_registers": Meter(
        "K81015",
        "Israel",
        {
            "energy_import": "32893.155 kWh",
            "energy_import_tariff_11": "7132.419 kWh",
            "energy_import_tariff_12": "155.482 kWh",
            "energy_import_tariff_13": "25605.254 kWh",
            "energy_export": "0.0 kWh",
            "tariff": "tariff_3",
        },
    ),
    "be_units_without_star": Meter(
        None,
        "Belgium",
        {
            "energy_import": "3578.626 kWh",
            "energy_export": "2971.99 kWh",
            "power_export": "0.149 kW",
            "voltage_l1": "234.5 V",
            "voltage_l3": "235.1 V",
            "current_l2": "0.8 A",
            "tariff": "low",
            "mbus-0133841197931243034411754861/reading": "996.617 m³",
        },
    ),
    "nl_cr_stripped_by_gateway": Meter(
        "E0044007131650618",
        "Netherlands",
        {"energy_import": "7531.0 kWh", "power_import": "0.456 kW", GAS: "1234.567 m³"},
    ),
    "nl_gas_zero_once": Meter(
        "E0044007131650618",
        "Netherlands",
        # The second of the three prints the 0, the third the reading after it
        {"energy_import": "7531.002 kWh", GAS: "1234.601 m³"},
    ),
}


def test_none_is_left_out() -> None:
    assert METERS.keys() == {path.stem for path in REAL.glob("*.txt")}


@pytest.mark.usefixtures("all_enabled")
@pytest.mark.parametrize("name", METERS)
async def test_a_real_meter(hass: HomeAssistant, name: str) -> None:
    meant = METERS[name]
    async with meter() as gateway, sending(gateway, real(name)):
        result = await hass.config_entries.flow.async_configure(
            (await begin(hass))["flow_id"], {"port": gateway.url, "encryption": {}}
        )
        result = await heard(hass, result)
        assert (result["type"], result["step_id"]) == (FORM, "dsmr_found"), result
        told = result["description_placeholders"]
        assert told is not None
        assert meant.dialect in told["dialect"]
        entry = (await confirm(hass, result))["result"]
        assert entry.state is ConfigEntryState.LOADED
        # Wait until all of the file was sent
        async with asyncio.timeout(10):
            backend = entry.runtime_data.backend
            while backend.diagnostics()["statistics"]["telegrams"] < 6:
                await asyncio.sleep(0.02)
    found: dict[str, str] = {}
    for point in meant.values:
        owner, _, name_of = point.rpartition("/")
        one = state(hass, entry, name_of, owner or "meter")  # type: ignore[arg-type]
        unit = one.attributes.get("unit_of_measurement", "")
        found[point] = f"{one.state} {unit}".strip()
    assert found == meant.values
    own = device(hass, entry)  # type: ignore[arg-type]
    assert own is not None
    if meant.serial is not None:
        assert own.serial_number == meant.serial
    await hass.config_entries.async_unload(entry.entry_id)


async def test_a_gas_reading_of_0_books_nothing(
    recorder_mock: Recorder, hass: HomeAssistant
) -> None:
    """The real file, in the statistics of a real recorder."""
    first, zero, after = (
        part + b"\r\n"
        for part in real("nl_gas_zero_once").replace(b"\r\n/", b"\r\n\0/").split(b"\0")
    )
    async with set_up(hass, first, options=EVERY) as (entry, gateway):
        device_id = GAS.partition("/")[0]
        seen = []
        for raw in (first, zero, after):
            await tell(hass, entry, gateway, raw)
            seen.append(shown(hass, entry, "reading", device_id))
        assert seen == ["1234.567", "1234.567", "1234.601"]
        gas = state(hass, entry, "reading", device_id).entity_id
        booked = await sums(hass, [gas])
        assert booked[gas] == pytest.approx(0.034)
