"""Turn meter positions into what was used in each hour.

The rules are those of ``docs/protocols/dsmr_reader.md#hours-from-readings``.

The position at the first reading of an hour is that of the hour's beginning, late by one
telegram at most. What lies between two positions was used between them, so nothing is
ever lost, only shifted by seconds; the sums equal the meter, for years.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
import logging
from typing import Any, Final

from .contracts import Contract, price_on
from .day_statistics import HourStatistics
from .models import REGISTERS, Reading

_LOGGER: Final = logging.getLogger(__name__)

HOUR: Final = 3600
KEPT: Final = 6
"""Boundaries that are remembered, to go on from one of them."""
OVERLAP: Final = 2
"""Hours that are worked out again, because readings may come late."""

# A register falls by this at most because of rounding; by more, it is another meter.
_WOBBLE: Final = 0.1
# More than any house connection carries: 3 x 80 A in kW, and a G25 gas meter in m³/h.
_MOST_POWER: Final = 100.0
_MOST_GAS: Final = 60.0
# A gas reading older than this says nothing about the hour's beginning.
_GAS_AGE: Final = 3900

type SumRow = tuple[datetime, float, float | None]
type MeanRow = tuple[datetime, float, float, float]
type Rows = dict[str, list[Any]]

TOTALS: Final = {"delivered": (0, 1), "returned": (2, 3)}


@dataclass(frozen=True, slots=True)
class Boundary:
    """Positions at the beginning of an hour (Unix time, a multiple of 3600)."""

    hour: int
    positions: tuple[float, ...]


def hour_of(moment: datetime) -> int:
    """Return the beginning of the UTC hour of a moment, as Unix time."""
    return int(moment.timestamp()) // HOUR * HOUR


def moment_of(hour: int) -> datetime:
    """Return a Unix time in UTC."""
    return datetime.fromtimestamp(hour, UTC)


class Ledger:
    """Takes boundaries in the order of time, and gives rows for statistics.

    ``zone`` is where days begin, for prices.
    """

    def __init__(self, zone: tzinfo, contracts: tuple[Contract, ...] = ()) -> None:
        """Begin with an empty page."""
        self._zone = zone
        self._contracts = contracts
        self._power: list[Boundary] = []
        self._gas: list[Boundary] = []
        self._sample: tuple[float, float] | None = None
        self._rows: Rows = {}

    # Remembering

    def remember(self) -> dict[str, Any]:
        """Return what ``recall`` takes; plain JSON."""
        return {
            "power": [[one.hour, list(one.positions)] for one in self._power[-KEPT:]],
            "gas": [[one.hour, list(one.positions)] for one in self._gas[-KEPT:]],
        }

    def recall(self, kept: Mapping[str, Any]) -> int | None:
        """Go back to ``OVERLAP`` hours before the end; return the hour to read from.

        None when there is nothing to go back to. What is read before the next boundary
        shows which gas reading was the last.
        """
        self._power = _boundaries(kept.get("power", ()))
        self._gas = _boundaries(kept.get("gas", ()))
        if not self._power:
            return None
        anchor = self._power[max(0, len(self._power) - 1 - OVERLAP)].hour
        self._power = [one for one in self._power if one.hour <= anchor]
        # Of gas, the last one known before; it may be older, for gas comes late.
        self._gas = [one for one in self._gas if one.hour <= anchor][-KEPT:] or (
            self._gas[:1]
        )
        return anchor - OVERLAP * HOUR

    @property
    def last(self) -> Boundary | None:
        """The last boundary of electricity."""
        return self._power[-1] if self._power else None

    def take_rows(self) -> Rows:
        """Return the rows since the last time."""
        rows, self._rows = self._rows, {}
        return rows

    # Taking

    def take(self, reading: Reading, weights: Sequence[HourStatistics] = ()) -> None:
        """Take the first reading of an hour. ``weights`` tell how to share out a gap."""
        hour = hour_of(reading.time)
        last = self.last
        if last is None or hour > last.hour:
            before = last.positions if last else (None,) * len(REGISTERS)
            positions = tuple(
                (old or 0.0) if new is None else new
                for old, new in zip(before, reading.registers, strict=True)
            )
            self._power.append(self._next(last, hour, positions, weights))
            del self._power[: -KEPT - 1]
        if reading.gas is not None and reading.gas_time is not None:
            self._take_gas(reading.gas_time.timestamp(), reading.gas)

    def _next(
        self,
        last: Boundary | None,
        hour: int,
        positions: tuple[float, ...],
        weights: Sequence[HourStatistics],
    ) -> Boundary:
        if last is None:
            return Boundary(hour, positions)
        hours = (hour - last.hour) // HOUR
        amounts, kept = [], []
        for old, new in zip(last.positions, positions, strict=True):
            amount, position = _step(old, new, _MOST_POWER * hours)
            amounts.append(amount)
            kept.append(position)
        shares = [
            _shares(amount, last.hour, hours, {w.start: w.amounts[n] for w in weights})
            for n, amount in enumerate(amounts)
        ]
        begin = [new - amount for new, amount in zip(kept, amounts, strict=True)]
        self._emit_power(last.hour, shares, begin)
        return Boundary(hour, tuple(kept))

    def _take_gas(self, at: float, value: float) -> None:
        """Take a gas reading; the hour's beginning gets the one that is nearest to it."""
        before = self._sample
        if before is not None and (at <= before[0] or (value == 0 and before[1] > 0)):
            return
        self._sample = (at, value)
        hour = int(at) // HOUR * HOUR
        last = self._gas[-1] if self._gas else None
        if last is not None and hour <= last.hour:
            return
        position = value
        if before is not None and hour - before[0] < min(at - hour, _GAS_AGE):
            position = before[1]
        if last is not None:
            hours = (hour - last.hour) // HOUR
            amount, position = _step(last.positions[0], position, _MOST_GAS * hours)
            shares = _shares(amount, last.hour, hours, {})
            self.emit("gas", last.hour, shares, position - amount)
        self._gas.append(Boundary(hour, (position,)))
        del self._gas[: -KEPT - 1]

    def take_day(
        self,
        hour: int,
        shares: list[list[float]],
        positions: Sequence[float | None],
    ) -> None:
        """Take a day that is known hour by hour, with positions at its beginning."""
        self._emit_power(hour, shares, positions)

    # Giving

    def _emit_power(
        self, hour: int, shares: list[list[float]], begin: Sequence[float | None]
    ) -> None:
        for n, name in enumerate(REGISTERS):
            self.emit(name, hour, shares[n], begin[n])
        for name, parts in TOTALS.items():
            total = [
                round(sum(values), 6)
                for values in zip(*(shares[n] for n in parts), strict=True)
            ]
            known = [value for n in parts if (value := begin[n]) is not None]
            whole = sum(known) if len(known) == len(parts) else None
            self._put(name, hour, total, whole)
        for n in range(len(shares[0])):
            start = moment_of(hour + n * HOUR)
            local = start.astimezone(self._zone)
            if local.hour == 0 and (local - timedelta(hours=1)).date() != local.date():
                price = price_on(self._contracts, local.date(), "fixed")
                if price is not None:
                    self._rows.setdefault("cost_fixed", []).append((start, price, None))

    def emit(
        self, name: str, hour: int, shares: Sequence[float], begin: float | None
    ) -> None:
        """Give the hours of a register or of gas, and what they cost.

        ``begin`` is the position at the first hour's beginning, None if nobody knows.
        """
        self._put(name, hour, shares, begin)
        for n, amount in enumerate(shares):
            start = moment_of(hour + n * HOUR)
            on = start.astimezone(self._zone).date()
            price = price_on(self._contracts, on, name)
            if price is None or (not begin and not amount):
                continue
            cost = round(amount * price, 6)
            self._rows.setdefault(f"cost_{name}", []).append((start, cost, None))
            if name in REGISTERS:
                self._add_cost(f"cost_{name.partition('_')[0]}", start, cost)

    def _add_cost(self, name: str, start: datetime, cost: float) -> None:
        """Add what one tariff cost to the cost of both."""
        rows = self._rows.setdefault(name, [])
        for index in range(len(rows) - 1, -1, -1):
            if rows[index][0] == start:
                rows[index] = (start, round(rows[index][1] + cost, 6), None)
                return
            if rows[index][0] < start:
                rows.insert(index + 1, (start, cost, None))
                return
        rows.insert(0, (start, cost, None))

    def _put(
        self, name: str, hour: int, shares: Sequence[float], begin: float | None
    ) -> None:
        if not begin and not any(shares):
            # A register that never counted: nobody feeds in here.
            return
        rows = self._rows.setdefault(name, [])
        position = begin
        for n, amount in enumerate(shares):
            if position is not None:
                position = round(position + amount, 3)
            rows.append((moment_of(hour + n * HOUR), amount, position))


def _boundaries(kept: Iterable[Any]) -> list[Boundary]:
    return [Boundary(int(hour), tuple(positions)) for hour, positions in kept]


def _step(old: float, new: float, most: float) -> tuple[float, float]:
    """Return what was counted between two positions, and the position to go on from."""
    amount = round(new - old, 3)
    if -_WOBBLE <= amount < 0:
        return 0.0, old
    if amount < 0 or amount > most + 1:
        _LOGGER.info("A register jumped: the meter was exchanged, it counts anew")
        return 0.0, new
    return amount, new


def _shares(
    amount: float, hour: int, hours: int, weights: Mapping[datetime, float]
) -> list[float]:
    """Share an amount out over hours, by weights or evenly; the sum stays exact."""
    if hours == 1:
        return [amount]
    parts = [weights.get(moment_of(hour + n * HOUR), 0.0) for n in range(hours)]
    if sum(parts) <= 0:
        parts = [1.0] * hours
    total, done, shared = sum(parts), 0.0, 0.0
    shares = []
    for part in parts:
        done += part
        upto = round(amount * done / total, 3)
        shares.append(round(upto - shared, 3))
        shared = upto
    return shares
