"""Synchronize the device and entity registries with the backend's topology."""

from collections.abc import Iterator
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er

from .compat import own_identifiers
from .const import DOMAIN
from .model import DeviceSpec, PointKey, Topology


def device_identifier(entry: ConfigEntry[Any], device: str) -> tuple[str, str]:
    """Return the registry identifier of a device, which survives re-adding the entry."""
    return (DOMAIN, f"{entry.unique_id}/{device}")


def own_id(entry: ConfigEntry[Any], device: dr.DeviceEntry) -> str | None:
    """Return what the backend of an entry calls a device; None if it is not of the entry."""
    prefix = f"{entry.unique_id}/"
    for identifier in own_identifiers(device):
        if identifier.startswith(prefix):
            return identifier.removeprefix(prefix)
    return None


def entity_unique_id(entry: ConfigEntry[Any], key: PointKey) -> str:
    """Return the unique id of a point's entity."""
    return f"{entry.unique_id}/{key[0]}/{key[1]}"


@callback
def async_sync(
    hass: HomeAssistant, entry: ConfigEntry[Any], topology: Topology
) -> None:
    """Register every device, parents first, and remove those that are gone."""
    registry = dr.async_get(hass)
    ids: dict[str, str] = {}
    for spec in _parents_first(topology.devices):
        ids[spec.id] = registry.async_get_or_create(
            config_entry_id=entry.entry_id,
            config_subentry_id=spec.subentry,
            identifiers={device_identifier(entry, spec.id)},
            connections=set(spec.connections),
            name=spec.name or entry.title,
            translation_key=spec.translation_key,
            translation_placeholders=dict(spec.placeholders) or None,
            manufacturer=spec.manufacturer,
            model=spec.model,
            model_id=spec.model_id,
            serial_number=spec.serial_number,
            sw_version=spec.sw_version,
            hw_version=spec.hw_version,
            configuration_url=spec.configuration_url,
            suggested_area=spec.suggested_area,
            via_device_id=ids.get(spec.via) if spec.via else None,
            entry_type=dr.DeviceEntryType.SERVICE if spec.service else None,
        ).id
    if topology.complete:
        _remove_gone(hass, entry, topology, set(ids.values()))


def _parents_first(devices: tuple[DeviceSpec, ...]) -> Iterator[DeviceSpec]:
    """Yield devices so that parents (``via``) come before their children."""
    waiting = {spec.id: spec for spec in devices}
    known = set(waiting)
    done: set[str] = set()
    while waiting:
        ready = [
            spec
            for spec in waiting.values()
            if spec.via is None or spec.via in done or spec.via not in known
        ]
        # In a cycle, which is a mistake of the backend, the devices are registered all
        # the same.
        for spec in ready or list(waiting.values()):
            done.add(spec.id)
            del waiting[spec.id]
            yield spec


def _remove_gone(
    hass: HomeAssistant,
    entry: ConfigEntry[Any],
    topology: Topology,
    present: set[str],
) -> None:
    device_registry = dr.async_get(hass)
    for device in dr.async_entries_for_config_entry(device_registry, entry.entry_id):
        if device.id not in present:
            device_registry.async_remove_device(device.id)
    # Compare the platform as well: an option may turn a switch into a light.
    entity_registry = er.async_get(hass)
    wanted = {
        (point.platform, entity_unique_id(entry, point.key))
        for point in topology.points
    }
    for entity in er.async_entries_for_config_entry(entity_registry, entry.entry_id):
        if (entity.domain, entity.unique_id) not in wanted:
            entity_registry.async_remove(entity.entity_id)
