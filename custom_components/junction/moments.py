"""Parse times from servers and meters. Free of Home Assistant.

A clock that was never set says 1970, a field that is not used says 9999, and both become
an OverflowError in some time zone. What lies outside of ``EARLIEST`` and ``LATEST`` is no
time.
"""

from datetime import UTC, date, datetime, timedelta, tzinfo
from email.utils import parsedate_to_datetime
from typing import Final

EARLIEST: Final = datetime(1970, 1, 2, tzinfo=UTC)
LATEST: Final = datetime(2200, 1, 1, tzinfo=UTC)
"""Far enough from the ends of what ``datetime`` and databases hold for any calculation."""

_LONGEST: Final = 64


def sane(moment: datetime | None, zone: tzinfo = UTC) -> datetime | None:
    """Return the moment in UTC, None if it is no time.

    ``zone`` is that of a moment that brings none.
    """
    if moment is None:
        return None
    try:
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(
            UTC
        )
    except OverflowError, ValueError:
        return None
    return moment if EARLIEST <= moment < LATEST else None


def read_moment(
    text: str | None, zone: tzinfo | None = UTC, *, fold: int = 0
) -> datetime | None:
    """Return the moment that a text in ISO 8601 names, in UTC; None if it names none.

    ``zone`` is that of a text that names none; None if there has to be one. ``fold`` 1 is
    for the second of two hours that clocks show alike. A date alone is its midnight.
    """
    found = _read(text)
    if found is None:
        return None
    if found.tzinfo is None:
        if zone is None:
            return None
        found = found.replace(tzinfo=zone, fold=fold)
    return sane(found)


def read_offset(text: str | None) -> timedelta | None:
    """Return how far the zone that a text in ISO 8601 names is ahead of UTC."""
    found = _read(text)
    return None if found is None else found.utcoffset()


def read_http_date(text: str | None) -> datetime | None:
    """Return the moment that a header of HTTP names, in UTC; None if it names none."""
    try:
        return sane(parsedate_to_datetime((text or "")[:_LONGEST]))
    except ValueError, OverflowError, TypeError, IndexError:
        return None


def _read(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat((text or "")[:_LONGEST].strip())
    except ValueError:
        return None


def read_date(text: str | None) -> date | None:
    """Return the day that a text in ISO 8601 names; None if it names none."""
    try:
        day = date.fromisoformat((text or "")[:_LONGEST].strip())
    except ValueError:
        return None
    return day if EARLIEST.date() <= day < LATEST.date() else None


def moment_at(seconds: float | None) -> datetime | None:
    """Return the moment so many seconds after 1970 began, None if that is no time."""
    try:
        return None if seconds is None else sane(datetime.fromtimestamp(seconds, UTC))
    except OverflowError, OSError, ValueError:
        return None
