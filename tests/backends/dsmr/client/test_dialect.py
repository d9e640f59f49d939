"""Detection of the country's rules for a meter."""

from datetime import UTC, datetime, timedelta

import pytest

from custom_components.junction.backends.dsmr.client.dialect import (
    Dialect,
    Tariff,
    TariffRule,
    dialect_of,
    manufacturer_flag,
    p1_version,
    tariff,
    tariff_rule,
    usual_offset,
)
from custom_components.junction.backends.dsmr.client.offset import OffsetFinder
from custom_components.junction.backends.dsmr.client.telegram import parse_telegram
from custom_components.junction.backends.dsmr.client.values import read_stamp

from ..helpers import NOW, telegram, wire

CLOCK = "0-0:1.0.0(260301130000W)"


@pytest.mark.parametrize(
    ("name", "version", "flag"),
    [
        ("v2_2_gas", None, "ISK"),
        ("v4_single_phase_gas", "42", "KFM"),
        ("v5_nl_3phase_gas", "50", "ISK"),
        ("v5_heat_only_unpadded_crc", "50", "NWA"),
        ("v5b_emucs_2_1", "50221", "FLU"),
        ("v5l_luxembourg_clear", "42", "LUX"),
        ("v5s_sweden", None, "ELL"),
    ],
)
def test_version_and_manufacturer(name: str, version: str | None, flag: str) -> None:
    found = parse_telegram(wire(name))
    assert p1_version(found) == version
    assert manufacturer_flag(found) == flag


@pytest.mark.parametrize(
    ("header", "lines", "dialect"),
    [
        ("/FLU5\\253", ["1-0:1.7.0(0*kW)"], Dialect.E_MUCS),
        ("/XYZ5", ["0-0:98.1.0(0)(1-0:1.6.0)(1-0:1.6.0)"], Dialect.E_MUCS),
        ("/LUX5", ["0-0:42.0.0(4142)"], Dialect.SMARTY),
        ("/XYZ5", ["0-0:42.0.0(4142)", "1-0:15.8.0(1*kWh)"], Dialect.EON),
        ("/XYZ5", ["0-0:42.0.0(4142)"], Dialect.OTHER),
        ("/XYZ5", ["1-3:0.2.8(50)"], Dialect.DSMR_5),
        ("/XYZ5", ["1-3:0.2.8(40)"], Dialect.DSMR_4),
        ("/GRE5", ["1-1:1.8.1(1*kWh)", "0-0:0.0.0(41)"], Dialect.OTHER),
        ("/KAM5", ["1-0:1.8.0(1*kWh)", "1-0:21.7.0(1*kW)"], Dialect.H1),
        (
            "/KAM5",
            ["1-0:1.8.0(1*kWh)", "1-0:21.7.0(1*kW)", "1-0:1.8.1(1*kWh)"],
            Dialect.OTHER,
        ),
        ("/12", ["1-0:1.8.0(1*kWh)"], Dialect.OTHER),
        ("/HEP5", [f"1-0:1.8.{e}(1*kWh)" for e in range(3)], Dialect.CROATIA),
        ("/NES5", ["1-0:1.8.0(1*kWh)", "1-0:1.7.0(1*kW)"], Dialect.DENMARK),
    ],
)
def test_dialects_by_their_marks(
    header: str, lines: list[str], dialect: Dialect
) -> None:
    found = parse_telegram(telegram(CLOCK, *lines, header=header))
    assert dialect_of(found) is dialect


TOTAL_AND_TWO = [f"1-0:{c}.8.{e}(1*kWh)" for c in (1, 2) for e in range(3)]


@pytest.mark.parametrize(
    ("header", "lines", "dialect"),
    [
        ("/ISK5\\2M550T-2000", TOTAL_AND_TWO, Dialect.SLOVENIA),
        ("/ISk5AM550", [*TOTAL_AND_TWO, "0-0:96.14.0(0001)"], Dialect.SLOVENIA),
        ("/ISk5AM550", [*TOTAL_AND_TWO, "1-0:3.8.0(1*kvarh)"], Dialect.SLOVENIA),
        # More tariffs are another country's, and old Dutch meters print no total
        ("/ISK5", [*TOTAL_AND_TWO, "1-0:1.8.3(1*kWh)"], Dialect.OTHER),
        (
            "/ISk5\\2ME382-1003",
            [
                "0-0:96.1.1(4B414C37303035303739363336333132)",
                *TOTAL_AND_TWO[1:3],
                "0-0:96.14.0(0001)",
            ],
            Dialect.DSMR_2,
        ),
    ],
)
def test_without_check_sum_and_clock(
    header: str, lines: list[str], dialect: Dialect
) -> None:
    found = parse_telegram(telegram(*lines, header=header, crc=False))
    assert dialect_of(found) is dialect


@pytest.mark.parametrize(
    ("dialect", "first", "second", "third"),
    [
        (Dialect.DSMR_2, Tariff.LOW, Tariff.NORMAL, Tariff.TARIFF_3),
        (Dialect.DSMR_4, Tariff.LOW, Tariff.NORMAL, Tariff.TARIFF_3),
        (Dialect.DSMR_5, Tariff.LOW, Tariff.NORMAL, Tariff.TARIFF_3),
        (Dialect.SMARTY, Tariff.LOW, Tariff.NORMAL, Tariff.TARIFF_3),
        (Dialect.E_MUCS, Tariff.NORMAL, Tariff.LOW, Tariff.TARIFF_3),
        (Dialect.EON, Tariff.NORMAL, Tariff.LOW, Tariff.TARIFF_3),
        (Dialect.CROATIA, Tariff.NORMAL, Tariff.LOW, Tariff.TARIFF_3),
        (Dialect.SLOVENIA, Tariff.NORMAL, Tariff.LOW, Tariff.TARIFF_3),
        (Dialect.POLAND, Tariff.TARIFF_1, Tariff.TARIFF_2, Tariff.TARIFF_3),
        (Dialect.DENMARK, Tariff.TARIFF_1, Tariff.TARIFF_2, Tariff.TARIFF_3),
        (Dialect.GERMANY, Tariff.TARIFF_1, Tariff.TARIFF_2, Tariff.TARIFF_3),
        (Dialect.ISRAEL, Tariff.TARIFF_1, Tariff.TARIFF_2, Tariff.TARIFF_3),
        (Dialect.OTHER, Tariff.TARIFF_1, Tariff.TARIFF_2, Tariff.TARIFF_3),
        (Dialect.ESO, Tariff.TARIFF_1, Tariff.TARIFF_2, Tariff.TARIFF_3),
        (Dialect.EST, Tariff.TARIFF_1, Tariff.TARIFF_2, Tariff.TARIFF_3),
    ],
)
def test_tariffs(
    dialect: Dialect, first: Tariff, second: Tariff, third: Tariff
) -> None:
    rule = tariff_rule(dialect)
    assert [tariff(n, rule) for n in (1, 2, 3, 4)] == [
        first,
        second,
        third,
        Tariff.TARIFF_4,
    ]


@pytest.mark.parametrize("number", [None, 0, 9, 99])
def test_no_tariff(number: int | None) -> None:
    assert tariff(number, TariffRule.LOW_FIRST) is None


def test_usual_offsets() -> None:
    for dialect in Dialect:
        hours = 2 if dialect is Dialect.ESO else 1
        assert usual_offset(dialect) == timedelta(hours=hours)


# The offset from UTC


def _at(now: datetime, hours: float, flag: str = "W", minutes: float = 0.0) -> bytes:
    local = now + timedelta(hours=hours, minutes=minutes)
    return f"{local:%y%m%d%H%M%S}{flag}".encode()


@pytest.mark.parametrize(
    ("ahead", "flag", "hours"),
    [
        (1, "W", 1),  # Central Europe in winter, Sweden all year
        (2, "S", 1),  # and in summer
        (2, "W", 2),
        (3, "S", 2),  # Lithuania
        (0, "W", 0),  # Ireland
        (1, "S", 0),
        (0, "S", -1),  # Ireland with a wrong flag
    ],
)
@pytest.mark.parametrize("minutes", [0, 9.5, -9.5])
def test_offset_found(ahead: int, flag: str, hours: int, minutes: float) -> None:
    finder = OffsetFinder()
    stamp = read_stamp(_at(NOW, ahead, flag, minutes))
    assert finder.observe(stamp, NOW) == timedelta(hours=hours)
    assert finder.found == timedelta(hours=hours)
    at = stamp.utc(finder.offset)
    assert at is not None
    assert abs(at - NOW) <= timedelta(minutes=10)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"000101010000W",
        _at(NOW, 1, minutes=11),
        _at(NOW, 1, minutes=-11),
        _at(NOW, 8),
        _at(NOW, -3),
        _at(NOW, 24),
    ],
)
def test_offset_not_found(text: bytes) -> None:
    finder = OffsetFinder()
    finder.expect(timedelta(hours=2))
    assert finder.observe(read_stamp(text), NOW) == timedelta(hours=2)
    assert finder.found is None
    assert finder.observe(None, NOW) == timedelta(hours=2)


def test_another_offset_must_be_seen_three_times() -> None:
    finder = OffsetFinder()
    one, two = read_stamp(_at(NOW, 1)), read_stamp(_at(NOW, 2))
    finder.observe(one, NOW)
    for stamp in (two, two, one, two, two):
        assert finder.observe(stamp, NOW) == timedelta(hours=1)
    assert finder.observe(two, NOW) == timedelta(hours=2)


def test_a_fixed_offset_stays() -> None:
    finder = OffsetFinder(timedelta(hours=3))
    for _ in range(5):
        assert finder.observe(read_stamp(_at(NOW, 1)), NOW) == timedelta(hours=3)


def test_change_to_summer_time_is_no_other_offset() -> None:
    finder = OffsetFinder()
    winter = datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC)
    summer = datetime(2026, 3, 29, 1, 0, 0, tzinfo=UTC)
    assert finder.observe(read_stamp(b"260329015959W"), winter) == timedelta(hours=1)
    assert finder.observe(read_stamp(b"260329030000S"), summer) == timedelta(hours=1)
