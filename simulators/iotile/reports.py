"""Reports of devices, binary and JSON, and their processing by the worker.

See docs/protocols/iotile.md#streamer-reports.
"""

import asyncio
from copy import deepcopy
import hashlib
import json
import struct
from typing import Any

from aiohttp import web

from .msgpack import unpack
from .values import Json
from .wire import (
    NOT_FOUND,
    WORLD,
    Refused,
    answer,
    form_of,
    moment,
    padded,
    paged,
    user_of,
)
from .world import SEEDS, World, identity, iso

type Reading = tuple[int, int, int, int]
"""Variable, reading id, time, and raw value."""

HEADER = struct.Struct("<BBHIIIBBH")
READING = struct.Struct("<HHIII")
FOOTER = struct.Struct("<II16s")
RTC = 946_684_800
REQUIRED = (
    "device",
    "streamer_index",
    "streamer_selector",
    "device_sent_timestamp",
    "lowest_id",
    "highest_id",
)


def make_report(
    device: int,
    readings: list[Reading],
    *,
    sent: int = 7200,
    number: int = 7,
    flags: int = 0,
    index: int = 0,
    selector: int = 0x57FF,
) -> bytes:
    """Make a binary report as a device does."""
    length = HEADER.size + READING.size * len(readings) + FOOTER.size
    head = HEADER.pack(
        1, length & 0xFF, length >> 8, device, number, sent, flags, index, selector
    )
    body = b"".join(READING.pack(s, 0, i, t, v) for s, i, t, v in readings)
    ids = [reading[1] for reading in readings] or [0]
    foot = struct.pack("<II", min(ids), max(ids))
    data = head + body + foot
    return data + hashlib.sha256(data).digest()[:16]


async def upload(request: web.Request) -> web.Response:
    """Accept a report; the worker decides later whether to store it."""
    user, world = user_of(request), request.app[WORLD]
    _, found = await form_of(request)
    if found is None:
        raise Refused(400, {"error": "missing request.data['file']"})
    filename, content = found
    if "timestamp" not in request.query:
        raise Refused(400, {"error": "missing timestamp argument"})
    received = moment(request.query["timestamp"].replace("yesterday", ""))
    if received is None:
        words = "Upload function requires a ?timestamp=str argument in UTC format"
        raise Refused(400, [words])
    _, _dot, extension = filename.partition(".")
    if extension not in ("", "bin", "json", "mp"):
        words = (
            "Streamer Report file extension not supported. Expected: .bin, .json or .mp"
        )
        raise Refused(400, [words])
    if extension in ("json", "mp"):
        report = _read_flexible(world, content, extension)
    else:
        report = _read_binary(world, content, user.name)
    task = asyncio.ensure_future(_store(world, report, received, user.name))
    if not world.report_delay:
        await task
    return answer({"count": len(report["readings"]) + len(report["events"])}, 201)


def _read_binary(world: World, content: bytes, user: str) -> Json:
    if len(content) < HEADER.size + FOOTER.size or content[0] != 1:
        raise Refused(500, None)
    _, low, high, number, report, sent, flags, index, selector = HEADER.unpack_from(
        content
    )
    if low + (high << 8) != len(content):
        raise Refused(500, None)
    slug = _slug(number)
    if world.device(slug) is None:
        raise Refused(404, NOT_FOUND)
    if flags:
        raise Refused(400, [f"Unrecognized signature flags (user=@{user})"])
    if hashlib.sha256(content[:-16]).digest()[:16] != content[-16:]:
        raise Refused(400, [f"Invalid Hash: {slug} (idx={index}, user=@{user})"])
    readings = [
        (f"{s:04x}", i, t, v)
        for s, _, i, t, v in READING.iter_unpack(content[HEADER.size : -FOOTER.size])
    ]
    lowest, highest, _ = FOOTER.unpack_from(content, len(content) - FOOTER.size)
    return {
        "device": slug,
        "number": report,
        "sent": sent,
        "index": index,
        "selector": selector,
        "readings": readings,
        "events": [],
        "lowest": lowest,
        "highest": highest,
        # Selectors that the worker refuses because they belong to the device's report engine.
        "refused": selector == (0x57FF if world.engines.get(slug) == 2 else 0xD7FF),
    }


def _read_flexible(world: World, content: bytes, extension: str) -> Json:
    try:
        body: Any = unpack(content) if extension == "mp" else json.loads(content)
    except (ValueError, IndexError) as err:
        raise Refused(400, {"detail": f"Parse error - {err}"}) from None
    if missing := [name for name in REQUIRED if name not in body]:
        raise Refused(400, {name: ["This field is required."] for name in missing})
    slug = _slug(body["device"])
    if world.device(slug) is None:
        raise Refused(404, NOT_FOUND)
    if world.engines.get(slug) != 2:
        words = f"Unsupported file extension (.{extension}) for Streamer Report Vv0"
        raise Refused(400, [words])
    return {
        "device": slug,
        "number": body.get("incremental_id", 0),
        "sent": body["device_sent_timestamp"],
        "index": body["streamer_index"],
        "selector": body["streamer_selector"],
        "readings": [
            (_variable(r["stream"]), r["streamer_local_id"], r["timestamp"], r["value"])
            for r in body["data"]
        ],
        "events": body["events"],
        "lowest": body["lowest_id"],
        "highest": body["highest_id"],
        "refused": False,
    }


def _variable(given: str | int) -> str:
    return f"{given:04x}" if isinstance(given, int) else given.zfill(4)


def _slug(number: int) -> str:
    text = f"{number:016x}"
    return "d--" + "-".join(text[i : i + 4] for i in range(0, 16, 4))


async def _store(world: World, report: Json, received: float, user: str) -> None:
    """Process a report as the worker does: keep the readings above the streamer's last id."""
    if world.report_delay:
        await asyncio.sleep(world.report_delay)
    if not world.stores_reports or report["refused"]:
        return
    device = world.device(report["device"])
    assert device is not None
    project = world.project(device["project"])
    assert project is not None
    streamer = world.streamer(device, report["index"], report["selector"])
    new = [r for r in report["readings"] if r[1] > streamer["last_id"]]
    for variable, number, at, value in new:
        if isinstance(at, str):
            time = moment(at) or received
        elif at & 0x80000000:
            time = RTC + (at & 0x7FFFFFFF)
        else:
            time = received - report["sent"] + at
        name = f"s--{project['gid']}--{device['gid']}--{variable}"
        world.add(name, time, value, local_id=number, device_time=None)
    for event in report["events"]:
        if event["streamer_local_id"] > streamer["last_id"]:
            variable = _variable(event["stream"])
            name = f"s--{project['gid']}--{device['gid']}--{variable}"
            time = moment(event["timestamp"]) or received
            world.add_event(name, time, event["extra_data"], event["streamer_local_id"])
    # The cloud records that it processed a report.
    world.add(f"s--{project['gid']}--{device['gid']}--5a05", received, report["index"])
    ids = [r[1] for r in new] or [0]
    streamer["last_id"] = max(streamer["last_id"], report["highest"])
    world.statuses[device["slug"]] |= {
        "last_report_ts": iso(received),
        "last_known_id": streamer["last_id"],
    }
    world.reports.append(
        {
            **deepcopy(SEEDS["report"]),
            "id": identity(f"{streamer['slug']}{len(world.reports)}"),
            "original_first_id": report["lowest"],
            "original_last_id": report["highest"],
            "actual_first_id": min(ids),
            "actual_last_id": max(ids),
            "streamer": streamer["slug"],
            "sent_timestamp": iso(received),
            "device_sent_timestamp": report["sent"],
            "incremental_id": report["number"],
            "created_by": user,
        }
    )


async def streamers(request: web.Request) -> web.Response:
    """List streamers."""
    user_of(request)
    world = request.app[WORLD]
    active = {row["slug"] for row in world.devices if row["active"]}
    rows = [row for row in world.streamers if row["device"] in active]
    if device := request.query.get("device"):
        if world.device(device) is None:
            raise Refused(404, NOT_FOUND)
        rows = [row for row in rows if row["device"] == device]
    return paged(request, rows)


async def streamer(request: web.Request) -> web.Response:
    """Return a streamer, or its reports."""
    user_of(request)
    slug, world = padded(request.match_info["streamer"]), request.app[WORLD]
    if request.path.endswith("/report/"):
        return answer([row for row in world.reports if row["streamer"] == slug])
    for row in world.streamers:
        if row["slug"] == slug:
            return answer(row)
    raise Refused(404, NOT_FOUND)


async def reports(request: web.Request) -> web.Response:
    """List reports."""
    user_of(request)
    slug = request.query.get("streamer__slug")
    rows = request.app[WORLD].reports
    return paged(request, [row for row in rows if slug in (None, row["streamer"])])
