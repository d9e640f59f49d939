"""P1 telegrams as typed values.

All values are immutable. Units are normalized: energy in kWh or kvarh, power in kW,
kvar, or kVA, volumes in m³, whatever prefix and spelling the meter prints.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
import re
from typing import Final, NamedTuple

from .units import converted

_DIGITS: Final = re.compile(r" *[+-]?[0-9.,]+")

# Meters print earlier years only while their clock or log is not set (``000101...``,
# ``700101...``); P1 ports exist since 2007.
FIRST_YEAR: Final = 2005

# Seconds printed for a log entry that was never written.
FACTORY_DURATION: Final = 2147483647

_NEVER: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Stamp:
    """A time as printed by the meter (``YYMMDDhhmmssX``).

    ``standard`` is the meter's local time converted to winter time. It is *labelled*
    UTC so that stamps of one meter can be compared and subtracted; only :meth:`utc`
    returns the real time. None if the text is not a date.
    """

    text: str
    standard: datetime | None

    @property
    def is_set(self) -> bool:
        """Return whether the time is valid (not a factory or filler value)."""
        return self.standard is not None and self.standard.year >= FIRST_YEAR

    @property
    def order(self) -> datetime:
        """Return a sort key: the time, or the minimum time."""
        return self.standard or _NEVER

    def utc(self, standard_offset: timedelta) -> datetime | None:
        """Return the time in UTC, or None if the text is not a date.

        ``standard_offset`` is the UTC offset of the meter's winter time.
        """
        if self.standard is None:
            return None
        return self.standard - standard_offset


@dataclass(frozen=True, slots=True)
class PowerFailure:
    """One entry of the log of long power failures (OBIS 1-0:99.97.0).

    ``end`` is when the power returned, ``seconds`` the duration.
    """

    end: Stamp
    seconds: int

    @property
    def is_real(self) -> bool:
        """Return whether it happened; new meters contain filler entries."""
        return self.end.is_set and self.seconds != FACTORY_DURATION


@dataclass(frozen=True, slots=True)
class Peak:
    """Highest quarter-hour demand of the current month (OBIS 1-0:1.6.0), in kW."""

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
    """Maximum current for import and export (OBIS 1-1:31.4.0), in ampere.

    ``exported`` is printed with a minus sign, which is kept; None means no limit.
    """

    imported: float | None
    exported: float | None


@dataclass(frozen=True, slots=True)
class MBusReading:
    """Reading of an M-Bus meter.

    ``obis`` is C.D.E: 24.2.1, 24.2.3 (not temperature-corrected), 24.3.0, or 23.1.0.
    ``stamp`` is when the reading was taken. ``unit`` is m³, GJ, kWh, … or None.
    ``status`` and ``period`` (minutes) are printed by DSMR 2.2 and 3.0 only. ``usable``
    is False for an empty slot, a replaced device, or a reading not taken yet: without a
    unit, or with a stamp that is not set or in the future.
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
    """An M-Bus meter on ``channel`` 1-4 (0: read directly, old Itron gas).

    ``type`` follows EN 13757-3: 2 electricity, 3 gas, 4 and 12 heat, 6 warm water, 7
    water, 8 heat cost allocator, 10 and 11 cooling, 13 heat/cooling, 21 hot and 22 cold
    water. ``id`` is the printed text, which never changes and is part of unique ids;
    ``id_text`` is its decoded form. ``twin`` is the channel of a second device with the
    same id, which distinguishes the two. ``valve`` is 0 closed, 1 open, 2 released.
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
        """Return whether the channel has a device: it has an id or a reading."""
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

    ``key`` is the reduced OBIS id (see ``obis.py``), ``value`` its value in ``unit``,
    or None if it has none (empty, no limit set). ``line`` is the line as received,
    without its line end. Lines that are unchanged since the previous telegram keep the
    identical object.

    A tuple, because a dozen are created per second, and frozen dataclasses take three
    times as long to create.
    """

    key: str
    value: Value
    unit: str | None
    line: bytes

    @property
    def groups(self) -> tuple[str, ...]:
        """Return the printed content of each group of parentheses."""
        text = self.line.decode("utf-8", "replace").partition("(")[2]
        return tuple(text.removesuffix(")").split(")("))

    @property
    def raw(self) -> str | None:
        """Return the printed value of the first group without its unit, None if empty.

        For ids this never changes, unlike the decoded form.
        """
        first = self.groups[0]
        if self.unit and (digits := _DIGITS.match(first)):
            return digits[0].strip()
        return first or None


class Rejection(StrEnum):
    """Why a telegram was not accepted."""

    CRC = "crc"
    """The printed checksum is wrong."""
    CRC_MISSING = "crc_missing"
    """No checksum, although the meter normally prints one."""
    SHAPE = "shape"
    """Not in the format of a telegram, or not in that of the meter's earlier ones."""
    GLUED = "glued"
    """An id occurs twice: two telegrams were merged."""
    NOISE = "noise"
    """A byte with wrong parity, from a meter without a checksum."""
    IMPLAUSIBLE = "implausible"
    """A value that cannot follow the last one, from a meter without a checksum."""
    REPLAY = "replay"
    """An encrypted frame with a counter that was used before."""
    UNCONFIRMED = "unconfirmed"
    """The first telegram of a meter without a checksum: the next one has to match."""
    UNDECIPHERABLE = "undecipherable"
    """An encrypted frame that the key does not decrypt."""
    CUT = "cut"
    """Another telegram began before this one ended."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Lines of a telegram, in order: the same object as long as they stay the same.

    ``keys`` are the keys of ``Telegram.readings``, ``unknown`` the printed ids that are
    not in the tables.
    """

    keys: frozenset[str]
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ListLayout(Layout):
    """Layout of a meter that pushes lists in place of telegrams."""


# A union would be created anew at every call.
_NUMBER: Final = (float, int)


@dataclass(slots=True, eq=False, repr=False)
class Telegram:
    """One accepted telegram. Its repr shows no content, because that is personal.

    It is never changed, but not frozen, which would take a tenth of all parsing time.

    Changes since the previous telegram (``base`` of the parser) are cheap to detect:

    * ``changed`` holds the keys whose reading is new, different, or gone;
    * ``layout`` is the identical object while no line was added or removed;
    * each ``Reading``, ``MBusDevice``, and the ``mbus`` mapping itself are the
      identical objects while their lines stay the same.
    """

    raw: bytes
    """The telegram as received, from ``/`` to the end of the ``!`` line."""
    header: str
    """First line without ``/``; starts with the manufacturer's FLAG letters."""
    readings: Mapping[str, Reading]
    changed: frozenset[str]
    layout: Layout
    mbus: Mapping[int, MBusDevice]
    """By channel, including empty slots; see ``MBusDevice.is_present``."""
    crc: str | None
    """Checksum as printed; None if the meter prints none."""
    malformed: frozenset[str]
    """Keys whose line could not be parsed; their value is None."""
    standard_offset: timedelta
    """UTC offset of the meter's winter time."""
    lines: list[bytes]
    """All lines before the last one, with which the next telegram is compared."""

    def number(self, key: str) -> float | None:
        """Return a numeric value, or None without one."""
        if (reading := self.readings.get(key)) is None:
            return None
        value = reading.value
        return value if isinstance(value, _NUMBER) else None

    def quantity(self, key: str, unit: str | None) -> float | None:
        """Return a numeric value in a unit, None without one or if it cannot be converted.

        ``unit`` None means a bare number, such as a count.
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
        """Return a text value (decoded from hex), or None without one."""
        if (reading := self.readings.get(key)) is None:
            return None
        return reading.value if isinstance(reading.value, str) else None

    @property
    def stamp(self) -> Stamp | None:
        """Return the meter's clock (0-0:1.0.0), or None without the line."""
        reading = self.readings.get("0-0:1.0.0")
        return reading.value if reading and isinstance(reading.value, Stamp) else None

    @property
    def timestamp(self) -> datetime | None:
        """Return the time of the telegram in UTC, None if the clock is not set."""
        stamp = self.stamp
        return stamp.utc(self.standard_offset) if stamp and stamp.is_set else None

    def utc(self, stamp: Stamp | None) -> datetime | None:
        """Return any stamp of this telegram in UTC, None if it is not set."""
        return stamp.utc(self.standard_offset) if stamp and stamp.is_set else None

    @property
    def power_failures(self) -> tuple[PowerFailure, ...] | None:
        """Return the real long power failures, newest first; None without a log line."""
        if (reading := self.readings.get("1-0:99.97.0")) is None:
            return None
        value = reading.value if isinstance(reading.value, tuple) else ()
        real = [e for e in value if isinstance(e, PowerFailure) and e.is_real]
        return tuple(sorted(real, key=lambda e: e.end.order, reverse=True))

    @property
    def peak(self) -> Peak | None:
        """Return the highest quarter-hour demand of the current month."""
        reading = self.readings.get("1-0:1.6.0")
        return reading.value if reading and isinstance(reading.value, Peak) else None

    @property
    def peak_history(self) -> tuple[MonthlyPeak, ...] | None:
        """Return the peaks of past months, oldest first; None without such a line."""
        if (reading := self.readings.get("0-0:98.1.0")) is None:
            return None
        if not isinstance(reading.value, tuple):
            return None
        return tuple(peak for peak in reading.value if isinstance(peak, MonthlyPeak))
