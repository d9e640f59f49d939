"""Functions of Mycodo's daemon, with checked arguments and answers.

The daemon reports failures in many forms, and success in words; each function here
raises if it was refused. See docs/protocols/mycodo-daemon.md#functions.
"""

from collections.abc import Mapping
import math
from typing import Any, Final, Literal

from ....errors import CallerError, RejectedError
from .daemon import Brought, DaemonChannel
from .errors import NothingDoneError, PidNotRunningError

type OutputType = Literal["sec", "pwm", "vol", "value"]

PID_GETTABLE: Final = (
    "setpoint",
    "setpoint_band",
    "error",
    "integrator",
    "derivator",
    "kp",
    "ki",
    "kd",
)
PID_SETTABLE: Final = ("setpoint", "integrator", "derivator", "kp", "ki", "kd")

_REFUSED: Final = ("Cannot ", "Attempting ", "Error")


class DaemonFunctions:
    """Functions of one Mycodo's daemon. Numbers are in its units.

    All methods raise RejectedError if the daemon refused, and what ``DaemonChannel``
    raises.
    """

    def __init__(self, channel: DaemonChannel) -> None:
        """Store the channel; its owner closes it."""
        self._channel = channel

    # Controllers.

    async def controller_activate(self, controller: str) -> str:
        """Activate a controller; no error if it is active already."""
        return _message(
            await self._channel.command("controller_activate", controller),
            "already active",
        )

    async def controller_deactivate(self, controller: str) -> str:
        """Deactivate a controller; no error if it is not active."""
        return _message(
            await self._channel.command("controller_deactivate", controller),
            "not found",
        )

    async def controller_restart(self, controller: str) -> str:
        """Deactivate and activate a controller."""
        return _message(await self._channel.command("controller_restart", controller))

    async def function_status(self, function: str) -> Mapping[str, Any]:
        """Return the status of a PID, conditional, or function."""
        found = await self._channel.read("function_status", function)
        if not isinstance(found, dict) or found.get("error"):
            raise RejectedError(_text(found.get("error") if found else None))
        return found

    async def input_force_measurements(self, identity: str) -> str:
        """Let an active input measure now."""
        return _message(
            await self._channel.command("input_force_measurements", identity)
        )

    # Conditions.

    async def get_condition_measurement(self, condition: str) -> Brought:
        """Return the measurement of a condition, None without a value."""
        return await self._channel.read("get_condition_measurement", condition)

    async def get_condition_measurement_dict(
        self, condition: str
    ) -> list[tuple[float, float]] | None:
        """Return (Unix time, value) pairs of a condition "Measurement (Multiple)"."""
        found = await self._channel.read("get_condition_measurement_dict", condition)
        if not isinstance(found, list | tuple):
            return None
        return [(float(time), float(value)) for time, value in found]

    # Displays.

    async def lcd_backlight(self, display: str, on: bool) -> str:
        """Turn the backlight of a display on or off."""
        return _message(await self._channel.command("lcd_backlight", display, on))

    async def lcd_flash(self, display: str, on: bool) -> str:
        """Start or stop flashing the backlight of a display.

        Calls the display's own function: the daemon's ``lcd_flash`` fails for all
        displays.
        """
        name = "backlight_flash_on" if on else "backlight_flash_off"
        return _message(
            await self._channel.command(
                "module_function", "Function", display, name, {}
            )
        )

    async def lcd_reset(self, display: str) -> str:
        """Reset a display.

        Restarts its function: the daemon's ``lcd_reset`` does nothing.
        """
        return await self.controller_restart(display)

    # Outputs.

    async def output_on(
        self,
        output: str,
        channel: int,
        output_type: OutputType | None = None,
        amount: float = 0.0,
        min_off: float = 0.0,
        trigger_conditionals: bool = True,
    ) -> str:
        """Turn on an output; no error if it is on already.

        ``amount`` is in s (``sec``), percent (``pwm``), ml (``vol``), or the output's
        own unit. ``min_off`` (s, with ``sec`` and an amount) keeps it off for that long
        afterwards.
        """
        return _message(
            await self._channel.command(
                "output_on",
                output,
                output_type=output_type,
                amount=finite(amount),
                min_off=finite(min_off),
                output_channel=channel,
                trigger_conditionals=trigger_conditionals,
            ),
            "is already on.",
        )

    async def output_off(
        self, output: str, channel: int, trigger_conditionals: bool = True
    ) -> str:
        """Turn off an output."""
        return _message(
            await self._channel.command(
                "output_off",
                output,
                output_channel=channel,
                trigger_conditionals=trigger_conditionals,
            )
        )

    async def output_state(self, output: str, channel: int) -> Brought:
        """Return "on", "off", a number, or None for an output that is not set up."""
        return await self._channel.read("output_state", output, channel)

    async def output_states(self) -> Mapping[str, Mapping[int, Any]]:
        """Return the states of all outputs; empty while the daemon is starting."""
        found = await self._channel.read("output_states_all")
        return found if isinstance(found, dict) else {}

    async def output_sec_currently_on(self, output: str, channel: int) -> float:
        """Return for how many seconds an on/off output has been on."""
        found = await self._channel.read("output_sec_currently_on", output, channel)
        return float(found or 0.0)

    async def output_setup(self, output: str) -> str:
        """Reload the settings of an output, which returns to its start state."""
        return _message(await self._channel.command("output_setup", "Modify", output))

    # PID controllers.

    async def pid_get(self, pid: str, setting: str) -> Brought:
        """Return a value of a running PID; None if it is not running or lacks the value."""
        return await self._channel.read("pid_get", pid, setting)

    async def pid_set(self, pid: str, setting: str, value: float | str) -> str:
        """Set a value of a running PID; ``method`` takes an id, "" for none.

        Raises PidNotRunningError.
        """
        if setting != "method":
            value = finite(value)
        answer = await self._channel.command("pid_set", pid, setting, value)
        if not isinstance(answer, str) or " set to " not in f"{answer} ":
            raise PidNotRunningError
        return answer

    async def pid_hold(self, pid: str) -> None:
        """Freeze the control value; outputs continue to be driven with it."""
        await self._pid("pid_hold", pid)

    async def pid_pause(self, pid: str) -> None:
        """Stop driving the outputs."""
        await self._pid("pid_pause", pid)

    async def pid_resume(self, pid: str) -> None:
        """End hold and pause."""
        await self._pid("pid_resume", pid)

    async def pid_mod(self, pid: str) -> None:
        """Reload the settings of a PID."""
        await self._pid("pid_mod", pid)

    async def _pid(self, name: str, pid: str) -> None:
        answer = await self._channel.command(name, pid)
        if answer == "PID not running":
            raise PidNotRunningError
        if answer != "success":
            raise RejectedError(_text(answer))

    # Reloading of settings.

    async def refresh_conditional(self, conditional: str) -> str:
        """Reload the settings of an active conditional."""
        return _message_if_done(
            await self._channel.command(
                "refresh_daemon_conditional_settings", conditional
            )
        )

    async def refresh_trigger(self, trigger: str) -> str:
        """Reload the settings of an active trigger."""
        return _message_if_done(
            await self._channel.command("refresh_daemon_trigger_settings", trigger)
        )

    async def refresh_misc(self) -> None:
        """Reload the daemon's general settings; it does not report whether it did."""
        await self._channel.command("refresh_daemon_misc_settings")

    # Actions.

    async def trigger_action(self, action: str, message: str = "") -> str:
        """Run one action; return the message with the action's output appended.

        Only the message is passed on: any other key would override the action's own
        options, including a shell command.
        """
        found = await self._channel.command(
            "trigger_action", action, value={"message": message}
        )
        words = found.get("message") if isinstance(found, dict) else None
        if words is None or f"Action with ID {action} not found" in words:
            raise RejectedError(_text(words))
        return str(words)

    async def trigger_all_actions(self, function: str, message: str = "") -> str:
        """Run all actions of a function; return the message with their output appended.

        An unknown id is not an error for the daemon: the message then stays unchanged.
        """
        found = await self._channel.command(
            "trigger_all_actions", function, message=message
        )
        if not isinstance(found, str):
            raise RejectedError(_text(found))
        return found

    # The daemon itself.

    async def send_email(self, recipients: str, message: str, subject: str) -> str:
        """Send an email, if the daemon supports it; up to 8.16 only an action does."""
        return _text(
            await self._channel.command("send_email", recipients, message, subject)
        )

    async def terminate_daemon(self) -> None:
        """Stop the daemon. It does not restart by itself."""
        await self._channel.command("terminate_daemon")


def finite(value: float | str) -> float:
    """Return a finite number. Raises CallerError for others, which Mycodo would store."""
    try:
        number = float(value)
    except ValueError:
        raise CallerError(str(value)[:60], field="value") from None
    if not math.isfinite(number):
        raise CallerError(str(value), field="value")
    return number


def _text(answer: object) -> str:
    return "" if answer is None else str(answer)[:200]


def _message(answer: object, also_fine: str | None = None) -> str:
    """Return the message of a (code, message) answer; code 0 does not always mean success."""
    if not isinstance(answer, list | tuple) or not answer:
        raise RejectedError(_text(answer))
    words = str(answer[1]) if len(answer) > 1 else ""
    if answer[0] == 0 and not words:
        raise NothingDoneError
    if answer[0] == 0 and not words.startswith(_REFUSED):
        return words
    if also_fine is not None and also_fine in words:
        return words
    raise RejectedError(words[:200])


def _message_if_done(answer: object) -> str:
    """Return the message of an answer that is None if nothing was done."""
    if not isinstance(answer, str):
        raise RejectedError(_text(answer))
    return answer
