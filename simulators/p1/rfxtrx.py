"""P1 in packets of an RFXCOM receiver: length, type 0x62, subtype 1, sequence, bytes."""

from random import Random

_TYPE, _SUBTYPE = 0x62, 0x01
_HEADER = 3
_PAYLOAD = 32
# A temperature and humidity sensor (type 0x52), which such receivers often pick up.
_OTHER = bytes((0x0A, 0x52, 0x01, 0x2A, 0x96, 0x03, 0x00, 0xD5, 0x2C, 0x02, 0x89))


class RfxtrxWrapper:
    """Packs a stream of bytes, with other packets in between."""

    def __init__(self, rng: Random) -> None:
        """``rng`` places the other packets."""
        self._rng = rng
        self._sequence = 0

    def wrap(self, data: bytes) -> bytes:
        """Return the bytes in packets."""
        packets = bytearray()
        for at in range(0, len(data), _PAYLOAD):
            payload = data[at : at + _PAYLOAD]
            packets += (
                bytes((_HEADER + len(payload), _TYPE, _SUBTYPE, self._sequence))
                + payload
            )
            self._sequence = (self._sequence + 1) % 256
            if self._rng.random() < 0.1:
                packets += _OTHER
        return bytes(packets)
