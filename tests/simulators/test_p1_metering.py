"""The meter's counting: exact, per tariff, through clock changes, months and power failures."""

from datetime import UTC, datetime
import json

import pytest

from simulators.clock import DAY, HOUR, CivilTime, VirtualClock
from simulators.house import House, Load
from simulators.minutes import HousePlan
from simulators.p1.dialect import Rates
from simulators.p1.mbus import NoReading
from simulators.p1.metering import tariff_at
from simulators.p1.registers import FACTORY_FAILURE
from simulators.p1_meter import (
    Breaker,
    ClockMode,
    MBusType,
    MeterPlan,
    P1Meter,
    Sent,
    Slot,
    Start,
)


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def make(
    dialect: str = "5", start: str = "2025-05-10T06:00", **plan: object
) -> P1Meter:
    return P1Meter(
        MeterPlan(dialect, **plan),  # type: ignore[arg-type] # a test's shorthand
        clock=VirtualClock(at(start), 0),
    )


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


# Energy


def test_counters_are_the_integral_of_the_powers_printed() -> None:
    """Every second's power, added up, is what the counters gained: to the watt-second."""
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


# Time


def test_stamps_on_both_sides_of_the_clock_changes() -> None:
    """The stamp repeats an hour in October; tariffs and quarters do not mind."""
    autumn = [
        value(r, "0-0:1.0.0") for r in make(start="2025-10-26T00:59:58").telegrams(3)
    ]
    assert autumn == ["251026025959S", "251026020000W", "251026020001W"]
    spring = [
        value(r, "0-0:1.0.0") for r in make(start="2025-03-30T00:59:58").telegrams(3)
    ]
    assert spring == ["250330015959W", "250330030000S", "250330030001S"]
    sweden = [
        value(r, "0-0:1.0.0")
        for r in make("5S", start="2025-03-30T00:59:58").telegrams(3)
    ]
    assert sweden == ["250330015959W", "250330020000W", "250330020001W"]
    lithuania = next(make("LT", start="2025-02-10T06:15:29").telegrams(1))
    assert value(lithuania, "0-0:1.0.0") == "250210081530W"


def test_the_day_of_the_clock_change_has_25_hours_of_energy() -> None:
    meter = make(start="2025-10-25T22:00")
    record = run_to(meter, at("2025-10-26T23:00"))
    assert value(record, "0-0:1.0.0") == "251027000000W"
    assert meter.house.time - at("2025-10-25T22:00") == 25 * HOUR


def test_a_clock_that_is_not_set_counts_from_the_year_2000() -> None:
    meter = make(unset_telegrams=3)
    stamps = [value(r, "0-0:1.0.0") for r in meter.telegrams(4)]
    assert stamps == [
        "000101000001W",
        "000101000002W",
        "000101000003W",
        "250510080004S",
    ]
    assert (
        meter.expected(meter.log[0].telegram)["timestamp_utc"] == "1999-12-31T23:00:01Z"
    )


def test_the_meters_clock_may_be_wrong() -> None:
    meter = make()
    meter.metering.clock_offset = -125
    assert value(next(meter.telegrams(1)), "0-0:1.0.0") == "250510075756S"
    meter.metering.clock_mode = ClockMode.UNSET
    assert value(next(meter.telegrams(1)), "0-0:1.0.0").startswith("000101")


def test_telegrams_come_at_multiples_of_the_interval() -> None:
    meter = make("4", start="2025-05-10T06:00:03")
    assert [r.time % 10 for r in meter.telegrams(3)] == [0, 0, 0]
    with pytest.raises(ValueError, match="interval of 0 s"):
        make(interval=0)


# Events


def test_a_short_power_failure_is_only_counted() -> None:
    meter = make()
    before = meter.expected(next(meter.telegrams(1)).telegram)
    meter.metering.power_failure(60)
    assert list(meter.telegrams(59)) == []
    after = meter.expected(next(meter.telegrams(1)).telegram)
    count = int(before["values"]["0-0:96.7.21"]["value"])
    assert int(after["values"]["0-0:96.7.21"]["value"]) == count + 1
    assert after["values"]["0-0:96.7.9"] == before["values"]["0-0:96.7.9"]
    assert after["power_failure_log"] == before["power_failure_log"]


def test_a_long_power_failure_is_logged_and_used_nothing() -> None:
    meter = make()
    next(meter.telegrams(1))
    registers = meter.metering.registers
    energy = sum(registers.import_ws) + sum(registers.export_ws)
    logged, counted = len(registers.failures), registers.long_failures
    meter.metering.power_failure(600)
    assert list(meter.telegrams(599)) == []
    assert sum(registers.import_ws) + sum(registers.export_ws) == energy
    log = meter.expected(next(meter.telegrams(1)).telegram)["power_failure_log"]
    assert len(log) == logged + 1
    assert log[0] == {
        "end": "250510081001S",
        "end_utc": "2025-05-10T06:10:01Z",
        "seconds": 600,
    }
    assert log[-1]["seconds"] == FACTORY_FAILURE.seconds
    assert registers.long_failures == counted + 1
    with pytest.raises(ValueError, match="power failure of 0 s"):
        meter.metering.power_failure(0)


def test_the_failure_log_keeps_ten() -> None:
    meter = make(registers=Start(failures=()))
    for _ in range(11):
        meter.metering.power_failure(200)
        list(meter.telegrams(300))
    assert len(meter.metering.registers.failures) == 10
    assert meter.metering.registers.long_failures == 11


def test_sags_and_swells_show_once_and_count() -> None:
    meter = make()
    meter.metering.sag(2)
    meter.metering.swell(3)
    first, second = meter.telegrams(2)
    assert value(first, "1-0:52.32.0") == "00001"
    assert value(first, "1-0:72.36.0") == "00001"
    assert number(first, "1-0:52.7.0") < 2000
    assert number(first, "1-0:72.7.0") > 2500
    assert 2200 < number(second, "1-0:52.7.0") < 2450
    assert value(second, "1-0:52.32.0") == "00001"


def test_messages_in_hex_and_in_clear() -> None:
    meter = make("3")
    meter.metering.registers.message = "test-/-test"
    assert (
        value(next(meter.telegrams(1)), "0-0:96.13.0") == b"test-/-test".hex().upper()
    )
    clear = make("2.2", clear_messages=True)
    clear.metering.registers.message = "test-/-test"
    assert b"0-0:96.13.0(test-/-test)\r\n" in next(clear.telegrams(1)).data
    clear.metering.registers.message = ""
    assert b"0-0:96.13.0()\r\n" in next(clear.telegrams(1)).data


def test_the_breaker_cuts_the_house_off_but_not_the_meter() -> None:
    meter = make("5B")
    meter.metering.set_breaker(Breaker.OFF)
    record = next(meter.telegrams(1))
    assert value(record, "0-0:96.3.10") == "0"
    assert number(record, "1-0:1.7.0") == number(record, "1-0:2.7.0") == 0
    assert number(record, "1-0:32.7.0") > 2200
    meter.metering.set_breaker(Breaker.READY)
    assert value(next(meter.telegrams(1)), "0-0:96.3.10") == "2"
    meter.metering.set_breaker(Breaker.ON)
    record = next(meter.telegrams(1))
    assert number(record, "1-0:1.7.0") + number(record, "1-0:2.7.0") > 0


@pytest.mark.parametrize(
    ("dialect", "without", "limited"),
    [
        ("2.2", "0999.00*kW", "0005.50*kW"),
        ("3", "025*A", "005*A"),
        ("5B", "999.9*kW", "005.5*kW"),
        ("5B-2.1", "99.999*kW", "05.500*kW"),
        ("5L", "027.6*kVA", "005.5*kVA"),
    ],
)
def test_the_limiter_can_be_set(dialect: str, without: str, limited: str) -> None:
    meter = make(dialect)
    assert value(next(meter.telegrams(1)), "0-0:17.0.0") == without
    meter.metering.registers.limit = 5500
    assert value(next(meter.telegrams(1)), "0-0:17.0.0") == limited


def test_another_meter_begins_at_zero() -> None:
    meter = make()
    old = next(meter.telegrams(1))
    meter.metering.replace("E0099000000000001")
    new = next(meter.telegrams(1))
    assert bytes.fromhex(value(new, "0-0:96.1.1")).decode() == "E0099000000000001"
    assert value(old, "0-0:96.1.1") != value(new, "0-0:96.1.1")
    assert [number(new, f"1-0:{n}.8.{code}") for n in (1, 2) for code in (1, 2)] == [
        0,
        0,
        0,
        0,
    ]
    assert dict(new.telegram.lines)["1-0:99.97.0"] == "(0)(0-0:96.7.19)"
    assert value(new, "0-1:96.1.0") == value(old, "0-1:96.1.0")


# M-Bus


def test_gas_comes_every_five_minutes_with_a_delay() -> None:
    """Stamped at the full step with the counter of that moment, delivered 10 to 90 s later."""
    meter = make(start="2025-01-10T05:59:59")
    changes: list[tuple[int, str, int]] = []
    gas_at: dict[int, int] = {}
    for record in meter.telegrams(3700):
        device = meter.expected(record.telegram)["mbus"]["1"]["reading"]
        if not changes or changes[-1][1] != device["timestamp"]:
            changes.append(
                (
                    record.time,
                    device["timestamp"],
                    int(device["value"].replace(".", "")),
                )
            )
        gas_at[record.time] = 1_987_341 + meter.house.counters.gas_ml // 1000
    # Six to seven o'clock, after the reading that the meter arrives with.
    assert len(changes) == 1 + 13
    for arrived, stamp, reading in changes[1:]:
        step = arrived - arrived % 300
        assert stamp == meter.civil.stamp(step)
        assert 10 <= arrived - step <= 90
        assert reading == gas_at[step]
    assert changes[-1][2] > changes[0][2]


def test_gas_comes_every_hour_in_older_dialects() -> None:
    for dialect in ("2.2", "4"):
        meter = make(dialect, start="2025-01-10T06:30")
        stamps = {
            meter.expected(r.telegram)["mbus"]["1"]["reading"]["timestamp"]
            for r in meter.telegrams(720)
        }
        assert {stamp[:12] for stamp in stamps} == {
            "250110070000",
            "250110080000",
            "250110090000",
        }


def test_a_new_device_has_no_reading_for_an_hour() -> None:
    meter = make(start="2025-01-10T06:00")
    meter.mbus.attach(Slot(MBusType.WATER, "W0012003400056", 0), 2)
    meter.mbus.attach(
        Slot(MBusType.ELECTRICITY, "E0012003400057", 0), 3, no_reading=NoReading.ZERO
    )
    devices = meter.expected(next(meter.telegrams(1)).telegram)["mbus"]
    assert devices["2"] == {
        "type": 7,
        "id": b"W0012003400056".hex().upper(),
        "id_text": "W0012003400056",
        "valve": None,
        "reading": None,
    }
    assert devices["3"]["reading"] == {
        "obis": "24.2.1",
        "timestamp": "632525252525W",
        "timestamp_utc": None,
        "value": "000000.000",
        "unit": "kWh",
    }
    before = meter.expected(run_to(meter, at("2025-01-10T07:00")).telegram)["mbus"]["2"]
    assert before["reading"] is None
    after = meter.expected(run_to(meter, at("2025-01-10T07:02")).telegram)["mbus"]["2"]
    assert after["reading"]["timestamp"] == "250110080000W"


def test_an_exchanged_device_leaves_its_channel_dead() -> None:
    meter = make(start="2025-01-10T06:00")
    meter.mbus.exchange(1, 2, "G0099000000000001", first_after=0)
    devices = meter.expected(run_to(meter, at("2025-01-10T06:07")).telegram)["mbus"]
    assert devices["1"]["id"] is None
    assert devices["1"]["reading"]["timestamp"] == "700101010000W"
    assert (devices["1"]["reading"]["value"], devices["1"]["reading"]["unit"]) == (
        "00000000",
        None,
    )
    assert devices["2"]["id_text"] == "G0099000000000001"
    assert devices["2"]["reading"]["timestamp"] == "250110070500W"
    assert float(devices["2"]["reading"]["value"]) < 1
    meter.mbus.exchange(2, 2, "G0099000000000002")
    devices = meter.expected(next(meter.telegrams(1)).telegram)["mbus"]
    assert devices["2"]["id_text"] == "G0099000000000002"
    assert devices["2"]["reading"] is None


def test_every_kind_of_device_counts() -> None:
    kinds = (MBusType.GAS, MBusType.WATER, MBusType.HEAT, MBusType.ELECTRICITY)
    slots = tuple(Slot(kind, f"{kind.name}01", 0) for kind in kinds)
    meter = make(start="2025-01-10T00:00", slots=slots)
    devices = meter.expected(run_to(meter, at("2025-01-12T00:05")).telegram)["mbus"]
    counters = meter.house.counters
    assert [float(devices[str(n)]["reading"]["value"]) > 0.05 for n in (1, 2, 3)] == [
        True
    ] * 3
    assert float(devices["4"]["reading"]["value"]) == pytest.approx(
        counters.charger_ws / 3_600_000, abs=1
    )
    assert [devices[str(n)]["reading"]["unit"] for n in (1, 2, 3, 4)] == [
        "m3",
        "m3",
        "GJ",
        "kWh",
    ]


def test_channels_and_valves_are_checked() -> None:
    meter = make("5B")
    slot = Slot(MBusType.GAS, "G1", 0)
    for channel in (0, 1, 5):
        with pytest.raises(ValueError, match=f"channel {channel} is not free"):
            meter.mbus.attach(slot, channel)
    meter.mbus.set_valve(1, 0)
    assert meter.expected(next(meter.telegrams(1)).telegram)["mbus"]["1"]["valve"] == 0
    with pytest.raises(ValueError, match="valve state 3"):
        meter.mbus.set_valve(1, 3)
    meter.mbus.detach(1)
    assert "1" not in meter.expected(next(meter.telegrams(1)).telegram)["mbus"]
    with pytest.raises(KeyError):
        meter.mbus.detach(1)


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
