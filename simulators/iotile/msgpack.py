"""Read and write MessagePack, for reports of devices."""

import struct
from typing import Any


def pack(value: Any) -> bytes:  # noqa: ANN401 - JSON
    """Encode a value in MessagePack, in the widest forms, which are the simplest."""
    match value:
        case None:
            return b"\xc0"
        case bool():
            return b"\xc3" if value else b"\xc2"
        case int() if 0 <= value < 128:
            return bytes([value])
        case int():
            return b"\xd3" + struct.pack(">q", value)
        case float():
            return b"\xcb" + struct.pack(">d", value)
        case str():
            raw = value.encode()
            return b"\xdb" + struct.pack(">I", len(raw)) + raw
        case list():
            return b"\xdd" + struct.pack(">I", len(value)) + b"".join(map(pack, value))
        case dict() if len(value) < 16:
            head = bytes([0x80 | len(value)])
        case dict():
            head = b"\xdf" + struct.pack(">I", len(value))
        case _:
            raise TypeError(type(value))
    return head + b"".join(pack(k) + pack(v) for k, v in value.items())


def unpack(content: bytes) -> Any:  # noqa: ANN401 - JSON
    """Decode the first value. Raises ValueError or IndexError for invalid data."""
    return _next(content)[0]


def _next(data: bytes) -> tuple[Any, bytes]:
    kind, rest = data[0], data[1:]
    match kind:
        case _ if kind < 0x80:
            return kind, rest
        case _ if kind >= 0xE0:
            return kind - 256, rest
        case 0xC0 | 0xC2 | 0xC3:
            return (None, None, False, True)[kind - 0xC0], rest
        case 0xCA | 0xCB:
            size = 4 if kind == 0xCA else 8
            number: float = struct.unpack(">f" if size == 4 else ">d", rest[:size])[0]
            return number, rest[size:]
        case _ if 0xCC <= kind <= 0xD3:
            size = 1 << ((kind - 0xCC) % 4)
            whole = int.from_bytes(rest[:size], "big", signed=kind >= 0xD0)
            return whole, rest[size:]
        case _ if 0xA0 <= kind < 0xC0:
            size = kind & 0x1F
            return rest[:size].decode(), rest[size:]
        case 0xD9 | 0xDA | 0xDB:
            width = 1 << (kind - 0xD9)
            size = int.from_bytes(rest[:width], "big") + width
            return rest[width:size].decode(), rest[size:]
        case _ if 0x80 <= kind < 0xA0:
            return _many(kind & 0x0F, rest, pairs=kind < 0x90)
        case 0xDC | 0xDD | 0xDE | 0xDF:
            width = 2 if kind in (0xDC, 0xDE) else 4
            count = int.from_bytes(rest[:width], "big")
            return _many(count, rest[width:], pairs=kind >= 0xDE)
        case _:
            raise ValueError(hex(kind))


def _many(count: int, rest: bytes, *, pairs: bool) -> tuple[Any, bytes]:
    found = []
    for _ in range(count * (2 if pairs else 1)):
        value, rest = _next(rest)
        found.append(value)
    if pairs:
        return dict(zip(found[::2], found[1::2], strict=True)), rest
    return found, rest
