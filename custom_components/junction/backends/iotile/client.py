"""A client for IOTile Cloud's REST API, version 1 (reference §1 to §4).

No cookies, a slash behind every path, and pages counted by ourselves: ``next`` may name
another host behind a proxy (§2.1). Tokens never end, so there is nothing to renew.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
import json
from typing import Any, Final

import aiohttp
from yarl import URL

from ...errors import BackendError, ProtocolError, RejectedError
from ..http import Answer, NotFoundError, RedirectedError, base_url, json_fields as j
from .asking import Asking, stamp
from .errors import ArchFXError, BadEmailError, NotIOTileError, check
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
from .readers import (
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
    when,
)

PAGE: Final = 20_000
"""Points on a page of a stream's data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """What a login brings. ``token`` works for good (§1.3).

    ``installation`` tells this account on this server from all others, whatever the
    address is: ids are small numbers, but no two accounts were made at one moment.
    """

    email: str
    name: str
    installation: str
    token: str = field(repr=False)


def server_url(typed: str) -> URL:
    """Return the root of a server from what a person copied out of a browser.

    Raises InvalidAddressError.
    """
    url = base_url(typed)
    path = url.raw_path.rstrip("/")
    for end in ("/api/v1", "/api"):
        path = path.removesuffix(end)
    return url.with_path(path, encoded=True)


class IOTileClient(Asking):
    """Requests to one server in the name of one account (``token``)."""

    # The account.

    async def probe(self) -> datetime:
        """Return the time of the server, or raise NotIOTileError (§1.1)."""
        try:
            found = (await self.http.request("GET", "server/")).object()
        except RedirectedError:
            raise
        except (ProtocolError, NotFoundError) as err:
            raise NotIOTileError(err.detail) from err
        now = when(found, "now")
        if now is None or j.text(found, "stage") is None:
            raise NotIOTileError
        return now

    async def login(self, email: str, password: str) -> Login:
        """Return the account and its token.

        Raises AuthFailedError (also for a disabled account), BadEmailError and
        ArchFXError.
        """
        answer = await self.http.request(
            "POST",
            "auth/login/",
            json={"email": email, "password": password},
            check=_check_login,
        )
        found = answer.object()
        if "jwt_refresh_token" in found:
            raise ArchFXError
        user = j.integer(found, "id")
        token = j.text(found, "token") or await self._exchange(j.text(found, "jwt"))
        if not token or user is None:
            raise NotIOTileError("token")
        made = "".join(c for c in j.text(found, "created_at") or "" if c.isdecimal())
        return Login(
            email=j.text(found, "email") or email,
            name=j.text(found, "name") or j.text(found, "username") or "",
            installation=f"{user}_{made or self.http.base.host}",
            token=token,
        )

    async def _exchange(self, jwt: str | None) -> str | None:
        """Return the token that never ends for one that does after a week (§1.4).

        So there is nothing to renew with a server whose login gives the latter only.
        """
        if not jwt:
            return None
        answer = await self.http.request(
            "GET", "auth/token/", headers={"Authorization": f"JWT {jwt}"}
        )
        return j.text(answer.object(), "token")

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
        """Return the slugs of variables that only the phone app ever sees (§2.4)."""
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
        """Return the points of a device or stream, in order of time (§3.3).

        ``start`` is inclusive, ``end`` exclusive. What is outside is left out, for the
        server ignores what it cannot read.
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
        """Yield the points of a stream in order of time, page by page (§3.1)."""
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

    # Writing. None of it is repeated: the server stores the same point twice (§4.1).

    async def post_point(
        self, stream: str, time: datetime, raw: int
    ) -> Mapping[str, Any]:
        """Store a raw point, and return it as the server converted it."""
        body = {"stream": stream, "timestamp": stamp(time), "int_value": raw}
        return (await self._post("data/", body)).object()

    async def post_event(
        self, stream: str, time: datetime, extra: Mapping[str, Any], data: object = None
    ) -> int:
        """Store an event, with a JSON document if there is one; return its id."""
        if data is None:
            body = {
                "stream": stream,
                "timestamp": stamp(time),
                "extra_data": dict(extra),
            }
            answer = await self._post("event/", body)
        else:
            form = aiohttp.FormData()
            # The server takes everything behind the first dot for the extension.
            form.add_field(
                "file",
                json.dumps(data).encode(),
                filename="event.json",
                content_type="application/json",
            )
            form.add_field("stream", stream)
            form.add_field("timestamp", stamp(time))
            form.add_field("encoded_extra_data", json.dumps(dict(extra)))
            answer = await self._post("event/upload/", form=form)
        number = j.integer(answer.object(), "id")
        if number is None:
            raise ProtocolError("id")
        return number

    async def upload_report(
        self, content: bytes, suffix: str, received: datetime
    ) -> int:
        """Hand in a streamer report; return the readings in it, stored or not (§4.3)."""
        form = aiohttp.FormData()
        form.add_field(
            "file",
            content,
            filename=f"report{suffix}",
            content_type="application/octet-stream",
        )
        answer = await self._post(
            "streamer/report/", form=form, timestamp=stamp(received)
        )
        return j.integer(answer.object(), "count") or 0

    async def create_note(self, target: str, time: datetime, text: str) -> int | None:
        """Write a note on a device, stream or project; return its id."""
        body = {"target": target, "timestamp": stamp(time), "note": text}
        return j.integer((await self._post("note/", body)).object(), "id")

    async def set_property(
        self, device: str, name: str, value: str | int | bool
    ) -> Mapping[str, Any]:
        """Set a property of a device, an existing one too."""
        kind = {bool: "bool_value", int: "int_value"}.get(type(value), "str_value")
        body = {"name": name, kind: value}
        return (await self._post(f"device/{device}/new_property/", body)).object()

    async def set_location(
        self, target: str, time: datetime, latitude: float, longitude: float
    ) -> int | None:
        """Store where a device is, in degrees."""
        body = {
            "target": target,
            "timestamp": stamp(time),
            "lat": f"{latitude:.6f}",
            "lon": f"{longitude:.6f}",
        }
        return j.integer((await self._post("location/", body)).object(), "id")


def _check_login(answer: Answer) -> BackendError | None:
    error = check(answer)
    if type(error) is RejectedError and answer.status == 400:
        try:
            field = j.value(answer.json(), "email")
        except ProtocolError:
            return error
        return BadEmailError(error.detail) if field else error
    return error
