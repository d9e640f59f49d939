"""Voltage, current, power quality, and limits."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import (
    UnitOfApparentPower,
    UnitOfElectricCurrent,
    UnitOfElectricPotential,
    UnitOfFrequency,
    UnitOfPower,
    UnitOfReactivePower,
    UnitOfTime,
)

from ....model import Detailed, SensorValue
from ..client.models import CurrentLimits, Telegram
from .description import (
    QUADRANTS,
    Pace,
    PointDescription,
    Value,
    at_once,
    iso,
    number,
    per_phase,
)


def grid() -> Iterator[PointDescription]:
    """Yield voltages, currents, reactive and apparent power."""
    volt = (SensorDeviceClass.VOLTAGE, UnitOfElectricPotential.VOLT)
    ampere = (SensorDeviceClass.CURRENT, UnitOfElectricCurrent.AMPERE)
    kvar = (
        SensorDeviceClass.REACTIVE_POWER,
        UnitOfReactivePower.KILO_VOLT_AMPERE_REACTIVE,
    )
    kva = (SensorDeviceClass.APPARENT_POWER, UnitOfApparentPower.KILO_VOLT_AMPERE)
    yield from per_phase("voltage", 12, *volt)
    yield from per_phase("current", 11, *ampere)
    yield number("voltage", "1-0:12.7.0", *volt, on=False)
    yield number("current", "1-0:11.7.0", *ampere, on=False)
    yield number("current_sum", "1-0:90.7.0", *ampere, on=False)
    yield number("current_neutral", "1-0:91.7.0", *ampere, on=False)
    yield from per_phase("voltage_average", 12, *volt, quantity="24.0", on=False)
    for name, group in (("import", 3), ("export", 4)):
        yield number(f"reactive_power_{name}", f"1-0:{group}.7.0", *kvar, on=False)
        yield from per_phase(f"reactive_power_{name}", group, *kvar, on=False)
    for quadrant in QUADRANTS:
        yield number(
            f"reactive_power_q{quadrant}",
            f"1-0:{quadrant + 4}.7.0",
            *kvar,
            on=False,
            translation="reactive_power_quadrant",
            quadrant=str(quadrant),
        )
    for name, group in (("import", 9), ("export", 10)):
        yield number(f"apparent_power_{name}", f"1-0:{group}.7.0", *kva, on=False)
        yield from per_phase(f"apparent_power_{name}", group, *kva, on=False)
    factor = (SensorDeviceClass.POWER_FACTOR, None)
    yield number("power_factor", "1-0:13.7.0", *factor, on=False)
    yield from per_phase("power_factor", 13, *factor, on=False)
    yield number(
        "frequency",
        "1-0:14.7.0",
        SensorDeviceClass.FREQUENCY,
        UnitOfFrequency.HERTZ,
    )


def quality() -> Iterator[PointDescription]:
    """Yield power failures, sags, and swells."""
    count: dict[str, Any] = {
        "device_class": None,
        "unit": None,
        "state_class": SensorStateClass.TOTAL_INCREASING,
        "pace": Pace.AT_ONCE,
        "on": False,
        "diagnostic": True,
    }
    yield number("power_failures_short", "0-0:96.7.21", **count)
    yield number("power_failures_long", "0-0:96.7.9", **count)
    for name, kind in (("sag", 32), ("swell", 36)):
        yield from per_phase(f"voltage_{name}s", 12, quantity=f"{kind}.0", **count)
        last: dict[str, Any] = {
            "on": False,
            "diagnostic": True,
            "pace": Pace.AT_ONCE,
        }
        yield from per_phase(
            f"voltage_{name}_duration",
            12,
            SensorDeviceClass.DURATION,
            UnitOfTime.SECONDS,
            quantity=f"{kind + 1}.0",
            **last,
        )
        yield from per_phase(
            f"voltage_{name}_magnitude",
            12,
            SensorDeviceClass.VOLTAGE,
            UnitOfElectricPotential.VOLT,
            quantity=f"{kind + 2}.0",
            **last,
        )
    yield at_once(
        "last_power_failure",
        "1-0:99.97.0",
        _last_failure,
        device_class=SensorDeviceClass.TIMESTAMP,
    )
    yield at_once(
        "last_power_failure_duration",
        "1-0:99.97.0",
        _last_failure_duration,
        device_class=SensorDeviceClass.DURATION,
        native_unit_of_measurement=UnitOfTime.SECONDS,
    )


def _last_failure(telegram: Telegram) -> Value:
    log = telegram.power_failures
    if not log:
        return None
    return Detailed[SensorValue](
        telegram.utc(log[0].end),
        {
            "failures": [
                {"end": iso(telegram.utc(one.end)), "seconds": one.seconds}
                for one in log
            ]
        },
    )


def _last_failure_duration(telegram: Telegram) -> Value:
    log = telegram.power_failures
    return log[0].seconds if log else None


def limits() -> Iterator[PointDescription]:
    """Yield the limits of the operator or the fuse, in the printed unit."""
    for key, device_class, unit in (
        ("power_limit", SensorDeviceClass.POWER, UnitOfPower.KILO_WATT),
        ("current_limit", SensorDeviceClass.CURRENT, UnitOfElectricCurrent.AMPERE),
        (
            "apparent_power_limit",
            SensorDeviceClass.APPARENT_POWER,
            UnitOfApparentPower.KILO_VOLT_AMPERE,
        ),
    ):

        def exists(telegram: Telegram, unit: str = unit) -> bool:
            reading = telegram.readings.get("0-0:17.0.0")
            return reading is not None and reading.unit == unit

        row = number(key, "0-0:17.0.0", device_class, unit, on=False, diagnostic=True)
        yield replace(row, exists=exists, pace=Pace.AT_ONCE, lasting=True)
    ampere = (SensorDeviceClass.CURRENT, UnitOfElectricCurrent.AMPERE)
    off: dict[str, Any] = {"on": False, "diagnostic": True, "pace": Pace.AT_ONCE}
    yield from per_phase("fuse_limit", 11, *ampere, quantity="4.0", **off)
    for name in ("imported", "exported"):

        def value(telegram: Telegram, name: str = name) -> Value:
            reading = telegram.readings.get("1-1:31.4.0")
            limits = reading.value if reading else None
            if not isinstance(limits, CurrentLimits):
                return None
            printed: float | None = getattr(limits, name)
            return None if printed is None else abs(printed)

        row = number(f"current_limit_{name}", "1-1:31.4.0", *ampere, **off)
        yield replace(row, value=value, lasting=True)
