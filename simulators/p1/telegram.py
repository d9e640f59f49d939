"""Encode registers as the bytes of a telegram."""

from dataclasses import dataclass
from enum import StrEnum

from .dialect import Dialect
from .lines import Line
from .registers import Registers


class CrcMode(StrEnum):
    """Form of the checksum after the exclamation mark."""

    UPPER = "upper"
    """Four upper-case digits, as the standard says."""
    LOWER = "lower"
    UNPADDED = "unpadded"
    """Without leading zeros (Nedap heat adaptor)."""
    NUL = "nul"
    """Four digits and a NUL before CR LF (seen in the field)."""
    NONE = "none"
    """Nothing: before version 4, Easymeter."""
    WRONG = "wrong"


def _table() -> tuple[int, ...]:
    table = []
    for byte in range(256):
        crc = byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
        table.append(crc)
    return tuple(table)


_TABLE = _table()


def crc16(data: bytes) -> int:
    """Return the CRC-16/ARC of ``data``; that of ``123456789`` is 0xBB3D."""
    crc = 0
    for byte in data:
        crc = crc >> 8 ^ _TABLE[crc & 0xFF ^ byte]
    return crc


@dataclass(frozen=True, slots=True)
class Telegram:
    """One telegram in clear text."""

    header: str
    lines: tuple[tuple[str, str], ...]
    """OBIS reference and groups with their brackets, in the order printed."""
    data: bytes
    crc: str | None
    """As printed; None when nothing is."""


@dataclass(frozen=True, slots=True)
class Style:
    """Format of a telegram, apart from its content."""

    crc: CrcMode = CrcMode.UPPER
    blank_line: bool = True
    newline: str = "\r\n"
    """Between the lines; the checksum is of what is printed."""
    end: str = "\r\n"
    """Behind the last line."""
    end_line: bool = True
    """Print the line with the exclamation mark."""


class Encoder:
    """Prints the telegrams of one meter."""

    def __init__(
        self,
        dialect: Dialect,
        *,
        header: str | None = None,
        phases: int | None = None,
        omit: frozenset[str] = frozenset(),
    ) -> None:
        """Use the dialect, optionally with another header, number of phases, or fewer lines."""
        self.dialect = dialect
        self.header = dialect.header if header is None else header
        count = dialect.phases if phases is None else phases
        if count not in (1, 3):
            msg = f"a meter has 1 or 3 phases, not {count}"
            raise ValueError(msg)
        self._lines: tuple[Line, ...] = tuple(
            line
            for line in dialect.lines
            if line.phase <= count and line.obis not in omit
        )

    def encode(self, registers: Registers, style: Style) -> Telegram:
        """Return the telegram for the current registers."""
        lines = [(line.obis, line.text(registers)) for line in self._lines]
        for reading in registers.mbus:
            lines += self.dialect.mbus(reading)
        newline = style.newline
        text = [
            f"/{self.header}",
            *[""] * style.blank_line,
            *(obis + groups for obis, groups in lines),
        ]
        body = newline.join(text) + newline
        if newline != "\r\n":
            body = body.replace("\r\n", newline)
        crc: str | None = None
        data = body.encode("latin-1")
        if style.end_line:
            data += b"!"
            crc = _printed(crc16(data), style.crc)
            data += (
                (crc or "").encode()
                + b"\0" * (style.crc is CrcMode.NUL)
                + style.end.encode()
            )
        return Telegram(self.header, tuple(lines), data + self.dialect.trailer, crc)


def _printed(crc: int, mode: CrcMode) -> str | None:
    match mode:
        case CrcMode.NONE:
            return None
        case CrcMode.LOWER:
            return f"{crc:04x}"
        case CrcMode.UNPADDED:
            return f"{crc:X}"
        case CrcMode.WRONG:
            return f"{crc ^ 0x5A5A:04X}"
        case _:
            return f"{crc:04X}"
