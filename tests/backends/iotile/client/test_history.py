"""Hourly history of a stream."""

from datetime import UTC, datetime, timedelta

import pytest

from custom_components.junction.backends.iotile.client.api import IOTileClient
from custom_components.junction.backends.iotile.client.history import pages
from simulators.clock import HOUR
from simulators.iotile.server import IOTileServer

from ..conftest import METER_100D, NOW

LAST = NOW // HOUR * HOUR


async def test_the_past_of_a_meter(server: IOTileServer, client: IOTileClient) -> None:
    world = server.world
    meter = next(s for s in await client.streams() if s.slug == METER_100D)
    for hours, raw in ((70, 100), (50, 110), (49, 130), (3, 5), (2, 9)):
        world.add(meter.slug, LAST - hours * HOUR, raw)
    end = datetime.fromtimestamp(LAST, UTC)

    async def changes(cursor: object = None) -> list[float]:
        rows: list[float] = []
        async for page in pages(
            client,
            meter,
            "x",
            "meter",
            start=end - timedelta(days=40),
            end=end,
            late=timedelta(hours=48),
            cursor=cursor,
        ):
            rows += [float(row[1]) for row in page.rows["x"]]
        return rows

    # It was replaced between the third and the fourth.
    assert await changes() == pytest.approx([0, 10, 20, 0, 4])
    again = await changes(int(end.timestamp()) - HOUR)
    assert again == pytest.approx([20, 0, 4])
