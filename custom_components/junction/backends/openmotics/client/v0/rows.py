"""Common fields of V0 configuration rows: numbers, names, rooms.

Protocol: docs/protocols/openmotics.md#conventions.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from ....http import json_fields as j

UNSET_BYTE: Final = 255
UNSET_WORD: Final = 65535

type Row = Mapping[str, Any]
type Rooms = Mapping[int, str]


def used(row: Row) -> bool:
    """Return whether an object is in use, for all gateway versions."""
    return j.boolean(row, "in_use") is not False and j.text(row, "name") != "NOT_IN_USE"


def name(row: Row) -> str:
    """Return the name without surrounding whitespace, "" without one."""
    return (j.text(row, "name") or "").strip()


def rooms(rows: Iterable[Row]) -> dict[int, str]:
    """Return the names of the rooms that have one."""
    return {
        number: text
        for row in rows
        if (number := j.integer(row, "id")) is not None and (text := name(row))
    }


def numbered(rows: Iterable[Row]) -> Iterator[tuple[Row, int]]:
    """Yield the rows that have a number, with the number."""
    for row in rows:
        if (number := j.integer(row, "id")) is not None:
            yield row, number


def room_of(row: Row, names: Rooms) -> str | None:
    """Return the name of a row's room, or None."""
    number = j.integer(row, "room")
    return None if number is None else names.get(number)
