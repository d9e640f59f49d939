"""Polling, pushing, and waking only what changed."""

import asyncio
from collections.abc import Awaitable, Callable, Generator
from typing import Any
from unittest.mock import patch

from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntryState
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.junction.const import DOMAIN
from custom_components.junction.coordinator import JunctionCoordinator
from custom_components.junction.entity import JunctionEntity
from custom_components.junction.errors import (
    AuthFailedError,
    BackendError,
    ProtocolError,
    RateLimitedError,
    UnreachableError,
)
from custom_components.junction.model import Topology

from .common import shown, state_of, writes, written_since
from .fake_backend import ROOM, House, switch

type Poll = Callable[..., Awaitable[None]]

TEMPERATURE = "sensor.room_temperature"
COUNTER = "sensor.outside_counter"


def coordinator_of(entry: MockConfigEntry) -> JunctionCoordinator:
    coordinator = entry.runtime_data
    assert isinstance(coordinator, JunctionCoordinator)
    return coordinator


def everything(hass: HomeAssistant) -> list[str]:
    return [state.state for state in hass.states.async_all() if state.domain != "zone"]


def log_lines(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    """Return what a person sees in the log of the integration."""
    return [
        (record.levelname, record.getMessage())
        for record in caplog.records
        if record.name.startswith("custom_components.junction")
        and record.levelname != "DEBUG"
    ]


@pytest.fixture
def counted() -> Generator[list[str]]:
    """Count the writes that the coordinator asks entities for."""
    calls: list[str] = []
    original = JunctionEntity._write

    def write(self: JunctionEntity[Any, Any]) -> None:
        calls.append(self.entity_id)
        original(self)

    with patch.object(JunctionEntity, "_write", write):
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


async def test_setup_and_refresh_cost_one_request_each(
    hass: HomeAssistant, loaded: MockConfigEntry, house: House, poll: Poll
) -> None:
    assert house.calls == {"connect": 1, "fetch": 1, "subscribe": 1}
    await poll()
    assert house.calls == {"connect": 1, "fetch": 2, "subscribe": 1}


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


async def test_failed_polls_are_told_once(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    house: House,
    poll: Poll,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.clear()
    known = everything(hass)
    house.errors["fetch"] = UnreachableError("no route")
    await poll()
    assert set(everything(hass)) == {STATE_UNAVAILABLE}
    house.errors["fetch"] = ProtocolError("gibberish")
    await poll()
    assert [level for level, _ in log_lines(caplog)] == ["ERROR"]

    caplog.clear()
    house.errors.clear()
    await poll()
    assert everything(hass) == known
    assert log_lines(caplog) == [("INFO", "Fetching Fake house data recovered")]


async def test_push_ends_a_failed_poll(
    hass: HomeAssistant, loaded: MockConfigEntry, house: House, poll: Poll
) -> None:
    house.errors["fetch"] = UnreachableError("no route")
    await poll()
    assert shown(hass, COUNTER) == STATE_UNAVAILABLE
    house.change((ROOM, "temperature"), 23.0)
    assert shown(hass, TEMPERATURE) == "23.0"
    assert shown(hass, COUNTER) == "12.0"


async def test_fetch_that_survives_a_loss_ends_it(
    hass: HomeAssistant, loaded: MockConfigEntry, house: House
) -> None:
    gate = house.gates["fetch"] = asyncio.Event()
    fetch = hass.async_create_task(coordinator_of(loaded).async_refresh())
    while house.calls["fetch"] < 2:
        await asyncio.sleep(0)
    assert house.sink is not None
    house.sink.lost(UnreachableError("push channel"))
    assert shown(hass, COUNTER) == STATE_UNAVAILABLE
    gate.set()
    await fetch
    assert shown(hass, COUNTER) == "12.0"


async def test_rate_limit_delays_the_next_poll(
    hass: HomeAssistant, loaded: MockConfigEntry, house: House, poll: Poll
) -> None:
    house.errors["fetch"] = RateLimitedError("busy", retry_after=300)
    await poll()
    assert house.calls["fetch"] == 2
    house.errors.clear()
    await poll(290)
    assert house.calls["fetch"] == 2
    assert shown(hass, COUNTER) == STATE_UNAVAILABLE
    await poll(310)
    assert house.calls["fetch"] == 3
    assert shown(hass, COUNTER) == "12.0"


def reauth_flows(hass: HomeAssistant) -> list[str]:
    return [
        flow["step_id"]
        for flow in hass.config_entries.flow.async_progress_by_handler(DOMAIN)
        if flow["context"]["source"] == SOURCE_REAUTH
    ]


@pytest.mark.parametrize("request_", ["connect", "fetch"])
async def test_refused_at_setup_asks_for_new_credentials(
    hass: HomeAssistant, entry: MockConfigEntry, house: House, request_: str
) -> None:
    house.errors[request_] = AuthFailedError("wrong token")
    assert not await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.SETUP_ERROR
    assert entry.error_reason_translation_key == "auth_failed"
    assert reauth_flows(hass) == ["reauth_fake"]
    assert house.calls["close"] == 1


async def test_refused_at_a_poll_asks_once_and_stops_polling(
    hass: HomeAssistant, loaded: MockConfigEntry, house: House, poll: Poll
) -> None:
    house.errors["fetch"] = AuthFailedError("wrong token")
    await poll()
    await poll()
    assert house.calls["fetch"] == 2
    assert reauth_flows(hass) == ["reauth_fake"]


async def test_refused_push_asks_for_new_credentials(
    hass: HomeAssistant, loaded: MockConfigEntry, house: House
) -> None:
    assert house.sink is not None
    house.sink.lost(AuthFailedError("wrong token"))
    await hass.async_block_till_done()
    assert reauth_flows(hass) == ["reauth_fake"]
    assert shown(hass, COUNTER) == STATE_UNAVAILABLE


@pytest.mark.parametrize(
    ("error", "key"),
    [
        (UnreachableError("no route"), "unreachable"),
        (RateLimitedError("busy", retry_after=9), "rate_limited"),
        (ProtocolError("gibberish"), "protocol_error"),
        (BackendError(), "backend_error"),
    ],
)
@pytest.mark.parametrize("request_", ["connect", "fetch"])
async def test_setup_is_tried_again(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    house: House,
    request_: str,
    error: BackendError,
    key: str,
) -> None:
    house.errors[request_] = error
    assert not await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert entry.error_reason_translation_key == key
    assert entry.error_reason_translation_placeholders == error.placeholders
    assert house.calls["close"] == 1

    house.errors.clear()
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED
    assert house.calls["close"] == 1


async def test_requested_refreshes_share_a_fetch(
    hass: HomeAssistant, loaded: MockConfigEntry, house: House
) -> None:
    assert house.sink is not None
    house.states[ROOM, "temperature"] = 24.0
    for _ in range(5):
        house.sink.refresh()
    await hass.async_block_till_done(wait_background_tasks=True)
    assert house.calls["fetch"] == 2
    assert shown(hass, TEMPERATURE) == "24.0"


async def test_poll_in_between_serves_a_requested_refresh(
    hass: HomeAssistant, loaded: MockConfigEntry, house: House
) -> None:
    assert house.sink is not None
    house.sink.refresh()
    await coordinator_of(loaded).async_refresh()
    await hass.async_block_till_done(wait_background_tasks=True)
    assert house.calls["fetch"] == 2


async def test_refresh_asked_for_during_a_fetch_is_another_one(
    hass: HomeAssistant, loaded: MockConfigEntry, house: House
) -> None:
    gate = house.gates["fetch"] = asyncio.Event()
    fetch = hass.async_create_task(coordinator_of(loaded).async_refresh())
    while house.calls["fetch"] < 2:
        await asyncio.sleep(0)
    # The running fetch has looked already; this comes too late for it.
    house.states[ROOM, "temperature"] = 25.0
    assert house.sink is not None
    house.sink.refresh()
    await asyncio.sleep(0.6)
    gate.set()
    await fetch
    assert shown(hass, TEMPERATURE) == "20.5"
    await hass.async_block_till_done(wait_background_tasks=True)
    assert house.calls["fetch"] == 3
    assert shown(hass, TEMPERATURE) == "25.0"


async def test_person_asks_for_a_refresh(
    hass: HomeAssistant, loaded: MockConfigEntry, house: House
) -> None:
    assert await async_setup_component(hass, "homeassistant", {})
    house.states[ROOM, "temperature"] = 26.0
    await hass.services.async_call(
        "homeassistant",
        "update_entity",
        {"entity_id": [TEMPERATURE, COUNTER]},
        blocking=True,
    )
    await hass.async_block_till_done(wait_background_tasks=True)
    assert house.calls["fetch"] == 2
    assert shown(hass, TEMPERATURE) == "26.0"


async def test_pure_push_is_never_polled(
    hass: HomeAssistant, entry: MockConfigEntry, house: House, poll: Poll
) -> None:
    hass.config_entries.async_update_entry(entry, options={"interval": None})
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    await poll(86_400)
    assert house.calls["fetch"] == 1


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
            coordinator.async_listen_point(key, lambda: calls.append(name)),
            coordinator.async_listen_event(key, lambda *_: calls.append(name)),
        ]

    def happen() -> list[str]:
        calls.clear()
        coordinator.async_wake([key])
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
