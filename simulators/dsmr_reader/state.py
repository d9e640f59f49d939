"""Data and settings of a simulated DSMR-reader."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import IntEnum
from random import Random
import string
from typing import Any
from zoneinfo import ZoneInfo

from .past import Past
from .rows import JoinedTable, ListTable, Row, Table


class Vendor(IntEnum):
    """The setting "DSMR version/vendor", which decides how telegrams are parsed."""

    DUTCH = 4
    DUTCH_OLD = 3
    FLUVIUS = 101
    LUXEMBOURG = 102


def make_key(seed: str) -> str:
    """Return an API key: 64 letters and digits."""
    rng = Random(seed)
    return "".join(rng.choices(string.ascii_uppercase + string.digits, k=64))


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """An energy contract; a price of 0 is not part of it."""

    start: date
    end: date = date(2099, 1, 1)
    description: str = "Contract"
    delivered_1: Decimal = Decimal(0)
    delivered_2: Decimal = Decimal(0)
    gas: Decimal = Decimal(0)
    returned_1: Decimal = Decimal(0)
    returned_2: Decimal = Decimal(0)
    fixed: Decimal = Decimal(0)


def _utcnow() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True, eq=False)
class State:
    """One server. ``allow``: the API is enabled. ``version`` decides which features exist."""

    key: str
    allow: bool = True
    vendor: Vendor = Vendor.DUTCH
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Europe/Amsterdam"))
    version: tuple[int, ...] = (5, 11, 0)
    now: Callable[[], datetime] = _utcnow
    past: Past | None = None
    new: ListTable = field(default_factory=lambda: ListTable("timestamp"))
    electricity: ListTable = field(default_factory=lambda: ListTable("read_at"))
    gas: ListTable = field(default_factory=lambda: ListTable("read_at"))
    peaks: ListTable = field(default_factory=lambda: ListTable("read_at_start"))
    hours: ListTable = field(default_factory=lambda: ListTable("hour_start"))
    days: ListTable = field(default_factory=lambda: ListTable("day"))
    prices: list[Price] = field(default_factory=list)
    tariff_names: tuple[str, str] = ("Daltarief", "Normaaltarief")
    problems: list[dict[str, Any]] = field(default_factory=list)
    meter: dict[str, Any] = field(default_factory=dict)
    """meter-statistics without its id."""
    rejected: int = 0
    exact_hours: bool = False
    """Whether an hour reaches to the first row of the next (6.2)."""
    backend_dead_since: datetime | None = None
    database_down: bool = False

    @property
    def readings(self) -> Table:
        """All readings, including those of a generated past."""
        return self.new if self.past is None else JoinedTable(self.past, self.new)

    def latest(self) -> Row | None:
        """Return the newest reading."""
        rows = self.readings.rows(None, None, descending=True, offset=0, limit=1)
        return rows[0] if rows else None

    def has(self, *since: int) -> bool:
        """Return whether this version is at least as new."""
        return self.version >= since

    def price_on(self, day: date, name: str) -> Decimal:
        """Return a price; two that overlap count as none."""
        found = [
            value
            for price in self.prices
            if price.start <= day <= price.end and (value := getattr(price, name)) > 0
        ]
        return found[0] if len(found) == 1 else Decimal(0)

    def local_day(self, moment: datetime) -> date:
        """Return the local day of a moment in the server's time zone."""
        return moment.astimezone(self.zone).date()
