"""Sums of streams over a range of time."""

from datetime import UTC, datetime, timedelta
import json
from pathlib import Path
from typing import Any

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.junction.backends.iotile.client.accumulate import accumulate
from custom_components.junction.backends.iotile.client.api import IOTileClient
from simulators import http_faults as faults
from simulators.clock import HOUR
from simulators.iotile.server import IOTileServer
from simulators.iotile.world import World

from .conftest import METER, NOW
from .test_actions import ARRIVED, GALLON, call, refused

FIXTURES = Path(__file__).parents[2] / "fixtures" / "iotile"
LAST = NOW // HOUR * HOUR


def fill(world: World, captured: dict[str, Any], start: float) -> None:
    """Add integer raw points to each stream with the sum of the capture."""
    world.points.clear()
    for slug, told in captured["streams"].items():
        stream = world.stream(slug)
        assert stream is not None
        into, out = stream["input_unit"], stream["output_unit"]
        offset = out["o"] + into["o"] * out["m"] / out["d"]
        factor = into["m"] / into["d"] * out["m"] / out["d"]
        for count in range(1, 200):
            raw = (told["sum"] - count * offset) / factor
            if abs(raw - round(raw)) < 1e-4 and 0 <= raw / count <= 2**31:
                break
        else:
            raise AssertionError(slug)
        each, rest = divmod(round(raw), count)
        for index in range(count):
            world.add(slug, start + index * 60, each + (index < rest))


async def test_accumulate_equals_the_captured_report(
    server: IOTileServer, client: IOTileClient
) -> None:
    captured = json.loads((FIXTURES / "client_accumulation_report.json").read_text())
    told = captured["request"]
    start = datetime.fromisoformat(told["start"]).replace(tzinfo=UTC)
    end = datetime.fromisoformat(told["end"]).replace(tzinfo=UTC)
    fill(server.world, captured["result"], start.timestamp() + 3600)
    # Neither the first moment after the end nor the last before the start counts.
    server.world.add(METER, int(end.timestamp()), 1000)
    server.world.add(METER, int(start.timestamp()) - 1, 1000)
    found = await accumulate(client, told["sources"], start, end)
    expected = captured["result"]["streams"]
    assert found.streams.keys() == expected.keys()
    for slug, one in expected.items():
        assert found.streams[slug].total == pytest.approx(one["sum"])
        assert found.streams[slug].unit == one["units"]
    assert sum(found.totals.values()) == pytest.approx(captured["result"]["total"])
    # But gallons and degrees are not one number.
    assert found.total is None
    assert found.totals["G"] == pytest.approx(963.0 + 2147483744.0)


async def broken(server: IOTileServer, slug: str, status: int) -> Any:
    """Let the data of one stream be refused."""

    async def refuse(request: Any, handler: Any) -> Any:
        if request.query["filter"] == slug:
            return await faults.status(status)(request, handler)
        return await handler(request)

    return server.inject(refuse, "*/df/")


async def test_accumulate(
    hass: HomeAssistant, server: IOTileServer, loaded: MockConfigEntry
) -> None:
    answer = await call(
        hass,
        loaded,
        "accumulate",
        sources=["d--97", "S--5--97--5001"],
        start=ARRIVED - timedelta(hours=3),
    )
    used = sum(
        row.int_value or 0
        for row in server.world.points[METER]
        if row.time >= NOW - 3 * HOUR
    )
    # As its sensor shows it, which is metric here, and rounded.
    shown = answer["streams"][METER]
    assert (shown["sum"], shown["unit"]) == (round(used * GALLON, 3), "L")
    assert answer["streams"][METER]["count"] == 3
    assert answer["total"] == answer["totals"]["L"]
    # Everything that a variable is of, and everything of a data block.
    world = server.world
    archive = world.add_stream(METER, world.device("d--0000-0000-0000-0097"))
    archive |= {
        "slug": "s--0000-0000--0001-0000-0000-0097--5001",
        "block": "b--0001-0000-0000-0097",
        "device": None,
    }
    world.add(archive["slug"], NOW - HOUR, 3)
    start = ARRIVED - timedelta(hours=3)
    for source, slug in (
        ("v--5--5001", METER),
        ("b--0001-0000-0000-0097", archive["slug"]),
    ):
        found = await call(hass, loaded, "accumulate", sources=[source], start=start)
        assert slug in found["streams"]
        assert found["total"] == pytest.approx(found["streams"][slug]["sum"])
    # A stream that is gone when its data is read counts nothing.
    gone = await broken(server, METER, 404)
    found = await call(hass, loaded, "accumulate", sources=["d--97"], start=start)
    assert METER not in found["streams"]
    assert found["unreadable"] == {}
    server.heal(gone)
    # One that cannot be read is named; the others count.
    await broken(server, METER, 500)
    found = await call(hass, loaded, "accumulate", sources=["d--97"], start=start)
    assert found["unreadable"] == {METER: "IO 1"}
    assert METER not in found["streams"]
    assert found["streams"]
    server.heal()
    # An entity, and the same stream by its slug.
    named = ["sensor.cellar_water_meter_io_1_total", METER]
    found = await call(hass, loaded, "accumulate", sources=named, start=start)
    assert found["streams"] == {METER: answer["streams"][METER]}
    # One unknown source of several spoils it, and is named.
    for unknown in ("d--7777", "s--5--97--5fff", "p--9"):
        sources = [METER, unknown]
        key = await refused(hass, loaded, "accumulate", sources=sources, start=start)
        assert key == "iotile_unknown_target"
    key = await refused(
        hass, loaded, "accumulate", sources=["sensor.none"], start=start
    )
    assert key == "foreign_entity"
    for sources in (["t--97--0"], ["foo"]):
        key = await refused(hass, loaded, "accumulate", sources=sources, start=ARRIVED)
        assert key == "iotile_bad_slug"
    key = await refused(hass, loaded, "accumulate", sources=["p--9"], start=ARRIVED)
    assert key == "iotile_unknown_target"
