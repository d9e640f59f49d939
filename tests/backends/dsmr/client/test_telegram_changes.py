"""Changes between telegrams, and the cost of parsing."""

import random

import pytest

from custom_components.junction.backends.dsmr.client.models import Telegram
from custom_components.junction.backends.dsmr.client.telegram import (
    TelegramParser,
    parse_telegram,
)

from ..helpers import NOW, VALID, replace_line, telegram, vary, wire
from .parsing import CLOCK, POWER

# What changed


def test_unchanged_lines_keep_their_objects() -> None:
    parser = TelegramParser()
    raw = wire("v5_nl_3phase_gas")
    first = parser.parse(raw)
    assert first.changed == first.layout.keys == set(first.readings)
    same = parser.parse(raw, first)
    assert same.changed == frozenset()
    assert same.readings is first.readings
    assert same.mbus is first.mbus
    assert same.layout is first.layout
    later = parser.parse(replace_line(raw, "1-0:2.7.0", "1-0:2.7.0(01.900*kW)"), same)
    assert later.changed == {"1-0:2.7.0"}
    assert later.layout is first.layout
    assert later.mbus is first.mbus
    for key, reading in later.readings.items():
        assert (reading is first.readings[key]) == (key != "1-0:2.7.0")


def test_only_the_device_whose_line_changed_is_new() -> None:
    parser = TelegramParser()
    raw = wire("v5_nl_water_heat_slave")
    first = parser.parse(raw)
    line = "0-2:24.2.1(250312185000W)(00101.38*GJ)"
    later = parser.parse(replace_line(raw, "0-2:24.2.1", line), first)
    assert later.changed == {"0-2:24.2.1"}
    assert later.mbus[2] is not first.mbus[2]
    assert all(later.mbus[n] is first.mbus[n] for n in (1, 3, 4))


def test_every_line_about_a_device_makes_it_new() -> None:
    parser = TelegramParser()
    raw = wire("v5b_gas_water_peak")
    last = parser.parse(raw)
    for valve in (0, 1, 0, 2):
        line = f"0-1:24.4.0({valve})"
        last = parser.parse(replace_line(raw, "0-1:24.4.0", line), last)
        assert last.mbus[1].valve == valve


def test_lines_that_come_and_go_make_another_layout() -> None:
    parser = TelegramParser()
    raw = wire("v5_nl_3phase_gas")
    first = parser.parse(raw)
    without = parser.parse(replace_line(raw, "0-1:24.2.1", None), first)
    assert without.changed == {"0-1:24.2.1"}
    assert without.layout is not first.layout
    assert without.layout.keys == first.layout.keys - {"0-1:24.2.1"}
    assert without.mbus[1].reading is None
    back = parser.parse(raw, without)
    assert back.changed == {"0-1:24.2.1"}
    assert back.mbus == first.mbus
    untouched = first.layout.keys - {"0-1:24.2.1"}
    assert all(back.readings[key] is first.readings[key] for key in untouched)


def test_changed_is_relative_to_the_base_not_to_the_last_parsed() -> None:
    parser = TelegramParser()
    raw = wire("v5_nl_3phase_gas")
    first = parser.parse(raw)
    other = replace_line(raw, "1-0:2.7.0", "1-0:2.7.0(01.900*kW)")
    parser.parse(other, first)
    again = parser.parse(replace_line(raw, "1-0:32.7.0", "1-0:32.7.0(231.5*V)"), first)
    assert again.changed == {"1-0:32.7.0"}
    assert parser.parse(other).changed == first.layout.keys


def test_unknown_lines_may_change() -> None:
    parser = TelegramParser()
    first = parser.parse(telegram(CLOCK, "1-0:200.7.0(1)"))
    later = parser.parse(telegram(CLOCK, "1-0:200.7.0(22)"), first)
    assert later.changed == frozenset()
    assert later.layout is first.layout
    assert later.readings is first.readings


def test_hourly_gas_on_a_line_of_its_own_follows() -> None:
    parser = TelegramParser()
    raw = wire("v2_2_gas")
    first = parser.parse(raw)
    later = parser.parse(raw.replace(b"(02750.418)", b"(02751.000)"), first)
    assert later.changed == {"0-1:24.3.0"}
    assert later.layout is first.layout
    assert later.mbus[1].reading is not None
    assert later.mbus[1].reading.value == 2751
    assert later.readings["1-0:1.8.1"] is first.readings["1-0:1.8.1"]


def test_a_width_or_unit_that_changes_is_read_anew() -> None:
    parser = TelegramParser()
    raw = wire("v5_nl_3phase_gas")
    found = parser.parse(raw)
    for line, value, unit in (
        ("1-0:2.7.0(123456.7*kW)", 123456.7, "kW"),
        ("1-0:2.7.0(01876*W)", 1.876, "kW"),
        ("1-0:2.7.0(01877*W)", 1.877, "kW"),
        ("1-0:2.7.0()", None, None),
        ("1-0:2.7.0(01.876*kW)", 1.876, "kW"),
        ("1-0:2.7.0(-1.876*kW)", -1.876, "kW"),
        ("1-0:2.7.0(01.879*kW)", 1.879, "kW"),
    ):
        found = parser.parse(replace_line(raw, "1-0:2.7.0", line), found)
        assert found.number("1-0:2.7.0") == value
        assert found.readings["1-0:2.7.0"].unit == unit
        assert found.changed == {"1-0:2.7.0"}


@pytest.mark.parametrize("name", VALID)
def test_a_chain_of_telegrams_reads_like_each_alone(name: str) -> None:
    rnd = random.Random(name)
    parser = TelegramParser(now=lambda: NOW)
    raw = parse_telegram(wire(name)).raw
    last: Telegram | None = None
    for _ in range(30):
        raw = vary(raw, rnd)
        found = parser.parse(raw, last)
        alone = TelegramParser(now=lambda: NOW).parse(raw)
        assert found.readings == alone.readings
        assert found.mbus == alone.mbus
        assert found.malformed == alone.malformed
        before = last.readings if last else {}
        assert found.changed == {
            k for k, v in alone.readings.items() if before.get(k) != v
        }
        last = found


def test_a_telegram_tells_nothing_by_its_repr() -> None:
    assert "3456" not in repr(parse_telegram(wire("v5_nl_3phase_gas")))


def test_a_sign_between_digits_is_no_number_on_top_of_one_either() -> None:
    parser = TelegramParser()
    first = parser.parse(telegram("1-0:1.7.0(00331*kW)"))
    later = parser.parse(telegram("1-0:1.7.0(00-31*kW)"), first)
    assert later.malformed == {"1-0:1.7.0"}
    assert later.readings["1-0:1.7.0"].value is None


def test_asking_for_another_kind_of_value() -> None:
    found = parse_telegram(wire("v5_nl_3phase_gas"))
    assert found.number("0-0:96.1.1") is None
    assert found.text("1-0:1.8.1") is None
    assert found.number("1-0:99.99.9") is None
    assert found.text("1-0:99.99.9") is None
    assert found.peak is None


def test_many_unknown_ids_fill_no_memory() -> None:
    parser = TelegramParser()
    for n in range(1000):
        lines = "\r\n".join(f"1-0:{n % 250}.{i}.200(1)" for i in range(8))
        parser.parse(f"/ABC5\r\n\r\n{POWER}\r\n{lines}\r\n!\r\n".encode())
    assert len(parser._slots) <= 512
