"""Detect other protocols than P1 on a line (``docs/protocols/dsmr.md#other-protocols``).

Plugs and readers look alike. One table has each kind of line and its signature. DLMS
push is decoded (``dlms/``); the kinds here are for DLMS that cannot be decoded.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
import re
from typing import Final

from .errors import (
    EsphomeLogError,
    HttpError,
    IecError,
    MBusError,
    NotP1Error,
    SmlError,
    TicError,
    UnknownListError,
)

_BUFFER: Final = 4096
# Marks the possible middle of a line: P1 ids end like those of other meters.
_MIDDLE: Final = b"?"
_STRIP: Final = bytes(byte & 0x7F for byte in range(256))
_PLAIN: Final = frozenset((*range(0x20, 0x7F), 0x09, 0x0A, 0x0D))
# With eight bits, or with seven and even parity.
_TEXT: Final = bytes(
    byte
    for byte in range(256)
    if byte in _PLAIN or (byte & 0x7F in _PLAIN and byte.bit_count() % 2 == 0)
)


class LineKind(StrEnum):
    """Protocols that are not P1."""

    HDLC = "hdlc"
    """HDLC frames without a list of values."""
    MBUS = "mbus"
    """Frames of wired M-Bus without a list of values."""
    UNKNOWN_LIST = "unknown_list"
    """DLMS with a list of values of an unknown format."""
    SML = "sml"
    """Smart Message Language: optical heads in Germany."""
    TIC = "tic"
    """Télé-information client: Linky meters in France."""
    IEC = "iec"
    """IEC 62056-21 (D0): optical heads."""
    HTTP = "http"
    """A web server."""
    ESPHOME_LOG = "esphome_log"
    """The log of an ESPHome device."""


@dataclass(frozen=True, slots=True)
class _Kind:
    kind: LineKind
    error: type[NotP1Error]
    is_in: Callable[[bytes, bytes], bool]
    """Takes the last received bytes, unchanged and as seven-bit text."""


def _text(pattern: bytes) -> Callable[[bytes, bytes], bool]:
    found = re.compile(pattern, re.MULTILINE)
    return lambda _, text: found.search(text) is not None


def _never(data: bytes, text: bytes) -> bool:
    """Return False: this kind is detected elsewhere."""
    return False


KINDS: Final = (
    # The DLMS decoder detects these kinds.
    _Kind(LineKind.HDLC, NotP1Error, _never),
    _Kind(LineKind.MBUS, MBusError, _never),
    _Kind(LineKind.UNKNOWN_LIST, UnknownListError, _never),
    _Kind(
        LineKind.SML,
        SmlError,
        lambda data, _: b"\x1b\x1b\x1b\x1b\x01\x01\x01\x01" in data,
    ),
    _Kind(
        LineKind.TIC,
        TicError,
        _text(
            rb"^(?:ADCO|OPTARIF|ISOUSC|BASE|HCHC|HCHP|PTEC|IINST|PAPP|ADSC|VTIC|EAST"
            rb"|EASF0[1-9]|SINSTS|URMS1|NGTF)[ \t][^\r\n]{1,98}[ \t].\r?$"
        ),
    ),
    _Kind(
        LineKind.IEC,
        IecError,
        _text(rb"^\x02?(?:F\.F|C\.1\.0|C\.90\.1|0\.0\.0|1\.8\.[0-9])(?:\*\d+)?\("),
    ),
    _Kind(LineKind.HTTP, HttpError, _text(rb"HTTP/1\.[01] \d{3}|<!DOCTYPE|<html")),
    _Kind(
        LineKind.ESPHOME_LOG,
        EsphomeLogError,
        _text(rb"\[[EWICDV]\]\[[\w.]{1,40}:\d+\]:"),
    ),
)
_ERRORS: Final = {row.kind: row.error for row in KINDS}


def error_of(kind: LineKind, detail: str | None = None) -> NotP1Error:
    """Return the error for a kind of line; ``detail`` is for a bug report."""
    return _ERRORS[kind](detail or "")


class LineKindDetector:
    """Examine received data until the kind of line is known.

    ``found`` is the kind; ``printable`` the share of bytes that are text (0 to 1).
    """

    def __init__(self) -> None:
        """Initialize without data."""
        self.found: LineKind | None = None
        self._buffer = _MIDDLE
        self._bytes = 0
        self._printable = 0

    def reset(self) -> None:
        """Forget the data of the previous connection."""
        self.found = None
        self._buffer = _MIDDLE
        self._bytes = self._printable = 0

    @property
    def is_noise(self) -> bool:
        """Return whether much data arrived, most of which is not text."""
        return self._bytes >= 100 and self._printable < 0.7 * self._bytes

    def feed(self, data: bytes) -> None:
        """Examine received data."""
        self._bytes += len(data)
        self._printable += len(data) - len(data.translate(None, _TEXT))
        if self.found is not None:
            return
        buffer = self._buffer + data
        plain = buffer.translate(_STRIP)
        for row in KINDS:
            if row.is_in(buffer, plain):
                self.found = row.kind
                return
        # No signature extends beyond the end of a line.
        line = buffer[buffer.rfind(b"\n") + 1 :]
        self._buffer = line if len(line) <= _BUFFER else _MIDDLE + line[-_BUFFER:]
