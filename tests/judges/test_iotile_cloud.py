"""iotile-cloud, the vendor's client library, against the simulated server."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
import time
from typing import Any, Final

import pytest

from simulators.clock import HOUR, VirtualClock
from simulators.iotile.reports import make_report
from simulators.iotile.server import IOTileServer
from simulators.iotile.world import World, house, iso

from .conftest import Judge

METER: Final = "s--0000-0005--0000-0000-0000-0097--5001"
SHOCKS: Final = "s--0000-0005--0000-0000-0000-1234--5020"
DEVICE: Final = "d--0000-0000-0000-0097"

REFUSED: Final = {
    "org.post:again": "400",
    "org.put:guide": "400",
    "device.get:unknown": "404",
    "StreamData:unknown": "404",
}
"""Calls that the real server refuses too, with its status."""


@pytest.fixture
def world() -> World:
    """Return a world of now, for the library takes the time of its own clock."""
    return house(VirtualClock(time.time()))


@pytest.fixture
async def server(world: World, socket_enabled: None) -> AsyncIterator[IOTileServer]:
    """Return a running server."""
    async with IOTileServer(world) as server:
        yield server


async def test_the_user_guide(judge: Judge, server: IOTileServer, world: World) -> None:
    """Every call of the guide has the documented result."""
    now = world.clock.now() // HOUR * HOUR
    project = world.project("p--0000-0005")
    assert project is not None
    reading = (0x5001, 9000, int(now - 946_684_800) | 1 << 31, 12)
    report = await judge(
        "iotile_cloud_guide",
        url=server.url,
        email="owner@example.com",
        password="owner-Pass-1",
        device=DEVICE,
        stream=METER,
        events=SHOCKS,
        project=project["id"],
        variable="v--0000-0005--5001",
        start=iso(now - 5 * HOUR),
        end=iso(now),
        received=iso(now),
        point={"stream": METER, "timestamp": iso(now), "int_value": 3},
        sources={
            "device": [DEVICE],
            "project": ["p--0000-0006"],
            "stream": [METER],
            "twice": [METER, DEVICE],
            "unknown": ["x--1"],
        },
        reports={"report.bin": make_report(0x97, [reading]).hex()},
    )
    calls = {call["name"]: call for call in report["calls"]}
    failed = {name: call["error"] for name, call in calls.items() if "error" in call}
    assert failed.keys() == REFUSED.keys(), failed
    for name, status in REFUSED.items():
        assert status in failed[name]
    values = {name: call.get("value") for name, call in calls.items()}
    _check_account(values)
    assert report["token"] is None
    _check_objects(values)
    _check_data(values, world, now)
    assert values["event.upload"]["stream"] == SHOCKS
    assert values["event(id).get"]["extra_data"] == {"peak": 3.5}
    assert values["event(id).data.get"] == {"points": [1, 2, 3]}
    assert [row["note"] for row in values["note.get"]["results"]][-1] == "Judged"
    assert values["report:report.bin"] == {"count": 1}
    assert world.points[METER][-1].int_value == 12
    assert len(values["streamer.report.get"]["results"]) == 1
    assert len(calls) == CALLS


CALLS: Final = 77


def _check_account(values: dict[str, Any]) -> None:
    assert values["login:wrong"] is False
    for name in ("login", "login:jwt", "login:token", "refresh_token"):
        assert values[name] is True, name
    for kind in ("jwt", "token"):
        (account,) = values[f"set_token:{kind}"]["results"]
        assert account["email"] == "owner@example.com"


def _check_objects(values: dict[str, Any]) -> None:
    assert values["org.post"]["slug"] == "my-new-org"
    assert values["org(slug).get"]["about"] == "About new Org"
    # Only staff may delete one.
    assert values["org.delete"] is False
    assert [row["slug"] for row in values["org.get:two"]["results"]] == [
        "home-lab",
        "my-new-org",
    ]
    assert values["project.get:home-lab"]["count"] == 2
    assert values["project.get:my-new-org"]["count"] == 0
    assert values["org(slug).extra:home-lab"]["counts"]["projects"] == 2
    assert values["device(slug).sg.get"]["slug"] == "water-meter-v1-1-0"
    assert values["device(slug).patch"]["label"] == "By the judge"
    assert values["project(id).extra.get"]["counts"]["active_devices"] == 2
    assert len(values["stream.get:device"]["results"]) == 6
    assert values["filter.get"]["count"] == 3
    assert values["sg.get"]["count"] > 0


def _check_data(values: dict[str, Any], world: World, now: float) -> None:
    rows = [r for r in world.points[METER] if now - 5 * HOUR <= r.time < now]
    used = sum(row.int_value or 0 for row in rows)
    assert len(values["StreamData:lastn"]) == 100
    assert len(values["StreamData:pages"]) == 20
    first = datetime.fromisoformat(values["StreamData:range"][0]["timestamp"])
    assert first == datetime.fromtimestamp(now - 5 * HOUR, UTC)
    assert sum(r["output_value"] for r in values["StreamData:range"]) == pytest.approx(
        used
    )
    assert len(values["RawData:device"]) == 5
    assert {row["stream_slug"] for row in values["df.get"]} >= {METER}
    assert values["data.post"]["int_value"] == 3
    assert values["accumulate:stream"]["total"] == pytest.approx(used)
    streams = values["accumulate:device"]["streams"]
    assert streams[METER] == {"sum": pytest.approx(used), "units": "G"}
    # A stream that is named twice counts twice there.
    twice = values["accumulate:device"]["total"] + used
    assert values["accumulate:twice"]["total"] == pytest.approx(twice)
    assert "error" in values["accumulate:unknown"]
