"""Single objects of API v2: live, today, version, and others."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from .fields import METER, show_moment
from .processing import day_bounds
from .rows import Row
from .state import State

_ZERO = Decimal(0)
_REGISTERS = {
    "electricity1": "electricity_delivered_1",
    "electricity2": "electricity_delivered_2",
    "electricity1_returned": "electricity_returned_1",
    "electricity2_returned": "electricity_returned_2",
}


def _money(value: Decimal, language: str) -> str:
    text = f"{round(value, 2):.2f}"
    return text.replace(".", ",") if language == "nl" else text


def _zone(state: State) -> Any:  # noqa: ANN401 - of show_moment
    return state.zone if state.has(2) else None


def electricity_live(state: State, language: str) -> dict[str, Any]:
    """Return the newest reading."""
    if (row := state.latest()) is None:
        return {}
    now = state.now()
    moment = row["timestamp"]
    delivered, returned = (
        row[f"electricity_currently_{side}"] for side in ("delivered", "returned")
    )
    tariff = state.meter.get("electricity_tariff")
    day = state.local_day(now)
    cost = None
    if tariff in (1, 2) and state.prices:
        cost = _money(
            delivered * state.price_on(day, f"delivered_{tariff}")
            - returned * state.price_on(day, f"returned_{tariff}"),
            language,
        )
    return {
        "timestamp": (
            # A telegram from the future shows "now", and then not in the server's time zone either.
            show_moment(now, None)
            if moment > now
            else show_moment(moment, _zone(state))
        ),
        "currently_delivered": int(delivered * 1000),
        "currently_returned": int(returned * 1000),
        "cost_per_hour": cost,
        "tariff_name": state.tariff_names[tariff - 1] if tariff in (1, 2) else None,
    }


def gas_live(state: State, language: str) -> dict[str, Any]:
    """Return the last gas row."""
    if len(state.gas):
        row = state.gas[-1]
        read_at, used = row["read_at"], row["currently_delivered"]
    else:
        latest = state.latest()
        if latest is None or latest.get("extra_device_timestamp") is None:
            return {}
        read_at, used = latest["extra_device_timestamp"], _ZERO
    answer: dict[str, Any] = {
        "timestamp": show_moment(read_at, _zone(state)),
        "currently_delivered": float(used),
    }
    if state.prices:
        price = state.price_on(state.local_day(read_at), "gas")
        answer["cost_per_interval"] = _money(used * price, language)
    return answer


def today(state: State) -> dict[str, Any] | str:
    """Return the processed part of the current day, or a text if there is none."""
    now = state.now()
    day = state.local_day(now)
    first, _ = day_bounds(state, day)
    until = min(now, state.backend_dead_since or now)
    until = until.replace(second=0, microsecond=0)
    ends = _ends(state, first, until)
    if ends is None:
        return f"No electricity readings found for: {day.isoformat()}"
    begin, end = ends
    used = {
        name: end[register] - begin[register] for name, register in _REGISTERS.items()
    }
    gas = _ZERO
    if end.get("extra_device_delivered") and begin.get("extra_device_delivered"):
        gas = end["extra_device_delivered"] - begin["extra_device_delivered"]
    return _today(state, day, used, gas)


def _ends(state: State, first: datetime, until: datetime) -> tuple[Row, Row] | None:
    rows = [
        state.readings.rows(first, until, descending=last, offset=0, limit=1)
        for last in (False, True)
    ]
    return (rows[0][0], rows[1][0]) if rows[0] and rows[1] else None


def _today(
    state: State, day: date, used: dict[str, Decimal], gas: Decimal
) -> dict[str, Any]:
    costs = [
        used[f"electricity{n}"] * state.price_on(day, f"delivered_{n}")
        - used[f"electricity{n}_returned"] * state.price_on(day, f"returned_{n}")
        for n in (1, 2)
    ]
    gas_cost = gas * state.price_on(day, "gas")
    fixed = state.price_on(day, "fixed")
    answer: dict[str, Any] = {
        "day": day.isoformat(),
        **{name: float(value) for name, value in used.items()},
    }
    if state.has(3, 6):
        answer["electricity_merged"] = float(
            used["electricity1"] + used["electricity2"]
        )
        answer["electricity_returned_merged"] = float(
            used["electricity1_returned"] + used["electricity2_returned"]
        )
    answer |= {
        "electricity1_cost": float(round(costs[0], 2)),
        "electricity2_cost": float(round(costs[1], 2)),
        "total_cost": float(round(sum(costs) + gas_cost + fixed, 2)),
        "gas": float(gas),
        "gas_cost": float(round(gas_cost, 2)),
    }
    if state.has(4, 3):
        answer["fixed_cost"] = float(round(fixed, 2))
    if state.has(5, 3):
        for name, price in {
            "electricity_delivered_1": "delivered_1",
            "electricity_delivered_2": "delivered_2",
            "electricity_returned_1": "returned_1",
            "electricity_returned_2": "returned_2",
            "gas": "gas",
            "fixed_daily_cost": "fixed",
        }.items():
            value = state.price_on(day, price)
            answer[f"energy_supplier_price_{name}"] = float(value) if value else 0
    return answer


def meter_statistics(state: State) -> dict[str, Any]:
    """Return the single row of meter statistics."""
    meter = {
        "timestamp": datetime(2026, 1, 1, tzinfo=UTC),
        **state.meter,
        "rejected_telegrams": state.rejected,
    }
    return {"id": 1} | {
        name: field.show(meter.get(name), _zone(state)) for name, field in METER.items()
    }


def monitoring(state: State) -> dict[str, Any]:
    """Return the issues that the server detects."""
    problems = list(state.problems)
    if (since := state.backend_dead_since) is not None and (
        state.now() - since > timedelta(minutes=15)
    ):
        problems.append(
            {
                "source": "dsmr_backend.apps",
                "description": "Process behind schedule: Generate consumption data",
                "since": show_moment(since, _zone(state)),
            }
        )
    return {"problems": len(problems), "details": problems}
