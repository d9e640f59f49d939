"""Detect which checksum a meter uses, and over which line ends.

The standard is CRC-16/ARC over the sent bytes, with CR LF (``docs/protocols/dsmr.md``).
Some meters use CRC-16/X-25 or another one, and some gateways change line ends, so that
the checksum covers bytes that never arrive. Each combination is a ``Style``. The
standard one is accepted at once, another one after three telegrams in a row that match
it; from then on only that one is valid.
"""

from binascii import crc_hqx
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from .crc import crc16_arc, crc16_x25

_AGREEING: Final = 3


def _swapped(data: bytes) -> int:
    """Return CRC-16/ARC with its bytes swapped."""
    crc = crc16_arc(data)
    return crc >> 8 | (crc & 0xFF) << 8


def _modbus(data: bytes) -> int:
    """Return CRC-16/MODBUS: ARC with the initial value 0xFFFF, as if two bytes were inverted."""
    return crc16_arc(bytes(byte ^ 0xFF for byte in data[:2]) + data[2:])


def _ccitt(data: bytes) -> int:
    """Return CRC-16/IBM-3740, also known as CCITT."""
    return crc_hqx(data, 0xFFFF)


def _xmodem(data: bytes) -> int:
    return crc_hqx(data, 0)


# The first two are in use; vendors confuse them with the others.
_SUMS: Final[dict[str, Callable[[bytes], int]]] = {
    "ARC": crc16_arc,
    "X-25": crc16_x25,
    "ARC, bytes swapped": _swapped,
    "MODBUS": _modbus,
    "CCITT": _ccitt,
    "XMODEM": _xmodem,
}


def _as_received(data: bytes) -> bytes:
    return data


def _with_crlf(data: bytes) -> bytes:
    """Return the data with CR LF at every line end."""
    return b"\r\n".join(data.replace(b"\r", b"").split(b"\n"))


def _doubled(data: bytes) -> bytes:
    """Return the original data if every line end arrives doubled."""
    return data.replace(b"\r", b"").replace(b"\n\n", b"\r\n")


def _with_lf(data: bytes) -> bytes:
    return data.replace(b"\r", b"")


_LINE_ENDS: Final[dict[str, Callable[[bytes], bytes]]] = {
    "as received": _as_received,
    "CR LF": _with_crlf,
    "CR LF for LF LF": _doubled,
    "LF": _with_lf,
}


@dataclass(frozen=True, slots=True)
class Style:
    """Checksum and what it covers; ``name`` describes both for diagnostics."""

    algorithm: str
    line_ends: str

    @property
    def name(self) -> str:
        """Return the name of both."""
        return f"CRC-16/{self.algorithm}, {self.line_ends}"

    def fits(self, data: bytes, printed: int) -> bool:
        """Return whether a checksum matches these bytes, from ``/`` to ``!``."""
        return _SUMS[self.algorithm](_LINE_ENDS[self.line_ends](data)) == printed


STANDARD: Final = Style("ARC", "as received")
STYLES: Final = tuple(
    Style(algorithm, line_ends) for algorithm in _SUMS for line_ends in _LINE_ENDS
)


class CheckSums:
    """Detect and keep the style of one meter.

    ``found`` is None as long as only the standard style was seen.
    """

    def __init__(self) -> None:
        """Start with the standard style."""
        self.found: Style | None = None
        self._candidates: set[Style] = set()
        self._agreeing = 0

    def check(self, data: bytes, printed: int) -> bool:
        """Return whether the printed checksum matches; ``data`` is from ``/`` to ``!``."""
        if self.found is not None:
            if self.found.fits(data, printed):
                self._agreeing = 0
                return True
            # Another meter, or a gateway that was fixed.
            self._agreeing = self._agreeing + 1 if STANDARD.fits(data, printed) else 0
            if self._agreeing < _AGREEING:
                return False
            self.found = None
        if STANDARD.fits(data, printed):
            self._candidates.clear()
            self._agreeing = 0
            return True
        fitting = {style for style in STYLES if style.fits(data, printed)}
        if not fitting:
            # Damaged, so it says nothing about the other styles.
            return False
        agreed = self._candidates & fitting
        self._agreeing = self._agreeing + 1 if agreed else 1
        self._candidates = agreed or fitting
        if self._agreeing < _AGREEING:
            return False
        self.found = min(self._candidates, key=STYLES.index)
        self._agreeing = 0
        return True
