"""Variants of checksums and line ends are detected once."""

from collections.abc import Callable

import pytest

from custom_components.junction.backends.dsmr.client.checksum import _SUMS, Style
from custom_components.junction.backends.dsmr.client.crc import crc16_x25
from custom_components.junction.backends.dsmr.client.stream import P1Stream

from ..helpers import stamped, wire
from .test_real_telegrams import real

CHANGES: dict[str, Callable[[bytes], bytes]] = {
    "LF": lambda raw: raw.replace(b"\r\n", b"\n"),
    "LF LF": lambda raw: raw.replace(b"\r\n", b"\n\n"),
    "CR CR LF": lambda raw: raw.replace(b"\r\n", b"\r\r\n"),
    "CR LF CR LF": lambda raw: raw.replace(b"\r\n", b"\r\n\r\n"),
}
BEFORE = {
    "a byte order mark": b"\xef\xbb\xbf",
    "blanks": b"   ",
    "a time": b"[12:00:00] ",
    "junk": b"junk>",
    "zeros": b"\x00\x00",
}


def test_x25() -> None:
    assert crc16_x25(b"123456789") == 0x906E


# Of ``123456789``, by the catalog of CRC algorithms.
SUMS = {
    "ARC": 0xBB3D,
    "X-25": 0x906E,
    "ARC, bytes swapped": 0x3DBB,
    "MODBUS": 0x4B37,
    "CCITT": 0x29B1,
    "XMODEM": 0x31C3,
}


@pytest.mark.parametrize(("name", "value"), SUMS.items())
@pytest.mark.parametrize("change", [None, *CHANGES.values()])
def test_check_sums_of_other_kinds(
    name: str, value: int, change: Callable[[bytes], bytes] | None
) -> None:
    """A variant is detected when three telegrams agree, and again after a change of line ends."""
    assert Style(name, "as received").fits(b"123456789", value)
    line = P1Stream()
    taken = []
    for second in range(6):
        raw = stamped(second)
        body = raw[: raw.index(b"\n!") + 2]
        sent = body + b"%04X\r\n" % _SUMS[name](body)
        taken.append(len(line.feed(change(sent) if change else sent)))
    standard = name == "ARC" and change is None
    assert taken == ([1] * 6 if standard else [0, 0, 1, 1, 1, 1])
    assert (line.check_sum is None) is standard


@pytest.mark.parametrize("name", ["hu_holley_crc_x25", "nl_cr_stripped_by_gateway"])
def test_real_ones(name: str) -> None:
    line = P1Stream()
    assert [len(line.feed(real(name))) for _ in range(5)] == [0, 0, 1, 1, 1]
    assert line.check_sum is not None
    assert line.statistics.crc_errors == 2
    # Known from now on, also after a reconnect
    line.reset()
    assert len(line.feed(real(name))) == 1


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_line_ends_that_a_gateway_changes(change: Callable[[bytes], bytes]) -> None:
    line = P1Stream()
    got = [found for second in range(6) for found in line.feed(change(stamped(second)))]
    assert len(got) == 4
    reference = P1Stream().feed(stamped(5))[0]
    assert {k: r.value for k, r in got[-1].readings.items()} == {
        k: r.value for k, r in reference.readings.items()
    }
    # A damaged one is refused then as well
    assert line.feed(change(stamped(6)).replace(b"0.2.8(5", b"0.2.8(4")) == []
    # A corrected gateway is followed, at the latest after three telegrams that agree
    later = [len(line.feed(stamped(second))) for second in range(7, 12)]
    assert later[2:] == [1, 1, 1]


@pytest.mark.parametrize("before", BEFORE.values(), ids=BEFORE)
def test_what_stands_before_each_telegram(before: bytes) -> None:
    line = P1Stream()
    got = [
        found for second in range(5) for found in line.feed(before + stamped(second))
    ]
    assert len(got) == 5


def test_damage_alone_agrees_on_nothing() -> None:
    line = P1Stream()
    raw = wire("v5_nl_bad_crc")
    damaged = [raw.replace(b"(00", b"(%02d" % n, 1) for n in range(10, 60)]
    assert not [found for one in damaged for found in line.feed(one)]
    assert line.check_sum is None
