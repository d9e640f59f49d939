"""What else than P1 is on a line, and what is said of it."""

from collections.abc import Callable

import pytest

from custom_components.junction.backends.dsmr.client.crc import crc16_x25
from custom_components.junction.backends.dsmr.client.errors import (
    DlmsError,
    EncryptedError,
    EsphomeLogError,
    HttpError,
    IecError,
    MBusError,
    NoiseError,
    NotP1Error,
    SmlError,
    TicError,
    WrongKeyError,
)
from custom_components.junction.backends.dsmr.client.line_kinds import (
    LineKind,
    LineKindDetector,
    error_of,
)
from custom_components.junction.backends.dsmr.client.stream import P1Stream

from ..helpers import KEYS, VALID, encrypted, wire

NOTIFICATION = bytes.fromhex("0F00000001 00 0204") + bytes(range(100))


def framed(body: bytes) -> bytes:
    """Return an HDLC frame with its check sums."""
    size = len(body) + 7
    head = bytes([0xA0 | size >> 8, size & 0xFF, 0x41, 0x08, 0x83, 0x13, 0x10])
    data = head[:7] + body
    size = len(data) + 2
    data = bytes([0xA0 | size >> 8, size & 0xFF]) + data[2:]
    return b"\x7e" + data + crc16_x25(data).to_bytes(2, "little") + b"\x7e"


def mbus(body: bytes) -> bytes:
    """Return a long frame of wired M-Bus."""
    head = bytes([0x68, len(body), len(body), 0x68])
    return head + body + bytes([sum(body) & 0xFF, 0x16])


LINES = {
    LineKind.HDLC: (framed(NOTIFICATION), NotP1Error),
    LineKind.MBUS: (mbus(b"\x53\xff\x00\x01\x67" + NOTIFICATION), MBusError),
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
    assert type(error_of(kind)) is error
    line.reset()
    assert line.other_kind is None


@pytest.mark.parametrize("name", VALID)
def test_a_telegram_is_nothing_else(name: str) -> None:
    found = LineKindDetector()
    found.feed(wire(name) * 2)
    assert found.found is None
    assert not found.is_noise


@pytest.mark.parametrize("wrap", [framed, lambda body: mbus(body[:240])])
def test_no_key_is_asked_for_where_none_helps(wrap: Callable[[bytes], bytes]) -> None:
    """Ciphered DLMS looks like ciphered P1, but for the frame around it."""
    for keys in (None, KEYS):
        line = P1Stream(keys)
        for counter in range(5):
            body = encrypted(counter, NOTIFICATION, length="82")
            line.feed(wrap(b"\xe6\xe7\x00" + body))
        assert line.other_kind in (LineKind.HDLC, LineKind.MBUS, LineKind.DLMS)
        assert not line.key_needed
        assert not line.wrong_key


@pytest.mark.parametrize("control", [0x20, 0x30])
def test_a_right_key_is_never_called_wrong(control: int) -> None:
    line = P1Stream(KEYS)
    for counter in range(5):
        line.feed(encrypted(counter, NOTIFICATION, control=control))
    assert line.other_kind is LineKind.DLMS
    assert not line.wrong_key
    assert type(error_of(LineKind.DLMS)) is DlmsError


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
    # What 8N1 makes of an inverted line
    line.feed(bytes(~byte & 0xFF for byte in wire("v5_nl_3phase_gas")))
    assert line.is_noise
    assert NoiseError.key == "noise"
