"""Requests that read points, events, notes, and locations.

All of them respect the mask of a device, the time range that its owner shows: points
outside of it are not returned.
"""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any, Final

from ...http import AnswerTooLargeError, NotFoundError, TimedOutError
from .models import Event, Location, Note, Point
from .parse import read_event, read_frame_row, read_location, read_note, read_stream_row
from .transport import FRAME_BODY, PAGE_BODY, Transport, stamp

WINDOW: Final = timedelta(days=90)
"""Maximum range of one request, because frames have no pages."""
SHORTEST: Final = timedelta(hours=6)
"""Minimum range when splitting one whose answer is too large or too slow."""
PAGE: Final = 20_000
"""Points on a page of a stream's data; the server limits larger pages."""
_YEARS_BACK: Final = 12


class DataApi(Transport):
    """Requests that read stored data of devices and users."""

    async def frame(
        self, slug: str, start: datetime, end: datetime | None = None
    ) -> list[Point]:
        """Return the points of a device or stream in time order, in one request.

        ``start`` is inclusive, ``end`` exclusive. Points outside are removed, because
        the server ignores times that it cannot parse.

        See docs/protocols/iotile.md#data-frames.
        """
        answer = await self._get(
            "df/",
            max_body=FRAME_BODY,
            filter=slug,
            start=stamp(start),
            end=stamp(end) if end else None,
            format="json",
            extended=1,
            mask=1,
        )
        floor = start.replace(microsecond=0)
        points = [
            point
            for row in answer.array()
            if (point := read_frame_row(row))
            and point.time >= floor
            and (end is None or point.time < end)
        ]
        return sorted(points, key=lambda point: (point.time, point.id))

    async def span(
        self, slug: str, start: datetime, end: datetime
    ) -> AsyncIterator[tuple[list[Point], datetime]]:
        """Yield the points of a range in parts, each with its end, oldest first.

        A part whose answer is too large, or takes too long, is requested in halves.
        """
        place, step = start, WINDOW
        while place < end:
            until = min(place + step, end)
            try:
                points = await self.frame(slug, place, until)
            except AnswerTooLargeError, TimedOutError:
                step = (until - place) / 2
                if step < SHORTEST:
                    raise
                continue
            yield points, until
            place = until

    async def pages(
        self, stream: str, start: datetime, end: datetime
    ) -> AsyncIterator[list[Point]]:
        """Yield the points of a stream in time order, page by page.

        This is slower than a frame, but also works for archived streams.

        See docs/protocols/iotile.md#points-of-a-stream.
        """
        floor = start.replace(microsecond=0)
        async for rows in self._page_by_page(
            f"stream/{stream}/data/",
            start=stamp(start),
            end=stamp(end),
            page_size=PAGE,
        ):
            found = [p for row in rows if (p := read_stream_row(stream, row))]
            yield [point for point in found if floor <= point.time < end]

    async def last(self, stream: str, end: datetime) -> Point | None:
        """Return the newest point before ``end`` of a stream that has a record."""
        found = await self.newest(stream, 1, end)
        return found[-1] if found else None

    async def newest(self, stream: str, count: int, end: datetime) -> list[Point]:
        """Return the newest points before ``end`` of a stream that has a record.

        See docs/protocols/iotile.md#points-of-a-stream.
        """
        found: list[Point] = []
        async for rows in self._page_by_page(
            f"stream/{stream}/data/",
            lastn=count,
            end=stamp(end),
            page_size=min(count, PAGE),
        ):
            found += [p for row in rows if (p := read_stream_row(stream, row))]
            if len(found) >= count:
                break
        return [point for point in found if point.time < end][-count:]

    async def newest_recordless(
        self, stream: str, count: int, end: datetime
    ) -> list[Point]:
        """Return the newest points before ``end`` of a stream without a record."""
        found: list[Point] = []
        until, step = end, timedelta(days=30)
        oldest = end - timedelta(days=366 * _YEARS_BACK)
        while len(found) < count and until > oldest:
            begin = max(until - step, oldest)
            found = await self.frame(stream, begin, until) + found
            until, step = begin, step * 4
        return found[-count:]

    async def events(
        self, slug: str, start: datetime, end: datetime | None = None
    ) -> list[Event]:
        """Return the events of a device, stream, or variable, in the order of arrival."""
        found = await self._listing(
            "event/",
            read_event,
            filter=slug,
            start=stamp(start),
            end=stamp(end) if end else None,
            mask=1,
            page_size=10_000,
        )
        return sorted(_between(found, start, end), key=lambda event: event.id)

    async def event_document(self, event: int) -> object:
        """Return the JSON document of an event; None without one."""
        try:
            path = f"event/{event}/data/"
            return (await self._get(path, max_body=PAGE_BODY)).json()
        except NotFoundError:
            return None

    async def notes(
        self, target: str, start: datetime | None = None, end: datetime | None = None
    ) -> list[Note]:
        """Return the notes on a device, stream, or project, oldest first.

        The server shows them to any account, so the caller must check that the target
        belongs to the account.
        """
        found = await self._listing("note/", read_note, **_of(target, start, end))
        return sorted(_between(found, start, end), key=lambda note: note.time)

    async def locations(
        self, target: str, start: datetime | None = None, end: datetime | None = None
    ) -> list[Location]:
        """Return the locations of a device, oldest first."""
        found = await self._listing(
            "location/", read_location, mask=1, **_of(target, start, end)
        )
        return sorted(_between(found, start, end), key=lambda place: place.time)


def _between[T: (Event, Note, Location)](
    found: list[T], start: datetime | None, end: datetime | None
) -> list[T]:
    """Return the items in a range: the server ignores a range that it cannot parse."""
    floor = start.replace(microsecond=0) if start else None
    return [
        one
        for one in found
        if (floor is None or one.time >= floor) and (end is None or one.time < end)
    ]


def _of(target: str, start: datetime | None, end: datetime | None) -> dict[str, Any]:
    return {
        "target": target,
        "start": stamp(start) if start else None,
        "end": stamp(end) if end else None,
        "page_size": 10_000,
    }
