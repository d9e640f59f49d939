"""Weekly schedules of thermostats, as in their configurations.

Protocol: docs/protocols/openmotics.md#facts-found-by-running-the-gateway.
"""

from collections.abc import Mapping
import re
from typing import Any, Final

from ....http import json_fields as j
from ..models import Day, Period

DAYS: Final[Mapping[str, str]] = {
    "auto_mon": "monday",
    "auto_tue": "tuesday",
    "auto_wed": "wednesday",
    "auto_thu": "thursday",
    "auto_fri": "friday",
    "auto_sat": "saturday",
    "auto_sun": "sunday",
}
"""Days by the field that holds them."""
_TIME: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d|24:00")


def week(row: Mapping[str, Any]) -> dict[str, Day]:
    """Return the valid days of a configuration.

    A day is [night, start, end, temperature, start, end, temperature]: two periods, and
    the temperature outside of them. A period without a start is unused.
    """
    found = {}
    for field, day in DAYS.items():
        told = j.sequence(row, field) or ()
        night = j.number(told, 0)
        if night is None:
            continue
        periods = (_period(told, first) for first in (1, 4))
        found[day] = Day(
            night=night, periods=tuple(one for one in periods if one is not None)
        )
    return found


def _period(told: object, first: int) -> Period | None:
    start, end = j.text(told, first), j.text(told, first + 1)
    temperature = j.number(told, first + 2)
    if start is None or end is None or temperature is None or start == end:
        return None
    if not (_TIME.fullmatch(start) and _TIME.fullmatch(end)):
        return None
    return Period(start=start, end=end, temperature=temperature)
