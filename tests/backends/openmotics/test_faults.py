"""Faults of a gateway with an open websocket."""

import logging

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.junction.backends.openmotics import adapter
from custom_components.junction.backends.openmotics.client import local
from simulators.certificates import make_certificate
from simulators.http_faults import (
    Fault,
    delayed,
    empty_body,
    hang,
    html_page,
    rate_limited,
    reset_mid_body,
    slow_drip,
    status,
    truncated,
    wrong_content_type,
)
from simulators.openmotics.server import GatewayServer

from .conftest import Entities, set_up, tick
from .entities.test_push import Until, lines

FAULTS = {
    "reset": reset_mid_body(),
    "truncated": truncated(),
    "html": html_page(),
    "empty": empty_body(),
    "label": wrong_content_type(),
    "500": status(500),
    "403": status(403, "{}"),
    "404": status(404, "{}"),
    "429": rate_limited("7"),
    "maintenance": status(
        503,
        '{"success":false,"msg":"maintenance_mode"}',
        content_type="application/json",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
async def test_a_fault_while_the_socket_lives(
    name: str,
    gateway: GatewayServer,
    om: MockConfigEntry,
    entities: Entities,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A safety poll that fails once changes nothing; healed, everything is as before."""
    caplog.clear()
    gateway.server.inject(FAULTS[name], "/get_output_status")
    before = set(entities.all())
    om.runtime_data.backend._poller.mark()
    await tick(om)
    assert entities.state("output_0") == "off"
    assert lines(caplog) == []
    gateway.server.heal()
    om.runtime_data.backend._poller.mark()
    await tick(om)
    assert entities.state("output_0") == "off"
    assert set(entities.all()) == before
    # asyncio itself complains of a slow machine.
    assert not [
        record
        for record in caplog.records
        if record.levelno >= logging.WARNING and record.name != "asyncio"
    ]


@pytest.mark.parametrize("fault", [hang(), slow_drip(0.2)], ids=["hang", "drip"])
async def test_an_answer_that_does_not_come(
    fault: Fault,
    gateway: GatewayServer,
    om: MockConfigEntry,
    entities: Entities,
) -> None:
    transport = om.runtime_data.backend._gateway.transport
    usual, transport._timeout = transport._timeout, 1.0
    gateway.server.inject(fault, "/get_output_status")
    om.runtime_data.backend._poller.mark()
    await tick(om)
    assert entities.state("output_0") == "off"
    om.runtime_data.backend._poller.mark()
    await tick(om)
    assert entities.state("output_0") == "unavailable"
    assert entities.state("sensor_1") == "20.5"
    gateway.server.heal()
    transport._timeout = usual
    om.runtime_data.backend._poller.mark()
    await tick(om)
    assert entities.state("output_0") == "off"


async def test_a_token_refused_once(
    gateway: GatewayServer, om: MockConfigEntry, entities: Entities
) -> None:
    gateway.tokens.clear()
    await entities.act("light.turn_on", "output_0")
    assert entities.state("output_0") == "on"
    assert gateway.logins == 2


async def test_refused_for_good(
    hass: HomeAssistant, gateway: GatewayServer, om: MockConfigEntry
) -> None:
    gateway.tokens.clear()
    gateway.state.accounts.clear()
    om.runtime_data.backend._poller.mark()
    await tick(om)
    [flow] = hass.config_entries.flow.async_progress()
    assert flow["context"]["source"] == "reauth"


async def test_another_certificate(
    hass: HomeAssistant,
    gateway: GatewayServer,
    om: MockConfigEntry,
    entities: Entities,
    until: Until,
) -> None:
    """Nothing is sent to it; a repair issue asks the user, and fixes it."""
    from homeassistant.helpers import issue_registry as ir

    from custom_components.junction.backends.trust import resolve_certificate

    other = make_certificate("another")
    await gateway.server.change_certificate(other)
    await until(lambda: entities.state("output_0") == "unavailable", 10)
    issues = ir.async_get(hass).issues
    [issue] = [one for key, one in issues.items() if "certificate_changed" in key[1]]
    assert issue.data is not None
    await resolve_certificate(hass, om, {"sha256": str(issue.data["sha256"])}, "trust")
    await until(lambda: entities.state("output_0") == "off", 10)
    assert om.data["pin"] == other.sha256
    assert not [key for key in issues if "certificate_changed" in key[1]]


async def test_a_socket_that_is_only_half_there(
    hass: HomeAssistant,
    gateway: GatewayServer,
    om: MockConfigEntry,
    entities: Entities,
    until: Until,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nothing comes and no ping is answered: that counts as broken."""
    monkeypatch.setattr(local, "HEARTBEAT", 1.0)
    await gateway.close_sockets()
    await until(lambda: bool(gateway.sockets), 10)
    await until(lambda: entities.state("connected") == "on", 10)
    gateway.frozen = True
    await until(lambda: entities.state("connected") == "off", 10)
    assert entities.state("output_0") == "off"


async def test_a_clock_that_jumps(
    gateway: GatewayServer, om: MockConfigEntry, entities: Entities
) -> None:
    """Tokens expire by the clock of the gateway, even a wrong one."""
    gateway.state.now.ahead = 40 * 86_400  # type: ignore[attr-defined]
    await entities.act("light.turn_on", "output_0")
    assert entities.state("output_0") == "on"
    assert gateway.logins == 2


async def test_a_listing_that_fails_while_the_socket_lives(
    gateway: GatewayServer,
    om: MockConfigEntry,
    entities: Entities,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Known devices stay, with and without a socket; states show what is lost."""
    caplog.clear()
    fault = gateway.server.inject(status(500), "/get_room_configurations")
    backend = om.runtime_data.backend
    backend._configuration.mark()
    await tick(om)
    assert entities.state("output_0") == "off"
    assert lines(caplog) == []
    backend._installation.live = False
    backend._configuration.mark()
    await tick(om)
    assert fault.hits == 2
    assert entities.state("output_0") == "off"


async def test_accounts_are_refused_while_listing(
    hass: HomeAssistant, gateway: GatewayServer, om: MockConfigEntry
) -> None:
    gateway.tokens.clear()
    gateway.state.accounts.clear()
    om.runtime_data.backend._configuration.mark()
    await tick(om)
    [flow] = hass.config_entries.flow.async_progress()
    assert flow["context"]["source"] == "reauth"


async def test_a_socket_that_opens_slowly(
    hass: HomeAssistant,
    gateway: GatewayServer,
    om_entry: MockConfigEntry,
    until: Until,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Setting up does not wait for it; events are there once it is."""
    monkeypatch.setattr(adapter, "FIRST_WORD", 0.05)
    gateway.server.inject(delayed(2.5), "/ws_events", times=1)
    await set_up(hass, om_entry)
    entities = Entities(hass, om_entry)
    assert entities.state("connected") == "off"
    assert entities.state("output_0") == "off"
    await until(lambda: entities.state("connected") == "on", 10)


async def test_the_scene_of_a_gateway_without_a_socket(
    gateway: GatewayServer, om: MockConfigEntry, entities: Entities, until: Until
) -> None:
    """There are no events about the effect of a scene, so everything is polled."""
    gateway.server.inject(status(503), "/ws_events")
    gateway.state.output_values[0].on = True
    await gateway.close_sockets()
    await until(lambda: entities.state("connected") == "off")
    await until(lambda: entities.state("output_0") == "on")
    await entities.act("scene.turn_on", "group_action_0")
    await until(lambda: entities.state("output_0") == "off")
