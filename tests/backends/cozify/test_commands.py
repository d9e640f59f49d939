"""One command of every kind: the request, and the resulting state."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from simulators import http_faults as faults
from simulators.cozify import seed
from simulators.cozify.server import CozifyWorld
from simulators.cozify.tokens import GUEST

from ...common import act, reason, shown, state_of
from .conftest import entity_id, until

DEVICE = "CMD_DEVICE"


def steered(kind: str, **fields: Any) -> dict[str, Any]:
    return {"type": kind, **fields}


COMMANDS = [
    (seed.PLUG, "switch", "switch.turn_on", {}, "on", {"type": "CMD_DEVICE_ON"}),
    (seed.CAMERA, "switch", "switch.turn_off", {}, "off", {"type": "CMD_DEVICE_OFF"}),
    (seed.SIREN, "siren", "siren.turn_on", {}, "on", {"type": "CMD_DEVICE_ON"}),
    (seed.VENTILATION, "fireplace", "switch.turn_on", {}, "on",
     {"type": "STATE_VU", "fn_fireplace": True}),
    (seed.LAMP_CT, "identify", "button.press", {}, None, {"type": "CMD_IDENTIFY"}),
    (seed.BLIND, "cover", "cover.set_cover_position", {"position": 60}, "open",
     {"type": "STATE_BLINDS", "position": 0.6}),
    (seed.BLIND, "cover", "cover.close_cover", {}, "closed",
     {"type": "STATE_BLINDS", "position": 0.0}),
    (seed.BLIND, "cover", "cover.set_cover_tilt_position", {"tilt_position": 30}, "open",
     {"type": "STATE_BLINDS", "tiltPct": 30}),
    (seed.SHUTTER, "cover", "cover.close_cover", {}, "closed",
     {"type": "STATE_BLINDS", "liftPct": 0}),
    (seed.SHUTTER, "cover", "cover.set_cover_position", {"position": 33}, "open",
     {"type": "STATE_BLINDS", "liftPct": 33}),
    (seed.VALVE, "valve", "valve.close_valve", {}, "closed",
     {"type": "STATE_VALVE", "openPct": 0}),
    (seed.THERMOSTAT, "climate", "climate.set_temperature", {"temperature": 19.5}, "heat",
     {"type": "STATE_THERMOSTAT", "targetTemp": 19.5}),
    (seed.THERMOSTAT, "climate", "climate.turn_off", {}, "off",
     {"type": "STATE_THERMOSTAT", "isOn": False}),
    (seed.HEAT_PUMP, "climate", "climate.set_temperature",
     {"temperature": 23, "hvac_mode": "cool"}, "cool",
     {"type": "STATE_HVAC", "mode": 3, "targetTemperature": 23}),
    (seed.HEAT_PUMP, "climate", "climate.set_preset_mode", {"preset_mode": "eco"}, "heat",
     {"type": "STATE_HVAC", "preset": 1}),
    (seed.HEAT_PUMP, "climate", "climate.set_fan_mode", {"fan_mode": "high"}, "heat",
     {"type": "STATE_HVAC", "fanMode": 3}),
    (seed.VENTILATION, "fan", "fan.set_percentage", {"percentage": 70}, "on",
     {"type": "STATE_VU", "mode": 3}),
    (seed.VENTILATION, "fan", "fan.turn_off", {}, "off", {"type": "STATE_VU", "mode": 0}),
    (seed.VENTILATION, "fan", "fan.turn_on", {}, "on", {"type": "STATE_VU", "mode": 2}),
    (seed.CEILING_FAN, "fan", "fan.set_percentage", {"percentage": 100}, "on",
     {"type": "STATE_FAN", "isOn": True, "fanMode": 3}),
    (seed.CEILING_FAN, "fan", "fan.set_preset_mode", {"preset_mode": "smart"}, "on",
     {"type": "STATE_FAN", "isOn": True, "fanMode": 6}),
    (seed.CEILING_FAN, "fan", "fan.turn_off", {}, "off", {"type": "STATE_FAN", "isOn": False}),
    (seed.CEILING_FAN, "fan", "fan.turn_on", {}, "on",
     {"type": "STATE_FAN", "isOn": True, "fanMode": 1}),
    (seed.SPEAKER, "player", "media_player.volume_set", {"volume_level": 0.4}, "playing",
     {"type": "STATE_MEDIA_RENDERER", "rcData": {"type": "MR_RC_DATA", "volume": 40}}),
    (seed.SPEAKER, "player", "media_player.volume_mute", {"is_volume_muted": True}, "playing",
     {"type": "STATE_MEDIA_RENDERER", "rcData": {"type": "MR_RC_DATA", "mute": True}}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("device", "point", "action", "data", "state", "told"),
    COMMANDS,
    ids=[f"{point}-{action}" for _, point, action, *_ in COMMANDS],
)
async def test_command(
    hass: HomeAssistant,
    world: CozifyWorld,
    enable_all: None,
    loaded: MockConfigEntry,
    device: str,
    point: str,
    action: str,
    data: dict[str, Any],
    state: str | None,
    told: dict[str, Any],
) -> None:
    entity = entity_id(hass, loaded, device, point)
    world.hub.server.log.clear()
    await act(hass, action, entity, **data)
    if told["type"].startswith("CMD"):
        wanted = {"id": device, **told}
    else:
        wanted = {"id": device, "type": "CMD_DEVICE", "state": told}
    assert list(world.hub.state.commands) == [("devices/command", wanted)]
    assert world.hub.server.log.count("PUT") == 1
    if state is not None:
        await until(lambda: shown(hass, entity) == state)


async def test_valve_opens_by_degrees(
    hass: HomeAssistant, world: CozifyWorld, loaded: MockConfigEntry
) -> None:
    valve = entity_id(hass, loaded, seed.VALVE, "valve")
    await act(hass, "valve.set_valve_position", valve, position=42)
    await until(lambda: state_of(hass, valve).attributes["current_position"] == 42)


async def test_home_mode(
    hass: HomeAssistant, world: CozifyWorld, enable_all: None, loaded: MockConfigEntry
) -> None:
    mode = entity_id(hass, loaded, "hub", "home_mode")
    await act(hass, "select.select_option", mode, option="away")
    assert shown(hass, mode) == "away"
    assert world.hub.state.commands[-1] == (
        "scenes/command",
        {"id": seed.SCENE_AWAY, "type": "CMD_SCENE_ON"},
    )
    # The other scene went off by that, and a rule on, without being asked for.
    home = entity_id(hass, loaded, "hub", f"scene_switch_{seed.SCENE_HOME}")
    assert shown(hass, home) == "off"
    world.hub.state.items["scenes"][seed.SCENE_AWAY]["isOn"] = False
    world.hub.state.touch("scenes", seed.SCENE_AWAY)
    await until(lambda: shown(hass, mode) == "unknown")


async def test_scene(
    hass: HomeAssistant, world: CozifyWorld, enable_all: None, loaded: MockConfigEntry
) -> None:
    scene = entity_id(hass, loaded, "hub", f"scene_{seed.SCENE_MOVIE}")
    await act(hass, "scene.turn_on", scene)
    switch = entity_id(hass, loaded, "hub", f"scene_switch_{seed.SCENE_MOVIE}")
    assert shown(hass, switch) == "on"
    lamp = entity_id(hass, loaded, seed.LAMP_DIM, "light")
    await until(lambda: state_of(hass, lamp).attributes.get("brightness") == 26)
    await act(hass, "switch.turn_off", switch)
    assert shown(hass, switch) == "off"


async def test_rule(
    hass: HomeAssistant, world: CozifyWorld, enable_all: None, loaded: MockConfigEntry
) -> None:
    rule = entity_id(hass, loaded, "hub", f"rule_{seed.RULE}")
    await act(hass, "switch.turn_off", rule)
    assert shown(hass, rule) == "off"
    assert world.hub.state.commands[-1] == (
        "rules/command",
        {"id": seed.RULE, "type": "RULE_OFF_COMMAND"},
    )
    await act(hass, "switch.turn_on", rule)
    assert shown(hass, rule) == "on"


async def test_group(
    hass: HomeAssistant, world: CozifyWorld, enable_all: None, loaded: MockConfigEntry
) -> None:
    group = entity_id(hass, loaded, "hub", f"group_{seed.GROUP}")
    await act(hass, "light.turn_on", group)
    assert world.hub.state.commands[-1] == (
        "groups/command",
        {"id": seed.GROUP, "type": "CMD_GROUP_ON"},
    )
    assert shown(hass, group) == "on"
    assert shown(hass, entity_id(hass, loaded, seed.LAMP_PLAIN, "light")) == "on"


async def test_group_of_plugs(
    hass: HomeAssistant, world: CozifyWorld, enable_all: None, loaded: MockConfigEntry
) -> None:
    key = seed.uid(800)
    world.hub.state.put(
        "groups",
        {
            "type": "GROUP",
            "id": key,
            "name": "Pistorasiat",
            "members": [seed.PLUG],
            "minCapabilities": ["ON_OFF", "CONTROL_POWER"],
            "state": {"type": "STATE_SOCKET", "isOn": False, "reachable": True},
        },
    )
    # A light without a common capability is left out.
    world.hub.state.put(
        "groups",
        {"type": "GROUP", "id": seed.uid(801), "name": "?", "members": [], "state": {}},
    )
    await until(lambda: hass.states.get("switch.koti_group_pistorasiat"))
    await act(hass, "switch.turn_on", "switch.koti_group_pistorasiat")
    assert shown(hass, "switch.koti_group_pistorasiat") == "on"
    assert world.device(seed.PLUG)["state"]["isOn"] is True


async def test_rejected_by_the_hub(
    hass: HomeAssistant, world: CozifyWorld, loaded: MockConfigEntry
) -> None:
    world.hub.server.inject(
        faults.status(400, "no such thing"), "*/devices/command", times=1
    )
    plug = entity_id(hass, loaded, seed.PLUG, "switch")
    with pytest.raises(HomeAssistantError) as error:
        await act(hass, "switch.turn_on", plug)
    assert error.value.translation_key == "command_rejected"
    assert shown(hass, plug) == "off"


async def test_guest_may_not_steer(
    hass: HomeAssistant, world: CozifyWorld, entry: MockConfigEntry
) -> None:
    """A 403 does not cause a new login; the key is renewed once, just in case."""
    world.mint.issued[entry.data["hub_key"]].role = GUEST
    assert await hass.config_entries.async_setup(entry.entry_id)
    plug = entity_id(hass, entry, seed.PLUG, "switch")
    for _ in range(2):
        with pytest.raises(HomeAssistantError) as error:
            await act(hass, "switch.turn_on", plug)
        assert reason(error.value) == "permission_denied"
    assert world.cloud_server.log.count("GET", "*/hubkeys") == 1
    assert not hass.config_entries.flow.async_progress()
    await until(lambda: world.hub.state.polls_now == 1)
    await hass.config_entries.async_unload(entry.entry_id)


async def test_command_goes_through_the_cloud(
    hass: HomeAssistant, world: CozifyWorld, loaded: MockConfigEntry
) -> None:
    """A command that the hub does not accept directly is sent through the cloud."""
    world.hub.server.inject(faults.reset(), "*/devices/command", times=2)
    plug = entity_id(hass, loaded, seed.PLUG, "switch")
    await act(hass, "switch.turn_on", plug)
    assert shown(hass, plug) == "on"
    assert world.cloud_server.log.count("PUT", "*/hub/remote/cc/1.14/*") == 1
    assert len(world.hub.state.commands) == 1


async def test_command_that_does_not_get_through(
    hass: HomeAssistant, world: CozifyWorld, loaded: MockConfigEntry
) -> None:
    world.hub.server.inject(faults.reset(), "*/devices/command")
    world.cloud_server.inject(faults.status(503))
    plug = entity_id(hass, loaded, seed.PLUG, "switch")
    with pytest.raises(HomeAssistantError) as error:
        await act(hass, "switch.turn_on", plug)
    assert reason(error.value) == "connection_lost"
    assert shown(hass, plug) == "off"


async def test_unload_with_a_command_on_its_way(
    hass: HomeAssistant, world: CozifyWorld, loaded: MockConfigEntry
) -> None:
    world.hub.server.inject(faults.hang(), "*/devices/command")
    plug = entity_id(hass, loaded, seed.PLUG, "switch")
    task = hass.async_create_task(act(hass, "switch.turn_on", plug))
    await until(lambda: world.hub.server.log.count("PUT"))
    await hass.config_entries.async_unload(loaded.entry_id)
    with pytest.raises(HomeAssistantError):
        await task
