"""P1 telegrams as typed values.

Everything here is immutable. Units are normalised: energy in kWh or kvarh, power
in kW, kvar or kVA, volumes in m³, whatever prefix and spelling the meter prints.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
import re
from typing import Final, NamedTuple

from .units import converted

_DIGITS: Final = re.compile(r" *[+-]?[0-9.,]+")

# Meters print years before this one only while their clock or log is not set
# (``000101...``, ``700101...``); P1 ports exist since 2007.
FIRST_YEAR: Final = 2005

# Seconds that a meter prints for a log entry that was never written.
FACTORY_DURATION: Final = 2147483647

_NEVER: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Stamp:
    """A time as the meter prints it (``YYMMDDhhmmssX``).

    ``standard`` is the meter's local time in winter time: the hour of summer time
    is already taken off. It is *labelled* UTC so that stamps of one meter can be
    compared and subtracted; only :meth:`utc` gives the real instant. None when the
    text is no date.
    """

    text: str
    standard: datetime | None

    @property
    def is_set(self) -> bool:
        """Whether the meter really meant this time (no factory or filler value)."""
        return self.standard is not None and self.standard.year >= FIRST_YEAR

    @property
    def order(self) -> datetime:
        """What to sort by: the time, or the beginning of all time."""
        return self.standard or _NEVER

    def utc(self, standard_offset: timedelta) -> datetime | None:
        """Return the instant in UTC, or None when the text is no date.

        ``standard_offset`` is what the meter's winter time is ahead of UTC.
        """
        if self.standard is None:
            return None
        return self.standard - standard_offset


@dataclass(frozen=True, slots=True)
class PowerFailure:
    """One entry of the log of long power failures (OBIS 1-0:99.97.0).

    ``end`` is when the power came back, ``seconds`` how long it was away.
    """

    end: Stamp
    seconds: int

    @property
    def is_real(self) -> bool:
        """Whether it happened; meters leave the factory with filler entries."""
        return self.end.is_set and self.seconds != FACTORY_DURATION


@dataclass(frozen=True, slots=True)
class Peak:
    """Highest quarter-hour demand of the running month (OBIS 1-0:1.6.0), in kW."""

    occurred: Stamp
    kilowatt: float


@dataclass(frozen=True, slots=True)
class MonthlyPeak:
    """Highest quarter-hour demand of one past month (OBIS 0-0:98.1.0), in kW.

    ``month`` is the end of that month: the first instant of the next one.
    ``occurred`` is not set for months without a measurement.
    """

    month: Stamp
    occurred: Stamp
    kilowatt: float


@dataclass(frozen=True, slots=True)
class CurrentLimits:
    """Largest current that may be drawn and fed in (OBIS 1-1:31.4.0), in ampere.

    ``exported`` is printed with a minus sign and kept so; None means no limit.
    """

    imported: float | None
    exported: float | None


@dataclass(frozen=True, slots=True)
class MBusReading:
    """The reading of a meter behind this one.

    ``obis`` is C.D.E: 24.2.1, 24.2.3 (not temperature corrected), 24.3.0 or 23.1.0.
    ``stamp`` is when the reading was taken. ``unit`` is m³, GJ, kWh, ... or None.
    ``status`` and ``period`` (minutes) are printed by DSMR 2.2 and 3.0 only.
    ``usable`` is False for an empty slot, an exchanged device or a reading not yet
    taken: without a unit, with a stamp that is not set or lies in the future.
    """

    obis: str
    stamp: Stamp
    value: float | None
    unit: str | None
    usable: bool
    status: str | None = None
    period: int | None = None


@dataclass(frozen=True, slots=True)
class MBusDevice:
    """A meter behind this one, on ``channel`` 1-4 (0: read directly, old Itron gas).

    ``type`` follows EN 13757-3: 2 electricity, 3 gas, 4 and 12 heat, 6 warm water,
    7 water, 8 heat cost allocator, 10 and 11 cooling, 13 heat/cooling, 21 hot and
    22 cold water. ``id`` is printed text and never changes, so it is what unique
    ids are made of; ``id_text`` is the same decoded. ``twin`` is the channel of a second
    device with the same id, which is told apart by it. ``valve`` is 0 closed, 1 open,
    2 released.
    """

    channel: int
    type: int | None = None
    id: str | None = None
    id_text: str | None = None
    ean: str | None = None
    valve: int | None = None
    reading: MBusReading | None = None
    twin: int | None = None

    @property
    def is_present(self) -> bool:
        """Whether a device stands behind the channel: it has an id or a reading."""
        return self.id is not None or (self.reading is not None and self.reading.usable)


type Value = (
    float
    | int
    | str
    | Stamp
    | Peak
    | CurrentLimits
    | MBusReading
    | tuple[PowerFailure, ...]
    | tuple[MonthlyPeak, ...]
    | None
)


class Reading(NamedTuple):
    """One data line.

    ``key`` is the reduced OBIS id (see ``obis.py``), ``value`` what it says in the
    unit ``unit``, or None when it says nothing (empty, no limit set). ``line`` is
    the line as received, without its line end. Lines that do not change from one
    telegram to the next keep the identical object.

    A tuple, because a dozen are made per second and frozen dataclasses cost thrice
    as much to make.
    """

    key: str
    value: Value
    unit: str | None
    line: bytes

    @property
    def groups(self) -> tuple[str, ...]:
        """The printed content of each group of parentheses."""
        text = self.line.decode("utf-8", "replace").partition("(")[2]
        return tuple(text.removesuffix(")").split(")("))

    @property
    def raw(self) -> str | None:
        """The printed value of the first group without its unit; None when empty.

        The part of an id that never changes, whatever it decodes to.
        """
        first = self.groups[0]
        if self.unit and (digits := _DIGITS.match(first)):
            return digits[0].strip()
        return first or None


class Rejection(StrEnum):
    """Why a telegram was not accepted."""

    CRC = "crc"
    """The printed check sum does not fit."""
    CRC_MISSING = "crc_missing"
    """No check sum, from a meter that sends one."""
    SHAPE = "shape"
    """Not built like a telegram, or not like the earlier ones of this meter."""
    GLUED = "glued"
    """An id occurs twice: two telegrams run into each other."""
    NOISE = "noise"
    """A meter without check sum, and a byte that broke its parity."""
    IMPLAUSIBLE = "implausible"
    """A meter without check sum, and a value that cannot follow the last one."""
    REPLAY = "replay"
    """An encrypted frame with a counter that was used before."""
    UNCONFIRMED = "unconfirmed"
    """The first of a meter without check sum: the next one has to agree."""
    UNDECIPHERABLE = "undecipherable"
    """An encrypted frame that our key does not open."""
    CUT = "cut"
    """Another telegram began before this one ended."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Which lines a telegram has, in order: the same object while that stays so.

    ``keys`` are the keys of ``Telegram.readings``, ``unknown`` the printed ids
    that no table knows.
    """

    keys: frozenset[str]
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ListLayout(Layout):
    """The layout of a meter that pushes lists in place of telegrams."""


# A union would be made anew at every call.
_NUMBER: Final = (float, int)


@dataclass(slots=True, eq=False, repr=False)
class Telegram:
    """One accepted telegram. Its repr tells nothing: it is full of personal values.

    Nothing changes it, though it is not frozen: that costs a tenth of all reading.

    What changed since the telegram before (``base`` of the parser) is cheap to see:

    * ``changed`` holds the keys whose reading is new, different or gone;
    * ``layout`` is the identical object while no line appeared or vanished;
    * each ``Reading``, ``MBusDevice`` and the ``mbus`` mapping itself are the
      identical objects while the lines behind them stay the same.
    """

    raw: bytes
    """The telegram as received, from ``/`` to the end of the ``!`` line."""
    header: str
    """First line without ``/``; starts with the manufacturer's FLAG letters."""
    readings: Mapping[str, Reading]
    changed: frozenset[str]
    layout: Layout
    mbus: Mapping[int, MBusDevice]
    """By channel; also empty slots, see ``MBusDevice.is_present``."""
    crc: str | None
    """Check sum as printed; None when the meter prints none."""
    malformed: frozenset[str]
    """Keys whose line could not be read; their value is None."""
    standard_offset: timedelta
    """What the meter's winter time is ahead of UTC."""
    lines: list[bytes]
    """All lines before the last one; what the next telegram is compared with."""

    def number(self, key: str) -> float | None:
        """Return a numeric value, or None when there is none."""
        if (reading := self.readings.get(key)) is None:
            return None
        value = reading.value
        return value if isinstance(value, _NUMBER) else None

    def quantity(self, key: str, unit: str | None) -> float | None:
        """Return a numeric value in a unit; None when there is none, or not in it.

        ``unit`` None asks for a bare number, such as a count.
        """
        if (reading := self.readings.get(key)) is None:
            return None
        value = reading.value
        if not isinstance(value, _NUMBER):
            return None
        if unit is None:
            return value if reading.unit is None else None
        return converted(value, reading.unit, unit)

    def text(self, key: str) -> str | None:
        """Return a textual value (decoded from hex), or None when there is none."""
        if (reading := self.readings.get(key)) is None:
            return None
        return reading.value if isinstance(reading.value, str) else None

    @property
    def stamp(self) -> Stamp | None:
        """The meter's clock (0-0:1.0.0), or None when the line is missing."""
        reading = self.readings.get("0-0:1.0.0")
        return reading.value if reading and isinstance(reading.value, Stamp) else None

    @property
    def timestamp(self) -> datetime | None:
        """When the telegram was made, in UTC; None when the clock is not set."""
        stamp = self.stamp
        return stamp.utc(self.standard_offset) if stamp and stamp.is_set else None

    def utc(self, stamp: Stamp | None) -> datetime | None:
        """Return any stamp of this telegram in UTC; None when it is not set."""
        return stamp.utc(self.standard_offset) if stamp and stamp.is_set else None

    @property
    def power_failures(self) -> tuple[PowerFailure, ...] | None:
        """The real long power failures, newest first; None without a log line."""
        if (reading := self.readings.get("1-0:99.97.0")) is None:
            return None
        value = reading.value if isinstance(reading.value, tuple) else ()
        real = [e for e in value if isinstance(e, PowerFailure) and e.is_real]
        return tuple(sorted(real, key=lambda e: e.end.order, reverse=True))

    @property
    def peak(self) -> Peak | None:
        """Highest quarter of the running month."""
        reading = self.readings.get("1-0:1.6.0")
        return reading.value if reading and isinstance(reading.value, Peak) else None

    @property
    def peak_history(self) -> tuple[MonthlyPeak, ...] | None:
        """Peaks of the past months, oldest month first; None without such a line."""
        if (reading := self.readings.get("0-0:98.1.0")) is None:
            return None
        if not isinstance(reading.value, tuple):
            return None
        return tuple(peak for peak in reading.value if isinstance(peak, MonthlyPeak))
