"""The simulated IOTile Cloud answers as the real server did, capture by capture."""

from collections.abc import AsyncIterator
import json
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from simulators.clock import VirtualClock
from simulators.iotile.reports import make_report
from simulators.iotile.server import IOTileServer
from simulators.iotile.wire import make_jwt
from simulators.iotile.world import house

FIXTURES = Path(__file__).parent.parent / "fixtures" / "iotile"
NOW = 1795163310  # 2026-11-20 08:28:30 UTC, when the captures were made
# Parts of the server that no client of ours uses, and staff-only listings.
LEFT_OUT = {
    "auth_logout",
    "auth_logout_anonymous",
    "client_accumulation_report",
    "data_filter_foreign",
    "device_claim_taken",
    "device_claimable",
    "device_create_forbidden",
    "device_key_ajwt",
    "device_key_missing_type",
    "device_list_staff_all",
    "device_mask_delete",
    "event_url",
    "gid_vectors",
    "note_delete",
    "note_detail",
    "options_data",
    "property_delete",
    "property_patch",
    "property_post",
    "stream_csv",
    "variable_type",
}
ROLES = {"operator": ("operator", "forbidden"), "member": ("member",)}


def captures() -> list[str]:
    return sorted({path.stem for path in FIXTURES.glob("*.json")} - LEFT_OUT)


def read(name: str) -> Any:
    return json.loads((FIXTURES / f"{name}.json").read_text())


def shape(value: object) -> object:
    """Return the structure of a body: names and types; equal rows once."""
    match value:
        case dict():
            if value and all(key.startswith("s--") for key in value):
                return {"<stream>": "counts"}
            return {
                key: {} if key == "extra_data" else shape(part)
                for key, part in value.items()
            }
        case list():
            return [shape(value[0])] if value else []
        case bool():
            return "bool"
        case int() | float():
            return "number"
        case str() if value.startswith(("<", "\n<")):
            return "html"
        case str() if value.startswith("row,"):
            return value.partition("\n")[0]
        case None:
            return None
        case _:
            return "text"


def fits(ours: object, theirs: object) -> bool:
    """Whether two shapes are the same; null may stand for a value of any kind."""
    if ours is None or theirs is None:
        return True
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return ours.keys() == theirs.keys() and all(
            fits(ours[k], theirs[k]) for k in ours
        )
    if isinstance(ours, list) and isinstance(theirs, list):
        return not ours or not theirs or fits(ours[0], theirs[0])
    return ours == theirs


@pytest.fixture
async def server(socket_enabled: None) -> AsyncIterator[IOTileServer]:
    world = house(VirtualClock(NOW, 0))
    world.add("s--0000-0005--0000-0000-0000-0097--5fff", NOW - 60, 1)
    async with IOTileServer(world) as server:
        yield server


def _who(name: str, request: dict[str, Any]) -> str | None:
    if "operator" in name or name == "org_members_forbidden":
        return "operator"
    if "note_list_foreign" in name:
        return "stranger"
    return "owner"


async def _prepare(name: str, server: IOTileServer) -> None:
    world = server.world
    if name.startswith(("event_detail", "event_data")) or name == "event_list_device":
        event = world.add_event(
            "s--0000-0005--0000-0000-0000-1234--5020", NOW, {"foo": "bar"}
        )
        event |= {"id": 10, "s3key": "dev/x.json", "has_raw_data": True}
        first = next(row for row in world.events if row is not event)
        first["id"] = 1
        world.documents[10] = {"points": [1, 2, 3]}
    if "report_" in name or "streamer" in name or name == "device_status_after_report":
        from simulators.iotile.reports import _read_binary, _store

        if not name.startswith("streamer_report_") or name == "streamer_report_list":
            if name not in ("streamer_list", "device_streamers"):
                content = (FIXTURES / "report_valid.bin").read_bytes()
                report = _read_binary(world, content, "owner")
                await _store(world, report, NOW, "owner")
    if name == "device_status_fail":
        world.statuses["d--0000-0000-0000-0097"] |= {
            "alert": "OK",
            "last_report_ts": "2026-11-20T08:28:34Z",
        }
    if name == "device_mask_get_set":
        world.masks["d--0000-0000-0000-0097"] = {
            "start": "2026-11-20T03:28:34Z",
            "end": None,
        }
    if name == "stream_data_after_report":
        world.add("s--0000-0005--0000-0000-0000-00a0--500f", NOW, 2000)
    if name == "note_list_stream":
        world.notes.append(
            {**world.notes[0], "target": "s--0000-0005--0000-0000-0000-0097--5001"}
        )


def _form(name: str, body: Any) -> aiohttp.FormData | None:
    """Return the upload of a capture that shows only its fields."""
    form = aiohttp.FormData()
    if name.startswith("event_upload"):
        names = {
            "event_upload_bad_ext": "event.txt",
            "event_upload_dotted_name": "my.wave.json",
            "event_upload_no_ext": "event",
            "event_upload_json_gz": "event.json.gz",
        }
        for key, value in (body or {}).items():
            form.add_field(key, value)
        import gzip

        content = b'{"points": [1]}'
        if name.endswith("gz"):
            content = gzip.compress(content)
        if name != "event_upload_missing_file":
            form.add_field("file", content, filename=names.get(name, "event.json"))
        else:
            form.add_field("other", b"x", filename="other.json")
        return form
    if not name.startswith("streamer_report_") or name == "streamer_report_list":
        return None
    valid = (FIXTURES / "report_valid.bin").read_bytes()
    v100 = {
        "format": "v100",
        "device": 0x1234,
        "streamer_index": 1,
        "streamer_selector": 65536,
        "device_sent_timestamp": 1,
        "incremental_id": 1,
        "lowest_id": 1,
        "highest_id": 2,
        "events": [],
        "data": [
            {
                "stream": "5023",
                "timestamp": "2026-11-20T08:27:34Z",
                "streamer_local_id": 6003,
                "value": 2150,
            }
        ],
    }
    contents = {
        "streamer_report_bad_format": b"\x02" + valid[1:],
        "streamer_report_bad_hash": valid[:-1] + b"\x00",
        "streamer_report_truncated": valid[:30],
        "streamer_report_signed_flag": make_report(0xA0, [(0x500F, 1, 10, 5)], flags=1),
        "streamer_report_unknown_device": make_report(0x7777, [(0x500F, 1, 10, 5)]),
        "streamer_report_foreign_device": make_report(0x9999, [(0x5001, 1, 10, 5)]),
        "streamer_report_json": json.dumps(v100).encode(),
        "streamer_report_json_invalid": b'{"format": "v100"}',
        "streamer_report_json_v0_engine": json.dumps({**v100, "device": 0x97}).encode(),
    }
    filename = "report.json" if "json" in name else "report.bin"
    if name == "streamer_report_bad_ext":
        filename = "report.xyz"
    if name == "streamer_report_no_file":
        form.add_field("other", b"x", filename="other.bin")
    else:
        form.add_field("file", contents.get(name, valid), filename=filename)
    return form


@pytest.mark.parametrize("name", captures())
async def test_capture(server: IOTileServer, name: str) -> None:
    capture = read(name)
    told = capture["request"]
    await _prepare(name, server)
    headers = {}
    given = told["headers"].get("Authorization")
    now = server.world.clock.now()
    users = {user.name: user for user in server.world.users}
    user = users[_who(name, told) or "owner"]
    if given and ("SIGNATURE" in given or given.startswith("Token 0123")):
        scheme = given.split(" ")[0]
        headers["Authorization"] = given
        if name in {"auth_expired", "auth_login_with_expired_jwt_header"}:
            headers["Authorization"] = f"JWT {make_jwt(user, now, -60)}"
        elif name not in ("auth_bad_signature", "auth_login_with_expired_header"):
            token = user.token if scheme == "Token" else make_jwt(user, now, 600)
            headers["Authorization"] = f"{scheme} {token}"
    elif given:
        headers["Authorization"] = given
    body = told["body"]
    if isinstance(body, dict) and "token" in body and len(body["token"]) > 10:
        life = -60 if "expired" in name else 600
        token = make_jwt(user, now, life)
        body = {"token": token[:-4] + "aaaa" if name.endswith("bad") else token}
    more: dict[str, Any] = {"json": body} if body is not None else {}
    if (form := _form(name, body)) is not None:
        more = {"data": form}
    elif isinstance(body, str):
        more = {"data": body}
        headers["Content-Type"] = "application/json"
    if "accept_json" in name:
        headers["Accept"] = "application/json"
    foreign = "cd2272f2-e247-47c3-9d96-f8f95344ba25"
    path = told.get("path") or told["url"]
    async with (
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
        session.request(
            told["method"],
            f"{server.url}{path}",
            params=told["params"],
            headers=headers,
            allow_redirects=False,
            **more,
        ) as response,
    ):
        text = await response.text()
        assert response.status == capture["status"], text[:300]
        theirs = {k.lower(): v for k, v in capture["headers"].items()}
        kind = theirs["content-type"].partition(";")[0]
        assert response.content_type == kind
        assert ("WWW-Authenticate" in response.headers) == (
            "www-authenticate" in theirs
        )
        ours = json.loads(text) if kind == "application/json" and text else text
    expected = capture["body"]
    assert fits(shape(ours), shape(expected)), (shape(ours), shape(expected), foreign)
    if capture["status"] >= 400:
        assert ours == expected or shape(ours) == "html"
