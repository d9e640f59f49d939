"""Stored data of a time range, as rows or totals.

Protocol: docs/protocols/dsmr_reader.md#lists.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from statistics import fmean
from typing import Any, Final

from ....errors import UnsupportedError
from ...http import NotFoundError
from ...http.json_fields import number
from .api import ReaderClient
from .day_statistics import AMOUNTS, DayStatistics
from .models import moment

MOST_ROWS: Final = 5000
"""Maximum rows of one answer: a few MB."""
MOST_YEARS: Final = 50

# Maximum days of one request.
_SPAN: Final = timedelta(days=366)
_DIGITS: Final = 3


class Kind(StrEnum):
    """Kinds of rows."""

    READING = "reading"
    """Readings from telegrams."""
    ELECTRICITY = "electricity"
    """Averages and positions per minute (or reading)."""
    GAS = "gas"
    PEAK = "peak"
    """Average power per quarter-hour; DSMR-reader 5.9 and newer."""


_PATHS: Final[Mapping[Kind, tuple[str, str]]] = {
    Kind.READING: ("datalogger/dsmrreading", "timestamp"),
    Kind.ELECTRICITY: ("consumption/electricity", "read_at"),
    Kind.GAS: ("consumption/gas", "read_at"),
    Kind.PEAK: ("consumption/quarter-hour-peak-electricity", "read_at_start"),
}
"""Path, and name of the time field, by which rows are filtered and sorted."""

_TIMES: Final = frozenset(
    {"timestamp", "read_at", "read_at_start", "read_at_end", "extra_device_timestamp"}
)

type Values = dict[str, Any]


async def rows_of(
    client: ReaderClient, kind: Kind, start: datetime, end: datetime, limit: int
) -> tuple[list[Values], bool]:
    """Return rows from ``start`` to ``end``, both included, and whether there are more.

    Oldest first, at most ``limit``: numbers (kWh, kW, m³, V, A) and times in UTC by the
    names of the API. Raises UnsupportedError if the server lacks this kind.
    """
    path, key = _PATHS[kind]
    try:
        rows, _ = await client.between(path, key, start, end, limit=limit + 1)
    except NotFoundError as err:
        raise UnsupportedError(path) from err
    return [_plain(row) for _, row in rows[:limit]], len(rows) > limit


def _plain(row: Mapping[str, Any]) -> Values:
    plain: Values = {}
    for name in row:
        if name in _TIMES:
            at = moment(row, name)
            plain[name] = at.isoformat() if at else None
        elif name != "id":
            plain[name] = number(row, name)
    return plain


# Months and years.

_ADDED: Final = (
    *AMOUNTS,
    "electricity1_cost",
    "electricity2_cost",
    "gas",
    "gas_cost",
    "fixed_cost",
    "total_cost",
)
_OTHERWISE: Final[Mapping[str, Callable[[Iterable[float]], float]]] = {
    "lowest_temperature": min,
    "highest_temperature": max,
    "average_temperature": fmean,
}


@dataclass(slots=True)
class Total:
    """A month or a year, as far as the server has days of it.

    ``values`` by the names of the day statistics: kWh, m³, EUR, °C. Values that no day
    has are omitted.
    """

    start: date
    days: int = 0
    _values: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def add(self, day: DayStatistics) -> None:
        """Add a day."""
        self.days += 1
        for name, value in day.values.items():
            if name in _ADDED or name in _OTHERWISE:
                self._values[name].append(value)

    @property
    def values(self) -> dict[str, float]:
        """Return the totals of the days."""
        return {
            name: round(_OTHERWISE.get(name, sum)(found), _DIGITS)
            for name, found in self._values.items()
        }


async def totals(
    client: ReaderClient, start: date, end: date, *, yearly: bool
) -> list[Total]:
    """Return the whole months, or years, from that of ``start`` to that of ``end``.

    One request per year.
    """
    first = start.replace(day=1, month=1 if yearly else start.month)
    last = end.replace(day=31, month=12) if yearly else _month_end(end)
    found: dict[date, Total] = {}
    while first <= last:
        until = min(first + _SPAN - timedelta(days=1), last)
        for day in await client.days(first, until):
            begin = day.day.replace(day=1, month=1 if yearly else day.day.month)
            found.setdefault(begin, Total(begin)).add(day)
        first = until + timedelta(days=1)
    return [found[begin] for begin in sorted(found)]


def _month_end(day: date) -> date:
    following = day.replace(day=28) + timedelta(days=4)
    return following - timedelta(days=following.day)
