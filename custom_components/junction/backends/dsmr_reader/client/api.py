"""Read a DSMR-reader through its API v2.

Each call is one request unless it says otherwise; see
``docs/protocols/dsmr_reader.md#lists`` and ``#endpoints``.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from operator import itemgetter
from typing import Any, Final

from ...forward.client.api import ReaderApi
from ...http import NotFoundError, UnexpectedJsonError
from ...http.json_fields import mappings
from .contracts import Contract
from .day_statistics import DayStatistics, HourStatistics
from .models import (
    GasLive,
    Live,
    MeterStatistics,
    Peak,
    Problem,
    Reading,
    Today,
    moment,
    problems_of,
)

_RECENT: Final = timedelta(minutes=10)
_AHEAD: Final = timedelta(hours=1)
_ISO_SINCE: Final = (4, 2)
# What is asked for when a bound has to be moved to a time that the server understands.
_MANY: Final = 5000


type TimedRow = tuple[datetime, dict[str, Any]]
"""A reading as it came, and its time in UTC."""


class ReaderClient:
    """Everything that can be read from one server. All methods raise ``BackendError``.

    An endpoint that the server's version does not have yields None or nothing, and is
    not asked for again. ``zone`` is the server's; it matters for old versions only,
    whose filters understand nothing but local time.
    """

    def __init__(self, api: ReaderApi, zone: tzinfo = UTC) -> None:
        """Read through an API."""
        self.api = api
        self.zone = zone
        self.version: str | None = None
        self.missing: set[str] = set()
        """Paths that the server does not have."""
        self._iso = True

    async def connect(self) -> None:
        """Find out the version. Raises what ``ReaderApi.version`` raises."""
        self.take_version(await self.api.version())

    def take_version(self, version: str | None) -> None:
        """Know the version; None is older than 1.20."""
        if version != self.version:
            # An upgrade may have brought what was missing.
            self.missing.clear()
        self.version = version
        numbers = tuple(
            int(part) for part in (version or "1.7").split(".") if part.isdecimal()
        )
        self._iso = numbers >= _ISO_SINCE

    # The present

    async def latest(self, now: datetime) -> Reading | None:
        """Return the newest reading; a second request when there is none of late.

        One that is dated more than an hour ahead does not count: it was posted by
        mistake, and would stand still for as long. Ahead is what is so by our clock
        (``now``) and by the server's, for either may be wrong.
        """
        theirs = now + self.skew
        recent, ahead = min(now, theirs) - _RECENT, max(now, theirs) + _AHEAD
        found = await self._readings(recent, ahead, limit=1, newest_first=True)
        if not found:
            found = await self._readings(None, ahead, limit=1, newest_first=True)
        return found[0] if found else None

    @property
    def skew(self) -> timedelta:
        """How far the server's clock is ahead of ours."""
        return timedelta(seconds=self.api.skew)

    async def oldest(self) -> Reading | None:
        """Return the very first reading, which every clean-up leaves."""
        found = await self._readings(None, None, limit=1)
        return found[0] if found else None

    async def live(self) -> Live:
        """Return the cost per hour."""
        return Live.of(await self._object("consumption/electricity-live"))

    async def gas_live(self) -> GasLive:
        """Return the last use of gas."""
        return GasLive.of(await self._object("consumption/gas-live"))

    async def today(self) -> Today:
        """Return the day so far."""
        return Today.of(await self._optional("consumption/today"))

    async def meter_statistics(self) -> MeterStatistics:
        """Return what the meter says about itself."""
        return MeterStatistics.of(await self._object("datalogger/meter-statistics"))

    async def problems(self) -> tuple[Problem, ...] | None:
        """Return what the server finds wrong with itself; None of old versions."""
        found = await self._optional("application/monitoring")
        return None if found is None else problems_of(found)

    async def contracts(self) -> tuple[Contract, ...] | None:
        """Return all price contracts; None of old versions."""
        rows = await self._list("consumption/energy-supplier-prices", limit=1000)
        return None if rows is None else _read(Contract.of, rows)

    async def peaks(self, month: datetime, now: datetime) -> tuple[Peak | None, ...]:
        """Return the last quarter, and the highest since the month began. Two requests."""
        found: list[Peak | None] = []
        for ordering in ("-read_at_start", "-average_delivered"):
            rows = await self._list(
                "consumption/quarter-hour-peak-electricity",
                ordering=ordering,
                limit=1,
                read_at_start__gte=self._bound(month),
                read_at_start__lte=self._bound(now),
            )
            peaks = _read(Peak.of, rows or [])
            found.append(peaks[0] if peaks else None)
        return tuple(found)

    async def last_day(self) -> DayStatistics | None:
        """Return the newest statistics of a day."""
        rows = await self._list("statistics/day", ordering="-day", limit=1)
        days = _read(DayStatistics.of, rows or [])
        return days[0] if days else None

    async def first_day(self) -> date | None:
        """Return the oldest day that has statistics."""
        rows = await self._list("statistics/day", ordering="day", limit=1)
        days = _read(DayStatistics.of, rows or [])
        return days[0].day if days else None

    # The past

    async def readings(
        self, start: datetime, end: datetime, limit: int
    ) -> tuple[Reading, ...]:
        """Return readings from ``start`` to ``end`` (both included), oldest first."""
        return await self._readings(start, end, limit=limit)

    async def rows(self, start: datetime, end: datetime, limit: int) -> list[TimedRow]:
        """Return the same as they came, with their times."""
        return await self._rows(start, end, limit=limit)

    async def next_reading(self, start: datetime, end: datetime) -> Reading | None:
        """Return the first reading of a stretch that may be years long."""
        found = await self._readings(start, end, limit=1)
        return found[0] if found else None

    async def days(self, start: date, end: date) -> tuple[DayStatistics, ...]:
        """Return the statistics of days from ``start`` to ``end``, both included."""
        rows = await self._list(
            "statistics/day",
            ordering="day",
            limit=400,
            day__gte=start.isoformat(),
            day__lte=end.isoformat(),
        )
        return _read(DayStatistics.of, rows or [])

    async def hours(self, start: datetime, end: datetime) -> tuple[HourStatistics, ...]:
        """Return the statistics of hours from ``start`` to ``end``, both included."""
        rows = await self._list(
            "statistics/hour",
            ordering="hour_start",
            limit=1000,
            hour_start__gte=self._bound(start, -_AHEAD),
            hour_start__lte=self._bound(end, _AHEAD),
        )
        hours = _read(HourStatistics.of, rows or [])
        return tuple(hour for hour in hours if start <= hour.start <= end)

    # Requests

    async def _readings(
        self,
        start: datetime | None,
        end: datetime | None,
        *,
        limit: int,
        newest_first: bool = False,
    ) -> tuple[Reading, ...]:
        """Return readings of a range."""
        rows = await self._rows(start, end, limit=limit, newest_first=newest_first)
        return _read(Reading.of, [row for _, row in rows])

    async def _rows(
        self,
        start: datetime | None,
        end: datetime | None,
        *,
        limit: int,
        newest_first: bool = False,
    ) -> list[TimedRow]:
        """Ask for readings of a range."""
        return await self.between(
            "datalogger/dsmrreading",
            "timestamp",
            start,
            end,
            limit=limit,
            newest_first=newest_first,
        )

    async def between(
        self,
        path: str,
        key: str,
        start: datetime | None,
        end: datetime | None,
        *,
        limit: int,
        newest_first: bool = False,
    ) -> list[TimedRow]:
        """Ask for rows of a range by their time ``key``; check that they lie in it.

        An ordering or filter that the server does not know it ignores without a word,
        and answers with its oldest rows. Raises NotFoundError when this version does not
        have the path.
        """
        moved = any(at is not None and not self._is_plain(at) for at in (start, end))
        answer = await self.api.get(
            path,
            **{
                "ordering": f"-{key}" if newest_first else key,
                "limit": max(limit, _MANY) if moved else limit,
                f"{key}__gte": None if start is None else self._bound(start, -_AHEAD),
                f"{key}__lte": None if end is None else self._bound(end, _AHEAD),
            },
        )
        if (rows := mappings(answer, "results")) is None:
            raise UnexpectedJsonError
        found = [
            (time, row)
            for row in rows
            if (time := moment(row, key)) is not None
            and (start is None or time >= start)
            and (end is None or time <= end)
        ]
        found.sort(key=itemgetter(0), reverse=newest_first)
        return found[:limit]

    def _is_plain(self, at: datetime) -> bool:
        """Whether the server understands the moment: not in a repeated hour of old ones."""
        if self._iso:
            return True
        local = at.astimezone(self.zone)
        return local.replace(fold=0).utcoffset() == local.replace(fold=1).utcoffset()

    def _bound(self, at: datetime, move: timedelta = timedelta()) -> str:
        """Return a moment as the server's filters take it, moved if it must be."""
        if self._iso:
            return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        if not self._is_plain(at):
            at += 2 * move
        return f"{at.astimezone(self.zone):%Y-%m-%d %H:%M:%S}"

    async def _optional(self, path: str, **params: object) -> object:
        """Return the JSON at a path, None when this version does not have it."""
        if path in self.missing:
            return None
        try:
            return await self.api.get(path, **params)
        except NotFoundError:
            self.missing.add(path)
            return None

    async def _object(self, path: str) -> Mapping[str, Any]:
        found = await self._optional(path)
        return found if isinstance(found, Mapping) else {}

    async def _list(self, path: str, **params: object) -> list[dict[str, Any]] | None:
        answer = await self._optional(path, **params)
        if answer is None:
            return None
        rows = mappings(answer, "results")
        if rows is None:
            raise UnexpectedJsonError
        return rows


def _read[ModelT](
    of: Callable[[dict[str, Any]], ModelT | None], rows: list[dict[str, Any]]
) -> tuple[ModelT, ...]:
    return tuple(found for row in rows if (found := of(row)) is not None)
