"""Convert meter positions to the consumption of each hour.

The position at the first reading of an hour counts as that of the hour's start, late by
at most one telegram. The difference of two positions was consumed between them, so
nothing is lost, only shifted by seconds, and the sums always equal the meter.
Internally all amounts are whole Wh and dm³. The rules are those of
``docs/protocols/dsmr_reader.md#hours-from-readings``.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
import math
from typing import Any, Final

from ...hourly import LeftOut
from .continuity import HOUR, Boundary, Continuity, Step
from .contracts import Contract, price_on
from .models import REGISTERS
from .positions import Position
from .shares import Known, shares

OVERLAP: Final = 2
"""Hours that are calculated again, because readings may arrive late."""
MOST_HOURS: Final = 500
"""Maximum hours of a page, however long a gap is."""

# More than any house connection carries: 3 x 80 A in W, and a G25 gas meter in dm³/h.
_MOST_POWER: Final = 100_000
_MOST_GAS: Final = 60_000
# Maximum age in seconds of a gas reading that is valid for the start of the hour.
_GAS_AGE: Final = 3900
# Seconds by which the time of a gas reading may be ahead of the electricity meter's
# clock, and behind it.
_GAS_AHEAD: Final = 2 * HOUR
_GAS_OLD: Final = 366 * 24 * HOUR

GAS_TIME: Final = "gas_time"
"""Gas readings with an impossible time."""

type SumRow = tuple[datetime, float, float | None]
type MeanRow = tuple[datetime, float, float, float]
type Rows = dict[str, list[Any]]

_TOTALS: Final = (("delivered", 0, 1), ("returned", 2, 3))


def hour_of(moment: datetime) -> int:
    """Return the start of the UTC hour of a time, as Unix time."""
    return int(moment.timestamp()) // HOUR * HOUR


def moment_of(hour: float) -> datetime:
    """Return a Unix time in UTC. Only for times that were checked before."""
    return datetime.fromtimestamp(hour, UTC)


class Ledger:
    """Take positions in chronological order, and create rows for statistics.

    ``zone`` is the one in which days begin, for prices.
    """

    def __init__(self, zone: tzinfo, contracts: tuple[Contract, ...] = ()) -> None:
        """Initialize with an empty page."""
        self._zone = zone
        self._contracts = contracts
        self.electricity = Continuity(_MOST_POWER, self.leave_out, ((0, 1), (2, 3)))
        self.gas = Continuity(_MOST_GAS, self.leave_out)
        self._sample: tuple[float, int] | None = None
        # The first position of the hour, without some of the registers.
        self._spare: Boundary | None = None
        self._rows: Rows = defaultdict(list)
        self._left_out: dict[str, LeftOut] = {}
        # Local day of the known prices: its first and last second, and whether its
        # first hour is the one with the fixed costs.
        self._day = (0, 0)
        self._prices: Mapping[str, float] = {}

    # State.

    def remember(self) -> dict[str, Any]:
        """Return the input of ``recall`` as plain JSON."""
        power, gas = self.electricity, self.gas
        return {
            "power": _plain(power.kept),
            "gas": _plain(gas.kept),
            "others": [[_plain(one) for one in part.others] for part in (power, gas)],
            "counts": [power.count, gas.count],
        }

    def recall(self, kept: Mapping[str, Any]) -> int | None:
        """Return to ``OVERLAP`` hours before the end; return the hour to read from.

        Returns None without a stored state. The readings before the next boundary show
        which gas reading was the last.
        """
        power = _boundaries(kept.get("power", ()))
        if not power:
            return None
        others = [
            [_boundaries(one) for one in part] for part in kept.get("others", ([], []))
        ]
        counts = kept.get("counts", [MOST_HOURS, MOST_HOURS])
        _restore(self.electricity, power, others[0], counts[0])
        hours = self.electricity.hours()
        anchor = max(hours[: max(1, len(hours) - OVERLAP)])
        _restore(self.electricity, power, others[0], counts[0], anchor)
        if gas := _boundaries(kept.get("gas", ())):
            # The last known one; it may be older, because gas readings are late.
            _restore(self.gas, gas, others[1], counts[1], anchor)
        return anchor - OVERLAP * HOUR

    def take_rows(self) -> Rows:
        """Return the rows since the last call."""
        rows, self._rows = self._rows, defaultdict(list)
        return dict(rows)

    def take_left_out(self) -> tuple[LeftOut, ...]:
        """Return what was left out since the last call, by reason."""
        found, self._left_out = self._left_out, {}
        return tuple(found.values())

    def leave_out(self, reason: str, at: float) -> None:
        """Record data that is not used."""
        moment = moment_of(at)
        one = LeftOut(reason=reason, count=1, first=moment, last=moment)
        before = self._left_out.get(reason)
        self._left_out[reason] = one if before is None else before + one

    # Input.

    def take(self, position: Position) -> bool:
        """Take the first position of an hour; return whether it belongs to the meter."""
        taken = True
        spare = self._spare
        if spare is not None and spare.hour < position.hour:
            # No other reading of its hour was complete.
            self._spare = None
            self._take_power(spare)
        kept = self.electricity.kept
        if not kept or position.hour > kept[-1].hour:
            old = kept[-1].positions if kept else (0,) * len(REGISTERS)
            known = [*zip(old, position.registers, strict=True)]
            found = Boundary(
                position.hour,
                tuple(before if new is None else new for before, new in known),
            )
            if any(before and new is None for before, new in known):
                self._spare = self._spare or found
                taken = False
            elif taken := self._take_power(found):
                self._spare = None
        if position.gas is not None and position.gas_time is not None:
            self._take_gas(position, position.gas_time, position.gas)
        return taken

    def _take_power(self, found: Boundary) -> bool:
        kept = self.electricity.kept
        return (kept and found.hour <= kept[-1].hour) or self.electricity.take(found)

    def _take_gas(self, position: Position, at: float, value: int) -> None:
        """Take a gas reading; the start of an hour gets the nearest one."""
        if not position.time - _GAS_OLD <= at <= position.time + _GAS_AHEAD:
            self.leave_out(GAS_TIME, position.time)
            return
        before = self._sample
        if before is not None and (at <= before[0] or (value == 0 and before[1] > 0)):
            return
        self._sample = (at, value)
        hour = int(at) // HOUR * HOUR
        kept = self.gas.kept
        if kept and hour <= kept[-1].hour:
            return
        if before is not None and hour - before[0] < min(at - hour, _GAS_AGE):
            value = before[1]
        self.gas.take(Boundary(hour, (value,)))

    # Output.

    def power_rows(self, step: Step, known: Sequence[Known] = ()) -> Iterator[int]:
        """Create the rows of a step, hour by hour; yield the number of hours so far."""
        hours = (step.end.hour - step.begin) // HOUR
        positions = [
            end - amount
            for end, amount in zip(step.end.positions, step.amounts, strict=True)
        ]
        parts = shares(step.amounts, step.begin, hours, known)
        for n, amounts in enumerate(parts, 1):
            positions = [p + a for p, a in zip(positions, amounts, strict=True)]
            self.put_power(step.begin + (n - 1) * HOUR, amounts, positions)
            yield n

    def gas_rows(self, step: Step, known: Sequence[Known] = ()) -> Iterator[int]:
        """Create the rows of a gas step; yield the number of hours so far."""
        hours = (step.end.hour - step.begin) // HOUR
        position = step.end.positions[0] - step.amounts[0]
        parts = shares(step.amounts, step.begin, hours, known)
        for n, (amount,) in enumerate(parts, 1):
            position += amount
            self.put_gas(step.begin + (n - 1) * HOUR, amount, position)
            yield n

    def put_power(
        self,
        hour: int,
        amounts: Sequence[int],
        ends: Sequence[int] | Sequence[int | None],
    ) -> None:
        """Create the rows of one hour; ``ends`` are the positions at its end, if known.

        A register that never counted has no rows, because the house feeds nothing in.
        """
        start = moment_of(hour)
        rows = self._rows
        prices = self._prices_at(hour)
        for name, one, two in _TOTALS:
            counted = cost = 0.0
            priced = False
            for n in (one, two):
                amount, end = amounts[n], ends[n]
                if not amount and not end:
                    continue
                register = REGISTERS[n]
                rows[register].append(
                    (start, amount / 1000, None if end is None else end / 1000)
                )
                counted += 1
                if (price := prices.get(register)) is not None:
                    spent = round(amount / 1000 * price, 6)
                    rows[f"cost_{register}"].append((start, spent, None))
                    cost += spent
                    priced = True
            if not counted:
                continue
            first, second = ends[one], ends[two]
            whole = None if first is None or second is None else (first + second) / 1000
            rows[name].append((start, (amounts[one] + amounts[two]) / 1000, whole))
            if priced:
                rows[f"cost_{name}"].append((start, round(cost, 6), None))
        if hour == self._day[0] and (price := prices.get("fixed")) is not None:
            rows["cost_fixed"].append((start, price, None))

    def put_gas(self, hour: int, amount: int, end: int | None) -> None:
        """Create the gas rows of one hour."""
        if not amount and not end:
            return
        start = moment_of(hour)
        self._rows["gas"].append(
            (start, amount / 1000, None if end is None else end / 1000)
        )
        if (price := self._prices_at(hour).get("gas")) is not None:
            spent = round(amount / 1000 * price, 6)
            self._rows["cost_gas"].append((start, spent, None))

    def _prices_at(self, hour: int) -> Mapping[str, float]:
        """Return the prices of an hour by register; looked up once a day."""
        begin, end = self._day
        if begin <= hour < end:
            return self._prices
        on = moment_of(hour).astimezone(self._zone).date()
        opening = datetime(on.year, on.month, on.day, tzinfo=self._zone)
        following = on + timedelta(days=1)
        closing = datetime(
            following.year, following.month, following.day, tzinfo=self._zone
        )
        # The first full hour of the day, also in zones with a fractional offset.
        begin = -(-int(opening.timestamp()) // HOUR) * HOUR
        self._day = (begin, int(closing.timestamp()))
        found = {
            name: price_on(self._contracts, on, name)
            for name in (*REGISTERS, "gas", "fixed")
        }
        self._prices = {k: v for k, v in found.items() if v is not None}
        return self._prices


def _restore(
    part: Continuity,
    kept: Sequence[Boundary],
    others: Iterable[Sequence[Boundary]],
    count: int,
    until: float = math.inf,
) -> None:
    """Continue from the boundaries up to an hour; one of the meter stays at least."""
    known = [one for one in kept if one.hour <= until] or [kept[0]]
    part.restore(
        known,
        [
            known_others
            for meter in others
            if (known_others := [one for one in meter if one.hour <= until])
        ],
        count - (len(kept) - len(known)),
    )


def _plain(boundaries: Iterable[Boundary]) -> list[Any]:
    return [[one.hour, one.positions] for one in boundaries]


def _boundaries(kept: Iterable[Any]) -> list[Boundary]:
    """Return stored boundaries; 0.1.0 stored kWh and m³ as floats."""
    return [
        Boundary(
            int(hour),
            tuple(
                round(one * 1000) if isinstance(one, float) else int(one)
                for one in positions
            ),
        )
        for hour, positions in kept
    ]
