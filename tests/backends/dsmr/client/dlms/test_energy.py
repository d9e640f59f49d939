"""Unit of Kamstrup's energy: by the type of the meter, otherwise by its increase."""

from dataclasses import replace
from datetime import timedelta

import pytest

from custom_components.junction.backends.dsmr.client.dlms.energy import (
    EnergyFactor,
    FoundFactor,
)
from custom_components.junction.backends.dsmr.client.dlms.models import (
    ListKind,
    MeterList,
    Push,
    PushReading,
)
from custom_components.junction.backends.dsmr.client.dlms.telegrams import (
    TelegramBuilder,
)

from .captures import decode, keys_of, wire

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
    """Send 2 kW for some hours; the counter rises by ``times`` the energy used."""
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


def test_what_was_found_is_known_the_next_time() -> None:
    """A detected unit is stored, for this meter type only."""
    factor = EnergyFactor()
    run(factor, FOREIGN, 10.0, 1)
    assert factor.found == FoundFactor(FOREIGN, 0.1)
    again = EnergyFactor(factor.found)
    again.observe(push(FOREIGN, 2000, 5000), 0.0)
    assert again.factor == 0.1
    assert again.found == factor.found
    other = EnergyFactor(factor.found)
    other.observe(push(FOREIGN.replace("990", "980"), 2000, 5000), 0.0)
    assert other.factor is None
    assert other.found is None


def test_what_the_type_tells_is_nothing_that_was_found() -> None:
    factor = EnergyFactor()
    factor.observe(push(NORWEGIAN, 2000, 5000), 0.0)
    assert (factor.factor, factor.found) == (1.0, None)


def used(name: str, model: str | None, times: float) -> list[Push]:
    """Return the pushes of an hour of a Kamstrup capture, then its counters again.

    The second counter has risen by ``times`` the energy that the power indicates.
    """
    pushes = decode(wire(name), keys_of(name))
    counted = next(
        one for one in pushes if any(r.obis == "1-1:1.8.0" for r in one.list.readings)
    )

    def bent(rise: float) -> Push:
        readings = tuple(
            one._replace(value=float(one.value) + rise)
            if one.obis == "1-1:1.8.0"
            else one._replace(value=2000)
            if one.obis == "1-1:1.7.0"
            else one
            for one in counted.list.readings
        )
        found = replace(counted.list, readings=readings, model=model)
        return replace(counted, list=found)

    power = replace(
        bent(0).list,
        readings=tuple(
            one for one in bent(0).list.readings if ".8.0" not in (one.obis or "")
        ),
    )
    # As hourly lists come, with the others in between
    return [bent(0), *[replace(counted, list=power)] * 359, bent(2000 * times)]


@pytest.mark.parametrize(
    "name",
    [
        "no_kamstrup_list2_list1",
        "se_kamstrup_hourly",
        "dk_kamstrup_37_encrypted",
        "dk_kamstrup_ct_65",
    ],
)
@pytest.mark.parametrize(("times", "factor"), [(1.0, 1.0), (10.0, 0.1)])
def test_the_lists_of_a_meter_of_no_known_country(
    name: str, times: float, factor: float
) -> None:
    """Counters of an unknown meter type are held back for one hour, until the unit is known."""
    pushes = used(name, FOREIGN, times)
    builder, last = TelegramBuilder(), None
    for second, one in enumerate(pushes):
        last = builder.make(one, second * 10.0, timedelta(hours=1), last)
        if second == 300:
            assert "1-0:1.8.0" not in last.readings
    assert last is not None
    printed = next(r.value for r in pushes[-1].list.readings if r.obis == "1-1:1.8.0")
    assert last.number("1-0:1.8.0") == pytest.approx(float(printed) * factor / 1000)
    found = builder.factor.found
    assert found is not None
    again = TelegramBuilder()
    again.recall(found)
    first = again.make(pushes[0], 0.0, timedelta(hours=1), None)
    assert first.number("1-0:1.8.0") == pytest.approx(
        float(pushes[0].list.readings[_place(pushes[0])].value) * factor / 1000
    )


def _place(one: Push) -> int:
    return [reading.obis for reading in one.list.readings].index("1-1:1.8.0")


def test_other_makers_are_not_asked() -> None:
    factor = EnergyFactor()
    for hour in range(4):
        factor.observe(push("X", 2000, hour * 20000.0, "kaifa"), hour * 10.0)
    assert factor.factor == 1.0
