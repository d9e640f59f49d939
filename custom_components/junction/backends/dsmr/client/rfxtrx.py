"""Unwrap telegrams from RFXtrx packets (``docs/protocols/dsmr.md#p1-over-rfxtrx``).

A packet is [number of bytes that follow][type][subtype][sequence][data...]; those of
type 0x62, subtype 0x01 carry the telegram piece by piece, others are sensors.
"""

from typing import Final

_P1: Final = b"\x62\x01"
_HEADER: Final = 4
_TEXT: Final = bytes(
    byte for byte in range(256) if byte & 0x7F >= 0x20 or byte & 0x7F in b"\r\n\0"
)
# Of packet types other than P1, the longest that RFXtrx knows
_LONGEST_OTHER: Final = 64


class RfxtrxUnwrapper:
    """Takes the P1 data out of a stream of packets.

    ``packets`` counts the P1 packets found.
    """

    def __init__(self) -> None:
        """Start out of step."""
        self.packets = 0
        self._buffer = b""
        self._in_step = False

    def reset(self) -> None:
        """Forget what came over the connection before."""
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
    """Tell whether this can be (the beginning of) a packet.

    ``found`` says that it is where a packet has to be.
    """
    if packet[0] < _HEADER or _P1 in packet[_HEADER:]:
        # In what would be its data, the next one begins
        return False
    if len(packet) > 1 and packet[1] != _P1[0]:
        return packet[0] <= _LONGEST_OTHER
    if len(packet) > 2 and packet[2] != _P1[1]:
        return False
    # P1 is text (with or without parity); where it must be, so is noise on its line
    return found or not packet[_HEADER:].translate(None, _TEXT)
