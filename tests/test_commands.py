"""Commands: shown at once, sent in order, believed only when confirmed."""

import asyncio
from dataclasses import replace

from homeassistant.config_entries import SOURCE_REAUTH
from homeassistant.const import STATE_OFF, STATE_ON, STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.junction.backends.http import PermissionDeniedError
from custom_components.junction.const import DOMAIN
from custom_components.junction.errors import (
    AuthFailedError,
    BackendError,
    RateLimitedError,
    RejectedError,
    UnreachableError,
    UnsupportedError,
)
from custom_components.junction.model import Delta, Detailed, LightState

from . import fake_backend
from .common import act, reason, shown, state_of, under_way, writes, written_since
from .fake_backend import ROOM, House
from .texts import texts

RELAY = "switch.room_relay"
DIMMER = "light.room_dimmer"
KEY = (ROOM, "relay")


def pending(entry: MockConfigEntry) -> int:
    return len(entry.runtime_data.commands.pending)


async def test_shown_at_once_and_confirmed_by_push(
    hass: HomeAssistant, loaded: MockConfigEntry, house: House
) -> None:
    house.pushes = True
    async with under_way(hass, house, "switch.turn_on", RELAY):
        assert house.states[KEY] is False
        assert shown(hass, RELAY) == STATE_ON
    assert shown(hass, RELAY) == STATE_ON
    # The push came before the answer to the command: nothing was left to look for.
    assert house.calls["read"] == 0
    assert house.calls["fetch"] == 1
    assert pending(loaded) == 0


async def test_confirmed_by_reading_again(
    hass: HomeAssistant, loaded: MockConfigEntry, house: House
) -> None:
    await act(hass, "switch.turn_on", RELAY)
    assert house.told == [(KEY, True)]
    assert house.reads == [{KEY}]
    assert house.calls["fetch"] == 1
    assert shown(hass, RELAY) == STATE_ON
    assert pending(loaded) == 0


async def test_confirmed_by_a_late_reading(
    hass: HomeAssistant, loaded: MockConfigEntry, house: House
) -> None:
    house.ignores.add(KEY)
    task = hass.async_create_task(act(hass, "switch.turn_on", RELAY))
    while not house.reads:
        await asyncio.sleep(0)
    await asyncio.sleep(0.01)
    house.states[KEY] = True
    await task
    assert len(house.reads) == 2


async def test_older_reports_are_held_back(
    hass: HomeAssistant, loaded: MockConfigEntry, house: House
) -> None:
    async with under_way(hass, house, "switch.turn_on", RELAY):
        house.push(KEY)
        assert shown(hass, RELAY) == STATE_ON
        await loaded.runtime_data.async_refresh()
        assert house.calls["fetch"] == 2
        assert shown(hass, RELAY) == STATE_ON
        house.change((ROOM, "temperature"), 17.0)
        assert shown(hass, "sensor.room_temperature") == "17.0"
    assert shown(hass, RELAY) == STATE_ON


async def test_vanished_state_is_held_back_too(
    hass: HomeAssistant, loaded: MockConfigEntry, house: House
) -> None:
    async def vanish() -> None:
        async with under_way(hass, house, "switch.turn_on", RELAY):
            del house.states[KEY]
            await loaded.runtime_data.async_refresh()
            assert shown(hass, RELAY) == STATE_ON

    house.refuses[KEY] = RejectedError("no")
    with pytest.raises(HomeAssistantError):
        await vanish()
    assert shown(hass, RELAY) == STATE_UNAVAILABLE


async def test_accepted_but_ignored_is_reported(
    hass: HomeAssistant, loaded: MockConfigEntry, house: House
) -> None:
    house.ignores.add(KEY)
    with pytest.raises(HomeAssistantError) as caught:
        await act(hass, "switch.turn_on", RELAY)
    assert caught.value.translation_domain == DOMAIN
    assert caught.value.translation_key == "not_confirmed"
    assert caught.value.translation_placeholders == {
        "detail": "no details",
        "name": "Room Relay",
    }
    assert shown(hass, RELAY) == STATE_OFF
    assert house.told == [(KEY, True)]
    assert len(house.reads) == 3
    assert pending(loaded) == 0


async def test_ignored_is_sent_again_where_that_helps(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    house: House,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fake_backend, "INFO", replace(fake_backend.INFO, resends=2))
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    house.ignores.add(KEY)
    task = hass.async_create_task(act(hass, "switch.turn_on", RELAY))
    while len(house.told) < 2:
        await asyncio.sleep(0)
    # The result of the second command is pushed before its response arrives.
    house.ignores.clear()
    house.change(KEY, True)
    await task
    assert house.told == [(KEY, True)] * 2

    house.ignores.add(KEY)
    with pytest.raises(HomeAssistantError):
        await act(hass, "switch.turn_off", RELAY)
    assert house.told[2:] == [(KEY, False)] * 3


async def test_what_is_so_already_is_sent_all_the_same(
    hass: HomeAssistant, loaded: MockConfigEntry, house: House
) -> None:
    """A command for the current state is sent, because the shown state may be outdated."""
    before = writes(hass)
    await act(hass, "switch.turn_off", RELAY)
    assert house.told == [(KEY, False)]
    assert written_since(hass, before) == set()
    house.refuses[KEY] = RejectedError("locked")
    with pytest.raises(HomeAssistantError):
        await act(hass, "switch.turn_off", RELAY)
    assert written_since(hass, before) == set()


@pytest.mark.parametrize(
    ("error", "key"),
    [
        (RejectedError("door is open"), "command_rejected"),
        (UnsupportedError("too old"), "command_unsupported"),
        (UnreachableError("no route"), "command_unreachable"),
        (RateLimitedError("busy", retry_after=5), "command_rate_limited"),
        (BackendError("odd"), "command_backend_error"),
    ],
)
async def test_refused_command_is_reported_and_taken_back(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    house: House,
    error: BackendError,
    key: str,
) -> None:
    house.errors["command"] = error
    with pytest.raises(HomeAssistantError) as caught:
        await act(hass, "switch.turn_on", RELAY)
    assert caught.value.translation_domain == DOMAIN
    assert caught.value.translation_key == key
    assert caught.value.translation_placeholders == {
        **error.placeholders,
        "name": "Room Relay",
    }
    assert caught.value.__cause__ is error
    assert shown(hass, RELAY) == STATE_OFF
    assert house.reads == []

    # A command that got lost on the way may have arrived: that is looked after.
    await hass.async_block_till_done(wait_background_tasks=True)
    assert house.calls["fetch"] == (2 if key == "command_unreachable" else 1)


@pytest.mark.parametrize(
    ("language", "begin", "end"),
    [
        ("en", "Room Relay could not carry out the command. ", "permissions."),
        ("nl", "Room Relay kon de opdracht niet uitvoeren. ", "."),
    ],
)
async def test_a_reason_with_a_text_of_its_own_names_the_device_too(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    house: House,
    language: str,
    begin: str,
    end: str,
) -> None:
    hass.config.language = language
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    house.errors["command"] = error = PermissionDeniedError("role_id 3")
    with pytest.raises(HomeAssistantError) as caught:
        await act(hass, "switch.turn_on", RELAY)
    assert reason(caught.value) == error.key
    assert caught.value.translation_key == "command_failed"
    given = caught.value.translation_placeholders
    assert given is not None
    assert given["reason"] == texts(language)[f"exceptions.{error.key}.message"]
    shown = texts(language)["exceptions.command_failed.message"].format(**given)
    assert shown.startswith(begin)
    assert shown.endswith(end)


async def test_refused_credentials_are_asked_for(
    hass: HomeAssistant, loaded: MockConfigEntry, house: House
) -> None:
    house.errors["command"] = AuthFailedError("expired")
    with pytest.raises(HomeAssistantError) as caught:
        await act(hass, "switch.turn_on", RELAY)
    assert caught.value.translation_key == "command_auth_failed"
    await hass.async_block_till_done()
    flows = hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    assert [flow["context"]["source"] for flow in flows] == [SOURCE_REAUTH]
    assert shown(hass, RELAY) == STATE_OFF


async def test_reading_that_fails_is_what_is_reported(
    hass: HomeAssistant, loaded: MockConfigEntry, house: House
) -> None:
    house.errors["read"] = UnreachableError("gone meanwhile")
    with pytest.raises(HomeAssistantError) as caught:
        await act(hass, "switch.turn_on", RELAY)
    assert caught.value.translation_key == "command_unreachable"
    # The state of the following fetch is the real one.
    await hass.async_block_till_done(wait_background_tasks=True)
    assert shown(hass, RELAY) == STATE_ON


async def test_reading_that_fails_once_is_repeated(
    hass: HomeAssistant, loaded: MockConfigEntry, house: House
) -> None:
    house.errors["read"] = UnreachableError("hiccup")
    task = hass.async_create_task(act(hass, "switch.turn_on", RELAY))
    while house.calls["read"] < 1:
        await asyncio.sleep(0)
    await asyncio.sleep(0.005)
    house.errors.clear()
    await task
    assert shown(hass, RELAY) == STATE_ON


async def test_rounding_device_confirms(
    hass: HomeAssistant, loaded: MockConfigEntry, house: House
) -> None:
    await act(hass, "light.turn_on", DIMMER, brightness=102)
    confirmed = house.states[ROOM, "dimmer"]
    assert confirmed == LightState(on=True, brightness=102)
    await act(hass, "light.turn_on", DIMMER, brightness=3)
    assert state_of(hass, DIMMER).attributes["brightness"] == 3
    await act(hass, "light.turn_on", DIMMER, brightness=200)
    # 200 of 255 is 78 percent, which is 199; the device's value is shown.
    assert state_of(hass, DIMMER).attributes["brightness"] == 199
    assert house.calls["read"] == 3


async def test_details_survive_a_command(
    hass: HomeAssistant, loaded: MockConfigEntry, house: House
) -> None:
    house.change(KEY, Detailed(False, {"fuse": 3}))
    async with under_way(hass, house, "switch.turn_on", RELAY):
        assert shown(hass, RELAY) == STATE_ON
        assert state_of(hass, RELAY).attributes["fuse"] == 3
    assert shown(hass, RELAY) == STATE_ON
    assert state_of(hass, RELAY).attributes["fuse"] == 3


async def test_delta_of_a_reading_may_miss_the_point(
    hass: HomeAssistant, loaded: MockConfigEntry, house: House
) -> None:
    """A point that the backend cannot read any more counts as not confirmed."""
    house.ignores.add(KEY)
    del house.states[KEY]
    with pytest.raises(HomeAssistantError) as caught:
        await act(hass, "switch.turn_on", RELAY)
    assert caught.value.translation_key == "not_confirmed"
    assert shown(hass, RELAY) == STATE_OFF
    assert house.sink is not None
    house.sink.push(Delta(states={KEY: True}))
    assert shown(hass, RELAY) == STATE_ON
