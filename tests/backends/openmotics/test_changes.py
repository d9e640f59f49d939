"""Changes of the gateway's configuration are shown within a minute."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.junction.const import DOMAIN
from simulators.http_faults import status
from simulators.openmotics.plan import LIGHT, furnish, output
from simulators.openmotics.server import GatewayServer

from .conftest import Entities, Later, tick

type Until = Callable[..., Awaitable[None]]


async def minute(om: MockConfigEntry, later: Later) -> None:
    """Let a minute pass, with all its polls."""
    end = later.seconds + 60
    while later.seconds < end:
        later.seconds += 5
        await tick(om)


def device(
    hass: HomeAssistant, om: MockConfigEntry, name: str
) -> dr.DeviceEntry | None:
    """Return the device of something."""
    wanted = (DOMAIN, f"{om.unique_id}/{name}")
    found = dr.async_entries_for_config_entry(dr.async_get(hass), om.entry_id)
    return next((one for one in found if wanted in one.identifiers), None)


async def test_an_output_comes_is_renamed_and_goes(
    hass: HomeAssistant, gateway: GatewayServer, om: MockConfigEntry, entities: Entities
) -> None:
    later = Later(om)
    gateway.state.outputs.append(output(30, "New lamp", LIGHT))
    furnish(gateway.state)
    await minute(om, later)
    assert entities.state("output_30") == "off"
    gateway.state.outputs[-1]["name"] = "Newer lamp"
    await minute(om, later)
    found = device(hass, om, "output_30")
    assert found is not None
    assert found.name == "Newer lamp"
    gateway.state.outputs[-1]["in_use"] = False
    await minute(om, later)
    assert device(hass, om, "output_30") is None


@pytest.mark.parametrize(
    ("rows", "index", "changes", "gone"),
    [
        ("inputs", 1, {"in_use": False}, "input_1"),
        ("shutters", 9, {"in_use": False}, "shutter_9"),
        ("sensors", 1, {"in_use": False}, "sensor_master..1"),
        ("thermostats", 1, {"sensor": 255, "output0": 255}, "thermostat_1"),
        ("pulses", 0, {"in_use": False}, "pulse_0"),
        ("ventilations", 0, None, "ventilation_1"),
        ("modules", 1, None, "module_2"),
    ],
)
async def test_anything_else_goes(
    hass: HomeAssistant,
    gateway: GatewayServer,
    om: MockConfigEntry,
    rows: str,
    index: int,
    changes: dict[str, Any] | None,
    gone: str,
) -> None:
    assert device(hass, om, gone) is not None
    found = getattr(gateway.state, rows)
    if changes is None:
        del found[index]
    else:
        found[index] |= changes
    await minute(om, Later(om))
    assert device(hass, om, gone) is None


async def test_a_room_and_a_type_change(
    hass: HomeAssistant, gateway: GatewayServer, om: MockConfigEntry, entities: Entities
) -> None:
    """An output changes from a light to a switch when its type becomes an outlet."""
    gateway.state.outputs[0]["type"] = 0
    gateway.state.actions[0]["name"] = "Everything off"
    await minute(om, Later(om))
    assert entities.id("output_0").startswith("switch.")
    state = hass.states.get(entities.id("group_action_0"))
    assert state is not None
    assert state.name.endswith("Everything off")


async def test_another_output_takes_the_number(
    hass: HomeAssistant, gateway: GatewayServer, om: MockConfigEntry, entities: Entities
) -> None:
    """The former output leaves nothing behind."""
    later, lamp = Later(om), dict(gateway.state.outputs[0])
    gateway.state.outputs[0]["in_use"] = False
    await minute(om, later)
    assert device(hass, om, "output_0") is None
    gateway.state.outputs[0] |= {**lamp, "name": "Dimmed spots", "module_type": "d"}
    gateway.state.output_values[0].on = True
    gateway.state.output_values[0].level = 40
    await minute(om, later)
    found = device(hass, om, "output_0")
    assert found is not None
    assert found.name == "Dimmed spots"
    assert entities.attributes("output_0")["brightness"] == 102


async def test_what_was_not_in_use_speaks(
    gateway: GatewayServer, om: MockConfigEntry, entities: Entities, until: Until
) -> None:
    """It was put to use after the last look: it is there at once."""
    assert "output_13" not in entities.all()
    gateway.state.outputs[13] |= {"in_use": True, "name": "Late lamp"}
    gateway.engine.put_output(13, True)
    await until(lambda: "output_13" in entities.all())
    assert entities.state("output_13") == "on"


async def test_the_button_reads_again(
    gateway: GatewayServer, om: MockConfigEntry, entities: Entities, until: Until
) -> None:
    await entities.enable("read_configuration")
    gateway.state.outputs.append(output(30, "New lamp", LIGHT))
    furnish(gateway.state)
    await entities.act("button.press", "read_configuration")
    await until(lambda: "output_30" in entities.all())


async def test_events_soon_after_a_restart(
    gateway: GatewayServer, om: MockConfigEntry, entities: Entities, until: Until
) -> None:
    """However long it was away: an attempt is never far, and an answer begins one."""
    stream = om.runtime_data.backend._stream
    await gateway.server.refuse()
    await gateway.close_sockets()
    await until(lambda: not om.runtime_data.backend._installation.live)
    # So long that the pauses of the past would be half a minute.
    await asyncio.sleep(6)
    before = stream.connections
    await gateway.server.listen()
    await until(lambda: stream.connections > before, 20)
    gateway.engine.put_output(0, True)
    await until(lambda: entities.state("output_0") == "on")


async def test_a_poll_that_succeeds_wakes_the_stream(
    gateway: GatewayServer, om: MockConfigEntry, until: Until
) -> None:
    """Also where the next attempt of its own would be long in coming."""
    backend = om.runtime_data.backend
    backend._stream._random.uniform = lambda *_: 1000.0
    await gateway.server.refuse()
    await gateway.close_sockets()
    await until(lambda: not backend._installation.live)
    backend._poller.mark()
    await tick(om)
    assert not om.runtime_data.last_update_success
    before = backend._stream.connections
    await gateway.server.listen()
    await tick(om)
    await until(lambda: backend._stream.connections > before)


async def test_plugin_sensors_keep_their_names(
    hass: HomeAssistant, gateway: GatewayServer, om: MockConfigEntry, entities: Entities
) -> None:
    """They share the plugin's name, because the kind of dust is unknown."""
    from simulators.openmotics.plan import sensor

    names = {"co2": "CO2 office", "dust": "Dust", "sound": "Noise"}
    for number, (quantity, name) in enumerate(names.items(), 500):
        row = sensor(number, "office", quantity, "none", name)
        row["source"] = {"type": "plugin", "name": "AirPlugin"}
        gateway.state.sensors.append(row)
        gateway.state.sensor_values[number] = 11.0
    await minute(om, Later(om))
    for number, name in enumerate(names.values(), 500):
        state = hass.states.get(entities.id(f"sensor_{number}"))
        assert state is not None
        assert state.name.endswith(name)
    assert "device_class" not in entities.attributes("sensor_501")
    # A thermometer of Home Assistant's may feed one of them.
    await entities.enable("sensor_500_feed")
    await entities.act("number.set_value", "sensor_500_feed", value=612.5)
    assert gateway.engine.commands[-1] == ("sensor", 500, 612.5)
    assert entities.state("sensor_500") == "612.5"


async def test_a_virtual_sensor_of_the_master(
    gateway: GatewayServer, om: MockConfigEntry, entities: Entities, until: Until
) -> None:
    """It takes its three quantities at once; missing ones stay."""
    for number in (1, 3, 4):
        row = next(row for row in gateway.state.sensors if row["id"] == number)
        row["virtual"] = True
    await minute(om, Later(om))
    await entities.enable("sensor_1_feed")
    await entities.act("number.set_value", "sensor_1_feed", value=18.25)
    assert gateway.engine.commands[-1] == (
        "virtual_sensor",
        0,
        {"temperature": 18.25, "humidity": 45.0, "brightness": 45.0},
    )
    # The thermostat that it belongs to follows.
    await until(
        lambda: (
            entities.attributes("thermostat_0")["current_temperature"]
            == pytest.approx(18.25, abs=0.06)
        )
    )


async def test_more_of_the_house(
    gateway: GatewayServer, om: MockConfigEntry, entities: Entities, until: Until
) -> None:
    gateway.state.pulses.append(
        {
            "id": 32,
            "name": "Virtual counter",
            "input": 255,
            "persistent": False,
            "room": 255,
            "in_use": True,
        }
    )
    gateway.state.pulse_values.append(None)
    gateway.state.inputs[0]["module_type"] = "i"
    gateway.state.errors = [["O0", 3], ["D1", 1]]
    await minute(om, Later(om))
    await entities.enable(
        "pulse_32_count", "bus_errors", "restart", "thermostat_0_heating_away"
    )
    await entities.act("number.set_value", "pulse_32_count", value=1234)
    assert gateway.state.pulse_values[32] == 1234
    assert entities.state("pulse_32") == "1234"
    assert entities.state("bus_errors") == "4"
    assert entities.attributes("bus_errors")["modules"] == {"D1": 1, "O0": 3}
    # A whole configuration is written, or the valve would be lost.
    assert entities.state("thermostat_0_heating_away") == "16.0"
    await entities.act("number.set_value", "thermostat_0_heating_away", value=14.5)
    assert gateway.state.thermostats[0]["setp3"] == 14.5
    assert gateway.state.thermostats[0]["output0"] == 4
    assert entities.state("thermostat_0_heating_away") == "14.5"
    await entities.act("button.press", "input_0_virtual_press")
    assert gateway.state.output_values[0].on
    await until(lambda: entities.state("output_0") == "on")
    await entities.act("button.press", "lights_off")
    await until(lambda: entities.state("output_0") == "off")
    await entities.act("button.press", "restart")
    assert gateway.state.restarts == 1


async def test_timers_end(
    hass: HomeAssistant,
    gateway: GatewayServer,
    entities: Entities,
    until: Until,
    moment: Any,
) -> None:
    """The gateway itself switches off, and tells."""
    for point in ("output_0", "ventilation_1"):
        await hass.services.async_call(
            "junction",
            "turn_on_for",
            {"duration": 60},
            blocking=True,
            target={"entity_id": entities.id(point)},
        )
    assert gateway.state.output_values[0].on
    assert gateway.state.ventilation_values[1]["level"] == 2
    await until(lambda: entities.state("output_0") == "on")
    moment.ahead += 61
    await until(lambda: entities.state("output_0") == "off")
    await until(lambda: entities.attributes("ventilation_1")["preset_mode"] == "auto")


async def test_dimmed_for_a_time(
    hass: HomeAssistant,
    gateway: GatewayServer,
    entities: Entities,
    until: Until,
    moment: Any,
) -> None:
    """One command with level and timer; the gateway turns the light off itself."""
    told = len(gateway.engine.commands)
    await hass.services.async_call(
        "junction",
        "turn_on_for",
        {"duration": 90, "brightness": 102},
        blocking=True,
        target={"entity_id": entities.id("output_8")},
    )
    assert gateway.engine.commands[told:] == [("output", 8, (True, 40, 90))]
    await until(lambda: entities.state("output_8") == "on")
    assert entities.attributes("output_8")["brightness"] == 102
    moment.ahead += 91
    await until(lambda: entities.state("output_8") == "off")
    assert not gateway.state.output_values[8].on


async def test_a_list_that_fails_costs_nothing_else(
    gateway: GatewayServer, om: MockConfigEntry, entities: Entities, until: Until
) -> None:
    """A list that fails because of a slow bus does not remove lights, even without the socket."""
    gateway.server.inject(status(503, "{}"), "/ws_events")
    await gateway.close_sockets()
    await until(lambda: not om.runtime_data.backend._installation.live)
    body = '{"success": false, "msg": "Internal communication timeout"}'
    gateway.server.inject(
        status(200, body, content_type="application/json"), "/get_power_modules"
    )
    await minute(om, Later(om))
    assert om.runtime_data.last_update_success
    assert entities.state("output_0") == "off"
