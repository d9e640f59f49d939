"""Implausible counters are held back until they are confirmed."""

from datetime import UTC, datetime, timedelta

import pytest

from custom_components.junction.backends.dsmr.client.counters import CounterGuard
from custom_components.junction.backends.dsmr.client.models import Telegram
from custom_components.junction.backends.dsmr.client.telegram import TelegramParser

from ..helpers import telegram

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
GAS_ID = "4730303332353631323831363631323137"


class _Meter:
    """A meter whose counters the test controls, and the guard that checks it."""

    def __init__(self, *, number: bool = True) -> None:
        self.guard = CounterGuard(lambda _: number)
        self.at = 1000.0
        self.counters = {"1.8.1": 4321.0, "1.8.2": 3210.0, "2.8.1": 500.0, "2.8.2": 0.0}
        self.gas = (1234.567, 0)
        self.unit = "m3"
        self._parser = TelegramParser()
        self._last: Telegram | None = None

    def send(self, after: float = 1.0, without: str = "", **glitch: float) -> Telegram:
        """Print a telegram with ``glitch``, a wrong value (``c1_8_1=0``)."""
        self.at += after
        clock = START + timedelta(hours=1, seconds=self.at)
        wrong = {name[1:].replace("_", "."): value for name, value in glitch.items()}
        lines = [f"0-0:1.0.0({clock:%y%m%d%H%M%S}W)"]
        for name, value in {**self.counters, **wrong}.items():
            if name != without and name in self.counters:
                lines.append(f"1-0:{name}({value:010.3f}*kWh)")
        gas, minutes = self.gas
        stamp = START + timedelta(hours=1, minutes=minutes)
        lines += ["0-1:24.1.0(003)", f"0-1:96.1.0({GAS_ID})"]
        lines.append(
            f"0-1:24.2.1({stamp:%y%m%d%H%M%S}W)({wrong.get('as', gas):09.3f}*{self.unit})"
        )
        self._last = self._parser.parse(telegram(*lines), self._last)
        return self.guard.check(self._last, self.at)

    def read_gas(self, value: float, minutes: int = 5) -> float | None:
        """Print a new gas reading."""
        self.gas = (value, self.gas[1] + minutes)
        return self.shown_gas(self.send(60.0 * minutes))

    @staticmethod
    def shown_gas(found: Telegram) -> float | None:
        reading = found.mbus[1].reading
        return reading.value if reading else None


def energy(found: Telegram, name: str = "1.8.1") -> float | None:
    return found.number(f"1-0:{name}")


def test_what_a_house_uses_passes_as_it_is() -> None:
    meter = _Meter()
    meter.send()
    for _ in range(100):
        meter.counters["1.8.1"] += 0.004
        found = meter.send()
        assert found is meter._last
    assert meter.guard.held == 0


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("1.8.1", 0.0),
        ("1.8.1", 43210.0),
        ("1.8.1", 432.1),
        ("1.8.1", 4320.9),
        ("1.8.1", 4330.0),
        ("1.8.1", 94321.0),
        ("2.8.2", 1000.0),
    ],
)
@pytest.mark.parametrize("times", [1, 2, 30])
def test_a_glitch_is_not_shown(name: str, wrong: float, times: int) -> None:
    meter = _Meter()
    meter.send()
    good = meter.counters[name]
    for _ in range(times):
        found = meter.send(1.0, "", **{"c" + name.replace(".", "_"): wrong})
        assert energy(found, name) == good
        assert f"1-0:{name}" not in found.changed
        assert meter.guard.holding == (f"1-0:{name}",)
    meter.counters[name] = round(good + 0.001, 3)
    found = meter.send()
    assert energy(found, name) == meter.counters[name]
    assert f"1-0:{name}" in found.changed
    assert (meter.guard.held, meter.guard.holding) == (times, ())


def test_all_registers_at_0_once() -> None:
    meter = _Meter()
    meter.send()
    found = meter.send(c1_8_1=0, c1_8_2=0, c2_8_1=0)
    assert [energy(found, name) for name in meter.counters] == [4321, 3210, 500, 0]
    assert energy(meter.send()) == 4321


def test_a_register_that_begins_anew_is_believed_after_a_minute() -> None:
    """A register that restarts is accepted after a minute, with the export that stays at 0."""
    meter = _Meter()
    meter.send()
    meter.counters |= {"1.8.1": 0.0, "1.8.2": 0.0, "2.8.1": 0.0}
    seen = []
    for _ in range(100):
        meter.counters["1.8.1"] += 0.001
        seen.append(energy(meter.send()))
    assert seen[:59] == [4321.0] * 59
    assert seen[-1] == pytest.approx(0.1)
    assert meter._last is not None
    found = meter.send()
    assert [energy(found, name) for name in meter.counters] == [
        pytest.approx(0.1),
        0,
        0,
        0,
    ]
    assert not meter.guard.holding


def test_zeros_for_an_hour_after_a_power_cut_are_no_new_beginning() -> None:
    meter = _Meter()
    meter.send()
    for _ in range(360):
        found = meter.send(10.0, c1_8_1=0, c1_8_2=0, c2_8_1=0)
        assert energy(found) == 4321
    meter.counters["1.8.1"] = 4321.5
    assert energy(meter.send(10.0)) == 4321.5


@pytest.mark.parametrize(
    ("hours", "rise", "passes"),
    [(1, 90, True), (1, 110, False), (24, 900, True), (24, 2000, False)],
)
def test_what_a_connection_carries_in_the_time(
    hours: int, rise: float, passes: bool
) -> None:
    meter = _Meter()
    meter.send()
    meter.counters["1.8.1"] += rise
    assert (energy(meter.send(hours * 3600.0)) == 4321 + rise) is passes


def test_a_large_rise_is_believed_when_it_lasts() -> None:
    meter = _Meter()
    meter.send()
    meter.counters["1.8.1"] += 5000
    for _ in range(70):
        meter.send()
    assert energy(meter.send()) == 9321


def test_a_line_that_is_missing_is_missing() -> None:
    meter = _Meter()
    meter.send()
    assert energy(meter.send(without="1.8.1")) is None
    meter.counters["1.8.1"] += 0.001
    assert energy(meter.send()) == 4321.001
    assert energy(meter.send(c1_8_1=0)) == 4321.001


# Meters behind it


def test_gas_0_once() -> None:
    meter = _Meter()
    meter.send()
    assert meter.read_gas(0.0) == 1234.567
    assert meter.shown_gas(meter.send()) == 1234.567
    assert meter.read_gas(1234.601) == 1234.601
    assert (meter.guard.held, meter.guard.holding) == (1, ())


@pytest.mark.parametrize("wrong", [12345.67, 123.456, 1400.0])
def test_gas_wrong_once(wrong: float) -> None:
    meter = _Meter()
    meter.send()
    assert meter.read_gas(wrong) == 1234.567
    assert meter.read_gas(1234.6) == 1234.6


def test_gas_at_0_for_an_hour() -> None:
    meter = _Meter()
    meter.send()
    for _ in range(12):
        assert meter.read_gas(0.0) == 1234.567
    assert meter.read_gas(1234.9) == 1234.9


def test_gas_that_begins_anew_is_believed_with_its_third_reading() -> None:
    meter = _Meter()
    meter.send()
    assert meter.read_gas(0.1) == 1234.567
    # The same again in every telegram confirms nothing
    for _ in range(100):
        assert meter.shown_gas(meter.send()) == 1234.567
    assert meter.read_gas(0.2) == 1234.567
    assert meter.read_gas(0.3) == 0.3
    assert meter.read_gas(0.4) == 0.4


def test_gas_in_another_unit_is_not_believed_at_once() -> None:
    meter = _Meter()
    meter.send()
    meter.unit = "kWh"
    assert meter.read_gas(1234.6) == 1234.567
    meter.unit = "m3"
    assert meter.read_gas(1234.7) == 1234.7


# Across restarts, and without a number


def test_what_was_believed_is_remembered() -> None:
    before = _Meter()
    before.send()
    known = before.guard.remember()
    meter = _Meter()
    meter.guard.recall(known, timedelta(minutes=10), meter.at)
    found = meter.send(c1_8_1=0, cas=0)
    assert energy(found) == 4321
    assert meter.shown_gas(found) == 1234.567
    meter.counters["1.8.1"] += 3
    meter.gas = (1234.9, 5)
    found = meter.send()
    assert (energy(found), meter.shown_gas(found)) == (4324, 1234.9)


@pytest.mark.parametrize("other", [8888.888, 12.0])
def test_a_meter_without_a_number_is_told_by_its_counters(other: float) -> None:
    """Values of another meter are not shown before the user confirms it."""
    meter = _Meter(number=False)
    meter.send()
    meter.counters |= {"1.8.1": other, "1.8.2": other}
    for _ in range(100):
        assert energy(meter.send()) == 4321
    assert meter.guard.exchanged
    meter.guard.accept()
    assert energy(meter.send()) == other
    assert not meter.guard.exchanged
