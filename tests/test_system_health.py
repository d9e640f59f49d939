"""The figures on the system health page."""

from homeassistant.config_entries import SOURCE_IGNORE
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    get_system_health_info,
)

from custom_components.junction.const import CONF_BACKEND, DOMAIN
from custom_components.junction.errors import UnreachableError

from .fake_backend import House


async def test_figures(
    hass: HomeAssistant, loaded: MockConfigEntry, house: House
) -> None:
    assert await async_setup_component(hass, "system_health", {})
    points = len(house.points)
    assert await get_system_health_info(hass, DOMAIN) == {
        "installations": "fake: 1",
        "loaded": "1/1",
        "answering": 1,
        "points": points,
    }

    # One of another kind that does not start, and an ignored discovery.
    MockConfigEntry(domain=DOMAIN, data={CONF_BACKEND: "dsmr"}).add_to_hass(hass)
    MockConfigEntry(domain=DOMAIN, source=SOURCE_IGNORE, data={}).add_to_hass(hass)
    assert house.sink is not None
    house.sink.lost(UnreachableError("cable"))
    assert await get_system_health_info(hass, DOMAIN) == {
        "installations": "dsmr: 1, fake: 1",
        "loaded": "1/2",
        "answering": 0,
        "points": points,
    }
