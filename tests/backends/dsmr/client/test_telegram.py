"""Lines of telegrams, and their parsed values."""

import pytest

from custom_components.junction.backends.dsmr.client.models import (
    CurrentLimits,
    Rejection,
)
from custom_components.junction.backends.dsmr.client.telegram import (
    TelegramError,
    TelegramParser,
    parse_telegram,
)
from custom_components.junction.errors import ProtocolError

from ..helpers import VALID, crc_bitwise, telegram, wire
from .parsing import CLOCK, POWER, parse

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
    found = parse(CLOCK, f"0-0:96.13.0({text})", POWER)
    assert found.text("0-0:96.13.0") == text
    assert found.number("1-0:1.7.0") == 0.331


@pytest.mark.parametrize(
    ("printed", "text"),
    [
        ("", None),
        ("53746f72696e67", "Storing"),
        ("C3A9", "é"),
        ("4F6E65" + "0D0A" + "54776F", "One\nTwo"),
        ("0001", "0001"),
        ("FF", "FF"),
        ("ABC", "ABC"),
        ("3230323430363031", "20240601"),
    ],
)
def test_messages(printed: str, text: str | None) -> None:
    found = parse(CLOCK, f"0-0:96.13.0({printed})", f"0-0:96.13.1({printed})")
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
    found = parse(CLOCK, f"0-0:96.1.1({printed})")
    line = found.readings["0-0:96.1.1"]
    assert line.value == text
    assert line.raw == printed


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
    found = parse(CLOCK, line)
    assert found.number(key) == value
    assert found.readings[key].unit == unit
    assert found.malformed == frozenset()


@pytest.mark.parametrize(
    "printed", ["999*A", "999.99*A", "999.9*kW", "0999.00*kW", "99.999*kW"]
)
def test_nines_are_no_limit(printed: str) -> None:
    found = parse(CLOCK, f"0-0:17.0.0({printed})", f"1-0:31.4.0({printed})")
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
    assert parse(CLOCK, f"0-0:17.0.0({printed})").number("0-0:17.0.0") == value


@pytest.mark.parametrize("head", ["1-1:31.4.0", "1-1:34.4.0", "1-0:31.4.0"])
def test_two_groups_are_the_two_limits_of_luxembourg(head: str) -> None:
    found = parse(CLOCK, f"{head}(040*A)(-040*A)")
    assert found.readings["1-1:31.4.0"].value == CurrentLimits(40, -40)
    found = parse(CLOCK, f"{head}(999*A)(-999*A)")
    assert found.readings["1-1:31.4.0"].value == CurrentLimits(None, None)


@pytest.mark.parametrize(
    "line",
    [
        "1-0:1.7.0(abc*kW)",
        "1-0:1.7.0(1e5*kW)",
        "1-0:1.7.0(nan)",
        "1-0:1.7.0(1_0*kW)",
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
    for first in (None, parse(CLOCK, POWER, "1-0:2.7.0(01.000*kW)")):
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
    found = parse(CLOCK, "", line, POWER)
    assert found.malformed == {"?"}
    assert found.number("1-0:1.7.0") == 0.331


def test_unknown_ids_are_listed() -> None:
    found = parse(CLOCK, "1-0:200.7.0(1)", "0-1:99.1.0(2)", "5-0:1.0.0(3)", POWER)
    assert found.layout.unknown == ("1-0:200.7.0", "0-1:99.1.0", "5-0:1.0.0")
    assert set(found.readings) == {"0-0:1.0.0", "1-0:1.7.0"}
    assert found.malformed == frozenset()


def test_the_two_ids_that_reduce_alike_stay_apart() -> None:
    found = parse(CLOCK, "1-3:0.2.8(50)", "1-0:0.2.8(A1B2)")
    assert found.text("1-3:0.2.8") == "50"
    assert found.text("1-0:0.2.8") == "A1B2"


@pytest.mark.parametrize(
    ("printed", "value"),
    [("00039", 39), ("", None), ("7", 7), ("-1", None), ("x", None), ("1.5", None)],
)
def test_counts(printed: str, value: int | None) -> None:
    found = parse(CLOCK, f"0-0:96.7.21({printed})")
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
    found = parse(CLOCK, POWER, "1-0:1.7.0(09.999*kW)", "1-1:1.7.0(08.888*kW)")
    assert found.number("1-0:1.7.0") == 0.331
    assert found.layout.unknown == ("1-0:1.7.0", "1-0:1.7.0")
