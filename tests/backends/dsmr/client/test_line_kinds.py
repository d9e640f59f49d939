"""Other protocols on a line, and the message for each."""

from collections.abc import Callable

import pytest

from custom_components.junction.backends.dsmr.client.errors import (
    EncryptedError,
    EsphomeLogError,
    HttpError,
    IecError,
    MBusError,
    NoiseError,
    NotP1Error,
    SmlError,
    TicError,
    UnknownListError,
    WrongKeyError,
)
from custom_components.junction.backends.dsmr.client.line_kinds import (
    LineKind,
    LineKindDetector,
    error_of,
)
from custom_components.junction.backends.dsmr.client.stream import P1Stream

from ..helpers import KEYS, VALID, encrypted, framed, wire

# A list of numbers without a known meaning
NOTIFICATION = bytes.fromhex("0F00000001 00 0210") + b"\x06\0\0\0\x2a" * 16
LLC = b"\xe6\xe7\x00"


def mbus(body: bytes) -> bytes:
    """Return a long frame of wired M-Bus."""
    head = bytes([0x68, len(body), len(body), 0x68])
    return head + body + bytes([sum(body) & 0xFF, 0x16])


LINES = {
    LineKind.HDLC: (framed(LLC + b"\xc4\x01" + bytes(90)), NotP1Error),
    LineKind.MBUS: (mbus(b"\x53\xff\x10\x01\x67\xc4\x01" + bytes(90)), MBusError),
    LineKind.UNKNOWN_LIST: (framed(LLC + NOTIFICATION), UnknownListError),
    LineKind.SML: (b"\x1b\x1b\x1b\x1b\x01\x01\x01\x01\x76\x05" + bytes(200), SmlError),
    LineKind.TIC: (
        b"\x02\nADCO 012345678901 B\r\nOPTARIF BASE 0\r\nBASE 001234567 )\r\x03",
        TicError,
    ),
    LineKind.IEC: (
        b"/LGZ5\\2ZMD4054459.B40\r\n\r\n\x02F.F(00000000)\r\nC.1.0(54800102)\r\n!\r\n\x03A",
        IecError,
    ),
    LineKind.HTTP: (
        b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n",
        HttpError,
    ),
    LineKind.ESPHOME_LOG: (
        b"\x1b[0;36m[21:03:11][D][dsmr:142]: Header of telegram found\x1b[0m\r\n",
        EsphomeLogError,
    ),
}


@pytest.mark.parametrize("kind", LINES)
@pytest.mark.parametrize("size", [1, 7, 4096])
def test_kinds_are_told_within_two_frames(kind: LineKind, size: int) -> None:
    data, error = LINES[kind]
    line = P1Stream()
    twice = data * 2
    for at in range(0, len(twice), size):
        assert line.feed(twice[at : at + size]) == []
    assert line.other_kind is kind
    assert type(error_of(kind, line.unknown_list)) is error
    line.reset()
    assert line.other_kind is None


@pytest.mark.parametrize("name", VALID)
def test_a_telegram_is_nothing_else(name: str) -> None:
    found = LineKindDetector()
    found.feed(wire(name) * 2)
    assert found.found is None
    assert not found.is_noise


@pytest.mark.parametrize("size", [16, 64, 942])
def test_a_line_with_damage_is_nothing_else(size: int) -> None:
    """A damaged P1 line is not taken for another protocol, wherever it is cut."""
    damaged = wire("v5_nl_3phase_gas").replace(b"(", b"((") * 8
    for begin in (0, damaged.index(b"1.8.1(")):
        line = P1Stream()
        for at in range(begin, len(damaged), size):
            assert line.feed(damaged[at : at + size]) == []
            assert line.other_kind is None


@pytest.mark.parametrize(
    "wrap", [framed, lambda body: mbus(b"\x53\xff\x10\x01\x67" + body)]
)
def test_a_key_is_asked_for_and_a_wrong_one_told(
    wrap: Callable[[bytes], bytes],
) -> None:
    """A missing or wrong key is reported for every kind of frame, even with damage."""
    for keys in (None, KEYS):
        line = P1Stream(keys)
        for counter in range(5):
            body = encrypted(counter, NOTIFICATION, length="82", key=bytes(16))
            damaged = bytearray(wrap(LLC + body if wrap is framed else body))
            line.feed(bytes(damaged))
            damaged[30] ^= 1
            line.feed(bytes(damaged))
        assert line.other_kind is None
        assert line.key_needed == (keys is None)
        assert line.wrong_key == (keys is not None)


@pytest.mark.parametrize("wrap", [framed, lambda body: body])
@pytest.mark.parametrize("control", [0x20, 0x30])
def test_a_right_key_is_never_called_wrong(
    control: int, wrap: Callable[[bytes], bytes]
) -> None:
    """A right key is never reported as wrong, even if the types of the data are unknown."""
    line = P1Stream(KEYS)
    for counter in range(5):
        body = encrypted(counter, NOTIFICATION, control=control)
        line.feed(wrap(LLC + body if wrap is framed else body))
    assert line.other_kind is LineKind.UNKNOWN_LIST
    assert line.unknown_list == "16:" + "06" * 16
    assert not line.wrong_key


def test_encrypted_p1_needs_a_key_and_tells_a_wrong_one() -> None:
    line = P1Stream()
    line.feed(encrypted())
    assert line.key_needed and line.other_kind is None
    line = P1Stream(KEYS)
    for counter in range(5):
        line.feed(encrypted(counter, key=bytes(16)))
    assert line.wrong_key
    assert {EncryptedError.key, WrongKeyError.key} == {"encrypted", "wrong_key"}


def test_noise() -> None:
    line = P1Stream()
    # An inverted line at 8N1
    line.feed(bytes(~byte & 0xFF for byte in wire("v5_nl_3phase_gas")))
    assert line.is_noise
    assert NoiseError.key == "noise"
