"""Strip even parity from eight-bit text (``docs/protocols/dsmr.md#line-settings-and-timing``).

Ports are opened with eight bits for every meter. The parity bit of old meters then
arrives in bit 7, and is removed. Because these meters have no checksum, their parity is
checked: once the line is known to have parity, a wrong byte is replaced by SUB, which
no telegram contains, so that the telegram is dropped.
"""

from typing import Final

SUB: Final = 0x1A

_EVEN: Final = tuple(byte.bit_count() % 2 == 0 for byte in range(256))
_STRIP: Final = bytes(byte & 0x7F for byte in range(256))
_CHECK: Final = bytes(byte & 0x7F if _EVEN[byte] else SUB for byte in range(256))
_ODD_BYTES: Final = bytes(byte for byte in range(256) if not _EVEN[byte])
_ODD_MARKS: Final = bytes(0 if _EVEN[byte] else 1 for byte in range(256))
# Bytes with a parity bit that are evidence of parity; padding (0xFF) is not.
_WITH_PARITY: Final = bytes(byte for byte in range(0xA0, 0xFF) if _EVEN[byte])

# Number of correct bytes that prove parity, which takes two or three telegrams: without
# parity, half of all bytes would be wrong.
_CERTAIN: Final = 450
# If more than a quarter of this many bytes is wrong, the line has no parity anymore.
_WINDOW: Final = 256
_TOO_MANY: Final = 64


class ParityStripper:
    """Strip parity from a stream, and check it once the line is known to have it.

    ``is_checked`` may be set to False for a meter with a checksum.
    """

    def __init__(self) -> None:
        """Initialize for an unknown line."""
        self.is_checked = True
        self.is_certain = False
        self._proof = 0
        self._seen = 0
        self._broken = 0

    def reset(self) -> None:
        """Forget the line."""
        self.is_certain = False
        self._proof = self._seen = self._broken = 0

    def feed(self, data: bytes) -> bytes:
        """Return the data as seven-bit text of the same length."""
        if not self._proof and data.isascii():
            # Plain text, the usual case.
            return data
        if not self.is_checked:
            return data.translate(_STRIP)
        if self.is_certain:
            return self._checked(data)
        odd = data.translate(_ODD_MARKS).rfind(1)
        if odd >= 0:
            self._proof = 0
        run = data[odd + 1 :]
        self._proof += len(run) - len(run.translate(None, _WITH_PARITY))
        self.is_certain = self._proof >= _CERTAIN
        return data.translate(_STRIP)

    def _checked(self, data: bytes) -> bytes:
        self._seen += len(data)
        self._broken += len(data) - len(data.translate(None, _ODD_BYTES))
        if self._broken > _TOO_MANY:
            self.reset()
            return data.translate(_STRIP)
        if self._seen >= _WINDOW:
            self._seen = self._broken = 0
        return data.translate(_CHECK)
