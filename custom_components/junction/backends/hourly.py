"""Hourly values, in pages as the statistics take them. Free of Home Assistant."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby

type MeasuredRow = tuple[datetime, float, float, float]
"""Start of an hour, and its mean, minimum, and maximum."""
type CountedRow = tuple[datetime, float, float | None]
"""Start of an hour, the amount counted in it, and the counter's position at its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """Data that was not used; ``reason`` is a key of ``selector.left_out.options``.

    ``first`` and ``last`` are the times in the data, valid or not.
    """

    reason: str
    count: int
    first: datetime
    last: datetime

    def __add__(self, other: LeftOut) -> LeftOut:
        """Return the sum of both; they must have the same reason."""
        return LeftOut(
            reason=self.reason,
            count=self.count + other.count,
            first=min(self.first, other.first),
            last=max(self.last, other.last),
        )


@dataclass(frozen=True, slots=True)
class HistoryPage[RowT: MeasuredRow | CountedRow]:
    """Part of the history. ``cursor`` is its end as a Unix time, ``progress`` 0 to 1."""

    rows: Mapping[str, Sequence[RowT]] = field(default_factory=dict)
    cursor: int = 0
    progress: float = 0.0
    left_out: Sequence[LeftOut] = ()


def hour_of(moment: datetime) -> datetime:
    """Return the start of the hour, in UTC."""
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def by_hour(
    values: Iterable[tuple[datetime, float]],
) -> Iterator[tuple[datetime, list[float]]]:
    """Group values by hour; they must be in chronological order."""
    for hour, group in groupby(values, key=lambda pair: hour_of(pair[0])):
        yield hour, [value for _, value in group]


def measured(values: Iterable[tuple[datetime, float]]) -> Iterator[MeasuredRow]:
    """Aggregate values by hour; they must be in chronological order."""
    for hour, found in by_hour(values):
        yield hour, sum(found) / len(found), min(found), max(found)
