"""The simulated DSMR-reader gives the captured responses of a real one."""

from copy import deepcopy
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
import json
from pathlib import Path
import re
from typing import Any

import aiohttp
import pytest
from yarl import URL

from simulators.dsmr_reader import DsmrReaderServer, Price, State, Vendor, make_key
from simulators.dsmr_reader.processing import process
from simulators.dsmr_reader.rows import ListTable

FIXTURES = Path(__file__).parents[1] / "fixtures" / "dsmr_reader"
CAPTURES = sorted(
    path.stem
    for path in FIXTURES.glob("*.json")
    if "request" in json.loads(path.read_text()) and not path.stem.startswith("web_")
)
NOW = datetime(2026, 11, 20, 8, 31, 25, tzinfo=UTC)
KEY = make_key("captures")
PRICES = [
    Price(
        start=date(2026, 1, 1),
        end=date(2026, 10, 31),
        description="Old contract",
        delivered_1=Decimal("0.2451"),
        delivered_2=Decimal("0.2713"),
        gas=Decimal("1.2045"),
        returned_1=Decimal("0.2451"),
        returned_2=Decimal("0.2713"),
        fixed=Decimal("0.412"),
    ),
    Price(
        start=date(2026, 11, 1),
        end=date(2030, 12, 31),
        description="New contract",
        delivered_1=Decimal("0.2319"),
        delivered_2=Decimal("0.2584"),
        gas=Decimal("1.1876"),
        returned_1=Decimal("0.08"),
        returned_2=Decimal("0.08"),
        fixed=Decimal("0.3985"),
    ),
]
PHASES = {
    **{f"phase_currently_delivered_l{n}": Decimal("0.1") for n in (1, 2, 3)},
    **{f"phase_currently_returned_l{n}": Decimal(0) for n in (1, 2, 3)},
    **{f"phase_voltage_l{n}": Decimal(230) for n in (1, 2, 3)},
    **{f"phase_power_current_l{n}": 1 for n in (1, 2, 3)},
}


def captured(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FIXTURES / f"{name}.json").read_text())
    return found


def full_state() -> State:
    """Return a server that was fed for four weeks, as the captured one was."""
    return deepcopy(_fed())


@cache
def _fed() -> State:
    state = State(key=KEY, now=lambda: NOW, prices=list(PRICES))
    series = json.loads((FIXTURES / "series_hour_first_readings.json").read_text())
    for row in series["rows"]:
        at, *registers, gas_at, gas = row
        names = ("delivered_1", "delivered_2", "returned_1", "returned_2")
        for minute in (0, 5):
            moment = datetime.fromisoformat(at).astimezone(UTC)
            state.new.add(
                {
                    "timestamp": moment.replace(minute=minute),
                    "electricity_currently_delivered": Decimal("0.3"),
                    "electricity_currently_returned": Decimal("0.1"),
                    "extra_device_timestamp": datetime.fromisoformat(gas_at).astimezone(
                        UTC
                    ),
                    "extra_device_delivered": Decimal(gas),
                    **{
                        f"electricity_{name}": Decimal(value)
                        for name, value in zip(names, registers, strict=True)
                    },
                    **PHASES,
                }
            )
    meter = captured("meter_statistics")["response"]["body"]
    del meter["id"], meter["rejected_telegrams"]
    meter["timestamp"] = datetime.fromisoformat(meter["timestamp"])
    state.meter = meter
    state.problems = captured("monitoring")["response"]["body"]["details"]
    process(state)
    return state


def state_for(name: str) -> State:
    if name.startswith("empty_"):
        return State(key=KEY, now=lambda: NOW)
    state = full_state()
    state.allow = not name.startswith("disabled_")
    state.database_down = name.startswith("dbdown_")
    if name == "today_no_contract" or name.endswith("_no_contract"):
        state.prices.clear()
    if name == "electricity_live_no_tariff":
        state.meter["electricity_tariff"] = None
    if name == "electricity_live_future_reading":
        state.new.add(
            {**state.new[-1], "timestamp": datetime(2026, 12, 20, tzinfo=UTC)}
        )
    if name == "day_post_duplicate_400":
        state.days.add({"day": date(2025, 1, 15)})
    if name in ("monitoring_ok", "stalled_backend_monitoring"):
        state.problems.clear()
    vendors = {
        "vendor_23": Vendor.DUTCH_OLD,
        "vendor_be": Vendor.FLUVIUS,
        "vendor_lu": Vendor.LUXEMBOURG,
    }
    state.vendor = vendors.get(name[:9], Vendor.DUTCH)
    return state


def shape(value: object) -> object:
    """Return the type structure of JSON; null matches anything."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    if isinstance(value, str) and re.fullmatch(r"-?\d+[.,]\d+", value):
        return f"number with {len(re.split('[.,]', value)[1])} decimals"
    if isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\dT", value):
        return "time"
    return type(value).__name__


def same(one: object, other: object) -> bool:
    if "NoneType" in (one, other) or "null" in (one, other):
        return True
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[k], other[k]) for k in one)
    if isinstance(one, list) and isinstance(other, list):
        return not one or not other or same(one[0], other[0])
    # 0.0 and 0: the product prints both.
    return one == other or {one, other} == {"int", "float"}


@pytest.mark.parametrize("name", CAPTURES)
async def test_capture(name: str, socket_enabled: None) -> None:
    exchange = captured(name)
    asked, meant = exchange["request"], exchange["response"]
    if name == "schema_accept_json":
        asked["headers"]["Accept"] = "application/json"
    async with DsmrReaderServer(state_for(name)) as simulated:
        answer = await send(simulated.url, asked)
    status, headers, body = answer
    assert status == meant["status"]
    wanted = dict(meant["headers"])
    for header in ("Content-Type", "Allow", "X-Frame-Options"):
        assert headers.get(header) == wanted.get(header), header
    if meant["body_kind"] == "text" or isinstance(meant["body"], str):
        compare_texts(meant["body"], body)
    elif status >= 400:
        assert json.loads(body) == meant["body"]
    elif "schema" not in name and asked["method"] != "OPTIONS":
        said = json.loads(body)
        assert same(shape(meant["body"]), shape(said)), said


def compare_texts(meant: str, body: str) -> None:
    title = re.search("<title>(.*?)</title>", meant)
    if title is not None:
        assert title[0] in body
    elif meant.startswith("openapi"):
        assert "title: DSMR-reader API" in body
    else:
        assert body.strip('"') == meant.strip('"')


async def send(url: str, asked: dict[str, Any]) -> tuple[int, dict[str, str], str]:
    headers = {
        key: value.replace("<API-KEY>", KEY) for key, value in asked["headers"].items()
    }
    body = asked["body"]
    async with (
        aiohttp.ClientSession() as session,
        session.request(
            asked["method"],
            URL(url + asked["path"], encoded=True),
            headers=headers,
            data=None if body is None else body.encode(),
            skip_auto_headers=["Content-Type"],
        ) as response,
    ):
        return response.status, dict(response.headers), await response.text()


async def test_next_names_the_host_that_the_server_saw(socket_enabled: None) -> None:
    exchange = captured("next_link_follows_host_header")
    async with DsmrReaderServer(full_state()) as simulated:
        _, _, body = await send(simulated.url, exchange["request"])
    assert json.loads(body)["next"] == exchange["response"]["body"]["next"]


def test_hours_lose_energy_as_the_real_ones_do() -> None:
    state = full_state()
    day = state.days.between(date(2026, 10, 25), date(2026, 10, 25))[0]
    hours = [
        row
        for row in state.hours
        if state.local_day(row["hour_start"]) == date(2026, 10, 25)
    ]
    assert len(hours) == 25
    assert sum(row["electricity1"] for row in hours) < day["electricity1"]
    assert isinstance(state.days, ListTable)


def test_a_row_of_the_year_2000_makes_no_statistics_of_the_years_between() -> None:
    state = State(key=KEY, now=lambda: NOW)
    state.electricity = ListTable("read_at")
    row = {
        f"{side}_{tariff}": Decimal(1)
        for side in ("delivered", "returned")
        for tariff in (1, 2)
    }
    for moment in (
        datetime(2000, 1, 1, 12, tzinfo=UTC),
        *(datetime(2026, 11, 18, 12, minute, tzinfo=UTC) for minute in range(30)),
    ):
        state.electricity.add({**row, "read_at": moment})
    asked: list[Any] = []
    between = state.electricity.between

    def counted(first: Any, last: Any) -> list[dict[str, Any]]:
        asked.append(first)
        return between(first, last)

    state.electricity.between = counted  # type: ignore[method-assign]
    state.new.add({"timestamp": NOW})
    process(state)
    assert [one["day"] for one in state.days] == [date(2000, 1, 1), date(2026, 11, 18)]
    assert [one["read_at_start"].minute for one in state.peaks] == [0]
    assert len(asked) < 100
