"""Endpoints of the measurements database (docs/protocols/mycodo.md#measurements)."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from .pipeline import Abort, Call, Json, Pipeline, Reply, failure
from .series import Point
from .state import Influx
from .tables import UNIT_TEXTS

_API_EXCEPTION: Final = (
    "influxdb_client.rest.ApiException: ({status})\n"
    "Reason: {reason}\n"
    "HTTP response headers: HTTPHeaderDict({{'X-Influxdb-Version': 'v2.7.11'}})\n"
    'HTTP response body: {{"code":"{code}","message":"{message}"}}'
)
# Last lines of the traceback; only the first one may mention InfluxDB.
_FAILURES: Final = {
    Influx.REFUSED: (
        "urllib3.exceptions.NewConnectionError: HTTPConnection(host='127.0.0.1', "
        "port=8086): Failed to establish a new connection: [Errno 111] Connection refused"
    ),
    Influx.ERROR: _API_EXCEPTION.format(
        status=500,
        reason="Internal Server Error",
        code="internal error",
        message="engine: no space left",
    ),
    Influx.UNAUTHORIZED: _API_EXCEPTION.format(
        status=401,
        reason="Unauthorized",
        code="unauthorized",
        message="unauthorized access",
    ),
    Influx.NO_BUCKET: _API_EXCEPTION.format(
        status=404,
        reason="Not Found",
        code="not found",
        message="failed to initialize execute state: could not find bucket mycodo_db",
    ),
    Influx.HANGS: (
        "urllib3.exceptions.ReadTimeoutError: HTTPConnectionPool(host='127.0.0.1', "
        "port=8086): Read timed out. (read timeout=60)"
    ),
    Influx.NO_ANSWER: "http.client.RemoteDisconnected: Remote end closed connection "
    "without response",
}
_TIMESTAMP: Final = "%Y-%m-%dT%H:%M:%S.%fZ"


def _point(point: Point | None) -> Json:
    time, value = point or (None, None)
    return {"time": time, "value": value}


class Measurements:
    """Handlers for measurements."""

    def __init__(self, pipeline: Pipeline) -> None:
        """Store the state and the database."""
        self._state = pipeline.state
        self._database = pipeline.database

    def _units(self) -> set[str]:
        return {*UNIT_TEXTS, *(unit.name_safe for unit in self._state.units)}

    def _place(self, call: Call) -> tuple[str, str, int]:
        at = call.at
        if at["unit"] not in self._units():
            raise Abort(422, {"custom": "Unit ID not found"})
        return at["id"], at["unit"], int(at["channel"])

    async def last(self, call: Call) -> Reply:
        """Return the last value."""
        place, seconds = self._place(call), int(call.at["seconds"])
        if not seconds:
            raise Abort(422, {"custom": "past_seconds must be >= 1"})
        await self._ask()
        if (words := _FAILURES.get(self._state.influx)) is not None:
            raise failure(words)
        self._database.measure()
        return 200, _point(self._last(*place, seconds))

    async def _ask(self, channels: int = 1) -> None:
        """Wait for as long as InfluxDB takes."""
        seconds = channels * self._state.seconds_per_channel
        if self._state.influx is Influx.HANGS:
            seconds = self._state.influx_timeout
        if seconds:
            await asyncio.sleep(seconds)

    def _last(
        self,
        device: str,
        unit: str,
        channel: int,
        seconds: int,
        measure: str | None = None,
    ) -> Point | None:
        if not self._state.influx_up:
            return None
        return self._database.last(device, unit, channel, seconds, measure)

    async def past(self, call: Call) -> Reply:
        """Return the values of the last seconds."""
        place, seconds = self._place(call), int(call.at["seconds"])
        if not seconds:
            raise Abort(422, {"custom": "past_seconds must be >= 1"})
        now = self._state.now()
        return await self._range(place, now - seconds, now)

    async def historical(self, call: Call) -> Reply:
        """Return the values of a period."""
        place = self._place(call)
        start, end = int(call.at["start"]), int(call.at["end"])
        if not start or (end and end < start):
            return 200, {"measurements": None}
        return await self._range(place, start, end or self._state.now())

    async def _range(
        self, place: tuple[str, str, int], start: float, end: float
    ) -> Reply:
        await self._ask()
        if self._state.influx is Influx.EMPTY:
            return 200, []
        if not self._state.influx_up:
            return 200, {"measurements": None}
        self._database.measure()
        points = self._database.past(*place, start, end)
        if not points:
            return 200, []
        return 200, {"measurements": [_point(point) for point in points]}

    async def multi(self, call: Call) -> Reply:
        """Return the last values of many channels."""
        body = call.body
        if not body:
            raise Abort(422, {"custom": "Request body is required"})
        channels, seconds = body.get("channels"), body.get("past_seconds", 3600)
        if not channels:
            raise Abort(
                422, {"custom": "channels list is required and cannot be empty"}
            )
        if seconds < 1:
            raise Abort(422, {"custom": "past_seconds must be >= 1"})
        await self._ask(len(channels))
        self._database.measure()
        return 200, {
            "measurements": [
                self._one(index, wanted, seconds)
                for index, wanted in enumerate(channels)
            ]
        }

    def _one(self, index: int, wanted: dict[str, Any], seconds: int) -> Json:
        for name in ("unique_id", "unit", "channel"):
            if wanted.get(name) is None:
                raise Abort(
                    422, {"custom": f"{name} is required for channel at index {index}"}
                )
        unit, channel = wanted["unit"], wanted["channel"]
        if unit not in self._units():
            text = f"Unit ID not found for channel at index {index}: {unit}"
            raise Abort(422, {"custom": text})
        if not isinstance(channel, int):
            raise Abort(500, {"message": "Internal Server Error"})
        measure = wanted.get("measure")
        point = self._last(wanted["unique_id"], unit, channel, seconds, measure)
        return {
            "channel": channel,
            "measure": measure,
            "unique_id": wanted["unique_id"],
            "unit": unit,
            **_point(point),
        }

    async def create(self, call: Call) -> Reply:
        """Store a value under any device id."""
        place = self._place(call)
        try:
            value = float(call.at["value"])
        except ValueError:
            raise Abort(422, {"custom": "value does not represent a float"}) from None
        moment = self._state.now()
        if stamp := (call.body or {}).get("timestamp"):
            try:
                moment = (
                    datetime.strptime(stamp, _TIMESTAMP).replace(tzinfo=UTC).timestamp()
                )
            except ValueError:
                text = "Invalid timestamp format. Must be formatted as "
                raise Abort(422, {"custom": text + _TIMESTAMP}) from None
        device, unit, channel = place
        self._database.write(moment, device, unit, channel, None, value)
        return 200, {"message": "Success"}


def add_measurement_routes(add: Callable[..., None], pipeline: Pipeline) -> None:
    """Add the endpoints."""
    measurements = Measurements(pipeline)
    place = r"{id}/{unit}/{channel:\d+}"
    nothing = {"time": None, "value": None}
    add(
        "GET",
        rf"/measurements/last/{place}/{{seconds:\d+}}",
        measurements.last,
        null=nothing,
    )
    rows = {"measurements": None}
    add(
        "GET",
        rf"/measurements/past/{place}/{{seconds:\d+}}",
        measurements.past,
        null=rows,
    )
    add(
        "GET",
        rf"/measurements/historical/{place}/{{start:\d+}}/{{end:\d+}}",
        measurements.historical,
        null=rows,
    )
    if pipeline.state.features.multi:
        add("POST", "/measurements/multi", measurements.multi, body=True, null=rows)
    add(
        "POST",
        f"/measurements/create/{place}/{{value}}",
        measurements.create,
        permission="controllers",
        body=True,
    )
