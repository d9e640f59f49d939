"""Tables ordered by time, in memory or computed on access."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any, Protocol

type Row = dict[str, Any]
type Moment = datetime | date


class Table(Protocol):
    """Source of the rows of a list."""

    key: str
    """The column that the table is ordered by."""

    def count(self, first: Moment | None, last: Moment | None) -> int:
        """Return the number of rows between two moments, both included."""

    def rows(
        self,
        first: Moment | None,
        last: Moment | None,
        *,
        descending: bool,
        offset: int,
        limit: int,
    ) -> list[Row]:
        """Return a range of those rows."""


class ListTable:
    """A table in memory."""

    def __init__(self, key: str, rows: Iterable[Row] = ()) -> None:
        """Store the rows."""
        self.key = key
        self._rows = sorted(rows, key=self._moment)
        self._next_id = 1 + max((row.get("id", 0) for row in self._rows), default=0)

    def _moment(self, row: Row) -> Any:  # noqa: ANN401 - datetimes or dates, by table
        return row[self.key]

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self._rows)

    def __iter__(self) -> Iterator[Row]:
        """Yield all rows, the oldest first."""
        return iter(self._rows)

    def __getitem__(self, index: int) -> Row:
        """Return a row by its position in time."""
        return self._rows[index]

    def reserve(self, number: int) -> None:
        """Give the next row this id, or a higher one."""
        self._next_id = max(self._next_id, number)

    def add(self, row: Row) -> Row:
        """Add a row and assign its id."""
        row = {"id": self._next_id, **row}
        self._next_id += 1
        insort(self._rows, row, key=self._moment)
        return row

    def keep(self, rows: Iterable[Row]) -> None:
        """Replace all rows."""
        self._rows = sorted(rows, key=self._moment)

    def between(self, first: Moment | None, last: Moment | None) -> list[Row]:
        """Return the rows between the two, both included."""
        begin, end = self._span(first, last)
        return self._rows[begin:end]

    def next_to(self, moment: Moment) -> Row | None:
        """Return the first row at or after a moment."""
        at = bisect_left(self._rows, moment, key=self._moment)
        return self._rows[at] if at < len(self._rows) else None

    def _span(self, first: Moment | None, last: Moment | None) -> tuple[int, int]:
        rows = self._rows
        begin = 0 if first is None else bisect_left(rows, first, key=self._moment)
        end = len(rows) if last is None else bisect_right(rows, last, key=self._moment)
        return begin, max(begin, end)

    def count(self, first: Moment | None, last: Moment | None) -> int:
        """Return the number of rows between two moments, both included."""
        begin, end = self._span(first, last)
        return end - begin

    def rows(
        self,
        first: Moment | None,
        last: Moment | None,
        *,
        descending: bool,
        offset: int,
        limit: int,
    ) -> list[Row]:
        """Return a range of those rows."""
        found = self.between(first, last)
        if descending:
            found.reverse()
        return found[offset : offset + limit]


class JoinedTable:
    """Two tables; all rows of the second are later than those of the first."""

    def __init__(self, earlier: Table, later: ListTable) -> None:
        """Store both."""
        self.key = later.key
        self.earlier = earlier
        self.later = later

    def count(self, first: Moment | None, last: Moment | None) -> int:
        """Return the number of rows between two moments, both included."""
        return self.earlier.count(first, last) + self.later.count(first, last)

    def rows(
        self,
        first: Moment | None,
        last: Moment | None,
        *,
        descending: bool,
        offset: int,
        limit: int,
    ) -> list[Row]:
        """Return a range of those rows."""
        tables: list[Table] = [self.earlier, self.later]
        if descending:
            tables.reverse()
        found: list[Row] = []
        for table in tables:
            found += table.rows(
                first, last, descending=descending, offset=offset, limit=limit
            )
            offset = max(0, offset - table.count(first, last))
            limit -= len(found)
            if limit <= 0:
                break
        return found
