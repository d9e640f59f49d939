"""Measurements in Mycodo's REST API: read the latest and historical ones, store values.

See docs/protocols/mycodo.md#measurements.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from ...http import json_fields as j
from .errors import DatabaseDownError
from .models import Reading
from .requests import Requests

MULTI: Final = "/measurements/multi"


class MeasurementRequests(Requests):
    """Read and store measurements of one Mycodo."""

    async def last(
        self, device: str, unit: str, channel: int, seconds: int
    ) -> Reading | None:
        """Return the last value of the last ``seconds`` (at least 1), None without one.

        With the wrong unit it is always None. Raises BadUnitError for an unknown unit,
        and DatabaseDownError.
        """
        path = f"/measurements/last/{device}/{unit}/{channel}/{seconds}"
        return Reading.read((await self._units(self._get(path))).json())

    async def multi(
        self, series: Sequence[tuple[str, str, int]], seconds: int
    ) -> list[Reading | None]:
        """Return the last values of many (device, unit, channel), in one request.

        Only if ``capabilities`` has ``MULTI``. If InfluxDB is down, all values are None
        without an error. Raises BadUnitError with the position of the first unknown
        unit.

        See docs/protocols/mycodo.md#many-reads-at-once.
        """
        body = {
            # Without the measure, because converted channels are stored without it.
            "channels": [
                {"unique_id": device, "unit": unit, "channel": channel}
                for device, unit, channel in series
            ],
            "past_seconds": seconds,
        }
        answer = await self._units(
            self._request("POST", MULTI, json=body, idempotent=True)
        )
        rows = j.sequence(answer.json(), "measurements") or []
        readings = [Reading.read(row) for row in rows[: len(series)]]
        return readings + [None] * (len(series) - len(readings))

    async def historical(
        self, device: str, unit: str, channel: int, start: int, end: int = 0
    ) -> list[Reading]:
        """Return the values from ``start`` to ``end`` (Unix time, 0 = now), in time order.

        Raises DatabaseDownError, also if the end is before the start.
        """
        path = f"/measurements/historical/{device}/{unit}/{channel}/{start}/{end}"
        found = (await self._units(self._get(path))).json()
        rows = found if isinstance(found, list) else j.sequence(found, "measurements")
        if rows is None:
            raise DatabaseDownError
        readings = (Reading.read(row) for row in rows)
        # Mycodo concatenates series, so they are not in time order
        # (docs/protocols/mycodo.md#single-reads).
        return sorted(
            (reading for reading in readings if reading), key=lambda row: row.time
        )

    async def create_measurement(
        self,
        device: str,
        unit: str,
        channel: int,
        value: float,
        moment: datetime | None = None,
    ) -> None:
        """Store a value under any device id (docs/protocols/mycodo.md#storing-a-value).

        Also "succeeds" if InfluxDB is down. Raises BadUnitError.
        """
        body = {}
        if moment is not None:
            body["timestamp"] = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        path = f"/measurements/create/{device}/{unit}/{channel}/{value}"
        await self._control(self._units(self._post(path, body)))
