"""Validation of meters without a checksum."""

import random

import pytest

from custom_components.junction.backends.dsmr.client.models import Rejection, Telegram
from custom_components.junction.backends.dsmr.client.stream import P1Stream
from custom_components.junction.backends.dsmr.client.telegram import (
    TelegramParser,
    parse_telegram,
)
from custom_components.junction.backends.dsmr.client.validate import Validator

from ..helpers import even_parity, replace_line, stream, wire

WITHOUT_CRC = ["v2_2_gas", "v3_gas", "q3d_easymeter"]
INTERVAL = 10.0


class _Line:
    """A validator, and a meter that prints a telegram every ten seconds."""

    def __init__(self, name: str = "v2_2_gas") -> None:
        self.raw = parse_telegram(wire(name)).raw
        self.at = 0.0
        self._validator = Validator()
        self._parser = TelegramParser()

    def send(
        self, raw: bytes | None = None, after: float = INTERVAL
    ) -> Rejection | None:
        self.at += after
        return self._validator.check(self._parser.parse(raw or self.raw), self.at)

    def send_with(
        self, head: str, line: str, after: float = INTERVAL
    ) -> Rejection | None:
        return self.send(replace_line(self.raw, head, line), after)

    def learn(self) -> None:
        assert self.send() is Rejection.UNCONFIRMED
        assert self.send() is None


@pytest.mark.parametrize("name", WITHOUT_CRC)
def test_the_first_waits_for_the_second(name: str) -> None:
    line = _Line(name)
    line.learn()
    assert line.send() is None


def test_a_first_telegram_that_nobody_confirms() -> None:
    line = _Line()
    assert (
        line.send_with("1-0:1.8.1", "1-0:1.8.1(94317.605*kWh)") is Rejection.UNCONFIRMED
    )
    assert line.send() is Rejection.UNCONFIRMED
    assert line.send() is None


@pytest.mark.parametrize(
    ("head", "text"),
    [
        ("1-0:1.8.1", "1-0:1.8.1(04317.606*kWh)"),
        ("1-0:1.8.1", "1-0:1.8.1(04317.755*kWh)"),
        ("1-0:1.7.0", "1-0:1.7.0(0017.25*kW)"),
        ("0-0:96.14.0", "0-0:96.14.0(0001)"),
        ("0-0:96.13.0", "0-0:96.13.0(53746F72696E67)"),
        ("0-0:96.13.1", "0-0:96.13.1(4142)"),
        ("0-1:24.4.0", "0-1:24.4.0(0)"),
    ],
)
def test_what_can_follow(head: str, text: str) -> None:
    line = _Line()
    line.learn()
    assert line.send_with(head, text) is None


@pytest.mark.parametrize(
    ("head", "text", "reason"),
    [
        ("1-0:1.8.1", "1-0:1.8.1(04317.604*kWh)", Rejection.IMPLAUSIBLE),
        ("1-0:1.8.1", "1-0:1.8.1(04318.605*kWh)", Rejection.IMPLAUSIBLE),
        ("1-0:1.8.1", "1-0:1.8.1(94317.605*kWh)", Rejection.IMPLAUSIBLE),
        ("1-0:1.7.0", "1-0:1.7.0(9000.87*kW)", Rejection.IMPLAUSIBLE),
        ("1-0:1.8.1", "1-0:1.8.1(0431.605*kWh)", Rejection.SHAPE),
        ("1-0:1.8.1", "1-0:1.8.1(04317.605*kWq)", Rejection.SHAPE),
        ("1-0:1.8.1", "1-0:1.8.1(0431p.605*kWh)", Rejection.SHAPE),
        ("1-0:1.8.1", "1-0:1.8.9(04317.605*kWh)", Rejection.SHAPE),
        ("1-0:1.8.1", "1-0:1.9.1(04317.605*kWh)", Rejection.SHAPE),
        ("1-0:1.8.1", "1-0:1.8.1", Rejection.SHAPE),
        ("1-0:1.8.1", "", Rejection.SHAPE),
        ("0-0:96.1.1", "0-0:96.1.1(49534B30303437313130383136)", Rejection.SHAPE),
        ("/ISk5", "/ISk5\\2MT382-1078", Rejection.SHAPE),
        ("1-0:1.8.1", "1-0:1.8.1(04317.605*kWh)\x7f", Rejection.NOISE),
    ],
)
def test_what_cannot_follow(head: str, text: str, reason: Rejection) -> None:
    line = _Line()
    line.learn()
    assert line.send_with(head, text) is reason
    assert line.send() is None


def test_gas_cannot_jump() -> None:
    line = _Line()
    line.learn()
    jumped = line.raw.replace(b"(02750.418)", b"(08750.418)")
    assert line.send(jumped) is Rejection.IMPLAUSIBLE
    assert line.send(line.raw.replace(b"(02750.418)", b"(02752.100)")) is None


def test_a_value_that_comes_and_goes() -> None:
    line = _Line()
    line.raw = line.raw.replace(b"(02750.418)", b"()")
    line.learn()
    assert (
        line.send(line.raw.replace(b"(m3)\r\n()", b"(m3)\r\n(02750.418)"))
        is Rejection.SHAPE
    )
    line = _Line()
    line.raw = replace_line(line.raw, "1-0:1.8.1", "1-0:1.8.1()")
    line.learn()
    assert line.send_with("1-0:1.8.2", "1-0:1.8.2(03998.215*kWh)") is None


def test_an_exchanged_meter_is_believed_the_third_time() -> None:
    line = _Line()
    line.learn()
    fresh = replace_line(line.raw, "1-0:1.8.1", "1-0:1.8.1(00000.001*kWh)")
    assert line.send(fresh) is Rejection.IMPLAUSIBLE
    assert line.send(fresh) is Rejection.IMPLAUSIBLE
    assert line.send(fresh) is None
    assert line.send(fresh) is None
    assert line.send() is Rejection.IMPLAUSIBLE


def test_three_that_contradict_each_other_are_not_believed() -> None:
    line = _Line()
    line.learn()
    for kwh in ("00001.000", "90000.000", "00002.000", "80000.000", "00003.000"):
        text = f"1-0:1.8.1({kwh}*kWh)"
        assert line.send_with("1-0:1.8.1", text) is Rejection.IMPLAUSIBLE
    assert line.send() is None


def test_a_good_one_between_starts_the_count_again() -> None:
    line = _Line()
    line.learn()
    text = "1-0:1.8.1(00000.001*kWh)"
    for _ in range(5):
        assert line.send_with("1-0:1.8.1", text) is Rejection.IMPLAUSIBLE
        assert line.send_with("1-0:1.8.1", text) is Rejection.IMPLAUSIBLE
        assert line.send() is None


def test_after_a_long_pause_counters_may_have_moved() -> None:
    line = _Line()
    line.learn()
    text = "1-0:1.8.1(04400.000*kWh)"
    assert line.send_with("1-0:1.8.1", text, after=3600) is None


def test_signed_power_of_the_easymeter() -> None:
    line = _Line("q3d_easymeter")
    line.learn()
    assert line.send_with("1-0:1.7.0", "1-0:1.7.0*255(000099.05*W)") is None
    assert line.send_with("1-0:1.7.0", "1-0:1.7.0*255(-00099.05*W)") is None


# On a stream


def _feed(line: P1Stream, *raws: bytes) -> list[Telegram]:
    return [telegram for raw in raws for telegram in line.feed(raw)]


@pytest.mark.parametrize("name", WITHOUT_CRC)
def test_stream_gives_the_second(name: str) -> None:
    line = stream()
    raw = wire(name)
    assert _feed(line, raw) == []
    assert len(_feed(line, raw)) == 1
    assert line.statistics.rejected == {Rejection.UNCONFIRMED: 1}
    assert line.statistics.framing_errors == 0


def test_changes_are_relative_to_what_was_delivered() -> None:
    line = stream()
    raw = wire("v2_2_gas")
    _feed(line, raw, raw)
    broken = replace_line(raw, "1-0:1.8.1", "1-0:1.8.1(94317.605*kWh)")
    assert _feed(line, broken) == []
    (telegram,) = _feed(line, replace_line(raw, "1-0:1.7.0", "1-0:1.7.0(0000.88*kW)"))
    assert telegram.changed == {"1-0:1.7.0"}


def test_a_meter_with_check_sum_is_never_believed_without() -> None:
    line = stream()
    raw = wire("v5_nl_3phase_gas")
    assert len(_feed(line, raw)) == 1
    bare = raw[: raw.index(b"\n!") + 2] + b"\r\n"
    assert _feed(line, *[bare] * 10) == []
    assert line.statistics.rejected == {Rejection.CRC_MISSING: 10}
    line.reset()
    assert _feed(line, *[bare] * 10) == []
    assert len(_feed(line, raw)) == 1


def test_a_message_that_swallows_the_last_line() -> None:
    """Iskra MT382 with a text message: the next telegram marks the end of this one."""
    line = stream()
    raw = wire("v2_2_gas")
    assert len(_feed(line, raw, raw)) == 1
    text = replace_line(raw, "0-0:96.13.0", "0-0:96.13.0(test-/-test)")
    bare = text[: text.index(b"\n!") + 1]
    found = _feed(line, bare, bare, bare, raw)
    assert [telegram.text("0-0:96.13.0") for telegram in found] == [
        "test-/-test"
    ] * 3 + [None]


def test_a_cut_telegram_is_not_taken_for_one_without_last_line() -> None:
    line = stream()
    raw = wire("v2_2_gas")
    _feed(line, raw, raw)
    for cut in range(20, raw.index(b"!"), 7):
        assert [telegram.raw for telegram in _feed(line, raw[:cut], raw)] == [raw]


@pytest.mark.parametrize("seed", range(5))
def test_noise_on_a_line_with_parity_gives_no_wrong_value(seed: int) -> None:
    """Every single flipped bit is detected, at the latest by the parity."""
    rnd = random.Random(seed)
    line = stream()
    raw = wire("v2_2_gas")
    for _ in range(3):
        line.feed(even_parity(raw))
    delivered = 0
    for _ in range(300):
        sent = bytearray(even_parity(raw))
        if damaged := rnd.random() < 0.5:
            sent[rnd.randrange(len(sent))] ^= 1 << rnd.randrange(8)
        found = line.feed(bytes(sent))
        assert [telegram.raw for telegram in found] in ([], [raw])
        delivered += not damaged and len(found) == 1
    assert delivered > 100


@pytest.mark.parametrize(
    "line",
    [b"1-0:9.7.0(abc*kVA)", b"1-0:9.7.0(1)(2)(3)", b"just text", b"1-0:31.4.0(??)"],
)
def test_a_line_that_can_never_be_read_costs_that_line(line: bytes) -> None:
    """An unreadable line costs that line only, even without a checksum."""
    meter = _Line()
    end = meter.raw.rindex(b"!")
    meter.raw = meter.raw[:end] + line + b"\r\n" + meter.raw[end:]
    meter.learn()
    assert meter.send() is None
    assert meter.send_with("1-0:1.7.0", "1-0:1.7.0(00x7.25*kW)") is Rejection.SHAPE
    assert meter.send_with("1-0:1.7.0", "1-0:1.7.0(0017.25*kW)") is None
