"""The meter's counting: exact, per tariff, per quarter-hour and month."""

import json

import pytest

from simulators.clock import DAY, HOUR, CivilTime, VirtualClock
from simulators.house import House, Load
from simulators.minutes import HousePlan
from simulators.p1.dialect import Rates
from simulators.p1.metering import tariff_at
from simulators.p1_meter import MeterPlan, P1Meter, Start

from .p1_meters import at, make, number, run_to, value

# Energy


def test_counters_are_the_integral_of_the_powers_printed() -> None:
    """The counters rise by the sum of every second's power, to the watt-second."""
    meter = make(start="2025-05-10T05:30")
    registers = meter.metering.registers
    before = sum(registers.import_ws), sum(registers.export_ws)
    drawn = fed = 0
    printed: list[tuple[int, int]] = []
    for record in meter.telegrams(6 * HOUR):
        drawn += number(record, "1-0:1.7.0")
        fed += number(record, "1-0:2.7.0")
        printed.append((number(record, "1-0:1.8.1"), number(record, "1-0:2.8.1")))
    assert sum(registers.import_ws) - before[0] == drawn > 1_000_000
    assert sum(registers.export_ws) - before[1] == fed > 1_000_000
    assert printed == sorted(printed)
    # It is Saturday: all of it at the low tariff.
    assert printed[-1][0] == 3_456_789 + drawn // 3600


def test_a_jump_counts_like_the_way_there() -> None:
    jumped, walked = make("5EONHU"), make("5EONHU")
    arrived = run_to(jumped, at("2025-05-10T09:07"))
    *_, last = walked.telegrams(at("2025-05-10T09:07") - at("2025-05-10T06:00"))
    assert arrived.telegram == last.telegram


def test_phases_are_netted() -> None:
    """One phase feeds, two draw: the meter shows the difference only."""
    meter = make(start="2025-06-21T10:00")
    meter.house.add_load(Load("heater", 5000, phase=1, on=True))
    record = next(meter.telegrams(1))
    watts = meter.metering.registers.watts
    assert watts[0] > 0 > watts[1]
    assert number(record, "1-0:1.7.0") == max(sum(watts), 0)
    assert number(record, "1-0:2.7.0") == max(-sum(watts), 0)
    assert [number(record, f"1-0:{n}.7.0") for n in (21, 41, 61)] == [
        max(p, 0) for p in watts
    ]
    assert [number(record, f"1-0:{n}.7.0") for n in (22, 42, 62)] == [
        max(-p, 0) for p in watts
    ]


def test_phases_are_summed_where_a_meter_does_not_net() -> None:
    meter = make(start="2025-06-21T10:00", netting=False)
    meter.house.add_load(Load("heater", 5000, phase=1, on=True))
    before = (
        sum(meter.metering.registers.import_ws),
        sum(meter.metering.registers.export_ws),
    )
    drawn = fed = 0
    for record in meter.telegrams(600):
        watts = meter.metering.registers.watts
        assert number(record, "1-0:1.7.0") == sum(p for p in watts if p > 0)
        assert number(record, "1-0:2.7.0") == -sum(p for p in watts if p < 0)
        drawn += number(record, "1-0:1.7.0")
        fed += number(record, "1-0:2.7.0")
    after = (
        sum(meter.metering.registers.import_ws),
        sum(meter.metering.registers.export_ws),
    )
    assert (after[0] - before[0], after[1] - before[1]) == (drawn, fed)
    assert min(drawn, fed) > 0


def test_a_single_phase_meter_sees_the_whole_house_on_one() -> None:
    meter = make(phases=1)
    record = next(meter.telegrams(1))
    total = sum(meter.house.watts)
    assert number(record, "1-0:21.7.0") - number(record, "1-0:22.7.0") == total
    assert "1-0:41.7.0" not in dict(record.telegram.lines)


@pytest.mark.parametrize(("dialect", "digits"), [("5", 0), ("5B", 2), ("5S", 1)])
def test_current_is_power_over_voltage_cut_off(dialect: str, digits: int) -> None:
    meter = make(dialect)
    meter.house.add_load(Load("heater", 3000, phase=2, on=True))
    record = next(meter.telegrams(1))
    for phase in (1, 2, 3):
        watts = abs(meter.metering.registers.watts[phase - 1])
        volts = number(record, f"1-0:{12 + 20 * phase}.7.0") / 10
        amps = int(watts / volts * 10**digits)
        assert number(record, f"1-0:{11 + 20 * phase}.7.0") == amps


def test_a_lamp_of_another_system_shows_in_the_meter() -> None:
    house = House(VirtualClock(at("2025-01-10T02:00"), 0), HousePlan(3))
    meter = P1Meter(MeterPlan("5"), house=house)
    twin = P1Meter(
        MeterPlan("5", seed=3), clock=VirtualClock(at("2025-01-10T02:00"), 0)
    )
    house.add_load(Load("lamp", 60, phase=2))
    house.switch("lamp", on=True)
    with_lamp, without = next(meter.telegrams(1)), next(twin.telegrams(1))
    assert number(with_lamp, "1-0:41.7.0") - number(without, "1-0:41.7.0") == 60
    assert number(with_lamp, "1-0:1.7.0") - number(without, "1-0:1.7.0") == 60


def test_two_runs_send_the_same_bytes() -> None:
    first, second, other = make(seed=5), make(seed=5), make(seed=6)
    for meter in (first, second, other):
        meter.faults.mix(0.2)
    one, two, three = (
        [r.data for r in meter.telegrams(300)] for meter in (first, second, other)
    )
    assert one == two
    assert one != three


# Tariffs


@pytest.mark.parametrize(
    ("rates", "expected"),
    [
        (Rates.LOW_IS_1, [1, 2, 2, 1, 1]),
        (Rates.LOW_IS_2, [2, 1, 1, 2, 2]),
        (Rates.FOUR, [2, 1, 3, 2, 4]),
    ],
)
def test_the_clock_sets_the_tariff(rates: Rates, expected: list[int]) -> None:
    civil = CivilTime()
    times = (
        "2025-05-09T04:59",
        "2025-05-09T05:00",
        "2025-05-09T20:59",
        "2025-05-09T21:00",
        "2025-05-10T10:00",
    )
    assert [tariff_at(rates, civil.local(at(time))) for time in times] == expected


def test_energy_goes_to_the_tariff_in_force() -> None:
    """07:00 local on a working day: from the low register to the normal one, to the second."""
    meter = make(start="2025-01-10T05:59:50")
    registers = meter.metering.registers
    low, normal = registers.import_ws[0], registers.import_ws[1]
    watts: list[int] = []
    for record in meter.telegrams(20):
        watts.append(number(record, "1-0:1.7.0"))
        assert value(record, "0-0:96.14.0") == ("0001" if len(watts) <= 10 else "0002")
    assert registers.import_ws[0] - low == sum(watts[:10]) > 0
    assert registers.import_ws[1] - normal == sum(watts[10:]) > 0


def test_a_tariff_can_be_put_in_force() -> None:
    meter = make("LT", start="2025-01-10T12:00")
    meter.metering.set_tariff(3)
    before = meter.metering.registers.import_ws.copy()
    run_to(meter, at("2025-01-10T14:00"))
    gained = [
        b > a for a, b in zip(before, meter.metering.registers.import_ws, strict=True)
    ]
    assert gained == [False, False, True, False]
    meter.metering.set_tariff(None)
    assert meter.metering.registers.tariff == 1
    with pytest.raises(ValueError, match="no tariff 5"):
        meter.metering.set_tariff(5)


# Quarter-hours and months


def test_demand_and_peak_follow_the_quarter_hours() -> None:
    meter = make("5B", start="2025-01-10T12:00")
    meter.metering.registers.peak.watts = 0
    energy = 0
    for record in meter.telegrams(899):
        energy += number(record, "1-0:1.7.0")
        assert number(record, "1-0:1.4.0") == energy // 900
        assert value(record, "1-0:1.6.0").startswith("250")
        assert meter.metering.registers.peak.watts == 0
    record = next(meter.telegrams(1))
    energy += number(record, "1-0:1.7.0")
    assert (
        dict(record.telegram.lines)["1-0:1.6.0"]
        == f"(250110131500W)({energy // 900 / 1000:06.3f}*kW)"
    )
    assert number(record, "1-0:1.4.0") == 0


def test_a_lower_quarter_changes_no_peak() -> None:
    meter = make("5B", start="2025-01-10T01:00")
    meter.house.add_load(Load("heater", 9000, phase=0, on=True))
    run_to(meter, at("2025-01-10T01:15"))
    peak = meter.metering.registers.peak
    assert peak.watts > 9000
    meter.house.switch("heater", on=False)
    run_to(meter, at("2025-01-10T03:00"))
    assert meter.metering.registers.peak == peak


def test_the_month_ends_at_local_midnight() -> None:
    meter = make("5B", start="2025-03-31T21:44:59", registers=Start(history_months=13))
    before = meter.expected(run_to(meter, at("2025-03-31T21:59:59")).telegram)
    after = meter.expected(next(meter.telegrams(1)).telegram)
    assert len(before["peak_history"]) == len(after["peak_history"]) == 13
    assert after["peak_history"][:-1] == before["peak_history"][1:]
    newest = after["peak_history"][-1]
    assert newest["month"] == "250401000000S"
    assert newest["occurred"].startswith("2503")
    assert float(newest["value"]) >= float(before["peak_month"]["value"])
    assert (after["peak_month"]["timestamp"], after["peak_month"]["value"]) == (
        "632525252525S",
        "00.000",
    )
    later = meter.expected(run_to(meter, at("2025-03-31T22:15:00")).telegram)
    assert later["peak_month"]["timestamp"] == "250401001500S"


def test_thirteen_months_are_kept() -> None:
    meter = make("5B", start="2024-01-31T22:59", registers=Start(history_months=12))
    lengths = []
    for month in (1, 2):
        start = meter.civil.month_start(at("2024-01-30T00:00"), month)
        history = meter.expected(run_to(meter, start + 60).telegram)["peak_history"]
        lengths.append(len(history))
        assert history[-1]["month"] == meter.civil.stamp(start)
        utc = [each["month_utc"] for each in history]
        assert utc == sorted(utc)
    assert lengths == [13, 13]


def test_hungary_keeps_the_registers_of_the_months_end() -> None:
    meter = make("5EONHU", start="2025-08-31T21:59:58")
    record = next(meter.telegrams(1))
    assert "(250801000000S)" in dict(record.telegram.lines)["0-0:98.1.0"]
    *_, record = meter.telegrams(1)
    lines = dict(record.telegram.lines)
    groups = lines["0-0:98.1.0"].strip("()").split(")(")
    assert groups[0] == "250901000000S"
    printed = [
        lines[f"1-0:{direction}.8.{code}"] for direction in (1, 2) for code in range(5)
    ]
    assert [f"({group})" for group in groups[1:11]] == printed


# The plan


def test_an_unknown_dialect_is_refused() -> None:
    with pytest.raises(ValueError, match="no dialect '6'"):
        make("6")
    with pytest.raises(ValueError, match="1 or 3 phases, not 2"):
        make(phases=2)


def test_what_is_expected_can_be_put_in_a_file() -> None:
    meter = make("5B")
    record = next(meter.telegrams(1))
    assert json.loads(json.dumps(meter.expected(record.telegram))) == meter.expected(
        record.telegram
    )


def test_a_meter_taken_off_the_house_counts_no_more() -> None:
    meter = make()
    before = meter.metering.registers.import_ws.copy()
    meter.close()
    meter.close()
    meter.house.advance_to(meter.house.time + DAY)
    assert meter.metering.registers.import_ws == before
