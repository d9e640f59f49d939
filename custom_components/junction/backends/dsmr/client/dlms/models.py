"""DLMS pushes as typed values."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple


class ListKind(StrEnum):
    """How a list says which value is which."""

    DESCRIBED = "described"
    """With every value its OBIS id, most also its scale and unit."""
    KAMSTRUP = "kamstrup"
    """Kamstrup: OBIS ids, without scales and units."""
    KAIFA = "kaifa"
    """Kaifa: by place."""
    OBJECTS = "objects"
    """A table of the objects first, then their values: Landis+Gyr, Iskra."""
    POSITIONAL = "positional"
    """By place, as the operator ordered it."""


class Wire(StrEnum):
    """What carries the pushes."""

    HDLC = "hdlc"
    MBUS = "mbus"
    BARE = "bare"


class PushReading(NamedTuple):
    """One value of a list.

    ``obis`` is printed with A, B, C, D and E; None where nothing names it. ``unit`` is
    W, var, VA, Wh, varh, VAh, V, A, Hz, m³ or nothing, and the value is scaled to it.
    """

    obis: str | None
    value: float | str
    unit: str


@dataclass(frozen=True, slots=True)
class ClockTime:
    """A time as meters send it: ``local`` without zone, ``deviation`` in minutes.

    UTC is local + deviation. None as deviation means no zone, or one that is not true.
    ``status`` has bit 7 set in summer time; 255 says nothing.
    """

    local: datetime
    deviation: int | None
    status: int

    @property
    def utc(self) -> datetime | None:
        """The instant in UTC (without a zone); None when the zone is not known."""
        if self.deviation is None:
            return None
        return self.local + timedelta(minutes=self.deviation)

    @property
    def is_summer(self) -> bool:
        """Whether the meter says that the hour of summer time is in it."""
        return self.status != 0xFF and bool(self.status & 0x80)


@dataclass(frozen=True, slots=True)
class Encryption:
    """How a push was encrypted. ``authentic`` is False when no tag was verified."""

    title: bytes
    security: int
    counter: int
    has_tag: bool
    authentic: bool


@dataclass(frozen=True, slots=True)
class MeterList:
    """The values of one list, and what it tells of its meter.

    ``maker`` are three FLAG letters, ``model`` a type. ``name`` is that of the list,
    which many meters share. ``number`` is the meter's own.
    """

    kind: ListKind
    readings: tuple[PushReading, ...]
    time: ClockTime | None = None
    number: str | None = None
    name: str | None = None
    maker: str | None = None
    model: str | None = None


@dataclass(frozen=True, slots=True)
class Push:
    """One push: a DataNotification with the list in it.

    ``frames`` says in how many frames it came, 0 = without any.
    """

    frames: int
    root: str
    elements: int
    time: ClockTime | None
    list: MeterList
    encryption: Encryption | None = None
