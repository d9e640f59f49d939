"""Recognize an installation of Mycodo that Home Assistant knows already."""

from collections import Counter
from collections.abc import Collection

from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr

from ....const import DOMAIN
from ..settings import NAME


def known_installation(
    hass: HomeAssistant, users: Collection[str], identities: Collection[str]
) -> str | None:
    """Return the id under which an installation is known, None for a new one.

    An installation is named after its first user, but users come and go, as do outputs
    and inputs. So it is the known one if any of its users gave the name, or else if any
    device in Home Assistant stands for one of its ``identities``.
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
                domain == DOMAIN and identifier.rpartition("/")[2] in identities
                for domain, identifier in device.identifiers
            )
    (best, count), *_ = (*known.most_common(1), ("", 0))
    return best if count else None
