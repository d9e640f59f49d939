"""Simulated servers, and clients for them."""

from collections import defaultdict
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
import json
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
from yarl import URL

from custom_components.junction.backends.dsmr_reader.client.api import ReaderClient
from custom_components.junction.backends.dsmr_reader.client.history import History
from custom_components.junction.backends.forward.client.api import ReaderApi
from simulators.dsmr_reader import DsmrReaderServer, Price, State, make_key

FIXTURES = Path(__file__).parents[2] / "fixtures" / "dsmr_reader"
ZONE = ZoneInfo("Europe/Amsterdam")
KEY = make_key("tests")
NOW = datetime(2026, 11, 20, 8, 31, 25, tzinfo=UTC)
CONTRACT = Price(
    start=date(2020, 1, 1),
    description="Green and fair",
    delivered_1=Decimal("0.25"),
    delivered_2=Decimal("0.30"),
    returned_1=Decimal("0.10"),
    returned_2=Decimal("0.12"),
    gas=Decimal("1.20"),
    fixed=Decimal("0.50"),
)


def fixture(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FIXTURES / f"{name}.json").read_text())
    return found


def series_state() -> State:
    """Return a server with four weeks as a real one kept them."""
    state = State(key=KEY, now=lambda: NOW)
    for at, *registers, gas_at, gas in fixture("series_hour_first_readings")["rows"]:
        names = ("delivered_1", "delivered_2", "returned_1", "returned_2")
        state.new.add(
            {
                "timestamp": datetime.fromisoformat(at).astimezone(UTC),
                "electricity_currently_delivered": Decimal(0),
                "electricity_currently_returned": Decimal(0),
                "extra_device_timestamp": datetime.fromisoformat(gas_at).astimezone(
                    UTC
                ),
                "extra_device_delivered": Decimal(gas),
                **{
                    f"electricity_{name}": Decimal(value)
                    for name, value in zip(names, registers, strict=True)
                },
            }
        )
    return state


@asynccontextmanager
async def reading_from(
    server: DsmrReaderServer, key: str = KEY, **options: Any
) -> AsyncGenerator[ReaderClient]:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        yield ReaderClient(ReaderApi(session, URL(server.url), key, **options), ZONE)


async def collected(
    history: History, cursor: dict[str, Any] | None = None, pages: int | None = None
) -> tuple[dict[str, dict[datetime, tuple[Any, ...]]], dict[str, Any] | None]:
    """Return all rows by series and hour, and the cursor after them."""
    found: dict[str, dict[datetime, tuple[Any, ...]]] = defaultdict(dict)
    done = 0
    stretches = history.readings(cursor)
    async for stretch in stretches:
        for name, rows in stretch.rows.items():
            starts = [row[0] for row in rows]
            assert starts == sorted(set(starts)), name
            found[name].update({row[0]: row[1:] for row in rows})
        cursor = json.loads(json.dumps(stretch.cursor))
        assert 0 <= stretch.progress <= 1
        done += 1
        if done == pages:
            break
    await stretches.aclose()
    return found, cursor


def by_day(rows: dict[datetime, tuple[Any, ...]]) -> dict[date, float]:
    days: dict[date, float] = defaultdict(float)
    for start, (amount, *_) in rows.items():
        days[start.astimezone(ZONE).date()] += amount
    return {day: round(amount, 6) for day, amount in days.items()}


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=ZONE).astimezone(UTC)


HOUR = timedelta(hours=1)
