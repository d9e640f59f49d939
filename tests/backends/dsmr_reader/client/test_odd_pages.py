"""Wrong pages of a server: the import still gets all of its rows."""

import asyncio
from collections.abc import Callable
import json
from typing import Any

from aiohttp import web
import pytest

from custom_components.junction.backends.dsmr_reader.client.history import History
from custom_components.junction.backends.http import UnexpectedJsonError
from simulators.dsmr_reader import DsmrReaderServer
from simulators.http_faults import Fault, Handler, altered, status

from ..helpers import NOW, ZONE, collected, reading_from, series_state

pytestmark = pytest.mark.usefixtures("socket_enabled")

type Row = dict[str, Any]


def changed(change: Callable[[list[Row]], list[Row]]) -> Fault:
    """Change long lists of readings on their way, with a link to more."""

    def more(body: bytes) -> bytes:
        found = json.loads(body)
        if len(found["results"]) > 100:
            found["results"] = change(found["results"])
            found["next"] = "http://elsewhere/api/v2/datalogger/dsmrreading?page=2"
        return json.dumps(found).encode()

    return altered(more)


def unreadable(rows: list[Row]) -> list[Row]:
    rows[50]["timestamp"] = None
    return rows[:200]


@pytest.mark.parametrize("change", [lambda rows: rows[:100], unreadable])
async def test_server_that_gives_less_than_was_requested(
    change: Callable[[list[Row]], list[Row]],
) -> None:
    state = series_state()
    async with DsmrReaderServer(state) as server, reading_from(server) as client:
        whole, _ = await collected(History(client, ZONE, now=lambda: NOW))
        server.server.inject(changed(change), "*/dsmrreading")
        rows, _ = await collected(History(client, ZONE, now=lambda: NOW))
    assert len(rows["delivered"]) == len(whole["delivered"])
    differing = [
        h for h, row in whole["delivered"].items() if rows["delivered"][h] != row
    ]
    assert len(differing) <= 20


async def test_page_that_comes_again_is_not_the_end() -> None:
    """A cache that ignores what follows the question mark."""
    state = series_state()
    async with DsmrReaderServer(state) as server, reading_from(server) as client:
        history = History(client, ZONE, now=lambda: NOW)
        _, cursor = await collected(history)
        first = await client.api.get("datalogger/dsmrreading", limit=100)
        page = json.dumps(first)
        server.server.inject(
            status(200, page, content_type="application/json"), "*/dsmrreading"
        )
        with pytest.raises(UnexpectedJsonError):
            await collected(history, cursor)


async def test_server_too_slow_for_long_pages() -> None:
    state = series_state()
    async with (
        DsmrReaderServer(state) as server,
        reading_from(server) as patient,
        reading_from(server, timeout=2.0) as client,
    ):

        async def slow(request: web.Request, handler: Handler) -> web.StreamResponse:
            query = request.query
            if "timestamp__gte" in query and int(query["limit"]) > 100:
                await asyncio.sleep(5)
            return await handler(request)

        whole, _ = await collected(History(patient, ZONE, now=lambda: NOW))
        server.server.inject(slow, "*/dsmrreading")
        rows, _ = await collected(History(client, ZONE, now=lambda: NOW))
    assert rows == whole
