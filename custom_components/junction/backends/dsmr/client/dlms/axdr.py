"""Decode A-XDR, the encoding of DLMS values (``docs/protocols/dlms.md#values``)."""

import struct
from typing import Final, NamedTuple

NULL: Final = 0x00
ARRAY: Final = 0x01
STRUCTURE: Final = 0x02
BOOLEAN: Final = 0x03
BITS: Final = 0x04
OCTETS: Final = 0x09
TEXT: Final = 0x0A
UTF8: Final = 0x0C
INT8: Final = 0x0F
UINT16: Final = 0x12
UINT32: Final = 0x06
ENUM: Final = 0x16

_MAX_DEPTH: Final = 8
_MAX_ELEMENTS: Final = 500

# Size, and whether the integer is signed.
_INTEGERS: Final = {
    0x05: (4, True),
    0x06: (4, False),
    0x0F: (1, True),
    0x10: (2, True),
    0x11: (1, False),
    0x12: (2, False),
    0x14: (8, True),
    0x15: (8, False),
    0x16: (1, False),
}
_FLOATS: Final = {0x17: ">f", 0x18: ">d"}
# Date and time, date, time.
_MOMENTS: Final = {0x19: 12, 0x1A: 5, 0x1B: 4}
_STRINGS: Final = frozenset({OCTETS, TEXT, UTF8})
NUMBERS: Final = frozenset({*_INTEGERS, *_FLOATS})
"""Tags of numbers."""


class AxdrError(ValueError):
    """The data is not valid A-XDR."""


class AxdrShortError(AxdrError):
    """The data ends within a value; more may follow."""


class Node(NamedTuple):
    """One value with its type.

    The value is a tuple of nodes for arrays and structures, bytes for all strings and
    times, int or float for numbers, and None for null.
    """

    tag: int
    value: object

    @property
    def items(self) -> tuple[Node, ...]:
        """Return the elements of an array or a structure; empty for other types."""
        return self.value if isinstance(self.value, tuple) else ()

    @property
    def octets(self) -> bytes:
        """Return the bytes of a string; empty for other types."""
        return self.value if isinstance(self.value, bytes) else b""

    @property
    def number(self) -> int | float | None:
        """Return the number; None for other types."""
        if self.tag in NUMBERS and isinstance(self.value, int | float):
            return self.value
        return None

    @property
    def text(self) -> str | None:
        """Return a string as printable ASCII; None if it is not."""
        text = self.octets.decode("latin-1").strip(" \0")
        return text if text and text.isascii() and text.isprintable() else None


def read_length(data: bytes, at: int) -> tuple[int, int]:
    """Return a BER length, and the position after it.

    Raises AxdrError.
    """
    if at >= len(data):
        raise AxdrShortError
    size = data[at]
    if size < 0x80:
        return size, at + 1
    width = size & 0x7F
    if width not in (1, 2):
        raise AxdrError("length")
    if at + 1 + width > len(data):
        raise AxdrShortError
    return int.from_bytes(data[at + 1 : at + 1 + width]), at + 1 + width


def read(data: bytes, at: int = 0) -> tuple[Node, int]:
    """Return the value at a position, and the position after it.

    Raises AxdrError, and AxdrShortError if only the end is missing.
    """
    return _Reader(data).read(at, 0)


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._elements = 0

    def read(self, at: int, depth: int) -> tuple[Node, int]:
        data = self._data
        if at >= len(data):
            raise AxdrShortError
        tag = data[at]
        at += 1
        if (integer := _INTEGERS.get(tag)) is not None:
            size, signed = integer
            return Node(tag, int.from_bytes(self._take(at, size), signed=signed)), (
                at + size
            )
        if tag in _STRINGS:
            size, at = read_length(data, at)
            return Node(tag, self._take(at, size)), at + size
        if tag in (ARRAY, STRUCTURE):
            return self._several(tag, at, depth)
        if tag == NULL:
            return Node(tag, None), at
        if tag == BOOLEAN:
            return Node(tag, self._take(at, 1) != b"\0"), at + 1
        if tag == BITS:
            bits, at = read_length(data, at)
            size = (bits + 7) // 8
            return Node(tag, self._take(at, size)), at + size
        if (code := _FLOATS.get(tag)) is not None:
            size = struct.calcsize(code)
            return Node(tag, struct.unpack(code, self._take(at, size))[0]), at + size
        if (moment := _MOMENTS.get(tag)) is not None:
            return Node(tag, self._take(at, moment)), at + moment
        raise AxdrError(f"tag {tag:02X}")

    def _several(self, tag: int, at: int, depth: int) -> tuple[Node, int]:
        count, at = read_length(self._data, at)
        self._elements += count
        if depth >= _MAX_DEPTH or self._elements > _MAX_ELEMENTS:
            raise AxdrError("size")
        nodes: list[Node] = []
        for _ in range(count):
            node, at = self.read(at, depth + 1)
            nodes.append(node)
        return Node(tag, tuple(nodes)), at

    def _take(self, at: int, size: int) -> bytes:
        if at + size > len(self._data):
            raise AxdrShortError
        return self._data[at : at + size]
