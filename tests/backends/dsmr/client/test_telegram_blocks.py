"""Times, failures, peaks, and M-Bus devices in telegrams."""

from datetime import UTC, datetime, timedelta

import pytest

from custom_components.junction.backends.dsmr.client.mbus import live_devices
from custom_components.junction.backends.dsmr.client.models import MonthlyPeak, Peak
from custom_components.junction.backends.dsmr.client.telegram import parse_telegram

from ..helpers import replace_line, wire
from .parsing import CLOCK, POWER, parse, v5

# Stamps


@pytest.mark.parametrize(
    ("printed", "utc"),
    [
        ("250312184507W", datetime(2025, 3, 12, 17, 45, 7, tzinfo=UTC)),
        ("250704150020S", datetime(2025, 7, 4, 13, 0, 20, tzinfo=UTC)),
        ("250704150020W", datetime(2025, 7, 4, 14, 0, 20, tzinfo=UTC)),
        ("240229000000W", datetime(2024, 2, 28, 23, 0, 0, tzinfo=UTC)),
        ("250704150020", datetime(2025, 7, 4, 13, 0, 20, tzinfo=UTC)),
        ("250330015959", datetime(2025, 3, 30, 0, 59, 59, tzinfo=UTC)),
        ("250330030000", datetime(2025, 3, 30, 1, 0, 0, tzinfo=UTC)),
        ("251026015959", datetime(2025, 10, 25, 23, 59, 59, tzinfo=UTC)),
        ("251026023000", datetime(2025, 10, 26, 0, 30, 0, tzinfo=UTC)),
        ("251026030000", datetime(2025, 10, 26, 2, 0, 0, tzinfo=UTC)),
    ],
)
def test_stamps(printed: str, utc: datetime) -> None:
    found = parse(f"0-0:1.0.0({printed})", POWER)
    assert found.timestamp == utc
    assert found.stamp is not None
    assert found.stamp.text == printed


@pytest.mark.parametrize(
    "printed",
    [
        "632525252525S",
        "632525252525W",
        "000101010000W",
        "700101010000W",
        "250000000000W",
        "251301000000W",
        "250132000000W",
        "250230000000W",
        "250101240000W",
        "250101006000W",
        "250101000060W",
        "250312184507X",
        "25031218450W",
        "2503121845070W",
        "",
        "garbage",
        "٢٥٠٣١٢١٨٤٥٠٧W",
    ],
)
def test_stamps_that_are_none_cost_only_themselves(printed: str) -> None:
    found = parse(
        f"0-0:1.0.0({printed})", POWER, f"0-1:24.2.1({printed})(00001.000*m3)"
    )
    assert found.timestamp is None
    assert found.number("1-0:1.7.0") == 0.331
    reading = found.mbus[1].reading
    assert reading is not None
    # The value counts; only its time is unknown
    assert reading.usable and reading.value == 1.0
    assert found.utc(reading.stamp) is None


def test_offset_of_the_meter() -> None:
    raw = wire("lt_eso_extended")
    found = parse_telegram(raw, standard_offset=timedelta(hours=2))
    assert found.timestamp == datetime(2025, 2, 10, 6, 15, 30, tzinfo=UTC)


# Logs and peaks


def test_failures_of_the_factory_are_hidden_and_the_newest_is_first() -> None:
    found = parse_telegram(wire("v5_nl_3phase_gas"))
    failures = found.power_failures
    assert failures is not None
    assert [entry.seconds for entry in failures] == [812, 3720]


@pytest.mark.parametrize(
    "groups", ["()", "(0)", "(0)(0-0:96.7.19)", "(2)(0-0:96.7.19)()()"]
)
def test_empty_logs(groups: str) -> None:
    found = v5("1-0:99.97.0", f"1-0:99.97.0{groups}")
    assert found.power_failures == ()
    assert found.number("1-0:1.8.1") == 3456.789


def test_peaks_come_out_by_month_whatever_the_order() -> None:
    raw = wire("v5b_gas_water_peak")
    oldest_first = parse_telegram(raw).peak_history
    assert oldest_first is not None
    groups = (
        "0-0:98.1.0(2)(1-0:1.6.0)(1-0:1.6.0)"
        "(250101000000W)(241224173000W)(07.015*kW)(241201000000W)(241130184500W)(06.240*kW)"
    )
    newest_first = parse_telegram(replace_line(raw, "0-0:98.1.0", groups)).peak_history
    assert newest_first == oldest_first[2:]
    assert newest_first[-1].kilowatt == 7.015


@pytest.mark.parametrize("groups", ["(12)", "()", "(0)(1-0:1.6.0)(1-0:1.6.0)"])
def test_empty_history_of_peaks(groups: str) -> None:
    raw = replace_line(wire("v5b_gas_water_peak"), "0-0:98.1.0", f"0-0:98.1.0{groups}")
    assert parse_telegram(raw).peak_history == ()


def test_history_under_the_other_id() -> None:
    raw = replace_line(
        wire("v5b_gas_water_peak"),
        "0-0:98.1.0",
        "1-0:98.1.0(1)(1-0:1.6.0)(1-0:1.6.0)(241201000000W)(632525252525W)(00.000*kW)",
    )
    history = parse_telegram(raw).peak_history
    assert history is not None
    assert [(p.kilowatt, p.occurred.is_set) for p in history] == [(0, False)]
    assert isinstance(history[0], MonthlyPeak)


def test_hungary_keeps_registers_under_the_id_of_the_peaks() -> None:
    found = parse_telegram(wire("v5eonhu"))
    assert found.peak_history is None
    assert len(found.readings["0-0:98.1.0"].groups) == 20
    assert found.malformed == frozenset()


@pytest.mark.parametrize("prefix", ["1-0", "1-1"])
def test_peak_of_the_month(prefix: str) -> None:
    found = parse(CLOCK, f"{prefix}:1.6.0(260209181500W)(04.613*kW)")
    assert isinstance(found.peak, Peak)
    assert found.peak.kilowatt == 4.613
    assert found.utc(found.peak.occurred) == datetime(2026, 2, 9, 17, 15, tzinfo=UTC)
    assert parse(CLOCK, "1-0:1.6.0()()").peak is None


# Meters behind the meter


def test_exchanged_gas_meter() -> None:
    found = parse_telegram(wire("v5_nl_gas_replaced"))
    assert [(d.channel, d.id_text) for d in live_devices(found.mbus)] == [
        (2, "G0061002198765421")
    ]


def test_exchanged_meter_that_keeps_its_id_for_years() -> None:
    found = parse(
        CLOCK,
        "0-1:24.1.0(003)",
        "0-1:96.1.0(3031)",
        "0-1:24.2.1(171031120000W)(00001.287*m3)",
        "0-2:24.1.0(003)",
        "0-2:96.1.0(3032)",
        "0-2:24.2.1(260301125500W)(00107.000*m3)",
        "0-3:24.1.0(007)",
        "0-3:96.1.0(3033)",
        "0-3:24.2.1(260201125500W)(00107.000*m3)",
    )
    assert [d.channel for d in live_devices(found.mbus)] == [2, 3]


def test_two_live_meters_of_one_type() -> None:
    found = parse(
        CLOCK,
        "0-1:24.1.0(002)",
        "0-1:96.1.0(3031)",
        "0-1:24.2.1(260228120000W)(00001.287*kWh)",
        "0-2:24.1.0(002)",
        "0-2:96.1.0(3032)",
        "0-2:24.2.1(260301125500W)(00107.000*kWh)",
    )
    assert [d.channel for d in live_devices(found.mbus)] == [1, 2]


def test_empty_slots_are_no_devices() -> None:
    found = parse_telegram(wire("v5l_luxembourg_clear"))
    assert [d.channel for d in live_devices(found.mbus)] == [1]
    assert set(found.mbus) == {1, 2}
    assert not found.mbus[2].is_present


def test_a_device_without_a_reading_yet_is_there() -> None:
    found = parse_telegram(wire("v5_nl_no_mbus_value"))
    assert [d.channel for d in live_devices(found.mbus)] == [1]
    assert found.mbus[1].reading is None


def test_a_second_device_without_a_reading_yet_is_there_too() -> None:
    found = parse(
        CLOCK,
        "0-1:24.1.0(003)",
        "0-1:96.1.0(3031)",
        "0-1:24.2.1(260301125500W)(00107.000*m3)",
        "0-2:24.1.0(003)",
        "0-2:96.1.0(3032)",
    )
    assert [d.channel for d in live_devices(found.mbus)] == [1, 2]


def test_relays_make_no_devices() -> None:
    found = parse_telegram(wire("v5b_emucs_2_1"))
    assert set(found.mbus) == {1, 2}
    assert [found.number(f"0-{n}:96.3.10") for n in range(5)] == [1, 0, 0, 0, 0]


@pytest.mark.parametrize(
    ("line", "usable"),
    [
        ("0-1:24.2.1(260301130000W)(00001.000*m3)", True),
        ("0-1:24.2.1(260302125959W)(00001.000*m3)", True),
        ("0-1:24.2.1(260302130001W)(00001.000*m3)", True),
        ("0-1:24.2.1(681027002758S)(00001.000*m3)", True),
        ("0-1:24.2.1(260301130000W)(00000000)", False),
        # A heat cost allocator counts in no unit
        ("0-1:24.2.1(260301130000W)(00001234)", True),
        ("0-1:24.2.1(700101010000W)(00001234)", False),
        ("0-1:24.2.1(260301130000W)()", False),
        ("0-1:24.2.1()()", False),
        ("0-1:24.2.1()", False),
        ("0-1:24.2.1(00001.000*m3)", True),
        ("0-1:24.2.1(681027002758S)(00000.000*m3)", False),
        ("0-1:24.2.1(260301130000W)(00000.000*m3)", True),
        ("0-1:24.3.0(260301120000)(08)(60)(1)(0-1:24.2.1)(m3)\r\n(00001.000)", True),
        ("0-1:24.3.0(260301120000)(08)(60)(1)(0-1:24.2.1)(m3)(00001.000)", True),
        ("0-1:24.3.0(260301120000)(08)(60)(1)(0-1:24.2.1)(m3)", False),
        ("0-1:24.3.0(000000000000)(08)(60)(1)(0-1:24.2.1)(m3)\r\n(00000.000)", False),
    ],
)
def test_usable_readings(line: str, usable: bool) -> None:
    found = parse(CLOCK, "0-1:24.1.0(003)", line, POWER)
    reading = found.mbus[1].reading
    assert reading is not None
    assert reading.usable is usable
    assert found.malformed == frozenset()


def test_future_is_measured_from_our_clock_when_the_meter_has_none() -> None:
    near = "0-1:24.2.1(260302000000W)(00001.000*m3)"
    far = "0-1:24.2.1(260303120000W)(00001.000*m3)"
    for clock in ("0-0:1.0.0(000101010000W)", "1-0:2.7.0(00.000*kW)"):
        for line, believed in ((near, True), (far, False)):
            reading = parse(clock, line).mbus[1].reading
            assert reading is not None
            assert reading.usable and reading.stamp.is_set is believed


@pytest.mark.parametrize(
    "groups", ["(00123.456*m3)(260301120000W)", "(260301120000W)(00123.456*m3)"]
)
def test_old_itron_gas(groups: str) -> None:
    found = parse(CLOCK, f"7-0:23.1.0{groups}", "7-0:0.0.0(47313233)")
    device = found.mbus[0]
    assert (device.type, device.id_text) == (3, "G123")
    assert device.reading is not None
    assert (device.reading.value, device.reading.unit) == (123.456, "m³")
    assert device.reading.usable
    assert live_devices(found.mbus) == (device,)


def test_corrected_gas_is_preferred_and_a_usable_one_even_more() -> None:
    both = (
        "0-1:24.2.3(260301125500W)(00002.000*m3)",
        "0-1:24.2.1(260301125500W)(00001.000*m3)",
    )
    reading = parse(CLOCK, *both).mbus[1].reading
    assert reading is not None
    assert reading.value == 1
    reading = (
        parse(CLOCK, both[0], "0-1:24.2.1(632525252525W)(00000000)").mbus[1].reading
    )
    assert reading is not None
    assert reading.value == 2
