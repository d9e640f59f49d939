"""Warm by day, cool at night, by the sun and by the clock."""

from datetime import datetime, timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import CoreState, HomeAssistant, ServiceCall
from homeassistant.helpers.sun import get_astral_event_next
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from .conftest import Automate, Pass, at, settled

PID, HUMIDITY = "climate.greenhouse", "number.humidity_setpoint"
BOTH: dict[str, Any] = {"entities": [PID, HUMIDITY], "day": 22.5, "night": 14}


@pytest.fixture(autouse=True)
def greenhouse(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    freezer.move_to(at(12, 0))
    hass.states.async_set(PID, "heat")
    hass.states.async_set(HUMIDITY, "50")


@pytest.fixture
def told(hass: HomeAssistant) -> list[tuple[str, float]]:
    """Return a list that collects commands to the setpoints."""
    said: list[tuple[str, float]] = []

    async def take(call: ServiceCall) -> None:
        value: float = call.data["temperature" if call.domain == "climate" else "value"]
        entity = call.data["entity_id"]
        said.append((entity if isinstance(entity, str) else entity[0], value))

    hass.services.async_register("climate", "set_temperature", take)
    hass.services.async_register("number", "set_value", take)
    return said


async def go(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, moment: datetime
) -> None:
    freezer.move_to(moment)
    async_fire_time_changed(hass)
    await settled(hass)


async def test_by_the_sun(
    hass: HomeAssistant,
    automate: Automate,
    freezer: FrozenDateTimeFactory,
    told: list[tuple[str, float]],
) -> None:
    await automate("greenhouse_night", **BOTH, sunset_offset=-30, sunrise_offset=15)
    sets = get_astral_event_next(hass, "sunset")
    await go(hass, freezer, sets - timedelta(minutes=31))
    assert told == []
    await go(hass, freezer, sets - timedelta(minutes=29))
    assert told == [(PID, 14), (HUMIDITY, 14)]
    await go(hass, freezer, at(21, 1))  # the clock does not count
    rises = get_astral_event_next(hass, "sunrise")
    await go(hass, freezer, rises + timedelta(minutes=14))
    assert len(told) == 2
    await go(hass, freezer, rises + timedelta(minutes=16))
    assert told[2:] == [(PID, 22.5), (HUMIDITY, 22.5)]


async def test_by_the_clock(
    hass: HomeAssistant,
    automate: Automate,
    freezer: FrozenDateTimeFactory,
    told: list[tuple[str, float]],
) -> None:
    await automate("greenhouse_night", **BOTH, night_by="time", night_start="20:15:00")
    await go(hass, freezer, at(20, 14))
    assert told == []
    await go(hass, freezer, at(20, 15, 1))
    assert told == [(PID, 14), (HUMIDITY, 14)]
    await go(hass, freezer, at(6, 30, 1) + timedelta(days=1))
    assert told[2:] == [(PID, 22.5), (HUMIDITY, 22.5)]


async def test_one_that_does_not_answer_is_waited_for(
    hass: HomeAssistant,
    automate: Automate,
    freezer: FrozenDateTimeFactory,
    wait: Pass,
    told: list[tuple[str, float]],
) -> None:
    await automate("greenhouse_night", **BOTH, night_by="time")
    hass.states.async_set(PID, "unavailable")
    await go(hass, freezer, at(21, 0, 1))
    await wait(300)
    assert told == []
    hass.states.async_set(PID, "heat")
    await settled(hass)
    assert told == [(PID, 14), (HUMIDITY, 14)]


@pytest.mark.parametrize("night_by", ["sun", "time"])
@pytest.mark.parametrize(("hour", "value"), [(2, 14), (12, 22.5), (23, 14)])
async def test_the_right_one_after_a_start(
    hass: HomeAssistant,
    automate: Automate,
    freezer: FrozenDateTimeFactory,
    told: list[tuple[str, float]],
    night_by: str,
    hour: int,
    value: float,
) -> None:
    freezer.move_to(at(hour, 0))
    hass.set_state(CoreState.not_running)
    await automate("greenhouse_night", **BOTH, night_by=night_by)
    await hass.async_start()
    await settled(hass)
    assert told == [(PID, value), (HUMIDITY, value)]
