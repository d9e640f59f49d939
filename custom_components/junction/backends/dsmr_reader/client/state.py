"""State of a server, and its age."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from enum import StrEnum
from typing import Final

from .contracts import Contract
from .day_statistics import DayStatistics
from .models import (
    REGISTERS,
    GasLive,
    Live,
    MeterStatistics,
    Peak,
    Problem,
    Reading,
    Today,
)
from .telegram import Telegram

STALE_AFTER: Final = 600.0
"""Seconds after which the newest reading is outdated."""

# Registers never decrease; a value lower by at most this is a late reading.
_HELD: Final = 1.0


_NEVER: Final = datetime.min.replace(tzinfo=UTC)


class Group(StrEnum):
    """Group of data that is requested together, and so becomes outdated together."""

    READING = "reading"
    COST = "cost"
    TODAY = "today"
    METER = "meter"
    MONITORING = "monitoring"
    GAS = "gas"
    PEAKS = "peaks"
    STATIC = "static"
    DAY = "day"
    OWN = "own"


INTERVALS: Final = {
    Group.COST: 30.0,
    Group.TODAY: 60.0,
    Group.METER: 300.0,
    Group.MONITORING: 300.0,
    Group.GAS: 300.0,
    Group.PEAKS: 300.0,
    Group.DAY: 1800.0,
    Group.STATIC: 6 * 3600.0,
}
"""Seconds between two requests of a group."""


@dataclass(slots=True)
class ReaderState:
    """Data for all points. ``fresh`` are the groups that may be shown."""

    zone: tzinfo = UTC
    now: datetime = _NEVER
    stale_after: float = STALE_AFTER
    reading: Reading | None = None
    registers: list[float | None] = field(
        default_factory=lambda: [None] * len(REGISTERS)
    )
    gas: float | None = None
    live: Live = field(default_factory=Live)
    gas_live: GasLive = field(default_factory=GasLive)
    today: Today = field(default_factory=lambda: Today(None, {}))
    counted_day: date | None = None
    meter: MeterStatistics = field(default_factory=MeterStatistics)
    telegram: Telegram = field(default_factory=Telegram)
    problems: tuple[Problem, ...] | None = None
    contracts: tuple[Contract, ...] | None = None
    last_peak: Peak | None = None
    month_peak: Peak | None = None
    day: DayStatistics | None = None
    history_until: datetime | None = None
    history_progress: float | None = None
    history_details: Mapping[str, object] = field(default_factory=dict)
    fresh: set[Group] = field(default_factory=lambda: {Group.OWN})

    def take_reading(self, reading: Reading | None) -> None:
        """Take over the newest reading, except for registers that decreased slightly."""
        self.reading = reading
        if reading is None:
            return
        self.registers = [
            _held(old, new)
            for old, new in zip(self.registers, reading.registers, strict=True)
        ]
        self.gas = _held(self.gas, reading.gas)

    def take_today(self, today: Today) -> None:
        """Take over the totals of today."""
        self.today = today
        if today.day is not None:
            self.counted_day = today.day

    @property
    def is_receiving(self) -> bool:
        """Return whether the server is receiving readings."""
        if self.reading is None:
            return False
        return (self.now - self.reading.time).total_seconds() <= self.stale_after

    @property
    def server_day(self) -> date:
        """Return the server's current day."""
        return self.now.astimezone(self.zone).date()

    @property
    def day_start(self) -> datetime:
        """Return the start of the period of today's values."""
        on = self.today.day or self.server_day
        return datetime(on.year, on.month, on.day, tzinfo=self.zone)

    def today_value(self, name: str) -> float | None:
        """Return a total of today; 0 if the day began without a reading."""
        if self.today.day is None:
            is_new = (
                self.counted_day is not None and self.counted_day != self.server_day
            )
            return 0.0 if is_new else None
        return self.today.values.get(name)

    @property
    def contract(self) -> Contract | None:
        """Return the contract that is valid today; of several, the one that began last."""
        valid = [
            one
            for one in self.contracts or ()
            if one.start <= self.server_day <= one.end
        ]
        return max(valid, key=lambda one: one.start, default=None)


def _held(old: float | None, new: float | None) -> float | None:
    if new is None:
        return old
    if old is not None and old - _HELD < new < old:
        return old
    return new


def zone_of(reading: Reading | None, home: tzinfo) -> tzinfo:
    """Return the server's zone: Home Assistant's, unless its times differ."""
    if reading is None or reading.offset is None:
        return home
    offset = timedelta(seconds=reading.offset)
    if reading.time.astimezone(home).utcoffset() == offset:
        return home
    return timezone(offset)
