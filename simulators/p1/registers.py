"""Registers of a meter, from which telegrams are printed.

Energies are in watt-seconds (or var-seconds) so that nothing is lost between telegrams; registers
that the dialect does not print are counted all the same.
"""

from dataclasses import dataclass, field
from enum import IntEnum

UNDEFINED_STAMP = "632525252525"
"""Timestamp of an unknown time, printed with S or W."""
EPOCH_STAMP = "700101010000W"


class MBusType(IntEnum):
    """Kinds of M-Bus devices, numbered as in EN 13757-3."""

    ELECTRICITY = 2
    GAS = 3
    HEAT = 4
    WARM_WATER = 6
    WATER = 7
    HEAT_INLET = 12


class Breaker(IntEnum):
    """State of the breaker in the meter."""

    OFF = 0
    ON = 1
    READY = 2


@dataclass(slots=True)
class Peak:
    """A quarter-hour average: timestamp of its end, and power in W."""

    stamp: str
    watts: int


@dataclass(slots=True)
class MonthPeak:
    """The peak of a complete month. ``month`` is the timestamp of the month's end."""

    month: str
    occurred: str
    watts: int


@dataclass(slots=True)
class Failure:
    """A long power failure: timestamp of its end, and duration."""

    end: str
    seconds: int


FACTORY_FAILURE = Failure("000101000011W", 2147483647)
"""Entry that a new meter has."""


@dataclass(slots=True)
class MBusReading:
    """Reading of one M-Bus device in a telegram."""

    channel: int
    type: int
    ident: str | None
    """The identification as text; None for a slot that is empty or a device that is dead."""
    stamp: str | None = None
    """Stamp of the reading; None while there is no reading."""
    value: int = 0
    """In the last digit printed."""
    unit: str = "m3"
    whole: int = 5
    decimals: int = 3
    ean: str | None = None
    valve: int | None = None
    raw_ident: bool = False
    """Print the identification as it is, instead of its characters in hex."""


def _zeros() -> list[int]:
    return [0, 0, 0]


def _four() -> list[int]:
    return [0, 0, 0, 0]


@dataclass(slots=True)
class MonthEnd:
    """Registers at the end of the last month (Hungary), energies as above."""

    stamp: str
    import_ws: list[int] = field(default_factory=_four)
    export_ws: list[int] = field(default_factory=_four)
    reactive_import: int = 0
    reactive_export: int = 0
    quadrants: list[int] = field(default_factory=_four)
    import_peak: int = 0
    """Highest quarter-hour average of that month in W."""
    export_peak: int = 0


@dataclass(slots=True)
class Registers:
    """The registers of one meter."""

    ident: str = ""
    """Serial number as text."""
    second_ident: str = ""
    """What some dialects print besides: logical device name, number on the front."""
    ean: str = ""
    stamp: str = ""
    """Time of the telegram, ``YYMMDDhhmmssX``."""
    phases: int = 3
    import_ws: list[int] = field(default_factory=_four)
    """Per tariff code 1 to 4."""
    export_ws: list[int] = field(default_factory=_four)
    quadrants: list[int] = field(default_factory=_four)
    """Reactive energy per quadrant I to IV in var-seconds."""
    reactive_import: list[int] = field(default_factory=_four)
    """Reactive energy drawn, per tariff code, in var-seconds."""
    reactive_export: list[int] = field(default_factory=_four)
    tariff: int = 1
    watts: list[int] = field(default_factory=_zeros)
    """Power on each phase in W, negative when fed in."""
    vars: list[int] = field(default_factory=_zeros)
    import_watts: int = 0
    export_watts: int = 0
    factors: list[int] = field(default_factory=_four)
    """Power factor in thousandths: total, L1, L2, L3; negative when inductive."""
    decivolts: list[int] = field(default_factory=_zeros)
    milliamps: list[int] = field(default_factory=_zeros)
    millihertz: int = 50_000
    short_failures: int = 0
    long_failures: int = 0
    failures: list[Failure] = field(default_factory=list)
    """Newest first, at most ten."""
    sags: list[int] = field(default_factory=_zeros)
    swells: list[int] = field(default_factory=_zeros)
    message: str = ""
    message_code: str = ""
    more_messages: list[str] = field(default_factory=lambda: ["", "", "", ""])
    """Messages on further channels (Luxembourg)."""
    clear_messages: bool = False
    """Print messages as they are instead of in hex, as the Iskra MT382 does."""
    limit: int | None = None
    """Power limit in W, VA or mA; None for what the dialect prints without one."""
    breaker: int = Breaker.ON
    relays: list[int] = field(default_factory=_four)
    demand: int = 0
    """Average import of the running quarter-hour in W: its energy so far over 15 minutes."""
    peak: Peak = field(default_factory=lambda: Peak(UNDEFINED_STAMP + "W", 0))
    month_peaks: list[MonthPeak] = field(default_factory=list)
    """Newest last, at most thirteen."""
    month_end: MonthEnd = field(default_factory=lambda: MonthEnd(EPOCH_STAMP))
    mbus: list[MBusReading] = field(default_factory=list)
