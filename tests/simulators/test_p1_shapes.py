"""The simulated telegrams against captured ones: the same bytes from the same registers."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
import re
from typing import Any

import pytest

from simulators.clock import VirtualClock
from simulators.p1.dialects import DIALECTS
from simulators.p1.mbus import MEASURES
from simulators.p1.registers import (
    Failure,
    MBusReading,
    MonthEnd,
    MonthPeak,
    Peak,
    Registers,
)
from simulators.p1.telegram import Encoder, Style
from simulators.p1_meter import CrcMode, MBusType, MeterPlan, P1Meter, Slot, Start

from .p1_reference import fixture, reference_crc, shape

WS = 3600


@dataclass(frozen=True)
class Case:
    """A captured telegram and the meter that sends the like of it."""

    name: str
    dialect: str
    plan: dict[str, Any] = field(default_factory=dict)
    log: int | None = None
    months: int = 12
    messages: tuple[str, str] = ("", "")
    dead: bool = False
    """Channel 1 is a device that was replaced by the one on channel 2."""
    no_reading: bool = False


CASES = [
    Case("v2_2_gas", "2.2"),
    Case(
        "v3_gas",
        "3",
        messages=("20240601", "Onderhoud op 3 juni 09:00/11:00!"),
    ),
    Case("v4_single_phase_gas", "4", log=2),
    Case("v5_nl_3phase_gas", "5"),
    Case("v5_nl_dst_before", "5"),
    Case("v5_nl_dst_after", "5"),
    Case("v5_nl_gas_replaced", "5", dead=True),
    Case(
        "v5_nl_no_mbus_value",
        "5",
        plan={"header": "ISK5\\2M550E-1015", "omit": frozenset({"1-0:62.7.0"})},
        no_reading=True,
    ),
    Case(
        "v5_nl_water_heat_slave",
        "5",
        plan={
            "header": "KFM5KAIFA-MA304",
            "phases": 1,
            "slots": (
                Slot(MBusType.WATER, "W0012003400056", 311_592),
                Slot(MBusType.HEAT, "H0099887766", 10_137),
                Slot(MBusType.HEAT_INLET, "C0099887767", 1_204),
                Slot(MBusType.ELECTRICITY, "E0055443322110", 4_501_228),
            ),
        },
    ),
    Case("v5_heat_only_unpadded_crc", "heat"),
    Case("v5b_gas_water_peak", "5B", months=4),
    Case("v5b_new_meter_odd_peaks", "5B", months=2),
    Case("v5b_emucs_2_1", "5B-2.1", months=4),
    Case("v5l_luxembourg_clear", "5L"),
    Case("v5s_sweden", "5S"),
    Case("v5s_kamstrup_units", "5S-Kamstrup"),
    Case("q3d_easymeter", "Q3D"),
    Case("v5eonhu", "5EONHU"),
    Case("at_sagemcom_clear", "AT"),
    Case("lt_eso_extended", "LT", messages=("", "set01_extended_1ph")),
]
BY_NAME = pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])


def start_of(expected: dict[str, Any]) -> int:
    utc = expected["timestamp_utc"] or "2024-01-18T13:00:00Z"
    return int(datetime.fromisoformat(utc).timestamp())


def make_meter(case: Case) -> P1Meter:
    _, expected = fixture(case.name)
    log = (Failure("230504093015S", 5412),) * case.log if case.log else None
    plan = MeterPlan(
        case.dialect,
        registers=Start(history_months=case.months, failures=log),
        **case.plan,
    )
    meter = P1Meter(plan, clock=VirtualClock(start_of(expected) - 1, 0))
    registers = meter.metering.registers
    registers.message_code, registers.message = case.messages
    if case.dead:
        meter.mbus.exchange(1, 2, "G0061002198765421", first_after=0)
        meter.clock.jump(400)
    if case.no_reading:
        meter.mbus.detach(1)
        meter.mbus.attach(Slot(MBusType.GAS, "G0061002198765421", 0), 1)
    return meter


@BY_NAME
def test_the_running_meter_has_the_shape_of_the_captured_one(case: Case) -> None:
    data, _ = fixture(case.name)
    for record in make_meter(case).telegrams(3):
        if case.dialect == "heat":
            # As many digits as the number has.
            assert shape(record.data)[:-2] == shape(data)[:-2]
        else:
            assert shape(record.data) == shape(data)


@BY_NAME
def test_the_checksum_is_right(case: Case) -> None:
    for record in make_meter(case).telegrams(3):
        body, mark, digits = record.data.rpartition(b"!")
        if DIALECTS[case.dialect].crc == "none":
            assert record.telegram.crc is None
        else:
            assert int(digits, 16) == reference_crc(body + mark)


def _number(value: str) -> int:
    return int(value.replace(".", ""))


class _Reader:
    """Fills registers from the values of a fixture, so that they can be printed again."""

    def __init__(self, case: Case, expected: dict[str, Any]) -> None:
        self.expected = expected
        self.values: dict[str, Any] = expected["values"]
        self.registers = Registers(
            phases=case.plan.get("phases", DIALECTS[case.dialect].phases)
        )
        self.registers.ident = (
            self.values["0-0:96.1.1"]["value"]
            if case.dialect == "heat"
            else self._text("0-0:96.1.1", "0-0:96.1.0", "1-0:0.0.0", "0-0:42.0.0")
        )
        self.registers.second_ident = self._text("0-0:42.0.0", "0-0:96.1.255")
        self.registers.ean = self._text("0-0:96.1.2")

    def _text(self, *references: str) -> str:
        for obis in references:
            if value := self.values.get(obis, {}).get("value"):
                return (
                    bytes.fromhex(value).decode() if len(value) % 2 == 0 else str(value)
                )
        return ""

    def _get(self, obis: str) -> int:
        value = self.values.get(obis, {}).get("value")
        return _number(value) if value else 0

    def _each(self, *references: str) -> list[int]:
        return [self._get(obis) for obis in references]

    def _energies(self, group: int) -> list[int]:
        rates = self._each(*(f"1-0:{group}.8.{code}" for code in (1, 2, 3, 4)))
        if not any(rates):
            rates[0] = self._get(f"1-0:{group}.8.0")
        return [value * WS for value in rates]

    def read(self) -> Registers:
        registers, values = self.registers, self.values
        registers.stamp = self.expected["timestamp"] or ""
        registers.import_ws, registers.export_ws = self._energies(1), self._energies(2)
        registers.reactive_import, registers.reactive_export = (
            self._energies(3),
            self._energies(4),
        )
        registers.quadrants = [
            value * WS for value in self._each(*(f"1-0:{n}.8.0" for n in (5, 6, 7, 8)))
        ]
        registers.tariff = self._get("0-0:96.14.0") or 1
        # Power in 10 W where there are two decimals.
        tens = (
            10
            if re.fullmatch(
                r"\d+\.\d\d", values.get("1-0:1.7.0", {}).get("value") or ""
            )
            else 1
        )
        registers.import_watts = self._get("1-0:1.7.0") * tens
        registers.export_watts = self._get("1-0:2.7.0") * tens
        registers.demand = self._get("1-0:1.4.0")
        self._phases()
        registers.millihertz = self._frequency()
        registers.short_failures, registers.long_failures = self._each(
            "0-0:96.7.21", "0-0:96.7.9"
        )
        registers.failures = [
            Failure(e["end"], e["seconds"])
            for e in self.expected["power_failure_log"] or []
        ]
        registers.breaker = self._get("0-0:96.3.10")
        registers.relays = self._each(*(f"0-{n}:96.3.10" for n in (1, 2, 3, 4)))
        registers.message_code, registers.message = (
            self._text("0-0:96.13.1"),
            self._text("0-0:96.13.0"),
        )
        if peak := self.expected["peak_month"]:
            registers.peak = Peak(peak["timestamp"], _number(peak["value"]))
        registers.month_peaks = [
            MonthPeak(each["month"], each["occurred"], _number(each["value"]))
            for each in self.expected["peak_history"] or []
        ]
        if "raw" in values.get("0-0:98.1.0", {}):
            registers.month_end = self._month_end(values["0-0:98.1.0"]["raw"])
        registers.mbus = list(self._mbus())
        return registers

    def _phases(self) -> None:
        registers = self.registers
        for n in range(3):
            drawn, fed = self._each(f"1-0:{21 + 20 * n}.7.0", f"1-0:{22 + 20 * n}.7.0")
            registers.watts[n] = drawn - fed
            drawn, fed = self._each(f"1-0:{23 + 20 * n}.7.0", f"1-0:{24 + 20 * n}.7.0")
            registers.vars[n] = drawn - fed
            registers.decivolts[n] = self._get(f"1-0:{32 + 20 * n}.7.0")
            printed = (
                self.values.get(f"1-0:{31 + 20 * n}.7.0", {}).get("value") or "000"
            )
            registers.milliamps[n] = round(float(printed) * 1000)
            registers.sags[n] = self._get(f"1-0:{32 + 20 * n}.32.0")
            registers.swells[n] = self._get(f"1-0:{32 + 20 * n}.36.0")
            registers.factors[n + 1] = self._get(f"1-0:{33 + 20 * n}.7.0")
        registers.factors[0] = self._get("1-0:13.7.0")
        if not any(registers.vars):
            # Without values per phase: any two that add up to the totals drawn and fed.
            registers.vars = [self._get("1-0:3.7.0"), -self._get("1-0:4.7.0"), 0]
            if "1-0:5.7.0" in self.values:
                registers.vars = [self._get("1-0:5.7.0"), -self._get("1-0:8.7.0"), 0]

    def _frequency(self) -> int:
        printed = self.values.get("1-0:14.7.0", {}).get("value") or "50"
        return round(float(printed) * 1000)

    @staticmethod
    def _month_end(raw: list[str]) -> MonthEnd:
        numbers = [_number(group.partition("*")[0]) for group in raw[1:]]
        energies = [value * WS for value in numbers]
        return MonthEnd(
            raw[0],
            energies[1:5],
            energies[6:10],
            energies[10],
            energies[11],
            energies[12:16],
            *numbers[17:19],
        )

    def _mbus(self) -> Iterator[MBusReading]:
        for channel, device in self.expected["mbus"].items():
            reading = device["reading"]
            printed = reading["value"] if reading else "00000.000"
            whole, _, decimals = printed.partition(".")
            raw = device["id"] == device["id_text"]
            yield MBusReading(
                int(channel),
                device["type"],
                device["id_text"],
                reading["timestamp"] if reading else None,
                _number(printed),
                (reading["unit"] or "")
                if reading
                else MEASURES[MBusType(device["type"])].unit,
                len(whole),
                len(decimals),
                device.get("ean"),
                device["valve"],
                raw_ident=raw,
            )


# The Easymeter's fixture prints hundredths of watts and tenths of milliwatt-hours, finer than
# the house is.
EXACT = [case for case in CASES if case.dialect != "Q3D"]


@pytest.mark.parametrize("case", EXACT, ids=[case.name for case in EXACT])
def test_the_captured_values_print_the_captured_bytes(case: Case) -> None:
    data, expected = fixture(case.name)
    plan = dict(case.plan)
    plan.pop("slots", None)
    dialect = DIALECTS[case.dialect]
    registers = _Reader(case, expected).read()
    style = Style(CrcMode(dialect.crc), dialect.blank_line)
    assert Encoder(dialect, **plan).encode(registers, style).data == data


@BY_NAME
def test_what_is_expected_of_a_client_has_the_form_of_the_fixtures(case: Case) -> None:
    """Same keys, same lines, same M-Bus devices; values that belong together."""
    _, captured = fixture(case.name)
    meter = make_meter(case)
    record = next(meter.telegrams(1))
    expected = meter.expected(record.telegram)
    assert set(expected) <= set(captured)
    assert list(expected["values"]) == list(captured["values"])
    for key in ("version", "header", "equipment_id_text"):
        assert expected[key] == captured[key]
    assert expected["mbus"].keys() == captured["mbus"].keys()
    for channel, device in expected["mbus"].items():
        assert device.keys() == captured["mbus"][channel].keys()
        assert device["id_text"] == captured["mbus"][channel]["id_text"]
    for obis, value in expected["values"].items():
        assert value.get("unit") == captured["values"][obis].get("unit")
    if expected["timestamp_utc"]:
        assert start_of(expected) == record.time


def test_expected_reads_a_fixture_as_its_json_says() -> None:
    """The expected result in the log agrees with captured values."""
    for case in EXACT:
        data, captured = fixture(case.name)
        meter = make_meter(case)
        lines: list[tuple[str, str]] = []
        for line in data.decode("latin-1").split("\r\n")[1:-2]:
            if line.startswith("("):
                lines[-1] = (lines[-1][0], f"{lines[-1][1]}\r\n{line}")
            elif line:
                obis, bracket, groups = line.partition("(")
                lines.append((obis, bracket + groups))
        telegram = next(meter.telegrams(1)).telegram
        read = type(telegram)(captured["header"], tuple(lines), data, captured["crc"])
        expected = meter.expected(read)
        assert expected == {key: captured[key] for key in expected}, case.name
