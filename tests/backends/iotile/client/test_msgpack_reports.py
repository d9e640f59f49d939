"""Reports in MessagePack."""

from datetime import UTC, datetime
from typing import Any

import pytest

from custom_components.junction.backends.iotile.client.api import IOTileClient
from custom_components.junction.backends.iotile.client.commands import submit_report
from custom_components.junction.backends.iotile.client.errors import BadReportError
from custom_components.junction.backends.iotile.client.msgpack import unpack
from custom_components.junction.backends.iotile.client.reports import read_report
from simulators.iotile.msgpack import pack
from simulators.iotile.server import IOTileServer

from ..conftest import BOILER, NOW

REPORT: dict[str, Any] = {
    "format": "v100",
    "device": 0xA0,
    "streamer_index": 0,
    "streamer_selector": 0x10000,
    "device_sent_timestamp": 100,
    "incremental_id": 1,
    "lowest_id": 7000,
    "highest_id": 7001,
    "events": [],
    "data": [
        {
            "stream": "500f",
            "timestamp": "2026-11-20T08:10:00Z",
            "streamer_local_id": number,
            "value": 2000,
        }
        for number in (7000, 7001)
    ],
}


async def test_a_report(server: IOTileServer, client: IOTileClient) -> None:
    content = pack(REPORT)
    # A dictionary of ten.
    assert content[0] == 0x8A
    submission = await submit_report(client, content, datetime.fromtimestamp(NOW, UTC))
    assert (submission.count, submission.last_id, submission.new) == (2, 7001, True)
    assert [row.local_id for row in server.world.points[BOILER][-2:]] == [7000, 7001]
    (upload,) = server.log.to("POST", "/api/v1/streamer/report/")
    assert b'filename="report.mp"' in upload.body


@pytest.mark.parametrize(
    ("content", "value"),
    [
        # The example of the specification.
        (b"\x82\xa7compact\xc3\xa6schema\x00", {"compact": True, "schema": 0}),
        (b"\xdf\x00\x00\x00\x01\xa1a\xc0", {"a": None}),
        (b"\x93\x01\xff\xd1\xff\x00", [1, -1, -256]),
        (b"\xdc\x00\x02\xcd\x01\x00\xce\x00\x01\x00\x00", [256, 65536]),
        (b"\xcb\x3f\xf8\x00\x00\x00\x00\x00\x00", 1.5),
        (b"\xd9\x02ab", "ab"),
        (b"\xc4\x02ab", b"ab"),
    ],
)
def test_values(content: bytes, value: object) -> None:
    assert unpack(content) == value


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x81",
        b"\x81\xa1a",
        b"\xdf\xff\xff\xff\xff",
        b"\xdd\xff\xff\xff\xff",
        b"\x81\x90\x00",
        b"\xa2\xff\xfe",
        b"\xd4\x01\x00",
        b"\xc1",
        b"\x00\x00",
        b"\x91" * 40 + b"\x00",
        pack(REPORT)[:-3],
    ],
)
def test_what_is_no_message(content: bytes) -> None:
    with pytest.raises(ValueError):
        unpack(content)


@pytest.mark.parametrize("content", [b"\x80", b"\x8a\x01", pack({"device": 1})])
def test_what_is_no_report(content: bytes) -> None:
    with pytest.raises(BadReportError):
        read_report(content)
