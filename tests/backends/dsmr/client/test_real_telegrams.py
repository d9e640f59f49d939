"""Telegrams of real meters that deviate from the standards."""

import pytest

from custom_components.junction.backends.dsmr.client.dialect import (
    Dialect,
    dialect_of,
    tariff_rule,
)
from custom_components.junction.backends.dsmr.client.models import Telegram
from custom_components.junction.backends.dsmr.client.telegram import parse_telegram
from custom_components.junction.backends.dsmr.entities.description import METER, Pace
from custom_components.junction.backends.dsmr.entities.inventory import Inventory

from ..helpers import FIXTURES, NOW, telegram
from .parsing import CLOCK, POWER, parse

REAL = FIXTURES.parent / "dsmr_real"


def real(name: str) -> bytes:
    """Return the bytes of a real telegram."""
    return (REAL / f"{name}.txt").read_bytes()


def shown(found: Telegram) -> dict[str, object]:
    """Return the states of the electricity meter's entities."""
    states = Inventory(dict.fromkeys(Pace, 0.0)).take(found, 0.0).states
    return {
        point: value for (device, point), value in states.items() if device == METER
    }


@pytest.mark.parametrize(
    ("name", "dialect", "values"),
    [
        (
            "be_units_without_star",
            Dialect.E_MUCS,
            {
                "energy_import": 3578.626,
                "energy_import_tariff_1": 1247.747,
                "energy_export_tariff_2": 812.563,
                "power_export": 0.149,
                "power_net": -0.149,
                "voltage_l3": 235.1,
                "current_l2": 0.8,
                "tariff": "low",
                "breaker": "on",
            },
        ),
        (
            "il_kaifa_tariff_registers",
            Dialect.ISRAEL,
            {
                "energy_import": 32893.155,
                "energy_import_tariff_11": 7132.419,
                "energy_import_tariff_12": 155.482,
                "energy_import_tariff_13": 25605.254,
                "energy_export": 0.0,
                "tariff": "tariff_3",
                "power_import": 0.85,
            },
        ),
        (
            "lt_kilovolts",
            Dialect.ESO,
            {
                "voltage_l1": 242.0,
                "voltage_average_l1": 237.0,
                "current_l1": 5.0,
                "current_sum": 14.0,
                "frequency": 49.0,
                "fuse_limit_l1": 3.0,
                "energy_import": 9548.086,
                "energy_export": 7251.697,
            },
        ),
        (
            "pl_kaifa_model_in_96_1_1",
            Dialect.POLAND,
            {"energy_import": 336.42, "power_import": 0.132, "voltage_l2": 229.1},
        ),
        (
            "pl_kaifa_model_in_96_1_1_second_meter",
            Dialect.POLAND,
            {"energy_import": 8888.888},
        ),
    ],
)
def test_what_a_real_meter_gives(
    name: str, dialect: Dialect, values: dict[str, object]
) -> None:
    found = parse_telegram(real(name), now=lambda: NOW)
    assert not found.malformed
    assert dialect_of(found) is dialect
    states = shown(found)
    assert {point: states.get(point) for point in values} == values


@pytest.mark.parametrize("e", [1, 5, 9, 10, 11, 42, 63])
@pytest.mark.parametrize(("c", "name"), [(1, "energy_import"), (2, "energy_export")])
def test_every_tariff_register_is_read_by_its_number(c: int, name: str, e: int) -> None:
    states = shown(parse(CLOCK, POWER, f"1-0:{c}.8.{e}(000012.345*kWh)"))
    assert states[f"{name}_tariff_{e}"] == 12.345
    assert states[name] == 12.345


def test_a_total_that_is_printed_is_not_added_up() -> None:
    lines = ("1-0:1.8.0(10.0*kWh)", "1-0:1.8.1(4.0*kWh)", "1-0:1.8.2(5.0*kWh)")
    assert shown(parse(CLOCK, *lines))["energy_import"] == 10.0


@pytest.mark.parametrize("missing", [0, 1, 2])
def test_a_total_is_unknown_while_a_part_is_missing(missing: int) -> None:
    lines = [f"1-0:1.8.{e}(10.0*kWh)" for e in (1, 2, 3)]
    inventory = Inventory(dict.fromkeys(Pace, 0.0))
    totals = []
    for left_out in (None, missing, None):
        chosen = [line for at, line in enumerate(lines) if at != left_out]
        states = inventory.take(parse(CLOCK, POWER, *chosen), 0.0).states
        totals.append(states[METER, "energy_import"])
    assert totals == [30.0, None, 30.0]
    # Also after a restart that begins with the bad telegram
    again = Inventory(dict.fromkeys(Pace, 0.0), known=inventory.remember())
    chosen = [line for at, line in enumerate(lines) if at != missing]
    states = again.take(parse(CLOCK, POWER, *chosen), 0.0).states
    assert states[METER, "energy_import"] is None


@pytest.mark.parametrize(
    "lines",
    [
        [
            "1-0:1.8.0(1*kWh)",
            "1-0:1.8.1(1*kWh)",
            "1-0:1.8.2(1*kWh)",
            "0-0:96.14.0(0001)",
        ],
        ["1-0:1.8.1(1*kWh)", "1-0:1.8.2(1*kWh)", "1-0:1.8.3(1*kWh)"],
        ["1-0:1.8.11(1*kWh)", "1-0:1.8.12(1*kWh)"],
        ["1-0:1.8.1(1*kWh)", "1-0:1.8.2(1*kWh)", "1-0:3.8.0(1*kvarh)"],
        ["1-0:1.8.0*255(1*kWh)", "1-0:1.7.0*255(1*kW)"],
    ],
)
@pytest.mark.parametrize("crc", [True, False])
def test_nobody_else_is_taken_for_dutch(lines: list[str], crc: bool) -> None:
    """Tariffs of a meter of an unknown country have numbers instead of Dutch names."""
    raw = telegram("1-3:0.2.8(50)" if crc else POWER, *lines, header="/ABC5XY", crc=crc)
    dialect = dialect_of(parse_telegram(raw))
    assert not dialect.startswith("dsmr_")
    assert tariff_rule(dialect) == "numbered"


def test_hungary_is_known_without_its_logical_name() -> None:
    lines = [f"1-0:{c}.8.{e}(1*kWh)" for c in (1, 2) for e in range(5)]
    found = parse(CLOCK, *lines, "1-0:15.8.0(2*kWh)", "0-0:96.50.68(1)")
    assert dialect_of(found) is Dialect.EON
    assert tariff_rule(Dialect.EON) == "normal_first"
    assert shown(found)["breaker"] == "on"


def test_the_clock_of_danish_meters() -> None:
    raw = telegram("0-0:1.0.0(20240111 09:35:00)", POWER, header="/NES5XY")
    found = parse_telegram(raw)
    assert found.timestamp is not None
    assert found.timestamp.isoformat() == "2024-01-11T08:35:00+00:00"
    assert dialect_of(found) is Dialect.DENMARK


@pytest.mark.parametrize(
    ("printed", "iso"),
    [
        ("240111093500w", "2024-01-11T08:35:00+00:00"),
        ("240711093500s", "2024-07-11T07:35:00+00:00"),
        ("20240711093500", "2024-07-11T07:35:00+00:00"),
        ("2024-07-11 09:35:00", "2024-07-11T07:35:00+00:00"),
        ("240111093500W ", "2024-01-11T08:35:00+00:00"),
    ],
)
def test_clocks_of_other_forms(printed: str, iso: str) -> None:
    found = parse(f"0-0:1.0.0({printed})", POWER)
    assert found.timestamp is not None and found.timestamp.isoformat() == iso


@pytest.mark.parametrize(
    "line",
    [
        "1-0:13.3.0(0.999)",
        "1-0:0.8.2(0900*s)",
        *(f"1-0:{c}.{d}.0(00.123*kvar)" for c in (3, 4) for d in (4, 5)),
        *(f"1-0:{c}.{d}.0(00.123*kVA)" for c in (9, 10) for d in (4, 5)),
        "0-0:96.14.1(0003)",
        "1-0:99.1.0(1)(0-0:96.10.7)(1-0:1.29.0)(260411233000S)(00)(000000.205*kWh)",
        "1-0:1.8.0.255(1*kWh)",
        "1.8.0(1*kWh)",
    ],
)
def test_lines_that_have_a_name(line: str) -> None:
    found = parse(CLOCK, POWER, line)
    assert not found.layout.unknown
    assert not found.malformed


@pytest.mark.parametrize(
    "line", ["1.8.0*12(1*kWh)", "1-0:1.8.0*01(1*kWh)", "1.8.1&12(1*kWh)"]
)
def test_values_of_earlier_months_are_not_the_value(line: str) -> None:
    found = parse(CLOCK, line, "1-0:1.8.0(7*kWh)")
    assert found.number("1-0:1.8.0") == 7.0


def test_many_hourly_lines_of_one_meter() -> None:
    """The newest of several hourly lines counts, wherever it is, and updates at once."""
    hours = [f"0-1:24.2.1(2603011{h}0000W)(0000{h}.000*m3)" for h in (0, 2, 1)]
    head = ("0-1:24.1.0(003)", "0-1:96.1.0(3132333435363738)")
    found = parse(CLOCK, *head, *hours)
    reading = found.mbus[1].reading
    assert reading is not None and reading.value == 2.0


GAS_ID = "4730303332353631323831363631323137"


def test_the_same_id_on_two_channels() -> None:
    """Two meters with one id stay separate, with a missing line and after a restart."""
    lines = [
        line
        for channel, kind, value in ((1, 3, "00100.000*m3"), (2, 7, "00050.000*m3"))
        for line in (
            f"0-{channel}:24.1.0(00{kind})",
            f"0-{channel}:96.1.0({GAS_ID})",
            f"0-{channel}:24.2.1(260301120000W)({value})",
        )
    ]
    inventory = Inventory(dict.fromkeys(Pace, 0.0))
    for known in (inventory, None):
        inventory = known or Inventory(
            dict.fromkeys(Pace, 0.0), known=inventory.remember()
        )
        for chosen in (lines, lines[3:], lines[:3], lines):
            states = inventory.take(parse(CLOCK, POWER, *chosen), 0.0).states
            for device, value in (
                (f"mbus-{GAS_ID}", 100.0),
                (f"mbus-{GAS_ID}-2", 50.0),
            ):
                if (device, "reading") in states:
                    assert states[device, "reading"] == value
        states = inventory.take(parse(CLOCK, POWER, *lines), 0.0).states
        assert states[f"mbus-{GAS_ID}", "reading"] == 100.0
        assert states[f"mbus-{GAS_ID}-2", "reading"] == 50.0


@pytest.mark.parametrize(
    "stamp", ["000101000000W", "632525252525S", "691231235959W", "681027002758S", ""]
)
@pytest.mark.parametrize("clock", [CLOCK, "0-0:1.0.0(000101000011W)"])
def test_gas_with_a_time_that_is_none(stamp: str, clock: str) -> None:
    """A gas reading with an invalid time counts, without a time."""
    head = ("0-1:24.1.0(003)", f"0-1:96.1.0({GAS_ID})")
    found = parse(clock, *head, f"0-1:24.2.1({stamp})(00012.345*m3)")
    states = Inventory(dict.fromkeys(Pace, 0.0)).take(found, 0.0).states
    assert states[f"mbus-{GAS_ID}", "reading"] == 12.345
    assert states[f"mbus-{GAS_ID}", "read_at"] is None
    # An empty slot shows 0
    found = parse(clock, *head, f"0-1:24.2.1({stamp})(00000.000*m3)")
    reading = found.mbus[1].reading
    assert reading is not None and not reading.usable
