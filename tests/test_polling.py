"""Polls: schedule, failures, and requested updates."""

import asyncio

from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntryState
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.junction.const import DOMAIN
from custom_components.junction.coordinator import JunctionCoordinator
from custom_components.junction.errors import (
    AuthFailedError,
    BackendError,
    ProtocolError,
    RateLimitedError,
    UnreachableError,
)

from .common import Poll, log_lines, shown
from .fake_backend import ROOM, House

TEMPERATURE = "sensor.room_temperature"
COUNTER = "sensor.outside_counter"


def coordinator_of(entry: MockConfigEntry) -> JunctionCoordinator:
    coordinator = entry.runtime_data
    assert isinstance(coordinator, JunctionCoordinator)
    return coordinator


def everything(hass: HomeAssistant) -> list[str]:
    return [state.state for state in hass.states.async_all() if state.domain != "zone"]


async def test_setup_and_refresh_cost_one_request_each(
    hass: HomeAssistant, loaded: MockConfigEntry, house: House, poll: Poll
) -> None:
    assert house.calls == {"connect": 1, "fetch": 1, "subscribe": 1}
    await poll()
    assert house.calls == {"connect": 1, "fetch": 2, "subscribe": 1}


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


async def test_interval_counts_from_the_start_of_a_fetch(
    hass: HomeAssistant, loaded: MockConfigEntry, house: House
) -> None:
    """A slow system is looked at as often as was asked for, and has a rest after an error."""
    coordinator = coordinator_of(loaded)
    pace = coordinator.interval
    assert pace is not None

    def waits() -> float:
        assert coordinator.update_interval is not None
        return coordinator.update_interval.total_seconds()

    gate = house.gates["fetch"] = asyncio.Event()
    fetch = hass.async_create_task(coordinator.async_refresh())
    await asyncio.sleep(0.2)
    gate.set()
    await fetch
    assert pace / 2 <= waits() <= pace - 0.2
    coordinator.interval = 0.3
    gate.clear()
    fetch = hass.async_create_task(coordinator.async_refresh())
    await asyncio.sleep(0.3)
    gate.set()
    await fetch
    assert waits() == pytest.approx(0.15)
    coordinator.interval = pace
    house.errors["fetch"] = UnreachableError("no route")
    await coordinator.async_refresh()
    assert waits() == pace


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


async def test_unload_ends_a_requested_refresh(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    house: House,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Even one whose request fails in the moment in which it is cut off."""
    coordinator = coordinator_of(loaded)
    begun = asyncio.Event()

    async def fetch() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise UnreachableError("reset") from None

    monkeypatch.setattr(coordinator.backend, "fetch", fetch)
    coordinator.refresh()
    async with asyncio.timeout(20):
        await begun.wait()
        coordinator.refresh()
        assert await hass.config_entries.async_unload(loaded.entry_id)
    assert loaded.state is ConfigEntryState.NOT_LOADED
    assert not loaded._background_tasks
    # Home Assistant gives a task that does not end ten seconds, and complains.
    assert "did not complete in time" not in caplog.text
    coordinator._requested_refresh.request()
    assert not loaded._background_tasks


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
