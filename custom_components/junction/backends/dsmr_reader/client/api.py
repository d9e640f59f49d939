"""Read a DSMR-reader through its API v2.

Each call is one request unless noted; see ``docs/protocols/dsmr_reader.md#lists`` and
``#endpoints``.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from operator import itemgetter
from typing import Any, Final

from ....moments import EARLIEST
from ...forward.client.api import ReaderApi
from ...http import NotFoundError, UnexpectedJsonError, json_fields
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

_READINGS: Final = "datalogger/dsmrreading"
_RECENT: Final = timedelta(minutes=10)
_AHEAD: Final = timedelta(hours=1)
# Resolution of the filters.
_SECOND: Final = timedelta(seconds=1)
_ISO_SINCE: Final = (4, 2)
# Minimum limit of a request whose bounds had to be moved to times that the filters of
# old versions can express.
_MANY: Final = 5000


type TimedRow = tuple[datetime, dict[str, Any]]
"""A row as received, with its time in UTC."""


class ReaderClient:
    """Read from one server. All methods raise ``BackendError``.

    An endpoint that the server's version lacks returns None or nothing, and is not
    requested again. ``zone`` is the server's; it matters only for old versions, whose
    filters take local time.
    """

    def __init__(self, api: ReaderApi, zone: tzinfo = UTC) -> None:
        """Initialize with an API."""
        self.api = api
        self.zone = zone
        self.version: str | None = None
        self.missing: set[str] = set()
        """Paths that the server lacks."""
        self._iso = True

    async def connect(self) -> None:
        """Read the version. Raises what ``ReaderApi.version`` raises."""
        self.take_version(await self.api.version())

    def take_version(self, version: str | None) -> None:
        """Set the version; None is older than 1.20."""
        if version != self.version:
            # An upgrade may have added what was missing.
            self.missing.clear()
        self.version = version
        numbers = tuple(
            int(part) for part in (version or "1.7").split(".") if part.isdecimal()
        )
        self._iso = numbers >= _ISO_SINCE

    # Current data.

    async def latest(self, now: datetime) -> Reading | None:
        """Return the newest reading; needs a second request if there is no recent one.

        A reading that is dated more than an hour ahead is ignored: it was posted by
        mistake, and would hide all others until then. It must be ahead of both our
        clock (``now``) and the server's, because either may be wrong.
        """
        theirs = now + self.skew
        recent, ahead = min(now, theirs) - _RECENT, max(now, theirs) + _AHEAD
        found = await self._readings(recent, ahead, limit=1, newest_first=True)
        if not found:
            found = await self._readings(None, ahead, limit=1, newest_first=True)
        return found[0] if found else None

    @property
    def skew(self) -> timedelta:
        """Return how far the server's clock is ahead of ours."""
        return timedelta(seconds=self.api.skew)

    async def oldest(self) -> Reading | None:
        """Return the very first reading, which no cleanup deletes."""
        found = await self._readings(None, None, limit=1)
        return found[0] if found else None

    async def live(self) -> Live:
        """Return the current cost per hour."""
        return Live.of(await self._object("consumption/electricity-live"))

    async def gas_live(self) -> GasLive:
        """Return the last gas consumption."""
        return GasLive.of(await self._object("consumption/gas-live"))

    async def today(self) -> Today:
        """Return the totals of today."""
        return Today.of(await self._optional("consumption/today"))

    async def meter_statistics(self) -> MeterStatistics:
        """Return the meter's data about itself."""
        return MeterStatistics.of(await self._object("datalogger/meter-statistics"))

    async def problems(self) -> tuple[Problem, ...] | None:
        """Return the problems that the server reports; None for old versions."""
        found = await self._optional("application/monitoring")
        return None if found is None else problems_of(found)

    async def contracts(self) -> tuple[Contract, ...] | None:
        """Return all price contracts; None for old versions."""
        rows = await self._list("consumption/energy-supplier-prices", limit=1000)
        return None if rows is None else _read(Contract.of, rows)

    async def peaks(self, month: datetime, now: datetime) -> tuple[Peak | None, ...]:
        """Return the last quarter-hour peak and the highest of the month. Two requests."""
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
        """Return the newest day statistics."""
        rows = await self._list("statistics/day", ordering="-day", limit=1)
        days = _read(DayStatistics.of, rows or [])
        return days[0] if days else None

    async def first_day(self) -> date | None:
        """Return the oldest day that has statistics."""
        rows = await self._list("statistics/day", ordering="day", limit=1)
        days = _read(DayStatistics.of, rows or [])
        return days[0].day if days else None

    # History.

    async def readings(
        self, start: datetime, end: datetime, limit: int
    ) -> tuple[Reading, ...]:
        """Return readings from ``start`` to ``end`` (both included), oldest first."""
        return await self._readings(start, end, limit=limit)

    async def rows(
        self, start: datetime, end: datetime, limit: int
    ) -> tuple[list[TimedRow], bool]:
        """Return the rows of these readings as received, and whether there may be more."""
        return await self.between(_READINGS, "timestamp", start, end, limit=limit)

    async def unset(self, before: datetime, limit: int) -> list[datetime]:
        """Return the times of readings before one; the earliest if out of range."""
        rows = await self._list(
            _READINGS,
            ordering="timestamp",
            limit=limit,
            timestamp__lte=self._bound(before),
        )
        times = [moment(row, "timestamp") or EARLIEST for row in rows or ()]
        return [time for time in times if time < before]

    async def next_reading(self, start: datetime, end: datetime) -> Reading | None:
        """Return the first reading of a range that may be years long."""
        found = await self._readings(start, end, limit=1)
        return found[0] if found else None

    async def days(self, start: date, end: date) -> tuple[DayStatistics, ...]:
        """Return the day statistics from ``start`` to ``end``, both included."""
        rows = await self._list(
            "statistics/day",
            ordering="day",
            limit=400,
            day__gte=start.isoformat(),
            day__lte=end.isoformat(),
        )
        return _read(DayStatistics.of, rows or [])

    async def hours(self, start: datetime, end: datetime) -> tuple[HourStatistics, ...]:
        """Return the hour statistics from ``start`` to ``end``, both included."""
        rows = await self._list(
            "statistics/hour",
            ordering="hour_start",
            limit=1000,
            hour_start__gte=self._bound(start, -_AHEAD),
            hour_start__lte=self._bound(end, _AHEAD),
        )
        hours = _read(HourStatistics.of, rows or [])
        return tuple(hour for hour in hours if start <= hour.start <= end)

    # Requests.

    async def _readings(
        self,
        start: datetime | None,
        end: datetime | None,
        *,
        limit: int,
        newest_first: bool = False,
    ) -> tuple[Reading, ...]:
        """Return readings of a range."""
        rows, _ = await self.between(
            _READINGS,
            "timestamp",
            start,
            end,
            limit=limit,
            newest_first=newest_first,
        )
        return _read(Reading.of, [row for _, row in rows])

    async def between(
        self,
        path: str,
        key: str,
        start: datetime | None,
        end: datetime | None,
        *,
        limit: int,
        newest_first: bool = False,
    ) -> tuple[list[TimedRow], bool]:
        """Request rows of a range by their time ``key``; check that they are within it.

        Return them, and whether there may be more: not every row can be read. The server
        silently ignores an unknown ordering or filter, and returns its oldest rows. Raises
        NotFoundError if this version lacks the path.
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
        if rows and not found and start is not None and self._iso:
            # Another page than requested, for example of a cache: not the end.
            times = [time for row in rows if (time := moment(row, key)) is not None]
            if times and all(abs(time - start) > _SECOND for time in times):
                raise UnexpectedJsonError
        found.sort(key=itemgetter(0), reverse=newest_first)
        more = len(rows) >= limit or json_fields.text(answer, "next") is not None
        return found[:limit], more

    def _is_plain(self, at: datetime) -> bool:
        """Return whether a filter can express the time: on old versions not in a repeated hour."""
        if self._iso:
            return True
        local = at.astimezone(self.zone)
        return local.replace(fold=0).utcoffset() == local.replace(fold=1).utcoffset()

    def _bound(self, at: datetime, move: timedelta = timedelta()) -> str:
        """Return a time in the format of the server's filters, moved if necessary."""
        if self._iso:
            return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        if not self._is_plain(at):
            at += 2 * move
        return f"{at.astimezone(self.zone):%Y-%m-%d %H:%M:%S}"

    async def _optional(self, path: str, **params: object) -> object:
        """Return the JSON of a path, None if this version lacks it."""
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
