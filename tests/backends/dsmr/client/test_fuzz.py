"""No transmission error raises an exception, and no damaged telegram is accepted."""

import random

from hypothesis import assume, example, given, settings, strategies as st
import pytest

from custom_components.junction.backends.dsmr.client.dlms.decoder import DlmsDecoder
from custom_components.junction.backends.dsmr.client.encryption import (
    CipherStream,
    Keys,
)
from custom_components.junction.backends.dsmr.client.framing import (
    MAX_TELEGRAM,
    P1Framer,
)
from custom_components.junction.backends.dsmr.client.identity import number_of
from custom_components.junction.backends.dsmr.client.models import Telegram
from custom_components.junction.backends.dsmr.client.rfxtrx import RfxtrxUnwrapper
from custom_components.junction.backends.dsmr.client.telegram import (
    TelegramError,
    TelegramParser,
    parse_telegram,
)

from ..helpers import NOW, VALID, chunks, expected, stream, vary, wire

KEY = Keys(bytes.fromhex(expected("msn_luxembourg_encrypted")["encryption_key"]))
WITH_CRC = [name for name in VALID if expected(name)["crc"]]

# More than usual, and all that the profile "explore" asks for
EXAMPLES = max(300, settings().max_examples)

pieces = st.lists(st.integers(1, 300), min_size=1, max_size=8)
fragments = st.one_of(
    st.binary(max_size=40),
    st.sampled_from(
        [
            *(wire(name) for name in ("v2_2_gas", "v5_nl_3phase_gas", "v5b_emucs_2_1")),
            wire("msn_luxembourg_encrypted"),
            wire("msn_luxembourg_encrypted")[:30],
            b"/ISK5\\2M550T-1099\r\n\r\n",
            b"1-0:1.8.1(003456.789*kWh)\r\n",
            b"1-0:1.7.0(",
            b"0-1:24.2.1(250312184500W)(01987.341*m3)\r\n",
            b"0-1:24.3.0(1)(2)(3)(4)(5)(6)(7)\r\n",
            b"1-0:99.97.0(3)(0-0:96.7.19)(241203021544W)(x)\r\n",
            b"0-0:98.1.0(99)(1)(2)(3)(4)(5)\r\n",
            b"!\r\n",
            b"!A71C\r\n",
            b"\r\n",
            b"(02750.418)\r\n",
            b"()",
            b"/",
            b"\xdb\x08",
            b"\xdb\x08SAGg0123\x82\x05\x1b\x30",
            b"\x7e\xa0",
            b"\x1c\x62\x01\x00/ISK5",
            b"\xff" * 30,
        ]
    ),
)


@given(st.lists(fragments, max_size=12), pieces, st.booleans())
@settings(max_examples=EXAMPLES)
def test_no_stream_raises(parts: list[bytes], sizes: list[int], with_key: bool) -> None:
    line = stream(keys=KEY if with_key else None)
    for piece in chunks(b"".join(parts), *sizes):
        line.feed(piece)
    line.reset()
    line.feed(b"".join(parts))
    assert line.statistics.bytes_received == 2 * sum(map(len, parts))
    assert line.statistics.as_dict()
    assert len(line._clear._buffer) <= MAX_TELEGRAM


@given(st.lists(fragments, max_size=8).map(b"".join))
@settings(max_examples=EXAMPLES)
@example(b"/\n!\n")
@example(b"/x\n1-0:1.7.0(\n!\n")
@example(b"/x\n(1)\n(2)\n!\n")
def test_no_telegram_raises_anything_but_its_own_error(data: bytes) -> None:
    parser = TelegramParser(now=lambda: NOW)
    bases: list[Telegram | None] = [None]
    bases += [parser.parse(wire(name)) for name in ("v5_nl_3phase_gas", "v2_2_gas")]
    for raw in (data, b"/ISK5\r\n" + data + b"\r\n!\r\n"):
        for base in bases:
            try:
                found = parser.parse(raw, base)
            except TelegramError:
                continue
            assert found.readings
            for reading in found.readings.values():
                assert isinstance(reading.groups, tuple)
                assert reading.raw is None or reading.raw
            assert found.power_failures is None or isinstance(
                found.power_failures, tuple
            )
            assert found.peak_history is None or isinstance(found.peak_history, tuple)
            number = number_of(found)
            assert number is None or number.raw
            assert found.timestamp is None or found.timestamp.year >= 2005


@given(st.binary(max_size=3000))
def test_no_part_raises(data: bytes) -> None:
    assert isinstance(list(P1Framer().feed(data)), list)
    assert isinstance(RfxtrxUnwrapper().feed(data), bytes)
    assert isinstance(CipherStream(KEY).feed(data, 0.0), list)
    DlmsDecoder(KEY).feed(data, 0.0)


@given(st.data())
@settings(max_examples=EXAMPLES)
def test_a_changed_line_is_read_like_a_new_one(data: st.DataObject) -> None:
    """No value of the previous telegram survives in a changed line."""
    raw = wire(data.draw(st.sampled_from(["v2_2_gas", "q3d_easymeter"])))
    raw = parse_telegram(raw).raw
    parser = TelegramParser(now=lambda: NOW)
    base = parser.parse(raw)
    alphabet = st.sampled_from(sorted(b"0123456789.*()-+kWhmAx\r\n:"))
    at = data.draw(st.integers(raw.index(b"\n") + 1, raw.index(b"\n!") - 1))
    length = data.draw(st.integers(0, 4))
    fresh = bytes(data.draw(st.lists(alphabet, max_size=4)))
    other = raw[:at] + fresh + raw[at + length :]
    try:
        alone = TelegramParser(now=lambda: NOW).parse(other)
    except TelegramError as error:
        reason = error.reason
    else:
        found = parser.parse(other, base)
        assert found.readings == alone.readings
        assert found.malformed == alone.malformed
        assert found.mbus == alone.mbus
        assert found.layout.unknown == alone.layout.unknown
        return
    with pytest.raises(TelegramError) as again:
        parser.parse(other, base)
    assert again.value.reason is reason


# One fault in a row of good telegrams


def _good(name: str, seed: int, count: int) -> list[bytes]:
    rnd = random.Random(seed)
    return [vary(parse_telegram(wire(name)).raw, rnd, 1.0) for _ in range(count)]


@st.composite
def _damage(draw: st.DrawFn, raw: bytes) -> bytes:
    """Return the telegram after one fault of the line."""
    kind = draw(st.sampled_from(["flip", "burst", "drop", "insert", "cut", "double"]))
    at = draw(st.integers(0, len(raw) - 1))
    if kind == "flip":
        bits = draw(st.integers(1, 3))
        damaged = bytearray(raw)
        for _ in range(bits):
            damaged[draw(st.integers(0, len(raw) - 1))] ^= 1 << draw(st.integers(0, 7))
        return bytes(damaged)
    if kind == "burst":
        noise = draw(st.binary(min_size=1, max_size=30))
        return raw[:at] + noise + raw[at + len(noise) :]
    if kind == "drop":
        return raw[:at] + raw[at + draw(st.integers(1, 200)) :]
    if kind == "insert":
        noise = draw(
            st.one_of(st.binary(min_size=1, max_size=30), st.just(b"\xff" * 20))
        )
        at = draw(st.sampled_from([0, at, len(raw)]))
        return raw[:at] + noise + raw[at:]
    if kind == "cut":
        return raw[:at]
    return raw[:at] + raw[draw(st.integers(0, at)) :]


def _content(raw: bytes) -> bytes:
    """Return the content of a telegram, without the form of its checksum."""
    return raw[: raw.index(b"\n!") + 2]


@given(st.data(), st.sampled_from(WITH_CRC), st.integers(0, 9), pieces)
@settings(max_examples=EXAMPLES)
def test_one_fault_costs_one_telegram_and_gives_no_wrong_one(
    data: st.DataObject, name: str, seed: int, sizes: list[int]
) -> None:
    good = _good(name, seed, 4)
    damaged = data.draw(_damage(good[2]))
    wires = [good[0], good[1], damaged, good[3]]
    line = stream()
    found = [
        _content(telegram.raw)
        for piece in chunks(b"".join(wires), *sizes)
        for telegram in line.feed(piece)
    ]
    allowed = [_content(raw) for raw in good]
    assert [content for content in found if content != allowed[2]] == [
        content
        for content in (allowed[0], allowed[1], allowed[3])
        if content != allowed[2]
    ]


@given(st.data(), st.sampled_from(WITH_CRC), st.integers(0, 9), pieces)
@settings(max_examples=EXAMPLES)
def test_splices_of_two_telegrams(
    data: st.DataObject, name: str, seed: int, sizes: list[int]
) -> None:
    first, second = _good(name, seed, 2)
    assume(first != second)
    head = data.draw(st.integers(0, len(first)))
    tail = data.draw(st.integers(0, len(second)))
    line = stream()
    found = [
        _content(telegram.raw)
        for piece in chunks(first[:head] + second[tail:], *sizes)
        for telegram in line.feed(piece)
    ]
    assert set(found) <= {_content(first), _content(second)}


@given(st.data(), st.sampled_from([*VALID, "msn_two_frames"]), pieces)
@settings(max_examples=EXAMPLES)
def test_pieces_make_no_difference(
    data: st.DataObject, name: str, sizes: list[int]
) -> None:
    raw = wire(name)
    parts = [raw, raw, data.draw(_damage(raw)), raw, data.draw(_damage(raw)), raw, raw]
    line = b"".join(parts)
    whole, cut = stream(keys=KEY), stream(keys=KEY)
    first = [telegram.raw for telegram in whole.feed(line)]
    second = [
        telegram.raw for piece in chunks(line, *sizes) for telegram in cut.feed(piece)
    ]
    assert first == second
    assert whole.statistics.telegrams == cut.statistics.telegrams
    assert whole.statistics.unauthenticated == cut.statistics.unauthenticated
    assert whole.statistics.lost_frames == cut.statistics.lost_frames


@given(st.data(), pieces)
@settings(max_examples=EXAMPLES)
def test_one_fault_in_encrypted_frames(data: st.DataObject, sizes: list[int]) -> None:
    plain = wire("v5l_luxembourg_clear")
    frames = [
        wire("msn_luxembourg_encrypted"),
        wire("msn_two_frames")[:1320],
        wire("msn_two_frames")[1320:],
    ]
    damaged = data.draw(_damage(frames[1]))
    at = [0.0]
    line = stream(keys=KEY, monotonic=lambda: at[0])
    found = []
    for frame in (frames[0], damaged, frames[2]):
        for piece in chunks(frame, *sizes):
            found += line.feed(piece)
        at[0] += 10.0
    # Pending telegrams are emitted when the pause shows that there is no more
    at[0] += 10.0
    found += line.feed(b"")
    assert {telegram.raw for telegram in found} == {plain}
    assert 2 <= len(found) <= 3
    assert not line.wrong_key
