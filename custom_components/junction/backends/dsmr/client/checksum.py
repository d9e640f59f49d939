"""Which check sum a meter prints, and over which line ends.

The standard is CRC-16/ARC over what was sent, with CR LF (``docs/protocols/dsmr.md``).
Some meters print CRC-16/X-25 or another one, and some gateways change line ends, so that
the sum covers bytes that never arrive. Each way in which a telegram can fit is a
``Style``. The standard one is believed at once, another when three telegrams in a row
agree on it; from then on only that one counts.
"""

from binascii import crc_hqx
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from .crc import crc16_arc, crc16_x25

_AGREEING: Final = 3


def _swapped(data: bytes) -> int:
    """Return CRC-16/ARC with its bytes in the other order."""
    crc = crc16_arc(data)
    return crc >> 8 | (crc & 0xFF) << 8


def _modbus(data: bytes) -> int:
    """Return CRC-16/MODBUS: ARC that begins with 0xFFFF, as if two bytes were inverted."""
    return crc16_arc(bytes(byte ^ 0xFF for byte in data[:2]) + data[2:])


def _ccitt(data: bytes) -> int:
    """Return CRC-16/IBM-3740, which is called CCITT."""
    return crc_hqx(data, 0xFFFF)


def _xmodem(data: bytes) -> int:
    return crc_hqx(data, 0)


# Meters of the field print the first two; the others are what makers mistake them for.
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
    """Return one CR LF for each line end, and none for a line that was blank twice."""
    return b"\r\n".join(data.replace(b"\r", b"").split(b"\n"))


def _doubled(data: bytes) -> bytes:
    """Return what was sent when every line end arrives twice."""
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
    """A check sum and what it covers; ``name`` tells both, for diagnostics."""

    algorithm: str
    line_ends: str

    @property
    def name(self) -> str:
        """Both in words."""
        return f"CRC-16/{self.algorithm}, {self.line_ends}"

    def fits(self, data: bytes, printed: int) -> bool:
        """Tell whether a sum was printed for these bytes, from ``/`` to ``!``."""
        return _SUMS[self.algorithm](_LINE_ENDS[self.line_ends](data)) == printed


STANDARD: Final = Style("ARC", "as received")
STYLES: Final = tuple(
    Style(algorithm, line_ends) for algorithm in _SUMS for line_ends in _LINE_ENDS
)


class CheckSums:
    """Finds out the style of one meter, and keeps it.

    ``found`` is None while nothing else than the standard was seen.
    """

    def __init__(self) -> None:
        """Start with the standard."""
        self.found: Style | None = None
        self._candidates: set[Style] = set()
        self._agreeing = 0

    def check(self, data: bytes, printed: int) -> bool:
        """Return whether the printed sum fits; ``data`` is from ``/`` to ``!``."""
        if self.found is not None:
            if self.found.fits(data, printed):
                self._agreeing = 0
                return True
            # Another meter, or a gateway that was put right
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
            # Damaged: it says nothing about the others
            return False
        agreed = self._candidates & fitting
        self._agreeing = self._agreeing + 1 if agreed else 1
        self._candidates = agreed or fitting
        if self._agreeing < _AGREEING:
            return False
        self.found = min(self._candidates, key=STYLES.index)
        self._agreeing = 0
        return True
