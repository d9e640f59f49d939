"""Decode MessagePack, as far as device reports use it.

Home Assistant has no library for it. The input is a file of a few kB that the user
selects; extension types, which reports do not contain, are refused.
"""

import struct
from typing import Any, Final

DEEPEST: Final = 16
_NUMBERS: Final[dict[int, str]] = {
    0xCA: ">f",
    0xCB: ">d",
    0xCC: ">B",
    0xCD: ">H",
    0xCE: ">I",
    0xCF: ">Q",
    0xD0: ">b",
    0xD1: ">h",
    0xD2: ">i",
    0xD3: ">q",
}
_LENGTHS: Final[dict[int, tuple[str, str]]] = {
    0xC4: ("bytes", ">B"),
    0xC5: ("bytes", ">H"),
    0xC6: ("bytes", ">I"),
    0xD9: ("text", ">B"),
    0xDA: ("text", ">H"),
    0xDB: ("text", ">I"),
    0xDC: ("list", ">H"),
    0xDD: ("list", ">I"),
    0xDE: ("map", ">H"),
    0xDF: ("map", ">I"),
}
_CONSTANTS: Final[dict[int, Any]] = {0xC0: None, 0xC2: False, 0xC3: True}


def unpack(content: bytes) -> Any:  # noqa: ANN401 - any JSON type
    """Return the single value in the data. Raises ValueError."""
    reader = _Reader(content)
    try:
        value = reader.value(0)
    except (struct.error, IndexError, UnicodeDecodeError, TypeError) as err:
        raise ValueError(str(err)) from None
    if reader.place != len(content):
        raise ValueError("more than one value")
    return value


class _Reader:
    def __init__(self, content: bytes) -> None:
        self.place = 0
        self._content = content

    def value(self, depth: int) -> Any:  # noqa: ANN401 - any JSON type
        if depth > DEEPEST:
            raise ValueError("too deep")
        kind = self._content[self.place]
        self.place += 1
        if kind < 0x80:
            return kind
        if kind >= 0xE0:
            return kind - 0x100
        if kind in _CONSTANTS:
            return _CONSTANTS[kind]
        if kind in _NUMBERS:
            return self._number(_NUMBERS[kind])
        if kind in _LENGTHS:
            what, form = _LENGTHS[kind]
            return self._collection(what, self._number(form), depth)
        if kind < 0x90:
            return self._collection("map", kind & 0x0F, depth)
        if kind < 0xA0:
            return self._collection("list", kind & 0x0F, depth)
        if kind < 0xC0:
            return self._collection("text", kind & 0x1F, depth)
        raise ValueError(f"type {kind:#x}")

    def _number(self, form: str) -> Any:  # noqa: ANN401 - int or float
        (number,) = struct.unpack_from(form, self._content, self.place)
        self.place += struct.calcsize(form)
        return number

    def _collection(self, what: str, length: int, depth: int) -> Any:  # noqa: ANN401
        if length > len(self._content) - self.place:
            raise ValueError("shorter than it says")
        if what == "map":
            return {self.value(depth + 1): self.value(depth + 1) for _ in range(length)}
        if what == "list":
            return [self.value(depth + 1) for _ in range(length)]
        raw = self._content[self.place : self.place + length]
        self.place += length
        return raw.decode() if what == "text" else raw
