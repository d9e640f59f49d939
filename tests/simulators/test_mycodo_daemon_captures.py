"""The daemon of the simulated Mycodo answers as a real one did, call by call."""

import ast
import asyncio
from collections.abc import AsyncIterator
import json
from pathlib import Path
import re
from typing import Any

import Pyro5.api
import pytest

from simulators.clock import VirtualClock
from simulators.mycodo.daemon import DaemonServer
from simulators.mycodo.furniture import add_output, make_channels
from simulators.mycodo.server import MycodoServer
from simulators.mycodo.state import Controller, Input, Pid, State, uid

FIXTURE = Path(__file__).parent.parent / "fixtures/mycodo/daemon/daemon_calls.json"
CAPTURES = json.loads(FIXTURE.read_text())
ACTION = "00000000-0000-4000-8000-00000000a00"
CONDITION = "00000000-0000-4000-8000-00000000c00"

# What was done to the network or to the daemon meanwhile, or is told of a real host.
SPECIAL = (
    "nobody listens",
    "an HTTP server",
    "an MQTT broker",
    "wrong object name",
    "unknown host",
    "same proxy from another thread",
    "time-out",
    "frozen",
    "thaw",
    "idle connections",
    "pool full",
    "while another connection",
    "positional se",
    "unknown method id",
    "database of measurements stopped",
    "with a nan setpoint stored",
    # Of timers that only the driver of the real output knew.
    "inside min_o",
)
# Reads of what the captured daemon had come to by then, or texts of its own modules.
OWN = (
    "output_states_all",
    "ram_use",
    "function_status",
    "get_condition_measurement",
    "get_condition_measurement_dict",
)


def usable(call: dict[str, Any]) -> bool:
    """Return whether a call can be repeated as it stands."""
    note, arguments = call.get("note", ""), str(call)
    return (
        "args" in call
        and not any(words in note for words in SPECIAL)
        and call["function"] not in OWN
        and "object at 0x" not in arguments
        and "datetime" not in arguments
        and f"{ACTION}3" not in arguments
        and f"{ACTION}2" not in arguments
    )


CALLS = [call for call in CAPTURES["calls"] if usable(call)]


def furnish() -> State:
    """Create the objects of the captured Mycodo that the calls use."""
    state = State(clock=VirtualClock(1_795_871_341.0))
    state.pids.append(Pid(1, uid(1), "Heating", "", None, 22.2, p=3.3, i=0.1))
    state.inputs.append(Input(1, uid(2), "Input", "LinuxCommand", 5.0, lambda _: {}))
    state.conditionals.append(Controller(1, uid(4), "Conditional", active=True))
    for number in (5, 17):
        state.functions.append(
            Input(number, uid(number), "F", "x", 5.0, lambda _: {}, active=True)
        )
    for number in (19, 20):
        state.triggers.append(Controller(number, uid(number), "T", active=True))
    for number, name, kind in (
        (3, "Shell lamp", "on_off"),
        (6, "Shell fan", "pwm"),
        (7, "Dosing pump", "pump"),
        (8, "MQTT value", "value"),
    ):
        rows = [("voltage", "V")] if kind == "value" else []
        channels = make_channels(number, "")
        add_output(state, number, name, "x", kind, channels, rows)
    return state


@pytest.fixture
async def daemon(socket_enabled: None) -> AsyncIterator[DaemonServer]:
    server = DaemonServer(MycodoServer(furnish(), None).pipeline)
    server.displays = {uid(17)}
    server.actions = {
        f"{ACTION}0": "No valid tags specified. Cannot create note.",
        f"{ACTION}1": f" Pause PID {uid(1)} (Heating).",
    }
    said = f" Pause PID {uid(34)} (Average PID). Notice: PID is already paused!"
    server.functions_with_actions = {
        uid(18): (server.actions[f"{ACTION}0"], server.actions[f"{ACTION}1"]),
        uid(19): (said,),
    }
    server.conditions_dict = {f"{CONDITION}2": [(1795871263.5, 21.5)]}
    await server.start()
    yield server
    await server.stop()


def plain(text: str) -> str:
    """Return a text without times and numbers, which differ."""
    return re.sub(r"\d{4}-\d\d-\d\d [\d:.]+|\d+\.\d+", "N", text)


def said(answer: object) -> object:
    """Return the relevant part of a response: its type and its text."""
    match answer:
        case bool() | None:
            return answer
        case int() | float():
            return "number"
        case str():
            return plain(answer)
        case tuple() | list():
            return type(answer).__name__, [said(one) for one in answer]
        case dict():
            return {key: said(value) for key, value in answer.items()}
        case _:
            return repr(answer)


def literal(text: str) -> Any:
    """Return the value of a repr; nan is not a Python literal."""
    return float("nan") if text == "nan" else ast.literal_eval(text)


def words(message: str) -> str:
    """Return the words of an error without the address and the class of the server."""
    message = re.sub(r"'PYRO:[^']*'", "'PYRO'", message)
    return re.sub(r"^\w+\.(\w+\(\))", r"\1", message)


def ask(uri: str, call: dict[str, Any]) -> object:
    """Repeat a call of the capture, and return its result."""
    with Pyro5.api.Proxy(uri) as proxy:
        arguments = [literal(one) for one in call["args"]]
        fields = {key: literal(value) for key, value in call["kwargs"].items()}
        try:
            return said(getattr(proxy, call["function"])(*arguments, **fields))
        except Exception as err:  # noqa: BLE001 - whatever came
            return type(err).__name__, words(str(err))


def expected(call: dict[str, Any]) -> object:
    """Return what came of it then."""
    if "raised" in call:
        return call["raised"].rpartition(".")[2], words(call["message"])
    return said(literal(call["returned"]))


def test_most_calls_are_repeated() -> None:
    functions = {call["function"] for call in CALLS}
    assert len(CALLS) > 100
    assert functions | set(OWN) >= set(CAPTURES["exposed_methods"]) - {
        "is_in_virtualenv",
        "terminate_daemon",
        "widget_add_refresh",
        "widget_execute",
        "widget_remove",
    }


async def test_as_a_real_daemon(daemon: DaemonServer) -> None:
    """In the order of the captures, for each depends on those before it.

    Two reads show what came of calls that are left out: of a command to a frozen daemon,
    and of a setpoint that is no number.
    """
    uri = f"PYRO:mycodo.pyro_server@127.0.0.1:{daemon.port}"
    wrong = []
    for call in CALLS:
        found = await asyncio.to_thread(ask, uri, call)
        if found != (wanted := expected(call)):
            wrong.append(
                (call["function"], call["args"], call["kwargs"], found, wanted)
            )
    assert [found[0] for found in wrong] == ["output_state", "pid_get"], wrong


async def test_the_same_functions_are_exposed(daemon: DaemonServer) -> None:
    def methods() -> set[str]:
        uri = f"PYRO:mycodo.pyro_server@127.0.0.1:{daemon.port}"
        with Pyro5.api.Proxy(uri) as proxy:
            proxy._pyroBind()
            return set(proxy._pyroMethods)

    assert await asyncio.to_thread(methods) == set(CAPTURES["exposed_methods"])
