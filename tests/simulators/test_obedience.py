"""Simulated devices obey like real ones: they clamp, end timers, and report only changes."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from simulators.clock import VirtualClock
from simulators.cozify import seed
from simulators.cozify.commands import Commands
from simulators.mycodo import plan as mycodo
from simulators.mycodo.outputs import Engine as MycodoEngine, Refused
from simulators.mycodo.series import Database
from simulators.mycodo.state import uid
from simulators.openmotics.actions import build
from simulators.openmotics.cloud import OFFSET
from simulators.openmotics.cloud_commands import CloudCommands
from simulators.openmotics.cloud_rows import CloudRows
from simulators.openmotics.engine import Engine
from simulators.openmotics.plan import house
from simulators.openmotics.state import State

START = 1_800_000_000.0


class Gateway:
    """The engine of all three kinds of OpenMotics, with the events that it sends."""

    def __init__(self, *, classic: bool = False) -> None:
        self.clock = VirtualClock(START, speed=0)
        self.state: State = house(self.clock.now)
        self.state.quirks.classic = classic
        for row in self.state.shutters:
            row["steps"] = 100
            self.state.runs[row["id"]].position = 50
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.engine = Engine(self.state, lambda *event: self.events.append(event))
        self.cloud = CloudCommands(self.engine)
        self.rows = CloudRows(self.state, self.engine, 21)

    def act(self, name: str, **form: object) -> None:
        """Do an action of the gateway, which the first cloud passes on."""
        action = build(self.state, self.engine)[name]
        action.handler(**action.read({key: str(value) for key, value in form.items()}))

    def told(self, do: Callable[[], None]) -> list[str]:
        """Return the kinds of the events until now, after a short wait."""
        self.events.clear()
        do()
        self.clock.jump(0.5)
        self.engine.settle()
        return [kind for kind, _data in self.events]


ONE, GROUP = {"thermostat_id": 0}, {"thermostat_group_id": 0}
ACTIONS: list[tuple[str, dict[str, object]]] = [
    ("set_output", {"id": 0, "is_on": True}),
    ("set_output", {"id": 8, "is_on": True, "dimmer": 30}),
    ("set_output", {"id": 0, "is_on": False}),
    ("set_output", {"id": 0, "is_on": True, "timer": 120}),
    ("set_all_lights_off", {}),
    ("do_shutter_stop", {"id": 8}),
    ("do_shutter_up", {"id": 8}),
    ("do_shutter_group_down", {"id": 0}),
    ("do_group_action", {"group_action_id": 0}),
    ("set_thermostat_group", {**GROUP, "mode": "cooling"}),
    ("set_thermostat_group", {**GROUP, "state": "off"}),
    ("set_ventilation_mode_auto", {"ventilation_id": 1}),
]
# The real gateway reports these even without a change.
AGAIN: list[tuple[str, dict[str, object]]] = [
    ("set_thermostat", {**ONE, "preset": "away"}),
    ("set_current_setpoint", {"thermostat": 0, "temperature": 21.0}),
    ("set_ventilation_level", {"ventilation_id": 1, "level": 2}),
]


@pytest.mark.parametrize(("name", "form"), ACTIONS, ids=str)
def test_openmotics_tells_nothing_when_nothing_changes(
    name: str, form: dict[str, object]
) -> None:
    gateway = Gateway()
    gateway.act(name, **form)
    gateway.engine.settle()
    assert gateway.told(lambda: gateway.act(name, **form)) == []


@pytest.mark.parametrize(("name", "form"), AGAIN, ids=str)
def test_openmotics_tells_again_of_some(name: str, form: dict[str, object]) -> None:
    gateway = Gateway()
    gateway.act(name, **form)
    assert len(gateway.told(lambda: gateway.act(name, **form))) == 1


def test_a_lock_of_openmotics_is_told_once_and_holds() -> None:
    gateway = Gateway()

    def lock() -> None:
        gateway.engine.set_lock(0, locked=True)

    assert gateway.told(lock) == ["OUTPUT_CHANGE"]
    assert gateway.told(lock) == []
    for name, form in (
        ("set_output", {"id": 0, "is_on": True}),
        ("do_group_action", {"group_action_id": 1}),
    ):
        assert gateway.told(partial(gateway.act, name, **form)) == []
    assert not gateway.state.output_values[0].on


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("outputs/1000/turn_on", {}),
        ("outputs/1008/turn_on", {"value": 130}),
        ("outputs/turn_off", None),
        ("lights/1000/turn_on", {"value": 130}),
        ("lights/turn_off", None),
        ("shutters/1008/stop", None),
        ("shutters/1008/open", None),
        ("shutters/1008/change_position", {"position": 130}),
        ("shutters/1008/lock", None),
        ("groupactions/1000/trigger", None),
        ("thermostats/groups/1000/mode", {"mode": "COOLING"}),
        ("thermostats/units/1000/state", {"state": "OFF"}),
        ("thermostats/units/1000/preset", {"preset": "AWAY"}),
        ("thermostats/units/1000/setpoint", {"temperature": 21.0}),
    ],
    ids=str,
)
def test_the_cloud_of_openmotics_is_the_same_after_the_same_command(
    path: str, body: object
) -> None:
    gateway = Gateway()

    def rows() -> dict[str, object]:
        return {name: rows() for name, rows in gateway.rows.lists().items()}

    gateway.cloud.do(path.split("/"), body)
    first = rows()
    gateway.cloud.do(path.split("/"), body)
    assert rows() == first


def test_openmotics_clamps_levels_and_positions() -> None:
    gateway = Gateway()
    gateway.act("set_output", id=8, is_on=True, dimmer=130)
    assert gateway.state.output_values[8].level == 100
    gateway.cloud.do(["lights", str(OFFSET), "turn_on"], {"value": -3})
    assert gateway.state.lamps[0]["value"] == 0
    gateway.cloud.do(["shutters", "1008", "change_position"], {"position": 130})
    gateway.clock.jump(60)
    gateway.engine.settle()
    assert gateway.state.runs[8].position == 99


@pytest.mark.parametrize(
    ("told", "kept"), [(21.26, 21.5), (99.0, 95.5), (-40.0, -32.0)]
)
def test_a_classic_gateway_keeps_half_degrees(told: float, kept: float) -> None:
    gateway = Gateway(classic=True)
    gateway.act("set_current_setpoint", thermostat=0, temperature=told)
    assert gateway.state.units[0].setpoints["auto"] == kept


def test_timers_of_openmotics_end() -> None:
    gateway = Gateway()
    gateway.act("set_output", id=0, is_on=True, timer=60)
    gateway.act("set_ventilation_level", ventilation_id=1, level=2, timer=60.0)
    gateway.clock.jump(59)
    gateway.engine.settle()
    assert gateway.state.output_values[0].on
    gateway.events.clear()
    gateway.clock.jump(1)
    # The clouds end them as well, on the next request.
    assert not gateway.rows.lists()["outputs"]()[0]["status"]["on"]
    kinds = {kind for kind, _data in gateway.events}
    assert kinds == {"OUTPUT_CHANGE", "VENTILATION_CHANGE"}


def test_a_timer_of_openmotics_ends_with_what_it_timed() -> None:
    gateway = Gateway()
    gateway.act("set_output", id=0, is_on=True, timer=60)
    gateway.act("set_all_lights_off")
    gateway.engine.press(0)
    assert gateway.state.output_values[0].on
    gateway.clock.jump(61)
    assert gateway.told(lambda: None) == []


def test_a_shutter_of_openmotics_turns_where_it_is() -> None:
    gateway = Gateway()
    run = gateway.state.runs[8]
    gateway.act("do_shutter_up", id=8)
    time = gateway.state.shutter(8)["timer_up"]  # type: ignore[index]
    gateway.clock.jump(time / 4)
    gateway.act("do_shutter_down", id=8)
    assert run.begun_at == 25


# Cozify


def hub() -> Commands:
    state = seed.seeded_hub(VirtualClock(START, speed=0))
    return Commands(state)


def state_of(commands: Commands, key: str) -> dict[str, Any]:
    found: dict[str, Any] = commands.state.items["devices"][key]["state"]
    return found


SETTINGS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    (seed.LAMP_DIM, {"isOn": True, "brightness": 1.7}, {"brightness": 1}),
    (seed.DIMMER, {"brightness": 0.01}, {"brightness": 0.1}),
    (seed.LAMP_RGBW, {"hue": 9.0, "saturation": 2.0}, {"saturation": 1}),
    (seed.THERMOSTAT, {"targetTemp": 21.26}, {"targetTemp": 21.5}),
    (seed.HEAT_PUMP, {"targetTemperature": 40}, {"targetTemperature": 31.0}),
    (seed.HEAT_PUMP, {"targetTemperature": 20.6}, {"targetTemperature": 21.0}),
    (seed.BLIND, {"position": 3, "tiltPct": -5}, {"position": 1, "tiltPct": 0}),
    (seed.SHUTTER, {"liftPct": 130}, {"liftPct": 100}),
    (seed.VALVE, {"openPct": -1}, {"openPct": 0}),
    (seed.VENTILATION, {"mode": 3}, {"mode": 3}),
    (seed.CEILING_FAN, {"fanMode": 3}, {"fanMode": 3}),
    (seed.SIREN, {"isOn": True}, {"isOn": True}),
]


@pytest.mark.parametrize(("key", "told", "kept"), SETTINGS, ids=str)
def test_devices_of_cozify_clamp_and_tell_once(
    key: str, told: dict[str, Any], kept: dict[str, Any]
) -> None:
    commands = hub()
    command = {"type": "CMD_DEVICE", "id": key, "state": told}
    commands.carry_out(command)
    state = state_of(commands, key)
    assert {name: state[name] for name in kept} == kept
    last = commands.state.last
    commands.carry_out(command)
    assert not commands.state.delta(last)[1]


def test_a_speaker_of_cozify_is_as_loud_as_it_can_be() -> None:
    commands = hub()
    told = {"rcData": {"volume": 140, "bass": -30}}
    commands.carry_out({"type": "CMD_DEVICE", "id": seed.SPEAKER, "state": told})
    sound = state_of(commands, seed.SPEAKER)["rcData"]
    assert (sound["volume"], sound["bass"]) == (100, -10)


@pytest.mark.parametrize(
    "do",
    [
        lambda c: c.carry_out({"type": "CMD_DEVICE_ON", "id": seed.PLUG}),
        lambda c: c.carry_out({"type": "CMD_GROUP_ON", "id": seed.GROUP}),
        lambda c: c.scene({"type": "CMD_SCENE_ON", "id": seed.SCENE_AWAY}),
        lambda c: c.scene({"type": "CMD_SCENE_ON", "id": seed.SCENE_MOVIE}),
        lambda c: c.scene({"type": "CMD_SCENE_OFF", "id": seed.SCENE_HOME}),
        lambda c: c.rule({"type": "RULE_OFF_COMMAND", "id": seed.RULE}),
    ],
    ids=["device", "group", "scene", "movie", "scene off", "rule"],
)
def test_cozify_has_no_delta_when_nothing_changes(
    do: Callable[[Commands], None],
) -> None:
    commands = hub()
    before = commands.state.last
    do(commands)
    assert commands.state.delta(before)[1]
    last = commands.state.last
    do(commands)
    assert not commands.state.delta(last)[1]


# Mycodo


def engine() -> MycodoEngine:
    clock = VirtualClock(START, speed=0)
    state = mycodo.greenhouse(clock)
    found = MycodoEngine(state, Database(state))
    found.restart()
    found.changes.clear()
    return found


@pytest.mark.parametrize(
    ("output", "channel", "state", "kind", "amount"),
    [
        (mycodo.RELAYS, 0, "off", "sec", 0.0),
        (mycodo.RELAYS, 0, "on", "sec", 30.0),
        (mycodo.FAN, 0, "on", "pwm", 40.0),
        (mycodo.FAN, 0, "on", "pwm", 140.0),
        (mycodo.PUMP, 0, "on", "vol", 20.0),
    ],
)
def test_mycodo_announces_nothing_when_nothing_changes(
    output: int, channel: int, state: str, kind: str, amount: float
) -> None:
    daemon = engine()
    daemon.command(uid(output), channel, state, kind, amount)
    daemon.changes.clear()
    daemon.command(uid(output), channel, state, kind, amount)
    assert daemon.changes == []


def test_mycodo_refuses_to_turn_on_what_is_on() -> None:
    daemon = engine()
    daemon.command(uid(mycodo.RELAYS), 0, "on", "sec", 0.0)
    with pytest.raises(Refused, match="already on"):
        daemon.command(uid(mycodo.RELAYS), 0, "on", "sec", 0.0)


@pytest.mark.parametrize(("told", "kept"), [(140.0, 100.0), (-5.0, False)])
def test_a_duty_cycle_of_mycodo_has_ends(told: float, kept: float) -> None:
    daemon = engine()
    daemon.command(uid(mycodo.FAN), 0, "on", "pwm", told)
    assert daemon.states()[uid(mycodo.FAN)]["0"] == kept


@pytest.mark.parametrize(
    ("output", "kind", "amount", "seconds"),
    [(mycodo.RELAYS, "sec", 30.0, 30.0), (mycodo.PUMP, "vol", 20.0, 60.0)],
)
def test_timers_of_mycodo_end(
    output: int, kind: str, amount: float, seconds: float
) -> None:
    daemon = engine()
    daemon.command(uid(output), 0, "on", kind, amount)
    daemon.changes.clear()
    daemon.state.clock.jump(seconds)
    assert daemon.states()[uid(output)]["0"] is False
    assert daemon.changes == [(uid(output), 0, "off")]
