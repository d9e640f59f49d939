"""What meters print, line by line, and what comes out."""

from datetime import UTC, datetime, timedelta
import random

import pytest

from custom_components.junction.backends.dsmr.mbus import live_devices
from custom_components.junction.backends.dsmr.models import (
    CurrentLimits,
    MonthlyPeak,
    Peak,
    Rejection,
    Telegram,
)
from custom_components.junction.backends.dsmr.telegram import (
    TelegramError,
    TelegramParser,
    parse_telegram,
)
from custom_components.junction.errors import ProtocolError

from .helpers import NOW, VALID, crc_bitwise, replace_line, telegram, vary, wire

CLOCK = "0-0:1.0.0(260301130000W)"
POWER = "1-0:1.7.0(00.331*kW)"


def _parse(*lines: str) -> Telegram:
    return parse_telegram(telegram(*lines), now=lambda: NOW)


def _v5(head: str, line: str | None) -> Telegram:
    return parse_telegram(
        replace_line(wire("v5_nl_3phase_gas"), head, line), now=lambda: NOW
    )


# The last line


@pytest.mark.parametrize("name", [n for n in VALID if b"\n!\r" not in wire(n)])
@pytest.mark.parametrize(
    "tail",
    [
        "{crc:04X}\r\n",
        "{crc:04x}\r\n",
        "{crc:X}\r\n",
        "{crc:x}\n",
        "{crc:04X}\0\r\n",
        "{crc:04X}",
        "{crc:04X}\r\r\n",
    ],
)
def test_spellings_of_the_check_sum(name: str, tail: str) -> None:
    raw = wire(name)
    body = raw[: raw.index(b"\n!") + 2]
    found = parse_telegram(body + tail.format(crc=crc_bitwise(body)).encode())
    assert found.crc is not None
    assert found.readings == parse_telegram(raw).readings


@pytest.mark.parametrize(
    ("tail", "reason"),
    [
        (b"0000\r\n", Rejection.CRC),
        (b"A7\r\n", Rejection.CRC),
        (b"A71C0\r\n", Rejection.SHAPE),
        (b"xyz\r\n", Rejection.SHAPE),
        (b"A71C junk\r\n", Rejection.SHAPE),
        (b"\xff\xff\r\n", Rejection.SHAPE),
    ],
)
def test_wrong_last_lines(tail: bytes, reason: Rejection) -> None:
    raw = wire("v5_nl_3phase_gas")
    with pytest.raises(TelegramError) as error:
        parse_telegram(raw[: raw.index(b"\n!") + 2] + tail)
    assert error.value.reason is reason
    assert isinstance(error.value, ProtocolError)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"/",
        b"\r\n",
        b"/ISK5\r\n\r\n!\r\n",
        b"no telegram at all",
        b"!\r\n",
        b"/a\n!",
    ],
)
def test_what_is_no_telegram(data: bytes) -> None:
    with pytest.raises(TelegramError) as error:
        parse_telegram(data)
    assert error.value.reason is Rejection.SHAPE


def test_line_feeds_alone_keep_their_own_check_sum() -> None:
    body = wire("v5_nl_3phase_gas").replace(b"\r\n", b"\n")
    body = body[: body.index(b"\n!") + 2]
    found = parse_telegram(body + b"%04X\n" % crc_bitwise(body))
    assert found.number("1-0:1.8.1") == 3456.789


def test_blank_lines_may_be_missing_or_anywhere() -> None:
    found = parse_telegram(
        telegram("", CLOCK, "", "", POWER, "").replace(b"\r\n\r\n", b"\r\n\r\n")
    )
    assert found.number("1-0:1.7.0") == 0.331
    assert found.malformed == frozenset()


# Slash and exclamation mark inside values


@pytest.mark.parametrize(
    "text", ["test-/-test", "/ISK5", "a!b", "!", "/", "a(b)c", "50*kWh"]
)
def test_text_in_clear(text: str) -> None:
    found = _parse(CLOCK, f"0-0:96.13.0({text})", POWER)
    assert found.text("0-0:96.13.0") == text
    assert found.number("1-0:1.7.0") == 0.331


@pytest.mark.parametrize(
    ("printed", "text"),
    [
        ("", None),
        ("53746f72696e67", "Storing"),
        ("C3A9", "é"),
        ("4F6E65" + "0D0A" + "54776F", "One\r\nTwo"),
        ("0001", "0001"),
        ("FF", "FF"),
        ("ABC", "ABC"),
        ("3230323430363031", "20240601"),
    ],
)
def test_messages(printed: str, text: str | None) -> None:
    found = _parse(CLOCK, f"0-0:96.13.0({printed})", f"0-0:96.13.1({printed})")
    assert found.text("0-0:96.13.0") == text
    assert found.text("0-0:96.13.1") == text
    assert found.readings["0-0:96.13.0"].raw == (printed or None)


@pytest.mark.parametrize(
    ("printed", "text"),
    [
        ("4530303839303031323033343536373235", "E0089001203456725"),
        ("AB12000000014477", "AB12000000014477"),
        ("9600", "9600"),
        ("E0089001203456725", "E0089001203456725"),
        ("C3A9", "C3A9"),
    ],
)
def test_ids_keep_what_is_printed(printed: str, text: str) -> None:
    found = _parse(CLOCK, f"0-0:96.1.1({printed})")
    assert found.equipment is not None
    assert found.equipment.value == text
    assert found.equipment.raw == printed


def test_equipment_is_the_best_id_that_is_not_empty() -> None:
    found = _parse(CLOCK, "0-0:96.1.1()", "0-0:96.1.0(393031)", "0-0:42.0.0(414243)")
    assert found.equipment is not None
    assert found.equipment.key == "0-0:42.0.0"


# Numbers and units


@pytest.mark.parametrize(
    ("line", "key", "value", "unit"),
    [
        ("1-0:1.8.0(004512004*Wh)", "1-0:1.8.0", 4512.004, "kWh"),
        ("1-0:1.7.0(000000412*W)", "1-0:1.7.0", 0.412, "kW"),
        ("1-0:1.7.0(00.412*kw)", "1-0:1.7.0", 0.412, "kW"),
        ("1-0:1.7.0(-00099.05*W)", "1-0:1.7.0", -0.09905, "kW"),
        ("1-0:3.8.0(00000044.000*kVArh)", "1-0:3.8.0", 44.0, "kvarh"),
        ("1-0:3.8.0(000000950*varh)", "1-0:3.8.0", 0.95, "kvarh"),
        ("1-0:3.7.0(0000.120*Kvar)", "1-0:3.7.0", 0.12, "kvar"),
        ("1-0:9.7.0(00.120*kVA)", "1-0:9.7.0", 0.12, "kVA"),
        ("1-0:9.7.0(00120*VA)", "1-0:9.7.0", 0.12, "kVA"),
        ("1-0:13.7.0(-0.987)", "1-0:13.7.0", -0.987, None),
        ("1-0:14.7.0(49.9*Hz)", "1-0:14.7.0", 49.9, "Hz"),
        ("1-1:1.8.1(003456.789*kWh)", "1-0:1.8.1", 3456.789, "kWh"),
        ("1-0:1.8.0*255(00018765.4321098*kWh)", "1-0:1.8.0", 18765.4321098, "kWh"),
        ("1-0:1.8.1(000000.000*kWh)", "1-0:1.8.1", 0.0, "kWh"),
        ("1-0:1.7.0(12.5*parsec)", "1-0:1.7.0", 12.5, "parsec"),
        ("1-0:1.7.0()", "1-0:1.7.0", None, None),
        ("0-0:32.32.0(00005)", "1-0:32.32.0", 5, None),
        ("1-0:94.32.1(400)", "1-0:94.32.1", 400.0, None),
    ],
)
def test_numbers(line: str, key: str, value: float | None, unit: str | None) -> None:
    found = _parse(CLOCK, line)
    assert found.number(key) == value
    assert found.readings[key].unit == unit
    assert found.malformed == frozenset()


@pytest.mark.parametrize(
    "printed", ["999*A", "999.99*A", "999.9*kW", "0999.00*kW", "99.999*kW"]
)
def test_nines_are_no_limit(printed: str) -> None:
    found = _parse(CLOCK, f"0-0:17.0.0({printed})", f"1-0:31.4.0({printed})")
    for key in ("0-0:17.0.0", "1-0:31.4.0"):
        assert found.readings[key].value is None
        assert found.readings[key].unit == printed.partition("*")[2]
        assert found.readings[key].raw == printed.partition("*")[0]
    assert found.malformed == frozenset()


@pytest.mark.parametrize(
    ("printed", "value"),
    [("027.6*kVA", 27.6), ("025*A", 25), ("90.000*kW", 90), ("099*A", 99), ("9*A", 9)],
)
def test_limits(printed: str, value: float) -> None:
    assert _parse(CLOCK, f"0-0:17.0.0({printed})").number("0-0:17.0.0") == value


@pytest.mark.parametrize("head", ["1-1:31.4.0", "1-1:34.4.0", "1-0:31.4.0"])
def test_two_groups_are_the_two_limits_of_luxembourg(head: str) -> None:
    found = _parse(CLOCK, f"{head}(040*A)(-040*A)")
    assert found.readings["1-1:31.4.0"].value == CurrentLimits(40, -40)
    found = _parse(CLOCK, f"{head}(999*A)(-999*A)")
    assert found.readings["1-1:31.4.0"].value == CurrentLimits(None, None)


@pytest.mark.parametrize(
    "line",
    [
        "1-0:1.7.0(abc*kW)",
        "1-0:1.7.0(1e5*kW)",
        "1-0:1.7.0(nan)",
        "1-0:1.7.0(1_0*kW)",
        "1-0:1.7.0( 1*kW)",
        "1-0:1.7.0(00-12*kW)",
        "1-0:1.7.0(--0.12*kW)",
        "1-0:1.7.0(00.331*kW",
        "1-0:1.7.0(00.331*)",
        "1-0:1.7.0(9999999999999999999999999999*kW)",
        "1-0:1.7.0(00.331*kW)(00.331*kW)",
    ],
)
def test_a_broken_line_costs_that_line(line: str) -> None:
    """Also when the line before it was fine."""
    for first in (None, _parse(CLOCK, POWER, "1-0:2.7.0(01.000*kW)")):
        raw = telegram(CLOCK, line, "1-0:2.7.0(01.000*kW)")
        found = TelegramParser().parse(raw, first)
        assert found.malformed == {"1-0:1.7.0"}
        assert found.readings["1-0:1.7.0"].value is None
        assert found.number("1-0:2.7.0") == 1
        again = TelegramParser().parse(raw, found)
        assert again.malformed == {"1-0:1.7.0"}
        assert again.changed == frozenset()


@pytest.mark.parametrize(
    "line", ["what is this", "(stray)", "x(1)", "1-0:1.7(1)", "-(", ")", "((("]
)
def test_lines_without_an_id_are_noted(line: str) -> None:
    found = _parse(CLOCK, "", line, POWER)
    assert found.malformed == {"?"}
    assert found.number("1-0:1.7.0") == 0.331


def test_unknown_ids_are_listed() -> None:
    found = _parse(CLOCK, "1-0:200.7.0(1)", "0-1:99.1.0(2)", "5-0:1.0.0(3)", POWER)
    assert found.layout.unknown == ("1-0:200.7.0", "0-1:99.1.0", "5-0:1.0.0")
    assert set(found.readings) == {"0-0:1.0.0", "1-0:1.7.0"}
    assert found.malformed == frozenset()


def test_the_two_ids_that_reduce_alike_stay_apart() -> None:
    found = _parse(CLOCK, "1-3:0.2.8(50)", "1-0:0.2.8(A1B2)")
    assert found.text("1-3:0.2.8") == "50"
    assert found.text("1-0:0.2.8") == "A1B2"


@pytest.mark.parametrize(
    ("printed", "value"),
    [("00039", 39), ("", None), ("7", 7), ("-1", None), ("x", None), ("1.5", None)],
)
def test_counts(printed: str, value: int | None) -> None:
    found = _parse(CLOCK, f"0-0:96.7.21({printed})")
    assert found.number("0-0:96.7.21") == value
    assert bool(found.malformed) == (value is None and printed != "")


# Ids that occur twice


def test_twice_the_same_id_without_check_sum_is_two_telegrams() -> None:
    raw = wire("v2_2_gas")
    glued = raw.replace(b"!\r\n", b"") + raw[raw.index(b"\r\n\r\n") + 4 :]
    with pytest.raises(TelegramError) as error:
        parse_telegram(glued)
    assert error.value.reason is Rejection.GLUED


def test_twice_the_same_id_with_check_sum_is_what_the_meter_prints() -> None:
    found = _parse(CLOCK, POWER, "1-0:1.7.0(09.999*kW)", "1-1:1.7.0(08.888*kW)")
    assert found.number("1-0:1.7.0") == 0.331
    assert found.layout.unknown == ("1-0:1.7.0", "1-0:1.7.0")


# Stamps


@pytest.mark.parametrize(
    ("printed", "utc"),
    [
        ("250312184507W", datetime(2025, 3, 12, 17, 45, 7, tzinfo=UTC)),
        ("250704150020S", datetime(2025, 7, 4, 13, 0, 20, tzinfo=UTC)),
        ("250704150020W", datetime(2025, 7, 4, 14, 0, 20, tzinfo=UTC)),
        ("240229000000W", datetime(2024, 2, 28, 23, 0, 0, tzinfo=UTC)),
        ("250704150020", datetime(2025, 7, 4, 13, 0, 20, tzinfo=UTC)),
        ("250330015959", datetime(2025, 3, 30, 0, 59, 59, tzinfo=UTC)),
        ("250330030000", datetime(2025, 3, 30, 1, 0, 0, tzinfo=UTC)),
        ("251026015959", datetime(2025, 10, 25, 23, 59, 59, tzinfo=UTC)),
        ("251026023000", datetime(2025, 10, 26, 0, 30, 0, tzinfo=UTC)),
        ("251026030000", datetime(2025, 10, 26, 2, 0, 0, tzinfo=UTC)),
    ],
)
def test_stamps(printed: str, utc: datetime) -> None:
    found = _parse(f"0-0:1.0.0({printed})", POWER)
    assert found.timestamp == utc
    assert found.stamp is not None
    assert found.stamp.text == printed


@pytest.mark.parametrize(
    "printed",
    [
        "632525252525S",
        "632525252525W",
        "000101010000W",
        "700101010000W",
        "250000000000W",
        "251301000000W",
        "250132000000W",
        "250230000000W",
        "250101240000W",
        "250101006000W",
        "250101000060W",
        "250312184507X",
        "250312184507w",
        "25031218450W",
        "2503121845070W",
        "",
        "garbage",
        "٢٥٠٣١٢١٨٤٥٠٧W",
    ],
)
def test_stamps_that_are_none_cost_only_themselves(printed: str) -> None:
    found = _parse(
        f"0-0:1.0.0({printed})", POWER, f"0-1:24.2.1({printed})(00001.000*m3)"
    )
    assert found.timestamp is None
    assert found.number("1-0:1.7.0") == 0.331
    reading = found.mbus[1].reading
    assert reading is not None
    assert not reading.usable
    assert found.utc(reading.stamp) is None


def test_offset_of_the_meter() -> None:
    raw = wire("lt_eso_extended")
    found = parse_telegram(raw, standard_offset=timedelta(hours=2))
    assert found.timestamp == datetime(2025, 2, 10, 6, 15, 30, tzinfo=UTC)


# Logs and peaks


def test_failures_of_the_factory_are_hidden_and_the_newest_is_first() -> None:
    found = parse_telegram(wire("v5_nl_3phase_gas"))
    failures = found.power_failures
    assert failures is not None
    assert [entry.seconds for entry in failures] == [812, 3720]


@pytest.mark.parametrize(
    "groups", ["()", "(0)", "(0)(0-0:96.7.19)", "(2)(0-0:96.7.19)()()"]
)
def test_empty_logs(groups: str) -> None:
    found = _v5("1-0:99.97.0", f"1-0:99.97.0{groups}")
    assert found.power_failures == ()
    assert found.number("1-0:1.8.1") == 3456.789


def test_peaks_come_out_by_month_whatever_the_order() -> None:
    raw = wire("v5b_gas_water_peak")
    oldest_first = parse_telegram(raw).peak_history
    assert oldest_first is not None
    groups = (
        "0-0:98.1.0(2)(1-0:1.6.0)(1-0:1.6.0)"
        "(250101000000W)(241224173000W)(07.015*kW)(241201000000W)(241130184500W)(06.240*kW)"
    )
    newest_first = parse_telegram(replace_line(raw, "0-0:98.1.0", groups)).peak_history
    assert newest_first == oldest_first[2:]
    assert newest_first[-1].kilowatt == 7.015


@pytest.mark.parametrize("groups", ["(12)", "()", "(0)(1-0:1.6.0)(1-0:1.6.0)"])
def test_empty_history_of_peaks(groups: str) -> None:
    raw = replace_line(wire("v5b_gas_water_peak"), "0-0:98.1.0", f"0-0:98.1.0{groups}")
    assert parse_telegram(raw).peak_history == ()


def test_history_under_the_other_id() -> None:
    raw = replace_line(
        wire("v5b_gas_water_peak"),
        "0-0:98.1.0",
        "1-0:98.1.0(1)(1-0:1.6.0)(1-0:1.6.0)(241201000000W)(632525252525W)(00.000*kW)",
    )
    history = parse_telegram(raw).peak_history
    assert history is not None
    assert [(p.kilowatt, p.occurred.is_set) for p in history] == [(0, False)]
    assert isinstance(history[0], MonthlyPeak)


def test_hungary_keeps_registers_under_the_id_of_the_peaks() -> None:
    found = parse_telegram(wire("v5eonhu"))
    assert found.peak_history is None
    assert len(found.readings["0-0:98.1.0"].groups) == 20
    assert found.malformed == frozenset()


@pytest.mark.parametrize("prefix", ["1-0", "1-1"])
def test_peak_of_the_month(prefix: str) -> None:
    found = _parse(CLOCK, f"{prefix}:1.6.0(260209181500W)(04.613*kW)")
    assert isinstance(found.peak, Peak)
    assert found.peak.kilowatt == 4.613
    assert found.utc(found.peak.occurred) == datetime(2026, 2, 9, 17, 15, tzinfo=UTC)
    assert _parse(CLOCK, "1-0:1.6.0()()").peak is None


# Meters behind the meter


def test_exchanged_gas_meter() -> None:
    found = parse_telegram(wire("v5_nl_gas_replaced"))
    assert [(d.channel, d.id_text) for d in live_devices(found.mbus)] == [
        (2, "G0061002198765421")
    ]


def test_exchanged_meter_that_keeps_its_id_for_years() -> None:
    found = _parse(
        CLOCK,
        "0-1:24.1.0(003)",
        "0-1:96.1.0(3031)",
        "0-1:24.2.1(171031120000W)(00001.287*m3)",
        "0-2:24.1.0(003)",
        "0-2:96.1.0(3032)",
        "0-2:24.2.1(260301125500W)(00107.000*m3)",
        "0-3:24.1.0(007)",
        "0-3:96.1.0(3033)",
        "0-3:24.2.1(260201125500W)(00107.000*m3)",
    )
    assert [d.channel for d in live_devices(found.mbus)] == [2, 3]


def test_two_live_meters_of_one_type() -> None:
    found = _parse(
        CLOCK,
        "0-1:24.1.0(002)",
        "0-1:96.1.0(3031)",
        "0-1:24.2.1(260228120000W)(00001.287*kWh)",
        "0-2:24.1.0(002)",
        "0-2:96.1.0(3032)",
        "0-2:24.2.1(260301125500W)(00107.000*kWh)",
    )
    assert [d.channel for d in live_devices(found.mbus)] == [1, 2]


def test_empty_slots_are_no_devices() -> None:
    found = parse_telegram(wire("v5l_luxembourg_clear"))
    assert [d.channel for d in live_devices(found.mbus)] == [1]
    assert set(found.mbus) == {1, 2}
    assert not found.mbus[2].is_present


def test_a_device_without_a_reading_yet_is_there() -> None:
    found = parse_telegram(wire("v5_nl_no_mbus_value"))
    assert [d.channel for d in live_devices(found.mbus)] == [1]
    assert found.mbus[1].reading is None


def test_a_second_device_without_a_reading_yet_is_there_too() -> None:
    found = _parse(
        CLOCK,
        "0-1:24.1.0(003)",
        "0-1:96.1.0(3031)",
        "0-1:24.2.1(260301125500W)(00107.000*m3)",
        "0-2:24.1.0(003)",
        "0-2:96.1.0(3032)",
    )
    assert [d.channel for d in live_devices(found.mbus)] == [1, 2]


def test_relays_make_no_devices() -> None:
    found = parse_telegram(wire("v5b_emucs_2_1"))
    assert set(found.mbus) == {1, 2}
    assert [found.number(f"0-{n}:96.3.10") for n in range(5)] == [1, 0, 0, 0, 0]


@pytest.mark.parametrize(
    ("line", "usable"),
    [
        ("0-1:24.2.1(260301130000W)(00001.000*m3)", True),
        ("0-1:24.2.1(260302125959W)(00001.000*m3)", True),
        ("0-1:24.2.1(260302130001W)(00001.000*m3)", False),
        ("0-1:24.2.1(681027002758S)(00001.000*m3)", False),
        ("0-1:24.2.1(260301130000W)(00000000)", False),
        ("0-1:24.2.1(260301130000W)()", False),
        ("0-1:24.2.1()()", False),
        ("0-1:24.2.1()", False),
        ("0-1:24.2.1(00001.000*m3)", False),
        ("0-1:24.2.1(260301130000W)(00000.000*m3)", True),
        ("0-1:24.3.0(260301120000)(08)(60)(1)(0-1:24.2.1)(m3)\r\n(00001.000)", True),
        ("0-1:24.3.0(260301120000)(08)(60)(1)(0-1:24.2.1)(m3)(00001.000)", True),
        ("0-1:24.3.0(260301120000)(08)(60)(1)(0-1:24.2.1)(m3)", False),
        ("0-1:24.3.0(000000000000)(08)(60)(1)(0-1:24.2.1)(m3)\r\n(00000.000)", False),
    ],
)
def test_usable_readings(line: str, usable: bool) -> None:
    found = _parse(CLOCK, "0-1:24.1.0(003)", line, POWER)
    reading = found.mbus[1].reading
    assert reading is not None
    assert reading.usable is usable
    assert found.malformed == frozenset()


def test_future_is_measured_from_our_clock_when_the_meter_has_none() -> None:
    near = "0-1:24.2.1(260302000000W)(00001.000*m3)"
    far = "0-1:24.2.1(260303120000W)(00001.000*m3)"
    for clock in ("0-0:1.0.0(000101010000W)", "1-0:2.7.0(00.000*kW)"):
        for line, usable in ((near, True), (far, False)):
            reading = _parse(clock, line).mbus[1].reading
            assert reading is not None
            assert reading.usable is usable


@pytest.mark.parametrize(
    "groups", ["(00123.456*m3)(260301120000W)", "(260301120000W)(00123.456*m3)"]
)
def test_old_itron_gas(groups: str) -> None:
    found = _parse(CLOCK, f"7-0:23.1.0{groups}", "7-0:0.0.0(47313233)")
    device = found.mbus[0]
    assert (device.type, device.id_text) == (3, "G123")
    assert device.reading is not None
    assert (device.reading.value, device.reading.unit) == (123.456, "m³")
    assert device.reading.usable
    assert live_devices(found.mbus) == (device,)


def test_corrected_gas_is_preferred_and_a_usable_one_even_more() -> None:
    both = (
        "0-1:24.2.3(260301125500W)(00002.000*m3)",
        "0-1:24.2.1(260301125500W)(00001.000*m3)",
    )
    reading = _parse(CLOCK, *both).mbus[1].reading
    assert reading is not None
    assert reading.value == 1
    reading = (
        _parse(CLOCK, both[0], "0-1:24.2.1(632525252525W)(00000000)").mbus[1].reading
    )
    assert reading is not None
    assert reading.value == 2


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
