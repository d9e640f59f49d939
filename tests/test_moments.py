"""Times are read in one place, where wild ones become no time."""

import ast
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import pytest

from custom_components.junction.moments import read_http_date, read_moment, read_offset

PACKAGE: Final = Path(__file__).parents[1] / "custom_components" / "junction"
READERS: Final = frozenset(
    {
        "fromisoformat",
        "fromordinal",
        "fromtimestamp",
        "parse_date",
        "parse_datetime",
        "parse_time",
        "parsedate",
        "parsedate_to_datetime",
        "strptime",
        "utc_from_timestamp",
        "utcfromtimestamp",
    }
)
"""What makes a time of text or a number, and raises where it cannot."""

ALLOWED: Final = {
    "moments.py": "the one place",
    "backends/dsmr/client/values.py": (
        "stamps of a meter, whose two digits of a year are 1970 to 2069, and whose zone is"
        " found out later"
    ),
    "statistics/database.py": "hours of the recorder's own rows",
    "backends/dsmr_reader/client/ledger.py": (
        "hours of moments that moments.py has passed; once for each row of an import"
    ),
}


def uses(source: str) -> Iterator[str]:
    """Yield the functions of ``READERS`` that a module calls or passes on."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Attribute(attr=name) | ast.Name(id=name) if name in READERS:
                yield name
            case ast.ImportFrom():
                yield from (one.name for one in node.names if one.name in READERS)
            case _:
                pass


def test_times_are_read_in_one_place() -> None:
    found = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if any(uses(path.read_text()))
    }
    assert found == set(ALLOWED)


@pytest.mark.parametrize(
    "source",
    [
        "datetime.fromtimestamp(x)",
        "map(date.fromisoformat, x)",
        "from email.utils import parsedate_to_datetime as read",
        "dt_util.parse_datetime(x)",
    ],
)
def test_other_places_would_be_found(source: str) -> None:
    assert list(uses(source))


def test_the_second_of_two_hours_that_look_alike() -> None:
    zone = ZoneInfo("Europe/Amsterdam")
    summer = read_moment("2026-10-25T02:30:00", zone)
    winter = read_moment("2026-10-25T02:30:00", zone, fold=1)
    assert summer == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert winter == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


def test_a_zone_that_has_to_be_named() -> None:
    assert read_moment("2026-10-25T02:30:00", None) is None
    assert read_moment("2026-10-25T02:30:00Z", None) is not None
    assert read_offset("2026-10-25T02:30:00+01:00") == timedelta(hours=1)
    assert read_offset("2026-10-25T02:30:00") is None
    assert read_offset("no time") is None


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "no date",
        "Fri, 31 Dec 9999 23:59:59 -2359",
        "Mon, 01 Jan 99999999999999999999 00:00:00 GMT",
        "1" * 10_000,
    ],
)
def test_a_date_of_a_header_that_is_none(text: str | None) -> None:
    assert read_http_date(text) is None


def test_a_date_of_a_header() -> None:
    found = read_http_date("Fri, 27 Nov 2026 12:00:00 GMT")
    assert found == datetime(2026, 11, 27, 12, tzinfo=UTC)
