"""Thermostats that clamp and round, with limits of their own."""

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from simulators.cozify import seed
from simulators.cozify.server import CozifyWorld

from ...common import act, state_of
from .conftest import entity_id, until


@pytest.fixture
def pump(hass: HomeAssistant, loaded: MockConfigEntry) -> str:
    """Return the entity of a heat pump with undeclared limits: 16 to 31 °C in whole degrees."""
    return entity_id(hass, loaded, seed.HEAT_PUMP, "climate")


async def test_whole_degrees(hass: HomeAssistant, pump: str) -> None:
    await act(hass, "climate.set_temperature", pump, temperature=22.5)
    assert state_of(hass, pump).attributes["temperature"] == 22


async def test_limits_that_a_device_tells_are_kept(
    hass: HomeAssistant, world: CozifyWorld, pump: str
) -> None:
    world.hub.state.set(seed.HEAT_PUMP, minTemperature=16.0, maxTemperature=31.0)
    await until(lambda: state_of(hass, pump).attributes["max_temp"] == 31)
    assert state_of(hass, pump).attributes["min_temp"] == 16


async def test_limits_follow_what_a_device_reports(
    hass: HomeAssistant, world: CozifyWorld, loaded: MockConfigEntry
) -> None:
    floor = entity_id(hass, loaded, seed.THERMOSTAT, "climate")
    assert state_of(hass, floor).attributes["max_temp"] == 35
    world.hub.state.set(seed.THERMOSTAT, targetTemp=40.0)
    await until(lambda: state_of(hass, floor).attributes["max_temp"] == 40)
    world.hub.state.set(seed.THERMOSTAT, targetTemp=21.0)
    await until(lambda: state_of(hass, floor).attributes["temperature"] == 21)
    await act(hass, "climate.set_temperature", floor, temperature=39.5)
    assert world.device(seed.THERMOSTAT)["state"]["targetTemp"] == 39.5
    assert state_of(hass, floor).attributes["max_temp"] == 40
