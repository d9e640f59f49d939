"""Commands: requests, states, and errors when there is no effect."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.junction.backends.openmotics.client.errors import (
    UnknownPositionError,
)
from simulators.http_faults import reset, status
from simulators.openmotics.plan import large
from simulators.openmotics.server import GatewayServer

from ...common import reason
from .conftest import Entities, Time, certificate, entry_data, set_up

pytestmark = pytest.mark.usefixtures("om")


async def test_a_lamp(gateway: GatewayServer, entities: Entities) -> None:
    """One request, confirmed by the event, without another request."""
    gateway.server.log.clear()
    await entities.act("light.turn_on", "output_0")
    assert entities.state("output_0") == "on"
    assert gateway.state.output_values[0].on
    await entities.act("light.turn_off", "output_0")
    assert entities.state("output_0") == "off"
    assert [request.path for request in gateway.server.log.requests] == [
        "/set_output"
    ] * 2


async def test_a_dimmer_keeps_its_level(
    gateway: GatewayServer, entities: Entities
) -> None:
    await entities.act("light.turn_on", "output_8", brightness=102)
    assert gateway.state.output_values[8].level == 40
    assert entities.attributes("output_8")["brightness"] == 102
    await entities.act("light.turn_off", "output_8")
    await entities.act("light.turn_on", "output_8")
    assert gateway.engine.commands[-1] == ("output", 8, (True, None, None))
    assert gateway.state.output_values[8].level == 40
    assert entities.attributes("output_8")["brightness"] == 102


@pytest.mark.parametrize("brightness", range(1, 256, 6))
def test_brightness_survives_the_rounding(brightness: int) -> None:
    from custom_components.junction.backends.openmotics.entities import outputs

    level = outputs.level(brightness)
    assert level is not None
    assert 1 <= level <= 100
    back = outputs.brightness(level)
    assert back is not None
    assert abs(back - brightness) <= 2


async def test_dimmed_to_nothing_is_still_on(
    gateway: GatewayServer,
    entities: Entities,
    until: Callable[..., Awaitable[None]],
) -> None:
    gateway.engine.put_output(8, True, 0)
    await until(lambda: entities.state("output_8") == "on")
    assert entities.attributes("output_8")["brightness"] == 1


async def test_for_some_time(
    hass: HomeAssistant, gateway: GatewayServer, entities: Entities
) -> None:
    for point in ("output_0", "output_1"):
        await hass.services.async_call(
            "junction",
            "turn_on_for",
            {"duration": {"minutes": 5}},
            blocking=True,
            target={"entity_id": entities.id(point)},
        )
    assert gateway.engine.commands == [
        ("output", 0, (True, None, 300)),
        ("output", 1, (True, None, 300)),
    ]


async def test_a_switch_with_a_level(
    gateway: GatewayServer, entities: Entities
) -> None:
    await entities.act("number.set_value", "output_10_level", value=35)
    assert gateway.state.output_values[10].level == 35
    assert entities.state("output_10") == "on"
    await entities.act("number.set_value", "output_10_level", value=0)
    assert entities.state("output_10") == "off"
    await entities.act("switch.turn_on", "output_10")
    assert entities.state("output_10_level") == "35"


async def test_a_fan(gateway: GatewayServer, entities: Entities) -> None:
    await entities.act("fan.turn_on", "output_3")
    assert gateway.state.output_values[3].on
    assert entities.state("output_3") == "on"


async def test_a_locked_output(
    gateway: GatewayServer,
    entities: Entities,
    until: Callable[..., Awaitable[None]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _hasten(entities, monkeypatch)
    gateway.engine.set_lock(1, locked=True)
    await until(lambda: entities.attributes("output_1")["locked"])
    with pytest.raises(HomeAssistantError) as caught:
        await entities.act("switch.turn_on", "output_1")
    assert caught.value.translation_key == "not_confirmed"
    assert entities.state("output_1") == "off"
    # It was sent: the gateway decides what a lock means.
    assert gateway.engine.commands == [("output", 1, (True, None, None))]


async def test_accepted_and_nothing_done(
    gateway: GatewayServer, entities: Entities, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Success without effect is found out by reading, and reported."""
    _hasten(entities, monkeypatch)
    gateway.state.quirks.deaf = True
    gateway.server.log.clear()
    with pytest.raises(HomeAssistantError) as caught:
        await entities.act("switch.turn_on", "output_1")
    assert caught.value.translation_key == "not_confirmed"
    assert entities.state("output_1") == "off"
    assert gateway.server.log.count("POST", "/get_output_status") == 2
    assert gateway.server.log.count("POST", "/set_output") == 1


async def test_a_single_step_of_ventilation_that_is_ignored(
    gateway: GatewayServer, entities: Entities, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A step to the next level that the unit ignores is reported as not confirmed."""
    _hasten(entities, monkeypatch)
    await entities.act("fan.set_percentage", "ventilation_1", percentage=50)
    gateway.state.quirks.deaf = True
    with pytest.raises(HomeAssistantError) as caught:
        await entities.act("fan.set_percentage", "ventilation_1", percentage=75)
    assert caught.value.translation_key == "not_confirmed"
    assert entities.attributes("ventilation_1")["percentage"] == 50


async def test_a_bus_that_is_late(
    gateway: GatewayServer, entities: Entities, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a time-out, the state of the output decides."""
    _hasten(entities, monkeypatch)
    gateway.state.quirks.bus_timeouts = 1
    await entities.act("switch.turn_on", "output_1")
    assert entities.state("output_1") == "on"
    gateway.state.quirks.bus_timeouts = 1
    gateway.state.quirks.bus_timeout_executes = False
    with pytest.raises(HomeAssistantError) as caught:
        await entities.act("switch.turn_off", "output_1")
    assert caught.value.translation_key == "not_confirmed"
    assert entities.state("output_1") == "on"


async def test_a_shutter_on_a_bus_that_is_late(
    gateway: GatewayServer, entities: Entities
) -> None:
    """Whether it moves decides; nothing else would tell."""
    gateway.state.quirks.bus_timeouts = 1
    await entities.act("cover.close_cover", "shutter_8")
    assert gateway.engine.commands[-1][:2] == ("shutter", 8)
    gateway.state.quirks.bus_timeouts = 1
    gateway.state.quirks.bus_timeout_executes = False
    with pytest.raises(HomeAssistantError) as caught:
        await entities.act("cover.open_cover", "shutter_8")
    assert reason(caught.value) == "openmotics_bus_timeout"


async def test_a_lost_answer(gateway: GatewayServer, entities: Entities) -> None:
    """The command arrived, its answer did not; it is sent once more, and confirmed."""
    gateway.server.inject(reset(executed=True), "/set_output", times=1)
    await entities.act("switch.turn_on", "output_1")
    assert entities.state("output_1") == "on"


async def test_refused(gateway: GatewayServer, entities: Entities) -> None:
    words = '{"success": false, "msg": "Internal communication failure"}'
    gateway.server.inject(
        status(503, words, content_type="application/json"), "/set_output", times=1
    )
    with pytest.raises(HomeAssistantError) as caught:
        await entities.act("light.turn_on", "output_0")
    assert reason(caught.value) == "openmotics_bus_down"
    assert entities.state("output_0") == "off"


async def test_shutters(
    gateway: GatewayServer,
    entities: Entities,
    until: Callable[..., Awaitable[None]],
) -> None:
    gateway.state.shutters[8] |= {"timer_up": 0.3, "timer_down": 0.3}
    await entities.act("cover.close_cover", "shutter_8")
    await until(lambda: entities.state("shutter_8") == "closing")
    await until(lambda: entities.state("shutter_8") == "closed")
    assert entities.attributes("shutter_8")["current_position"] == 0
    await entities.act("cover.open_cover", "shutter_8")
    await until(lambda: entities.state("shutter_8") == "opening")
    await entities.act("cover.stop_cover", "shutter_8")
    await until(lambda: entities.state("shutter_8") == "open")
    assert entities.attributes("shutter_8")["supported_features"] & 4 == 0


async def test_shutters_with_positions(
    gateway: GatewayServer,
    entities: Entities,
    until: Callable[..., Awaitable[None]],
) -> None:
    gateway.state.shutters[10] |= {"timer_up": 0.2, "timer_down": 0.2}
    with pytest.raises(HomeAssistantError) as caught:
        await entities.act("cover.set_cover_position", "shutter_10", position=30)
    assert reason(caught.value) == UnknownPositionError.key
    assert not gateway.engine.commands
    await entities.act("cover.close_cover", "shutter_10")
    await until(lambda: entities.state("shutter_10") == "closed")
    await entities.act("cover.set_cover_position", "shutter_10", position=30)
    assert gateway.engine.commands[-1] == ("shutter", 10, 14)
    await until(lambda: entities.attributes("shutter_10").get("current_position") == 30)


async def test_a_group_of_shutters(gateway: GatewayServer, entities: Entities) -> None:
    await entities.enable("shutter_group_0")
    await entities.act("cover.close_cover", "shutter_group_0")
    assert gateway.engine.commands == [("shutter", 8, "down")]


async def test_a_thermostat(gateway: GatewayServer, entities: Entities) -> None:
    unit = gateway.state.units[0]
    await entities.act("climate.set_temperature", "thermostat_0", temperature=22.5)
    assert unit.setpoints["auto"] == 22.5
    assert entities.attributes("thermostat_0")["temperature"] == 22.5
    assert entities.attributes("thermostat_0")["hvac_action"] == "heating"
    assert entities.state("thermostat_0_demand") == "100.0"
    await entities.act("climate.set_preset_mode", "thermostat_0", preset_mode="party")
    assert unit.preset == "party"
    await entities.act("climate.turn_off", "thermostat_0")
    assert not unit.on
    assert entities.state("thermostat_0") == "off"
    assert entities.attributes("thermostat_0")["hvac_action"] == "off"
    await entities.act(
        "climate.set_temperature", "thermostat_0", temperature=21, hvac_mode="heat"
    )
    assert unit.on
    assert unit.preset == "manual"


async def test_a_group_of_thermostats(
    gateway: GatewayServer,
    entities: Entities,
    until: Callable[..., Awaitable[None]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await entities.act(
        "select.select_option", "thermostat_group_0_mode", option="cooling"
    )
    assert gateway.state.group_modes[0] == "cooling"
    await until(
        lambda: entities.attributes("thermostat_0")["hvac_modes"] == ["off", "cool"]
    )
    await until(lambda: entities.state("thermostat_0") == "cool")
    _hasten(entities, monkeypatch)
    # Of this the gateway does not tell; it is read.
    await entities.act("switch.turn_off", "thermostat_group_0_on")
    assert entities.state("thermostat_group_0_on") == "off"
    assert entities.state("thermostat_0") == "off"


async def test_ventilation(gateway: GatewayServer, entities: Entities) -> None:
    await entities.act("fan.set_percentage", "ventilation_1", percentage=75)
    assert gateway.state.ventilation_values[1] == {"mode": "manual", "level": 3}
    assert entities.attributes("ventilation_1")["percentage"] == 75
    await entities.act("fan.set_preset_mode", "ventilation_1", preset_mode="auto")
    assert gateway.state.ventilation_values[1]["mode"] == "auto"
    await entities.act("fan.turn_off", "ventilation_1")
    assert gateway.state.ventilation_values[1]["level"] == 0
    assert entities.state("ventilation_1") == "off"


async def test_ventilation_that_lost_its_plugin(
    gateway: GatewayServer,
    entities: Entities,
    until: Callable[..., Awaitable[None]],
) -> None:
    gateway.state.ventilation_values[1] = {
        "mode": None,
        "level": None,
        "connected": False,
    }
    gateway.engine.tell_ventilation(1)
    await until(lambda: entities.state("ventilation_1") == "unavailable")


async def test_a_scene(
    gateway: GatewayServer, entities: Entities, until: Callable[..., Awaitable[None]]
) -> None:
    gateway.engine.put_output(0, True)
    await until(lambda: entities.state("output_0") == "on")
    await entities.act("scene.turn_on", "group_action_0")
    await until(lambda: entities.state("output_0") == "off")


async def test_identify(gateway: GatewayServer, entities: Entities) -> None:
    await entities.enable("identify")
    await entities.act("button.press", "identify")
    assert gateway.engine.commands == [("indicate", 0, None)]


async def test_all_lights_off(
    hass: HomeAssistant, socket_enabled: None, moment: Time
) -> None:
    """A hundred lights: one request each, never more than three at once, all confirmed."""
    state = large(moment, outputs=100, inputs=0, thermostats=0)
    for value in state.output_values.values():
        value.on = True
    async with GatewayServer(state, certificate()) as gateway:
        entry = MockConfigEntry(
            domain="junction",
            unique_id="openmotics:many",
            title="Many",
            data=entry_data(gateway),
        )
        entry.add_to_hass(hass)
        await set_up(hass, entry)
        gateway.server.log.clear()
        entities = Entities(hass, entry)
        lights = [e.entity_id for e in entities.all().values() if e.domain == "light"]
        assert len(lights) == 100
        await hass.services.async_call(
            "light", "turn_off", {}, blocking=True, target={"entity_id": lights}
        )
        assert not any(value.on for value in state.output_values.values())
        assert all(hass.states.is_state(light, "off") for light in lights)
        assert len(gateway.engine.commands) == 100
        assert gateway.server.log.count() == 100
        # Three, and the websocket.
        assert gateway.server.log.most_in_flight == 4
        await hass.config_entries.async_unload(entry.entry_id)
        await hass.async_block_till_done()


async def test_commands_in_order(gateway: GatewayServer, entities: Entities) -> None:
    await asyncio.gather(
        entities.act("light.turn_on", "output_8", brightness=51),
        entities.act("light.turn_on", "output_8", brightness=204),
    )
    assert gateway.state.output_values[8].level == 80


def _hasten(entities: Entities, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a command be looked after sooner."""
    commands = entities._entry.runtime_data.commands
    soon = replace(commands._info, confirm_after=(0.05, 0.05))
    monkeypatch.setattr(commands, "_info", soon)
