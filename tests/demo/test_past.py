"""Past of the demo: it comes from the simulated house and continues in the present."""

from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest

from demo.client import Entity, State
from demo.past import Past
from simulators.clock import HOUR
from simulators.minutes import HousePlan

DAYS = 2
PLAN = HousePlan(1, solar_peak=(3000, 3000, 3000))


@pytest.fixture(scope="module")
def past() -> Past:
    return Past(PLAN, "Europe/Amsterdam", DAYS)


def entity(
    point: str, state: str, *, backend: str = "dsmr", **attributes: Any
) -> Entity:
    entity_id = f"sensor.{point}"
    shown = State(entity_id, state, attributes)
    return Entity(
        entity_id, f"{backend}:1/device/{point}", "device", None, None, None, shown
    )


def test_a_counter_arrives_at_what_it_shows(past: Past) -> None:
    meter = entity(
        "energy_import", "500.0", device_class="energy", unit_of_measurement="kWh"
    )
    long_ago, *rows = past.rows(meter, counts=True)
    assert len(rows) == DAYS * 24
    starts = [datetime.fromisoformat(row["start"]) for row in rows]
    assert starts[-1].timestamp() == past.end - HOUR
    assert {b - a for a, b in pairwise(starts)} == {starts[1] - starts[0]}
    # The recorder starts to count at zero, so the use of the current hour is missing.
    running = past.hours[-1].imported / 3_600_000
    assert rows[-1]["sum"] == pytest.approx(-running, abs=0.001)
    assert rows[-1]["state"] == pytest.approx(500 - running, abs=0.001)
    assert all(b["sum"] >= a["sum"] for a, b in pairwise(rows))
    used = sum(hour.imported for hour in past.hours) / 3_600_000
    assert used > 5
    assert long_ago["sum"] == pytest.approx(-used, abs=0.01)
    # The effect of the very first row is outside the visible period.
    assert datetime.fromisoformat(long_ago["start"]).year < datetime.now(UTC).year - 3


def test_tariffs_share_what_is_counted(past: Past) -> None:
    def final(point: str) -> float:
        counter = entity(point, "0", device_class="energy", unit_of_measurement="kWh")
        sums = [row["sum"] for row in past.rows(counter, counts=True)]
        return float(sums[-1] - sums[0])

    both = final("energy_import_tariff_1") + final("energy_import_tariff_2")
    assert both == pytest.approx(final("energy_import"), abs=0.01)


def test_a_counter_of_the_day_begins_at_midnight(past: Past) -> None:
    today = entity(
        "today_import",
        "3.0",
        device_class="energy",
        unit_of_measurement="kWh",
        last_reset="2026-01-01T00:00:00+01:00",
    )
    _, *rows = past.rows(today, counts=True)
    for before, row in pairwise(rows):
        if row["last_reset"] == before["last_reset"]:
            assert row["state"] >= before["state"]
        else:
            assert row["last_reset"].endswith(("T00:00:00+01:00", "T00:00:00+02:00"))
            assert row["state"] == pytest.approx(row["sum"] - before["sum"], abs=0.001)


def test_power_is_the_house_s(past: Past) -> None:
    net = past.rows(entity("power_net", "0.5", unit_of_measurement="kW"), counts=False)
    for row, hour in zip(net, past.hours[:-1], strict=True):
        kilowatt = (hour.imported - hour.exported) / HOUR / 1000
        assert row["mean"] == pytest.approx(kilowatt, abs=0.001)
        assert row["min"] <= row["mean"] <= row["max"]
    assert any(row["mean"] > 0 for row in net)


def test_a_room_arrives_at_what_it_measures(past: Past) -> None:
    sensor = entity("air", "21.5", backend="mycodo", device_class="temperature")
    rows = past.rows(sensor, counts=False)
    assert rows[-1]["mean"] == pytest.approx(21.5, abs=4)
    assert len({row["mean"] for row in rows}) > DAYS * 12


def test_what_shows_no_number_has_no_past(past: Past) -> None:
    assert past.rows(entity("tariff", "low"), counts=False) == []
