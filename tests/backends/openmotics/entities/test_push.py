"""Events of the gateway: at once, in order, and only for changes."""

import asyncio
from collections.abc import Awaitable, Callable
import logging

from homeassistant.core import Event, HomeAssistant, callback
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.junction.backends.openmotics.entities import events
from custom_components.junction.refresh import REFRESH_GATHER
from simulators.http_faults import Handler, status
from simulators.openmotics.server import GatewayServer

from ..conftest import Entities, Later, tick

type Until = Callable[..., Awaitable[None]]


@pytest.fixture
def told(hass: HomeAssistant, entities: Entities) -> list[str]:
    """Return a list that collects the event types of the hall button."""
    said: list[str] = []
    wanted = entities.id("input_0_press")

    @callback
    def listen(event: Event) -> None:
        state = event.data["new_state"]
        if event.data["entity_id"] == wanted and state.state != "unavailable":
            said.append(state.attributes["event_type"])

    hass.bus.async_listen("state_changed", listen)
    return said


async def test_a_press(
    gateway: GatewayServer, entities: Entities, told: list[str], until: Until
) -> None:
    gateway.engine.press(0)
    await until(lambda: told == ["press_start"])
    assert entities.state("input_0_pressed") == "on"
    # The button toggles the light in the installation itself.
    await until(lambda: entities.state("output_0") == "on")
    gateway.engine.press(0, pressed=False)
    await until(lambda: told == ["press_start", "press_end"])
    assert entities.state("input_0_pressed") == "off"


async def test_a_long_press(
    gateway: GatewayServer,
    told: list[str],
    until: Until,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(events, "LONG_PRESS", 0.05)
    gateway.engine.press(0)
    await until(lambda: told == ["press_start", "long_press_start"])
    gateway.engine.press(0, pressed=False)
    await until(lambda: told[-1] == "long_press_end")


async def test_a_burst_is_no_press(
    hass: HomeAssistant,
    gateway: GatewayServer,
    told: list[str],
    om: MockConfigEntry,
    until: Until,
) -> None:
    frames = om.runtime_data.backend._gateway.frames
    gateway.engine.burst()
    count = len(gateway.state.output_values) + len(gateway.state.input_values)
    await until(lambda: om.runtime_data.backend._gateway.frames >= frames + count)
    assert told == []


async def test_nonsense_is_left_alone(
    gateway: GatewayServer, entities: Entities, until: Until
) -> None:
    for frame in (
        b"\x93\x01\x02",
        b"[1]",
        b'{"type":"OUTPUT_CHANGE","data":null}',
        b"{",
    ):
        await asyncio.gather(*gateway.send_raw(frame))
    gateway.emit("OUTPUT_CHANGE", {"id": 0, "status": {"on": "maybe"}})
    gateway.emit("SENSOR_CHANGE", {"id": 1, "value": "warm"})
    gateway.engine.put_output(8, True, 50)
    await until(lambda: entities.state("output_8") == "on")
    assert entities.state("output_0") == "unknown"
    assert entities.state("sensor_1") == "unknown"


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return Junction's log messages for the user."""
    return [
        record.message
        for record in caplog.records
        if record.name == "custom_components.junction"
        and record.levelno >= logging.INFO
    ]


async def test_the_socket_breaks(
    gateway: GatewayServer,
    om: MockConfigEntry,
    entities: Entities,
    told: list[str],
    until: Until,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Polling takes over within one interval, the socket comes back, nothing flaps."""
    caplog.clear()
    fault = gateway.server.inject(status(503), "/ws_events")
    await gateway.close_sockets()
    await until(lambda: entities.state("connected") == "off")
    gateway.engine.put_output(0, True)
    later = Later(om)
    later.seconds = 10
    await tick(om)
    assert entities.state("output_0") == "on"
    # A press that was missed is not made up for.
    gateway.engine.press(0)
    gateway.server.heal(fault)
    await until(lambda: bool(gateway.sockets), 10)
    later.seconds = 20
    await tick(om)
    await until(lambda: entities.state("connected") == "on")
    assert entities.state("input_0_pressed") == "on"
    assert told == []
    gateway.engine.press(0, pressed=False)
    await until(lambda: told == ["press_end"])
    assert lines(caplog) == []


async def test_the_socket_breaks_while_the_gateway_is_lost(
    gateway: GatewayServer,
    om: MockConfigEntry,
    entities: Entities,
    until: Until,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Without events, a broken socket does not count as a sign of life."""
    backend = om.runtime_data.backend
    gateway.server.inject(status(401))
    backend._poller.mark()
    await tick(om)
    assert entities.state("output_0") == "unavailable"
    caplog.clear()
    asked = gateway.server.log.count("POST", "/get_*")
    await gateway.close_sockets()
    await until(lambda: not backend._stream.live_now)
    await asyncio.sleep(2 * REFRESH_GATHER)
    assert not om.runtime_data.last_update_success
    assert entities.state("output_0") == "unavailable"
    assert lines(caplog) == []
    # Nor is it a reason to ask.
    assert gateway.server.log.count("POST", "/get_*") == asked


async def test_a_restart(
    gateway: GatewayServer,
    om: MockConfigEntry,
    entities: Entities,
    until: Until,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Tokens are invalid, positions unknown; Junction logs in again once, automatically."""
    gateway.state.runs[8].position = 99
    gateway.state.runs[8].state = "down"
    gateway.engine.tell_shutter(8)
    await until(lambda: entities.state("shutter_8") == "closed")
    logins = gateway.logins
    caplog.clear()
    await gateway.server.refuse()
    await until(lambda: entities.state("output_0") == "unavailable", 10)
    gateway.tokens.clear()
    gateway.engine.forget()
    await gateway.server.listen()
    await until(lambda: bool(gateway.sockets), 15)
    await until(lambda: entities.state("output_0") == "off", 10)
    assert entities.state("shutter_8") == "unknown"
    assert gateway.logins == logins + 1
    said = lines(caplog)
    assert len(said) == 2
    assert "is back" in said[1] or "recovered" in said[1]


async def test_shutter_zero_is_asked_for(
    hass: HomeAssistant, gateway: GatewayServer, om: MockConfigEntry
) -> None:
    """Of shutter 0 the gateway never tells."""
    gateway.state.shutters[0]["name"] = "Front"
    backend = om.runtime_data.backend
    backend._configuration.mark()
    later = Later(om)
    await tick(om)
    gateway.server.log.clear()
    for second in (5, 10, 15, 20):
        later.seconds = second
        await tick(om)
    assert gateway.server.log.count("POST", "/get_shutter_status") == 1


async def test_an_answer_older_than_an_event(
    gateway: GatewayServer, om: MockConfigEntry, entities: Entities, until: Until
) -> None:
    """An event during a poll is newer than the response of that poll."""
    from aiohttp import web

    async def late(request: web.Request, handler: Handler) -> web.StreamResponse:
        answer = await handler(request)
        gateway.engine.put_output(0, True)
        await until(lambda: entities.state("output_0") == "on")
        return answer

    gateway.server.inject(late, "/get_output_status", times=1)
    om.runtime_data.backend._poller.mark()
    await tick(om)
    assert entities.state("output_0") == "on"
