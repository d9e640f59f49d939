"""Recognize a Mycodo installation that is configured already."""

from collections import Counter
from collections.abc import Collection

from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr

from ....compat import own_identifiers
from ....const import DOMAIN
from ..settings import NAME


def known_installation(
    hass: HomeAssistant, users: Collection[str], identities: Collection[str]
) -> str | None:
    """Return the id of a configured installation, None for a new one.

    An installation is identified by its first user, but users, outputs, and inputs may
    be deleted. So an installation is known if one of its users matches the id of an
    entry, or else if a device in Home Assistant matches one of its ``identities``.
    """
    known: Counter[str] = Counter()
    registry = dr.async_get(hass)
    for entry in hass.config_entries.async_entries(DOMAIN):
        backend, _, installation = (entry.unique_id or "").partition(":")
        if backend != NAME:
            continue
        if installation in users:
            return installation
        for device in dr.async_entries_for_config_entry(registry, entry.entry_id):
            known[installation] += sum(
                identifier.rpartition("/")[2] in identities
                for identifier in own_identifiers(device)
            )
    (best, count), *_ = (*known.most_common(1), ("", 0))
    return best if count else None
