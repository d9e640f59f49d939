"""Requests to IOTile Cloud's REST API, version 1.

No cookies, a slash after every path, and page numbers instead of ``next`` links, which
may contain another host behind a proxy. Tokens never expire, so none is renewed.

See docs/protocols/iotile.md#authentication.
"""

from functools import partial
from typing import Final

from ...http import NotFoundError, json_fields as j
from .account import AccountApi
from .data_api import DataApi
from .models import (
    Device,
    Membership,
    Project,
    Status,
    Stream,
    Streamer,
    Template,
    Variable,
)
from .parse import (
    read_device,
    read_membership,
    read_project,
    read_status,
    read_stream,
    read_streamer,
    read_template,
    read_variable,
)
from .write_api import WriteApi

PAGE: Final = 5_000
"""Streams on a page of their list; each takes about 1.5 kB."""


class IOTileClient(AccountApi, DataApi, WriteApi):
    """Requests to one server for one account (``token``)."""

    # Lists.

    async def projects(self) -> list[Project]:
        """Return all projects of the account."""
        return await self._listing("project/", read_project, page_size=1000)

    async def membership(self, org: str) -> Membership:
        """Return the permissions of the account in an organization."""
        return read_membership(
            org, (await self._get(f"org/{org}/membership/")).object()
        )

    async def devices(self) -> list[Device]:
        """Return all devices, inactive ones included."""
        return await self._listing("device/", read_device, all=1, page_size=10_000)

    async def streams(self) -> list[Stream]:
        """Return all streams, including virtual ones, without archived ones."""
        return await self._listing("stream/", read_stream, all=1, page_size=PAGE)

    async def streams_of(self, slug: str) -> list[Stream]:
        """Return the streams of a project, device, data block (archive), or variable.

        The slug of a stream returns that one.
        """
        read = partial(read_stream, archived=True)
        if slug.startswith("s--"):
            row = (await self._get(f"stream/{slug}/")).object()
            return [found] if (found := read(row)) else []
        what = {"p": "project", "d": "device", "b": "block", "v": "variable"}[slug[0]]
        return await self._listing("stream/", read, **{what: slug})

    async def stream(self, slug: str) -> Stream | None:
        """Return a stream as it is now, completed from its variable; None if unknown.

        Raises RoleError if the account may not read it.

        See docs/protocols/iotile.md#value-conversion.
        """
        try:
            found = read_stream((await self._get(f"stream/{slug}/")).object())
        except NotFoundError:
            return None
        if found is None:
            return None
        row = (await self._get(f"variable/{found.variable_slug}/")).object()
        return found.backed_by(read_variable(row))

    async def device(self, slug: str) -> Device | None:
        """Return a device as it is now."""
        return read_device((await self._get(f"device/{slug}/")).object())

    async def variables(self) -> dict[str, Variable]:
        """Return all variables of all projects by slug."""
        found = await self._listing("variable/", read_variable, page_size=10_000)
        return {one.slug: one for one in found}

    async def templates(self) -> dict[str, Template]:
        """Return all hardware templates by slug."""
        found = await self._listing("dt/", read_template, page_size=1000)
        return {one.slug: one for one in found}

    async def counts(self, device: str) -> frozenset[str]:
        """Return the streams of a device with data, those without a record included."""
        found = (await self._get(f"device/{device}/extra/")).object()
        return frozenset(
            slug
            for slug, row in (j.mapping(found, "stream_counts") or {}).items()
            if j.integer(row, "data_cnt") or j.integer(row, "event_cnt")
        )

    async def status(self, device: str) -> Status:
        """Return the status of a device."""
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
        """Return the streamers of all active devices."""
        return await self._listing("streamer/", read_streamer, page_size=1000)

    async def streamers(self, device: str) -> list[Streamer]:
        """Return the streamers of a device."""
        rows = (await self._get(f"device/{device}/streamers/")).array()
        return [found for row in rows if (found := read_streamer(row))]
