"""Pulse counters, with the meaning that the user assigned."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.components.number import NumberEntityDescription, NumberMode
from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import EntityCategory, UnitOfEnergy, UnitOfVolume

from ....model import UNAVAILABLE, NumberPoint, SensorPoint
from ..client.models import Kind, PulseCounter, States
from .description import Installation, Plan, enabled_if

PULSES: Final = SensorEntityDescription(
    key="pulses",
    translation_key="openmotics_pulses",
    state_class=SensorStateClass.TOTAL_INCREASING,
)
COUNT: Final = NumberEntityDescription(
    key="count",
    translation_key="openmotics_count",
    native_min_value=0,
    native_max_value=2**31 - 1,
    native_step=1,
    mode=NumberMode.BOX,
    entity_category=EntityCategory.CONFIG,
    entity_registry_enabled_default=False,
)
"""The count of a virtual counter."""
MEDIA: Final[Mapping[str, SensorEntityDescription]] = {
    medium: SensorEntityDescription(
        key="pulses",
        device_class=kind,
        native_unit_of_measurement=unit,
        state_class=SensorStateClass.TOTAL_INCREASING,
    )
    for medium, kind, unit in (
        ("water", SensorDeviceClass.WATER, UnitOfVolume.CUBIC_METERS),
        ("gas", SensorDeviceClass.GAS, UnitOfVolume.CUBIC_METERS),
        ("electricity", SensorDeviceClass.ENERGY, UnitOfEnergy.KILO_WATT_HOUR),
    )
}
"""What a pulse counter may count; its option is the number of pulses per unit."""


def add(plan: Plan, installation: Installation) -> None:
    """Add all pulse counters."""
    for counter in installation.configuration.pulses:
        _add_counter(plan, installation, counter)


def _add_counter(plan: Plan, installation: Installation, counter: PulseCounter) -> None:
    key = (Kind.PULSE, str(counter.index))
    identity = f"pulse_{counter.id}"
    chosen: Mapping[str, Any] = installation.settings.pulses.get(str(counter.id), {})
    description = MEDIA.get(chosen.get("medium", ""), PULSES)
    per_unit = float(chosen.get("per_unit") or 1) if description is not PULSES else 0

    def show(states: States) -> object:
        count = states.get(key, UNAVAILABLE)
        if not isinstance(count, int) or not per_unit:
            return count
        return count / per_unit

    plan.device(
        identity,
        counter.name,
        kind="pulse",
        number=counter.id,
        room=counter.room,
        model="Pulse counter",
    )
    plan.add(
        SensorPoint(
            device=identity,
            id=identity,
            description=enabled_if(bool(counter.name), description),
        ),
        show,
        key,
    )
    if counter.wired or not installation.gateway.abilities.feeds:
        return

    async def send(value: float) -> None:
        await installation.gateway.set_pulse_counter(counter.id, round(value))

    plan.add(
        NumberPoint(
            device=identity,
            id=f"{identity}_count",
            description=COUNT,
            set_value=send,
        ),
        lambda states: states.get(key, UNAVAILABLE),
        key,
    )
