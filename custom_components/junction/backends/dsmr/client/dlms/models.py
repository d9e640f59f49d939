"""DLMS pushes as typed values."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple


class ListKind(StrEnum):
    """How a list identifies its values."""

    DESCRIBED = "described"
    """Each value has its OBIS id, and usually its scale and unit."""
    KAMSTRUP = "kamstrup"
    """Kamstrup: OBIS ids, without scales and units."""
    KAIFA = "kaifa"
    """Kaifa: by position."""
    OBJECTS = "objects"
    """A table of the objects first, then their values: Landis+Gyr, Iskra."""
    POSITIONAL = "positional"
    """By position, in an order defined by the grid operator."""


class Wire(StrEnum):
    """Frames that carry pushes."""

    HDLC = "hdlc"
    MBUS = "mbus"
    BARE = "bare"


class PushReading(NamedTuple):
    """One value of a list.

    ``obis`` has the format A-B:C.D.E; None if the value has no id. ``unit`` is W, var,
    VA, Wh, varh, VAh, V, A, Hz, m³, or empty, and the value is scaled to it.
    """

    obis: str | None
    value: float | str
    unit: str


@dataclass(frozen=True, slots=True)
class ClockTime:
    """A time as sent by meters: ``local`` without a time zone, ``deviation`` in minutes.

    UTC is local + deviation. The deviation is None if it is missing or known to be
    wrong. ``status`` has bit 7 set in summer time; 255 means unspecified.
    """

    local: datetime
    deviation: int | None
    status: int

    @property
    def utc(self) -> datetime | None:
        """Return the time in UTC (naive), None if the time zone is unknown."""
        if self.deviation is None:
            return None
        return self.local + timedelta(minutes=self.deviation)

    @property
    def is_summer(self) -> bool:
        """Return whether the meter says that the time includes summer time."""
        return self.status != 0xFF and bool(self.status & 0x80)


@dataclass(frozen=True, slots=True)
class Encryption:
    """Encryption of a push. ``authentic`` is False if no tag was verified."""

    title: bytes
    security: int
    counter: int
    has_tag: bool
    authentic: bool


@dataclass(frozen=True, slots=True)
class MeterList:
    """Values of one list, and its information about the meter.

    ``maker`` are three FLAG letters, ``model`` a type. ``name`` is that of the list
    format, which many meters share. ``number`` is the meter's own.
    """

    kind: ListKind
    readings: tuple[PushReading, ...]
    time: ClockTime | None = None
    number: str | None = None
    name: str | None = None
    manufacturer: str | None = None
    model: str | None = None


@dataclass(frozen=True, slots=True)
class Push:
    """One push: a DataNotification with its list.

    ``frames`` is the number of its frames, 0 = without frames.
    """

    frames: int
    root: str
    elements: int
    time: ClockTime | None
    list: MeterList
    encryption: Encryption | None = None
