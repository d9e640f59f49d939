"""Pushes by webhook are shown at once, and verified."""

import logging
from typing import Any

from aiohttp.test_utils import TestClient
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.junction.backends.mycodo.client.push import (
    OutputChange,
    action_text,
    parse,
)
from custom_components.junction.backends.mycodo.entities import (
    webhook as webhook_module,
)
from custom_components.junction.model import Delta
from simulators import http_faults as faults
from simulators.mycodo.plan import FAN, RELAYS
from simulators.mycodo.server import MycodoServer
from simulators.mycodo.state import uid

from ...common import shown, state_of
from .conftest import WEBHOOK, Poll, until

MESSAGE = "2026-11-20 08:31:29\n[Trigger 00000035 (Fan {0})] Output {1} CH{2} {0}"


@pytest.fixture
async def home(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    mycodo: MycodoServer,
    hass_client_no_auth: ClientSessionGenerator,
) -> TestClient[Any, Any]:
    """Return a client of Home Assistant's web server, which Mycodo calls from now on."""
    client = await hass_client_no_auth()
    url = str(client.make_url(f"/api/webhook/{WEBHOOK}"))
    for channel in range(4):
        mycodo.state.webhooks[uid(RELAYS), channel] = url
    mycodo.state.webhooks[uid(FAN), 0] = url
    mycodo.server.log.clear()
    return client


async def test_a_switch_in_mycodo_is_seen_at_once(
    hass: HomeAssistant, mycodo: MycodoServer, home: TestClient[Any, Any]
) -> None:
    """By the push itself, and by one look at the outputs; no poll comes in between."""
    mycodo.engine.command(uid(RELAYS), 1, "on", "sec", 1)
    await mycodo.announce()
    await until(lambda: shown(hass, "switch.relay_board_fan") == "on")
    await hass.async_block_till_done(wait_background_tasks=True)
    assert mycodo.server.log.routes() == {"GET /api/outputs/": 1}
    # The end of the timer is announced, too.
    await until(lambda: shown(hass, "switch.relay_board_fan") == "off")


async def test_a_dimmer_in_mycodo_is_seen_at_once(
    hass: HomeAssistant, mycodo: MycodoServer, home: TestClient[Any, Any]
) -> None:
    mycodo.engine.command(uid(FAN), 0, "on", "pwm", 40)
    await mycodo.announce()
    await until(lambda: shown(hass, "light.circulation_fan") == "on")
    assert state_of(hass, "light.circulation_fan").attributes["brightness"] == 102


async def test_a_command_that_waits_for_its_own_push(
    hass: HomeAssistant, mycodo: MycodoServer, home: TestClient[Any, Any]
) -> None:
    """Mycodo answers a command only when we have answered its webhook."""
    await hass.services.async_call(
        "switch", "turn_on", {"entity_id": "switch.relay_board_fan"}, blocking=True
    )
    assert shown(hass, "switch.relay_board_fan") == "on"
    assert mycodo.announced


async def test_what_is_pushed_is_looked_after(
    hass: HomeAssistant, mycodo: MycodoServer, home: TestClient[Any, Any]
) -> None:
    """The webhook has no authentication, so each push is checked with Mycodo."""
    text = MESSAGE.format("on_duration_none_any", uid(RELAYS), 1)
    response = await home.post(f"/api/webhook/{WEBHOOK}", data=text)
    assert response.status == 200
    await hass.async_block_till_done(wait_background_tasks=True)
    assert shown(hass, "switch.relay_board_fan") == "off"


@pytest.mark.parametrize(
    "text", ["", "nonsense", "\0\xff", "Output x CH9 on", "x" * 9999]
)
async def test_any_text_is_an_occasion_to_look(
    hass: HomeAssistant, mycodo: MycodoServer, home: TestClient[Any, Any], text: str
) -> None:
    mycodo.engine.command(uid(RELAYS), 1, "on", "sec", 0)
    mycodo.engine.changes.clear()
    response = await home.post(f"/api/webhook/{WEBHOOK}?", data=text)
    assert response.status == 200
    await until(lambda: shown(hass, "switch.relay_board_fan") == "on")


@pytest.mark.parametrize("charset", ["nonsense", "utf-16", "ascii", "idna"])
async def test_a_charset_that_does_not_fit(
    hass: HomeAssistant, mycodo: MycodoServer, home: TestClient[Any, Any], charset: str
) -> None:
    text = MESSAGE.format("on_duration_none_any", uid(RELAYS), 1).encode()
    headers = {"Content-Type": f"text/plain; charset={charset}"}
    mycodo.engine.command(uid(RELAYS), 1, "on", "sec", 0)
    mycodo.engine.changes.clear()
    response = await home.post(
        f"/api/webhook/{WEBHOOK}", data=text + b"\xff\xfe", headers=headers
    )
    assert response.status == 200
    await until(lambda: shown(hass, "switch.relay_board_fan") == "on")


async def test_a_body_that_is_too_long(
    hass: HomeAssistant,
    mycodo: MycodoServer,
    home: TestClient[Any, Any],
    loaded: MockConfigEntry,
) -> None:
    text = MESSAGE.format("on_duration_none_any", uid(RELAYS), 1)
    for padding, status in ((60_000, 200), (70_000, 413)):
        response = await home.post(f"/api/webhook/{WEBHOOK}", data=text + " " * padding)
        assert response.status == status
    assert loaded.runtime_data.backend.diagnostics()["pushes"] == 1


async def test_one_push_for_what_one_request_tells(
    hass: HomeAssistant,
    home: TestClient[Any, Any],
    loaded: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pushed: list[int] = []
    sink = loaded.runtime_data.backend._sink
    push = sink.push

    def noted(delta: Delta) -> None:
        pushed.append(len(delta.states))
        push(delta)

    monkeypatch.setattr(sink, "push", noted)
    text = "\n".join(
        MESSAGE.format("on_duration_none_any", uid(RELAYS), channel % 4)
        for channel in range(400)
    )
    response = await home.post(f"/api/webhook/{WEBHOOK}", data=text)
    assert response.status == 200
    # One for the request, one for the look after it.
    await until(lambda: len(pushed) == 2)
    assert pushed[0] == 4


async def test_the_id_of_the_webhook_is_in_no_log(
    home: TestClient[Any, Any],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Home Assistant would write it down if the handler failed."""

    def broken(text: str) -> None:
        raise RuntimeError(text)

    monkeypatch.setattr(webhook_module, "parse", broken)
    response = await home.post(f"/api/webhook/{WEBHOOK}", data="x")
    assert response.status == 400
    told = [r for r in caplog.records if WEBHOOK in r.getMessage()]
    # What Home Assistant tells of each request when it is being debugged is not ours.
    assert not [r for r in told if r.name.startswith("custom_components")]
    assert not [r for r in told if r.levelno >= logging.WARNING]


async def test_many_pushes_share_their_looks(
    hass: HomeAssistant, mycodo: MycodoServer, home: TestClient[Any, Any]
) -> None:
    mycodo.server.inject(faults.delayed(0.1), "/api/outputs/")
    for channel in range(4):
        mycodo.engine.command(uid(RELAYS), channel, "on", "sec", 0)
    await mycodo.announce()
    await hass.async_block_till_done(wait_background_tasks=True)
    assert mycodo.server.log.count("GET", "/api/outputs/") == 2


async def test_a_push_while_nothing_answers(
    hass: HomeAssistant,
    mycodo: MycodoServer,
    home: TestClient[Any, Any],
    poll: Poll,
    caplog: pytest.LogCaptureFixture,
) -> None:
    mycodo.server.inject(faults.status(502), "/api/*")
    response = await home.post(f"/api/webhook/{WEBHOOK}", data="x")
    assert response.status == 200
    await hass.async_block_till_done(wait_background_tasks=True)
    assert "Traceback" not in caplog.text
    await poll()
    assert shown(hass, "switch.relay_board_fan") == "unavailable"


async def test_the_webhook_ends_with_the_entry(
    hass: HomeAssistant,
    mycodo: MycodoServer,
    loaded: MockConfigEntry,
    home: TestClient[Any, Any],
) -> None:
    await hass.config_entries.async_unload(loaded.entry_id)
    mycodo.server.log.clear()
    await home.post(f"/api/webhook/{WEBHOOK}", data="x")
    await hass.async_block_till_done(wait_background_tasks=True)
    assert mycodo.server.log.count() == 0


async def test_without_push_the_next_poll_sees_it(
    hass: HomeAssistant, mycodo: MycodoServer, loaded: MockConfigEntry, poll: Poll
) -> None:
    mycodo.engine.command(uid(RELAYS), 1, "on", "sec", 0)
    await poll()
    assert shown(hass, "switch.relay_board_fan") == "on"


@pytest.mark.parametrize(
    ("text", "happened"),
    [
        (
            MESSAGE.format("on_duration_none_any", "ab-1", 1),
            [OutputChange("ab-1", 1, True)],
        ),
        (MESSAGE.format("off", "ab-1", 0), [OutputChange("ab-1", 0, False)]),
        ("Output x CH2 on", [OutputChange("x", 2, True)]),
        ("Output x CH2 Duty Cycle 42.5 above -1.0", [OutputChange("x", 2, 42.5)]),
        ("Output x CH2 Duty Cycle 0.0 below 5", [OutputChange("x", 2, False)]),
        ("Output x CH2 Duty Cycle 1.2.3 below 5", []),
        ("Output x CH2 offline", []),
        ("Output x is well", []),
        (
            "Output x CH1 on\nOutput y CH0 off",
            [OutputChange("x", 1, True), OutputChange("y", 0, False)],
        ),
    ],
)
def test_what_a_text_tells(text: str, happened: list[OutputChange]) -> None:
    assert parse(text) == happened


def test_the_text_for_mycodo() -> None:
    assert action_text("http://ha:8123/api/webhook/x") == (
        "POST http://ha:8123/api/webhook/x\nContent-Type: text/plain\n\n{{{message}}}"
    )
