"""What Mycodo pushes by webhook arrives at once, and is not believed blindly."""

from typing import Any

from aiohttp.test_utils import TestClient
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.junction.backends.mycodo.client.push import (
    Happened,
    action_text,
    parse,
)
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
    """Anybody may know the webhook: what counts in the end is what Mycodo says."""
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
            [Happened("ab-1", 1, True)],
        ),
        (MESSAGE.format("off", "ab-1", 0), [Happened("ab-1", 0, False)]),
        ("Output x CH2 on", [Happened("x", 2, True)]),
        ("Output x CH2 Duty Cycle 42.5 above -1.0", [Happened("x", 2, 42.5)]),
        ("Output x CH2 Duty Cycle 0.0 below 5", [Happened("x", 2, False)]),
        ("Output x CH2 Duty Cycle 1.2.3 below 5", []),
        ("Output x CH2 offline", []),
        ("Output x is well", []),
        (
            "Output x CH1 on\nOutput y CH0 off",
            [Happened("x", 1, True), Happened("y", 0, False)],
        ),
    ],
)
def test_what_a_text_tells(text: str, happened: list[Happened]) -> None:
    assert parse(text) == happened


def test_the_text_for_mycodo() -> None:
    assert action_text("http://ha:8123/api/webhook/x") == (
        "POST http://ha:8123/api/webhook/x\nContent-Type: text/plain\n\n{{{message}}}"
    )
