"""Devices and entities of an account in the registries."""

from collections.abc import Collection, Set as AbstractSet
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from ....const import DOMAIN
from ..client.models import BATTERY
from .status import FROM_THE_LIST


class Registered:
    """Query the registries for one entry."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
        """Initialize; nothing is queried yet."""
        self._hass = hass
        self._entry = entry

    def is_wanted(self, device: str, variable: int) -> bool:
        """Return whether a stream without a record is enabled; it costs a request."""
        registry = er.async_get(self._hass)
        unique_id = f"{self._entry.unique_id}/{device}/{variable:04x}"
        found = registry.async_get_entity_id(Platform.SENSOR, DOMAIN, unique_id)
        if found is not None:
            return not registry.entities[found].disabled
        # Not registered yet: only the battery is enabled by default.
        return variable == BATTERY

    def watched(self, devices: Collection[str]) -> Collection[str]:
        """Return the devices with an enabled entity that costs a request.

        At first these are all devices, because their data determines the entities.
        """
        registry = er.async_get(self._hass)
        begin = f"{self._entry.unique_id}/"
        known, watched = set(), set()
        for entity in er.async_entries_for_config_entry(registry, self._entry.entry_id):
            device, _, point = entity.unique_id.removeprefix(begin).partition("/")
            known.add(device)
            if not entity.disabled and point not in FROM_THE_LIST:
                watched.add(device)
        return [slug for slug in devices if slug in watched or slug not in known]

    def devices(self) -> AbstractSet[str]:
        """Return the devices in the registry."""
        registry, begin = er.async_get(self._hass), f"{self._entry.unique_id}/d--"
        return {
            entity.unique_id.split("/")[1]
            for entity in er.async_entries_for_config_entry(
                registry, self._entry.entry_id
            )
            if entity.unique_id.startswith(begin)
        }
