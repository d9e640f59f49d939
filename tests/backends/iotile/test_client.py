"""What the client makes of every kind of answer."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
import json
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
import pytest
from yarl import URL

from custom_components.junction.backends.http import Answer
from custom_components.junction.backends.iotile import readers
from custom_components.junction.backends.iotile.client import IOTileClient
from custom_components.junction.backends.iotile.entities.readings import (
    Reading,
    reading,
)
from custom_components.junction.backends.iotile.entities.units import meaning
from custom_components.junction.backends.iotile.errors import (
    NotIOTileError,
    RoleError,
    check,
)
from custom_components.junction.backends.iotile.history import pages
from custom_components.junction.errors import AuthFailedError, BackendError
from simulators.clock import HOUR
from simulators.iotile.server import IOTileServer

from .conftest import METER, NOW

FIXTURES = Path(__file__).parents[2] / "fixtures" / "iotile"
LAST = NOW // HOUR * HOUR


def read(name: str) -> Any:
    return json.loads((FIXTURES / f"{name}.json").read_text())


def judged(capture: Mapping[str, Any]) -> BackendError | None:
    body = capture["body"]
    html = isinstance(body, str) and body.lstrip().startswith("<")
    csv = isinstance(body, str) and body.startswith("Error:")
    text = body if html or csv else json.dumps(body)
    return check(
        Answer(
            status=capture["status"],
            headers=capture["headers"],
            body=text.encode(),
            url=URL("http://x/"),
            received=datetime.now(UTC),
        )
    )


FAILED = sorted(
    path.stem
    for path in FIXTURES.glob("*.json")
    if isinstance(found := json.loads(path.read_text()), dict)
    and found.get("status", 0) >= 400
)


@pytest.mark.parametrize("name", FAILED)
def test_every_error_of_the_server_has_its_words(name: str) -> None:
    """All shapes of §2.7, as a real server sent them."""
    capture = read(name)
    error = judged(capture)
    assert error is not None
    assert error.detail
    assert not error.detail.startswith(("{", "[", "<", "Error:"))
    body = capture["body"]
    if isinstance(body, dict) and isinstance(body.get("detail"), str):
        assert error.detail == body["detail"]
    if capture["status"] == 401:
        assert isinstance(error, AuthFailedError)
    if capture["status"] == 403:
        # A matter of roles, never of the login.
        assert isinstance(error, RoleError)


def test_errors_of_several_points() -> None:
    error = judged(read("post_data_list_one_bad"))
    assert error is not None
    assert error.detail == "timestamp: This field is required."


STREAMS = [
    stream
    for row in read("stream_list_all_full")["body"]["results"]
    if (stream := readers.read_stream(row))
]


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("stream_data_lastn3", METER),
        ("stream_data_temp_lastn2", "s--0000-0005--0000-0000-0000-00a0--500f"),
        ("stream_data_negative_temp", "s--0000-0005--0000-0000-0000-1234--5023"),
    ],
)
def test_conversions_are_the_servers(name: str, slug: str) -> None:
    stream = next(stream for stream in STREAMS if stream.slug == slug)
    for row in read(name)["body"]["results"]:
        point = readers.read_stream_row(slug, row)
        assert point is not None
        assert stream.shown(point.stored) == pytest.approx(row["output_value"])
        assert stream.raw(row["output_value"]) == row["int_value"]


def test_numbers_that_cannot_be_written() -> None:
    stream = next(stream for stream in STREAMS if stream.slug == METER)
    for value in (-1, 1e12):
        with pytest.raises(OverflowError):
            stream.raw(value)


def test_units_of_every_type_of_variable() -> None:
    """No unit of the real server is unknown, and none is taken for another."""
    seen = 0
    for kind in read("vartype_list")["body"]["results"]:
        for row in kind["available_output_units"]:
            stream = readers.read_stream(
                {
                    "slug": METER,
                    "data_type": "D0",
                    "var_type": kind["slug"],
                    "output_unit": row,
                }
            )
            assert stream is not None
            found = meaning(stream)
            seen += 1
            if row["unit_short"] == "C":
                assert found.unit == "°C"
            if kind["slug"] not in (
                *("count", "none", "default", "acceleration"),
                *("pulse-rate", "dust-density"),
            ):
                assert found.device_class is not None, row["slug"]
    assert seen > 25


def test_unknown_units_are_shown_as_they_are() -> None:
    row = {"slug": METER, "var_type": "mine", "data_type": "D0"}
    for unit, expected in (
        ({"unit_short": "foo", "m": 1, "d": 1}, "foo"),
        ({"unit_short": "deg", "unit_full": "Celsius", "m": 1, "d": 1}, "°C"),
        ({"unit_short": "C", "m": 1, "d": 1}, "C"),
        ({"unit_short": "C", "m": 1, "d": 0}, None),
    ):
        stream = readers.read_stream({**row, "output_unit": unit})
        assert stream is not None
        assert meaning(stream).unit == expected


def test_what_volumes_mean() -> None:
    by_variable = {stream.slug[-4:]: stream for stream in STREAMS}
    assert reading(by_variable["5001"]) is Reading.INTERVAL
    assert reading(by_variable["100d"]) is Reading.METER
    virtual = by_variable["6001"]
    assert reading(virtual) is Reading.OPEN
    assert reading(virtual, intervals=[virtual.slug]) is Reading.INTERVAL
    assert reading(virtual, meters=[virtual.slug]) is Reading.METER
    assert reading(by_variable["500f"]) is Reading.MEASURED


@pytest.mark.parametrize("row", [None, 5, "x", [], {}, {"slug": 5}, {"slug": "q--1"}])
def test_rows_that_are_none(row: object) -> None:
    for reader in (
        readers.read_project,
        readers.read_device,
        readers.read_template,
        readers.read_stream,
        readers.read_frame_row,
        readers.read_event,
        readers.read_streamer,
        readers.read_unit,
    ):
        if reader is readers.read_template and row == {"slug": "q--1"}:
            continue
        assert reader(row) is None
    assert readers.read_stream_row(METER, row) is None
    assert readers.read_status(row).alert is None


def test_a_wrong_field_costs_that_field() -> None:
    row = {**read("device_list_all")["body"]["results"][0], "lat": "x", "busy": []}
    device = readers.read_device(row)
    assert device is not None
    assert (device.location, device.busy, device.label) == (None, False, "Water meter")
    assert readers.when({"t": "yesterday"}, "t") is None
    assert readers.when({"t": "2026-11-20T06:00:00"}, "t") == datetime(
        2026, 11, 20, 6, tzinfo=UTC
    )
    archived = {**STREAMS_ROWS[1], "block": "b--0001-0000-0000-0097"}
    assert readers.read_stream(archived) is None


STREAMS_ROWS = read("stream_list_all_full")["body"]["results"]


async def test_the_server_ignores_the_start(
    server: IOTileServer, client: IOTileClient
) -> None:
    """What it answers too much is left out."""

    async def ignoring(request: web.Request, handler: Any) -> Any:
        return await handler(
            request.clone(rel_url=request.rel_url.without_query_params("start"))
        )

    start = datetime.fromtimestamp(LAST - 2 * HOUR, UTC)
    expected = await client.frame(METER, start)
    server.inject(ignoring, "*/df/")
    assert await client.frame(METER, start) == expected
    assert len(expected) == 3
    assert expected == sorted(expected, key=lambda point: point.time)


async def test_a_list_that_shrinks_while_it_is_read(
    server: IOTileServer, client: IOTileClient
) -> None:
    seen = 0

    async def shrinking(request: web.Request, handler: Any) -> Any:
        nonlocal seen
        seen += 1
        if "page" in request.query:
            return web.json_response({"detail": "Invalid page."}, status=404)
        answer = await handler(request)
        body = json.loads(answer.text)
        return web.json_response({**body, "next": "http://internal/?page=2"})

    server.inject(shrinking, "*/device/")
    assert len(await client.devices()) == 6
    assert seen == 2


async def test_the_past_of_a_meter(server: IOTileServer, client: IOTileClient) -> None:
    world = server.world
    meter = next(s for s in STREAMS if s.slug.endswith("0097--100d"))
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


async def test_a_login_that_gives_only_the_token_of_a_week(
    server: IOTileServer, session: aiohttp.ClientSession
) -> None:
    """It is exchanged for the one that never ends."""

    async def without(request: web.Request, handler: Any) -> Any:
        body = json.loads((await handler(request)).text)
        body.pop("token", None)
        return web.json_response(body)

    account = server.world.users[0]
    client = IOTileClient(session, URL(server.url))
    server.inject(without, "*/auth/login/")
    login = await client.login(account.email, account.password)
    assert login.token == account.token
    # Without that one either, it is no IOTile Cloud.
    server.inject(without, "*/auth/token/")
    with pytest.raises(NotIOTileError):
        await client.login(account.email, account.password)


async def test_no_more_than_four_at_once(
    server: IOTileServer, client: IOTileClient
) -> None:
    await asyncio.gather(*(client.status("d--0000-0000-0000-0097") for _ in range(20)))
    assert server.log.most_in_flight <= 4
