"""Operation of an entry: lost connections, expired tokens, cloud outages, and log messages."""

import json
import logging
from typing import Any

from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.junction.backends.cozify.client import poller
from custom_components.junction.const import DOMAIN
from custom_components.junction.diagnostics import async_get_config_entry_diagnostics
from simulators import http_faults as faults
from simulators.cozify import seed
from simulators.cozify.server import CozifyWorld

from ...common import act, shown
from .conftest import data_of, entity_id, until


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the pauses between retries."""
    monkeypatch.setattr(poller, "BACKOFF", (0.1, 0.1, 0.2))
    monkeypatch.setattr(poller, "REFUSED_PAUSE", 0.2)


@pytest.fixture
def lamp(hass: HomeAssistant, loaded: MockConfigEntry) -> str:
    """Return the entity of a light that is on."""
    return entity_id(hass, loaded, seed.LAMP_RGBW, "light")


def reauths(hass: HomeAssistant) -> list[Any]:
    """Return the reauthentication flows."""
    return [
        flow
        for flow in hass.config_entries.flow.async_progress()
        if flow["context"]["source"] == SOURCE_REAUTH
    ]


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the log messages about the hub."""
    return [
        record.getMessage()
        for record in caplog.records
        if record.name.startswith("custom_components.junction")
        and record.levelno >= logging.INFO
    ]


@pytest.mark.parametrize("options", [{"remote": "off"}])
async def test_lost_and_back(
    hass: HomeAssistant,
    world: CozifyWorld,
    lamp: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await world.hub.server.refuse()
    await until(lambda: shown(hass, lamp) == "unavailable")
    world.hub.state.set(seed.LAMP_RGBW, brightness=0.2)
    world.hub.state.restart()
    await world.hub.server.listen()
    await until(lambda: shown(hass, lamp) == "on")
    lost, back = told(caplog)
    assert "lost" in lost
    assert "back" in back
    assert hass.states.get(lamp).attributes["brightness"] == 51  # type: ignore[union-attr]


@pytest.mark.parametrize("options", [{"remote": "off"}])
async def test_restart_of_the_hub_is_not_seen(
    hass: HomeAssistant,
    world: CozifyWorld,
    lamp: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A restart of the hub is not visible, because the next attempt succeeds."""
    world.hub.server.drop_connections()
    world.hub.state.set(seed.LAMP_RGBW, isOn=False)
    await until(lambda: shown(hass, lamp) == "off")
    assert told(caplog) == []


async def test_new_address(
    hass: HomeAssistant, world: CozifyWorld, lamp: str, loaded: MockConfigEntry
) -> None:
    await world.hub.move()
    await until(lambda: loaded.data["host"] == world.hub.url)
    world.hub.state.set(seed.LAMP_RGBW, isOn=False)
    await until(lambda: shown(hass, lamp) == "off")


async def test_firmware_changes(
    hass: HomeAssistant, world: CozifyWorld, lamp: str, loaded: MockConfigEntry
) -> None:
    world.hub.state.version = "1.15.0.1"
    world.hub.server.drop_connections()
    await until(lambda: world.hub.server.log.count("GET", "/cc/1.15/hub/poll"))
    world.hub.state.set(seed.LAMP_RGBW, isOn=False)
    await until(lambda: shown(hass, lamp) == "off")
    await act(hass, "light.turn_on", lamp)
    assert world.hub.server.log.count("PUT", "/cc/1.15/devices/command") == 1


async def test_hub_key_ends(
    hass: HomeAssistant, world: CozifyWorld, lamp: str, loaded: MockConfigEntry
) -> None:
    old = loaded.data["hub_key"]
    world.mint.issued[old].expires = 0
    await act(hass, "light.turn_off", lamp)
    assert shown(hass, lamp) == "off"
    assert loaded.data["hub_key"] != old
    assert reauths(hass) == []


async def test_cloud_token_ends_and_the_hub_goes_on(
    hass: HomeAssistant, world: CozifyWorld, entry: MockConfigEntry
) -> None:
    """When the login expires, Home Assistant asks for it, and the light keeps working."""
    token = world.mint.issued[entry.data["cloud_token"]]
    # Two days old, so that it is refreshed at the start.
    world.clock.jump(1)
    token.expires = 0
    old = world.cloud.cloud_token(seed.OWNER).text
    world.mint.issued[old].expires = 0
    soon = world.mint.issue(seed.OWNER, world.clock.now() - 172_800, 1000, {})
    hass.config_entries.async_update_entry(
        entry, data={**entry.data, "cloud_token": soon.text}
    )
    assert await hass.config_entries.async_setup(entry.entry_id)
    await until(lambda: reauths(hass))
    lamp = entity_id(hass, entry, seed.LAMP_RGBW, "light")
    await act(hass, "light.turn_off", lamp)
    assert shown(hass, lamp) == "off"
    assert entry.state is ConfigEntryState.LOADED
    # The login: with the code all is well again.
    [flow] = reauths(hass)
    await hass.config_entries.flow.async_configure(flow["flow_id"], {})
    result = await hass.config_entries.flow.async_configure(
        flow["flow_id"], {"code": world.cloud.code_of(seed.OWNER)}
    )
    assert result["reason"] == "reauth_successful"
    await hass.async_block_till_done()
    await until(lambda: world.hub.state.polls_now == 1)
    assert shown(hass, lamp) == "off"
    assert reauths(hass) == []
    await hass.config_entries.async_unload(entry.entry_id)


async def test_both_tokens_end(
    hass: HomeAssistant, world: CozifyWorld, lamp: str, loaded: MockConfigEntry
) -> None:
    world.mint.issued[loaded.data["hub_key"]].expires = 0
    world.mint.issued[loaded.data["cloud_token"]].expires = 0
    world.hub.server.drop_connections()
    await until(lambda: shown(hass, lamp) == "unavailable")
    assert len(reauths(hass)) == 1


async def test_both_tokens_are_dead_at_the_start(
    hass: HomeAssistant, world: CozifyWorld, entry: MockConfigEntry
) -> None:
    world.mint.issued[entry.data["hub_key"]].expires = 0
    world.mint.issued[entry.data["cloud_token"]].expires = 0
    assert not await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_ERROR
    assert len(reauths(hass)) == 1


async def test_cloud_token_is_refreshed_and_stored(
    hass: HomeAssistant, world: CozifyWorld, entry: MockConfigEntry
) -> None:
    old = world.mint.issue(seed.OWNER, world.clock.now() - 172_800, 2_419_800, {})
    hass.config_entries.async_update_entry(
        entry, data={**entry.data, "cloud_token": old.text}
    )
    assert await hass.config_entries.async_setup(entry.entry_id)
    await until(lambda: entry.data["cloud_token"] != old.text)
    assert world.cloud_server.log.count("GET", "*/refreshsession") == 1
    await until(lambda: world.hub.state.polls_now == 1)
    await hass.config_entries.async_unload(entry.entry_id)


async def test_fallback_to_the_cloud(
    hass: HomeAssistant, world: CozifyWorld, lamp: str, loaded: MockConfigEntry
) -> None:
    world.hub.state.behaviour.hold = 0.0
    await world.hub.server.refuse()
    await until(lambda: loaded.runtime_data.backend.api.route == "remote")
    await act(hass, "light.turn_off", lamp)
    assert shown(hass, lamp) == "off"
    # It is looked for now and then, and found.
    loaded.runtime_data.backend.api._look_due = 0.0
    await world.hub.server.listen()
    world.hub.state.set(seed.LAMP_RGBW, isOn=True)
    await until(lambda: loaded.runtime_data.backend.api.route == "local")
    await until(lambda: shown(hass, lamp) == "on")


@pytest.mark.parametrize("options", [{"remote": "only"}])
async def test_remote_only(hass: HomeAssistant, world: CozifyWorld, lamp: str) -> None:
    await act(hass, "light.turn_off", lamp)
    assert shown(hass, lamp) == "off"
    assert world.hub.server.log.count() == 0
    paths = {request.path for request in world.cloud_server.log.requests}
    assert paths == {
        "/ui/0.2/hub/remote/hub",
        "/ui/0.2/hub/remote/cc/1.14/hub/poll",
        "/ui/0.2/hub/remote/cc/1.14/devices/command",
    }


async def test_remote_is_not_paid_for(
    hass: HomeAssistant, world: CozifyWorld, lamp: str, loaded: MockConfigEntry
) -> None:
    world.cloud.behaviour.unpaid = True
    await world.hub.server.refuse()
    await until(lambda: shown(hass, lamp) == "unavailable")
    issue = f"{loaded.entry_id}_cozify_remote_unpaid"
    assert ir.async_get(hass).async_get_issue(DOMAIN, issue)
    await world.hub.server.listen()
    await until(lambda: shown(hass, lamp) == "on")


async def test_hub_leaves_the_account(
    hass: HomeAssistant, world: CozifyWorld, lamp: str, loaded: MockConfigEntry
) -> None:
    role = world.account.roles.pop(seed.HUB_ID)
    world.mint.issued[loaded.data["hub_key"]].revoked = True
    world.hub.server.drop_connections()
    await until(lambda: shown(hass, lamp) == "unavailable")
    issue = f"{loaded.entry_id}_cozify_hub_gone"
    assert ir.async_get(hass).async_get_issue(DOMAIN, issue)
    assert reauths(hass) == []
    # Invited again.
    world.account.roles[seed.HUB_ID] = role
    await until(lambda: shown(hass, lamp) == "on")
    await until(lambda: not ir.async_get(hass).async_get_issue(DOMAIN, issue))


@pytest.mark.parametrize("options", [{"remote": "off"}])
@pytest.mark.parametrize(
    "fault",
    [
        faults.reset(),
        faults.reset_mid_body(),
        faults.truncated(),
        faults.html_page(200),
        faults.html_page(502),
        faults.status(500),
        faults.status(429, headers={"Retry-After": "0"}),
        faults.status(200, '{"code":1,"message":"Hub is busy"}'),
        faults.status(200, '{"surprise":1}'),
        faults.status(404),
        faults.not_http(),
        faults.redirect("/elsewhere"),
    ],
)
async def test_bad_answers_to_polls(
    hass: HomeAssistant,
    world: CozifyWorld,
    lamp: str,
    fault: faults.Fault,
    loaded: MockConfigEntry,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """One bad response is ignored; several count as a lost connection, which recovers."""
    world.hub.state.behaviour.hold = 0.1
    world.hub.state.behaviour.nothing = "delta"
    devices = len(world.hub.state.items["devices"])
    world.hub.server.inject(fault, "*/hub/poll", times=1)
    world.hub.state.set(seed.LAMP_RGBW, isOn=False)
    world.hub.server.drop_connections()
    await until(lambda: shown(hass, lamp) == "off")
    world.hub.server.inject(fault, "*/hub/poll")
    world.hub.server.drop_connections()
    await until(lambda: shown(hass, lamp) == "unavailable")
    world.hub.server.heal()
    await until(lambda: shown(hass, lamp) == "off")
    assert len(loaded.runtime_data.topology.devices) == devices + 1
    assert not [r for r in caplog.records if r.exc_info and r.levelno > logging.DEBUG]
    assert len(told(caplog)) == 2
    assert world.hub.state.most_polls <= 2


@pytest.mark.parametrize("options", [{"remote": "off"}])
@pytest.mark.parametrize("fault", [faults.empty_body(), faults.wrong_content_type()])
async def test_odd_answers_to_polls(
    hass: HomeAssistant, world: CozifyWorld, lamp: str, fault: faults.Fault
) -> None:
    """An empty response means no change, and its content type is ignored."""
    world.hub.server.inject(fault, "*/hub/poll", times=2)
    world.hub.state.set(seed.LAMP_RGBW, isOn=False)
    await until(lambda: shown(hass, lamp) == "off")


async def test_diagnostics_tell_no_secret(
    hass: HomeAssistant,
    world: CozifyWorld,
    lamp: str,
    loaded: MockConfigEntry,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await act(hass, "light.turn_off", lamp)
    world.mint.issued[loaded.data["hub_key"]].expires = 0
    await act(hass, "light.turn_on", lamp)
    found = await async_get_config_entry_diagnostics(hass, loaded)
    dump = json.dumps(found, ensure_ascii=False)
    personal = [
        "camera-user", "WifiOfTheHouse", "Puhelin", "Täble", "Olohuone", "Koti", world.hub.url,
        *world.hub.state.items["devices"],
    ]  # fmt: skip
    for secret in (*world.secrets(), *personal):
        assert secret not in dump, secret
    ours = " ".join(
        record.getMessage()
        for record in caplog.records
        if record.name.startswith("custom_components.junction")
    )
    for secret in world.secrets():
        assert secret not in ours
    about = found["cozify"]
    assert about["route"] == "local"
    assert about["version"] == "1.14.9.124"
    assert about["commands"] == 2
    assert about["hub_key_renewals"] == 1
    assert about["unknown"] == [
        {
            "type": "ROBOT",
            "state_type": "STATE_ROBOT",
            "capabilities": ["TELEPORT", "VACUUM"],
            "fields": {
                "lastSeen": "int",
                "reachable": "bool",
                "type": "str",
                "warp": "int",
            },
        }
    ]


async def test_entry_with_a_host_that_belongs_to_another_hub(
    hass: HomeAssistant, world: CozifyWorld
) -> None:
    from simulators.cozify.state import HubState

    stranger = world.add_hub(HubState(world.clock, seed.uid(4711)))
    await stranger.start()
    entry = MockConfigEntry(
        domain=DOMAIN,
        title="Koti",
        unique_id=f"cozify:{seed.HUB_ID}",
        data=data_of(world, host=stranger.url),
    )
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert entry.data["host"] == world.hub.url
    # Junction requested its identity, and sent nothing else.
    assert [r.path for r in stranger.server.log.requests] == ["/hub"]
    assert "Authorization" not in stranger.server.log.requests[0].headers
    await until(lambda: world.hub.state.polls_now == 1)
    await hass.config_entries.async_unload(entry.entry_id)
