"""Each cell of the table of DaemonControl's functions, against a simulated Mycodo.

The rows are those of ``docs/mycodo.md``: a cell that is changed there, or a function that
is added, fails here until it is tried.
"""

from dataclasses import dataclass
from pathlib import Path
import re
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.junction.backends.mycodo.entities.daemon_calls import FUNCTIONS
from simulators.mycodo.daemon import DaemonServer
from simulators.mycodo.plan import CLIMATE, CONDITIONAL, FAN, PID, RELAYS, TRIGGER
from simulators.mycodo.server import MycodoServer
from simulators.mycodo.state import Features, uid

from .conftest import Poll
from .daemon_trials import (
    House,
    Trial,
    active_switch,
    by_the_action,
    display,
    display_off_and_on,
    gains,
    measure_now,
    no,
    no_mail,
    outputs,
    pid_sensors,
    presets,
    presets_or_trigger,
    reload_all,
    reload_pid,
    reloads,
    run_actions,
    sensors,
    setpoint,
    shown_pid,
    states,
    terminate,
    terminate_by_the_web_server,
    time_on,
    trigger_or_conditional,
)
from .with_daemon import (
    ACTION,
    ACTIONS,
    DISPLAY,
    call,
    daemon,
    installed,
    loaded,
    state,
)

__all__ = ["daemon", "installed", "loaded", "state"]

PAGE: Final = Path(__file__).parents[3] / "docs" / "mycodo.md"
HEADING: Final = "## What Mycodo's DaemonControl can do, and how to reach it"
NOTHING: Final = "no"


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table."""

    what: str
    without: str
    besides: str

    @property
    def functions(self) -> list[str]:
        """The functions that it is about."""
        return re.findall(r"`(\w+)`", self.what)


def rows() -> list[Row]:
    """Read the table."""
    part = PAGE.read_text(encoding="utf-8").partition(f"\n{HEADING}\n")[2]
    return [
        Row(*(cell.strip() for cell in line.strip("|").split("|")))
        for line in part.partition("\n## ")[0].splitlines()
        if line.startswith("| `")
    ]


ROWS: Final = rows()


TRIALS: Final[dict[str, tuple[str, Trial, str, Trial | None]]] = {
    "`controller_activate`, `controller_deactivate`": (
        "switch *Active*",
        active_switch,
        "",
        None,
    ),
    "`input_force_measurements`": ("button *Measure now*", measure_now, "", None),
    "`output_on`, `output_off`, `output_on_off`": (
        (
            "switch, light, fan, valve, number; `junction.turn_on_for`, "
            "`junction.dispense`, `junction.set_duty_cycle`, `junction.set_value`"
        ),
        outputs,
        "minimum time off, and without triggers, by the action",
        by_the_action,
    ),
    "`output_state`": ("the state of these entities", states, "", None),
    "`output_sec_currently_on`": (
        NOTHING,
        no("mycodo_on_for"),
        "sensor *Time on*",
        time_on,
    ),
    "`output_setup`": (
        NOTHING,
        no("mycodo_reload"),
        "button *Reload settings*",
        reloads("relay_board_reload_settings", told=("output", uid(RELAYS))),
    ),
    "`pid_get`": (
        "setpoint and measurements of the PID controller; sensors *Kp*, *Ki*, *Kd*",
        shown_pid,
        "sensors *Control error*, *Integrator*",
        pid_sensors,
    ),
    "`pid_set` of the setpoint": (
        "climate or number, with a [PID widget](#pid-controllers)",
        setpoint,
        "climate or number",
        setpoint,
    ),
    "`pid_set` of gains, integrator, derivator, method": (
        NOTHING,
        no("mycodo_pid_error", "mycodo_pid_integrator"),
        "numbers *Kp*, *Ki*, *Kd*; the others by the action",
        gains,
    ),
    "`pid_hold`, `pid_pause`, `pid_resume`": (
        (
            "presets or select, with a PID widget; or an action of Mycodo in a trigger "
            "that you switch on"
        ),
        presets_or_trigger,
        "presets or select",
        presets,
    ),
    "`pid_mod`": (
        NOTHING,
        no("mycodo_reload"),
        "button *Reload settings*",
        reload_pid,
    ),
    "`get_condition_measurement`, `get_condition_measurement_dict`": (
        "no; the measurements are sensors",
        sensors,
        "by the action",
        by_the_action,
    ),
    "`trigger_action`, `trigger_all_actions`": (
        (
            "put the actions into a trigger or conditional in Mycodo, and switch its "
            "*Active* on"
        ),
        trigger_or_conditional,
        "button *Run actions*, and by the action",
        run_actions,
    ),
    "`lcd_backlight`, `lcd_flash`": (
        NOTHING,
        no("mycodo_backlight", "mycodo_flash_on", "mycodo_flash_off"),
        "switch and buttons of the display",
        display,
    ),
    "`lcd_reset`": (
        "switch *Active* of the display off and on",
        display_off_and_on,
        "button *Restart*",
        reloads("display_restart", told=("restart", uid(DISPLAY))),
    ),
    (
        "`refresh_daemon_conditional_settings`, `refresh_daemon_trigger_settings`, "
        "`refresh_daemon_misc_settings`"
    ): (
        NOTHING,
        no("mycodo_reload"),
        "button *Reload settings*",
        reload_all,
    ),
    "`send_email`": (
        "an e-mail action in a trigger of Mycodo",
        trigger_or_conditional,
        (
            "the daemon has no such function up to 8.16; run an e-mail action with "
            "`trigger_action`"
        ),
        no_mail,
    ),
    "`terminate_daemon`": (
        (
            "`junction.call_api` of `daemon/terminate`, with `confirm`; nothing starts the "
            "daemon again"
        ),
        terminate_by_the_web_server,
        "by the action, with `confirm`",
        terminate,
    ),
}
"""How each cell is tried: of each row what it says without the channel, and with it."""


# Response of each function through the action.

OUTPUT = {"output": uid(RELAYS), "channel": 1}
CALLS: Final[dict[str, list[tuple[dict[str, Any], Any]]]] = {
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
                "min_off": {"seconds": 0},
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
    "refresh_daemon_conditional_settings": [
        ({"id": uid(CONDITIONAL)}, "Conditional settings")
    ],
    "refresh_daemon_misc_settings": [({}, None)],
    "refresh_daemon_trigger_settings": [({"id": uid(TRIGGER)}, "Trigger settings")],
    "send_email": [],
    "terminate_daemon": [],
    "trigger_action": [
        ({"id": uid(ACTION), "message": "hi"}, "hi Pause PID (Heating).")
    ],
    "trigger_all_actions": [
        ({"id": uid(ACTIONS), "message": "hi"}, "hi Pause PID (Heating).")
    ],
}


def test_all_of_the_table_is_tried() -> None:
    assert {(row.what, row.without, row.besides) for row in ROWS} == {
        (what, without, besides) for what, (without, _, besides, _) in TRIALS.items()
    }
    named = {name for row in ROWS for name in row.functions}
    assert named == FUNCTIONS.keys() == CALLS.keys()
    assert len(FUNCTIONS) == 27


@pytest.fixture
def features(row: Row, channel: bool) -> Features:
    return Features(pid_widget=not channel and "PID widget" in row.without)


@pytest.fixture
def options(daemon: DaemonServer, channel: bool) -> dict[str, Any]:
    shown_as = {
        "valve": [f"{uid(RELAYS)}:0"],
        "fan": [f"{uid(RELAYS)}:1"],
        "light": [f"{uid(RELAYS)}:2"],
    }
    if not channel:
        return {"show_as": shown_as}
    return {
        "show_as": shown_as,
        "daemon": True,
        "daemon_host": "127.0.0.1",
        "daemon_port": daemon.port,
        "execute_actions": [uid(ACTIONS)],
    }


@pytest.fixture
def house(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    mycodo: MycodoServer,
    daemon: DaemonServer,
    entity_registry: er.EntityRegistry,
    poll: Poll,
) -> House:
    return House(hass, loaded, mycodo, daemon, entity_registry, poll)


@pytest.mark.parametrize("channel", [False], ids=["without"])
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.what)
async def test_without_the_channel(house: House, row: Row, channel: bool) -> None:
    _, trial, *_ = TRIALS[row.what]
    await trial(house)
    assert house.daemon.calls == []
    with pytest.raises(HomeAssistantError) as error:
        await call(house.hass, house.entry, row.functions[0])
    assert error.value.translation_key == "mycodo_channel_missing"


@pytest.mark.parametrize("channel", [True], ids=["with"])
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.what)
async def test_with_the_channel(house: House, row: Row, channel: bool) -> None:
    without, trial, _, besides = TRIALS[row.what]
    if "terminate_daemon" not in row.functions:
        for function in row.functions:
            for fields, expected in CALLS[function]:
                result = await call(house.hass, house.entry, function, **fields)
                if isinstance(expected, str) and isinstance(result, str):
                    assert result.startswith(expected), fields
                else:
                    assert result == expected, fields
        house.daemon.told.clear()
        if without != NOTHING:
            # Features without the channel also work with it.
            await trial(house)
    if besides is not None:
        await besides(house)
