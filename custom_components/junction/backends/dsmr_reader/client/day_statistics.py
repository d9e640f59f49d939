"""Daily statistics of the server: a day, and its hours.

Energy in kWh, gas in m³, money in EUR, temperatures in °C; see
``docs/protocols/dsmr_reader.md#day-and-hour-statistics``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Self

from ...http.json_fields import number
from .models import day, moment


@dataclass(frozen=True, slots=True, kw_only=True)
class DayStatistics:
    """A day by the server's clock. ``values`` by the API's names.

    ``positions`` of ``REGISTERS`` at the start of the day are None for old days.
    Temperatures are omitted if they are not recorded (null, or all of them 0).
    """

    day: date
    values: Mapping[str, float]
    positions: tuple[float, ...] | None
    gas_position: float | None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self | None:
        """Read a row; None without a day."""
        on = day(row, "day")
        if on is None:
            return None
        values = {
            name: value for name in row if (value := number(row, name)) is not None
        }
        if not any(values.get(name) for name in TEMPERATURES):
            for name in TEMPERATURES:
                values.pop(name, None)
        positions = tuple(values.get(name) for name in _POSITIONS)
        known = tuple(value for value in positions if value is not None)
        return cls(
            day=on,
            values=values,
            positions=known if len(known) == len(positions) else None,
            gas_position=values.get("gas_reading"),
        )


TEMPERATURES = ("average_temperature", "lowest_temperature", "highest_temperature")
_POSITIONS = (
    "electricity1_reading",
    "electricity2_reading",
    "electricity1_returned_reading",
    "electricity2_returned_reading",
)
AMOUNTS = (
    "electricity1",
    "electricity2",
    "electricity1_returned",
    "electricity2_returned",
)
"""Fields of day and hour statistics in the order of ``REGISTERS``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HourStatistics:
    """An hour as counted by the server: incomplete, so only its proportions are used."""

    start: datetime
    amounts: tuple[float, ...]
    gas: float

    @classmethod
    def of(cls, row: object) -> Self | None:
        """Read a row; None without a start."""
        start = moment(row, "hour_start")
        if start is None:
            return None
        return cls(
            start=start,
            amounts=tuple(number(row, name) or 0.0 for name in AMOUNTS),
            gas=number(row, "gas") or 0.0,
        )
