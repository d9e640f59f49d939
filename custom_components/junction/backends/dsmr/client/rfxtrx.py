"""Unwrap telegrams from RFXtrx packets (``docs/protocols/dsmr.md#p1-over-rfxtrx``).

A packet is [number of bytes that follow][type][subtype][sequence][data...]; those of
type 0x62, subtype 0x01 carry pieces of a telegram, others are sensors.
"""

from typing import Final

_P1: Final = b"\x62\x01"
_HEADER: Final = 4
_TEXT: Final = bytes(
    byte for byte in range(256) if byte & 0x7F >= 0x20 or byte & 0x7F in b"\r\n\0"
)
# The longest RFXtrx packet of another type than P1.
_LONGEST_OTHER: Final = 64


class RfxtrxUnwrapper:
    """Extract the P1 data from a stream of packets.

    ``packets`` counts the P1 packets.
    """

    def __init__(self) -> None:
        """Initialize without synchronization."""
        self.packets = 0
        self._buffer = b""
        self._in_step = False

    def reset(self) -> None:
        """Forget the data of the previous connection."""
        self.packets = 0
        self._buffer = b""
        self._in_step = False

    def feed(self, data: bytes) -> bytes:
        """Return the P1 data in the packets that are complete now."""
        buffer = self._buffer + data
        found = bytearray()
        at = 0
        while True:
            if not self._in_step:
                type_at = buffer.find(_P1, at + 1)
                if type_at < 0:
                    at = max(at, len(buffer) - 2)
                    break
                at = type_at - 1
            if at >= len(buffer):
                break
            size = 1 + buffer[at]
            packet = buffer[at : at + size]
            if not _is_possible(packet, found=self._in_step):
                self._in_step = False
                at += 1
                continue
            if len(packet) < size:
                break
            if packet.startswith(_P1, 1):
                self._in_step = True
                self.packets += 1
                found += packet[_HEADER:]
            at += size
        self._buffer = buffer[at:]
        return bytes(found)


def _is_possible(packet: bytes, *, found: bool) -> bool:
    """Return whether this can be (the beginning of) a packet.

    ``found`` says that a packet must begin here.
    """
    if packet[0] < _HEADER or _P1 in packet[_HEADER:]:
        # The next packet begins within the data of this one.
        return False
    if len(packet) > 1 and packet[1] != _P1[0]:
        return packet[0] <= _LONGEST_OTHER
    if len(packet) > 2 and packet[2] != _P1[1]:
        return False
    # P1 is text (with or without parity), but may be disturbed by noise on its line.
    return found or not packet[_HEADER:].translate(None, _TEXT)
