"""The current cloud in Home Assistant: entities, requests, and refusals."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
import json
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from yarl import URL

from custom_components.junction.backends.openmotics import adapter
from custom_components.junction.backends.openmotics.client.cloud import (
    api as cloud,
    session as cloud_session,
)
from custom_components.junction.diagnostics import async_get_config_entry_diagnostics
from simulators.http_faults import rate_limited, status, without
from simulators.openmotics.cloud import OFFSET, CloudServer
from simulators.openmotics.plan import large

from ...common import act, reason
from .conftest import UUID, Entities, Later, Time, add_cloud_entry, set_up, tick

LAMP, DIMMER = f"output_{OFFSET}", f"output_{OFFSET + 8}"
POLL = {
    "outputs": 1,
    "shutters": 1,
    "sensors": 1,
    "lights": 1,
    "inputs": 1,
    "thermostats/groups": 1,
    "thermostats/units": 1,
    "ventilations/units": 1,
}


@pytest.fixture
def entry(hass: HomeAssistant, server: CloudServer) -> MockConfigEntry:
    return add_cloud_entry(hass)


def lists(server: CloudServer) -> dict[str, int]:
    """Return how often each list was asked for."""
    found: dict[str, int] = {}
    for request in server.server.log.to("GET"):
        path = request.path.partition("/installations/21/")[2]
        found[path] = found.get(path, 0) + 1
    return found


@pytest.fixture
def quickly(entry: MockConfigEntry, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that shortens the wait for confirmations."""
    hasty = replace(adapter.INFO, confirm_after=(0.02, 0.05))
    monkeypatch.setattr(adapter, "INFO", hasty)


@pytest.mark.usefixtures("quickly")
async def test_the_cloud(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    server: CloudServer,
    until: Callable[..., Awaitable[None]],
) -> None:
    server.state.output_values[8].on, server.state.output_values[8].level = True, 40
    await set_up(hass, entry)
    # One token, the account, and each list once, for devices and states.
    assert len(server.logins) == 1
    assert lists(server) == {**POLL, "": 1, "rooms": 1, "groupactions": 1}
    entities = Entities(hass, entry)
    assert entities.state(LAMP) == "off"
    assert entities.attributes(DIMMER)["brightness"] == 102
    assert entities.state(f"sensor_{OFFSET + 1}") == "20.5"
    assert entities.state(f"thermostat_{OFFSET}") == "heat"
    assert entities.attributes(f"thermostat_{OFFSET}")["preset_modes"] == [
        "auto",
        "away",
        "vacation",
        "party",
    ]
    assert f"output_{OFFSET + 16}" not in entities.all()
    [hub] = [
        device
        for device in dr.async_entries_for_config_entry(
            dr.async_get(hass), entry.entry_id
        )
        if device.entry_type
    ]
    assert (hub.model, hub.sw_version) == ("Gateway Core+", "1.16.5")
    server.server.log.clear()
    later = Later(entry)
    later.seconds = 30
    await tick(entry)
    assert lists(server) == POLL

    server.server.log.clear()
    await entities.act("light.turn_on", DIMMER)
    assert server.engine.commands[-1] == ("output", 8, (True, None, None))
    assert (server.server.log.count("POST"), server.server.log.count("GET")) == (1, 1)
    await entities.act("light.turn_on", DIMMER, brightness=255)
    assert server.state.output_values[8].level == 100
    await entities.act("light.turn_off", DIMMER)
    server.server.log.clear()
    await entities.act("cover.close_cover", f"shutter_{OFFSET + 8}")
    # There is no event about the movement, so it is polled.
    await until(lambda: entities.state(f"shutter_{OFFSET + 8}") == "closing")
    assert lists(server)["shutters"] == 1
    await entities.act(
        "climate.set_temperature", f"thermostat_{OFFSET}", temperature=21.5
    )
    assert server.state.units[0].setpoints["auto"] == 21.5
    await entities.act(
        "climate.set_preset_mode", f"thermostat_{OFFSET}", preset_mode="away"
    )
    assert server.state.units[0].preset == "away"
    await entities.act("climate.turn_off", f"thermostat_{OFFSET}")
    await entities.act("switch.turn_off", f"thermostat_group_{OFFSET}_on")
    assert not server.state.units[1].on
    await entities.act(
        "select.select_option", f"thermostat_group_{OFFSET}_mode", option="cooling"
    )
    assert server.state.group_modes[0] == "cooling"
    await entities.act("scene.turn_on", f"group_action_{OFFSET}")
    assert server.engine.commands[-1] == ("group_action", 0, None)
    with pytest.raises(HomeAssistantError):
        await hass.services.async_call(
            "junction",
            "turn_on_for",
            {"duration": 5},
            blocking=True,
            target={"entity_id": entities.id(LAMP)},
        )
    dump = json.dumps(await async_get_config_entry_diagnostics(hass, entry))
    assert not [s for s in (*server.tokens, "new-s3cret", UUID, "Home") if s in dump]


@pytest.mark.usefixtures("quickly")
async def test_a_shutter_with_positions(
    hass: HomeAssistant, entry: MockConfigEntry, server: CloudServer
) -> None:
    server.state.runs[10].position = 20
    server.state.runs[10].state = "down"
    await set_up(hass, entry)
    entities = Entities(hass, entry)
    assert entities.attributes(f"shutter_{OFFSET + 10}")["current_position"] == 0
    await entities.act(
        "cover.set_cover_position", f"shutter_{OFFSET + 10}", position=50
    )
    assert server.engine.commands == [("shutter", 10, 10)]


async def test_odd_answers(
    hass: HomeAssistant, entry: MockConfigEntry, server: CloudServer
) -> None:
    """Statuses may be null, features an object, and the life of a token missing."""
    server.rows.null_status = True
    server.quirks.old_features = True
    server.quirks.life = None
    await set_up(hass, entry)
    assert Entities(hass, entry).state(LAMP) == "unknown"


async def test_a_token_refused_once(
    hass: HomeAssistant, entry: MockConfigEntry, server: CloudServer
) -> None:
    await set_up(hass, entry)
    server.quirks.refuse_once = True
    later = Later(entry)
    later.seconds = 30
    await tick(entry)
    assert entry.runtime_data.last_update_success
    assert len(server.logins) == 2
    # A token is replaced before it ends.
    later.seconds = 3600
    await tick(entry)
    assert len(server.logins) == 3
    assert server.server.log.to("GET")[-1].status == 200


async def test_refused_for_good(
    hass: HomeAssistant, entry: MockConfigEntry, server: CloudServer
) -> None:
    await set_up(hass, entry)
    server.tokens.clear()
    server.clients.clear()
    later = Later(entry)
    later.seconds = 30
    await tick(entry)
    [flow] = hass.config_entries.flow.async_progress()
    assert flow["context"]["source"] == "reauth"


async def test_what_the_cloud_tells_of_the_gateway(
    hass: HomeAssistant, entry: MockConfigEntry, server: CloudServer
) -> None:
    """Whether it is reached, and whether there is newer software for it."""
    server.quirks.update = True
    await set_up(hass, entry)
    entities = Entities(hass, entry)
    assert (entities.state("connected"), entities.state("update")) == ("on", "on")
    server.quirks.update = False
    later = Later(entry)
    later.seconds = 60
    server.server.log.clear()
    await tick(entry)
    assert lists(server)[""] == 1
    assert entities.state("update") == "off"
    server.quirks.update = None
    later.seconds = 120
    await tick(entry)
    assert "update" not in entities.all()


async def test_an_offline_gateway(
    hass: HomeAssistant, entry: MockConfigEntry, server: CloudServer
) -> None:
    await set_up(hass, entry)
    server.quirks.offline = True
    with pytest.raises(HomeAssistantError) as caught:
        await Entities(hass, entry).act("light.turn_on", LAMP)
    assert reason(caught.value) == "openmotics_offline"


async def test_a_refused_command(
    hass: HomeAssistant, entry: MockConfigEntry, server: CloudServer
) -> None:
    await set_up(hass, entry)
    body = '{"data": null, "_error": "output is broken"}'
    server.server.inject(
        status(200, body, content_type="application/json"), "*/turn_on"
    )
    with pytest.raises(HomeAssistantError) as caught:
        await Entities(hass, entry).act("light.turn_on", LAMP)
    assert caught.value.translation_key == "command_rejected"
    assert caught.value.translation_placeholders == {
        "detail": "output is broken",
        "name": "Ceiling lamp",
    }


async def test_too_many_requests(
    hass: HomeAssistant, entry: MockConfigEntry, server: CloudServer
) -> None:
    await set_up(hass, entry)
    server.server.inject(rate_limited("90"), "*/outputs")
    later = Later(entry)
    later.seconds = 30
    await tick(entry)
    assert not entry.runtime_data.last_update_success
    assert entry.runtime_data.last_exception.retry_after == 90


async def test_lists_that_are_not_allowed(
    hass: HomeAssistant, entry: MockConfigEntry, server: CloudServer
) -> None:
    server.server.inject(status(403, "{}"), "*/sensors")
    await set_up(hass, entry)
    entities = Entities(hass, entry)
    assert f"sensor_{OFFSET + 1}" not in entities.all()
    assert entities.state(LAMP) == "off"


async def test_a_list_that_is_refused_later(
    hass: HomeAssistant, entry: MockConfigEntry, server: CloudServer
) -> None:
    """A list that is refused for a while removes no devices."""
    await set_up(hass, entry)
    entities = Entities(hass, entry)
    before = set(entities.all())
    server.server.inject(status(404, "{}"), "*/sensors")
    backend = entry.runtime_data.backend
    for _ in range(3):
        backend._configuration.mark()
        await tick(entry)
    server.server.heal()
    backend._configuration.mark()
    await tick(entry)
    assert set(entities.all()) == before
    assert entities.state(f"sensor_{OFFSET + 1}") == "20.5"


@pytest.mark.parametrize("path", ["sensors", "outputs", "groupactions", "lights"])
@pytest.mark.parametrize("code", [403, 404])
async def test_a_list_that_is_refused_from_the_start(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    server: CloudServer,
    path: str,
    code: int,
) -> None:
    """Devices from before a restart stay while their list is refused; others may be removed."""
    await set_up(hass, entry)
    entities = Entities(hass, entry)
    before = set(entities.all())
    server.server.inject(status(code, "{}"), f"*/{path}")
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    backend, later = entry.runtime_data.backend, Later(entry)
    for _ in range(3):
        backend._configuration.mark()
        await tick(entry)
    assert set(entities.all()) == before
    asked_before = lists(server)[path]
    server.server.heal()
    server.state.shutters[9] |= {"name": ""}
    for _ in range(2):
        backend._configuration.mark()
        await tick(entry)
    assert lists(server)[path] == asked_before
    later.seconds = cloud.ASK_AGAIN + 1
    for _ in range(3):
        backend._configuration.mark()
        await tick(entry)
    assert before - set(entities.all()) == {f"shutter_{OFFSET + 9}"}
    assert entities.state(LAMP) == "off"


async def test_a_gone_installation(
    hass: HomeAssistant, entry: MockConfigEntry, server: CloudServer
) -> None:
    del server.installations[21]
    assert not await hass.config_entries.async_setup(entry.entry_id)
    assert entry.error_reason_translation_key == "openmotics_no_installation"


async def test_half_a_list(
    hass: HomeAssistant, entry: MockConfigEntry, server: CloudServer
) -> None:
    """A row that is missing from a poll is unavailable, not gone."""
    await set_up(hass, entry)

    def drop(body: dict[str, Any]) -> dict[str, Any]:
        return {**body, "data": without(0)(body["data"])}

    from simulators.http_faults import partial_listing

    server.server.inject(partial_listing(drop), "*/outputs")
    later = Later(entry)
    later.seconds = 30
    await tick(entry)
    entities = Entities(hass, entry)
    assert entities.state(LAMP) == "unavailable"
    assert entities.state(DIMMER) == "off"


async def test_fifty_lights_off(
    hass: HomeAssistant,
    socket_enabled: None,
    moment: Time,
    server: CloudServer,
    entry: MockConfigEntry,
    quickly: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """All arrive and are confirmed, and the cloud is never asked for much at once."""
    many = large(moment, outputs=50, inputs=0, thermostats=0)
    many.output_values = {n: replace(v, on=True) for n, v in many.output_values.items()}
    async with CloudServer(many) as big:
        monkeypatch.setattr(cloud, "BASE", URL(big.base))
        monkeypatch.setattr(
            cloud_session, "NEW_LOGIN", URL(f"{big.server.url}/new/token")
        )
        await set_up(hass, entry)
        lights = hass.states.async_entity_ids("light")
        big.server.log.clear()
        await act(hass, "light.turn_off", lights)
        assert all(hass.states.is_state(light, "off") for light in lights)
        assert not any(value.on for value in many.output_values.values())
        assert big.server.log.count("POST") == len(lights) == 50
        assert big.server.log.most_in_flight <= cloud_session.LIMIT
        assert big.server.log.count("GET") <= 25
        await hass.config_entries.async_unload(entry.entry_id)
