"""Find the entry of a meter, and the identity of meters without a number."""

from collections.abc import Iterable
from typing import Any

from homeassistant.config_entries import ConfigEntry

from ....const import CONF_BACKEND
from ..client.probe import ProbeResult
from ..settings import CONF_EQUIPMENT, NAME


def is_meter_of(entry: ConfigEntry[Any], found: ProbeResult) -> bool:
    """Return whether the meter that was found is that of an entry."""
    stored = entry.data.get(CONF_EQUIPMENT)
    if stored is not None:
        # Version 0.1.0 stored the name of a model if a meter prints that.
        return stored == found.equipment_id or stored in found.printed
    name = (entry.unique_id or "").removeprefix(f"{NAME}:header:")
    return found.equipment_id is None or name.startswith(found.header)


def entry_of(
    found: ProbeResult, entries: Iterable[ConfigEntry[Any]]
) -> ConfigEntry[Any] | None:
    """Return the entry of this meter, or None.

    Its unique id may differ: it may be that of an earlier meter that was replaced.
    """
    number, title = found.equipment_id, found.system_title

    def is_it(entry: ConfigEntry[Any]) -> bool:
        stored = entry.data.get(CONF_EQUIPMENT)
        if number is not None:
            return stored == number
        # Encrypting meters without a number use another id.
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
    """Return the permanent id of a meter, distinct from those of all entries.

    Meters without any number (Sweden) are identified by their header, and further ones
    of the same model are numbered. A meter is also numbered if an entry that listens to
    another meter now has kept its id.
    """
    name = found.equipment_id or found.system_title or f"header:{found.header}"
    taken = {entry.unique_id for entry in entries if entry.data[CONF_BACKEND] == NAME}
    unique, number = name, 1
    while f"{NAME}:{unique}" in taken:
        number += 1
        unique = f"{name}:{number}"
    return unique
