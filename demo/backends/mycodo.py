"""Mycodo of the demo's greenhouse, over HTTPS with its own certificate."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Final, override

from simulators.house import House
from simulators.mycodo.certificate import make_v1_certificate
from simulators.mycodo.daemon import DaemonServer
from simulators.mycodo.plan import (
    AVERAGE,
    CONDITIONAL,
    DIMMER,
    FAN,
    GPIO,
    INACTIVE,
    MISSING,
    MQTT,
    MQTT_PASSWORD,
    PID,
    RELAYS,
    TRIGGER,
    UNCONFIGURED,
    greenhouse,
)
from simulators.mycodo.server import MycodoServer, make_key
from simulators.mycodo.state import ADMIN, GUEST, Features, State, uid

from ..client import Entity, wait_for
from ..kept import Kept
from ..table import StepFailed
from .base import (
    NOBODY,
    Answers,
    Errand,
    SimulatedSystem,
    Slip,
    Tour,
    Trial,
    Trouble,
    Visit,
)
from .hours import give_hour, measured
from .mycodo_tours import tours_of

_BROKEN: Final = {
    uid(number) for number in (GPIO, UNCONFIGURED, MQTT, INACTIVE, MISSING)
}
_RECENT: Final = 40
_TWO_DAYS: Final = 48 * 3600
_TEN_MINUTES: Final = 600
_USELESS: Final = "mycodo_useless_key"


class SimulatedMycodo(SimulatedSystem):
    """The greenhouse's Mycodo, without the broken devices of the simulator's plan."""

    name = "mycodo"
    area = "Greenhouse"

    def __init__(self, house: House, folder: Path) -> None:
        """Create the devices of the greenhouse."""
        self._port = 0
        self._state = _furnish(house)
        self._server = MycodoServer(self._state, make_v1_certificate(), house)
        self._daemon = DaemonServer(self._server.pipeline)
        self._daemon.functions_with_actions = {
            uid(number): (" Pause PID (Heating).",) for number in (TRIGGER, CONDITIONAL)
        }

    @override
    def keep(self, kept: Kept) -> None:
        self._port = kept.port(8443)
        self._server.server.certificate = kept.certificate(make_v1_certificate)

    @override
    async def start(self) -> None:
        await self._server.start(self._port)
        await self._daemon.start()

    @override
    async def stop(self) -> None:
        await self._daemon.stop()
        await self._server.stop()

    @override
    def about(self) -> Sequence[str]:
        inputs, outputs = len(self._state.inputs), len(self._state.outputs)
        return (
            f"Mycodo with {inputs} inputs and {outputs} outputs",
            f"  web server at {self._server.url}",
        )

    @property
    def _key(self) -> str:
        return self._state.users[0].key or ""

    @override
    def answers(self) -> Answers:
        return {
            "user": {"next_step_id": self.name},
            "mycodo": {"url": self._server.url, "api_key": self._key},
            "certificate": {"trust": "pin"},
        }

    @override
    def slips(self) -> Sequence[Slip]:
        wrong = {"url": self._server.url, "api_key": make_key("somebody else's")}
        return (
            Slip("mycodo", {**wrong, "url": NOBODY}, "connection_refused"),
            Slip("mycodo", wrong, "mycodo_key_refused"),
            Slip("mycodo", {**wrong, "api_key": make_key("guest")}, _USELESS),
        )

    @override
    async def move(self) -> Answers:
        await self._server.server.move()
        return {
            "mycodo": {"url": self._server.url},
            "certificate": {"trust": "pin"},
        }

    @override
    def lock_out(self) -> Answers:
        self._state.users[0].key = make_key("another")
        return {"mycodo_key": {"api_key": self._key}}

    @override
    def options(self) -> Answers:
        return {
            "mycodo": {"next_step_id": "mycodo_general"},
            "mycodo_general": {"interval": 5},
        }

    @override
    async def tours(self, visit: Visit) -> Sequence[Tour]:
        sensor = await measured(visit, ("temperature", "humidity"))
        other = await measured(visit, ("carbon_dioxide",))
        return tours_of(
            sensor, other, partial(self._give_past, entity=sensor, young=other)
        )

    async def _give_past(self, visit: Visit, entity: Entity, young: Entity) -> None:
        """Let Mycodo have measured for two days, and Home Assistant for two hours."""
        for points in self._server.database.series.values():
            moment, value = points[0]
            older = range(-_TWO_DAYS, 0, _TEN_MINUTES)
            points[:0] = [(moment + before, value) for before in older]
        await give_hour(visit, entity, young)

    @override
    def troubles(self) -> Sequence[Trouble]:
        return (
            Trouble(key="mycodo_useless_key", cause=self._demote, undo=self._promote),
            Trouble(key="certificate_changed", cause=self.renew_certificate),
        )

    async def _demote(self) -> None:
        self._state.users[0].role_id = GUEST

    def _promote(self) -> None:
        self._state.users[0].role_id = ADMIN

    @override
    def errands(self) -> Sequence[Errand]:
        return (Errand(name="use the daemon's own port", run=self._use_daemon),)

    async def _use_daemon(self, visit: Visit) -> str:
        """Turn on the daemon channel, command a PID through it, and run a trigger's actions."""
        await visit.client.set_options(
            visit.entry_id,
            {
                "mycodo": {"next_step_id": "mycodo_daemon"},
                "mycodo_daemon": {
                    "daemon": True,
                    "daemon_host": "127.0.0.1",
                    "daemon_port": self._daemon.port,
                },
            },
        )
        await visit.client.wait_until_loaded(visit.entry_id)
        point = f"{uid(TRIGGER)}_run_actions"

        async def ready() -> bool:
            entities = await visit.client.entities(visit.entry_id)
            shown = {one.point: one.state for one in entities if one.state}
            channel = shown.get("daemon_channel")
            return channel is not None and channel.state == "on" and point in shown

        await wait_for(ready, 60, "the daemon channel")
        pid = self._state.pids[0]
        answer = await visit.client.call(
            "junction.mycodo_daemon",
            response=True,
            entry=visit.entry_id,
            function="pid_get",
            id=pid.unique_id,
            setting="setpoint",
        )
        if answer["result"] != pid.setpoint:
            raise StepFailed(f"a setpoint of {answer}, it is {pid.setpoint}")
        button = await visit.entity(point)
        await visit.client.call("button.press", button.entity_id)
        if not self._daemon.told.actions:
            raise StepFailed("the trigger's actions were not run")
        return f"{len(set(self._daemon.calls))} functions of the daemon were called"

    @override
    def may_be_silent(self) -> Mapping[str, str]:
        rows = self._state.rows
        silent = {
            row.unique_id: "an output records a value when it is switched"
            for row in rows
            if row.device in {uid(FAN), uid(DIMMER)}
        }
        silent |= {
            row.unique_id: "this PID has neither a band nor such an output"
            for row in rows
            if row.device == uid(PID) and row.channel not in (0, 3, 4, 5, 6)
        }
        silent |= {
            f"{uid(number)}_run_actions": "nobody has pressed it yet"
            for number in (TRIGGER, CONDITIONAL)
        }
        return {**silent, "measure": "nobody has pressed it yet"}

    @override
    def expected_points(self) -> Mapping[str, str]:
        measured = {
            row.unique_id: "binary_sensor" if row.unit == "bool" else "sensor"
            for row in self._state.rows
            if row.device not in {output.unique_id for output in self._state.outputs}
        }
        state = self._state
        controllers = [
            *(found.unique_id for found in (*state.inputs, *state.functions)),
            *(found.unique_id for found in state.pids),
            *(found.unique_id for found in (*state.triggers, *state.conditionals)),
        ]
        active = {f"{identity}_active": "switch" for identity in controllers}
        return {
            **measured,
            **active,
            "1_switch": "switch",
            "0_light": "light",
            "1_number": "number",
            "pid": "climate",
            "measure": "button",
            "daemon": "binary_sensor",
            "memory": "sensor",
        }

    @override
    def trials(self) -> Sequence[Trial]:
        states, pid = self._server.engine.states, self._state.pids[0]
        command = self._server.engine.command
        return (
            Trial(
                point="1_switch",
                action="switch.turn_on",
                shows=lambda state: state == "on",
                done=lambda: states()[uid(RELAYS)]["1"] is True,
                undo=lambda: _ignore(command(uid(RELAYS), 1, "off", "sec", 0)),
            ),
            Trial(
                point="0_light",
                action="light.turn_on",
                data={"brightness": 128},
                shows=lambda state: state == "on",
                done=lambda: states()[uid(FAN)]["0"] == 50.2,
            ),
            Trial(
                point="1_number",
                action="number.set_value",
                data={"value": 4.5},
                shows=lambda state: float(state) == 4.5,
                done=lambda: states()[uid(DIMMER)]["1"] == 4.5,
            ),
            Trial(
                point="pid",
                action="climate.set_temperature",
                data={"temperature": 21.5},
                shows=lambda state: state == "heat",
                done=lambda: pid.setpoint == 21.5,
            ),
            Trial(
                point=f"{uid(AVERAGE)}_active",
                action="switch.turn_off",
                shows=lambda state: state == "off",
                done=lambda: not self._state.functions[0].active,
                undo=self._resume,
            ),
            Trial(
                point="3_switch",
                cause=lambda: _ignore(command(uid(RELAYS), 3, "on", "sec", 0)),
                shows=lambda state: state == "on",
            ),
        )

    def _resume(self) -> None:
        self._state.functions[0].active = True

    @override
    def wrong_values(self, entities: Sequence[Entity]) -> list[str]:
        units = {
            "°C": {"C"},
            "%": {"percent"},
            "ppm": {"ppm"},
            "L": {"l"},
            "MB": {"MB"},
        }
        wrong = []
        for entity in entities:
            row = next(
                (r for r in self._state.rows if r.unique_id == entity.point), None
            )
            unit = entity.attribute("unit_of_measurement")
            if (
                row is None
                or entity.missing
                or row.stored[0] not in units.get(unit, ())
            ):
                continue
            key = (row.stored[0], row.device, row.channel, row.stored[1])
            said = [value for _, value in self._server.database.series.get(key, ())]
            assert entity.state is not None
            shown = float(entity.state.state)
            if not any(abs(shown - value) < 0.01 for value in said[-_RECENT:]):
                wrong.append(
                    f"{entity.entity_id} shows {shown}, it measured {said[-3:]}"
                )
        return wrong

    @override
    def secrets(self) -> Iterable[str]:
        yield MQTT_PASSWORD
        yield "@example.org"
        for user in self._state.users:
            yield user.key or ""

    async def renew_certificate(self) -> None:
        """Return with another certificate, as after a new installation."""
        await self._server.server.change_certificate(make_v1_certificate())

    @override
    async def unplug(self) -> None:
        await self._daemon.stop()
        await self._server.server.refuse()

    @override
    async def replug(self) -> None:
        await self._server.server.listen()
        await self._daemon.start()


def _furnish(house: House) -> State:
    state = greenhouse(house.clock, house, Features(pid_widget=True))
    state.outputs = [row for row in state.outputs if row.unique_id not in _BROKEN]
    state.inputs = [row for row in state.inputs if row.unique_id not in _BROKEN]
    state.rows = [row for row in state.rows if row.device not in _BROKEN]
    state.pids[0].active = True
    # Home Assistant shows outputs with a duty cycle as lights, so name it as a light.
    [dimmed] = [row for row in state.outputs if row.unique_id == uid(FAN)]
    dimmed.name = "Seedling lamp"
    return state


def _ignore(words: str) -> None:
    """Accept the result of a command; a trial needs none."""
