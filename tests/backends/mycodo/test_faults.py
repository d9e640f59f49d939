"""Faults of the server, the network, the key, and the certificate."""

from collections.abc import Callable

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, issue_registry as ir
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.junction.backends.mycodo.client import poller as poller_module
from custom_components.junction.const import DOMAIN
from simulators import http_faults as faults
from simulators.mycodo.certificate import make_v1_certificate
from simulators.mycodo.plan import MQTT_PASSWORD
from simulators.mycodo.server import MycodoServer, make_key
from simulators.mycodo.state import ADMIN, GUEST, MONITOR, State

from ...common import repair, shown
from .conftest import Poll, certificate, key_of, no_errors

AIR = "sensor.climate_sensor_air"
LAMP = "switch.grow_light"


def lines(caplog: pytest.LogCaptureFixture, words: str) -> int:
    """Return how many log lines have these words."""
    return sum(words in record.getMessage() for record in caplog.records)


def devices(hass: HomeAssistant, entry: MockConfigEntry) -> int:
    """Return how many devices there are."""
    return len(dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id))


FAULTS: list[faults.Fault] = [
    faults.status(
        502, "<html><title>Error 502</title></html>", content_type="text/html"
    ),
    faults.status(500, '{"message": "Internal Server Error"}'),
    faults.status(404),
    faults.status(403),
    faults.rate_limited("7"),
    faults.html_page(),
    faults.truncated(),
    faults.empty_body(),
    faults.reset(),
    faults.reset_mid_body(),
    faults.redirect("/login"),
    faults.status(200, "[]"),
    faults.status(200, '{"output devices": 5}'),
]


@pytest.mark.parametrize("fault", FAULTS)
async def test_lost_once_and_back_once(
    hass: HomeAssistant,
    mycodo: MycodoServer,
    loaded: MockConfigEntry,
    poll: Poll,
    caplog: pytest.LogCaptureFixture,
    fault: faults.Fault,
) -> None:
    before = devices(hass, loaded)
    mycodo.server.inject(fault)
    for _ in range(3):
        await poll(61)
    assert shown(hass, AIR) == "unavailable"
    assert shown(hass, LAMP) == "unavailable"
    assert len(no_errors(caplog)) == 1, no_errors(caplog)
    mycodo.server.heal()
    await poll(61)
    assert shown(hass, AIR) == "22.0"
    assert shown(hass, LAMP) == "off"
    assert len(no_errors(caplog)) == 1
    assert devices(hass, loaded) == before
    assert key_of(mycodo) not in caplog.text


async def test_a_restart_of_the_web_server(
    hass: HomeAssistant,
    mycodo: MycodoServer,
    loaded: MockConfigEntry,
    poll: Poll,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await mycodo.server.refuse()
    await poll()
    await poll()
    assert shown(hass, LAMP) == "unavailable"
    await mycodo.server.listen()
    await poll()
    assert shown(hass, LAMP) == "off"
    assert len(no_errors(caplog)) == 1


async def test_a_restart_of_the_daemon(
    hass: HomeAssistant,
    mycodo: MycodoServer,
    state: State,
    loaded: MockConfigEntry,
    poll: Poll,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Outputs and controllers are unavailable; measurements stay while they are fresh."""
    state.daemon_running = False
    await poll()
    for name in (LAMP, "light.circulation_fan", "switch.climate_sensor_active"):
        assert shown(hass, name) == "unavailable"
    assert shown(hass, "binary_sensor.greenhouse_daemon") == "off"
    assert shown(hass, AIR) == "22.0"
    state.daemon_running = True
    mycodo.engine.restart()
    await poll()
    assert shown(hass, LAMP) == "off"
    assert shown(hass, "binary_sensor.greenhouse_daemon") == "on"
    assert shown(hass, "switch.climate_sensor_active") == "on"
    assert no_errors(caplog) == []


async def test_a_frozen_daemon_is_left_alone(
    hass: HomeAssistant,
    mycodo: MycodoServer,
    state: State,
    loaded: MockConfigEntry,
    poll: Poll,
) -> None:
    """Each question to it costs the server one of two threads for half a minute."""
    state.daemon_frozen, state.rpc_timeout = True, 0.05
    await poll()
    assert shown(hass, LAMP) == "unavailable"
    mycodo.server.log.clear()
    await poll()
    await poll()
    assert mycodo.server.log.count(path="/api/outputs/") == 0
    assert mycodo.server.log.count(path="/api/daemon/") == 0
    state.daemon_frozen = False
    await poll(61)
    assert shown(hass, LAMP) == "off"


@pytest.mark.parametrize("everything", [True, False])
async def test_an_answer_that_does_not_come(
    hass: HomeAssistant,
    mycodo: MycodoServer,
    loaded: MockConfigEntry,
    poll: Poll,
    monkeypatch: pytest.MonkeyPatch,
    everything: bool,
) -> None:
    """A daemon that freezes for longer than we wait, or a server that hangs."""
    transport = loaded.runtime_data.backend.client.transport
    monkeypatch.setattr(transport, "_timeout", 0.2)
    mycodo.server.inject(faults.hang(), "*" if everything else "/api/outputs/")
    await poll()
    assert shown(hass, LAMP) == "unavailable"
    assert shown(hass, AIR) == ("unavailable" if everything else "22.0")


async def test_daemon_down_at_the_start(
    hass: HomeAssistant, state: State, loaded: MockConfigEntry, poll: Poll
) -> None:
    """Objects are not removed while the daemon cannot list them."""
    before = devices(hass, loaded)
    await hass.config_entries.async_unload(loaded.entry_id)
    state.daemon_running = False
    assert await hass.config_entries.async_setup(loaded.entry_id)
    await hass.async_block_till_done()
    assert devices(hass, loaded) == before
    assert shown(hass, LAMP) == "unavailable"
    assert shown(hass, AIR) == "22.0"
    state.daemon_running = True
    await poll(31)
    assert shown(hass, LAMP) == "off"


@pytest.mark.parametrize(
    "break_it",
    [
        lambda server: server.inject(faults.status(502)),
        lambda server: server.inject(faults.reset()),
        lambda server: server.inject(faults.html_page(200, "Router")),
    ],
)
async def test_setup_is_tried_again(
    hass: HomeAssistant,
    mycodo: MycodoServer,
    entry: MockConfigEntry,
    poll: Poll,
    break_it: Callable[[object], object],
) -> None:
    break_it(mycodo.server)
    assert not await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    mycodo.server.heal()
    await poll(30)
    assert entry.state is ConfigEntryState.LOADED


async def test_a_new_key_ended_the_old(
    hass: HomeAssistant,
    mycodo: MycodoServer,
    state: State,
    loaded: MockConfigEntry,
    poll: Poll,
    caplog: pytest.LogCaptureFixture,
) -> None:
    old = key_of(mycodo)
    state.users[0].key = make_key("another")
    await poll()
    assert shown(hass, LAMP) == "unavailable"
    (flow,) = hass.config_entries.flow.async_progress()
    assert (flow["context"]["source"], flow["step_id"]) == ("reauth", "mycodo_key")
    result = await hass.config_entries.flow.async_configure(
        flow["flow_id"], {"api_key": state.users[0].key}
    )
    assert result["reason"] == "reauth_successful"
    await hass.async_block_till_done()
    assert shown(hass, LAMP) == "off"
    assert old not in caplog.text


async def test_the_user_may_no_longer_look(
    hass: HomeAssistant, state: State, loaded: MockConfigEntry, poll: Poll
) -> None:
    """Missing permissions cause a repair issue instead of a reauthentication."""
    state.users[0].role_id = GUEST
    await poll(61)
    assert shown(hass, LAMP) == "unavailable"
    assert loaded.state is ConfigEntryState.LOADED
    assert not hass.config_entries.flow.async_progress()
    issue_id = f"{loaded.entry_id}_mycodo_useless_key"
    assert ir.async_get(hass).async_get_issue(DOMAIN, issue_id) is not None
    state.users[0].role_id = ADMIN
    await poll(61)
    assert shown(hass, LAMP) == "off"
    assert ir.async_get(hass).async_get_issue(DOMAIN, issue_id) is None


async def test_the_user_may_no_longer_steer(
    hass: HomeAssistant,
    state: State,
    loaded: MockConfigEntry,
    poll: Poll,
    caplog: pytest.LogCaptureFixture,
) -> None:
    state.users[0].role_id = MONITOR
    await poll(61)
    await poll()
    assert shown(hass, "binary_sensor.grow_light") == "off"
    assert hass.states.get(LAMP) is None
    assert shown(hass, AIR) == "22.0"
    assert no_errors(caplog) == []


# The certificate.


@pytest.mark.parametrize("at_start", [True, False])
@pytest.mark.parametrize("choice", ["trust", "verify"])
async def test_another_certificate_is_a_repair(
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    mycodo: MycodoServer,
    entry: MockConfigEntry,
    poll: Poll,
    at_start: bool,
    choice: str,
) -> None:
    assert await async_setup_component(hass, "repairs", {})
    if not at_start:
        assert await hass.config_entries.async_setup(entry.entry_id)
    new = make_v1_certificate()
    await mycodo.server.change_certificate(new)
    if at_start:
        assert not await hass.config_entries.async_setup(entry.entry_id)
    else:
        await poll()
    issue_id = f"{entry.entry_id}_certificate_changed"
    issue = ir.async_get(hass).async_get_issue(DOMAIN, issue_id)
    assert issue is not None and issue.translation_placeholders is not None
    shown_pin = issue.translation_placeholders["new"].replace(":", "").lower()
    assert shown_pin == new.sha256
    await repair(hass, hass_client, issue_id, choice)
    if choice == "trust":
        assert entry.data["pin"] == new.sha256
        assert entry.state is ConfigEntryState.LOADED
        assert shown(hass, LAMP) == "off"
    else:
        # It is not signed by a known authority.
        assert entry.data["pin"] is None
        assert entry.state is ConfigEntryState.SETUP_RETRY


async def test_the_repair_ends_when_the_old_certificate_is_back(
    hass: HomeAssistant, mycodo: MycodoServer, entry: MockConfigEntry, poll: Poll
) -> None:
    await mycodo.server.change_certificate(make_v1_certificate())
    assert not await hass.config_entries.async_setup(entry.entry_id)
    assert ir.async_get(hass).issues
    await mycodo.server.change_certificate(certificate())
    await poll(30)
    assert entry.state is ConfigEntryState.LOADED
    assert not [i for d, i in ir.async_get(hass).issues if d == DOMAIN]


# Files that only the owner may read.


async def test_nothing_secret_in_diagnostics_and_logs(
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    mycodo: MycodoServer,
    loaded: MockConfigEntry,
    poll: Poll,
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert await async_setup_component(hass, "diagnostics", {})
    await poll()
    client = await hass_client()
    response = await client.get(f"/api/diagnostics/config_entry/{loaded.entry_id}")
    text = await response.text()
    assert "measurements_current" in text
    secrets = [
        key_of(mycodo),
        MQTT_PASSWORD,
        loaded.data["webhook_id"],
        "mqttuser",
        "example.org",
        "33.749249",
        "echo on",
        "python_code",
        "127.0.0.1",
        "Grow light",
    ]
    for secret in secrets:
        assert secret not in text, secret
    attributes = str([state.as_dict() for state in hass.states.async_all()])
    for secret in secrets[:8]:
        assert secret not in attributes, secret
    for secret in secrets[:2]:
        assert secret not in caplog.text, secret


async def test_memory_stays_flat(
    hass: HomeAssistant, mycodo: MycodoServer, loaded: MockConfigEntry, poll: Poll
) -> None:
    backend = loaded.runtime_data.backend
    for _ in range(3):
        await poll(61)
    sizes = (
        len(backend.inventory.described),
        len(backend._outputs._timers),
        len(backend.poller.state.readings),
    )
    for _ in range(5):
        await poll(61)
    assert sizes == (
        len(backend.inventory.described),
        len(backend._outputs._timers),
        len(backend.poller.state.readings),
    )
    assert poller_module.FROZEN_PAUSE == 60
