"""Actions that read the stored data of a time range."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, Protocol

from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonObjectType
import probatio as vol

from ....errors import CallerError
from ...base import Access, Action
from ..client.api import ReaderClient
from ..client.day_statistics import AMOUNTS, DayStatistics, HourStatistics
from ..client.ranges import MOST_ROWS, MOST_YEARS, Kind, Total, rows_of, totals
from ..client.state import ReaderState

ATTR_START: Final = "start"
ATTR_END: Final = "end"
ATTR_PERIOD: Final = "period"
ATTR_KIND: Final = "kind"
ATTR_LIMIT: Final = "limit"

_ROWS: Final = 1000
# Maximum days of a range. Longer ranges are available in the statistics.
_MOST: Final = {
    "hour": 31,
    "day": 366,
    "month": MOST_YEARS * 366,
    "year": MOST_YEARS * 366,
}


class Reading(Protocol):
    """The part of a running backend that these actions use."""

    client: ReaderClient

    @property
    def state(self) -> ReaderState:
        """Return the state of the server."""


async def _statistics(
    backend: Reading, fields: Mapping[str, Any]
) -> JsonObjectType | None:
    start: date = fields[ATTR_START]
    end: date = fields.get(ATTR_END) or start
    period: str = fields[ATTR_PERIOD]
    if not 0 <= (end - start).days < _MOST[period]:
        raise CallerError(f"{start.isoformat()} - {end.isoformat()}", field=ATTR_END)
    client = backend.client
    if period == "hour":
        zone = backend.state.zone
        opening = datetime(start.year, start.month, start.day, tzinfo=zone)
        following = end + timedelta(days=1)
        closing = datetime(following.year, following.month, following.day, tzinfo=zone)
        hours = await client.hours(
            opening.astimezone(UTC), closing.astimezone(UTC) - timedelta(hours=1)
        )
        return {"hours": [_hour(one) for one in hours]}
    if period == "day":
        return {"days": [_day(one) for one in await client.days(start, end)]}
    yearly = period == "year"
    found = await totals(client, start, end, yearly=yearly)
    return {"years" if yearly else "months": [_total(one) for one in found]}


async def _readings(
    backend: Reading, fields: Mapping[str, Any]
) -> JsonObjectType | None:
    start = dt_util.as_utc(fields[ATTR_START])
    end = dt_util.as_utc(fields.get(ATTR_END) or dt_util.utcnow())
    if end < start:
        raise CallerError(f"{start.isoformat()} - {end.isoformat()}", field=ATTR_END)
    rows, more = await rows_of(
        backend.client, Kind(fields[ATTR_KIND]), start, end, fields[ATTR_LIMIT]
    )
    found: list[Any] = rows
    return {"rows": found, "more": more}


def _day(one: DayStatistics) -> JsonObjectType:
    values = {name: value for name, value in one.values.items() if name != "id"}
    return {"day": one.day.isoformat(), **values}


def _hour(one: HourStatistics) -> JsonObjectType:
    amounts = dict(zip(AMOUNTS, one.amounts, strict=True))
    return {"start": one.start.isoformat(), **amounts, "gas": one.gas}


def _total(one: Total) -> JsonObjectType:
    return {"start": one.start.isoformat(), "days": one.days, **one.values}


READ_ACTIONS: Final = (
    Action(
        name="dsmr_reader_get_statistics",
        schema={
            vol.Required(ATTR_START): cv.date,
            vol.Optional(ATTR_END): cv.date,
            vol.Optional(ATTR_PERIOD, default="day"): vol.In([*_MOST]),
        },
        handler=_statistics,
        access=Access.READ,
    ),
    Action(
        name="dsmr_reader_get_readings",
        schema={
            vol.Required(ATTR_START): cv.datetime,
            vol.Optional(ATTR_END): cv.datetime,
            vol.Optional(ATTR_KIND, default=Kind.READING.value): vol.In(
                [kind.value for kind in Kind]
            ),
            vol.Optional(ATTR_LIMIT, default=_ROWS): vol.All(
                vol.Coerce(int), vol.Range(min=1, max=MOST_ROWS)
            ),
        },
        handler=_readings,
        access=Access.READ,
    ),
)
