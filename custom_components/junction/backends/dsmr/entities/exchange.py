"""Repair issue for another meter on the port."""

from collections.abc import Mapping
import re
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.util.hass_dict import HassKey

from ....const import CONF_BACKEND, DOMAIN
from ....errors import BackendError
from ...base import Issue
from ..client.errors import MeterTakenError, OtherMeterError
from ..client.identity import printed_number
from ..settings import CONF_EQUIPMENT, CONF_EXCHANGES, NAME

EXCHANGE_ISSUE: Final = "meter_replaced"
CHOICE_CONTINUE: Final = "continue"
CHOICE_NEW: Final = "new"
CHOICES: Final = (CHOICE_CONTINUE, CHOICE_NEW)
_NUMBERED: Final = re.compile(r"(.*?)(?::(\d+))?")


_OTHERS: Final[HassKey[dict[str, str | None]]] = HassKey(f"{DOMAIN}_{NAME}_others")


def others_of(hass: HomeAssistant) -> dict[str, str | None]:
    """Return the number of the other meter, by entry.

    Stored here, because the data of an issue is shown in diagnostics.
    """
    return hass.data.setdefault(_OTHERS, {})


def issue_for(error: BackendError) -> Issue | None:
    """Return the repair issue of an error, or None."""
    return exchange_issue(error) if isinstance(error, OtherMeterError) else None


def exchange_issue(error: OtherMeterError) -> Issue:
    """Return the issue with its choices.

    Home Assistant copies open issues into diagnostics, so it contains only the ends of
    numbers.
    """
    if error.number is None:
        return Issue(
            id=EXCHANGE_ISSUE, key="dsmr_meter_replaced_counters", choices=CHOICES
        )
    if error.former is None:
        return Issue(
            id=EXCHANGE_ISSUE,
            key="dsmr_meter_replaced_unnumbered",
            placeholders={"new": _end_of(error.number)},
            choices=CHOICES,
        )
    return Issue(
        id=EXCHANGE_ISSUE,
        key="dsmr_meter_replaced",
        placeholders={"old": _end_of(error.former), "new": _end_of(error.number)},
        choices=CHOICES,
    )


def is_taken(hass: HomeAssistant, entry: ConfigEntry[Any], number: str) -> bool:
    """Return whether another entry has the meter with this number."""
    return any(
        other.data.get(CONF_EQUIPMENT) == number for other in _others(hass, entry)
    )


def keep_number(
    hass: HomeAssistant, entry: ConfigEntry[Any], number: str | None
) -> bool:
    """Store the number of the entry's meter; return whether it changed.

    Version 0.1.0 stored the name of a model instead, and some meters print it late.
    """
    if number is None or number == entry.data.get(CONF_EQUIPMENT):
        return False
    data = {**entry.data, CONF_EQUIPMENT: number}
    hass.config_entries.async_update_entry(entry, data=data)
    return True


def _others(hass: HomeAssistant, entry: ConfigEntry[Any]) -> list[ConfigEntry[Any]]:
    return [
        other
        for other in hass.config_entries.async_entries(DOMAIN)
        if other is not entry and other.data.get(CONF_BACKEND) == NAME
    ]


async def resolve(
    hass: HomeAssistant,
    entry: ConfigEntry[Any],
    data: Mapping[str, str],
    choice: str,
) -> None:
    """Replace the meter of the entry by the one that answers, as the user chose.

    Raises MeterTakenError if another entry has that meter.
    """
    # None for a meter without a number, or after a restart of Home Assistant: the meter
    # then sends its number again.
    number = others_of(hass).pop(entry.entry_id, None)
    unique_id = entry.unique_id
    others = _others(hass, entry)
    taken = {other.unique_id: other for other in others}
    if choice == CHOICE_NEW:
        unique_id = (
            f"{NAME}:{number}" if number else _next(entry.unique_id or "", taken)
        )
    for other in others:
        same = number is not None and other.data.get(CONF_EQUIPMENT) == number
        if same or other.unique_id == unique_id:
            raise MeterTakenError(other.title)
    hass.config_entries.async_update_entry(
        entry,
        unique_id=unique_id,
        data={
            **entry.data,
            CONF_EQUIPMENT: number,
            CONF_EXCHANGES: entry.data.get(CONF_EXCHANGES, 0) + 1,
        },
    )
    hass.config_entries.async_schedule_reload(entry.entry_id)


def _next(unique_id: str, taken: Mapping[str | None, object]) -> str:
    """Return a unique id for the next meter without a number."""
    found = _NUMBERED.fullmatch(unique_id)
    name, number = (found[1], int(found[2] or 1)) if found else (unique_id, 1)
    while True:
        number += 1
        if (new := f"{name}:{number}") not in taken:
            return new


def _end_of(equipment: str) -> str:
    """Return the end of a meter's number, as on its case."""
    return "…" + printed_number(equipment)[-4:]
