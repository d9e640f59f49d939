"""Meters for tests, at a moment of the test's choice."""

from datetime import UTC, datetime
from typing import Any

from simulators.clock import VirtualClock
from simulators.p1_meter import MeterPlan, P1Meter, Sent


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def make(dialect: str = "5", start: str = "2025-05-10T06:00", **plan: Any) -> P1Meter:
    return P1Meter(MeterPlan(dialect, **plan), clock=VirtualClock(at(start), 0))


def value(record: Sent, obis: str) -> str:
    """Return the first group of a line, unit included."""
    return dict(record.telegram.lines)[obis].removeprefix("(").partition(")")[0]


def number(record: Sent, obis: str) -> int:
    """Return the number on a line in its last digit."""
    return int(value(record, obis).partition("*")[0].replace(".", ""))


def run_to(meter: P1Meter, moment: int) -> Sent:
    """Jump ahead and return the telegram of ``moment``."""
    meter.clock.set(moment - 1)
    return next(meter.telegrams(1))
