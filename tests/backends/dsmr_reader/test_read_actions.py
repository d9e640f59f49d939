"""Actions that return stored data of a period."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from simulators.dsmr_reader import DsmrReaderServer, State
from simulators.http_faults import status

from .test_actions import DAY, call

QUARTER = timedelta(minutes=15)


def keep(state: State, kind: str, at: datetime, value: float) -> None:
    """Let the server have a row."""
    exact = Decimal(str(value))
    match kind:
        case "electricity":
            state.electricity.add(
                {"read_at": at, "delivered_1": exact, "currently_delivered": exact}
            )
        case "gas":
            state.gas.add(
                {"read_at": at, "delivered": exact, "currently_delivered": exact}
            )
        case _:
            state.peaks.add(
                {
                    "read_at_start": at,
                    "read_at_end": at + QUARTER,
                    "average_delivered": exact,
                }
            )


async def readings(
    hass: HomeAssistant, entry: MockConfigEntry, start: datetime, **data: Any
) -> Any:
    return await call(hass, "get_readings", entry, start=start.isoformat(), **data)


async def test_readings_of_a_range(
    hass: HomeAssistant, state: State, loaded: MockConfigEntry
) -> None:
    assert state.past is not None
    end = state.past.plan.end.replace(minute=0, second=0)
    start = end - timedelta(hours=1)
    found = await readings(hass, loaded, start, end=end.isoformat(), limit=5000)
    rows = found["rows"]
    assert found["more"] is False
    assert len(rows) > 60
    times = [datetime.fromisoformat(row["timestamp"]) for row in rows]
    assert times == sorted(times)
    assert start <= times[0] < times[-1] <= end
    assert times[0].utcoffset() == timedelta()
    first = rows[0]
    assert "id" not in first
    assert isinstance(first["electricity_delivered_1"], float)
    assert datetime.fromisoformat(first["extra_device_timestamp"]).tzinfo is not None

    # Page by page it is the same.
    paged: list[Any] = []
    more = True
    while more:
        found = await readings(hass, loaded, start, end=end.isoformat(), limit=100)
        paged += [row for row in found["rows"] if row not in paged]
        start, more = datetime.fromisoformat(paged[-1]["timestamp"]), found["more"]
        assert len(found["rows"]) == 100 or not more
    assert paged == rows


@pytest.mark.parametrize(
    ("kind", "time", "value"),
    [
        ("electricity", "read_at", "currently_delivered"),
        ("gas", "read_at", "delivered"),
        ("peak", "read_at_start", "average_delivered"),
    ],
)
async def test_other_kinds_of_rows(
    hass: HomeAssistant,
    state: State,
    loaded: MockConfigEntry,
    kind: str,
    time: str,
    value: str,
) -> None:
    now = dt_util.utcnow().replace(minute=0, second=0, microsecond=0)
    for number in range(4):
        at = now - timedelta(hours=2) + number * QUARTER
        keep(state, kind, at, 1.5 + number)
    # Before and behind the range.
    keep(state, kind, now - timedelta(hours=5), 9.0)
    found = await readings(hass, loaded, now - timedelta(hours=3), kind=kind)
    assert [row[value] for row in found["rows"]] == [1.5, 2.5, 3.5, 4.5]
    begin = datetime.fromisoformat(found["rows"][0][time])
    assert begin == now - timedelta(hours=2)
    assert found["more"] is False


async def test_what_an_old_server_does_not_have(
    hass: HomeAssistant, server: DsmrReaderServer, loaded: MockConfigEntry
) -> None:
    server.server.inject(status(404), "*/quarter-hour-peak-electricity")
    with pytest.raises(HomeAssistantError) as refused:
        await readings(hass, loaded, dt_util.utcnow() - QUARTER, kind="peak")
    assert refused.value.translation_key == "unsupported"


@pytest.mark.parametrize(
    "wrong",
    [
        {"end": "2020-01-01T00:00:00+00:00"},
        {"limit": 5001},
        {"limit": 0},
        {"kind": "everything"},
    ],
)
async def test_ranges_that_are_none(
    hass: HomeAssistant, loaded: MockConfigEntry, wrong: Any
) -> None:
    with pytest.raises(ServiceValidationError) as refused:
        await readings(hass, loaded, dt_util.utcnow() - QUARTER, **wrong)
    assert refused.value.translation_key == "field_invalid"


async def test_months_and_years(
    hass: HomeAssistant, server: DsmrReaderServer, loaded: MockConfigEntry
) -> None:
    day = date(2019, 12, 30)
    for number in range(4):
        await call(
            hass,
            "create_day_statistics",
            loaded,
            **{**DAY, "day": (day + timedelta(days=number)).isoformat(), "gas": 0.1},
        )
    server.server.log.clear()
    found = await call(
        hass,
        "get_statistics",
        loaded,
        start="2019-12-31",
        end="2020-01-15",
        period="month",
    )
    # Whole months: the day before the first one is in.
    december, january = found["months"]
    assert december["start"] == "2019-12-01"
    assert (december["days"], january["days"]) == (2, 2)
    assert december["electricity1"] == 6.42
    assert december["electricity1_cost"] == -1.54
    assert december["gas"] == 0.2
    assert "gas_cost" not in december
    assert server.server.log.count("GET", "*/statistics/day") == 1

    found = await call(
        hass,
        "get_statistics",
        loaded,
        start="2018-06-01",
        end="2021-02-03",
        period="year",
    )
    assert [(year["start"], year["days"]) for year in found["years"]] == [
        ("2019-01-01", 2),
        ("2020-01-01", 2),
    ]
    assert found["years"][1]["total_cost"] == 1.26
    # One request for each of the four years.
    assert server.server.log.count("GET", "*/statistics/day") == 1 + 4
    with pytest.raises(ServiceValidationError):
        await call(
            hass,
            "get_statistics",
            loaded,
            start="1971-01-01",
            end="2026-01-01",
            period="year",
        )
