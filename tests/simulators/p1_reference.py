"""Reference for the simulated meter, written independently of it."""

from collections.abc import Iterator
import json
from pathlib import Path
import re
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

FIXTURES = Path(__file__).parent.parent / "fixtures" / "dsmr"


def fixture(name: str) -> tuple[bytes, dict[str, Any]]:
    """Return the bytes of a captured telegram and its expected content."""
    return (FIXTURES / f"{name}.txt").read_bytes(), json.loads(
        (FIXTURES / f"{name}.json").read_text()
    )


def reference_crc(data: bytes) -> int:
    """CRC-16/ARC by its definition: reflect, divide by 0x18005, reflect."""
    register = 0
    for byte in data:
        register ^= int(f"{byte:08b}"[::-1], 2) << 8
        for _ in range(8):
            register = (register << 1) ^ (0x8005 if register & 0x8000 else 0)
            register &= 0xFFFF
    return int(f"{register:016b}"[::-1], 2)


def shape(data: bytes) -> list[str]:
    """Return the lines of a telegram with every digit as 0, so that only widths count."""
    return [_line_shape(line) for line in data.decode("latin-1").split("\r\n")]


def _line_shape(line: str) -> str:
    if line.startswith("!"):
        return re.sub("[0-9A-F]", "0", line)
    if line.startswith("/"):
        return line
    obis, bracket, groups = line.partition("(")
    groups = bracket + groups
    if re.search(r":(96\.1\.|42\.0\.0|96\.13\.)", obis):
        groups = re.sub("[0-9A-F]", "0", groups)
    if obis.endswith("*255"):
        groups = groups.replace("(-", "(0")
    groups = groups.replace("(-", "(") if obis.endswith("3.7.0") else groups
    return obis + re.sub(r"(0{12})[SW]", r"\1X", re.sub("[0-9]", "0", groups))


def text_receiver(stream: bytes) -> Iterator[list[str]]:
    """Yield the lines of every telegram with a right checksum, as a careful client reads them.

    A telegram begins with a slash and ends with an exclamation mark, each first on its line.
    """
    telegram = bytearray()
    inside = False
    for line in bytes(byte & 0x7F for byte in stream).splitlines(keepends=True):
        if line.startswith(b"/"):
            telegram = bytearray()
            inside = True
        if not inside:
            continue
        if not line.startswith(b"!"):
            telegram += line
            continue
        inside = False
        digits = line[1:].strip(b"\r\n\0")
        if re.fullmatch(b"[0-9A-Fa-f]{1,4}", digits) and int(
            digits, 16
        ) == reference_crc(bytes(telegram) + b"!"):
            yield clean_lines(bytes(telegram))


def clean_lines(telegram: bytes) -> list[str]:
    """Return the lines of a telegram, without blank lines and the last one."""
    lines = telegram.decode("latin-1").splitlines()
    return [line for line in lines if line and not line.startswith("!")]


def decrypt(frame: bytes, key: bytes, authentication_key: bytes) -> bytes:
    """Return the text of one frame. Raises InvalidTag when it is not authentic."""
    assert frame[0] == 0xDB and frame[1] == 8 and frame[10] == 0x82
    length = int.from_bytes(frame[11:13])
    assert len(frame) == 13 + length
    decryptor = Cipher(
        algorithms.AES(key),
        modes.GCM(frame[2:10] + frame[14:18], frame[-12:], min_tag_length=12),
    ).decryptor()
    decryptor.authenticate_additional_data(frame[13:14] + authentication_key)
    return decryptor.update(frame[18:-12]) + decryptor.finalize()


def frame_receiver(
    stream: bytes, key: bytes, authentication_key: bytes
) -> Iterator[list[str]]:
    """Yield the lines of every authentic frame, looking for the next wherever one is broken."""
    at = 0
    while (at := stream.find(b"\xdb\x08", at)) >= 0:
        length = int.from_bytes(stream[at + 11 : at + 13])
        if (
            stream[at + 10 : at + 11] == b"\x82"
            and stream[at + 13 : at + 14] == b"\x30"
        ):
            try:
                text = decrypt(stream[at : at + 13 + length], key, authentication_key)
            except InvalidTag, AssertionError:
                at += 1
                continue
            at += 13 + length
            yield from text_receiver(text)
        else:
            at += 1
