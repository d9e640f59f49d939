"""States of a DSMR-reader's points in Home Assistant."""

from collections.abc import Awaitable, Callable

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.junction.const import DOMAIN

from .conftest import FINGERPRINT

type Poll = Callable[..., Awaitable[None]]


def entity(hass: HomeAssistant, point: str, device: str = "server") -> str:
    """Return the id of a point's entity."""
    unique = f"dsmr_reader:{FINGERPRINT}/{device}/{point}"
    for domain in ("sensor", "binary_sensor"):
        found = er.async_get(hass).async_get_entity_id(domain, DOMAIN, unique)
        if found is not None:
            return found
    raise AssertionError(point)


def value(hass: HomeAssistant, point: str, device: str = "server") -> str:
    state = hass.states.get(entity(hass, point, device))
    assert state is not None, point
    return state.state


def points(hass: HomeAssistant) -> set[str]:
    registry = er.async_get(hass)
    return {
        entry.unique_id.partition("/")[2]
        for entry in registry.entities.values()
        if entry.platform == DOMAIN
    }


async def enable_all(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    registry = er.async_get(hass)
    for found in er.async_entries_for_config_entry(registry, entry.entry_id):
        registry.async_update_entity(found.entity_id, disabled_by=None)
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
