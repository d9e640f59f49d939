"""Read back stored objects: notes, locations, events."""

from datetime import UTC, datetime
from typing import Any

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from simulators.clock import DAY, HOUR
from simulators.iotile.server import IOTileServer

from .conftest import METER, NOW, SHOCKS
from .test_actions import call, refused

LAST = NOW // HOUR * HOUR
DEVICE = "d--0000-0000-0000-0097"
SHIPPED = "d--0000-0000-0000-1234"


def at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


async def test_notes(
    hass: HomeAssistant, server: IOTileServer, loaded: MockConfigEntry
) -> None:
    await call(
        hass, loaded, "create_note", target="d--97", note="Sealed", timestamp=at(LAST)
    )
    await call(hass, loaded, "create_note", target=METER, note="Of a stream")
    await call(hass, loaded, "create_note", target="p--5", note="Of a project")
    found = await call(hass, loaded, "get_notes", target="D--97")
    assert found == {
        "target": DEVICE,
        "notes": [
            {
                "timestamp": "2026-11-19T02:00:00Z",
                "note": "Meter replaced",
                "type": "ui",
            },
            {"timestamp": "2026-11-20T08:00:00Z", "note": "Sealed", "type": "ui"},
        ],
    }
    for fields, texts in (
        ({"start": at(LAST)}, ["Sealed"]),
        ({"end": at(LAST)}, ["Meter replaced"]),
        ({"start": at(LAST + 1)}, []),
    ):
        found = await call(hass, loaded, "get_notes", target="d--97", **fields)
        assert [note["note"] for note in found["notes"]] == texts
    # An entity identifies its stream, or its device.
    total = "sensor.cellar_water_meter_io_1_total"
    found = await call(hass, loaded, "get_notes", target=total)
    assert (found["target"], found["notes"][0]["note"]) == (METER, "Of a stream")
    found = await call(hass, loaded, "get_notes", target="p--0000-0005")
    assert [note["note"] for note in found["notes"]] == ["Of a project"]


async def test_others_notes_are_not_shown(
    hass: HomeAssistant, server: IOTileServer, loaded: MockConfigEntry
) -> None:
    """The server would show them to anybody."""
    asked = server.log.count("GET", "/api/v1/note/")
    for target in ("d--9999", "p--7", "d--7777", "s--7--9999--5001"):
        key = await refused(hass, loaded, "get_notes", target=target)
        assert key == "iotile_unknown_target"
    assert server.log.count("GET", "/api/v1/note/") == asked


async def test_locations(
    hass: HomeAssistant, server: IOTileServer, loaded: MockConfigEntry
) -> None:
    for hours, latitude in ((2, 51.5), (1, 51.75)):
        await call(
            hass,
            loaded,
            "set_location",
            target=SHIPPED,
            latitude=latitude,
            longitude=-4.25,
            timestamp=at(LAST - hours * HOUR),
        )
    found = await call(hass, loaded, "get_locations", target="d--1234")
    assert found == {
        "target": SHIPPED,
        "locations": [
            {"timestamp": "2026-11-20T06:00:00Z", "latitude": 51.5, "longitude": -4.25},
            {
                "timestamp": "2026-11-20T07:00:00Z",
                "latitude": 51.75,
                "longitude": -4.25,
            },
        ],
    }
    found = await call(
        hass, loaded, "get_locations", target="d--1234", start=at(LAST - HOUR)
    )
    assert [place["latitude"] for place in found["locations"]] == [51.75]
    # Where the owner hides it, it is hidden here too.
    server.world.masks[SHIPPED] = {"start": None, "end": "2026-11-20T06:30:00Z"}
    found = await call(hass, loaded, "get_locations", target="d--1234")
    assert [place["latitude"] for place in found["locations"]] == [51.5]
    for target, key in (("d--9999", "iotile_unknown_target"), ("x", "iotile_bad_slug")):
        assert await refused(hass, loaded, "get_locations", target=target) == key


async def test_events(
    hass: HomeAssistant, server: IOTileServer, loaded: MockConfigEntry
) -> None:
    world = server.world
    world.events.clear()
    for hours in (50, 2, 1):
        world.add_event(SHOCKS, LAST - hours * HOUR, {"hours": hours})
    world.add_event(SHOCKS, NOW + 2 * DAY, {"hours": -48})

    async def read(**fields: Any) -> list[Any]:
        found = await call(hass, loaded, "get_stream_events", **fields)
        assert (found["stream"], found["name"]) == (SHOCKS, "Accelerometer")
        events: list[Any] = found["events"]
        return events

    # Points dated in the future are left out here as well.
    events = await read(stream=SHOCKS)
    assert [event["extra_data"]["hours"] for event in events] == [50, 2, 1]
    assert events[-1]["timestamp"] == "2026-11-20T07:00:00Z"
    events = await read(stream="event.pod_1m_ae1_v2_accelerometer", limit=1)
    assert [event["extra_data"]["hours"] for event in events] == [1]
    events = await read(stream=SHOCKS, start=at(LAST - 50 * HOUR), end=at(LAST - HOUR))
    assert [event["extra_data"]["hours"] for event in events] == [50, 2]
    # Documents only on request, because each costs a request.
    answer = await call(
        hass,
        loaded,
        "upload_event",
        stream=SHOCKS,
        extra_data={"hours": 0},
        data={"samples": [1, 2]},
        timestamp=at(LAST),
    )
    asked = server.log.count("GET", "*/data/")
    assert "data" not in (await read(stream=SHOCKS))[-1]
    assert server.log.count("GET", "*/data/") == asked
    last = (await read(stream=SHOCKS, documents=True))[-1]
    assert last == {
        "event_id": answer["event_id"],
        "timestamp": "2026-11-20T08:00:00Z",
        "extra_data": {"hours": 0},
        "data": {"samples": [1, 2]},
    }
    assert server.log.count("GET", "*/data/") == asked + 1


@pytest.mark.parametrize("action", ["get_notes", "get_locations", "get_stream_events"])
async def test_a_foreign_entity(
    hass: HomeAssistant, loaded: MockConfigEntry, action: str
) -> None:
    field = "stream" if action == "get_stream_events" else "target"
    key = await refused(hass, loaded, action, **{field: "sensor.of_somebody_else"})
    assert key in {"foreign_entity", "iotile_bad_slug"}
