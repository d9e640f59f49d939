"""Lists of API v2: limit, offset, ordering, and filters as in the product."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from .fields import Field, WrongError, filter_moment
from .rows import Moment, Row, Table
from .state import State

DEFAULT_LIMIT = 25


class FilterError(Exception):
    """Filters are invalid; ``errors`` has the messages by field."""

    def __init__(self, errors: dict[str, list[str]]) -> None:
        """Store the errors."""
        super().__init__("filter")
        self.errors = errors


def _whole(text: str | None, default: int) -> int:
    try:
        number = int(text or "")
    except ValueError:
        return default
    return number if number > 0 else default


class Listing:
    """One list. ``orderings`` are the columns it can be ordered by."""

    def __init__(
        self,
        state: State,
        table: Table,
        fields: Mapping[str, Field],
        orderings: tuple[str, ...],
    ) -> None:
        """Store the description."""
        self._state = state
        self._table = table
        self._fields = fields
        self._orderings = orderings

    def answer(self, request: web.Request) -> dict[str, Any]:
        """Return a page. Raises FilterError."""
        query = request.query
        first, last = self._filters(query)
        limit = _whole(query.get("limit"), DEFAULT_LIMIT)
        offset = _whole(query.get("offset"), 0)
        count = self._table.count(first, last)
        rows = self._rows(query.get("ordering", ""), first, last, offset, limit)
        following = offset + limit
        return {
            "count": count,
            "next": _link(request, limit, following) if following < count else None,
            "previous": (
                _link(request, limit, max(0, offset - limit)) if offset else None
            ),
            "results": [self.show(row) for row in rows],
        }

    def show(self, row: Row) -> dict[str, Any]:
        """Return a row as JSON."""
        zone = self._state.zone if self._state.has(2) else None
        return {"id": row["id"]} | {
            name: field.show(row.get(name), zone)
            for name, field in self._fields.items()
        }

    def _rows(
        self,
        ordering: str,
        first: Moment | None,
        last: Moment | None,
        offset: int,
        limit: int,
    ) -> list[Row]:
        column = ordering.removeprefix("-")
        # The product silently ignores unknown orderings.
        descending = ordering.startswith("-") and column in self._orderings
        if column in self._orderings and column != self._table.key:
            rows = self._table.rows(
                first, last, descending=False, offset=0, limit=10**9
            )
            rows.sort(key=lambda row: row[column], reverse=descending)
            return rows[offset : offset + limit]
        return self._table.rows(
            first, last, descending=descending, offset=offset, limit=limit
        )

    def _filters(self, query: Mapping[str, str]) -> tuple[Moment | None, Moment | None]:
        errors: dict[str, list[str]] = {}
        bounds: dict[str, Moment | None] = {"gte": None, "lte": None}
        for name, text in query.items():
            column, _, side = name.partition("__")
            if side not in bounds or not text:
                continue
            if column == "average_delivered" and column in self._fields:
                # A bug of the product: it expects a date here.
                errors[name] = ["Enter a valid date/time."]
            elif column == self._table.key:
                try:
                    bounds[side] = self._bound(text)
                except WrongError as err:
                    errors[name] = [str(err)]
        if errors:
            raise FilterError(errors)
        return bounds["gte"], bounds["lte"]

    def _bound(self, text: str) -> Moment:
        if self._fields[self._table.key].kind == "date":
            try:
                return date.fromisoformat(text)
            except ValueError:
                raise WrongError("Enter a valid date.") from None
        return filter_moment(
            text, self._state.zone, only_naive=not self._state.has(4, 2)
        )


def _link(request: web.Request, limit: int, offset: int) -> str:
    """Return an absolute URL, with the host of the request."""
    query: list[tuple[str, str]] = [("limit", str(limit))]
    if offset:
        query.append(("offset", str(offset)))
    query += [
        (name, text)
        for name, text in sorted(request.query.items())
        if name not in ("limit", "offset")
    ]
    return f"http://{request.headers['Host']}{request.path}?{urlencode(query)}"
