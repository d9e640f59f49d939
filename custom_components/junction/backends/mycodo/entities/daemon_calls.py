"""Action ``junction.mycodo_daemon``: functions of Mycodo's daemon and their fields.

It offers the functions that Mycodo's manual lists for ``DaemonControl``, each with its
fields. See docs/protocols/mycodo-daemon.md#functions.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from homeassistant.helpers import config_validation as cv
from homeassistant.util.json import JsonObjectType, JsonValueType
import probatio as vol

from ..client import PID_GETTABLE, PID_SETTABLE, DaemonFunctions, WrongFieldsError

type Call = Callable[[DaemonFunctions, Mapping[str, Any]], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the daemon, with its required and optional fields."""

    call: Call
    needs: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()


async def _output_on_off(f: DaemonFunctions, g: Mapping[str, Any]) -> object:
    if g["state"]:
        return await _output_on(f, g)
    return await _output_off(f, g)


async def _output_on(f: DaemonFunctions, g: Mapping[str, Any]) -> object:
    return await f.output_on(
        g["output"],
        g["channel"],
        g.get("output_type"),
        g.get("amount", 0.0),
        g.get("min_off", 0.0),
        g.get("trigger_conditionals", True),
    )


async def _output_off(f: DaemonFunctions, g: Mapping[str, Any]) -> object:
    return await f.output_off(
        g["output"], g["channel"], g.get("trigger_conditionals", True)
    )


async def _terminate(f: DaemonFunctions, g: Mapping[str, Any]) -> object:
    if not g["confirm"]:
        raise WrongFieldsError(function="terminate_daemon", fields="confirm")
    await f.terminate_daemon()
    return None


_ON: Final = ("output_type", "amount", "min_off", "trigger_conditionals")

FUNCTIONS: Final[Mapping[str, Function]] = {
    "controller_activate": Function(
        lambda f, g: f.controller_activate(g["id"]), ("id",)
    ),
    "controller_deactivate": Function(
        lambda f, g: f.controller_deactivate(g["id"]), ("id",)
    ),
    "get_condition_measurement": Function(
        lambda f, g: f.get_condition_measurement(g["id"]), ("id",)
    ),
    "get_condition_measurement_dict": Function(
        lambda f, g: f.get_condition_measurement_dict(g["id"]), ("id",)
    ),
    "input_force_measurements": Function(
        lambda f, g: f.input_force_measurements(g["id"]), ("id",)
    ),
    "lcd_backlight": Function(
        lambda f, g: f.lcd_backlight(g["id"], g["state"]), ("id", "state")
    ),
    "lcd_flash": Function(
        lambda f, g: f.lcd_flash(g["id"], g["state"]), ("id", "state")
    ),
    "lcd_reset": Function(lambda f, g: f.lcd_reset(g["id"]), ("id",)),
    "output_off": Function(
        _output_off, ("output", "channel"), ("trigger_conditionals",)
    ),
    "output_on": Function(_output_on, ("output", "channel"), _ON),
    "output_on_off": Function(_output_on_off, ("output", "channel", "state"), _ON),
    "output_sec_currently_on": Function(
        lambda f, g: f.output_sec_currently_on(g["output"], g["channel"]),
        ("output", "channel"),
    ),
    "output_setup": Function(lambda f, g: f.output_setup(g["output"]), ("output",)),
    "output_state": Function(
        lambda f, g: f.output_state(g["output"], g["channel"]), ("output", "channel")
    ),
    "pid_get": Function(
        lambda f, g: f.pid_get(g["id"], g["setting"]), ("id", "setting")
    ),
    "pid_hold": Function(lambda f, g: f.pid_hold(g["id"]), ("id",)),
    "pid_mod": Function(lambda f, g: f.pid_mod(g["id"]), ("id",)),
    "pid_pause": Function(lambda f, g: f.pid_pause(g["id"]), ("id",)),
    "pid_resume": Function(lambda f, g: f.pid_resume(g["id"]), ("id",)),
    "pid_set": Function(
        lambda f, g: f.pid_set(g["id"], g["setting"], g["value"]),
        ("id", "setting", "value"),
    ),
    "refresh_daemon_conditional_settings": Function(
        lambda f, g: f.refresh_conditional(g["id"]), ("id",)
    ),
    "refresh_daemon_misc_settings": Function(lambda f, g: f.refresh_misc()),
    "refresh_daemon_trigger_settings": Function(
        lambda f, g: f.refresh_trigger(g["id"]), ("id",)
    ),
    "send_email": Function(
        lambda f, g: f.send_email(g["recipients"], g["message"], g.get("subject", "")),
        ("recipients", "message"),
        ("subject",),
    ),
    "terminate_daemon": Function(_terminate, ("confirm",)),
    "trigger_action": Function(
        lambda f, g: f.trigger_action(g["id"], g.get("message", "")),
        ("id",),
        ("message",),
    ),
    "trigger_all_actions": Function(
        lambda f, g: f.trigger_all_actions(g["id"], g.get("message", "")),
        ("id",),
        ("message",),
    ),
}

_ID: Final = cv.matches_regex(r"^[0-9A-Za-z_-]{1,64}$")
_LARGEST: Final = 1e15
_NUMBER: Final = vol.All(
    vol.Coerce(float), vol.Range(min=-_LARGEST, max=_LARGEST), msg="not a number"
)
_TEXT: Final = vol.All(cv.string, vol.Length(max=10_000))

_SECONDS: Final = vol.Any(
    vol.All(_NUMBER, vol.Range(min=0)),
    # The selector returns hours, minutes, and seconds.
    vol.All(cv.positive_time_period, lambda span: span.total_seconds()),
)

DAEMON_SCHEMA: Final[Mapping[vol.Marker, Any]] = {
    vol.Required("function"): vol.In(list(FUNCTIONS)),
    vol.Optional("id"): _ID,
    vol.Optional("output"): _ID,
    vol.Optional("channel"): vol.All(vol.Coerce(int), vol.Range(min=0, max=1000)),
    vol.Optional("state"): cv.boolean,
    vol.Optional("output_type"): vol.In(["sec", "pwm", "vol", "value"]),
    vol.Optional("amount"): _NUMBER,
    vol.Optional("min_off"): _SECONDS,
    vol.Optional("trigger_conditionals"): cv.boolean,
    vol.Optional("setting"): vol.In(
        [*dict.fromkeys((*PID_GETTABLE, *PID_SETTABLE)), "method"]
    ),
    vol.Optional("value"): vol.Any(_NUMBER, _TEXT),
    vol.Optional("message"): _TEXT,
    vol.Optional("subject"): _TEXT,
    vol.Optional("recipients"): _TEXT,
    vol.Optional("confirm"): cv.boolean,
}


async def call_daemon(
    functions: DaemonFunctions, fields: Mapping[str, Any]
) -> JsonObjectType:
    """Call the given function with its fields; other fields are refused.

    Returns its ``result``. Raises WrongFieldsError, and what the function raises.
    """
    name: str = fields["function"]
    function = FUNCTIONS[name]
    given = set(fields) - {"function"}
    wrong = [
        *(field for field in function.needs if field not in given),
        *sorted(given - {*function.needs, *function.takes}),
    ]
    if name == "pid_set" and fields.get("setting") not in (*PID_SETTABLE, "method"):
        wrong.append("setting")
    if name == "pid_get" and fields.get("setting") not in PID_GETTABLE:
        wrong.append("setting")
    if wrong:
        raise WrongFieldsError(function=name, fields=", ".join(dict.fromkeys(wrong)))
    return {"result": _plain(await function.call(functions, fields))}


def _plain(value: object) -> JsonValueType:
    """Return an object from the daemon as JSON-compatible data."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case Mapping():
            return {str(key): _plain(one) for key, one in value.items()}
        case list() | tuple() | set():
            return [_plain(one) for one in value]
        case _:
            return str(value)
