"""What Kamstrup's energy counts in: by the meter's type, else by its rise."""

import pytest

from custom_components.junction.backends.dsmr.client.dlms.energy import EnergyFactor
from custom_components.junction.backends.dsmr.client.dlms.models import (
    ListKind,
    MeterList,
    Push,
    PushReading,
)

SWEDISH, NORWEGIAN, FOREIGN = (
    "6841131BN245101092",
    "6841131BN243101040",
    "6841131BN243101990",
)


def push(
    model: str | None, power: int, counter: float | None = None, kind: str = "kamstrup"
) -> Push:
    """Return a push with power (W), and with a counter (Wh) if it has one."""
    readings = [PushReading("1-1:1.7.0", power, "W")]
    if counter is not None:
        readings.append(PushReading("1-1:1.8.0", counter, "Wh"))
    found = MeterList(ListKind(kind), tuple(readings), model=model)
    return Push(1, "struct", 25, None, found)


def run(
    factor: EnergyFactor,
    model: str | None,
    times: float,
    hours: int,
    *,
    at: float = 0.0,
    gap: bool = False,
) -> float:
    """Send 2 kW for some hours; the counter says ``times`` what was used."""
    counted = 5000.0
    for hour in range(hours + 1):
        factor.observe(push(model, 2000, counted + hour * 2000 * times), at)
        for second in range(10, 3600, 10):
            if not (gap and 1000 < second < 2000):
                factor.observe(push(model, 2000), at + second)
        at += 3600
    return at


@pytest.mark.parametrize("model", [None, SWEDISH, NORWEGIAN])
def test_a_known_type_is_right_at_once(model: str | None) -> None:
    factor = EnergyFactor()
    factor.observe(push(model, 2000, 5000), 0.0)
    assert factor.factor == 1.0
    run(factor, model, 1.0, 3)
    assert factor.factor == 1.0


@pytest.mark.parametrize(("times", "found"), [(1.0, 1.0), (10.0, 0.1)])
def test_an_unknown_type_is_told_by_one_rise(times: float, found: float) -> None:
    factor = EnergyFactor()
    factor.observe(push(FOREIGN, 2000, 5000), 0.0)
    assert factor.factor is None
    run(factor, FOREIGN, times, 1, at=10.0)
    assert factor.factor == found


@pytest.mark.parametrize(
    ("model", "times", "found"), [(NORWEGIAN, 10.0, 0.1), (SWEDISH, 0.1, 10.0)]
)
def test_a_known_type_is_contradicted_by_two_rises(
    model: str, times: float, found: float
) -> None:
    factor = EnergyFactor()
    at = run(factor, model, times, 1)
    assert factor.factor == 1.0
    run(factor, model, times, 2, at=at)
    assert factor.factor == found


def test_what_was_not_heard_proves_nothing() -> None:
    factor = EnergyFactor()
    run(factor, FOREIGN, 10.0, 3, gap=True)
    assert factor.factor is None


def test_other_makers_are_not_asked() -> None:
    factor = EnergyFactor()
    for hour in range(4):
        factor.observe(push("X", 2000, hour * 20000.0, "kaifa"), hour * 10.0)
    assert factor.factor == 1.0
