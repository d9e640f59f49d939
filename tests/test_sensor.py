"""Sensors: details, and values that survive a restart."""

from datetime import UTC, datetime, timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.sensor import ATTR_LAST_RESET, RestoreSensor
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant, State
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    mock_restore_cache_with_extra_data,
)

from custom_components.junction.model import Detailed, SensorPoint

from .common import shown, state_of
from .fake_backend import ROOM, House

COUNTER = "sensor.outside_counter"
KEY = ("sensor", "counter")
TODAY = "sensor.room_today"


async def test_kinds_of_values(hass: HomeAssistant, loaded: MockConfigEntry) -> None:
    assert shown(hass, "sensor.room_temperature") == "20.5"
    assert shown(hass, "sensor.room_phase") == "idle"
    assert shown(hass, "sensor.room_seen") == "2026-01-01T00:00:00+00:00"


async def test_details(
    hass: HomeAssistant, loaded: MockConfigEntry, house: House
) -> None:
    assert shown(hass, TODAY) == "1.5"
    attributes = state_of(hass, TODAY).attributes
    assert attributes["tariff"] == "low"
    assert attributes[ATTR_LAST_RESET] == "2026-01-01T00:00:00+00:00"

    midnight = datetime(2026, 1, 2, tzinfo=UTC)
    house.change((ROOM, "today"), Detailed(0.0, {"tariff": "high"}, midnight))
    assert shown(hass, TODAY) == "0.0"
    attributes = state_of(hass, TODAY).attributes
    assert attributes["tariff"] == "high"
    assert attributes[ATTR_LAST_RESET] == "2026-01-02T00:00:00+00:00"

    house.change((ROOM, "today"), Detailed(None, {"tariff": "none"}))
    assert shown(hass, TODAY) == STATE_UNKNOWN
    assert state_of(hass, TODAY).attributes["tariff"] == "none"

    # A sensor without details drops the old ones.
    house.change((ROOM, "today"), 3.0)
    attributes = state_of(hass, TODAY).attributes
    assert "tariff" not in attributes
    assert ATTR_LAST_RESET not in attributes


def before_restart(
    hass: HomeAssistant,
    *,
    age: timedelta = timedelta(minutes=5),
    away: timedelta = timedelta(minutes=5),
    unit: str = "kWh",
    state: str = "11.5",
    timed: bool = True,
) -> None:
    """Make Home Assistant restore the counter from before a restart.

    ``age`` is how long the value has been shown, ``away`` how long it has been unavailable;
    version 0.1.0 did not store that (``timed``).
    """
    at = dt_util.utcnow() - age
    extra: dict[str, Any] = {
        "native_value": 11.5,
        "native_unit_of_measurement": unit,
        "true_until": (dt_util.utcnow() - away).isoformat(),
    }
    if not timed:
        del extra["true_until"]
    kept = State(COUNTER, state, last_changed=at, last_updated=at, last_reported=at)
    mock_restore_cache_with_extra_data(hass, [(kept, extra)])


async def set_up(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()


async def test_restored_until_there_is_a_value(
    hass: HomeAssistant, entry: MockConfigEntry, house: House
) -> None:
    before_restart(hass)
    house.states[KEY] = None
    await set_up(hass, entry)
    assert shown(hass, COUNTER) == "11.5"
    # Still no value, with any other update.
    house.change((ROOM, "temperature"), 1.0)
    house.push(devices={"sensor": False})
    assert shown(hass, COUNTER) == STATE_UNAVAILABLE
    house.push(devices={"sensor": True})
    assert shown(hass, COUNTER) == "11.5"

    house.change(KEY, 12.5)
    assert shown(hass, COUNTER) == "12.5"
    # Only the first value is waited for.
    house.change(KEY, None)
    assert shown(hass, COUNTER) == STATE_UNKNOWN


async def test_counter_at_rest_is_restored(
    hass: HomeAssistant, entry: MockConfigEntry, house: House
) -> None:
    before_restart(hass, age=timedelta(days=30))
    house.states[KEY] = None
    await set_up(hass, entry)
    assert shown(hass, COUNTER) == "11.5"


async def test_counter_that_0_1_0_kept_is_restored(
    hass: HomeAssistant, entry: MockConfigEntry, house: House
) -> None:
    before_restart(hass, timed=False)
    house.states[KEY] = None
    await set_up(hass, entry)
    assert shown(hass, COUNTER) == "11.5"


async def test_what_is_kept_says_until_when_it_was_true(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    house: House,
    freezer: FrozenDateTimeFactory,
) -> None:
    def kept() -> tuple[Any, datetime]:
        entity = hass.data["sensor"].get_entity(COUNTER)
        assert isinstance(entity, RestoreSensor)
        data = entity.extra_restore_state_data.as_dict()
        return data["native_value"], datetime.fromisoformat(data["true_until"])

    await set_up(hass, entry)
    freezer.tick(timedelta(hours=5))
    now = dt_util.utcnow()
    assert kept() == (12.0, now)
    house.push(devices={"sensor": False})
    freezer.tick(timedelta(hours=5))
    assert kept() == (12.0, now)


async def test_a_restored_value_is_not_restored_for_ever(
    hass: HomeAssistant, entry: MockConfigEntry, house: House
) -> None:
    before_restart(hass, away=timedelta(minutes=50))
    house.states[KEY] = None
    await set_up(hass, entry)
    entity = hass.data["sensor"].get_entity(COUNTER)
    assert isinstance(entity, RestoreSensor)
    kept = entity.extra_restore_state_data.as_dict()["true_until"]
    age = dt_util.utcnow() - datetime.fromisoformat(kept)
    assert age >= timedelta(minutes=50)


async def test_value_is_better_than_a_restored_one(
    hass: HomeAssistant, entry: MockConfigEntry, house: House
) -> None:
    before_restart(hass)
    await set_up(hass, entry)
    assert shown(hass, COUNTER) == "12.0"


async def test_zero_is_a_value(
    hass: HomeAssistant, entry: MockConfigEntry, house: House
) -> None:
    before_restart(hass)
    house.states[KEY] = 0
    await set_up(hass, entry)
    assert shown(hass, COUNTER) == "0"


@pytest.mark.parametrize(
    "memory",
    [
        {"age": timedelta(hours=2), "away": timedelta(hours=2)},
        {"away": timedelta(hours=2), "state": STATE_UNAVAILABLE},
        {"age": timedelta(hours=2), "timed": False},
        {"age": timedelta(hours=2), "timed": False, "state": STATE_UNAVAILABLE},
        {"unit": "MWh"},
        None,
    ],
    ids=[
        "too old",
        "long lost",
        "too old, by 0.1.0",
        "long lost, by 0.1.0",
        "other unit",
        "nothing remembered",
    ],
)
async def test_not_restored(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    house: House,
    memory: dict[str, Any] | None,
) -> None:
    if memory is not None:
        before_restart(hass, **memory)
    house.states[KEY] = None
    await set_up(hass, entry)
    assert shown(hass, COUNTER) == STATE_UNKNOWN


async def test_restored_over_a_reload(
    hass: HomeAssistant, loaded: MockConfigEntry, house: House
) -> None:
    assert shown(hass, COUNTER) == "12.0"
    house.states[KEY] = None
    await hass.config_entries.async_reload(loaded.entry_id)
    await hass.async_block_till_done()
    assert shown(hass, COUNTER) == "12.0"


async def test_sensor_that_does_not_ask_for_it_is_not_restored(
    hass: HomeAssistant, entry: MockConfigEntry, house: House
) -> None:
    before_restart(hass)
    house.states[KEY] = None
    point = house.points[KEY]
    assert isinstance(point, SensorPoint)
    house.remake(KEY, restore=None)
    await set_up(hass, entry)
    assert shown(hass, COUNTER) == STATE_UNKNOWN
