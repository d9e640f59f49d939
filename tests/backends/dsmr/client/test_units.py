"""Units in every spelling, for every kind of line."""

import pytest

from custom_components.junction.backends.dsmr.client.telegram import TelegramParser
from custom_components.junction.backends.dsmr.client.units import converted, unit
from custom_components.junction.backends.dsmr.entities import DESCRIPTIONS
from custom_components.junction.backends.dsmr.entities.description import (
    Pace,
    PointDescription,
)
from custom_components.junction.backends.dsmr.entities.energy import registers_in
from custom_components.junction.backends.dsmr.entities.inventory import Inventory

from ..helpers import telegram
from .parsing import CLOCK, POWER, parse

# By resulting unit: printed units, and the result of 1234.5.
SPELLINGS: dict[str, dict[str, float]] = {
    "kWh": {
        "kWh": 1234.5,
        "kwh": 1234.5,
        "KWH": 1234.5,
        "Wh": 1.2345,
        "MWh": 1234500.0,
        "mwh": 1234500.0,
        "GWh": 1234500000.0,
    },
    "kvarh": {"kvarh": 1234.5, "kVArh": 1234.5, "varh": 1.2345, "Mvarh": 1234500.0},
    "kVAh": {"kVAh": 1234.5, "VAh": 1.2345},
    "kW": {"kW": 1234.5, "kw": 1234.5, "W": 1.2345, "MW": 1234500.0, "mW": 0.0012345},
    "kvar": {"kvar": 1234.5, "Kvar": 1234.5, "kVAr": 1234.5, "var": 1.2345},
    "kVA": {"kVA": 1234.5, "VA": 1.2345, "MVA": 1234500.0},
    "V": {"V": 1234.5, "v": 1234.5, "kV": 1234500.0, "mV": 1.2345},
    "A": {"A": 1234.5, "a": 1234.5, "kA": 1234500.0, "mA": 1.2345},
    "Hz": {"Hz": 1234.5, "hz": 1234.5, "kHz": 1234500.0, "mHz": 1.2345},
    "m³": {
        "m3": 1234.5,
        "M3": 1234.5,
        "m^3": 1234.5,
        "Nm3": 1234.5,
        "l": 1.2345,
        "L": 1.2345,
        "dm3": 1.2345,
        "hl": 123.45,
        "cm3": 0.0012345,
        "ft3": 34.957147118,
        "CCF": 3495.714711782,
        "gal": 4.673090847,
    },
    "GJ": {"GJ": 1234.5, "gj": 1234.5, "TJ": 1234500.0},
    "MJ": {"MJ": 1234.5, "mj": 1234.5, "J": 0.0012345, "kJ": 1.2345},
    "s": {"s": 1234.5, "ms": 1.2345, "min": 74070.0, "h": 4444200.0},
}
PRINTED = [
    (want, printed, value)
    for want, spellings in SPELLINGS.items()
    for printed, value in spellings.items()
]
NUMBERS = [
    row
    for row in (
        *DESCRIPTIONS,
        *registers_in(f"1-0:{c}.8.{e}" for c in range(1, 9) for e in (0, 1, 4, 13, 63)),
    )
    if row.description.native_unit_of_measurement is not None
    and row.id != "power_net"
    and row.keys[0].startswith("1-0:")
    and not row.keys[0].endswith(("1.6.0", "99.97.0", "31.4.0", "51.4.0", "71.4.0"))
]


@pytest.mark.parametrize("between", ["*", "_", " ", ""])
@pytest.mark.parametrize(("want", "printed", "value"), PRINTED)
def test_units_in_every_spelling(
    want: str, printed: str, value: float, between: str
) -> None:
    found = parse(CLOCK, f"1-0:1.7.0(01234.5{between}{printed})")
    reading = found.readings["1-0:1.7.0"]
    assert (reading.unit, reading.value) == (want, pytest.approx(value, rel=1e-9))
    assert not found.malformed


@pytest.mark.parametrize("printed", ["MA", "MV", "kWx", "ppm", "bar", "k"])
def test_a_unit_that_nobody_knows_stays_as_printed(printed: str) -> None:
    assert unit(printed) == (printed, 1.0)


@pytest.mark.parametrize("row", NUMBERS, ids=lambda row: str(row.id))
def test_every_entity_shows_its_own_unit_or_nothing(row: PointDescription) -> None:
    """Every entity shows its own unit or nothing, for every spelling of every unit."""
    want = row.description.native_unit_of_measurement
    for comes_out, printed, value in PRINTED:
        found = parse(
            CLOCK, POWER.replace("1.7.0", "99.7.0"), f"{row.keys[0]}(1234.5*{printed})"
        )
        shown = row.value(found)
        expected = converted(value, comes_out, str(want))
        assert shown == (
            expected if expected is None else pytest.approx(expected, rel=1e-9)
        ), printed
        if expected is not None and comes_out != want:
            # Only units of the same quantity are converted
            assert {comes_out, want} <= {"kWh", "MJ", "GJ"}


@pytest.mark.parametrize(
    ("printed", "value"),
    [
        ("0001.5*kWh", 1.5),
        ("0001.5_kWh", 1.5),
        ("0001.5 kWh", 1.5),
        ("0001.5kWh", 1.5),
        ("0001,5*kWh", 1.5),
        ("0001.5*kWh ", 1.5),
        (" 0001.5 *kWh", 1.5),
        ("-0001.5*kWh", -1.5),
        ("0001.5", 1.5),
        ("1500*Wh", 1.5),
    ],
)
def test_values_as_meters_write_them(printed: str, value: float) -> None:
    """Values are parsed the same in a new line and in a known one."""
    parser = TelegramParser()
    before = parser.parse(telegram(CLOCK, f"1-0:1.8.0({printed.replace('5', '4')})"))
    for base in (None, before):
        found = parser.parse(telegram(CLOCK, f"1-0:1.8.0({printed})"), base)
        assert found.quantity("1-0:1.8.0", "kWh") == value
        assert not found.malformed


@pytest.mark.parametrize(
    "line",
    ["1-0:1.8.0(0001.5*kWh)  ", "  1-0:1.8.0(0001.5*kWh)", "1-0:1.8.0.255(1.5*kWh)"],
)
def test_blanks_around_a_line_and_long_ids(line: str) -> None:
    assert parse(CLOCK, line).quantity("1-0:1.8.0", "kWh") == 1.5


@pytest.mark.parametrize(
    ("line", "unit_", "value"),
    [
        ("0-1:24.2.1(260301120000W)(00012.500*MWh)", "kWh", 12500.0),
        ("0-1:24.2.1(260301120000W)(00012.500*GJ)", "GJ", 12.5),
        ("0-1:24.2.1(260301120000W)(12500000.0*J)", "MJ", 12.5),
        ("0-1:24.2.1(260301120000W)(12500*l)", "m³", 12.5),
        ("0-1:24.2.1(260301120000W)(12500*dm3)", "m³", 12.5),
        ("0-1:24.2.1(260301120000w)(12,5*m3)", "m³", 12.5),
        ("0-1:24.2.1(260301120000W)(12.5m3)", "m³", 12.5),
        ("0-1:24.2.1(12.5*m3)(260301120000W)", "m³", 12.5),
    ],
)
def test_meters_behind_this_one(line: str, unit_: str, value: float) -> None:
    found = parse(CLOCK, "0-1:24.1.0(004)", "0-1:96.1.0(3132333435363738)", line)
    reading = found.mbus[1].reading
    assert reading is not None and reading.usable
    assert (reading.unit, reading.value) == (unit_, value)


def test_another_unit_for_the_same_is_converted_to_the_one_that_is_shown() -> None:
    inventory = Inventory(dict.fromkeys(Pace, 0.0))
    lines = ("0-1:24.1.0(004)", "0-1:96.1.0(3132333435363738)")
    shown = []
    for printed in ("(260301120000W)(00036.000*GJ)", "(260301121000W)(10.001*MWh)"):
        found = parse(CLOCK, *lines, f"0-1:24.2.1{printed}")
        states = inventory.take(found, 0.0).states
        shown.append(states["mbus-3132333435363738", "reading"])
    assert shown == [36.0, pytest.approx(36.0036)]
