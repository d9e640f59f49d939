# ruff: noqa: D102 - Mycodo's own names, described where it lists them
"""Functions of a simulated daemon that control outputs and PID controllers.

See docs/protocols/mycodo-daemon.md#functions.
"""

from collections.abc import Callable
import math
from typing import Any, Protocol

import Pyro5.api

from .commands import Commands
from .outputs import Refused
from .pipeline import Pipeline
from .state import Pid, State

type Value = Any
"""Any argument or result of Pyro5."""


class Server(Protocol):
    """Part of the server that the functions need."""

    pipeline: Pipeline
    told: Any
    starting: str | None
    conditions: dict[str, Any]
    conditions_dict: dict[str, list[tuple[float, float]]]
    actions: dict[str, str]
    functions_with_actions: dict[str, tuple[str, ...]]
    displays: set[str]
    integrators: dict[str, float]
    calls: list[str]

    @property
    def state(self) -> State:
        """State of the simulated Mycodo."""

    def in_loop[ResultT](self, work: Callable[[], ResultT]) -> ResultT:
        """Run a function in the event loop, and wait for it."""

    def pid(self, identity: str) -> Pid | None:
        """Return a PID that is active."""


class Functions:
    """Base class: calls are recorded, and run in the event loop."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._commands = Commands(server.pipeline)

    def _do[ResultT](self, name: str, work: Callable[[], ResultT]) -> ResultT:
        self._server.calls.append(name)
        return self._server.in_loop(work)


def _text(value: Value) -> Value:
    return {True: "on", False: "off"}.get(value, value) if value in (0, 1) else value


@Pyro5.api.expose
class SteeringFunctions(Functions):
    """Functions for outputs and PID controllers."""

    # Outputs.

    def output_on(
        self,
        output_id: str,
        output_type: str | None = None,
        amount: float = 0.0,
        min_off: float = 0.0,
        output_channel: Value = None,
        trigger_conditionals: bool = True,
    ) -> tuple[int, str]:
        def work() -> tuple[int, str]:
            try:
                kind = output_type or "sec"
                words = self._server.pipeline.engine.command(
                    output_id, output_channel, "on", kind, amount
                )
            except Refused as err:
                return 1, str(err)
            return 0, words

        return self._do("output_on", work)

    def output_off(
        self,
        output_id: str,
        output_channel: Value = None,
        trigger_conditionals: bool = True,
    ) -> tuple[int, str]:
        def work() -> tuple[int, str]:
            try:
                words = self._server.pipeline.engine.command(
                    output_id, output_channel, "off", "sec", 0.0
                )
            except Refused as err:
                return 1, str(err)
            return 0, words

        return self._do("output_off", work)

    def output_state(self, output_id: str, output_channel: int) -> Value:
        def work() -> Value:
            found = self._server.pipeline.engine.states().get(output_id)
            if found is None:
                return None
            # A channel that does not exist is off.
            return _text(found.get(str(output_channel), False))

        return self._do("output_state", work)

    def output_states_all(self) -> Value:
        def work() -> Value:
            return {
                output: {int(n): _text(value) for n, value in channels.items()}
                for output, channels in self._server.pipeline.engine.states().items()
            }

        return self._do("output_states_all", work)

    def output_sec_currently_on(
        self, output_id: str, output_channel: Value = None
    ) -> float:
        def work() -> float:
            output = self._server.state.output(output_id)
            if output is None:
                raise KeyError(output_id)
            channel = next(
                (c for c in output.channels if c.channel == output_channel), None
            )
            if channel is None:
                raise KeyError(output_channel)
            if not channel.state or output.kind not in ("on_off", "pump"):
                return 0
            return self._server.state.now() - channel.since

        return self._do("output_sec_currently_on", work)

    def output_setup(self, action: str, output_id: str) -> Value:
        def work() -> Value:
            if action not in ("Add", "Delete", "Modify"):
                return [1, "Invalid output_setup action"]
            output = self._server.state.output(output_id)
            if output is None and action == "Delete":
                return 1, f"Error deleting Output {output_id}: '{output_id}'"
            if output is None:
                what = "'NoneType' object has no attribute 'output_type'"
                return 1, f"add_mod_output() Error: {output_id}: {what}"
            self._server.told.refreshed.append(("output", output_id))
            for channel in output.channels:
                self._server.pipeline.engine.command(
                    output_id, channel.channel, "off", "sec", 0.0
                )
            return 0, "add_mod_output() Success"

        return self._do("output_setup", work)

    # PID controllers.

    def pid_get(self, pid_id: str, setting: str) -> Value:
        def work() -> Value:
            pid = self._server.pid(pid_id)
            if pid is None:
                return None
            return {
                "setpoint": pid.setpoint,
                "kp": pid.p,
                "ki": pid.i,
                "kd": pid.d,
                "error": pid.value / pid.p if pid.p else 0.0,
                "integrator": self._server.integrators.get(pid_id, 0.7),
                "derivator": 0.7,
            }.get(setting)

        return self._do("pid_get", work)

    def pid_set(self, pid_id: str, setting: str, value: Value) -> str | None:
        def work() -> str | None:
            pid = self._server.pid(pid_id)
            if pid is None:
                return None
            if setting == "method":
                return "Method set to " if value == "" else None
            try:
                number = float(value)
            except TypeError, ValueError:
                return None
            names = {"setpoint": "setpoint", "kp": "p", "ki": "i", "kd": "d"}
            if setting in names:
                setattr(pid, names[setting], number)
            elif setting == "integrator":
                self._server.integrators[pid_id] = number
            elif setting != "derivator":
                return None
            shown = "nan" if math.isnan(number) else number
            return f"{setting.capitalize()} set to {shown}"

        return self._do("pid_set", work)

    def _pid(self, name: str, pid_id: str, **flags: bool) -> str:
        def work() -> str:
            if (pid := self._server.pid(pid_id)) is None:
                return "PID not running"
            for flag, value in flags.items():
                setattr(pid, flag, value)
            return "success"

        return self._do(name, work)

    def pid_hold(self, pid_id: str) -> str:
        return self._pid("pid_hold", pid_id, held=True)

    def pid_pause(self, pid_id: str) -> str:
        return self._pid("pid_pause", pid_id, paused=True)

    def pid_resume(self, pid_id: str) -> str:
        return self._pid("pid_resume", pid_id, held=False, paused=False)

    def pid_mod(self, pid_id: str) -> str:
        return self._pid("pid_mod", pid_id)
