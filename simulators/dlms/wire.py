"""Frames, values, and encryption of DLMS (``docs/protocols/dlms.md``)."""

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from ..p1.frames import TAG_BYTES, FrameMaker

LLC = b"\xe6\xe7\x00"
_FLAG = b"\x7e"
_CONTROL = b"\x13"
_MORE = 0x0800
_AUTHENTICATED = 0x10
_MBUS_HEAD = b"\x53\xff"
_MBUS_ADDRESSES = b"\x01\x67"
_MBUS_LAST = 0x10
_MBUS_MOST = 245
_BLOCK = 0xE0
_LAST_BLOCK = 0x80
_STREAMING = 0x40


def crc_x25(data: bytes) -> int:
    """Return the CRC-16/X-25 of ``data``; that of ``123456789`` is 0x906E."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x8408 if crc & 1 else 0)
    return crc ^ 0xFFFF


def length(size: int) -> bytes:
    """Encode a length in BER."""
    if size < 0x80:
        return bytes((size,))
    if size < 0x100:
        return bytes((0x81, size))
    return b"\x82" + size.to_bytes(2)


def _cut(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


def hdlc(addresses: bytes, information: bytes, *, more: bool = False) -> bytes:
    """Return one HDLC frame with both checksums."""
    size = 2 + len(addresses) + len(_CONTROL) + 2 + len(information) + 2
    head = (0xA000 | (_MORE if more else 0) | size).to_bytes(2) + addresses + _CONTROL
    head += crc_x25(head).to_bytes(2, "little")
    body = head + information
    return _FLAG + body + crc_x25(body).to_bytes(2, "little") + _FLAG


def in_segments(addresses: bytes, apdu: bytes, size: int) -> tuple[bytes, ...]:
    """Return an APDU in frames with at most ``size`` bytes of information each."""
    pieces = _cut(LLC + apdu, size)
    return tuple(
        hdlc(addresses, piece, more=number < len(pieces))
        for number, piece in enumerate(pieces, 1)
    )


def in_blocks(addresses: bytes, apdu: bytes, size: int) -> tuple[bytes, ...]:
    """Return an APDU in blocks of general block transfer, one per frame."""
    pieces = _cut(apdu, size)
    frames = []
    for number, piece in enumerate(pieces, 1):
        control = _STREAMING | (_LAST_BLOCK if number == len(pieces) else 0)
        block = bytes((_BLOCK, control)) + number.to_bytes(2) + bytes(2)
        block += length(len(piece)) + piece
        frames.append(hdlc(addresses, (LLC if number == 1 else b"") + block))
    return tuple(frames)


def in_mbus(apdu: bytes) -> tuple[bytes, ...]:
    """Return an APDU in long frames of wired M-Bus."""
    pieces = _cut(apdu, _MBUS_MOST)
    frames = []
    for number, piece in enumerate(pieces):
        control = number | (_MBUS_LAST if number == len(pieces) - 1 else 0)
        body = _MBUS_HEAD + bytes((control,)) + _MBUS_ADDRESSES + piece
        start = bytes((0x68, len(body), len(body), 0x68))
        frames.append(start + body + bytes((sum(body) & 0xFF, 0x16)))
    return tuple(frames)


def sealed(
    frames: FrameMaker,
    apdu: bytes,
    counter: int,
    security: int,
    *,
    break_tag: bool = False,
) -> bytes:
    """Return an encrypted APDU; the security byte tells whether it has a tag."""
    told = counter.to_bytes(4)
    encryptor = Cipher(
        algorithms.AES(frames.key),
        modes.GCM(frames.system_title + told, min_tag_length=TAG_BYTES),
    ).encryptor()
    has_tag = bool(security & _AUTHENTICATED)
    if has_tag:
        encryptor.authenticate_additional_data(
            bytes((security,)) + frames.authentication_key
        )
    text = encryptor.update(apdu) + encryptor.finalize()
    tag = encryptor.tag[:TAG_BYTES] if has_tag else b""
    if break_tag:
        tag = bytes(byte ^ 0xFF for byte in tag)
    rest = bytes((security,)) + told + text + tag
    title = frames.system_title
    return bytes((0xDB, len(title))) + title + length(len(rest)) + rest


def structure(*values: bytes) -> bytes:
    """Return a structure."""
    return b"\x02" + length(len(values)) + b"".join(values)


def array(*values: bytes) -> bytes:
    """Return an array."""
    return b"\x01" + length(len(values)) + b"".join(values)


def octets(value: bytes) -> bytes:
    """Return an octet string."""
    return b"\x09" + length(len(value)) + value


def text(value: str) -> bytes:
    """Return a visible string."""
    return b"\x0a" + length(len(value)) + value.encode("ascii")


def u16(value: int) -> bytes:
    """Return an unsigned number of 16 bits."""
    return b"\x12" + value.to_bytes(2)


def i16(value: int) -> bytes:
    """Return a signed number of 16 bits."""
    return b"\x10" + value.to_bytes(2, signed=True)


def u32(value: int) -> bytes:
    """Return an unsigned number of 32 bits."""
    return b"\x06" + value.to_bytes(4)


def obis(name: str) -> bytes:
    """Return an OBIS id, ``1-0:1.8.0``, as an octet string."""
    medium, _, rest = name.partition("-")
    channel, _, rest = rest.partition(":")
    groups = (medium, channel, *rest.split("."))
    return octets(bytes(map(int, groups)) + b"\xff")


def scale(exponent: int, unit: int) -> bytes:
    """Return a structure of exponent and unit."""
    return structure(
        b"\x0f" + exponent.to_bytes(1, signed=True), b"\x16" + bytes((unit,))
    )
