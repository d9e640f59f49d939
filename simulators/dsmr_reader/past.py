"""Years of readings that are computed on request instead of stored.

Meter readings follow from a seed: import and export hour by hour, linear in between. As in the
product, retention keeps only the first and the last reading of every hour older than
``keep_days``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import accumulate, pairwise
from random import Random
from zoneinfo import ZoneInfo

from .rows import Moment, Row

HOUR = 3600
_REGISTERS = (
    "electricity_delivered_1",
    "electricity_delivered_2",
    "electricity_returned_1",
    "electricity_returned_2",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PastPlan:
    """Length, density, and meters of the past. ``gas_step``: 300 s or 3600 s."""

    start: datetime
    end: datetime
    step: int = 10
    keep_days: float = 31
    gas_step: int = 300
    seed: int = 1
    zone: str = "Europe/Amsterdam"


class Past:
    """A table of readings from ``start`` until before ``end``; ``key`` is timestamp."""

    key = "timestamp"

    def __init__(
        self, plan: PastPlan, known: Mapping[int, Mapping[str, int]] | None = None
    ) -> None:
        """Compute the use of each hour, about 40 bytes per register and hour.

        ``known`` are the actual readings (Wh, dm³) of a meter at full hours, without a gap; the
        generated hours lead up to the first one.
        """
        self.plan = plan
        self.zone = ZoneInfo(plan.zone)
        self._start = int(plan.start.timestamp()) // HOUR * HOUR
        self._end = int(plan.end.timestamp()) // plan.step * plan.step
        self._kept_from = (
            int((plan.end - timedelta(days=plan.keep_days)).timestamp()) // HOUR * HOUR
        )
        hours = (self._end - self._start) // HOUR + 2
        used = self._use(hours)
        known = known or {}
        met = sorted(known)
        begin = (met[0] - self._start) // HOUR if met else 0
        for n, (hour, after) in enumerate(pairwise(met), begin):
            for name, amounts in used.items():
                amounts[n] = known[after][name] - known[hour][name]
        # Reading in Wh (dm³ for gas) at the beginning of each hour.
        self._positions = {
            name: [0, *accumulate(amounts)] for name, amounts in used.items()
        }
        self._bases = {
            name: known[met[0]][name] - self._positions[name][begin]
            if met
            else 1_000_000 + 700_000 * n
            for n, name in enumerate(self._positions)
        }
        self._thin = 2 if plan.step < HOUR else 1
        self._thin_rows = max(0, self._kept_from - self._start) // HOUR * self._thin

    def _use(self, hours: int) -> dict[str, list[int]]:
        rng = Random(self.plan.seed)
        used: dict[str, list[int]] = {name: [] for name in (*_REGISTERS, "gas")}
        for n in range(hours):
            local = datetime.fromtimestamp(self._start + n * HOUR, self.zone)
            low = local.weekday() >= 5 or not 7 <= local.hour < 23
            sun = max(0, 6 - abs(local.hour - 13)) if 3 <= local.month <= 10 else 0
            use = rng.randrange(150, 900)
            back = rng.randrange(0, 400) * sun // 3
            used["electricity_delivered_1"].append(use if low else 0)
            used["electricity_delivered_2"].append(0 if low else use)
            used["electricity_returned_1"].append(back if low else 0)
            used["electricity_returned_2"].append(0 if low else back)
            cold = local.month in (1, 2, 3, 10, 11, 12)
            used["gas"].append(rng.randrange(0, 60) * (6 if cold else 1))
        return used

    def position(self, name: str, second: int) -> int:
        """Return a register in Wh, or gas in dm³."""
        hour, rest = divmod(second - self._start, HOUR)
        begin, end = self._positions[name][hour : hour + 2]
        return self._bases[name] + begin + (end - begin) * rest // HOUR

    def row(self, second: int) -> Row:
        """Return the reading of a second."""
        row: Row = {
            "id": (second - self._start) // self.plan.step + 1,
            "timestamp": datetime.fromtimestamp(second, UTC),
        }
        for name in _REGISTERS:
            row[name] = Decimal(self.position(name, second)) / 1000
        hour = (second - self._start) // HOUR
        for side in ("delivered", "returned"):
            watts = sum(
                self._positions[name][hour + 1] - self._positions[name][hour]
                for name in _REGISTERS
                if side in name
            )
            row[f"electricity_currently_{side}"] = Decimal(watts) / 1000
        read_at = second // self.plan.gas_step * self.plan.gas_step
        if read_at >= self._start:
            row["extra_device_timestamp"] = datetime.fromtimestamp(read_at, UTC)
            row["extra_device_delivered"] = (
                Decimal(self.position("gas", read_at)) / 1000
            )
        return row

    # Numbers of the rows: the retained ones first, then all others.

    def _second(self, index: int) -> int:
        if index < self._thin_rows:
            hour, last = divmod(index, self._thin)
            return self._start + hour * HOUR + (HOUR - self.plan.step) * last
        dense = max(self._start, self._kept_from)
        return dense + (index - self._thin_rows) * self.plan.step

    def _total(self) -> int:
        dense = max(self._start, self._kept_from)
        return self._thin_rows + max(0, -(-(self._end - dense) // self.plan.step))

    def _index(self, moment: Moment | None, default: int, *, after: bool) -> int:
        """Return the number of the first row at (or ``after``) a moment."""
        if moment is None:
            return default
        assert isinstance(moment, datetime)
        at = moment.timestamp()
        low, high = 0, self._total()
        while low < high:
            middle = (low + high) // 2
            second = self._second(middle)
            if second < at or (after and second == at):
                low = middle + 1
            else:
                high = middle
        return low

    def _span(self, first: Moment | None, last: Moment | None) -> tuple[int, int]:
        begin = self._index(first, 0, after=False)
        end = self._index(last, self._total(), after=True)
        return begin, max(begin, end)

    def count(self, first: Moment | None, last: Moment | None) -> int:
        """Return the number of rows between two moments, both included."""
        begin, end = self._span(first, last)
        return end - begin

    def rows(
        self,
        first: Moment | None,
        last: Moment | None,
        *,
        descending: bool,
        offset: int,
        limit: int,
    ) -> list[Row]:
        """Return a range of those rows."""
        begin, end = self._span(first, last)
        if descending:
            stop = end - offset
            numbers = range(stop - 1, max(begin, stop - limit) - 1, -1)
        else:
            start = begin + offset
            numbers = range(start, min(end, start + limit))
        return [self.row(self._second(index)) for index in numbers]

    def midnight(self, day: date) -> int:
        """Return the first second of a local day."""
        return int(datetime(day.year, day.month, day.day, tzinfo=self.zone).timestamp())

    def days(self) -> list[date]:
        """Return the complete local days."""
        first = datetime.fromtimestamp(self._start, self.zone).date()
        last = datetime.fromtimestamp(self._end, self.zone).date()
        days = [first + timedelta(days=n) for n in range((last - first).days)]
        return [day for day in days if self.midnight(day) >= self._start]

    def positions(self, second: int) -> dict[str, Decimal]:
        """Return all registers (kWh) and gas (m³) at a second."""
        return {
            name: Decimal(self.position(name, second)) / 1000
            for name in (*_REGISTERS, "gas")
        }
