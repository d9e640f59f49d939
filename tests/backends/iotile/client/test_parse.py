"""Parse captured JSON, whole and broken, and convert values as the server does."""

from datetime import UTC, datetime
import json
from pathlib import Path
from typing import Any

import pytest

from custom_components.junction.backends.iotile.client import parse

from ..conftest import METER

FIXTURES = Path(__file__).parents[3] / "fixtures" / "iotile"


def read(name: str) -> Any:
    return json.loads((FIXTURES / f"{name}.json").read_text())


STREAMS_ROWS = read("stream_list_all_full")["body"]["results"]
STREAMS = [stream for row in STREAMS_ROWS if (stream := parse.read_stream(row))]


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
        point = parse.read_stream_row(slug, row)
        assert point is not None
        assert stream.shown(point.stored) == pytest.approx(row["output_value"])
        assert stream.raw(row["output_value"]) == row["int_value"]


def test_numbers_that_cannot_be_written() -> None:
    stream = next(stream for stream in STREAMS if stream.slug == METER)
    for value in (-1, 1e12):
        with pytest.raises(OverflowError):
            stream.raw(value)


@pytest.mark.parametrize("row", [None, 5, "x", [], {}, {"slug": 5}, {"slug": "q--1"}])
def test_rows_that_are_none(row: object) -> None:
    for reader in (
        parse.read_project,
        parse.read_device,
        parse.read_template,
        parse.read_stream,
        parse.read_frame_row,
        parse.read_event,
        parse.read_streamer,
        parse.read_unit,
    ):
        if reader is parse.read_template and row == {"slug": "q--1"}:
            continue
        assert reader(row) is None
    assert parse.read_stream_row(METER, row) is None
    assert parse.read_status(row).alert is None


def test_a_wrong_field_costs_that_field() -> None:
    row = {**read("device_list_all")["body"]["results"][0], "lat": "x", "busy": []}
    device = parse.read_device(row)
    assert device is not None
    assert (device.location, device.busy, device.label) == (None, False, "Water meter")
    assert parse.when({"t": "yesterday"}, "t") is None
    assert parse.when({"t": "2026-11-20T06:00:00"}, "t") == datetime(
        2026, 11, 20, 6, tzinfo=UTC
    )
    archived = {**STREAMS_ROWS[1], "block": "b--0001-0000-0000-0097"}
    assert parse.read_stream(archived) is None


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("Meter (d--0000-0000-0000-0097)", "Meter"),
        ("d--0000-0000-0000-0097", ""),
        ("Device d--97", "Device"),
        ("IO 1 s--5--97--5001", "IO 1"),
        ("P--0000-0005: House", "House"),
        ("Cellar d--0000-0000-0000-00a0_x", "Cellar _x"),
        ("Meter 0000-0000-0000-0097", "Meter"),
        ("Project 0000-0005", "Project"),
        # Values that only resemble one.
        ("Plan B--beef", "Plan B--beef"),
        ("Season 2026-2027", "Season 2026-2027"),
        ("Pump 0x97", "Pump 0x97"),
        ("POD 97 - cellar", "POD 97 - cellar"),
    ],
)
def test_labels_without_slugs(label: str, name: str) -> None:
    assert parse.without_slugs(label) == name
