"""Parse times from servers and meters. Free of Home Assistant.

A clock that was never set reports 1970, an unused field 9999, and both can raise
OverflowError in some time zones. Times outside of ``EARLIEST`` and ``LATEST`` are
therefore treated as missing.
"""

from datetime import UTC, date, datetime, timedelta, tzinfo
from email.utils import parsedate_to_datetime
from typing import Final

EARLIEST: Final = datetime(1970, 1, 2, tzinfo=UTC)
LATEST: Final = datetime(2200, 1, 1, tzinfo=UTC)
"""Far enough from the limits of ``datetime`` and databases for any calculation."""

_LONGEST: Final = 64


def utc_in_range(moment: datetime | None, zone: tzinfo = UTC) -> datetime | None:
    """Return the time in UTC, or None if it is out of range.

    ``zone`` applies to a time without a time zone.
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
    """Parse an ISO 8601 time and return it in UTC, or None if it is invalid.

    ``zone`` applies to a text without an offset; with ``zone`` None such a text is
    invalid. ``fold`` 1 selects the second of two ambiguous hours. A date alone is its
    midnight.
    """
    found = _read(text)
    if found is None:
        return None
    if found.tzinfo is None:
        if zone is None:
            return None
        found = found.replace(tzinfo=zone, fold=fold)
    return utc_in_range(found)


def read_offset(text: str | None) -> timedelta | None:
    """Return the UTC offset of an ISO 8601 text, or None."""
    found = _read(text)
    return None if found is None else found.utcoffset()


def read_http_date(text: str | None) -> datetime | None:
    """Parse an HTTP date header and return it in UTC, or None if it is invalid."""
    try:
        return utc_in_range(parsedate_to_datetime((text or "")[:_LONGEST]))
    except ValueError, OverflowError, TypeError, IndexError:
        return None


def _read(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat((text or "")[:_LONGEST].strip())
    except ValueError:
        return None


def read_date(text: str | None) -> date | None:
    """Parse an ISO 8601 date, or return None if it is invalid."""
    try:
        day = date.fromisoformat((text or "")[:_LONGEST].strip())
    except ValueError:
        return None
    return day if EARLIEST.date() <= day < LATEST.date() else None


def moment_at(seconds: float | None) -> datetime | None:
    """Return the time of a Unix timestamp in seconds, or None if it is out of range."""
    try:
        return (
            None
            if seconds is None
            else utc_in_range(datetime.fromtimestamp(seconds, UTC))
        )
    except OverflowError, OSError, ValueError:
        return None
