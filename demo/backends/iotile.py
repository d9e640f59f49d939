"""IOTile Cloud of the demo, with three weeks of uploads."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import ClassVar, Final, override

from simulators.house import House
from simulators.iotile.server import IOTileServer
from simulators.iotile.world import World, house as water_world
from simulators.ties import WaterTie

from ..client import Entity
from ..kept import Kept
from .base import NOBODY, Answers, SimulatedSystem, Slip, Tour, Trial, Trouble, Visit

_METER: Final = "d--0000-0000-0000-0097"
_STREAM: Final = "s--0000-0005--0000-0000-0000-0097--5001"
_BOILER: Final = "s--0000-0005--0000-0000-0000-00a0--500f"
_KELVIN: Final = 273.15


class SimulatedCloud(SimulatedSystem):
    """A private server with a water meter, probes, and a shipping tracker."""

    name = "iotile"
    area = "Garden"
    outlives_loss: ClassVar[Mapping[str, str]] = {}

    def __init__(self, house: House, folder: Path) -> None:
        """Create the devices with uploads until now."""
        self._world = water_world(house.clock)
        self._server = IOTileServer(self._world)
        WaterTie(house, self._world)
        self._status = self._world.statuses[_METER]
        self._status |= {"health_check_enabled": True, "alert": "OK"}
        self._owner = self._world.users[0]

    @property
    def world(self) -> World:
        """The content of the cloud."""
        return self._world

    @override
    def keep(self, kept: Kept) -> None:
        self._server.port = kept.port(8000)

    @override
    async def start(self) -> None:
        await self._server.start()

    @override
    async def stop(self) -> None:
        await self._server.stop()

    @override
    def about(self) -> Sequence[str]:
        return (
            "IOTile Cloud with six devices in two projects",
            f"  API at {self._server.url}",
        )

    def _login(self) -> dict[str, str]:
        owner, url = self._owner, self._server.url
        return {"url": url, "email": owner.email, "password": owner.password}

    @override
    def answers(self) -> Answers:
        return {
            "user": {"next_step_id": self.name},
            "iotile": self._login(),
            "iotile_projects": {"projects": [], "history": True},
        }

    @override
    def slips(self) -> Sequence[Slip]:
        return (
            Slip("iotile", {**self._login(), "url": NOBODY}, "connection_refused"),
            Slip("iotile", {**self._login(), "password": "guessed"}, "auth_failed"),
        )

    @override
    async def tours(self, visit: Visit) -> Sequence[Tour]:
        twice = {"readings": [_STREAM], "intervals": [_STREAM]}
        return (
            Tour(
                name="options",
                kind="options",
                answers={},
                slips=(Slip("iotile", twice, "iotile_chosen_twice"),),
                until="iotile_error",
            ),
        )

    @override
    def troubles(self) -> Sequence[Trouble]:
        return (
            Trouble(key="iotile_no_data_role", cause=self._demote, undo=self._promote),
        )

    async def _demote(self) -> None:
        self._owner.role = "r1"

    def _promote(self) -> None:
        self._owner.role = "a0"

    @override
    async def move(self) -> Answers:
        await self._server.move()
        return self.answers()

    @override
    def lock_out(self) -> Answers:
        self._owner.token = f"{self._owner.token[::-1]}"
        login = self._login()
        del login["url"]
        return {"iotile_account": login}

    @override
    def options(self) -> Answers:
        return {"iotile": {"interval": 0.5, "late_hours": 48, "history": True}}

    @override
    def may_be_silent(self) -> Mapping[str, str]:
        empty = [
            row for row in self._world.streams if not self._world.points[row["slug"]]
        ]
        return {
            **{row["slug"][-4:]: "nothing was ever written into it" for row in empty},
            "last_report": "no report was handed in",
            "last_measurement": "the old probe never measured",
            "5020": "no shock since the start",
            "5a07": "no trip ended since the start",
            "5a08": "no trip ended since the start",
        }

    @override
    def expected_points(self) -> Mapping[str, str]:
        return {
            **dict.fromkeys(
                (
                    "5001_total",
                    "5002_total",
                    "5800",
                    "500f",
                    "5024",
                    "last_measurement",
                ),
                "sensor",
            ),
            "problem": "binary_sensor",
            "location": "device_tracker",
            "5020": "event",
        }

    @override
    def trials(self) -> Sequence[Trial]:
        return (
            Trial(
                point="problem",
                action="homeassistant.update_entity",
                cause=lambda: self._status.update(alert="FAIL"),
                undo=lambda: self._status.update(alert="OK"),
                shows=lambda state: state == "on",
            ),
        )

    @override
    def wrong_values(self, entities: Sequence[Entity]) -> list[str]:
        said = {
            round((row.value or 0.0) - _KELVIN, 3)
            for row in self._world.points[_BOILER]
        }
        wrong = []
        for entity in entities:
            state = entity.state
            if entity.point != "500f" or state is None or entity.missing:
                continue
            if "boiler" in state.entity_id and round(float(state.state), 3) not in said:
                wrong.append(f"500f shows {state.state}")
        return wrong

    @override
    def secrets(self) -> Iterable[str]:
        yield self._owner.token
        yield self._owner.password
        yield self._owner.email

    @override
    async def unplug(self) -> None:
        await self._server.refuse()

    @override
    async def replug(self) -> None:
        await self._server.listen()
