"""Every action of the gateway: used by Junction, reached by ``call_api``, or refused."""

import inspect
from pathlib import Path
import re
from typing import Any

import aiohttp
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.junction.backends.openmotics.client.gateway import (
    Direction,
    Gateway,
)
from custom_components.junction.backends.openmotics.client.models import (
    Preset,
    Sensor,
    Topic,
)
from custom_components.junction.backends.openmotics.client.policy import (
    ACTIONS,
    Policy,
    judge,
)
from custom_components.junction.backends.openmotics.client.policy_table import USED
from custom_components.junction.errors import BackendError
from simulators.openmotics.plan import house
from simulators.openmotics.server import GatewayServer
from simulators.openmotics.state import State

from ...api_docs import call
from .conftest import Time, asked, certificate, make_client

PAGE = Path(__file__).parents[3] / "docs/protocols/openmotics.md"
TOTALS = re.compile(
    r"Of the (\d+), Junction uses (\d+) by itself, `junction.call_api` reaches (\d+) more,"
    r" and (\d+) are refused"
)

# Actions that Junction itself uses.

VIRTUAL = Sensor(key="1", device="", name="", external="0")
FOREIGN = Sensor(key="510", device="", name="", source="plugin")
ALL_QUANTITIES = {"temperature": 20.0, "humidity": 50.0, "brightness": 10.0}


def told(*given: Any, **named: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    return given, named


EVERY = {
    "open": [told()],
    "configuration": [told()],
    "schedules": [told()],
    "status": [told(topic) for topic in Topic],
    "set_output": [told(8, True, level=40)],
    "turn_lights_off": [told()],
    "move_shutter": [told(8, way) for way in Direction],
    "place_shutter": [told(10, 3, seconds=1)],
    "move_shutter_group": [told(0, way) for way in Direction],
    "set_thermostat": [told(0, setpoint=20.0), told(0, preset=Preset.AWAY)],
    "set_thermostat_group": [told(0, cooling=False)],
    "set_preset_temperature": [
        told(0, Preset.AWAY, 15.0, cooling=cooling) for cooling in (False, True)
    ],
    "set_ventilation": [told(1, 2), told(1, None)],
    "set_sensor": [
        told(VIRTUAL, ALL_QUANTITIES),
        told(FOREIGN, {"temperature": 20.0}),
    ],
    "set_pulse_counter": [told(32, 7)],
    "press": [told(0, True)],
    "run_group_action": [told(0)],
    "identify": [told()],
    "restart": [told()],
    "close": [told()],
}
"""Every method of the client, with all ways in which it may go."""
NO_ACTIONS = {
    *("listen", "diagnostics"),
    *("call", "call_with_headers", "request"),
    *("set_lamp", "lock_shutter", "set_shutter_preset", "recall_shutter"),
}
"""Methods that call no action of their own: the socket, people's calls, and the cloud's."""


@pytest.fixture(autouse=True)
def _virtual(state: State) -> None:
    """Have a sensor and a counter that take values."""
    for row in state.sensors:
        row["virtual"] |= row["external_id"] == "0"
    state.pulses.append({**state.pulses[0], "id": 32})
    state.pulse_values.append(None)


@pytest.fixture(name="used")
async def _used(
    socket_enabled: None, session: aiohttp.ClientSession, moment: Time
) -> frozenset[str]:
    """Return the actions that the client calls, on gateways of three generations."""
    found: set[str] = set()
    for quirk in (None, "classic", "old"):
        state = house(moment)
        if quirk is not None:
            setattr(state.quirks, quirk, True)
            state.features.remove("thermostats_gateway")
        async with GatewayServer(state, certificate()) as gateway:
            client = make_client(gateway, session)
            for method, steps in EVERY.items():
                for given, named in steps:
                    try:
                        await getattr(client, method)(*given, **named)
                    except BackendError, OSError:
                        # The call counts, for any result in this house.
                        continue
            found |= set(asked(gateway))
    return frozenset(found)


def test_no_method_of_the_client_is_forgotten() -> None:
    methods = {
        name
        for name, method in vars(Gateway).items()
        if inspect.isfunction(method) and not name.startswith("_")
    }
    assert methods == set(EVERY) | NO_ACTIONS


async def test_what_the_table_calls_used_is_what_the_client_calls(
    used: frozenset[str],
) -> None:
    assert used == USED


# Actions that users call by name.

SAMPLES: dict[str, Any] = {
    "id": 0,
    "is_on": True,
    "type": 0,
    "position": 3,
    "floor": 255,
    "ventilation_id": 1,
    "level": 2,
    "thermostat": 0,
    "thermostat_id": 0,
    "thermostat_group_id": 0,
    "temperature": 20.5,
    "humidity": 50,
    "brightness": 10,
    "automatic": True,
    "setpoint": 0,
    "thermostat_on": True,
    "airco_on": True,
    "sensor_id": 0,
    "pulse_counter_id": 32,
    "value": 7,
    "group_action_id": 0,
    "status": True,
    "schedule_id": 1,
    "action_type": 165,
    "action_number": 0,
    "slaveaddress": 1,
    "registeraddress": 1,
    "args": [],
    "module_id": 2,
    "name": "x",
    "source_id": 0,
    "destination_id": 1,
    "timestamp": 1,
    "action": {"action": "set_output", "data": {"id": 0, "is_on": True}},
    "start": 1,
    "schedule_type": "GROUP_ACTION",
    "settings": ["cloud_enabled"],
    "source": "x",
    "topic": "x",
    "message": "x",
}
OWN_SAMPLES: dict[str, dict[str, Any]] = {
    "do_shutter_up": {"id": 8},
    "do_shutter_down": {"id": 8},
    "do_shutter_stop": {"id": 8},
    "do_shutter_goto": {"id": 10, "position": 3},
    "get_sensor_configuration": {"id": 1},
    "set_sensor_status": {"status": {"id": 510, "value": 18.25}},
    "get_ventilation_configuration": {"ventilation_id": 1},
}
SAYS_NO = {
    "get_airco_status": "on a Classic gateway",
    "set_airco_status": "on a Classic gateway",
    "get_global_rtd10_configuration": "on a Classic gateway",
    "get_rtd10_heating_configuration": "on a Classic gateway",
    "get_rtd10_heating_configurations": "on a Classic gateway",
    "get_rtd10_cooling_configuration": "on a Classic gateway",
    "get_rtd10_cooling_configurations": "on a Classic gateway",
    "get_pump_group_configuration": "always fails in 2.29",
    "get_cooling_pump_group_configuration": "always fails in 2.29",
    "set_thermostat_mode": "always fails in 2.29",
    "get_master_debug_buffer": "fails without a real master",
    "read_modbus_register": "no Modbus",
    "read_modbus_registers": "no Modbus",
    "write_modbus_register": "no Modbus",
    "write_modbus_registers": "no Modbus",
    "start_plugin": "no plugin in this house",
    "stop_plugin": "no plugin in this house",
}
"""What arrives at this gateway and is answered by no, as a real one does, and why."""


def parameters(name: str, policy: Policy) -> dict[str, Any]:
    """Return parameters with which an action may be called."""
    required = [one for one in policy.parameters.split() if not one.endswith("?")]
    return OWN_SAMPLES.get(name, {one: SAMPLES[one] for one in required})


async def test_every_action_is_used_reached_or_refused(
    hass: HomeAssistant,
    om: MockConfigEntry,
    gateway: GatewayServer,
    used: frozenset[str],
) -> None:
    """The policy decides, and nothing that it refuses leaves Home Assistant."""
    ways: dict[str, set[str]] = {"used": set(), "reached": set(), "refused": set()}
    said_no = set()
    for name in ACTIONS:
        policy = judge(name)
        if policy.is_refused:
            before = asked(gateway)[name]
            with pytest.raises(ServiceValidationError) as raised:
                await call(hass, om, function=name, confirm=True)
            assert str(raised.value.translation_key).startswith("call_refused"), name
            assert asked(gateway)[name] == before, name
            assert policy.reason, name
            ways["used" if name in used else "refused"].add(name)
            continue
        fields: dict[str, Any] = {
            "function": name,
            "parameters": parameters(name, policy),
        }
        if policy.obstacle is not None:
            before = asked(gateway)[name]
            with pytest.raises(ServiceValidationError) as raised:
                await call(hass, om, **fields)
            key = str(raised.value.translation_key)
            assert key.startswith("call_not_confirmed"), name
            assert asked(gateway)[name] == before, name
            fields["confirm"] = True
        before = asked(gateway)[name]
        try:
            found = await call(hass, om, **fields)
        except HomeAssistantError:
            said_no.add(name)
        else:
            assert (found["status"], found["body"]["success"]) == (200, True), name
        assert asked(gateway)[name] > before, f"{name} was kept back"
        ways["used" if name in used else "reached"].add(name)
    assert said_no == set(SAYS_NO)
    assert not used - ways["used"]
    told = TOTALS.search(" ".join(PAGE.read_text(encoding="utf-8").split()))
    assert told is not None
    totals = [len(ACTIONS), *(len(names) for names in ways.values())]
    assert [int(number) for number in told.groups()] == totals
