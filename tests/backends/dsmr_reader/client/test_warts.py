"""Wrong rows in a database of weeks: the import still gives the meter's sums."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from custom_components.junction.backends.dsmr_reader.client.history import History
from simulators.dsmr_reader import DsmrReaderServer, State

from ..helpers import HOUR, KEY, NOW, ZONE, collected, reading_from, series_state
from ..spoiled import FIELDS, REGISTERS, Imported, Row, added, imported

pytestmark = pytest.mark.usefixtures("socket_enabled")


@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize(
    "moment",
    [
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(2000, 1, 1, tzinfo=UTC),
        datetime(1999, 12, 31, 23, tzinfo=UTC),
        datetime(2016, 2, 29, 12, tzinfo=UTC),
    ],
)
async def test_reading_of_a_clock_that_was_not_set(
    moment: datetime, number: int
) -> None:
    def spoil(state: State) -> list[Row]:
        for n in range(number):
            added(state, moment + n * HOUR)
        return []

    found = await imported(spoil)
    found.check_sums()
    found.check_gas()
    assert found.left_out.get("clock", 0) + found.left_out.get("jump", 0) == number


async def test_reading_of_the_future_is_not_read() -> None:
    found = await imported(lambda state: added(state, datetime(2070, 1, 1, tzinfo=UTC)))
    found.check_sums()


@pytest.mark.parametrize(
    "stamp",
    [
        datetime(2070, 1, 1, tzinfo=UTC),
        datetime(2027, 11, 4, tzinfo=UTC),
        datetime(2000, 1, 1, tzinfo=UTC),
        NOW,
    ],
)
@pytest.mark.parametrize("index", [0, 300])
async def test_gas_reading_with_a_time_that_cannot_be(
    stamp: datetime, index: int
) -> None:
    def spoil(state: State) -> list[Row]:
        state.new[index]["extra_device_timestamp"] = stamp
        return []

    found = await imported(spoil)
    found.check_sums()
    assert found.left_out == {"gas_time": 1}
    assert max(found.rows["gas"]) < NOW
    total = sum(row[0] for row in found.rows["gas"].values())
    first, last = found.good[1 if index == 0 else 0], found.good[-1]
    meant = last["extra_device_delivered"] - first["extra_device_delivered"]
    assert total == pytest.approx(float(meant), abs=1e-6)


def other_value(row: Row) -> None:
    row["electricity_delivered_1"] = row["electricity_delivered_2"]


def all_zero(row: Row) -> None:
    row.update(dict.fromkeys(FIELDS, Decimal(0)))


def one_zero(row: Row) -> None:
    row["electricity_returned_1"] = Decimal(0)


def giant(row: Row) -> None:
    row["electricity_delivered_1"] = Decimal("999999.999")


def a_little_more(row: Row) -> None:
    row["electricity_delivered_1"] += Decimal(40)


@pytest.mark.parametrize("at", [range(1), range(300, 301), range(300, 303)])
@pytest.mark.parametrize(
    "spoil", [other_value, all_zero, one_zero, giant, a_little_more]
)
async def test_rows_whose_counters_jump_and_come_back(
    spoil: Callable[[Row], None], at: range
) -> None:
    def spoil_all(state: State) -> list[Row]:
        for index in at:
            spoil(state.new[index])
        return [state.new[index] for index in at]

    found = await imported(spoil_all)
    found.check_sums()
    assert found.left_out == {"jump": len(at)}


def swapped(row: Row) -> None:
    row[FIELDS[0]], row[FIELDS[1]] = row[FIELDS[1]], row[FIELDS[0]]


@pytest.mark.parametrize("fields", [FIELDS, FIELDS[:1]])
@pytest.mark.parametrize("value", [None, Decimal(-1), Decimal("1e12")])
async def test_row_without_a_register_is_replaced_by_the_next_one(
    value: Decimal | None, fields: tuple[str, ...]
) -> None:
    def spoil(state: State) -> list[Row]:
        row = state.new[300]
        copy = {k: v for k, v in row.items() if k != "id"}
        copy["timestamp"] += timedelta(seconds=10)
        state.new.add(copy)
        row.update(dict.fromkeys(fields, value))
        return []

    found = await imported(spoil)
    found.check_sums()
    assert found.left_out == {}


@pytest.mark.parametrize("number", [1, 100])
async def test_register_that_is_missing_for_a_while_counts_afterwards(
    number: int,
) -> None:
    def spoil(state: State) -> list[Row]:
        rows = [state.new[index] for index in range(300, 300 + number)]
        for row in rows:
            row[FIELDS[0]] = None
        return rows

    found = await imported(spoil)
    found.check_sums()
    assert found.left_out == {}


@pytest.mark.parametrize("hours", [20, 24, 100])
@pytest.mark.parametrize("spoil", [all_zero, other_value, swapped])
async def test_counters_that_come_back_after_days_are_no_other_meter(
    spoil: Callable[[Row], None], hours: int
) -> None:
    def spoil_all(state: State) -> list[Row]:
        rows = [state.new[index] for index in range(300, 300 + hours)]
        for row in rows:
            spoil(row)
        return rows

    found = await imported(spoil_all)
    found.check_sums()
    found.check_gas()
    assert found.left_out == {"jump": hours}


async def test_counters_that_begin_again_at_zero() -> None:
    def roll_over(state: State) -> list[Row]:
        for limit, field, index in (
            (Decimal(100_000), "electricity_delivered_1", 300),
            (Decimal(1_000_000), "electricity_returned_2", 400),
            (Decimal(100_000), "extra_device_delivered", 500),
        ):
            base = state.new[index][field] - Decimal("0.003")
            for row in state.new:
                row[field] = (row[field] - base + limit) % limit
        return []

    state = series_state()
    good = [dict(row) for row in state.new]
    roll_over(state)
    found = await Imported(state, good).run()
    found.check_sums()
    found.check_gas()
    assert found.left_out == {}


async def test_two_meters_in_one_database() -> None:
    """The first one is followed; the other one's readings lie between its."""

    def spoil(state: State) -> list[Row]:
        others = []
        for index, row in enumerate(state.new):
            if index < 2:
                continue
            other = {k: v for k, v in row.items() if k != "id"}
            for field in FIELDS:
                other[field] += Decimal(30000)
            # Every third hour begins with it.
            late = timedelta(seconds=0 if index % 3 else 5)
            others.append({**other, "timestamp": other["timestamp"] + late})
            row["timestamp"] += timedelta(seconds=2)
        for other in others:
            state.new.add(other)
        return []

    found = await imported(spoil)
    found.good = [
        {**row, "timestamp": row["timestamp"].replace(second=0)} for row in found.good
    ]
    found.check_sums()
    assert found.left_out["jump"] > 100
    assert set(found.left_out) == {"jump"}


async def test_tariffs_that_change_places() -> None:
    def spoil(state: State) -> list[Row]:
        for row in list(state.new)[300:]:
            row["electricity_delivered_1"], row["electricity_delivered_2"] = (
                row["electricity_delivered_2"],
                row["electricity_delivered_1"],
            )
        return []

    found = await imported(spoil)
    assert found.left_out == {"swap": 1}
    good = found.good
    both = sum(row[0] for row in found.rows["delivered"].values())
    meant = sum(good[-1][field] - good[0][field] for field in FIELDS[:2])
    assert both == pytest.approx(float(meant), abs=1e-6)
    found.check_sums(("returned_1", "returned_2"))


async def test_exchanged_meter_is_told() -> None:
    def exchange(state: State) -> list[Row]:
        base = {field: state.new[300][field] for field in FIELDS}
        for row in list(state.new)[300:]:
            for field in FIELDS:
                row[field] -= base[field]
        return []

    found = await imported(exchange)
    good = found.good
    assert found.left_out == {"exchange": 1}
    for name, field in zip(REGISTERS, FIELDS, strict=True):
        total = sum(row[0] for row in found.rows.get(name, {}).values())
        # The use in the hour of the exchange is unknown.
        meant = good[-1][field] - good[300][field] + good[299][field] - good[0][field]
        assert total == pytest.approx(float(meant), abs=1e-6), name


@pytest.mark.parametrize("fields", [FIELDS, ("extra_device_delivered",)])
async def test_meter_is_exchanged_while_the_import_follows_hour_by_hour(
    fields: tuple[str, ...],
) -> None:
    state = series_state()
    rows = list(state.new)
    base = {field: rows[299][field] - Decimal("0.5") for field in fields}
    for row in rows[300:]:
        for field in fields:
            row[field] -= base[field]
    followed: dict[str, dict[datetime, tuple[Any, ...]]] = {}
    cursor: dict[str, Any] | None = None
    async with DsmrReaderServer(state) as server, reading_from(server) as client:
        whole, _ = await collected(History(client, ZONE, now=lambda: NOW))
        for row in [*rows[295:340], rows[-1]]:
            now = partial(row["timestamp"].__add__, timedelta(minutes=3))
            history = History(client, ZONE, now=now)
            found, cursor = await collected(history, cursor)
            for name, hours in found.items():
                followed.setdefault(name, {}).update(hours)
    for name, hours in whole.items():
        assert {hour: followed[name][hour] for hour in hours} == hours, name


def hourly(start: datetime, hours: int, base: int) -> Iterator[Row]:
    """Yield a row an hour, with 0.4 kWh and 0.1 m³ in each."""
    for n in range(hours):
        used = Decimal(base + n)
        yield {
            "timestamp": start + n * HOUR,
            "electricity_currently_delivered": Decimal(0),
            "electricity_currently_returned": Decimal(0),
            "electricity_delivered_1": 1000 + used * Decimal("0.4"),
            "electricity_delivered_2": Decimal(2000),
            "electricity_returned_1": Decimal(0),
            "electricity_returned_2": Decimal(0),
            "extra_device_timestamp": start + n * HOUR,
            "extra_device_delivered": 500 + used * Decimal("0.1"),
        }


@pytest.mark.parametrize("years", [1, 5])
async def test_server_that_was_off_for_a_year(years: int) -> None:
    start, end = NOW - timedelta(days=365 * years + 20), NOW - timedelta(days=10)
    start, end = (one.replace(minute=0, second=0) for one in (start, end))
    state = State(key=KEY, now=lambda: NOW)
    rows = [*hourly(start, 240, 0), *hourly(end, 200, 9240)]
    for row in rows:
        state.new.add(row)
    found = await Imported(state, [dict(row) for row in rows]).run()
    found.check_sums(("delivered_1",))
    found.check_gas()
    assert found.left_out == {}
    hours = (max(found.rows["delivered_1"]) - start) / HOUR + 1
    assert len(found.rows["delivered_1"]) == hours
    # Nothing is known of the time between, so it is the same everywhere.
    gap = [
        row[0]
        for at, row in found.rows["delivered_1"].items()
        if start + 240 * HOUR <= at < end
    ]
    assert max(gap) - min(gap) <= 0.0011


@pytest.mark.parametrize("days", [60, 365])
async def test_server_that_is_on_for_an_hour_now_and_then(days: int) -> None:
    state = State(key=KEY, now=lambda: NOW)
    start = (NOW - timedelta(days=8 * days)).replace(minute=0, second=0)
    rows = list(hourly(start, 8, 0))
    for n, row in enumerate(rows):
        row["timestamp"] = row["extra_device_timestamp"] = start + n * timedelta(days)
        state.new.add(row)
    found = await Imported(state, rows).run()
    found.check_sums(("delivered_1",))
    found.check_gas()
    assert found.left_out == {}


async def test_long_gap_follows_the_days_that_the_server_counted() -> None:
    start, end = NOW - timedelta(days=120), NOW - timedelta(days=10)
    start, end = (one.replace(minute=0, second=0) for one in (start, end))
    state = State(key=KEY, now=lambda: NOW)
    for row in (*hourly(start, 240, 0), *hourly(end, 100, 1240)):
        state.new.add(row)
    zero = dict.fromkeys(
        ("electricity2", "electricity1_returned", "electricity2_returned"), Decimal(0)
    )
    counted = date(2026, 9, 15)
    state.days.add(
        {"day": counted, "electricity1": Decimal(24), "gas": Decimal(6), **zero}
    )
    async with DsmrReaderServer(state) as server, reading_from(server) as client:
        rows, _ = await collected(History(client, ZONE, now=lambda: NOW))
    day = [
        row[0]
        for at, row in rows["delivered_1"].items()
        if at.astimezone(ZONE).date() == counted
    ]
    assert sum(day) == pytest.approx(24, abs=0.002)
    total = sum(row[0] for row in rows["delivered_1"].values())
    assert total == pytest.approx(1339 * 0.4)


async def test_retention_with_holes() -> None:
    def spoil(state: State) -> list[Row]:
        gone = [row for n, row in enumerate(state.new) if n % 7 in (2, 3) and n < 600]
        state.new.keep([row for row in state.new if row not in gone])
        return gone

    found = await imported(spoil)
    found.check_sums()
    found.check_gas()
    assert found.left_out == {}
