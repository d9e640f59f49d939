"""Current transformers: power, voltage, current, frequency, and energy.

Protocol: docs/protocols/openmotics.md#energy-and-power-modules.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import (
    UnitOfElectricCurrent,
    UnitOfElectricPotential,
    UnitOfEnergy,
    UnitOfFrequency,
    UnitOfPower,
)

from ....model import PointKey, SensorPoint
from ..client.models import EnergyModule, EnergyState, Key, Kind, PowerState
from .description import Installation, Plan, enabled_if, shown


def _measured(
    key: str, kind: SensorDeviceClass, unit: str, *, visible: bool
) -> SensorEntityDescription:
    return SensorEntityDescription(
        key=key,
        translation_key=f"openmotics_{key}",
        device_class=kind,
        native_unit_of_measurement=unit,
        state_class=SensorStateClass.MEASUREMENT,
        entity_registry_enabled_default=visible,
    )


def _counted(key: str, *, visible: bool) -> SensorEntityDescription:
    return SensorEntityDescription(
        key=key,
        translation_key=f"openmotics_{key}",
        device_class=SensorDeviceClass.ENERGY,
        native_unit_of_measurement=UnitOfEnergy.WATT_HOUR,
        suggested_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        state_class=SensorStateClass.TOTAL_INCREASING,
        entity_registry_enabled_default=visible,
    )


POWER: Final = _measured(
    "power", SensorDeviceClass.POWER, UnitOfPower.WATT, visible=True
)
VOLTAGE: Final = _measured(
    "voltage", SensorDeviceClass.VOLTAGE, UnitOfElectricPotential.VOLT, visible=False
)
CURRENT: Final = _measured(
    "current", SensorDeviceClass.CURRENT, UnitOfElectricCurrent.AMPERE, visible=False
)
FREQUENCY: Final = _measured(
    "frequency", SensorDeviceClass.FREQUENCY, UnitOfFrequency.HERTZ, visible=False
)
ENERGY: Final = _counted("energy", visible=True)
ENERGY_DAY: Final = _counted("energy_day", visible=False)
ENERGY_NIGHT: Final = _counted("energy_night", visible=False)

RESTORE: Final = timedelta(days=1)
"""Maximum age of a total to show until it is known whether a 0 is valid."""

type _Shows[StateT] = tuple[SensorEntityDescription, Callable[[StateT], object]]

_MEASURES: Final[tuple[_Shows[PowerState], ...]] = (
    (POWER, lambda state: state.power),
    (VOLTAGE, lambda state: state.voltage),
    (CURRENT, lambda state: state.current),
)
_COUNTS: Final[tuple[_Shows[EnergyState], ...]] = (
    (ENERGY, lambda state: state.total),
    (ENERGY_DAY, lambda state: state.day),
    (ENERGY_NIGHT, lambda state: state.night),
)
_MODELS: Final = {12: "Energy module", 8: "Power module", 1: "P1 concentrator"}


def energy_point(key: Key) -> PointKey:
    """Return the point that shows the total of a counter."""
    return f"module_{key[1].partition('.')[0]}", f"ct_{key[1]}_{ENERGY.key}"


def add(plan: Plan, installation: Installation) -> None:
    """Add all modules."""
    for module in installation.configuration.modules:
        _add_module(plan, module)


def _add_module(plan: Plan, module: EnergyModule) -> None:
    device = plan.device(
        f"module_{module.id}",
        module.name,
        kind="module",
        number=module.id,
        model=_MODELS.get(module.version, "Energy module"),
    )

    def add(
        name: str,
        index: int,
        description: SensorEntityDescription,
        restore: timedelta | None = None,
    ) -> SensorPoint:
        return SensorPoint(
            device=device,
            id=f"ct_{module.id}.{index}_{description.key}",
            description=enabled_if(bool(module.inputs[index]), description),
            placeholders={"name": name},
            restore=restore,
        )

    for index, given in enumerate(module.inputs):
        # Unused inputs measure too, but only noise.
        name = given or str(index + 1)
        power = (Kind.POWER, f"{module.id}.{index}")
        energy = (Kind.ENERGY, f"{module.id}.{index}")
        for measure, show in _MEASURES if given else _MEASURES[:1]:
            point = add(name, index, measure)
            plan.add(point, shown(PowerState, power, show), power)
        for count, tell in _COUNTS if given else _COUNTS[:1]:
            point = add(name, index, count, RESTORE)
            plan.add(point, shown(EnergyState, energy, tell), energy)
    # The frequency is the same for the whole grid.
    first = (Kind.POWER, f"{module.id}.0")
    plan.add(
        SensorPoint(
            device=device, id=f"module_{module.id}_frequency", description=FREQUENCY
        ),
        shown(PowerState, first, lambda state: state.frequency),
        first,
    )
