"""The history: exact to the meter positions, over every change of the clocks."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
import tracemalloc
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from custom_components.junction.backends.dsmr_reader.client.contracts import Contract
from custom_components.junction.backends.dsmr_reader.client.history import History
from simulators.dsmr_reader import DsmrReaderServer, Past, PastPlan, State
from simulators.dsmr_reader.processing import past_days

from ..helpers import (
    CONTRACT,
    HOUR,
    KEY,
    NOW,
    ZONE,
    by_day,
    collected,
    fixture,
    midnight,
    reading_from,
    series_state,
)

pytestmark = pytest.mark.usefixtures("socket_enabled")

REGISTERS = ("delivered_1", "delivered_2", "returned_1", "returned_2")
END = datetime(2026, 11, 20, 8, 31, 20, tzinfo=UTC)


def past_state(start: datetime, **plan: Any) -> State:
    past = Past(PastPlan(start=start, end=END, **plan))
    return State(key=KEY, now=lambda: END, past=past)


async def contracts_of(client: Any) -> tuple[Contract, ...]:
    found: tuple[Contract, ...] = await client.contracts()
    return found


async def test_captured_weeks_are_exact() -> None:
    async with (
        DsmrReaderServer(series_state()) as server,
        reading_from(server) as client,
    ):
        rows, _ = await collected(History(client, ZONE, now=lambda: NOW))
    changed = [
        row
        for start, row in rows["delivered"].items()
        if start.astimezone(ZONE).date() == date(2026, 10, 25)
    ]
    assert len(changed) == 25
    delivered, gas = by_day(rows["delivered"]), by_day(rows["gas"])
    assert delivered[date(2026, 10, 25)] == pytest.approx(8.046, abs=1e-6)
    assert delivered[date(2026, 11, 19)] == pytest.approx(7.430, abs=1e-6)
    assert gas[date(2026, 10, 25)] == pytest.approx(2.340, abs=1e-6)
    assert gas[date(2026, 10, 26)] == pytest.approx(2.320, abs=1e-6)
    # Meter readings of the real server, at every midnight.
    days = fixture("day_all")["response"]["body"]["results"]
    checked = 0
    for row in days:
        hour = midnight(date.fromisoformat(row["day"])) - HOUR
        for name, column in zip(
            REGISTERS,
            (
                "electricity1",
                "electricity2",
                "electricity1_returned",
                "electricity2_returned",
            ),
            strict=True,
        ):
            if hour in rows[name]:
                assert rows[name][hour][1] == float(row[f"{column}_reading"]), row
                checked += 1
    assert checked > 50


@pytest.mark.parametrize("gas_step", [300, 3600])
async def test_sums_equal_the_positions_at_every_midnight(gas_step: int) -> None:
    state = past_state(
        datetime(2026, 3, 19, 23, tzinfo=UTC), gas_step=gas_step, keep_days=10
    )
    past = state.past
    assert past is not None
    state.prices = [CONTRACT]
    async with DsmrReaderServer(state) as server, reading_from(server) as client:
        contracts = await contracts_of(client)
        server.server.log.clear()
        rows, _ = await collected(History(client, ZONE, contracts, now=lambda: END))
        requests = server.server.log.count()
    # 245 days with both changes of the clocks: long pages of what was cleaned up, then
    # one request per hour.
    assert requests == pytest.approx(235 * 48 / 1000 + 10 * 24, rel=0.1)
    for day in past.days()[1:]:
        moment = midnight(day)
        for name in REGISTERS:
            meant = past.position(f"electricity_{name}", int(moment.timestamp()))
            if moment - HOUR in rows[name]:
                assert rows[name][moment - HOUR][1] == meant / 1000, (name, day)
        meant = past.position("gas", int(moment.timestamp()))
        assert rows["gas"][moment - HOUR][1] == meant / 1000, day
        hours = [
            start for start in rows["delivered"] if start.astimezone(ZONE).date() == day
        ]
        if day < END.date():
            assert len(hours) == (midnight(day + timedelta(days=1)) - moment) / HOUR
    for name in REGISTERS:
        used = sum(amount for amount, _ in rows[name].values())
        first, last = min(rows[name]), max(rows[name]) + HOUR
        assert used == pytest.approx(
            (
                past.position(f"electricity_{name}", int(last.timestamp()))
                - past.position(f"electricity_{name}", int(first.timestamp()))
            )
            / 1000
        )
    assert max(rows["delivered"]) == END.replace(minute=0, second=0) - HOUR
    for start, (cost, _) in rows["cost_delivered"].items():
        assert cost == pytest.approx(
            rows["delivered_1"].get(start, (0,))[0] * 0.25
            + rows["delivered_2"].get(start, (0,))[0] * 0.30
        )
    assert all(
        start.astimezone(ZONE).hour == 0 and cost == 0.5
        for start, (cost, _) in rows["cost_fixed"].items()
    )
    assert rows["cost_gas"][midnight(date(2026, 5, 1))][0] == pytest.approx(
        rows["gas"][midnight(date(2026, 5, 1))][0] * 1.2
    )


async def test_interrupted_anywhere_it_comes_out_the_same() -> None:
    chance = Random(3)
    state = past_state(datetime(2026, 9, 1, 5, tzinfo=UTC), keep_days=5)
    async with DsmrReaderServer(state) as server, reading_from(server) as client:
        history = History(client, ZONE, now=lambda: END)
        whole, _ = await collected(history)
        parts: dict[str, dict[datetime, Any]] = {}
        cursor: dict[str, Any] | None = None
        for _ in range(20):
            rows, cursor = await collected(history, cursor, chance.randrange(1, 3))
            for name, found in rows.items():
                parts.setdefault(name, {}).update(found)
        rows, cursor = await collected(history, cursor)
        for name, found in rows.items():
            parts.setdefault(name, {}).update(found)
    assert parts == whole


async def test_late_readings_are_healed_by_the_next_run() -> None:
    state = series_state()
    held_back = state.new[-2]
    state.new.keep([row for row in state.new if row is not held_back])
    async with DsmrReaderServer(state) as server, reading_from(server) as client:
        history = History(client, ZONE, now=lambda: NOW)
        before, cursor = await collected(history)
        state.new.add({k: v for k, v in held_back.items() if k != "id"})
        after, _ = await collected(history, cursor)
        whole, _ = await collected(history)
    merged = {**before["delivered"], **after["delivered"]}
    assert merged == whole["delivered"]
    assert len(after["delivered"]) <= 5


def gap_state(missing: tuple[datetime, datetime]) -> State:
    state = series_state()
    state.new.keep(
        [row for row in state.new if not missing[0] < row["timestamp"] < missing[1]]
    )
    return state


async def test_gap_is_shared_out_and_loses_nothing() -> None:
    gap = (datetime(2026, 11, 2, 3, tzinfo=UTC), datetime(2026, 11, 6, 9, tzinfo=UTC))
    state = gap_state(gap)
    async with DsmrReaderServer(state) as server, reading_from(server) as client:
        rows, _ = await collected(History(client, ZONE, now=lambda: NOW))
        whole = series_state()
    first, last = whole.new.between(*gap)[0], whole.new.between(*gap)[-1]
    inside = [
        row[0] for start, row in rows["delivered_1"].items() if gap[0] <= start < gap[1]
    ]
    assert len(inside) == 102
    assert sum(inside) == pytest.approx(
        float(last["electricity_delivered_1"] - first["electricity_delivered_1"])
    )
    assert max(inside) < 0.2


async def test_gap_follows_the_hours_that_the_server_counted() -> None:
    gap = (datetime(2026, 11, 2, 3, tzinfo=UTC), datetime(2026, 11, 2, 9, tzinfo=UTC))
    state = gap_state(gap)
    for hour, use in ((4, "0.1"), (6, "0.3")):
        state.hours.add(
            {
                "hour_start": datetime(2026, 11, 2, hour, tzinfo=UTC),
                "electricity1": Decimal(use),
                "electricity2": Decimal(0),
                "electricity1_returned": Decimal(0),
                "electricity2_returned": Decimal(0),
                "gas": Decimal(0),
            }
        )
    async with DsmrReaderServer(state) as server, reading_from(server) as client:
        rows, _ = await collected(History(client, ZONE, now=lambda: NOW))
    hours = [rows["delivered_1"][gap[0] + n * HOUR][0] for n in range(6)]
    assert hours[3] == pytest.approx(3 * hours[1], abs=0.002)
    assert hours[0] == hours[2] == hours[4] == hours[5] == 0


async def test_exchanged_meter_counts_on_from_its_own_position() -> None:
    state = series_state()
    rows = list(state.new)
    for row in rows[300:]:
        row["electricity_delivered_1"] -= Decimal(4800)
        row["electricity_delivered_2"] += Decimal(50000)
        row["extra_device_delivered"] -= Decimal(2800)
    # Also a register that wobbles, and a gas meter that once reads 0.
    rows[100]["electricity_returned_1"] -= Decimal("0.002")
    rows[120]["extra_device_delivered"] = Decimal(0)
    async with DsmrReaderServer(state) as server, reading_from(server) as client:
        found, _ = await collected(History(client, ZONE, now=lambda: NOW))
    for name in ("delivered_1", "delivered_2", "returned_1", "gas"):
        amounts = [row[0] for row in found[name].values()]
        assert min(amounts) >= 0
        assert max(amounts) < 6


async def test_days_without_readings_come_from_the_statistics() -> None:
    state = series_state()
    for number in range(1, 6):
        state.days.add(
            {
                "day": date(2026, 10, 18 + number - 1),
                "electricity1": Decimal(number),
                "electricity2": Decimal(2),
                "electricity1_returned": Decimal(0),
                "electricity2_returned": Decimal(0),
                "gas": Decimal("0.5"),
                "total_cost": Decimal(1),
                "lowest_temperature": Decimal(0),
                "highest_temperature": Decimal(0),
                "average_temperature": Decimal(0),
            }
        )
    state.hours.add(
        {
            "hour_start": midnight(date(2026, 10, 18)) + 5 * HOUR,
            "electricity1": Decimal("0.4"),
            "electricity2": Decimal("0.1"),
            "electricity1_returned": Decimal(0),
            "electricity2_returned": Decimal(0),
            "gas": Decimal("0.1"),
        }
    )
    async with DsmrReaderServer(state) as server, reading_from(server) as client:
        history = History(client, ZONE, now=lambda: NOW)
        rows, _ = await collected(history)
        # It also continues after the days.
        _, cursor = await collected(history, None, 1)
        again, _ = await collected(history, cursor)
    days = by_day(rows["delivered"])
    assert [days[date(2026, 10, 18 + n)] for n in range(5)] == [3, 4, 5, 6, 7]
    assert rows["delivered_1"][midnight(date(2026, 10, 18)) + 5 * HOUR][0] == 1
    # Nothing is known of the hours of this day.
    assert rows["delivered_1"][midnight(date(2026, 10, 20)) - HOUR][0] == 2
    assert by_day(rows["gas"])[date(2026, 10, 19)] == 0.5
    assert max(again["delivered"]) == max(rows["delivered"])


async def test_day_statistics_with_costs_and_temperatures() -> None:
    state = past_state(datetime(2026, 9, 30, 22, tzinfo=UTC))
    assert (past := state.past) is not None
    state.prices = [CONTRACT]
    past_days(state)
    async with DsmrReaderServer(state) as server, reading_from(server) as client:
        history = History(client, ZONE, now=lambda: END)
        stretches = [stretch async for stretch in history.days(None)]
        rows, cursor = stretches[-1].rows, stretches[-1].cursor
        again = [stretch async for stretch in history.days(cursor)]
    assert [row[0] for row in rows["cost"]] == [
        midnight(day + timedelta(days=1)) - HOUR for day in past.days()
    ]
    assert len(rows["temperature"]) == 50 * 24 + 1
    assert rows["temperature"][0][1:] == (10, 6, 15)
    assert len(again[0].rows["cost"]) == 2


async def test_day_that_does_not_end_with_an_hour() -> None:
    zone = ZoneInfo("Asia/Kolkata")
    state = past_state(datetime(2026, 11, 10, tzinfo=UTC))
    past_days(state)
    async with DsmrReaderServer(state) as server, reading_from(server) as client:
        history = History(client, zone, now=lambda: END)
        stretches = [stretch async for stretch in history.days(None)]
    starts = [row[0] for stretch in stretches for row in stretch.rows["cost"]]
    assert starts
    assert {(start.hour, start.minute) for start in starts} == {(17, 0)}


async def test_empty_server_has_no_history() -> None:
    async with (
        DsmrReaderServer(State(key=KEY, now=lambda: NOW)) as server,
        reading_from(server) as client,
    ):
        history = History(client, ZONE, now=lambda: NOW)
        assert await collected(history) == ({}, None)
        assert [stretch async for stretch in history.days(None)] == []


async def test_old_server_understands_only_local_time() -> None:
    """Versions before 4.2 refuse a naive time in the hour that comes twice."""
    state = past_state(datetime(2026, 10, 20, tzinfo=UTC), keep_days=1)
    state.version = (3, 0, 0)
    past = state.past
    assert past is not None
    async with DsmrReaderServer(state) as server, reading_from(server) as client:
        await client.connect()
        history = History(client, ZONE, now=lambda: END)
        rows, _ = await collected(history)
        first = await client.readings(
            datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
            datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
            5,
        )
    assert [reading.time.minute for reading in first] == [59, 0]
    for day in past.days()[1:]:
        moment = midnight(day)
        meant = past.position("electricity_delivered_1", int(moment.timestamp()))
        assert rows["delivered_1"][moment - HOUR][1] == meant / 1000


async def test_memory_holds_one_page() -> None:
    state = past_state(datetime(2025, 11, 20, tzinfo=UTC), keep_days=1)
    async with DsmrReaderServer(state) as server, reading_from(server) as client:
        history = History(client, ZONE, now=lambda: END)
        tracemalloc.start()
        try:
            peaks = []
            async for _ in history.readings(None):
                server.server.log.clear()
                peaks.append(tracemalloc.get_traced_memory()[0])
        finally:
            tracemalloc.stop()
    assert len(peaks) > 15
    assert max(peaks[len(peaks) // 2 :]) < max(peaks[:5]) * 1.5
