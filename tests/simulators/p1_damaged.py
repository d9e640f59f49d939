"""Telegrams with faults, and the result in a careful client."""

from typing import Any

from simulators.p1_meter import MeterPlan, P1Meter, Sent

from .p1_reference import clean_lines, text_receiver


def make(dialect: str = "5", **plan: Any) -> P1Meter:
    return P1Meter(MeterPlan(dialect, **plan))


def hit(name: str, meter: P1Meter | None = None, **params: float | str) -> Sent:
    """Return a telegram that suffered a fault."""
    meter = meter or make()
    meter.faults.once(name, 1, **params)
    record = next(meter.telegrams(1))
    assert record.fault == name
    return record


def received(*records: Sent) -> list[list[str]]:
    return list(text_receiver(b"".join(record.data for record in records)))


def meant(record: Sent) -> list[str]:
    return clean_lines(record.telegram.data)
