"""Use Home Assistant's internals, and bridge differences between its versions.

Each function names its reason and the version in which it can be removed. Nothing else
in the package may use internals of Home Assistant.
"""

from collections.abc import Iterator
from typing import Any

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, restore_state
from homeassistant.helpers.entity import Entity
from propcache.api import cached_property

from .const import DOMAIN


@callback
def async_stored_state(
    hass: HomeAssistant, entity_id: str
) -> restore_state.StoredState | None:
    """Return the stored state of an entity from before a restart, or None.

    For values that are needed before their entity exists; an entity itself uses
    ``RestoreEntity``. Home Assistant 2026.11 has ``async_get_stored_state``, 2026.10
    only the mapping. Remove when 2026.11 is the oldest supported version.
    """
    data: Any = restore_state.async_get(hass)
    if hasattr(data, "async_get_stored_state"):
        stored: restore_state.StoredState | None = data.async_get_stored_state(
            entity_id
        )
    else:
        stored = data.last_states.get(entity_id)
    return stored


@callback
def async_forget_cached(entity: Entity) -> None:
    """Clear the entity's cached properties, so that its new description takes effect.

    Home Assistant caches what it reads from ``entity_description`` and clears it only
    when an ``_attr_`` attribute is set. No version has a public way yet.
    """
    for kind in type(entity).__mro__:
        for name, member in vars(kind).items():
            if isinstance(member, cached_property):
                entity.__dict__.pop(name, None)


def own_identifiers(device: dr.DeviceEntry) -> Iterator[str]:
    """Yield the identifiers that Junction gave a device, without the domain.

    A device may be another integration's, or shared with one, and some integrations
    have identifiers of three parts, which the type of the registry does not admit.
    """
    for domain, identifier, *_ in device.identifiers:
        if domain == DOMAIN:
            yield identifier
