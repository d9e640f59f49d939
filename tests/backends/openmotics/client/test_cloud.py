"""The cloud client against the simulated cloud."""

import aiohttp
import pytest
from yarl import URL

from custom_components.junction.backends.http import UnexpectedJsonError
from custom_components.junction.backends.openmotics.client import (
    CloudGateway,
    Direction,
    Topic,
)
from custom_components.junction.errors import UnsupportedError
from simulators.http_faults import status
from simulators.openmotics.cloud import CloudServer

from ..conftest import UUID


async def test_what_the_cloud_cannot_do(
    server: CloudServer, session: aiohttp.ClientSession
) -> None:
    """No command is known for these: they say so, and nothing is sent."""
    gateway = CloudGateway(
        session, UUID, "new-s3cret", "21", base=URL(server.base), login=None
    )
    assert (await gateway.open()).title == "Home"
    server.server.log.clear()
    for attempt in (
        gateway.set_output(1, True, seconds=5),
        gateway.move_shutter_group(1, Direction.UP),
        gateway.set_ventilation(1, 2),
        gateway.identify(),
        gateway.listen(None),  # type: ignore[arg-type]
    ):
        with pytest.raises(UnsupportedError):
            await attempt
    assert server.server.log.count() == 0
    # The cloud has no lists of these.
    assert await gateway.status(Topic.POWER) == {}
    body = '{"data": {"not": "a list"}, "_error": null}'
    for path, ask in (
        ("*/outputs", gateway.status(Topic.OUTPUTS)),
        ("*/installations", gateway.installations()),
    ):
        server.server.inject(status(200, body, content_type="application/json"), path)
        with pytest.raises(UnexpectedJsonError):
            await ask
    server.server.heal()
    server.server.inject(
        status(200, "{}", content_type="application/json"), "/new/token"
    )
    await gateway.close()
    with pytest.raises(UnexpectedJsonError):
        await gateway.installations()
