"""The action that calls the daemon's functions, against a real Pyro5 server."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from simulators.mycodo.daemon import DaemonServer
from simulators.mycodo.plan import FAN, PID, RELAYS
from simulators.mycodo.state import State, uid

from ...action_page import CARRIED_OUT, carry_out
from .with_daemon import (
    ACTION,
    NOWHERE,
    call,
    daemon,
    installed,
    loaded,
    options,
    state,
)

__all__ = ["daemon", "installed", "loaded", "options", "state"]


@pytest.mark.parametrize("action", CARRIED_OUT["mycodo_daemon"])
async def test_example_of_the_page(
    hass: HomeAssistant, daemon: DaemonServer, loaded: MockConfigEntry, action: str
) -> None:
    answer = await carry_out(hass, loaded, action)
    assert set(answer) == {"result"}


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
            "field_invalid",
        ),
        (
            "pid_set",
            {"id": uid(PID), "setting": "setpoint", "value": "nan"},
            "field_invalid",
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
