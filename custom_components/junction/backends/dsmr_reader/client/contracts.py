"""Price contracts that the user entered on the server.

See ``docs/protocols/dsmr_reader.md#energy-supplier-prices``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Self

from ...http.json_fields import number, text
from .models import day


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """Prices in EUR per kWh, m³, and day, valid from ``start`` to ``end`` included.

    0 means no price, because a contract may be for gas only.
    """

    start: date
    end: date
    description: str
    prices: Mapping[str, float]

    @classmethod
    def of(cls, row: object) -> Self | None:
        """Read a row; None without a start."""
        start = day(row, "start")
        if start is None:
            return None
        return cls(
            start=start,
            end=day(row, "end") or date.max,
            description=text(row, "description") or "",
            prices={
                name: value
                for name, field_name in _PRICES.items()
                if (value := number(row, field_name)) is not None and value > 0
            },
        )


_PRICES = {
    "delivered_1": "electricity_delivered_1_price",
    "delivered_2": "electricity_delivered_2_price",
    "returned_1": "electricity_returned_1_price",
    "returned_2": "electricity_returned_2_price",
    "gas": "gas_price",
    "fixed": "fixed_daily_cost",
}


def price_on(contracts: tuple[Contract, ...], on: date, name: str) -> float | None:
    """Return a price, None if no contract has it or two contradict each other."""
    found = [
        one.prices[name]
        for one in contracts
        if one.start <= on <= one.end and name in one.prices
    ]
    return found[0] if len(found) == 1 else None
