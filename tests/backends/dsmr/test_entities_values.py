"""States of entities, compared with the telegrams."""

from typing import Any

from homeassistant.core import HomeAssistant
import pytest

from custom_components.junction.model import Delta

from .helpers import expected, replace_line, wire
from .running import heard, shown, state, tell

pytestmark = pytest.mark.usefixtures("socket_enabled")

# Derived values


@pytest.mark.parametrize(
    ("name", "imported", "exported"),
    [
        ("v5_nl_3phase_gas", 3456.789 + 2345.678, 1234.567 + 2987.654),
        ("v5b_gas_water_peak", 2741.906 + 3058.112, 915.3 + 377.041),
        # It prints a total of its own besides the tariffs.
        ("v5eonhu", 1640.226, 700.050),
        ("lt_eso_extended", 450.991, 17.001),
    ],
)
async def test_total_over_all_tariffs(
    hass: HomeAssistant, name: str, imported: float, exported: float
) -> None:
    async with heard(hass, wire(name)) as (entry, _):
        assert float(shown(hass, entry, "energy_import")) == pytest.approx(imported)
        assert float(shown(hass, entry, "energy_export")) == pytest.approx(exported)


async def test_total_follows_its_tariffs(hass: HomeAssistant) -> None:
    raw = wire("v5_nl_3phase_gas")
    more = replace_line(raw, "1-0:1.8.2", "1-0:1.8.2(002345.700*kWh)")
    options = {"slow_interval": 0}
    async with heard(hass, raw, options=options) as (entry, gateway):
        assert shown(hass, entry, "energy_import") == "5802.467"
        await tell(hass, entry, gateway, more)
        assert shown(hass, entry, "energy_import") == "5802.489"


@pytest.mark.parametrize(
    ("drawn", "fed_in", "net"),
    [
        ("01.193", "00.000", "1.193"),
        ("00.000", "01.876", "-1.876"),
        ("00.000", "00.000", "0.0"),
        # Not every meter nets its phases.
        ("00.500", "01.200", "-0.7"),
    ],
)
async def test_net_power(
    hass: HomeAssistant, drawn: str, fed_in: str, net: str
) -> None:
    raw = wire("v5_nl_3phase_gas")
    raw = replace_line(raw, "1-0:1.7.0", f"1-0:1.7.0({drawn}*kW)")
    raw = replace_line(raw, "1-0:2.7.0", f"1-0:2.7.0({fed_in}*kW)")
    async with heard(hass, raw) as (entry, _):
        assert shown(hass, entry, "power_net") == net


@pytest.mark.parametrize(
    ("left", "net"), [("1-0:1.7.0", "0.412"), ("1-0:2.7.0", "-1.876")]
)
async def test_net_power_of_a_meter_with_one_direction(
    hass: HomeAssistant, left: str, net: str
) -> None:
    raw = wire("v5_nl_3phase_gas")
    gone = {"1-0:1.7.0": "1-0:2.7.0", "1-0:2.7.0": "1-0:1.7.0"}[left]
    if left == "1-0:1.7.0":
        raw = replace_line(raw, left, "1-0:1.7.0(00.412*kW)")
    raw = replace_line(raw, gone, None)
    async with heard(hass, raw) as (entry, _):
        assert shown(hass, entry, "power_net") == net


async def test_zero_is_a_value(hass: HomeAssistant) -> None:
    """In a house without solar panels, and for a meter that is new."""
    raw = wire("v5_nl_3phase_gas")
    for obis in ("1-0:1.8.1", "1-0:1.8.2", "1-0:2.8.1", "1-0:2.8.2"):
        raw = replace_line(raw, obis, f"{obis}(000000.000*kWh)")
    async with heard(hass, raw) as (entry, _):
        for point in (
            "energy_import",
            "energy_export",
            "energy_import_tariff_1",
            "energy_export_tariff_2",
            "power_import",
        ):
            assert shown(hass, entry, point) == "0.0"


# Tariffs


@pytest.mark.parametrize(
    ("name", "meanings"),
    [
        ("v5_nl_3phase_gas", ["low", "normal", "tariff_3", "tariff_4"]),
        ("v2_2_gas", ["low", "normal", "tariff_3", "tariff_4"]),
        ("v5b_gas_water_peak", ["normal", "low", "tariff_3", "tariff_4"]),
        ("v5eonhu", ["normal", "low", "tariff_3", "tariff_4"]),
    ],
)
async def test_meaning_of_tariffs(
    hass: HomeAssistant, name: str, meanings: list[str]
) -> None:
    def tariff(code: str) -> bytes:
        return replace_line(wire(name), "0-0:96.14.0", f"0-0:96.14.0({code})")

    async with heard(hass, tariff("0001"), tariff("0001")) as (entry, gateway):
        assert shown(hass, entry, "tariff") == meanings[0]
        assert state(hass, entry, "tariff").attributes["options"] == [
            "low",
            "normal",
            "tariff_1",
            "tariff_2",
            "tariff_3",
            *(f"tariff_{n}" for n in range(4, 9)),
        ]
        if not expected(name)["crc"]:
            return
        for code, meaning in enumerate(meanings[1:], 2):
            await tell(hass, entry, gateway, tariff(f"{code:04}"))
            assert shown(hass, entry, "tariff") == meaning
        await tell(hass, entry, gateway, tariff("0009"))
        assert shown(hass, entry, "tariff") == "unknown"


@pytest.mark.parametrize(
    ("rule", "meaning"),
    [("low_first", "low"), ("normal_first", "normal"), ("numbered", "tariff_1")],
)
async def test_meaning_of_tariffs_by_option(
    hass: HomeAssistant, rule: str, meaning: str
) -> None:
    raw = replace_line(wire("v5_nl_3phase_gas"), "0-0:96.14.0", "0-0:96.14.0(0001)")
    options: dict[str, Any] = {"tariffs": rule}
    async with heard(hass, raw, options=options) as (entry, _):
        assert shown(hass, entry, "tariff") == meaning


# Belgian peaks


async def test_belgian_peaks(hass: HomeAssistant) -> None:
    facts = expected("v5b_gas_water_peak")
    async with heard(hass, wire("v5b_gas_water_peak")) as (entry, _):
        assert shown(hass, entry, "demand_import") == "1.207"
        now = state(hass, entry, "peak_month")
        assert float(now.state) == float(facts["peak_month"]["value"])
        assert now.attributes["at"] == "2025-01-09T17:15:00+00:00"
        last = state(hass, entry, "peak_last_month")
        months = last.attributes["months"]
        assert float(last.state) == months[-1]["kilowatt"] == 7.015
        assert [month["until"] for month in months] == sorted(
            month["until"] for month in months
        )
        mean = state(hass, entry, "peak_average")
        assert mean.attributes["months"] == len(facts["peak_history"]) == 4
        peaks = [float(month["value"]) for month in facts["peak_history"]]
        assert float(mean.state) == round(sum(peaks) / len(peaks), 3)


async def test_average_peak_as_flanders_bills_it(hass: HomeAssistant) -> None:
    """At most twelve months, each with at least 2.5 kW, in any order."""
    peaks = [9.999, 1.0, 2.4, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 3.5, 4.5, 5.5, 6.5]
    months = [(24, month) for month in range(1, 13)] + [(25, 1)]
    groups = [
        f"({year}{month:02}01000000W)({year}{month:02}01000000W)({peak:06.3f}*kW)"
        for (year, month), peak in zip(months, peaks, strict=True)
    ]
    line = "0-0:98.1.0(13)(1-0:1.6.0)(1-0:1.6.0)" + "".join(reversed(groups))
    raw = replace_line(wire("v5b_gas_water_peak"), "0-0:98.1.0", line)
    async with heard(hass, raw) as (entry, _):
        assert shown(hass, entry, "peak_last_month") == "6.5"
        billed = [max(2.5, peak) for peak in peaks[1:]]
        assert float(shown(hass, entry, "peak_average")) == round(sum(billed) / 12, 3)
        assert state(hass, entry, "peak_average").attributes["months"] == 12
        months_shown = state(hass, entry, "peak_last_month").attributes["months"]
        assert [month["kilowatt"] for month in months_shown] == peaks


async def test_no_month_is_over_yet(hass: HomeAssistant) -> None:
    line = "0-0:98.1.0(0)(1-0:1.6.0)(1-0:1.6.0)"
    raw = replace_line(wire("v5b_gas_water_peak"), "0-0:98.1.0", line)
    raw = replace_line(raw, "1-0:1.6.0", "1-0:1.6.0(632525252525W)(00.000*kW)")
    async with heard(hass, raw) as (entry, _):
        assert shown(hass, entry, "peak_last_month") == "unknown"
        assert shown(hass, entry, "peak_average") == "unknown"
        assert shown(hass, entry, "peak_month") == "0.0"
        assert state(hass, entry, "peak_month").attributes["at"] is None


async def test_lines_without_a_value(hass: HomeAssistant) -> None:
    """An empty value is unknown, not zero."""
    raw = wire("v5b_gas_water_peak")
    for obis in ("1-0:1.7.0", "1-0:2.7.0", "1-0:1.6.0", "0-0:96.14.0", "1-0:32.7.0"):
        raw = replace_line(raw, obis, f"{obis}()")
    for tariff in (1, 2):
        raw = replace_line(raw, f"1-0:1.8.{tariff}", f"1-0:1.8.{tariff}()")
    async with heard(hass, raw) as (entry, _):
        for point in (
            "power_import",
            "power_net",
            "peak_month",
            "tariff",
            "voltage_l1",
            "energy_import",
            "energy_import_tariff_1",
        ):
            assert shown(hass, entry, point) == "unknown", point
        assert shown(hass, entry, "energy_export") != "unknown"
        # Nothing to steer, so nothing to read again.
        assert await entry.runtime_data.backend.read(()) == Delta()
