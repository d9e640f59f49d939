"""Definition of a P1 dialect."""

from dataclasses import dataclass
from enum import Enum

from .lines import Line
from .mbus_lines import MBusText, mbus_standard
from .registers import MBusType


class Rates(Enum):
    """Tariff codes and their schedule."""

    LOW_IS_1 = "low is 1"
    """Netherlands: 1 in nights (23 to 7 h) and weekends, 2 otherwise."""
    LOW_IS_2 = "low is 2"
    """Belgium, Hungary and, it seems, Austria: 2 in nights and weekends, 1 otherwise."""
    FOUR = "four"
    """Lithuania: day 1, night 2, evening 3, weekend 4."""


@dataclass(frozen=True, slots=True)
class Slot:
    """An M-Bus device that a new meter of this dialect has."""

    type: MBusType
    ident: str | None
    start: int
    """Counter at the start, in the last digit printed."""
    valve: int | None = None
    ean: str | None = None
    digits: tuple[int, int] | None = None
    """Digits before and after the point, where they are not those usual for the type."""
    raw_ident: bool = False


@dataclass(frozen=True, slots=True)
class Encrypted:
    """Encryption settings of a new meter."""

    key: bytes
    authentication_key: bytes
    system_title: bytes
    counter: int = 0


@dataclass(frozen=True, slots=True)
class Dialect:
    """One dialect of P1."""

    name: str
    label: str
    """What the dialect is called elsewhere in this project's fixtures."""
    header: str
    """Without the leading slash."""
    lines: tuple[Line, ...]
    ident: str = ""
    second_ident: str = ""
    ean: str = ""
    mbus: MBusText = mbus_standard
    slots: tuple[Slot, ...] = ()
    empty_mbus: tuple[str, int, int, str] = ("700101010000W", 8, 0, "")
    """How an empty slot prints its reading: stamp, digits before and after the point, unit."""
    phases: int = 3
    interval: int = 1
    """Seconds between telegrams."""
    standard_hours: int = 1
    summer: bool = True
    rates: Rates = Rates.LOW_IS_1
    mbus_step: int = 300
    """Seconds between M-Bus readings."""
    crc: str = "upper"
    """Name of the CRC mode, see ``telegram.CrcMode``."""
    blank_line: bool = True
    trailer: bytes = b""
    """What comes behind the telegram every time."""
    baud: int = 115200
    failure_log: bool = False
    encrypted: Encrypted | None = None
    pushes: bool = False
    """Whether it sends lists in frames (``simulators.dlms``) in place of text."""
