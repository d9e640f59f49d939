"""Recognize DLMS in HDLC frames: a meter port that is not P1.

Norway, several Austrian operators and others push such frames over a plug of the
same shape; saying so is worth more than "no telegram".
"""

from typing import Final

from .crc import crc16_x25

_FLAG: Final = 0x7E
_FORMAT: Final = 0xA0
_MAX_BUFFER: Final = 4096
_CERTAIN: Final = 2


class HdlcDetector:
    """Counts well-formed HDLC frames of type 3 in what arrives."""

    def __init__(self) -> None:
        """Start with nothing seen."""
        self.frames = 0
        self._checked = 0
        self._buffer = b""

    @property
    def is_certain(self) -> bool:
        """Whether one frame had the right check sum, or two the right form."""
        return self._checked > 0 or self.frames >= _CERTAIN

    def reset(self) -> None:
        """Forget what came over the connection before."""
        self.frames = self._checked = 0
        self._buffer = b""

    def feed(self, data: bytes) -> None:
        """Look for frames: flag, format and length, and a flag where it must end."""
        buffer = (self._buffer + data)[-_MAX_BUFFER:]
        at = 0
        while (at := buffer.find(_FLAG, at)) >= 0:
            if at + 2 >= len(buffer):
                break
            if buffer[at + 1] & 0xF0 != _FORMAT:
                at += 1
                continue
            end = at + 1 + ((buffer[at + 1] & 0x07) << 8 | buffer[at + 2])
            if end >= len(buffer):
                break
            if end > at + 2 and buffer[end] == _FLAG:
                self.frames += 1
                body, check = buffer[at + 1 : end - 2], buffer[end - 2 : end]
                self._checked += crc16_x25(body) == int.from_bytes(check, "little")
                at = end
            else:
                at += 1
        self._buffer = buffer[at:] if at >= 0 else b""
