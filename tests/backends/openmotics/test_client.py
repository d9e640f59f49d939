"""The client against the simulated gateway, and its readers against odd answers."""

import asyncio
from random import Random
from typing import Any, override

import aiohttp
import pytest

from custom_components.junction.backends.http import (
    Clock,
    NotFoundError,
    ServerError,
    UnexpectedJsonError,
)
from custom_components.junction.backends.openmotics import (
    cloud_listing,
    v0_listing,
    v0_states,
)
from custom_components.junction.backends.openmotics.agenda import SAFETY, Agenda
from custom_components.junction.backends.openmotics.cloud import is_new_client
from custom_components.junction.backends.openmotics.energy import EnergyFilter
from custom_components.junction.backends.openmotics.entities import shutters
from custom_components.junction.backends.openmotics.errors import (
    BusDownError,
    BusTimeoutError,
    MaintenanceError,
    MissingActionError,
    TimerError,
    UnknownParameterError,
    UnknownPositionError,
    judge_v0,
)
from custom_components.junction.backends.openmotics.gateway import Listener
from custom_components.junction.backends.openmotics.local import LocalGateway
from custom_components.junction.backends.openmotics.models import (
    Configuration,
    EnergyState,
    Kind,
    Motion,
    OutputType,
    PowerState,
    ShutterState,
    States,
    Topic,
)
from custom_components.junction.backends.openmotics.stream import Stream
from custom_components.junction.errors import (
    AuthFailedError,
    BackendError,
    RejectedError,
    UnreachableError,
    UnsupportedError,
)
from simulators.http_faults import html_page, status
from simulators.openmotics.server import GatewayServer

from .conftest import make_client

JSON = "application/json"


async def test_errors_by_status(gateway: GatewayServer, client: LocalGateway) -> None:
    await client.open()
    with pytest.raises(MissingActionError):
        await client.call("no_such_action")
    with pytest.raises(RejectedError, match="Missing parameters"):
        await client.call("set_output", {"id": 0})
    with pytest.raises(RejectedError, match="invalid_parameters"):
        await client.call("set_output", {"id": "abc", "is_on": True})
    with pytest.raises(UnknownParameterError):
        await client.call("set_output", {"id": 0, "is_on": True, "foo": 1})
    with pytest.raises(NotFoundError):
        await client.call("set_output", {"id": 200, "is_on": True})
    with pytest.raises(UnsupportedError):
        await client.call("get_airco_status")
    gateway.state.quirks.maintenance = True
    with pytest.raises(MaintenanceError):
        await client.call("get_version")
    gateway.state.quirks.maintenance = False
    gateway.server.inject(status(500, '{"success":false,"msg":"unknown_error"}'))
    with pytest.raises(ServerError):
        await client.call("get_version")


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("Internal communication timeout", BusTimeoutError),
        ("Internal communication failure", BusDownError),
        ("maintenance_mode", MaintenanceError),
        ("Feature unavailable", UnsupportedError),
        ("invalid_token", AuthFailedError),
        ("Object not found", NotFoundError),
        ("ventilation level 9 not in [0, 1, 2, 3, 4]", RejectedError),
    ],
)
def test_words_under_a_good_status(words: str, kind: type[BackendError]) -> None:
    assert type(judge_v0(words)) is kind


async def test_fields_that_are_not_known(
    gateway: GatewayServer, client: LocalGateway
) -> None:
    """An older gateway is asked for whole configurations, and asked so from then on."""
    for row in gateway.state.outputs:
        del row["in_use"]
    await client.open()
    first = await client.configuration()
    assert len(first.outputs) > 15, "everything is in use"
    await client.configuration()
    asked = gateway.server.log.to("POST", "/get_output_configurations")
    assert [bool(request.body) for request in asked] == [True, False, False]


async def test_a_configuration_that_is_none(
    gateway: GatewayServer, client: LocalGateway
) -> None:
    """What is no listing must not count as an empty one."""
    await client.open()
    gateway.server.inject(
        status(200, '{"success": true}', content_type=JSON), "/get_room_configurations"
    )
    with pytest.raises(UnexpectedJsonError):
        await client.configuration()


async def test_an_action_that_is_missing_later(
    gateway: GatewayServer, client: LocalGateway
) -> None:
    await client.open()
    await client.configuration()
    words = "The path '/get_sensor_configurations' was not found."
    gateway.server.inject(
        status(404, f'{{"success": false, "msg": "{words}"}}', content_type=JSON),
        "/get_sensor_configurations",
    )
    with pytest.raises(MissingActionError):
        await client.configuration()


async def test_a_classic_gateway(gateway: GatewayServer, client: LocalGateway) -> None:
    gateway.state.quirks.classic = True
    gateway.state.features.remove("thermostats_gateway")
    await client.open()
    assert client.abilities.timers
    assert not client.abilities.unit_off
    with pytest.raises(TimerError):
        await client.set_output(0, True, seconds=300)
    await client.set_output(0, True, seconds=450)
    found = await client.configuration()
    blind = next(one for one in found.shutters if one.id == 8)
    assert blind.positions, "by time, on this master"
    gateway.state.shutters[8] |= {"timer_up": 0.1, "timer_down": 0.1}
    gateway.state.runs[8].position = 0
    await client.place_shutter(8, 50, seconds=1)
    await client.set_thermostat_group(0, cooling=True)
    assert gateway.state.group_modes[0] == "cooling"
    states = await client.status(Topic.THERMOSTATS)
    assert states[Kind.UNIT, "0"]


async def test_a_shutter_that_does_not_find_itself(
    gateway: GatewayServer, client: LocalGateway
) -> None:
    await client.open()
    words = "Timer expired when resetting shutter 8, could not get actual position"
    gateway.server.inject(
        status(200, f'{{"success": false, "msg": "{words}"}}', content_type=JSON),
        "/do_shutter_goto",
        times=1,
    )
    with pytest.raises(UnknownPositionError):
        await client.place_shutter(8, 50, seconds=1)
    with pytest.raises(RejectedError, match="position limit"):
        await client.place_shutter(8, 500, seconds=1)


async def test_closing_never_raises(
    gateway: GatewayServer, client: LocalGateway
) -> None:
    await client.open()
    gateway.server.inject(html_page(500), "/logout")
    await client.close()
    await client.close()
    assert gateway.server.log.count("POST", "/logout") == 1


async def test_one_login_for_many(
    gateway: GatewayServer, session: aiohttp.ClientSession
) -> None:
    client = make_client(gateway, session)
    await asyncio.gather(*(client.call("get_version") for _ in range(10)))
    assert gateway.logins == 1
    assert gateway.server.log.most_in_flight <= 3


# Readers.


def test_odd_rows() -> None:
    """Whatever a field holds costs that field only."""
    unused: set[tuple[Kind, str]] = set()
    rows: list[dict[str, Any]] = [
        {"id": "7", "name": None, "type": 42, "module_type": None, "room": "x"},
        {"id": None, "name": "no id"},
        {"id": 8, "name": "NOT_IN_USE", "type": 255},
    ]
    [output] = v0_listing.outputs(rows, {}, unused)
    assert (output.id, output.name, output.type) == (7, "", OutputType.GENERIC)
    assert unused == {(Kind.OUTPUT, "8")}
    assert not list(v0_listing.inputs([{"id": 1, "in_use": False}], {}, unused))
    [group] = v0_listing.shutter_groups([{"id": 0, "timer_up": 12}], {})
    assert group.id == 0
    assert not list(v0_listing.sensors([{"id": 1, "in_use": False}], {}, unused))
    assert not list(v0_listing.old_sensors([{"id": 1, "name": ""}], {}, {}))
    [module] = v0_listing.modules([{"id": 1, "version": None, "input0": None}])
    assert module.inputs == ("",) * 8


def test_odd_states() -> None:
    assert v0_states.shutters({"detail": {"1": None}}) == {
        (Kind.SHUTTER, "1"): ShutterState()
    }
    assert v0_states.power({"success": True, "1": [None, [1]], "2": None}) == {
        (Kind.POWER, "1.0"): PowerState(),
        (Kind.POWER, "1.1"): PowerState(voltage=1.0),
    }
    assert v0_states.event("SOMETHING_NEW", {"id": 1}) == {}
    assert v0_states.event("OUTPUT_CHANGE", {}) == {}
    assert v0_states.preset("bogus") is None
    assert v0_states.motion("FLYING") is None


def test_odd_rows_of_the_cloud() -> None:
    lists: dict[str, list[dict[str, Any]]] = {
        "outputs": [{"id": 1, "type": "SHUTTER_RELAY"}, {"id": 2}],
        "inputs": [{"id": 3, "status": {"on": True}}, {"id": 4, "status": None}],
        "shutters": [{"id": 5, "capabilities": ["POSITION"]}],
        "sensors": [{"id": 6, "physical_quantity": None}],
        "thermostats/groups": [{"id": 7}, {"id": 8}],
        "thermostats/units": [{"id": 9, "location": {"thermostat_group_id": 7}}],
        "ventilations/units": [{"id": 10}],
        "groupactions": [{"id": 11, "name": ""}],
        "rooms": [],
    }
    found = cloud_listing.configuration(lists)
    assert [one.id for one in found.outputs] == [2]
    assert [one.id for one in found.inputs] == [3]
    assert found.shutters[0].steps == 101
    assert [one.id for one in found.groups] == [7]
    assert not found.actions
    for path, rows in lists.items():
        cloud_listing.states(path, rows)
    units: list[dict[str, Any]] = [
        {"id": 1, "status": {"state": True, "setpoint": "21.5"}}
    ]
    [state] = cloud_listing.states("thermostats/units", units).values()
    assert (state.on, state.setpoint) == (True, 21.5)  # type: ignore[attr-defined]
    assert cloud_listing.states("inputs", lists["inputs"])[Kind.INPUT, "3"] is True


def test_client_ids() -> None:
    assert is_new_client("0B1C2D3E-4F50-4162-8374-95A6B7C8D9E0")
    assert not is_new_client("0b1c2d3e4f50416283749 5a6b7c8d9e0")
    assert not is_new_client("my-client")


@pytest.mark.parametrize(
    ("position", "steps", "percent"),
    [(0, 100, 100), (99, 100, 0), (50, 100, 49), (10, 21, 50), (120, 101, 0)],
)
def test_positions(position: int, steps: int, percent: int) -> None:
    assert shutters.to_percent(position, steps) == percent
    assert shutters.to_percent(None, steps) is None


@pytest.mark.parametrize("steps", [2, 21, 100, 101])
def test_positions_come_back(steps: int) -> None:
    for position in range(steps):
        percent = shutters.to_percent(position, steps)
        assert percent is not None
        assert shutters.to_position(percent, steps) == position


def test_what_a_cover_shows() -> None:
    down = shutters.cover_state(ShutterState(motion=Motion.DOWN), 100)
    assert (down.closed, down.position) == (True, None)
    half = shutters.cover_state(ShutterState(motion=Motion.STOPPED), 100)
    assert half.closed is None
    assert shutters.cover_state(ShutterState(), 100).closed is None


def test_counters_that_are_not_read() -> None:
    """None keeps the last value; other values, lower ones too, are believed."""
    held = EnergyFilter()
    key = (Kind.ENERGY, "1.0")

    def take(day: int | None, night: int | None = 5) -> EnergyState:
        return held.take({key: EnergyState(day=day, night=night)})[key]

    assert held.take({(Kind.PULSE, "0"): 7}) == {}
    assert take(0).total == 5
    assert take(100).total == 105
    assert take(None).total == 105
    assert take(0).day == 100
    assert take(101).day == 101
    assert take(40).day == 40
    assert EnergyState(day=1).total is None


def test_the_agenda() -> None:
    agenda = Agenda(power=15, tick=5)
    topics = frozenset(Topic)
    assert agenda.due(topics, 0.0) == list(Topic)
    for topic in Topic:
        agenda.done(topic, 0.0, live=True)
    assert agenda.due(topics, 15.0) == [Topic.POWER]
    assert Topic.ENERGY in agenda.due(topics, 60.0)
    assert Topic.OUTPUTS not in agenda.due(topics, SAFETY - 5)
    assert Topic.OUTPUTS in agenda.due(topics, SAFETY)
    agenda.done(Topic.SHUTTERS, 0.0, live=False, moving=True)
    assert Topic.SHUTTERS in agenda.due(topics, 5.0)
    agenda.done(Topic.SHUTTERS, 0.0, live=True, blind={Topic.SHUTTERS})
    assert Topic.SHUTTERS not in agenda.due(topics, 10.0)
    assert Topic.SHUTTERS in agenda.due(topics, 15.0)
    agenda.mark((Topic.OUTPUTS,))
    assert Topic.OUTPUTS in agenda.due(topics, 0.0)


def test_what_is_worth_asking_for() -> None:
    assert Configuration().topics() == frozenset()
    assert Configuration().keys() == frozenset()


class Deaf:
    """A gateway whose events break in prescribed ways."""

    def __init__(self, *ways: BackendError | None) -> None:
        self.ways = list(ways)

    async def listen(self, listener: Listener) -> None:
        way = self.ways.pop(0)
        if way is None:
            listener.live()
            listener.changed({})
            listener.stale(Topic.OUTPUTS)
            way = UnreachableError()
        raise way


class Watching:
    """Notes what it is told."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def live(self) -> None:
        self.said.append("live")

    def changed(self, states: States) -> None:
        self.said.append("changed")

    def stale(self, topic: Topic) -> None:
        self.said.append("stale")

    def broken(self, error: BackendError) -> None:
        self.said.append(error.key)


async def test_patience() -> None:
    """Pauses grow, begin anew after a success, and are long where there is no hope."""
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        if not gateway.ways:
            raise asyncio.CancelledError
        await asyncio.sleep(0)

    gateway = Deaf(
        *[UnreachableError()] * 8,
        None,
        UnreachableError(),
        AuthFailedError(),
        UnsupportedError(),
    )

    class Certain(Random):
        @override
        def uniform(self, a: float, b: float) -> float:
            return b

    watching = Watching()
    stream = Stream(
        gateway,  # type: ignore[arg-type]
        watching,
        clock=Clock(sleep=sleep),
        random=Certain(),
    )
    with pytest.raises(asyncio.CancelledError):
        await stream.run()
    assert slept == [1, 2, 4, 8, 16, 32, 60, 60, 1, 2, 60, 900]
    assert watching.said[8:12] == ["live", "changed", "stale", "unreachable"]
    assert stream.connections == 1
    assert stream.never
