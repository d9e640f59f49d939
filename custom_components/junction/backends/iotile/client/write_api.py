"""Requests that write. None of them is repeated: the server would store a point twice."""

from collections.abc import Mapping
from datetime import datetime
import json
from typing import Any

import aiohttp

from ....errors import ProtocolError
from ...http import json_fields as j
from .transport import Transport, stamp


class WriteApi(Transport):
    """Requests that write data, notes, properties, and locations."""

    async def post_point(
        self, stream: str, time: datetime, raw: int
    ) -> Mapping[str, Any]:
        """Store a raw point, and return it as converted by the server."""
        body = {"stream": stream, "timestamp": stamp(time), "int_value": raw}
        return (await self._post("data/", body)).object()

    async def post_event(
        self, stream: str, time: datetime, extra: Mapping[str, Any], data: object = None
    ) -> int:
        """Store an event, optionally with a JSON document; return its id.

        Raises ProtocolError if the answer has no id.
        """
        if data is None:
            body = {
                "stream": stream,
                "timestamp": stamp(time),
                "extra_data": dict(extra),
            }
            answer = await self._post("event/", body)
        else:
            form = aiohttp.FormData()
            # The server treats everything after the first dot as the extension.
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
        """Upload a streamer report; return the number of its readings, stored or not.

        See docs/protocols/iotile.md#streamer-reports.
        """
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
        """Create a note on a device, stream, or project; return its id."""
        body = {"target": target, "timestamp": stamp(time), "note": text}
        return j.integer((await self._post("note/", body)).object(), "id")

    async def set_property(
        self, device: str, name: str, value: str | int | bool
    ) -> Mapping[str, Any]:
        """Set a property of a device, new or existing."""
        kind = {bool: "bool_value", int: "int_value"}.get(type(value), "str_value")
        body = {"name": name, kind: value}
        return (await self._post(f"device/{device}/new_property/", body)).object()

    async def set_location(
        self, target: str, time: datetime, latitude: float, longitude: float
    ) -> int | None:
        """Store the location of a device, in degrees."""
        body = {
            "target": target,
            "timestamp": stamp(time),
            "lat": f"{latitude:.6f}",
            "lon": f"{longitude:.6f}",
        }
        return j.integer((await self._post("location/", body)).object(), "id")
