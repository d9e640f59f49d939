"""The simulated Mycodo answers as a real one did, capture by capture."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
import json
from pathlib import Path
import re
from typing import Any

import aiohttp
import pytest

from simulators.clock import VirtualClock
from simulators.mycodo.plan import greenhouse
from simulators.mycodo.server import MycodoServer
from simulators.mycodo.state import Features, State, uid

FIXTURES = Path(__file__).parent.parent / "fixtures" / "mycodo"
START = 1_795_163_097.0

ACCEPTED = {"Accept": "application/vnd.mycodo.v1+json"}
ASKED = {**ACCEPTED, "X-API-KEY": "<admin-api-key>"}

# Manual changes to the running Mycodo between the captures.
AFTER = {"3.4 s after": 3.4, "2 s later": 2.0, "1.5 s later": 1.5}


def captures() -> list[str]:
    return sorted(
        path.stem for path in FIXTURES.glob("*.json") if path.stem != "swagger_paths"
    )


@dataclass
class Replay:
    """One simulated Mycodo, with the requests that were sent to the real one."""

    server: MycodoServer
    session: aiohttp.ClientSession

    def keys(self) -> dict[str, str]:
        found = {}
        for user in self.server.state.users:
            assert user.key is not None
            found[f"<{user.name}-api-key>"] = user.key
        return found

    async def ask(
        self, request: dict[str, Any]
    ) -> tuple[int, str, Any, dict[str, str]]:
        keys = self.keys()
        path, headers = request["path"], dict(request["headers"])
        for name, key in keys.items():
            path = path.replace(name, key)
            path = path.replace(
                f"{name[:-1]}-percent-encoded>", key.replace("+", "%2B")
            )
            headers = {k: v.replace(name, key) for k, v in headers.items()}
        headers.setdefault("Accept", "")
        if "Accept" not in request["headers"]:
            headers.pop("Accept")
        base = (
            self.server.plain_url
            if request.get("scheme") == "http"
            else self.server.url
        )
        body = request.get("data")
        if "json" in request:
            body = json.dumps(request["json"])
            headers.setdefault("Content-Type", "application/json")
        elif body is not None:
            headers.setdefault(
                "Content-Type",
                "application/x-www-form-urlencoded"
                if "=" in body
                else "application/json",
            )
        async with self.session.request(
            request["method"],
            f"{base}{path}",
            headers=headers,
            data=body,
            allow_redirects=False,
            skip_auto_headers=("Content-Type", "Accept"),
        ) as answer:
            text = await answer.text()
            kind = answer.content_type
            return (
                answer.status,
                kind,
                json.loads(text) if "json" in kind and text else text,
                dict(answer.headers),
            )


def shape(value: object) -> object:
    """Return the structure of a body: names and types; equal rows once."""
    match value:
        case dict():
            return {key: shape(found) for key, found in sorted(value.items())}
        case list():
            return [shape(value[0])] if value else []
        case bool():
            return "bool"
        case int() | float():
            return "number"
        case str():
            return "text"
        case _:
            return value


def loosely(value: object) -> object:
    """Forgive the difference between null and a value, which is one of settings."""
    match value:
        case dict():
            return {key: loosely(found) for key, found in value.items()}
        case list():
            return [loosely(found) for found in value]
        case _:
            return "?"


def words(text: str) -> str:
    """Return a message without its variable parts."""
    return re.sub(
        r"[\d.]+ sec",
        "N sec",
        re.sub(
            r"\d{4}-\d\d-\d\d [\d:.]+\d",
            "WHEN",
            re.sub(r"with [\d.]+ seconds", "with N seconds", text),
        ),
    )


def prepare(name: str, state: State) -> None:
    """Bring the Mycodo into the condition of a capture."""
    match name:
        case "web_routes_and_http":
            state.clock.jump(100)
        case "daemon_down":
            state.daemon_running = False
        case "daemon_frozen":
            state.daemon_frozen, state.rpc_timeout = True, 0.01
        case "influx_down":
            state.influx_up = False
        case "outputs_list_500_i2c_bus_empty":
            state.outputs[0].i2c_bus = ""
        case "pid_web_routes":
            state.pids[0].active = True
            state.features.pid_widget = state.features.graph_widget = True
        case "empty_install_and_401_bodies":
            for rows in (
                state.outputs,
                state.rows,
                state.inputs,
                state.functions,
                state.pids,
                state.triggers,
                state.conditionals,
                state.units,
                state.measurements,
            ):
                rows.clear()
        case "outputs_list_active":
            for output in state.outputs:
                for channel in output.channels:
                    channel.state = 42.5 if output.kind in ("pwm", "value") else True
        case _:
            pass


@pytest.fixture
async def replay(
    request: pytest.FixtureRequest, socket_enabled: None
) -> AsyncIterator[Replay]:
    clock = VirtualClock(START, 0)
    widgets = request.param == "pid_web_routes"
    state = greenhouse(
        clock, features=Features(pid_widget=widgets, graph_widget=widgets)
    )
    prepare(request.param, state)
    async with (
        MycodoServer(state, None) as server,
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
    ):
        for found in (*state.inputs, *state.functions):
            if found.active:
                server.database.backfill(found, 20, found.period)
        # Records of the relay board and the fan from before the captures.
        server.database.write(START - 9, uid(2), "s", 1, "duration_time", 2.0)
        server.database.write(START - 9, uid(3), "percent", 0, "duty_cycle", 0.0)
        yield Replay(server, session)


@pytest.mark.parametrize(
    ("replay", "name"), [(n, n) for n in captures()], indirect=["replay"]
)
async def test_answers_as_captured(replay: Replay, name: str) -> None:
    state = replay.server.state
    for index, exchange in enumerate(
        json.loads((FIXTURES / f"{name}.json").read_text())
    ):
        request, captured = exchange.get("request"), exchange.get("response")
        if request is None:
            note = exchange.get("note", "")
            state.clock.jump(
                next((s for text, s in AFTER.items() if text in note), 1.1)
            )
            if "states" in exchange:
                output = request_of(exchange, name)
                assert states_of(replay, output) == exchange["states"], (index, note)
            continue
        request.setdefault(
            "headers",
            ASKED if "no API key" not in exchange.get("note", "") else ACCEPTED,
        )
        captured.setdefault("headers", {})
        where = f"{name}[{index}] {request['method']} {request['path']}"
        if captured["status"] == 502:
            continue  # the proxy's answer, of a web server that is not there
        if "after the daemon was resumed" in exchange.get("note", ""):
            state.daemon_frozen = False
        if captured["status"] == 429:
            await exhaust(replay, request)
        status, kind, body, headers = await replay.ask(request)
        assert status == captured["status"], (where, body)
        if captured["headers"].get("Content-Type"):
            expected = captured["headers"]["Content-Type"].partition(";")[0]
            assert kind == expected, where
        for header in ("X-RateLimit-Limit", "Retry-After", "Location"):
            limited = status not in (302, 405) and request["method"] in ("GET", "POST")
            if header in captured["headers"] and (limited or header == "Location"):
                assert header in headers, (where, header)
        if "/log/tail/" not in request["path"]:
            compare(where, body, captured["body"])
        if request.get("json") == {"state": True, "channel": 0, "duration": 1}:
            state.clock.jump(1.4)  # the pause of the user
        if "states_after" in exchange and "duration" not in str(request.get("json")):
            output = request["path"].split("/")[
                3 if request["path"].startswith("/api") else 2
            ]
            assert states_of(replay, output) == exchange["states_after"], where
        # Between two requests of the user.
        state.clock.jump(0.1 if "outputs_post" in name else 0.0)


def request_of(exchange: dict[str, Any], name: str) -> str:
    return uid(4) if "volume" in name else uid(2)


def states_of(replay: Replay, output: str) -> dict[str, Any]:
    states = replay.server.engine.states().get(output, {})
    return {
        channel: value
        if value is None
        else ("on" if value else "off")
        if isinstance(value, bool)
        else value
        for channel, value in states.items()
    }


async def exhaust(replay: Replay, request: dict[str, Any]) -> None:
    for _ in range(200):
        await replay.ask(request)


def compare(where: str, body: Any, captured: Any) -> None:
    if isinstance(captured, str | int) or isinstance(body, str):
        # Pages differ, words do not.
        if not str(captured).startswith("<"):
            assert words(str(body)).strip() == words(str(captured)).strip(), where
        return
    if (
        isinstance(captured, dict)
        and "message" in captured
        and "Traceback" not in str(captured)
    ):
        assert words(body["message"]) == words(captured["message"]), where
        return
    ours, theirs = shape(body), shape(captured)
    # Rows keep their fields; which of them are set is a matter of settings.
    assert loosely(ours) == loosely(theirs), where


async def test_swagger_lists_the_endpoints_of_the_capture(socket_enabled: None) -> None:
    captured = json.loads((FIXTURES / "swagger_paths.json").read_text())
    state = greenhouse(VirtualClock(START, 0))
    async with (
        MycodoServer(state, None) as server,
        aiohttp.ClientSession() as session,
        session.get(f"{server.url}/api/swagger.json") as answer,
    ):
        found = await answer.json()
    assert found["info"] == {"title": "Mycodo API", "version": "1.0"}
    assert set(found["paths"]) <= set(captured)
    dangerous = ("/dependency", "/export_import")
    assert {path for path in captured if not path.startswith(dangerous)} == set(
        found["paths"]
    )


def test_the_certificate_is_of_version_1() -> None:
    from cryptography import x509

    from simulators.mycodo.certificate import make_v1_certificate

    made = x509.load_pem_x509_certificate(make_v1_certificate().certificate)
    assert made.version is x509.Version.v1
    assert not list(made.extensions)
    made.verify_directly_issued_by(made)
