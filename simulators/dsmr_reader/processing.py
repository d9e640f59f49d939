"""Background process: minutes, gas, hours, days, and peaks from readings.

Includes its flaws: an hour is the difference between the first and the last row inside it, and
existing statistics are never rebuilt.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any

from .rows import ListTable, Row
from .state import State

_SIDES = ("delivered_1", "returned_1", "delivered_2", "returned_2")
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def process(state: State) -> None:
    """Process everything that is due. Does nothing while the process is stopped."""
    if state.backend_dead_since is not None or not len(state.new):
        return
    _consume(state)
    _count_peaks(state)
    _count_days(state)


def _consume(state: State) -> None:
    """Create a row for every minute that has a successor, and for every gas reading."""
    newest = _minute(state.new[-1]["timestamp"])
    since = state.electricity[-1]["read_at"] if len(state.electricity) else None
    rows = state.new.between(since, newest - timedelta(microseconds=1))
    for start, group in groupby(rows, key=lambda row: _minute(row["timestamp"])):
        minute = list(group)
        if since is None or start >= since:
            state.electricity.add(_consumption(start + MINUTE, minute))
        for row in minute:
            _consume_gas(state, row)


def _consumption(read_at: datetime, rows: list[Row]) -> Row:
    made: Row = {"read_at": read_at}
    for side in _SIDES:
        made[side] = max(row[f"electricity_{side}"] for row in rows)
    for side in ("delivered", "returned"):
        made[f"currently_{side}"] = _mean(
            row[f"electricity_currently_{side}"] for row in rows
        )
        for phase in (1, 2, 3):
            name = f"phase_currently_{side}_l{phase}"
            made[name] = _mean(row.get(name) for row in rows)
    for phase in (1, 2, 3):
        for name, digits in (("phase_voltage", 1), ("phase_power_current", 0)):
            mean = _mean((row.get(f"{name}_l{phase}") for row in rows), digits)
            whole = mean is not None and not digits
            made[f"{name}_l{phase}"] = int(mean) if whole and mean is not None else mean
    return made


def _mean(values: Iterable[Any], digits: int = 3) -> Decimal | None:
    known = [Decimal(value) for value in values if value is not None]
    if not known:
        return None
    return round(sum(known, Decimal(0)) / len(known), digits)


def _consume_gas(state: State, row: Row) -> None:
    read_at, position = (
        row.get("extra_device_timestamp"),
        row.get("extra_device_delivered"),
    )
    if read_at is None or position is None:
        return
    if str(state.meter.get("dsmr_version") or "").startswith("4"):
        read_at -= HOUR
    last = state.gas[-1] if len(state.gas) else None
    if last is not None and last["read_at"] >= read_at:
        return
    used = Decimal(0) if last is None else position - last["delivered"]
    state.gas.add(
        {"read_at": read_at, "delivered": position, "currently_delivered": used}
    )


def _quarter(moment: datetime) -> datetime:
    return _minute(moment) - timedelta(minutes=moment.minute % 15)


def _count_peaks(state: State) -> None:
    quarter = timedelta(minutes=15)
    if not len(state.electricity):
        return
    last = state.electricity[-1]["read_at"]
    start = (
        state.peaks[-1]["read_at_start"] + quarter
        if len(state.peaks)
        else _minute(state.electricity[0]["read_at"])
    )
    start = _quarter(start)
    while start + quarter <= last:
        rows = state.electricity.between(start, start + quarter)
        if len(rows) > 1:
            used = sum(
                (
                    rows[-1][side] - rows[0][side]
                    for side in ("delivered_1", "delivered_2")
                ),
                Decimal(0),
            )
            state.peaks.add(
                {
                    "read_at_start": start,
                    "read_at_end": start + quarter,
                    "average_delivered": round(used * 4, 3),
                }
            )
        start += quarter
        if not rows and (following := state.electricity.next_to(start)):
            # Years may lie between two rows.
            start = _quarter(following["read_at"])


def day_bounds(state: State, day: date) -> tuple[datetime, datetime]:
    """Return the first moment of a local day and of the next one."""
    following = day + timedelta(days=1)
    return (
        datetime(day.year, day.month, day.day, tzinfo=state.zone).astimezone(UTC),
        datetime(
            following.year, following.month, following.day, tzinfo=state.zone
        ).astimezone(UTC),
    )


def used(rows: list[Row], name: str) -> Decimal:
    """Return the difference between last and first."""
    return rows[-1][name] - rows[0][name] if rows else Decimal(0)


def _count_days(state: State) -> None:
    if not len(state.electricity):
        return
    today = state.local_day(state.now())
    day = (
        state.days[-1]["day"] + timedelta(days=1)
        if len(state.days)
        else state.local_day(state.electricity[0]["read_at"])
    )
    while day < today:
        first, end = day_bounds(state, day)
        rows = state.electricity.between(first, end - timedelta(microseconds=1))
        gas = state.gas.between(first, end - timedelta(microseconds=1))
        if rows:
            _count_hours(state, first, end)
            state.days.add(day_row(state, day, rows, gas))
        day += timedelta(days=1)
        if not rows and (following := state.electricity.next_to(end)):
            day = max(day, state.local_day(following["read_at"]))


def _count_hours(state: State, first: datetime, end: datetime) -> None:
    start = first
    while start < end:
        last = start + HOUR - timedelta(microseconds=0 if state.exact_hours else 1)
        rows = state.electricity.between(start, last)
        if rows:
            state.hours.add(
                {
                    "hour_start": start,
                    "electricity1": used(rows, "delivered_1"),
                    "electricity2": used(rows, "delivered_2"),
                    "electricity1_returned": used(rows, "returned_1"),
                    "electricity2_returned": used(rows, "returned_2"),
                    "gas": used(
                        state.gas.between(start, start + HOUR - timedelta(seconds=1)),
                        "delivered",
                    ),
                }
            )
        start += HOUR


def day_row(state: State, day: date, rows: list[Row], gas: list[Row]) -> Row:
    """Return the statistics of a day."""
    amounts = {side: used(rows, side) for side in _SIDES}
    costs = [
        amounts[f"delivered_{n}"] * state.price_on(day, f"delivered_{n}")
        - amounts[f"returned_{n}"] * state.price_on(day, f"returned_{n}")
        for n in (1, 2)
    ]
    gas_used = used(gas, "delivered") if gas else None
    gas_cost = None if gas_used is None else gas_used * state.price_on(day, "gas")
    fixed = state.price_on(day, "fixed")
    return {
        "day": day,
        "electricity1": amounts["delivered_1"],
        "electricity2": amounts["delivered_2"],
        "electricity1_returned": amounts["returned_1"],
        "electricity2_returned": amounts["returned_2"],
        "electricity1_cost": round(costs[0], 2),
        "electricity2_cost": round(costs[1], 2),
        "gas": gas_used,
        "gas_cost": None if gas_cost is None else round(gas_cost, 2),
        "lowest_temperature": None,
        "highest_temperature": None,
        "average_temperature": None,
        "fixed_cost": round(fixed, 2),
        "total_cost": round(sum(costs) + (gas_cost or 0) + fixed, 2),
        "electricity_reading_timestamp": rows[0]["read_at"],
        "electricity1_reading": rows[0]["delivered_1"],
        "electricity2_reading": rows[0]["delivered_2"],
        "electricity1_returned_reading": rows[0]["returned_1"],
        "electricity2_returned_reading": rows[0]["returned_2"],
        "gas_reading_timestamp": gas[0]["read_at"] if gas else None,
        "gas_reading": gas[0]["delivered"] if gas else None,
    }


def clean_up(state: State, days: float = 31) -> None:
    """Keep the first and the last row of every older UTC hour."""
    limit = state.now() - timedelta(days=days)
    for table in (state.new, state.electricity, state.gas):
        _thin(table, limit)


def _thin(table: ListTable, limit: datetime) -> None:
    kept: list[Row] = []
    for hour, group in groupby(
        table, key=lambda row: row[table.key].replace(minute=0, second=0, microsecond=0)
    ):
        rows = list(group)
        kept += rows if hour + HOUR > limit or len(rows) < 3 else [rows[0], rows[-1]]
    table.keep(kept)


def past_days(state: State) -> None:
    """Create the day statistics of a generated past."""
    if (past := state.past) is None:
        return
    rows = []
    for number, day in enumerate(past.days(), 1):
        first = past.midnight(day)
        end = past.midnight(day + timedelta(days=1))
        begin_positions, end_positions = past.positions(first), past.positions(end)

        def as_rows(
            moments: tuple[int, int] = (first, end),
            positions: tuple[dict[str, Decimal], ...] = (
                begin_positions,
                end_positions,
            ),
        ) -> list[Row]:
            return [
                {
                    "read_at": datetime.fromtimestamp(moment, UTC),
                    "delivered": position["gas"],
                    **{side: position[f"electricity_{side}"] for side in _SIDES},
                }
                for moment, position in zip(moments, positions, strict=True)
            ]

        made = day_row(state, day, as_rows(), as_rows())
        warmth = Decimal(10 + 8 * (day.month in (5, 6, 7, 8, 9)))
        made |= {
            "lowest_temperature": warmth - 4,
            "highest_temperature": warmth + 5,
            "average_temperature": warmth,
        }
        rows.append({"id": number, **made})
    state.days = ListTable("day", rows)
