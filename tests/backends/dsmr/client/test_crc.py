"""CRC of telegrams."""

from hypothesis import example, given, strategies as st
import pytest

from custom_components.junction.backends.dsmr.client.crc import crc16_arc

from ..helpers import VALID, crc_bitwise, expected, wire


def test_check_value_of_the_catalogue() -> None:
    assert crc16_arc(b"123456789") == 0xBB3D


@given(st.binary(max_size=400))
@example(b"")
@example(b"\0")
@example(b"\xff" * 3)
def test_equals_the_definition(data: bytes) -> None:
    assert crc16_arc(data) == crc_bitwise(data)


@pytest.mark.parametrize(
    "size", [1, 2, 15, 16, 17, 1023, 4096, 15359, 15360, 15361, 40000]
)
def test_equals_the_definition_at_sizes_where_folding_changes(size: int) -> None:
    data = bytes(i * i % 251 for i in range(size))
    assert crc16_arc(data) == crc_bitwise(data)


@given(st.binary(min_size=1, max_size=200), st.data())
def test_finds_every_burst_up_to_sixteen_bits(data: bytes, draw: st.DataObject) -> None:
    bits = len(data) * 8
    length = draw.draw(st.integers(1, min(16, bits)))
    at = draw.draw(st.integers(0, bits - length))
    burst = draw.draw(st.integers(0, (1 << max(length - 2, 0)) - 1)) << 1 | 1
    if length > 1:
        burst |= 1 << (length - 1)
    # Bits go over the line least significant first
    number = int.from_bytes(data, "little") ^ burst << at
    assert crc16_arc(number.to_bytes(len(data), "little")) != crc16_arc(data)


@pytest.mark.parametrize("name", [n for n in VALID if expected(n)["crc"]])
def test_equals_what_meters_print(name: str) -> None:
    raw = wire(name)
    body = raw[: raw.index(b"\n!") + 2]
    assert crc16_arc(body) == int(expected(name)["crc"], 16)
