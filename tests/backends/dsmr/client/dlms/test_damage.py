"""No transmission error raises an exception, and no damaged push becomes a reading."""

import random

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.junction.backends.dsmr.client.dlms import axdr
from custom_components.junction.backends.dsmr.client.dlms.axdr import AxdrError
from custom_components.junction.backends.dsmr.client.dlms.decoder import DlmsDecoder
from custom_components.junction.backends.dsmr.client.encryption import Keys
from custom_components.junction.backends.dsmr.client.stream import P1Stream

from .captures import NAMES, decode, keys_of, wire
from .fuzzing import damaged

FRAMED = [name for name in NAMES if "bare" not in name]
EXAMPLES = max(200, settings().max_examples)


@pytest.mark.parametrize("name", FRAMED)
def test_one_flipped_byte_costs_the_push(name: str) -> None:
    """Only M-Bus has a sum of one byte; a changed byte changes it too."""
    data = wire(name)
    whole = [push.list for push in decode(data, keys_of(name))]
    dice = random.Random(name)
    for at in dice.sample(range(len(data)), 60):
        broken = bytearray(data)
        broken[at] ^= dice.randrange(1, 256)
        found = [push.list for push in decode(bytes(broken), keys_of(name))]
        assert all(one in whole for one in found), at


@pytest.mark.parametrize("name", FRAMED)
def test_the_next_push_is_read_whatever_was_before(name: str) -> None:
    data, dice = wire(name), random.Random(name)
    whole = decode(data, keys_of(name))
    for _ in range(30):
        junk = dice.randbytes(dice.randrange(1, 40))
        cut = data[dice.randrange(len(data)) :]
        decoder = DlmsDecoder(keys_of(name))
        found = decoder.feed(junk + cut, 0.0)
        found += decoder.feed(data, 10.0)
        last = [one for one in found if not isinstance(one, tuple)][-len(whole) :]
        assert [push.list for push in last] == [push.list for push in whole]


@given(st.integers(0, 2**32))
@settings(max_examples=EXAMPLES)
def test_no_stream_raises(seed: int) -> None:
    dice = random.Random(seed)
    keys = Keys(b"Junction-test-EK") if dice.random() < 0.7 else None
    line = P1Stream(keys)
    for piece in damaged(dice):
        line.feed(piece)


@given(st.binary(max_size=200))
def test_axdr_is_a_value_or_an_error(data: bytes) -> None:
    try:
        _, end = axdr.read(data)
    except AxdrError:
        return
    assert 0 < end <= len(data)
