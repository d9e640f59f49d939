"""Separation of telegrams in noisy streams."""

from hypothesis import given, strategies as st
import pytest

from custom_components.junction.backends.dsmr.client.framing import (
    MAX_TELEGRAM,
    Frame,
    P1Framer,
)

from ..helpers import VALID, chunks, encrypted, even_parity, telegram, wire

FIRST = telegram("1-0:1.7.0(00.331*kW)")
SECOND = telegram("1-0:1.7.0(00.332*kW)")
HEADER = b"/ISK5\\2M550T-1099"


def _frames(*pieces: bytes, header: bytes | None = None) -> list[Frame]:
    framer = P1Framer()
    framer.header = header
    return [frame for piece in pieces for frame in framer.feed(piece)]


def _whole(*pieces: bytes, header: bytes | None = None) -> list[bytes]:
    return [frame.raw for frame in _frames(*pieces, header=header) if frame.complete]


@pytest.mark.parametrize("name", VALID)
@pytest.mark.parametrize("size", [1, 2, 7, 64, 5000])
def test_every_dialect_in_pieces(name: str, size: int) -> None:
    raw = wire(name)
    framed = raw[: raw.index(b"\n", raw.index(b"\n!") + 1) + 1]
    assert _whole(*chunks(raw * 3, size)) == [framed] * 3


def test_delivered_with_its_last_byte() -> None:
    framer = P1Framer()
    for i, byte in enumerate(FIRST):
        frames = list(framer.feed(bytes([byte])))
        assert bool(frames) == (i == len(FIRST) - 1)


@pytest.mark.parametrize(
    "before",
    [
        b"00.331*kW)\r\n!A71C\r\n",
        b"\r\n\r\n",
        b"\xff" * 300,
        b"\x00",
        b"noise\r\n",
        b"\xff\x00\xff",
        b"x/y\r\n",
        b"!\r\n",
        b"<html>\n<p>\n",
    ],
)
def test_what_comes_before(before: bytes) -> None:
    assert _whole(before + FIRST + SECOND) == [FIRST, SECOND]


def test_telnet_negotiation_costs_the_first_telegram_at_most() -> None:
    banner = b"\xff\xfd\x03\xff\xfb\x01"
    assert _whole(banner + FIRST + SECOND) == [SECOND]
    assert _whole(banner + FIRST + SECOND, header=HEADER) == [FIRST, SECOND]


@pytest.mark.parametrize("junk", [b"random#", b"  ", b"[12:00:00] "])
def test_start_after_junk_in_a_line(junk: bytes) -> None:
    """A complete header line counts; a header after other bytes must be a known one."""
    assert _whole(b"\r\n" + junk + FIRST + SECOND) == [FIRST, SECOND]
    noise = b"\r\n\x01" + junk * 9 + FIRST
    assert _whole(noise + SECOND, header=HEADER) == [FIRST, SECOND]


@pytest.mark.parametrize("cut", [1, 20, 30, 40, len(FIRST) - 8])
def test_cut_telegram_gives_way_to_the_next(cut: int) -> None:
    """A truncated telegram ends where the next one begins, even in the middle of a line."""
    frames = _frames(FIRST[:cut] + SECOND, header=HEADER)
    assert frames == [Frame(FIRST[:cut], False), Frame(SECOND, True)]


def test_cut_at_a_line_end_needs_no_header() -> None:
    cut = FIRST.index(b"1-0")
    assert _frames(FIRST[:cut] + SECOND) == [
        Frame(FIRST[:cut], False),
        Frame(SECOND, True),
    ]


def test_a_meter_without_last_line_ends_where_the_next_begins() -> None:
    open_end = FIRST[: FIRST.index(b"!")]
    assert _frames(open_end * 2 + SECOND) == [
        Frame(open_end, False),
        Frame(open_end, False),
        Frame(SECOND, True),
    ]


@pytest.mark.parametrize("text", [b"test-/-test", b"/", b"!", b"/ISK5", b"a!A71C"])
def test_slash_and_exclamation_mark_inside_a_line(text: bytes) -> None:
    raw = telegram(f"0-0:96.13.0({text.decode()})")
    assert _whole(raw + SECOND) == [raw, SECOND]


@pytest.mark.parametrize("lost", [b"\r\n", b"\n", b"A\r\n"])
def test_lost_line_end_of_the_last_line(lost: bytes) -> None:
    raw = FIRST.removesuffix(b"\r\n").removesuffix(lost.strip()) + b"\r\n".removesuffix(
        lost
    )
    assert _whole(raw + SECOND) == [raw, SECOND]


def test_junk_after_the_end() -> None:
    raw = wire("q3d_easymeter")
    assert b"\xff" in raw
    framer = P1Framer()
    frames = list(framer.feed(raw + raw))
    assert [frame.complete for frame in frames] == [True, True]
    assert framer.skipped > 0


def test_a_telegram_without_an_end_is_given_up() -> None:
    framer = P1Framer()
    assert list(framer.feed(b"/ABC5" + b"x" * (MAX_TELEGRAM + 1))) == []
    assert framer.overruns == 1
    assert list(framer.feed(b"\r\n" + SECOND)) == [Frame(SECOND, True)]


def test_endless_noise_takes_no_memory() -> None:
    framer = P1Framer()
    framer.header = HEADER
    for noise in (b"\xff", b"x", b"\0", b"xyz", b"!"):
        for _ in range(200):
            assert list(framer.feed(noise * 100)) == []
            assert len(framer._buffer) < 200
        assert list(framer.feed(SECOND)) == [Frame(SECOND, True)]


def test_reset_forgets_the_half_of_a_telegram() -> None:
    framer = P1Framer()
    assert list(framer.feed(FIRST[:40])) == []
    framer.reset()
    assert list(framer.feed(FIRST[40:] + SECOND)) == [Frame(SECOND, True)]


# Parity


@pytest.mark.parametrize("name", ["v2_2_gas", "v3_gas", "q3d_easymeter"])
@pytest.mark.parametrize("size", [1, 13, 64, 5000])
def test_seven_bits_with_parity(name: str, size: int) -> None:
    raw = wire(name)
    framed = raw[: raw.index(b"\n", raw.index(b"\n!") + 1) + 1]
    line = even_parity(framed) * 5
    assert sum(byte > 0x7F for byte in line) > len(line) // 4
    framer = P1Framer()
    frames = [frame for piece in chunks(line, size) for frame in framer.feed(piece)]
    assert frames == [Frame(framed, True)] * 5
    assert framer.parity.is_certain


def test_a_byte_that_breaks_the_parity_is_seen() -> None:
    raw = wire("v2_2_gas")
    framer = P1Framer()
    list(framer.feed(even_parity(raw) * 3))
    for bit in range(8):
        broken = bytearray(even_parity(raw))
        broken[100] ^= 1 << bit
        frames = list(framer.feed(bytes(broken)))
        assert [b"\x1a" in frame.raw for frame in frames] == [True]
    assert [b"\x1a" in frame.raw for frame in framer.feed(even_parity(raw))] == [False]


@pytest.mark.parametrize("padding", [b"", b"\xff" * 500, b"\0" * 500])
def test_eight_bits_are_never_taken_for_parity(padding: bytes) -> None:
    for name in VALID:
        framer = P1Framer()
        for _ in range(3):
            list(framer.feed(padding + wire(name)))
        assert not framer.parity.is_certain


def test_binary_data_is_never_taken_for_parity() -> None:
    framer = P1Framer()
    for n in range(5):
        for piece in chunks(encrypted(n), 1):
            list(framer.feed(piece))
            assert not framer.parity.is_certain


def test_line_that_loses_its_parity() -> None:
    """Parity can disappear, for example behind a new gateway."""
    raw = wire("v2_2_gas")
    framer = P1Framer()
    list(framer.feed(even_parity(raw) * 3))
    assert framer.parity.is_certain
    list(framer.feed(raw))
    assert list(framer.feed(raw)) == [Frame(raw, True)]


@pytest.mark.parametrize("size", [1, 64, 5000])
def test_one_telegram_with_parity_is_no_line_with_parity(size: int) -> None:
    raw = wire("v2_2_gas")
    framer = P1Framer()
    line = raw + even_parity(raw) + raw
    frames = [frame for piece in chunks(line, size) for frame in framer.feed(piece)]
    assert frames == [Frame(raw, True)] * 3


@given(st.lists(st.integers(1, 60), min_size=1, max_size=20), st.binary(max_size=80))
def test_pieces_make_no_difference(sizes: list[int], noise: bytes) -> None:
    data = noise + FIRST + noise + SECOND[:50] + FIRST + SECOND + noise
    assert _frames(*chunks(data, *sizes), header=HEADER) == _frames(data, header=HEADER)
