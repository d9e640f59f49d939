"""Requests to IOTile Cloud's REST API, version 1.

No cookies, a slash behind every path, and pages counted by ourselves: ``next`` may name
another host behind a proxy. Tokens never end, so there is nothing to renew.

See docs/protocols/iotile.md#authentication.
"""

from collections.abc import AsyncIterator
from datetime import datetime
from functools import partial
from typing import Final

from ...http import json_fields as j
from .account import AccountApi
from .models import (
    Device,
    Event,
    Membership,
    Point,
    Project,
    Status,
    Stream,
    Streamer,
    Template,
)
from .parse import (
    read_device,
    read_event,
    read_frame_row,
    read_membership,
    read_project,
    read_status,
    read_stream,
    read_stream_row,
    read_streamer,
    read_template,
)
from .transport import stamp
from .write_api import WriteApi

PAGE: Final = 20_000
"""Points on a page of a stream's data."""


class IOTileClient(AccountApi, WriteApi):
    """Requests to one server in the name of one account (``token``)."""

    # What there is.

    async def projects(self) -> list[Project]:
        """Return all projects of the account."""
        return await self._listing("project/", read_project, page_size=1000)

    async def membership(self, org: str) -> Membership:
        """Return what the account may do in an organisation."""
        return read_membership(
            org, (await self._get(f"org/{org}/membership/")).object()
        )

    async def devices(self) -> list[Device]:
        """Return all devices, inactive ones too."""
        return await self._listing("device/", read_device, all=1, page_size=10_000)

    async def streams(self) -> list[Stream]:
        """Return all streams, virtual ones too, archived ones not."""
        return await self._listing("stream/", read_stream, all=1, page_size=PAGE)

    async def streams_of(self, slug: str) -> list[Stream]:
        """Return the streams of a project, device, data block (archive) or variable.

        The slug of a stream gives that one.
        """
        read = partial(read_stream, archived=True)
        if slug.startswith("s--"):
            row = (await self._get(f"stream/{slug}/")).object()
            return [found] if (found := read(row)) else []
        what = {"p": "project", "d": "device", "b": "block", "v": "variable"}[slug[0]]
        return await self._listing("stream/", read, **{what: slug})

    async def app_only(self) -> frozenset[str]:
        """Return the slugs of variables that only the phone app ever sees.

        See docs/protocols/iotile.md#json-objects.
        """
        rows = await self._rows("variable/", page_size=10_000)
        return frozenset(
            slug
            for row in rows
            if j.boolean(row, "app_only") and (slug := j.text(row, "slug"))
        )

    async def templates(self) -> dict[str, Template]:
        """Return all kinds of hardware by slug."""
        found = await self._listing("dt/", read_template, page_size=1000)
        return {one.slug: one for one in found}

    async def counts(self, device: str) -> frozenset[str]:
        """Return the streams of a device with data, those without a record too."""
        found = (await self._get(f"device/{device}/extra/")).object()
        return frozenset(
            slug
            for slug, row in (j.mapping(found, "stream_counts") or {}).items()
            if j.integer(row, "data_cnt") or j.integer(row, "event_cnt")
        )

    async def status(self, device: str) -> Status:
        """Return how a device is."""
        return read_status((await self._get(f"device/{device}/status/")).object())

    async def properties(self, device: str) -> dict[str, str | int | bool]:
        """Return the properties of a device by name."""
        rows = (await self._get(f"device/{device}/properties/")).array()
        return {
            name: row["value"]
            for row in rows
            if (name := j.text(row, "name"))
            and isinstance(row.get("value"), str | int | bool)
        }

    async def all_streamers(self) -> list[Streamer]:
        """Return where the reports of all active devices arrive."""
        return await self._listing("streamer/", read_streamer, page_size=1000)

    async def streamers(self, device: str) -> list[Streamer]:
        """Return where the reports of a device arrive."""
        rows = (await self._get(f"device/{device}/streamers/")).array()
        return [found for row in rows if (found := read_streamer(row))]

    # Data.

    async def frame(
        self, slug: str, start: datetime, end: datetime | None = None
    ) -> list[Point]:
        """Return the points of a device or stream, in order of time.

        ``start`` is inclusive, ``end`` exclusive. What is outside is left out, for the
        server ignores what it cannot read.

        See docs/protocols/iotile.md#data-frames.
        """
        answer = await self._get(
            "df/",
            filter=slug,
            start=stamp(start),
            end=stamp(end) if end else None,
            format="json",
            extended=1,
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

    async def last(self, stream: str) -> Point | None:
        """Return the newest point of a stream that has a record."""
        rows = (await self._get(f"stream/{stream}/data/", lastn=1)).object()
        found = [
            read_stream_row(stream, row) for row in j.sequence(rows, "results") or ()
        ]
        return found[-1] if found else None

    async def pages(
        self,
        stream: str,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        lastn: int | None = None,
        size: int = PAGE,
    ) -> AsyncIterator[list[Point]]:
        """Yield the points of a stream in order of time, page by page.

        See docs/protocols/iotile.md#points-of-a-stream.
        """
        async for rows in self._page_by_page(
            f"stream/{stream}/data/",
            start=stamp(start) if start else None,
            end=stamp(end) if end else None,
            lastn=lastn,
            page_size=size,
        ):
            yield [
                point
                for row in rows
                if (point := read_stream_row(stream, row))
                and (start is None or point.time >= start.replace(microsecond=0))
                and (end is None or point.time < end)
            ]

    async def events(self, slug: str, start: datetime) -> list[Event]:
        """Return the events of a device or stream since ``start``, as they arrived."""
        found = await self._listing(
            "event/", read_event, filter=slug, start=stamp(start), page_size=10_000
        )
        return sorted(found, key=lambda event: event.id)
