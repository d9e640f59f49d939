"""Metering: from the house's power to the registers."""

from dataclasses import dataclass
from enum import StrEnum
from math import hypot

from ..clock import DAY, HOUR, CivilTime
from ..house import House, Segment
from .dialect import Dialect, Rates
from .history import past_failures, past_month_end, past_month_peaks, past_peak
from .lines import quadrant_of
from .registers import (
    UNDEFINED_STAMP,
    Breaker,
    Failure,
    MonthEnd,
    MonthPeak,
    Peak,
    Registers,
)

QUARTER = 900
LONG_FAILURE = 180
"""Power failures longer than this many seconds are logged."""
_MAX_FAILURES = 10
_MAX_MONTHS = 13
_UNSET_CLOCK = "000101"


class ClockMode(StrEnum):
    """Condition of the meter's clock."""

    SET = "set"
    """It shows civil time as its country has it."""
    UNSET = "unset"
    """It counts from 2000-01-01 00:00, as after a long power failure."""


@dataclass(frozen=True, slots=True)
class Start:
    """Initial registers, energies in Wh per tariff."""

    import_wh: tuple[int, ...] = (3_456_789, 2_345_678)
    export_wh: tuple[int, ...] = (1_234_567, 2_987_654)
    history_months: int = 12
    """How many finished months there are peaks of, 0 to 13."""
    failures: tuple[Failure, ...] | None = None
    """The failure log; None for two that the seed makes up."""


class Metering:
    """Counts energy, tracks quarter-hours and months, and records events."""

    def __init__(
        self,
        house: House,
        dialect: Dialect,
        civil: CivilTime,
        *,
        phases: int,
        netting: bool,
        start: Start,
    ) -> None:
        """Start to count at the house's current second."""
        self.house = house
        self.registers = Registers(phases=phases)
        self.netting = netting
        self.clock_mode = ClockMode.SET
        self.clock_offset = 0
        """Seconds by which the meter's stamps are fast."""
        self.powered_since = house.time
        self._dialect = dialect
        self._civil = civil
        self._tariff: int | None = None
        self._tariff_until = 0
        self._quarter = [0, 0]
        self._export_peak = 0
        self._next_month = civil.month_start(house.time, 1)
        self._dark_until: int | None = None
        self._dark_since = 0
        self._rise = [0, 0, 0]
        self._load_history(start)
        self.refresh(house.time)

    # Time

    @property
    def dark_until(self) -> int | None:
        """End of the power failure; None while there is power."""
        return self._dark_until

    def advance_to(self, moment: int) -> None:
        """Run up to ``moment``, through the end of a power failure if there is one."""
        if self._dark_until is not None and self._dark_until <= moment:
            self.house.advance_to(self._dark_until)
            self._power_returns(self._dark_until)
        self.house.advance_to(moment)

    def on_segment(self, segment: Segment) -> None:
        """Count a period of the house."""
        registers, start, seconds = self.registers, segment.start, segment.seconds
        if start >= self._tariff_until:
            self._new_tariff(start)
        a, b, c = segment.watts
        if self.netting or registers.phases == 1:
            total = a + b + c
            drawn, fed = (total, 0) if total > 0 else (0, -total)
        else:
            drawn = max(a, 0) + max(b, 0) + max(c, 0)
            fed = drawn - a - b - c
        code = registers.tariff - 1
        registers.import_ws[code] += drawn * seconds
        registers.export_ws[code] += fed * seconds
        self._quarter[0] += drawn * seconds
        self._quarter[1] += fed * seconds
        self._count_reactive(segment, code)
        end = start + seconds
        if not end % QUARTER:
            self._end_quarter(end)

    def refresh(self, moment: int) -> None:
        """Update the values that are measured rather than counted."""
        registers, house = self.registers, self.house
        registers.stamp = self.stamp(moment)
        single = registers.phases == 1
        watts = house.watts
        registers.watts = [sum(watts), 0, 0] if single else list(watts)
        registers.import_watts, registers.export_watts = self._totals(registers.watts)
        registers.vars = self._vars(house.vars)
        volts = [house.voltage(phase) + self._rise[phase - 1] for phase in (1, 2, 3)]
        self._rise = [0, 0, 0]
        registers.decivolts = volts
        registers.milliamps = [
            abs(power) * 10_000 // volt if volt else 0
            for power, volt in zip(registers.watts, volts, strict=True)
        ]
        registers.millihertz = house.frequency()
        pairs = [
            (sum(registers.watts), sum(registers.vars)),
            *zip(registers.watts, registers.vars, strict=True),
        ]
        registers.factors = [_factor(power, reactive) for power, reactive in pairs]
        registers.demand = self._quarter[0] // QUARTER

    def stamp(self, moment: int) -> str:
        """Return the timestamp of the meter's clock at ``moment``."""
        if self.clock_mode is ClockMode.UNSET:
            minute, second = divmod(moment - self.powered_since, 60)
            hour, minute = divmod(minute, 60)
            return f"{_UNSET_CLOCK}{hour % 24:02d}{minute:02d}{second:02d}W"
        return self._civil.stamp(moment + self.clock_offset)

    # Events

    def set_tariff(self, code: int | None) -> None:
        """Set a tariff, or return to the scheduled one with None.

        Raises ValueError for a code other than 1 to 4.
        """
        if code is not None and code not in (1, 2, 3, 4):
            msg = f"no tariff {code}"
            raise ValueError(msg)
        self.house.update()
        self._tariff, self._tariff_until = code, 0
        self._new_tariff(self.house.time)

    def power_failure(self, seconds: int) -> None:
        """Cut the power for ``seconds``: no output; the failure is counted and, if long, logged."""
        if seconds <= 0:
            msg = f"a power failure of {seconds} s"
            raise ValueError(msg)
        self.house.update()
        self._dark_since = self.house.time
        self._dark_until = self.house.time + seconds
        self.house.grid = False

    def set_breaker(self, state: Breaker) -> None:
        """Set the breaker: off, on, or ready for the resident to turn on."""
        self.house.update()
        self.registers.breaker = state
        self.house.grid = state is Breaker.ON and self._dark_until is None

    def sag(self, phase: int) -> None:
        """Lower the voltage of a phase to about 190 V for the next reading, and count the sag."""
        self.registers.sags[phase - 1] += 1
        self._rise[phase - 1] = -450

    def swell(self, phase: int) -> None:
        """Raise the voltage of a phase to about 260 V for the next reading, and count the swell."""
        self.registers.swells[phase - 1] += 1
        self._rise[phase - 1] = 250

    def replace(self, ident: str) -> None:
        """Replace the meter: new number, everything from zero."""
        old = self.registers
        self.registers = Registers(
            ident=ident,
            second_ident=ident if old.second_ident else "",
            ean=old.ean,
            phases=old.phases,
            clear_messages=old.clear_messages,
            tariff=old.tariff,
        )
        self._quarter, self._export_peak = [0, 0], 0
        self.powered_since = self.house.time
        self.refresh(self.house.time)

    # Inside

    def _load_history(self, start: Start) -> None:
        registers, seed, moment = self.registers, self.house.plan.seed, self.house.time
        for wh, into in (
            (start.import_wh, registers.import_ws),
            (start.export_wh, registers.export_ws),
        ):
            for code, value in enumerate(wh):
                into[code] = value * HOUR
        registers.ident = self._dialect.ident
        registers.second_ident = self._dialect.second_ident
        registers.ean = self._dialect.ean
        if self._dialect.failure_log:
            failures = (
                past_failures(seed, self._civil, moment)
                if start.failures is None
                else start.failures
            )
            registers.failures = list(failures)
            registers.long_failures = len(failures)
            registers.short_failures = len(failures) + 3
        registers.month_peaks = past_month_peaks(
            seed, self._civil, moment, start.history_months
        )
        registers.peak = past_peak(seed, self._civil, moment)
        registers.month_end = past_month_end(self._civil, moment, registers)

    def _totals(self, watts: list[int]) -> tuple[int, int]:
        if self.netting:
            total = sum(watts)
            return max(total, 0), max(-total, 0)
        return sum(max(power, 0) for power in watts), sum(
            max(-power, 0) for power in watts
        )

    def _vars(self, reactive: tuple[int, int, int]) -> list[int]:
        return [sum(reactive), 0, 0] if self.registers.phases == 1 else list(reactive)

    def _count_reactive(self, segment: Segment, code: int) -> None:
        registers, seconds = self.registers, segment.seconds
        watts = (sum(segment.watts),) if registers.phases == 1 else segment.watts
        reactive = (sum(segment.vars),) if registers.phases == 1 else segment.vars
        for power, each in zip(watts, reactive, strict=True):
            if each > 0:
                registers.reactive_import[code] += each * seconds
            else:
                registers.reactive_export[code] -= each * seconds
            registers.quadrants[quadrant_of(power, each)] += abs(each) * seconds

    def _new_tariff(self, moment: int) -> None:
        self._tariff_until = moment - moment % HOUR + HOUR
        self.registers.tariff = self._tariff or tariff_at(
            self._dialect.rates, self._civil.local(moment)
        )

    def _end_quarter(self, moment: int) -> None:
        registers = self.registers
        drawn, fed = (energy // QUARTER for energy in self._quarter)
        self._quarter = [0, 0]
        if drawn > registers.peak.watts:
            registers.peak = Peak(self.stamp(moment), drawn)
        self._export_peak = max(self._export_peak, fed)
        if moment >= self._next_month:
            self._end_month(moment)

    def _end_month(self, moment: int) -> None:
        registers = self.registers
        self._next_month = self._civil.month_start(moment, 1)
        stamp = self.stamp(moment)
        registers.month_peaks.append(
            MonthPeak(stamp, registers.peak.stamp, registers.peak.watts)
        )
        del registers.month_peaks[:-_MAX_MONTHS]
        registers.month_end = MonthEnd(
            stamp,
            registers.import_ws.copy(),
            registers.export_ws.copy(),
            sum(registers.reactive_import),
            sum(registers.reactive_export),
            registers.quadrants.copy(),
            registers.peak.watts,
            self._export_peak,
        )
        registers.peak = Peak(UNDEFINED_STAMP + stamp[-1], 0)
        self._export_peak = 0

    def _power_returns(self, moment: int) -> None:
        registers, seconds = self.registers, moment - self._dark_since
        self._dark_until = None
        self.powered_since = moment
        self.house.grid = registers.breaker == Breaker.ON
        registers.short_failures += 1
        if seconds > LONG_FAILURE:
            registers.long_failures += 1
            registers.failures.insert(0, Failure(self.stamp(moment), seconds))
            del registers.failures[_MAX_FAILURES:]


def tariff_at(rates: Rates, local: int) -> int:
    """Return the tariff code at a local time."""
    hour, day = local % DAY // HOUR, local // DAY
    weekend = (day + 4) % 7 in (0, 6)
    if rates is Rates.FOUR:
        if weekend:
            return 4
        return 2 if hour < 7 or hour >= 23 else 3 if hour >= 17 else 1
    low = weekend or hour < 7 or hour >= 23
    return 1 + (low ^ (rates is Rates.LOW_IS_1))


def _factor(power: int, reactive: int) -> int:
    if not power:
        return 0
    factor = round(1000 * abs(power) / hypot(power, reactive))
    return -factor if reactive > 0 else factor
