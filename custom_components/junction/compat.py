"""Use of Home Assistant's internals, and of what differs between its versions.

Everything here names the reason and the version in which it can go. Nothing else in the
package may lean on what Home Assistant does not promise.
"""

from typing import Any

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import restore_state
from homeassistant.helpers.entity import Entity
from propcache.api import cached_property


@callback
def async_stored_state(
    hass: HomeAssistant, entity_id: str
) -> restore_state.StoredState | None:
    """Return what Home Assistant kept of an entity over its restart, None if nothing.

    For values that are needed before their entity exists: an entity itself asks
    ``RestoreEntity``. Home Assistant 2026.11 has ``async_get_stored_state``; 2026.10 has
    the mapping only. Goes when 2026.11 is the oldest supported version.
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
    """Let an entity read its description anew.

    Home Assistant caches what it reads from ``entity_description`` and forgets it only
    when an ``_attr_`` attribute is set. No version has a public way yet.
    """
    for kind in type(entity).__mro__:
        for name, member in vars(kind).items():
            if isinstance(member, cached_property):
                entity.__dict__.pop(name, None)
