"""The question that is asked when another meter answers on the port."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from ....const import DOMAIN
from ...base import Issue
from ..client.errors import MeterTakenError
from ..client.values import decode_id
from ..settings import CONF_EQUIPMENT, NAME

CHOICE_CONTINUE: Final = "continue"
CHOICE_NEW: Final = "new"


def exchange_issue(former: str, new: str) -> Issue:
    """Return the question; both ids as the meters print them.

    Home Assistant copies open questions into diagnostics: only the ends of numbers
    may stand in it.
    """
    return Issue(
        id="meter_replaced",
        key="dsmr_meter_replaced",
        placeholders={"old": _end_of(former), "new": _end_of(new)},
        choices=(CHOICE_CONTINUE, CHOICE_NEW),
    )


async def resolve(
    hass: HomeAssistant,
    entry: ConfigEntry[Any],
    data: Mapping[str, str],
    choice: str,
) -> None:
    """Carry the answer out: the entities already show the new meter.

    Raises MeterTakenError when another entry has that meter.
    """
    if choice == CHOICE_NEW:
        unique_id = f"{NAME}:{entry.data[CONF_EQUIPMENT]}"
        other = hass.config_entries.async_entry_for_domain_unique_id(DOMAIN, unique_id)
        if other is not None and other is not entry:
            raise MeterTakenError(other.title)
        hass.config_entries.async_update_entry(entry, unique_id=unique_id)
        hass.config_entries.async_schedule_reload(entry.entry_id)


def _end_of(equipment: str) -> str:
    """Return the end of a meter's number, as it stands on its case."""
    return "…" + (decode_id(equipment.encode()) or equipment)[-4:]
