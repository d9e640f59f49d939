"""OpenMotics gateway of the demo's house."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final, override

from simulators.certificates import make_certificate
from simulators.house import House
from simulators.openmotics.plan import ADMIN, NEWCOMER, house as furnished
from simulators.openmotics.server import GatewayServer
from simulators.openmotics.state import State
from simulators.ties import GatewayTie

from ..client import Entity
from ..kept import Kept
from .base import Answers, Errand, SimulatedSystem, Slip, Tour, Trial, Visit
from .openmotics_cloud import CloudOfHouse

# Duration of a full run (s), short so that a check does not wait long.
_RUN: Final = 3


class SimulatedGateway(SimulatedSystem):
    """The gateway, over HTTPS with a certificate of its own."""

    name = "openmotics"
    area = "Technical room"

    def __init__(self, house: House, folder: Path) -> None:
        """Create the devices of the house."""
        self._port = 0
        self._house = house
        # A copy, because its password may change.
        self._admin = replace(ADMIN)
        self._state = self._furnish()
        self._server = GatewayServer(
            self._state, make_certificate("openmotics"), tick=20.0
        )
        self._tie = GatewayTie(house, self._server)
        self._cloud = CloudOfHouse(self._server.engine)

    def _furnish(self) -> State:
        state = furnished(self._house.clock.now)
        state.accounts[0] = self._admin
        for run in state.runs.values():
            run.position, run.state = 0, "up"
        for number in (8, 9, 10):
            state.shutters[number] |= {"timer_up": _RUN, "timer_down": _RUN}
        state.ventilation_values[1] = {"mode": "manual", "level": 2}
        return state

    @override
    def keep(self, kept: Kept) -> None:
        self._port = kept.port(9443)
        make = partial(make_certificate, "openmotics")
        self._server.server.certificate = kept.certificate(make)

    @override
    async def start(self) -> None:
        self._tie.measure()
        await self._server.start(self._port)
        await self._cloud.server.server.start()

    @override
    async def stop(self) -> None:
        await self._cloud.server.server.stop()
        await self._server.stop()

    @override
    def addresses(self) -> Mapping[str, str]:
        return self._cloud.addresses

    @override
    def errands(self) -> Sequence[Errand]:
        return self._cloud.errands()

    @override
    def about(self) -> Sequence[str]:
        state = self._state
        return (
            f"OpenMotics gateway {state.version} with {len(state.outputs)} outputs,",
            f"  V0 actions and events at {self._server.url}",
        )

    def _login(self) -> dict[str, str]:
        admin = self._admin
        url = self._server.url
        return {"url": url, "username": admin.name, "password": admin.password}

    @override
    def answers(self) -> Answers:
        return {
            "user": {"next_step_id": self.name},
            "openmotics": {"next_step_id": "openmotics_local"},
            "openmotics_local": self._login(),
            "certificate": {"trust": "pin"},
        }

    @override
    def slips(self) -> Sequence[Slip]:
        wrong = {**self._login(), "password": "guessed"}
        return (Slip("openmotics_local", wrong, "auth_failed"),)

    @override
    async def tours(self, visit: Visit) -> Sequence[Tour]:
        login = {"username": NEWCOMER.name, "password": NEWCOMER.password}
        legacy = {"next_step_id": "openmotics_legacy_cloud"}
        return (
            Tour(
                name="terms",
                kind="config",
                answers={
                    **self.answers(),
                    "openmotics_local": {"url": self._server.url, **login},
                },
                until="openmotics_terms",
            ),
            self._cloud.tour(),
            Tour(
                name="options",
                kind="options",
                answers={
                    "openmotics": {"pulse_counter": "0"},
                    "openmotics_pulses": {"medium": "water", "per_unit": 1000},
                },
                until="openmotics_pulses",
            ),
            Tour(
                name="legacy-cloud",
                kind="config",
                answers={**self.answers(), "openmotics": legacy},
                until="openmotics_legacy_cloud",
            ),
        )

    @override
    async def move(self) -> Answers:
        await self._server.server.move()
        return self.answers()

    @override
    def lock_out(self) -> Answers:
        self._admin.password = "changed-s3cret"  # noqa: S105 - of a simulator
        self._server.issued.clear()
        return {"openmotics_local": self._login()}

    @override
    def options(self) -> Answers:
        return {"openmotics": {"power_interval": 10}}

    @override
    def may_be_silent(self) -> Mapping[str, str]:
        never = "nobody has used it yet"
        return {
            "input_0_press": never,
            "input_1_press": never,
            "group_action_0": never,
            "group_action_1": never,
            "identify": never,
            "lights_off": never,
            "read_configuration": never,
            "restart": never,
            "shutter_group_0": "the gateway knows no state of groups",
        }

    @override
    def expected_points(self) -> Mapping[str, str]:
        return {
            "output_0": "light",
            "output_8": "light",
            "output_1": "switch",
            "output_3": "fan",
            "output_10_level": "number",
            "shutter_8": "cover",
            "sensor_1": "sensor",
            "thermostat_0": "climate",
            "thermostat_group_0_mode": "select",
            "ventilation_1": "fan",
            "group_action_0": "scene",
            "input_0_press": "event",
            "input_0_pressed": "binary_sensor",
            "ct_1.0_power": "sensor",
            "ct_1.0_energy": "sensor",
            "connected": "binary_sensor",
        }

    @override
    def trials(self) -> Sequence[Trial]:
        state, engine = self._state, self._server.engine
        values = state.output_values
        return (
            Trial(
                point="output_8",
                action="light.turn_on",
                data={"brightness": 102},
                shows=lambda shown: shown == "on",
                done=lambda: values[8].level == 40,
                undo=lambda: engine.put_output(8, False),
            ),
            Trial(
                point="output_1",
                action="switch.turn_on",
                shows=lambda shown: shown == "on",
                done=lambda: values[1].on,
                undo=lambda: engine.put_output(1, False),
            ),
            Trial(
                point="output_10_level",
                action="number.set_value",
                data={"value": 35},
                shows=lambda shown: float(shown) == 35,
                done=lambda: values[10].level == 35,
                undo=lambda: engine.put_output(10, False),
            ),
            Trial(
                point="ventilation_1",
                action="fan.set_percentage",
                data={"percentage": 100},
                shows=lambda shown: shown == "on",
                done=lambda: state.ventilation_values[1]["level"] == 4,
            ),
            Trial(
                point="shutter_8",
                action="cover.close_cover",
                shows=lambda shown: shown == "closed",
                done=lambda: state.runs[8].position == 99,
                undo=lambda: engine.move(8, "up"),
            ),
            Trial(
                point="shutter_10",
                action="cover.set_cover_position",
                data={"position": 50},
                shows=lambda shown: shown == "open",
                done=lambda: state.runs[10].position == 10,
            ),
            Trial(
                point="thermostat_0",
                action="climate.set_temperature",
                data={"temperature": 19.5},
                shows=lambda shown: shown == "heat",
                done=lambda: state.units[0].setpoints["auto"] == 19.5,
            ),
            Trial(
                point="thermostat_group_0_mode",
                action="select.select_option",
                data={"option": "cooling"},
                shows=lambda shown: shown == "cooling",
                done=lambda: state.group_modes[0] == "cooling",
                undo=lambda: engine.set_group(0, "heating", None),
            ),
            Trial(
                point="group_action_0",
                action="scene.turn_on",
                shows=lambda shown: shown not in {"unknown", "unavailable"},
                done=lambda: ("group_action", 0, None) in engine.commands,
            ),
            Trial(
                point="identify",
                action="button.press",
                shows=lambda shown: shown not in {"unknown", "unavailable"},
                done=lambda: ("indicate", 0, None) in engine.commands,
            ),
            Trial(
                point="input_0_pressed",
                cause=lambda: engine.press(0),
                shows=lambda shown: shown == "on",
                undo=lambda: engine.press(0, pressed=False),
            ),
            Trial(
                point="input_0_press",
                shows=lambda shown: shown not in {"unknown", "unavailable"},
            ),
        )

    @override
    def wrong_values(self, entities: Sequence[Entity]) -> list[str]:
        shown = {one.point: one.state for one in entities if not one.missing}
        wrong = []
        for number, said in self._tie.said.items():
            state = shown.get(f"sensor_{number}")
            if state is not None and float(state.state) not in said:
                wrong.append(
                    f"sensor {number} shows {state.state}, it said {list(said)[-3:]}"
                )
        for number, value in self._state.output_values.items():
            state = shown.get(f"output_{number}")
            if state is not None and (state.state == "on") is not value.on:
                wrong.append(f"output {number} shows {state.state}, it is {value.on}")
        return wrong

    @override
    def secrets(self) -> Iterable[str]:
        yield self._admin.password
        yield self._cloud.secret
        yield from self._server.issued
        yield self._state.mac
        yield self._state.serial or ""

    @override
    async def unplug(self) -> None:
        await self._server.server.refuse()

    @override
    async def replug(self) -> None:
        await self._server.server.listen()
