"""The actions of this backend, each with its answer."""

import base64
from datetime import UTC, datetime, timedelta
import json
from pathlib import Path
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import device_registry as dr
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from simulators import http_faults as faults
from simulators.clock import HOUR
from simulators.iotile.reports import make_report
from simulators.iotile.server import IOTileServer

from .conftest import BOILER, METER, NOW, SHOCKS, device_of

FIXTURES = Path(__file__).parents[2] / "fixtures" / "iotile"
LAST = NOW // HOUR * HOUR
ARRIVED = datetime.fromtimestamp(NOW, UTC)
GALLON = 3.785411784
"""Liters: the stream is in gallons, its sensors are in the unit of Home Assistant."""


async def call(
    hass: HomeAssistant, entry: MockConfigEntry, action: str, **fields: Any
) -> Any:
    """Perform an action and return its answer."""
    return await hass.services.async_call(
        "junction",
        action,
        {"entry": entry.entry_id, **fields},
        blocking=True,
        return_response=True,
    )


async def refused(
    hass: HomeAssistant, entry: MockConfigEntry, action: str, **fields: Any
) -> str | None:
    """Perform an action that fails; return the key of the error."""
    with pytest.raises(HomeAssistantError) as caught:
        await call(hass, entry, action, **fields)
    return caught.value.translation_key


async def test_post_data(
    hass: HomeAssistant, server: IOTileServer, loaded: MockConfigEntry
) -> None:
    answer = await call(
        hass,
        loaded,
        "post_data",
        stream="sensor.boiler_room_temperatures_external_500f",
        value=8.7,
        timestamp=ARRIVED,
    )
    row = server.world.points[BOILER][-1]
    assert row.value is not None
    assert row.value - 273.15 == pytest.approx(8.7, abs=0.02)
    assert answer["int_value"] == row.int_value
    # As people write numbers.
    for name in ("value", "rounding"):
        assert answer[name] == round(answer[name], 6)
    await call(hass, loaded, "post_data", stream="s--5--97--5001", int_value=4)
    assert server.world.points[METER][-1].value == pytest.approx(4 * 3.78541)
    for fields, key in (
        ({"stream": METER, "value": -5}, "iotile_out_of_range"),
        ({"stream": SHOCKS, "value": 5}, "iotile_not_numeric"),
        ({"stream": "s--5--97--5fff", "value": 5}, "iotile_unknown_stream"),
        ({"stream": "sensor.none", "value": 5}, "foreign_entity"),
        ({"stream": "s--7--9999--5001", "int_value": 5}, "iotile_role"),
        ({"stream": "s--5--7777--5001", "int_value": 5}, "iotile_unknown_stream"),
        ({"stream": "s--5--97--5fff", "int_value": 5}, "iotile_unknown_stream"),
        ({"stream": METER, "int_value": 1 << 31}, "iotile_out_of_range"),
        ({"stream": METER, "int_value": -1}, "iotile_out_of_range"),
        ({"stream": METER, "value": 1, "unit": "°C"}, "iotile_wrong_unit"),
    ):
        assert await refused(hass, loaded, "post_data", **fields) == key


async def test_a_write_is_never_repeated(
    hass: HomeAssistant, server: IOTileServer, loaded: MockConfigEntry
) -> None:
    path = "/api/v1/data/"
    fields = {"stream": METER, "int_value": 5, "timestamp": ARRIVED}
    # Carried out, and the answer lost: reading back finds it.
    server.inject(faults.reset(executed=True), path, method="POST", times=1)
    answer = await call(hass, loaded, "post_data", **fields)
    assert answer["value"] == pytest.approx(5)
    assert server.log.count("POST", path) == 1
    later = {**fields, "timestamp": ARRIVED + timedelta(minutes=1)}
    server.inject(faults.reset(), path, method="POST", times=1)
    assert await refused(hass, loaded, "post_data", **later) == "iotile_uncertain"
    server.inject(faults.status(500), path, method="POST", times=1)
    assert await refused(hass, loaded, "post_data", **later) == "server_error"
    assert server.log.count("POST", path) == 3
    assert len([r for r in server.world.points[METER] if r.time >= NOW]) == 1


async def test_upload_event(
    hass: HomeAssistant, server: IOTileServer, loaded: MockConfigEntry
) -> None:
    fields = {"stream": SHOCKS, "extra_data": {"peak": 3.5}, "timestamp": ARRIVED}
    answer = await call(hass, loaded, "upload_event", **fields)
    event = server.world.events[-1]
    assert (answer["event_id"], event["extra_data"]) == (event["id"], {"peak": 3.5})
    answer = await call(hass, loaded, "upload_event", **fields, data={"points": [1]})
    assert server.world.documents[answer["event_id"]] == {"points": [1]}
    server.inject(faults.reset(executed=True), "/api/v1/event/", method="POST", times=1)
    answer = await call(
        hass,
        loaded,
        "upload_event",
        stream=SHOCKS,
        extra_data={"lost": 1},
        timestamp=ARRIVED,
    )
    assert answer["event_id"] == server.world.events[-1]["id"]
    server.inject(faults.reset(), "/api/v1/event/", method="POST", times=1)
    key = await refused(
        hass, loaded, "upload_event", stream=SHOCKS, extra_data={"gone": 1}
    )
    assert key == "iotile_uncertain"
    server.inject(faults.status(502), "/api/v1/event/", method="POST", times=1)
    key = await refused(hass, loaded, "upload_event", stream=SHOCKS)
    assert key == "server_error"


def encoded(content: bytes) -> str:
    """Return a report as the action takes it."""
    return base64.b64encode(content).decode()


async def test_upload_report(
    hass: HomeAssistant,
    server: IOTileServer,
    loaded: MockConfigEntry,
    tmp_path: Path,
    slept: list[float],
) -> None:
    valid = (FIXTURES / "report_valid.bin").read_bytes()
    before = len(server.world.points[BOILER])
    answer = await call(hass, loaded, "upload_report", content=encoded(valid))
    assert answer == {
        "device": "d--0000-0000-0000-00a0",
        "count": 3,
        "last_id": 2003,
        "new": True,
    }
    assert len(server.world.points[BOILER]) > before
    # Again: known before anything is sent.
    uploads = server.log.count("POST", "/api/v1/streamer/report/")
    answer = await call(hass, loaded, "upload_report", content=encoded(valid))
    assert answer["new"] is False
    assert server.log.count("POST", "/api/v1/streamer/report/") == uploads == 1
    hass.config.allowlist_external_dirs = {str(tmp_path)}
    file = tmp_path / "report.bin"
    file.write_bytes(make_report(0xA0, [(0x500F, 2004, 10, 2000)], selector=0xD7FF))
    answer = await call(hass, loaded, "upload_report", path=str(file))
    assert answer["last_id"] == 2004
    for path in ("/etc/passwd", str(tmp_path / "none")):
        assert await refused(hass, loaded, "upload_report", path=path) == (
            "iotile_bad_file"
        )
    assert await refused(hass, loaded, "upload_report", content="ä") == (
        "iotile_bad_file"
    )


@pytest.mark.parametrize("fault", ["lost", "refused_in_the_worker", "answer_lost"])
async def test_a_report_that_is_not_stored_is_detected(
    hass: HomeAssistant,
    server: IOTileServer,
    loaded: MockConfigEntry,
    slept: list[float],
    fault: str,
) -> None:
    report = make_report(0xA0, [(0x500F, 5, 10, 2000)], selector=0xD7FF)
    if fault == "lost":
        server.world.stores_reports = False
    elif fault == "refused_in_the_worker":
        # The right selector of another engine: 201, and nothing.
        report = make_report(0x97, [(0x5001, 5, 10, 2)], selector=0xD7FF)
    else:
        server.world.stores_reports = False
        server.inject(faults.reset(executed=True), "*/streamer/report/")
    key = await refused(hass, loaded, "upload_report", content=encoded(report))
    assert key == "iotile_not_stored"
    assert slept[-3:] == [1.0, 4.0, 15.0]
    assert server.log.count("POST", "*/streamer/report/") == 1


async def test_a_report_whose_answer_was_lost_is_found(
    hass: HomeAssistant, server: IOTileServer, loaded: MockConfigEntry
) -> None:
    report = make_report(0xA0, [(0x500F, 5, 10, 2000)], selector=0xD7FF)
    server.inject(faults.reset(executed=True), "*/streamer/report/")
    answer = await call(hass, loaded, "upload_report", content=encoded(report))
    assert (answer["last_id"], answer["new"]) == (5, True)


_VALID = (FIXTURES / "report_valid.bin").read_bytes()
_V100 = {
    "device": 0x1234,
    "streamer_index": 1,
    "streamer_selector": 65536,
    "device_sent_timestamp": 1,
    "lowest_id": 6003,
    "highest_id": 6003,
    "data": [
        {
            "stream": "5023",
            "timestamp": "2026-11-20T08:27:34Z",
            "streamer_local_id": 6003,
            "value": 2150,
        }
    ],
    "events": [],
}


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (_VALID[:30], "report_cut"),
        (b"\x02" + _VALID[1:], "bad_report"),
        (_VALID + b"x", "report_cut"),
        (_VALID[:-1] + b"\x00", "report_damaged"),
        (make_report(0xA0, [(0x500F, 1, 10, 5)], flags=1), "report_signed"),
        (
            make_report(0xA0, [(0x500F, 2, 10, 5), (0x500F, 1, 10, 5)]),
            "report_damaged",
        ),
        (b"{", "report_damaged"),
        (b"{}", "report_missing"),
        (json.dumps({**_V100, "data": []}).encode(), "report_missing"),
        (json.dumps({**_V100, "data": [{}]}).encode(), "report_missing"),
    ],
)
async def test_bad_reports_are_not_sent(
    hass: HomeAssistant,
    server: IOTileServer,
    loaded: MockConfigEntry,
    content: bytes,
    why: str,
) -> None:
    key = await refused(hass, loaded, "upload_report", content=encoded(content))
    assert key == f"iotile_{why}"
    assert server.log.count("POST") == 0


async def test_a_json_report(
    hass: HomeAssistant, server: IOTileServer, loaded: MockConfigEntry
) -> None:
    content = json.dumps(_V100).encode()
    answer = await call(hass, loaded, "upload_report", content=encoded(content))
    assert answer["last_id"] == 6003
    wrong = json.dumps({**_V100, "device": 0x97}).encode()
    assert await refused(hass, loaded, "upload_report", content=encoded(wrong)) == (
        "rejected"
    )


async def test_notes_properties_places(
    hass: HomeAssistant, server: IOTileServer, loaded: MockConfigEntry
) -> None:
    world = server.world
    await call(hass, loaded, "create_note", target="d--97", note="New battery")
    assert world.notes[-1]["note"] == "New battery"
    key = await refused(hass, loaded, "create_note", target="d--7777", note="x")
    assert key == "iotile_unknown_target"
    for value, kind in (("blue", "str"), (3, "int"), (True, "bool")):
        answer = await call(
            hass, loaded, "set_property", target="97", name="Colour", value=value
        )
        assert answer == {"name": "Colour", "value": value}
        assert world.properties[-1]["type"] == kind
    await call(
        hass, loaded, "set_location", target="d--97", latitude=51.5, longitude=4.25
    )
    assert world.device("d--0000-0000-0000-0097")["lat"] == "51.500000"  # type: ignore[index]
    key = await refused(
        hass, loaded, "set_property", target="d--7777", name="x", value=1
    )
    assert key == "iotile_unknown_target"


async def test_a_device_is_chosen(
    hass: HomeAssistant,
    server: IOTileServer,
    loaded: MockConfigEntry,
    device_registry: dr.DeviceRegistry,
) -> None:
    """A device of Home Assistant replaces its slug and determines the account."""

    async def act(action: str, **fields: Any) -> Any:
        return await hass.services.async_call(
            "junction", action, fields, blocking=True, return_response=True
        )

    cellar = device_of(hass, loaded, "d--0000-0000-0000-0097")
    project = device_of(hass, loaded, "p--0000-0005")
    await act("create_note", target=cellar, note="Of a device")
    await act("create_note", target=project, note="Of a project")
    await act(
        "create_note", stream="sensor.cellar_water_meter_io_1_total", note="Of a stream"
    )
    targets = [note["target"] for note in server.world.notes[-3:]]
    assert targets == ["d--0000-0000-0000-0097", "p--0000-0005", METER]
    found = await act("get_notes", target=project)
    assert [note["note"] for note in found["notes"]] == ["Of a project"]
    # A device of another account, and an unknown device.
    other = MockConfigEntry(domain="other")
    other.add_to_hass(hass)
    # Some integrations have identifiers of three parts.
    three: Any = ("other", "1", "of three")
    foreign = device_registry.async_get_or_create(
        config_entry_id=other.entry_id, identifiers={three}, name="Kettle"
    )
    for fields, key, words in (
        (
            {"target": foreign.id},
            "foreign_device",
            {"field": "target", "device": "Kettle"},
        ),
        (
            {"target": foreign.id, "entry": loaded.entry_id},
            "foreign_device",
            {"field": "target", "device": "Kettle"},
        ),
        ({"target": project}, "iotile_is_project", None),
        ({"target": "d--97"}, "field_missing", {"field": "entry"}),
        ({}, "field_missing", {"field": "target"}),
    ):
        with pytest.raises(ServiceValidationError) as caught:
            await act("get_locations", **fields)
        assert caught.value.translation_key == key
        assert words in (None, caught.value.translation_placeholders)


async def test_a_place_on_the_map(
    hass: HomeAssistant, server: IOTileServer, loaded: MockConfigEntry
) -> None:
    """Home Assistant's map gives a radius, too; half a place is none."""
    place = {"latitude": 52.0, "longitude": 5.0, "radius": 100}
    await call(hass, loaded, "set_location", target="d--97", location=place)
    assert server.world.device("d--0000-0000-0000-0097")["lat"] == "52.000000"  # type: ignore[index]
    for fields in (
        {"latitude": 52.0},
        {"location": place, "latitude": 52.0},
        {"location": place, "longitude": 5.0},
        {},
    ):
        key = await refused(hass, loaded, "set_location", target="d--97", **fields)
        assert key == "fields_one_of"


async def test_get_stream_data(
    hass: HomeAssistant, server: IOTileServer, loaded: MockConfigEntry
) -> None:
    answer = await call(hass, loaded, "get_stream_data", stream=METER, limit=2)
    assert [point["timestamp"] for point in answer["points"]] == [
        "2026-11-20T07:00:00Z",
        "2026-11-20T08:00:00Z",
    ]
    # As its sensors show it.
    assert answer["unit"] == "L"
    last = server.world.points[METER][-1]
    # And rounded.
    assert answer["points"][-1]["value"] == round((last.int_value or 0) * GALLON, 3)
    battery = await call(
        hass,
        loaded,
        "get_stream_data",
        stream="sensor.cellar_water_meter_battery_voltage",
        limit=3,
    )
    assert (len(battery["points"]), battery["unit"]) == (3, "V")
    assert battery["points"][-1]["value"] == pytest.approx(3.0, abs=0.2)
    answer = await call(
        hass,
        loaded,
        "get_stream_data",
        stream=METER,
        start=ARRIVED - timedelta(hours=4),
        end=ARRIVED - timedelta(hours=2),
    )
    assert len(answer["points"]) == 2
