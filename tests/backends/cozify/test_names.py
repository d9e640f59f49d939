"""Names of entities in Finnish, the language of the hub's manufacturer."""

from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from simulators.cozify import seed
from simulators.cozify.server import CozifyWorld

from ...common import state_of
from .conftest import entity_id, until

NAMES = [
    # An entity that is the main feature of its device has only the name of the device.
    (seed.CONTACT, "contact", "Ulko-ovi"),
    (seed.CO, "co", "Häkä"),
    (seed.FROST, "low_temperature", "Kellari Kylmyys"),
    (seed.FROST, "high_temperature", "Kellari Kuumuus"),
    (seed.CLIMATE_SENSOR, "battery_low", "Makuuhuone Akku vähissä"),
    ("hub", "home_mode", "Koti Kodin tila"),
]


async def test_names(
    hass: HomeAssistant, world: CozifyWorld, entry: MockConfigEntry
) -> None:
    hass.config.language = "fi"
    assert await hass.config_entries.async_setup(entry.entry_id)
    await until(lambda: world.hub.state.polls_now == 1)
    names = {
        (device, point): state_of(hass, entity_id(hass, entry, device, point)).name
        for device, point, _ in NAMES
    }
    assert names == {(device, point): name for device, point, name in NAMES}
    assert await hass.config_entries.async_unload(entry.entry_id)
