"""Which entry a meter belongs to, and what identifies one that has none."""

from collections.abc import Iterable
from typing import Any

from homeassistant.config_entries import ConfigEntry

from ....const import CONF_BACKEND
from ..client.probe import ProbeResult
from ..settings import CONF_EQUIPMENT, NAME


def is_meter_of(entry: ConfigEntry[Any], found: ProbeResult) -> bool:
    """Tell whether what was found is the meter that an entry was set up for."""
    stored = entry.data.get(CONF_EQUIPMENT)
    if stored is not None:
        # Version 0.1.0 stored the name of a model where a meter prints that
        return stored == found.equipment_id or stored in found.printed
    name = (entry.unique_id or "").removeprefix(f"{NAME}:header:")
    return found.equipment_id is None or name.startswith(found.header)


def entry_of(
    found: ProbeResult, entries: Iterable[ConfigEntry[Any]]
) -> ConfigEntry[Any] | None:
    """Return the one of all entries that listens to this meter.

    Its unique id may be another: that of a meter which this one replaced.
    """
    number, title = found.equipment_id, found.system_title

    def is_it(entry: ConfigEntry[Any]) -> bool:
        stored = entry.data.get(CONF_EQUIPMENT)
        if number is not None:
            return stored == number
        # Encrypting meters without a number have another name of their own
        return (
            title is not None
            and stored is None
            and entry.unique_id == f"{NAME}:{title}"
        )

    return next(
        (one for one in entries if one.data[CONF_BACKEND] == NAME and is_it(one)),
        None,
    )


def installation_of(found: ProbeResult, entries: Iterable[ConfigEntry[Any]]) -> str:
    """Return what identifies a meter for good, beside all entries.

    Where nothing does, the port has to: meters without any number (Sweden) are named by
    their header, and further ones of the same are numbered. So is one whose name an
    entry has kept that listens to another meter now.
    """
    name = found.equipment_id or found.system_title or f"header:{found.header}"
    taken = {entry.unique_id for entry in entries if entry.data[CONF_BACKEND] == NAME}
    unique, number = name, 1
    while f"{NAME}:{unique}" in taken:
        number += 1
        unique = f"{name}:{number}"
    return unique
