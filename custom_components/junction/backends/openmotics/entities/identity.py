"""Permanent id of an installation, which is never its address."""

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any, Final
from uuid import uuid4

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er
from yarl import URL

from ....const import DOMAIN
from ..client.house import same_house
from ..settings import CONF_HOUSE, CONF_TRANSPORT, CONF_URL, LOCAL, NAME

MADE: Final = "made-"
"""Prefix of generated ids, for gateways without one."""


def make_id() -> str:
    """Return a new id for a gateway without one."""
    return f"{MADE}{uuid4().hex}"


def id_of(entry: ConfigEntry[Any]) -> str:
    """Return the id of the installation of an entry."""
    return (entry.unique_id or "").removeprefix(f"{NAME}:")


def is_generated_id(entry: ConfigEntry[Any]) -> bool:
    """Return whether the id of an entry was generated."""
    return id_of(entry).startswith(MADE)


def is_same(
    known: Mapping[str, Any], pin: str | None, url: str, marks: list[str]
) -> bool:
    """Return whether a gateway without an id belongs to the data of an entry.

    It does if its certificate, its marks, or its address match.
    """
    return (
        (pin is not None and known.get("pin") == pin)
        or same_house(known.get(CONF_HOUSE, ()), marks)
        or known.get(CONF_URL) == url
    )


@callback
def async_replace_address(hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
    """Replace the id of an entry of version 0.1.0 that is its address.

    Devices and entities stay, and with them names and history.
    """
    if entry.data[CONF_TRANSPORT] != LOCAL or not _is_address(entry):
        return
    old, new = f"{entry.unique_id}/", f"{NAME}:{make_id()}"
    devices, entities = dr.async_get(hass), er.async_get(hass)
    for device in dr.async_entries_for_config_entry(devices, entry.entry_id):
        devices.async_update_device(
            device.id,
            new_identifiers={
                (DOMAIN, _moved(identifier[1], old, new))
                if identifier[0] == DOMAIN
                else identifier
                for identifier in device.identifiers
            },
        )
    for entity in er.async_entries_for_config_entry(entities, entry.entry_id):
        moved = _moved(entity.unique_id, old, new)
        if moved != entity.unique_id:
            entities.async_update_entity(entity.entity_id, new_unique_id=moved)
    hass.config_entries.async_update_entry(entry, unique_id=new)


def _is_address(entry: ConfigEntry[Any]) -> bool:
    known = id_of(entry)
    if known == URL(entry.data[CONF_URL]).host:
        return True
    try:
        ip_address(known)
    except ValueError:
        return False
    return True


def _moved(unique_id: str, old: str, new: str) -> str:
    if not unique_id.startswith(old):
        return unique_id
    return f"{new}/{unique_id.removeprefix(old)}"
