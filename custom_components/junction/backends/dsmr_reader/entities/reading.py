"""Points of the newest reading: power, registers, phases, gas."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from homeassistant.components.binary_sensor import BinarySensorDeviceClass
from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import (
    UnitOfElectricCurrent,
    UnitOfElectricPotential,
    UnitOfEnergy,
    UnitOfPower,
    UnitOfVolume,
)

from ..client.state import Group, ReaderState
from .description import GAS_METER, PointDescription, counts, is_known

POWER: Final = {
    "device_class": SensorDeviceClass.POWER,
    "state_class": SensorStateClass.MEASUREMENT,
    "native_unit_of_measurement": UnitOfPower.KILO_WATT,
}
_ENERGY: Final = {
    "device_class": SensorDeviceClass.ENERGY,
    "state_class": SensorStateClass.TOTAL_INCREASING,
    "native_unit_of_measurement": UnitOfEnergy.KILO_WATT_HOUR,
}
_TIME: Final = {"device_class": SensorDeviceClass.TIMESTAMP}
_PHASES: Final = (
    ("phase_currently_delivered", "power_import_phase", POWER),
    ("phase_currently_returned", "power_export_phase", POWER),
    (
        "phase_voltage",
        "voltage_phase",
        {
            "device_class": SensorDeviceClass.VOLTAGE,
            "state_class": SensorStateClass.MEASUREMENT,
            "native_unit_of_measurement": UnitOfElectricPotential.VOLT,
        },
    ),
    (
        "phase_power_current",
        "current_phase",
        {
            "device_class": SensorDeviceClass.CURRENT,
            "state_class": SensorStateClass.MEASUREMENT,
            "native_unit_of_measurement": UnitOfElectricCurrent.AMPERE,
        },
    ),
)


def _net(state: ReaderState) -> float | None:
    reading = state.reading
    if reading is None or reading.delivered is None or reading.returned is None:
        return None
    return round(reading.delivered - reading.returned, 3)


def _register(number: int) -> Callable[[ReaderState], float | None]:
    return lambda state: state.registers[number]


def _total(first: int) -> Callable[[ReaderState], float | None]:
    def total(state: ReaderState) -> float | None:
        one, two = state.registers[first : first + 2]
        return None if one is None or two is None else round(one + two, 3)

    return total


def _of_reading(name: str) -> Callable[[ReaderState], Any]:
    return lambda state: getattr(state.reading, name, None)


def _phase(name: str) -> Callable[[ReaderState], float | None]:
    return lambda state: state.reading.phases.get(name) if state.reading else None


def _has_gas(state: ReaderState) -> bool:
    return state.gas is not None


def _descriptions() -> Iterator[PointDescription]:
    for side, name in (("delivered", "power_import"), ("returned", "power_export")):
        yield PointDescription(
            key=name, translation=name, value=_of_reading(side), live=True, more=POWER
        )
    yield PointDescription(
        key="power_net",
        translation="power_net",
        value=_net,
        live=True,
        on=False,
        more=POWER,
    )
    for first, name in ((0, "energy_import"), (2, "energy_export")):
        for tariff in (1, 2):
            number = first + tariff - 1
            yield PointDescription(
                key=f"{name}_tariff_{tariff}",
                translation=f"{name}_tariff",
                placeholders={"tariff": str(tariff)},
                value=_register(number),
                # Without any feed-in its counters are not needed.
                on=counts(_register(number)) if first else True,
                more=_ENERGY,
            )
        yield PointDescription(
            key=name, translation=name, value=_total(first), more=_ENERGY
        )
    for prefix, translation, more in _PHASES:
        for phase in (1, 2, 3):
            value = _phase(f"{prefix}_l{phase}")
            yield PointDescription(
                key=f"{translation.removesuffix('_phase')}_l{phase}",
                translation=translation,
                placeholders={"phase": f"L{phase}"},
                value=value,
                exists=is_known(value),
                on=False,
                live=True,
                more=more,
            )
    yield PointDescription(
        key="reading",
        translation="mbus_reading",
        device=GAS_METER,
        value=lambda state: state.gas,
        exists=_has_gas,
        more={
            "device_class": SensorDeviceClass.GAS,
            "state_class": SensorStateClass.TOTAL_INCREASING,
            "native_unit_of_measurement": UnitOfVolume.CUBIC_METERS,
        },
    )
    yield PointDescription(
        key="read_at",
        translation="mbus_read_at",
        device=GAS_METER,
        value=_of_reading("gas_time"),
        exists=_has_gas,
        on=False,
        diagnostic=True,
        more=_TIME,
    )
    yield PointDescription(
        key="last_use",
        device=GAS_METER,
        group=Group.GAS,
        value=lambda state: state.gas_live.used,
        exists=lambda state: state.gas_live.used is not None,
        on=False,
        more={
            "state_class": SensorStateClass.MEASUREMENT,
            "native_unit_of_measurement": UnitOfVolume.CUBIC_METERS,
        },
    )
    yield PointDescription(
        key="telegram_time",
        translation="telegram_time",
        value=_of_reading("time"),
        on=False,
        diagnostic=True,
        more=_TIME,
    )
    yield PointDescription(
        key="receiving",
        group=Group.READING,
        binary=True,
        value=lambda state: state.is_receiving,
        diagnostic=True,
        more={"device_class": BinarySensorDeviceClass.CONNECTIVITY},
    )


READING_DESCRIPTIONS: Final = tuple(_descriptions())
