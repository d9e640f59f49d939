"""Clock of the meter, and its events: failures, messages, switches, exchange."""

import pytest

from simulators.clock import HOUR
from simulators.p1.registers import FACTORY_FAILURE
from simulators.p1_meter import Breaker, ClockMode, Start

from .p1_meters import at, make, number, run_to, value

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
