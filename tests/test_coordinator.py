"""Updates from a backend, which wake only the changed entities."""

from collections.abc import Callable, Generator
from typing import Any
from unittest.mock import patch

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.junction.coordinator import JunctionCoordinator
from custom_components.junction.entity import JunctionEntity
from custom_components.junction.errors import AuthFailedError, UnreachableError
from custom_components.junction.model import Topology

from .common import Poll, log_lines, shown, state_of, writes, written_since
from .fake_backend import ROOM, House
from .fake_house import switch

TEMPERATURE = "sensor.room_temperature"
COUNTER = "sensor.outside_counter"


def coordinator_of(entry: MockConfigEntry) -> JunctionCoordinator:
    coordinator = entry.runtime_data
    assert isinstance(coordinator, JunctionCoordinator)
    return coordinator


def everything(hass: HomeAssistant) -> list[str]:
    return [state.state for state in hass.states.async_all() if state.domain != "zone"]


@pytest.fixture
def counted() -> Generator[list[str]]:
    """Count the writes that the coordinator asks entities for."""
    calls: list[str] = []
    original = JunctionEntity._write_reported

    def write(self: JunctionEntity[Any, Any], state: object) -> None:
        calls.append(self.entity_id)
        original(self, state)

    with patch.object(JunctionEntity, "_write_reported", write):
        yield calls


async def test_unchanged_refresh_writes_nothing(
    hass: HomeAssistant,
    counted: list[str],
    loaded: MockConfigEntry,
    house: House,
    poll: Poll,
) -> None:
    before = writes(hass)
    counted.clear()
    await poll()
    await poll()
    assert house.calls["fetch"] == 3
    assert counted == []
    assert written_since(hass, before) == set()


async def test_changed_points_only_are_written(
    hass: HomeAssistant,
    counted: list[str],
    loaded: MockConfigEntry,
    house: House,
    poll: Poll,
) -> None:
    before = writes(hass)
    counted.clear()
    house.states[ROOM, "temperature"] = 21.0
    house.states[ROOM, "motion"] = True
    await poll()
    assert shown(hass, TEMPERATURE) == "21.0"
    assert shown(hass, "binary_sensor.room_motion") == "on"
    changed = {TEMPERATURE, "binary_sensor.room_motion"}
    assert written_since(hass, before) == changed
    assert sorted(counted) == sorted(changed)

    counted.clear()
    house.push((ROOM, "temperature"), (ROOM, "motion"))
    assert counted == []
    house.change((ROOM, "temperature"), 21.5)
    assert shown(hass, TEMPERATURE) == "21.5"
    assert counted == [TEMPERATURE]


async def test_value_none_and_unavailable_are_three_things(
    hass: HomeAssistant, loaded: MockConfigEntry, house: House, poll: Poll
) -> None:
    assert shown(hass, "number.room_level") == "0.0"
    house.states[ROOM, "temperature"] = 0
    house.states[ROOM, "motion"] = None
    del house.states[ROOM, "phase"]
    await poll()
    assert shown(hass, TEMPERATURE) == "0"
    assert shown(hass, "binary_sensor.room_motion") == STATE_UNKNOWN
    assert shown(hass, "sensor.room_phase") == STATE_UNAVAILABLE
    house.states[ROOM, "phase"] = "busy"
    await poll()
    assert shown(hass, "sensor.room_phase") == "busy"


@pytest.mark.parametrize("pushed", [False, True])
async def test_silent_device_takes_only_its_points_along(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    house: House,
    poll: Poll,
    pushed: bool,
) -> None:
    async def turn(*, on: bool) -> set[str]:
        before = writes(hass)
        (house.offline.discard if on else house.offline.add)("sensor")
        if pushed:
            house.push(devices={"sensor": on})
        else:
            await poll()
        return written_since(hass, before)

    assert await turn(on=False) == {COUNTER}
    assert shown(hass, COUNTER) == STATE_UNAVAILABLE
    assert await turn(on=False) == set()
    assert await turn(on=True) == {COUNTER}
    assert shown(hass, COUNTER) == "12.0"
    assert await turn(on=True) == set()


async def test_points_without_a_state_follow_their_device(
    hass: HomeAssistant, loaded: MockConfigEntry, house: House
) -> None:
    stateless = ("button.room_restart", "event.room_bell", "scene.room_evening")
    assert {shown(hass, entity) for entity in stateless} == {STATE_UNKNOWN}
    house.push(devices={ROOM: False})
    assert {shown(hass, entity) for entity in stateless} == {STATE_UNAVAILABLE}
    house.push(devices={ROOM: True})
    assert {shown(hass, entity) for entity in stateless} == {STATE_UNKNOWN}


async def test_lost_and_back_are_told_once(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    house: House,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.clear()
    known = everything(hass)
    assert house.sink is not None
    house.sink.lost(UnreachableError("cable pulled"))
    house.sink.lost(UnreachableError("cable pulled"))
    assert set(everything(hass)) == {STATE_UNAVAILABLE}
    assert log_lines(caplog) == [("ERROR", "Fake house is lost: cable pulled")]

    caplog.clear()
    house.change((ROOM, "temperature"), 20.5)
    house.change((ROOM, "temperature"), 20.5)
    assert everything(hass) == known
    assert log_lines(caplog) == [("INFO", "Fake house is back")]


async def test_a_late_push_does_not_undo_a_refused_login(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    house: House,
    caplog: pytest.LogCaptureFixture,
) -> None:
    coordinator = coordinator_of(loaded)
    house.errors["fetch"] = AuthFailedError("password changed")
    caplog.clear()
    await coordinator.async_refresh()
    # A task that ends later, such as a stream, ends with the same error.
    assert house.sink is not None
    house.sink.lost(UnreachableError("cable pulled"))
    # Polling has ended with it, so nothing may look as if it were still read.
    house.change((ROOM, "temperature"), 20.5)
    assert set(everything(hass)) == {STATE_UNAVAILABLE}
    assert [level for level, _ in log_lines(caplog)] == ["ERROR"]

    house.errors.clear()
    await coordinator.async_refresh()
    assert shown(hass, TEMPERATURE) == "20.5"
    assert [level for level, _ in log_lines(caplog)] == ["ERROR", "INFO"]


async def test_bad_value_costs_nobody_else_theirs(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    house: House,
    poll: Poll,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.clear()
    # An option that the sensor does not have: Home Assistant refuses to show it.
    house.states[ROOM, "phase"] = "surprise"
    for degrees in (1.0, 2.0, 3.0):
        house.states[ROOM, "temperature"] = degrees
        house.states[ROOM, "phase"] = f"surprise {degrees}"
        await poll()
        assert shown(hass, TEMPERATURE) == str(degrees)
    house.change((ROOM, "phase"), "surprise again")
    assert coordinator_of(loaded).last_update_success
    assert log_lines(caplog) == [
        ("ERROR", "Fake house: point phase cannot be shown"),
    ]


async def test_unknown_event_does_not_reach_the_pusher(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    house: House,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.clear()
    assert house.sink is not None
    house.sink.event((ROOM, "bell"), "sung", {})
    house.sink.event((ROOM, "nobody"), "sung", {})
    assert shown(hass, "event.room_bell") == STATE_UNKNOWN
    assert log_lines(caplog) == [("ERROR", "Fake house: point bell cannot be shown")]


async def test_states_of_vanished_points_are_forgotten(
    hass: HomeAssistant, loaded: MockConfigEntry, house: House
) -> None:
    house.remove((ROOM, "temperature"))
    house.push(topology=house.topology)
    assert (ROOM, "temperature") not in coordinator_of(loaded).states
    assert (ROOM, "phase") in coordinator_of(loaded).states


async def test_listener_of_a_successor_is_not_removed(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    coordinator = coordinator_of(loaded)
    key = ("x", "y")
    calls: list[str] = []

    def listen(name: str) -> list[Callable[[], None]]:
        return [
            coordinator.listeners.async_listen_point(key, lambda: calls.append(name)),
            coordinator.listeners.async_listen_event(
                key, lambda *_: calls.append(name)
            ),
        ]

    def happen() -> list[str]:
        calls.clear()
        coordinator.listeners.async_wake([key])
        coordinator.event(key, "any", {})
        return calls

    first, second = listen("first"), listen("second")
    for remove in first:
        remove()
    assert happen() == ["second", "second"]
    for remove in second:
        remove()
    assert happen() == []


async def test_topology_pushed_during_unload_adds_nothing(
    hass: HomeAssistant, loaded: MockConfigEntry, house: House
) -> None:
    loaded.mock_state(hass, ConfigEntryState.UNLOAD_IN_PROGRESS)
    house.add(switch(house, ROOM, "Late"))
    house.push(topology=house.topology)
    await hass.async_block_till_done()
    assert hass.states.get("switch.room_late") is None
    loaded.mock_state(hass, ConfigEntryState.LOADED)


async def test_same_topology_is_not_worked_on_again(
    hass: HomeAssistant, loaded: MockConfigEntry, house: House, poll: Poll
) -> None:
    with patch("custom_components.junction.devices.async_sync") as sync:
        await poll()
        house.push(topology=house.topology)
        assert sync.call_count == 0
        house.push(topology=Topology(complete=False))
        assert sync.call_count == 1
    assert state_of(hass, TEMPERATURE).state == "20.5"
