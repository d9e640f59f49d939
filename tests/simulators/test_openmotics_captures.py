"""The simulated gateway answers as the real software did, capture by capture."""

import asyncio
import base64
from collections.abc import AsyncGenerator
from dataclasses import dataclass
import json
from pathlib import Path
import time
from typing import Any

import aiohttp
import pytest

from simulators.certificates import make_certificate
from simulators.openmotics.plan import house
from simulators.openmotics.server import GatewayServer

FIXTURES = Path(__file__).parent.parent / "fixtures" / "openmotics"
SESSIONS = ("ws_events_session", "ws_events_inputs_sensors")
# The same response with another way to send the token.
LEFT_OUT = {"get_output_status_get_token_query"}
# Captured when not every kind of it was there.
SPARSE = {"get_ventilation_status"}


def captures() -> list[str]:
    names = (
        path.stem for path in FIXTURES.glob("*.json") if "library" not in path.stem
    )
    return sorted(set(names) - LEFT_OUT - set(SESSIONS))


def read(name: str) -> Any:
    return json.loads((FIXTURES / f"{name}.json").read_text())


def shape(value: object) -> object:
    """Return the structure of a body: names and types; equal rows once."""
    match value:
        case dict():
            if value and all(str(key).isdecimal() for key in value):
                return {"<number>": shape(next(iter(value.values())))}
            return {
                key: shape(found)
                for key, found in sorted(value.items())
                if not str(key).isdecimal()
            } | (
                {"<number>": shape(numbered[0])}
                if (numbered := [v for k, v in value.items() if str(k).isdecimal()])
                else {}
            )
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


def same(one: object, other: object) -> bool:
    """Compare the structure; null stands for any value, because it is a setting."""
    match one, other:
        case dict(), dict():
            return one.keys() == other.keys() and all(
                same(value, other[key]) for key, value in one.items()
            )
        case list(), list():
            return not one or not other or same(one[0], other[0])
        case (None, _) | (_, None):
            return True
        case _:
            return one == other


@dataclass
class Replay:
    """One simulated gateway, with the requests that were sent to the real one."""

    gateway: GatewayServer
    session: aiohttp.ClientSession
    token: str = ""

    async def post(
        self, action: str, form: dict[str, Any] | None = None, **options: Any
    ) -> tuple[int, dict[str, str], bytes]:
        data = {key: str(value) for key, value in (form or {}).items()}
        async with self.session.post(
            f"{self.gateway.url}/{action}",
            data=data,
            ssl=False,
            headers={"Authorization": f"Bearer {self.token}"} if self.token else {},
            **options,
        ) as answer:
            return answer.status, dict(answer.headers), await answer.read()

    async def log_in(self, name: str = "admin") -> None:
        account = next(a for a in self.gateway.state.accounts if a.name == name)
        _, _, body = await self.post(
            "login", {"username": name, "password": account.password}
        )
        self.token = json.loads(body).get("token", "")


@pytest.fixture
async def replay(socket_enabled: None) -> AsyncGenerator[Replay]:
    state = house(time.time)
    async with (
        GatewayServer(state, make_certificate()) as gateway,
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
    ):
        yield Replay(gateway, session)


@pytest.mark.parametrize("name", captures())
async def test_answer(replay: Replay, name: str) -> None:
    capture = read(name)
    request, response = capture["request"], capture["response"]
    action = request["path"].strip("/")
    form = dict(request.get("form") or {})
    match name:
        case "error_non_super_user":
            await replay.log_in("guest")
        case "login_terms_not_accepted":
            form["username"] = "newcomer"
        case _ if action != "login" and name != "error_no_token":
            await replay.log_in()
    if name == "error_invalid_token":
        replay.token = "0" * 32
    if form.get("password") == "<password>":
        form["password"] = next(
            account.password
            for account in replay.gateway.state.accounts
            if account.name == form["username"]
        )
    if name == "error_json_body_ignored_404":
        form = {}
    replay.gateway.state.shutters[8]["timer_up"] = 0.2
    replay.gateway.state.shutters[9]["timer_up"] = 0.2
    status, headers, body = await replay.post(action, form)
    assert status == response["status"]
    if not isinstance(response["body"], dict):
        assert headers["Content-Type"].startswith("text/html")
        assert len(body) > 1500
        return
    answered = json.loads(body)
    if name in SPARSE:
        assert answered["status"]
    elif answered["success"]:
        assert same(shape(response["body"]), shape(answered)), shape(answered)
    else:
        assert answered == response["body"]
    for header in ("Content-Type", "Server", "Warning"):
        expected = response.get("headers", {}).get(header)
        if expected:
            assert headers[header] == expected
    if status in {404, 406}:
        assert len(body) == 513


def _normal(data: dict[str, Any]) -> dict[str, Any]:
    """Remove the parts that differ between runs."""
    status = data.get("status")
    if isinstance(status, dict):
        status.pop("last_change", None)
    return data


async def listen(replay: Replay) -> aiohttp.ClientWebSocketResponse:
    socket = await replay.session.ws_connect(
        f"{replay.gateway.url}/ws_events?serialization=json",
        headers={"Authorization": f"Bearer {replay.token}"},
        ssl=False,
    )
    types = [
        f"{kind}_CHANGE"
        for kind in (
            *("OUTPUT", "INPUT", "SENSOR", "SHUTTER"),
            *("THERMOSTAT", "THERMOSTAT_GROUP", "VENTILATION"),
        )
    ]
    await socket.send_json(
        {"type": "ACTION", "data": {"action": "set_subscription", "types": types}}
    )
    await socket.send_json({"type": "PING", "data": None})
    pong = await socket.receive(timeout=2)
    assert pong.type is aiohttp.WSMsgType.BINARY
    assert json.loads(pong.data)["type"] == "PONG"
    return socket


async def drain(socket: aiohttp.ClientWebSocketResponse) -> list[Any]:
    found: list[Any] = []
    while True:
        try:
            message = await socket.receive(timeout=0.1)
        except TimeoutError:
            return found
        found.append(json.loads(message.data))


# Commands of the captured session whose answer depends on hardware of that day.
SKIPPED = {"shutter_report_position", "set_virtual_sensor", "set_output_configuration"}


async def test_events_of_commands(replay: Replay) -> None:
    """Each command of the captured session causes the events that it caused there."""
    await replay.log_in()
    state = replay.gateway.state
    for number, (up, down) in {8: (2.0, 0.05), 9: (0.08, 0.08)}.items():
        state.shutters[number] |= {"timer_up": up, "timer_down": down}
    socket = await listen(replay)
    log = read("ws_events_session")
    calls = [entry for entry in log if "call" in entry]
    compared = 0
    for position, call in enumerate(calls):
        if call["call"] in SKIPPED:
            continue
        until = calls[position + 1]["t"] if position + 1 < len(calls) else 1e9
        expected = [
            entry["event"]["type"]
            for entry in log
            if "event" in entry and call["t"] - 0.05 <= entry["t"] < until - 0.05
        ]
        if call["call"] == "logout":
            continue
        status, _, body = await replay.post(call["call"], call["form"])
        assert status == call["status"]
        assert json.loads(body)["success"] == call["body"]["success"]
        found = [event["type"] for event in await drain(socket)]
        if call["call"] in {"set_output", "set_ventilation_level", "do_shutter_stop"}:
            assert sorted(found) == sorted(
                kind for kind in expected if kind != "THERMOSTAT_CHANGE"
            ), call
            compared += 1
    assert compared > 6
    await socket.close()


async def test_events_of_buttons_and_sensors(replay: Replay) -> None:
    await replay.log_in()
    state, engine = replay.gateway.state, replay.gateway.engine
    state.inputs[9] |= {"room": 255}
    state.sensor_values.update({1: 20.0, 3: 40.0, 2: 21.0})
    socket = await listen(replay)
    log = read("ws_events_inputs_sensors")
    for position, entry in enumerate(log):
        match entry.get("physical", "").split():
            case ["press" | "release" as what, number]:
                engine.press(int(number), pressed=what == "press")
            case ["temp", number, value]:
                engine.measure({"0": 1, "1": 2}[number], float(value))
            case ["hum", _, value]:
                engine.measure(3, float(value))
            case _:
                continue
        expected = []
        for later in log[position + 1 :]:
            if "event" not in later:
                break
            expected.append(_normal(later["event"]["data"]))
        found = [_normal(event["data"]) for event in await drain(socket)]
        assert found == [
            data for data in expected if data.get("id") != 2 or "value" in data
        ]
    await socket.close()


async def test_handshakes(replay: Replay) -> None:
    """Three ways to show the token; none, a wrong one, an unknown encoding."""
    await replay.log_in()
    url = f"{replay.gateway.url}/ws_events"
    coded = base64.urlsafe_b64encode(replay.token.encode()).decode().rstrip("=")
    protocol = f"authorization.bearer.{coded}"
    for options in (
        {"headers": {"Authorization": f"Bearer {replay.token}"}},
        {"params": {"token": replay.token}},
        {"protocols": (protocol,)},
    ):
        async with replay.session.ws_connect(url, ssl=False, **options) as socket:
            assert socket.protocol in {None, protocol}
    for path, status in (("?token=wrong", 401), ("", 401)):
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            await replay.session.ws_connect(url + path, ssl=False)
        assert caught.value.status == status
    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        await replay.session.ws_connect(
            f"{url}?serialization=xml&token={replay.token}", ssl=False
        )
    assert caught.value.status == 500


async def test_messagepack_is_not_understood(replay: Replay) -> None:
    await replay.log_in()
    socket = await replay.session.ws_connect(
        f"{replay.gateway.url}/ws_events?token={replay.token}", ssl=False
    )
    await socket.send_json({"type": "PING", "data": None})
    with pytest.raises(TimeoutError):
        await socket.receive(timeout=0.2)
    await socket.close()


async def test_a_restart_voids_tokens_and_positions(replay: Replay) -> None:
    await replay.log_in()
    replay.gateway.state.runs[8].position = 99
    await replay.gateway.restart()
    status, _, _ = await replay.post("get_version")
    assert status == 401
    assert replay.gateway.state.runs[8].position is None


async def test_a_blocking_goto(replay: Replay) -> None:
    """From an unknown position a timed shutter is driven up before the answer."""
    await replay.log_in()
    replay.gateway.state.shutters[9]["timer_up"] = 0.3
    begun = asyncio.get_running_loop().time()
    _, _, body = await replay.post("do_shutter_goto", {"id": 9, "position": 50})
    assert asyncio.get_running_loop().time() - begun >= 0.3
    assert json.loads(body)["msg"] == "Shutter timers are not supported"
    assert replay.gateway.state.runs[9].position == 0
