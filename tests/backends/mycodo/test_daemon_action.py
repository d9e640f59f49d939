"""The action that calls the daemon's functions, against a real Pyro5 server."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.junction.backends.mycodo.entities.daemon_calls import FUNCTIONS
from simulators.mycodo.daemon import DaemonServer
from simulators.mycodo.plan import CLIMATE, FAN, PID, RELAYS, TRIGGER
from simulators.mycodo.state import State, uid

from .with_daemon import (
    ACTION,
    ACTIONS,
    DISPLAY,
    NOWHERE,
    call,
    daemon,
    installed,
    loaded,
    options,
    state,
)

__all__ = ["daemon", "installed", "loaded", "options", "state"]


# Every function of the page, by the action.

OUTPUT = {"output": uid(RELAYS), "channel": 1}
CALLS: dict[str, list[tuple[dict[str, Any], Any]]] = {
    "controller_activate": [
        ({"id": uid(CLIMATE)}, "Cannot activate Input controller with ID"),
    ],
    "controller_deactivate": [({"id": uid(CLIMATE)}, "Input controller with ID")],
    "get_condition_measurement": [({"id": "c000"}, 21.5), ({"id": "c004"}, "off")],
    "get_condition_measurement_dict": [
        ({"id": "c002"}, [[1795871263.5, 21.5], [1795871268.5, 21.6]])
    ],
    "input_force_measurements": [({"id": uid(CLIMATE)}, "Input instructed")],
    "lcd_backlight": [({"id": uid(DISPLAY), "state": True}, "Command sent")],
    "lcd_flash": [({"id": uid(DISPLAY), "state": True}, "Command sent")],
    "lcd_reset": [({"id": uid(DISPLAY)}, "Successfully restarted")],
    "output_off": [(OUTPUT, "Output")],
    "output_on": [
        (OUTPUT, "Output"),
        ({**OUTPUT, "output_type": "sec", "amount": 8}, "Output"),
        (
            {
                "output": uid(FAN),
                "channel": 0,
                "output_type": "pwm",
                "amount": 40,
                "min_off": 0,
                "trigger_conditionals": False,
            },
            "Command sent",
        ),
    ],
    "output_on_off": [
        ({**OUTPUT, "state": True}, "Output"),
        ({**OUTPUT, "state": False}, "Output"),
    ],
    "output_sec_currently_on": [(OUTPUT, 0.0)],
    "output_setup": [({"output": uid(RELAYS)}, "add_mod_output() Success")],
    "output_state": [(OUTPUT, "off")],
    "pid_get": [
        ({"id": uid(PID), "setting": "kp"}, 2.0),
        ({"id": uid(PID), "setting": "setpoint_band"}, None),
    ],
    "pid_hold": [({"id": uid(PID)}, None)],
    "pid_mod": [({"id": uid(PID)}, None)],
    "pid_pause": [({"id": uid(PID)}, None)],
    "pid_resume": [({"id": uid(PID)}, None)],
    "pid_set": [
        ({"id": uid(PID), "setting": "setpoint", "value": 22.5}, "Setpoint set to"),
        ({"id": uid(PID), "setting": "integrator", "value": 4}, "Integrator set to"),
        ({"id": uid(PID), "setting": "method", "value": ""}, "Method set to"),
    ],
    "refresh_daemon_conditional_settings": [],
    "refresh_daemon_misc_settings": [({}, None)],
    "refresh_daemon_trigger_settings": [({"id": uid(TRIGGER)}, "Trigger settings")],
    "send_email": [],
    "terminate_daemon": [({"confirm": True}, None)],
    "trigger_action": [
        ({"id": uid(ACTION), "message": "hi"}, "hi Pause PID (Heating).")
    ],
    "trigger_all_actions": [
        ({"id": uid(ACTIONS), "message": "hi"}, "hi Pause PID (Heating).")
    ],
}


def test_the_page_and_the_action_have_the_same_functions() -> None:
    assert CALLS.keys() == FUNCTIONS.keys()
    assert len(FUNCTIONS) == 27


@pytest.mark.parametrize("function", CALLS)
async def test_each_function(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    function: str,
) -> None:
    for fields, expected in CALLS[function]:
        result = await call(hass, loaded, function, **fields)
        if isinstance(expected, str) and isinstance(result, str):
            assert result.startswith(expected), fields
        else:
            assert result == expected, fields


@pytest.mark.parametrize(
    ("function", "fields", "key"),
    [
        ("controller_activate", {"id": NOWHERE}, "rejected"),
        ("input_force_measurements", {"id": NOWHERE}, "rejected"),
        ("lcd_backlight", {"id": NOWHERE, "state": True}, "rejected"),
        ("lcd_flash", {"id": NOWHERE, "state": True}, "rejected"),
        ("output_on", {"output": NOWHERE, "channel": 0}, "rejected"),
        ("output_on", {"output": uid(FAN), "channel": 0}, "mycodo_nothing_done"),
        ("output_setup", {"output": NOWHERE}, "rejected"),
        ("pid_hold", {"id": NOWHERE}, "mycodo_pid_not_running"),
        (
            "pid_set",
            {"id": uid(PID), "setting": "kp", "value": "abc"},
            "rejected",
        ),
        (
            "pid_set",
            {"id": uid(PID), "setting": "setpoint", "value": "nan"},
            "rejected",
        ),
        ("refresh_daemon_trigger_settings", {"id": NOWHERE}, "rejected"),
        ("trigger_action", {"id": NOWHERE}, "rejected"),
        (
            "send_email",
            {"recipients": "a@b.example", "message": "hi"},
            "mycodo_channel_no_function",
        ),
        (
            "pid_set",
            {"id": uid(PID), "setting": "error", "value": 1},
            "mycodo_wrong_fields",
        ),
        ("pid_hold", {}, "mycodo_wrong_fields"),
        ("pid_hold", {"id": uid(PID), "state": True}, "mycodo_wrong_fields"),
        ("terminate_daemon", {"confirm": False}, "mycodo_wrong_fields"),
        ("output_on", {"output": uid(RELAYS)}, "mycodo_wrong_fields"),
    ],
)
async def test_what_is_refused(
    hass: HomeAssistant,
    state: State,
    loaded: MockConfigEntry,
    function: str,
    fields: dict[str, Any],
    key: str,
) -> None:
    with pytest.raises(HomeAssistantError) as error:
        await call(hass, loaded, function, **fields)
    assert error.value.translation_key == key
    assert state.pids[0].setpoint == 24.0
    assert state.daemon_running


async def test_nothing_but_the_message_is_passed_on(
    hass: HomeAssistant, daemon: DaemonServer, loaded: MockConfigEntry
) -> None:
    """Anything else would take the place of the action's own command, and run as root."""
    await call(hass, loaded, "trigger_action", id=uid(ACTION), message="{'value': 1}")
    assert daemon.told.actions == [(uid(ACTION), {"message": "{'value': 1}"})]
    with pytest.raises((HomeAssistantError, ServiceValidationError)):
        await call(
            hass,
            loaded,
            "trigger_action",
            id=uid(ACTION),
            value={"command": "id", "user": "root"},
        )
