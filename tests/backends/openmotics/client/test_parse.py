"""Parsing of unusual responses, and the schedule of requests."""

from typing import Any

from custom_components.junction.backends.openmotics.client.cloud import (
    parse as cloud_parse,
)
from custom_components.junction.backends.openmotics.client.cloud.session import (
    is_new_client,
)
from custom_components.junction.backends.openmotics.client.energy import (
    PERSISTS,
    EnergyFilter,
)
from custom_components.junction.backends.openmotics.client.models import (
    Configuration,
    EnergyState,
    Kind,
    OutputType,
    PowerState,
    ShutterState,
    Topic,
)
from custom_components.junction.backends.openmotics.client.poller import SAFETY, Poller
from custom_components.junction.backends.openmotics.client.v0 import (
    configuration,
    states,
)


def test_odd_rows() -> None:
    """An invalid field affects that field only."""
    unused: set[tuple[Kind, str]] = set()
    rows: list[dict[str, Any]] = [
        {"id": "7", "name": None, "type": 42, "module_type": None, "room": "x"},
        {"id": None, "name": "no id"},
        {"id": 8, "name": "NOT_IN_USE", "type": 255},
    ]
    [output] = configuration.outputs(rows, {}, unused)
    assert (output.id, output.name, output.type) == (7, "", OutputType.GENERIC)
    # Unused objects are not listed; an event from one means that it is in use now.
    assert not unused
    assert not list(configuration.inputs([{"id": 1, "in_use": False}], {}))
    [group] = configuration.shutter_groups([{"id": 0, "timer_up": 12}], {})
    assert group.id == 0
    assert not list(configuration.sensors([{"id": 1, "in_use": False}], {}))
    assert not list(configuration.old_sensors([{"id": 1, "name": ""}], {}, {}))
    [module] = configuration.modules([{"id": 1, "version": None, "input0": None}])
    assert module.inputs == ("",) * 8


def test_odd_states() -> None:
    assert states.shutters({"detail": {"1": None}}) == {
        (Kind.SHUTTER, "1"): ShutterState()
    }
    assert states.power({"success": True, "1": [None, [1]], "2": None}) == {
        (Kind.POWER, "1.0"): PowerState(),
        (Kind.POWER, "1.1"): PowerState(voltage=1.0),
    }
    assert states.event("SOMETHING_NEW", {"id": 1}) == {}
    assert states.event("OUTPUT_CHANGE", {}) == {}
    assert states.preset("bogus") is None
    assert states.motion("FLYING") is None


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
    found = cloud_parse.configuration(lists)
    assert [one.id for one in found.outputs] == [2]
    assert [one.id for one in found.inputs] == [3]
    assert found.shutters[0].steps == 101
    assert [one.id for one in found.groups] == [7]
    assert not found.actions
    for path, rows in lists.items():
        cloud_parse.states(path, rows)
    units: list[dict[str, Any]] = [
        {"id": 1, "status": {"state": True, "setpoint": "21.5"}}
    ]
    [state] = cloud_parse.states("thermostats/units", units).values()
    assert (state.on, state.setpoint) == (True, 21.5)  # type: ignore[attr-defined]
    assert cloud_parse.states("inputs", lists["inputs"])[Kind.INPUT, "3"] is True


def test_client_ids() -> None:
    assert is_new_client("0B1C2D3E-4F50-4162-8374-95A6B7C8D9E0")
    assert not is_new_client("0b1c2d3e4f50416283749 5a6b7c8d9e0")
    assert not is_new_client("my-client")


def test_counters_that_are_not_read() -> None:
    """None keeps the last value; other values, lower ones too, are believed."""
    held = EnergyFilter(lambda _key: 100.0)
    key = (Kind.ENERGY, "1.0")

    def take(day: int | None, night: int | None = 5) -> EnergyState:
        return held.take({key: EnergyState(day=day, night=night)})[key]

    assert held.take({(Kind.PULSE, "0"): 7}) == {}
    # There was a value before a restart; the first 0 may follow from that restart.
    assert take(0).total is None
    assert take(100).total == 105
    assert take(None).total == 105
    assert take(0).day == 100
    assert take(101).day == 101
    assert take(40).day == 40
    assert EnergyState(day=1).total is None
    # A counter that stays at 0 really is 0, and counts from there at once.
    fresh = EnergyFilter(lambda _key: 100.0)
    zero = {key: EnergyState(day=0, night=0)}
    totals = [fresh.take(zero)[key].total for _ in range(PERSISTS + 1)]
    assert totals == [None] * (PERSISTS - 1) + [0, 0]
    assert (held.dropped, fresh.dropped) == (2, 2 * (PERSISTS - 1))
    # Where nothing was counted before, 0 is where it begins.
    # Nor is it doubted in a tariff that is never used, when nothing is missing.
    again = EnergyFilter(lambda _key: 100.0)
    assert again.take({key: EnergyState(day=100, night=0)})[key].total == 100
    new = EnergyFilter()
    assert new.take({key: EnergyState()})[key].total is None
    assert new.take(zero) == zero


def test_the_poller() -> None:
    poller = Poller(power=15, tick=5)
    topics = frozenset(Topic)
    assert poller.due(topics, 0.0) == list(Topic)
    for topic in Topic:
        poller.done(topic, 0.0, live=True)
    assert poller.due(topics, 15.0) == [Topic.POWER]
    assert Topic.ENERGY in poller.due(topics, 60.0)
    assert Topic.OUTPUTS not in poller.due(topics, SAFETY - 5)
    assert Topic.OUTPUTS in poller.due(topics, SAFETY)
    poller.done(Topic.SHUTTERS, 0.0, live=False, moving=True)
    assert Topic.SHUTTERS in poller.due(topics, 5.0)
    poller.done(Topic.SHUTTERS, 0.0, live=True, blind={Topic.SHUTTERS})
    assert Topic.SHUTTERS not in poller.due(topics, 10.0)
    assert Topic.SHUTTERS in poller.due(topics, 15.0)
    poller.mark((Topic.OUTPUTS,))
    assert Topic.OUTPUTS in poller.due(topics, 0.0)


def test_what_is_worth_asking_for() -> None:
    assert Configuration().topics() == frozenset()
    assert Configuration().keys() == frozenset()
