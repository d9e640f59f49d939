"""Ventilation units."""

from math import ceil
from typing import Final

from homeassistant.components.fan import FanEntityDescription
from homeassistant.components.sensor import SensorEntityDescription, SensorStateClass

from ....model import UNAVAILABLE, FanCommand, FanPoint, FanState, SensorPoint
from ..client.models import Key, Kind, Ventilation, VentilationState
from .description import Installation, Plan, shown

VENTILATION: Final = FanEntityDescription(
    key="ventilation", translation_key="openmotics_ventilation", name=None
)
LEVEL: Final = SensorEntityDescription(
    key="ventilation_level",
    translation_key="openmotics_ventilation_level",
    state_class=SensorStateClass.MEASUREMENT,
)
AUTOMATIC: Final = "auto"


def add(plan: Plan, installation: Installation) -> None:
    """Add all ventilation units."""
    for unit in installation.configuration.ventilations:
        _add_ventilation(plan, installation, unit)


def _add_ventilation(plan: Plan, installation: Installation, unit: Ventilation) -> None:
    key: Key = (Kind.VENTILATION, str(unit.id))
    identity = f"ventilation_{unit.id}"
    plan.device(
        identity,
        unit.name,
        kind="ventilation",
        number=unit.id,
        room=unit.room,
        manufacturer=unit.vendor,
        model=unit.model,
        serial_number=unit.serial,
    )
    if not installation.gateway.abilities.ventilation:
        plan.add(
            SensorPoint(device=identity, id=identity, description=LEVEL),
            shown(VentilationState, key, lambda state: state.level),
            key,
        )
        return

    async def send(command: FanCommand) -> None:
        level: int | None = None
        if not command.on:
            level = 0
        elif command.preset is None and command.percentage is not None:
            level = ceil(command.percentage * unit.levels / 100)
        await installation.gateway.set_ventilation(unit.id, level)

    async def run_for(seconds: float) -> None:
        state = installation.states.get(key)
        level = state.level if isinstance(state, VentilationState) else None
        # The middle level, unless one was set manually.
        await installation.send_stateless(
            installation.gateway.set_ventilation(
                unit.id, level or ceil(unit.levels / 2), seconds=seconds
            )
        )

    def show(state: VentilationState) -> object:
        if not state.connected or (state.automatic is None and state.level is None):
            return UNAVAILABLE
        percentage = None
        if state.level is not None:
            percentage = round(state.level * 100 / unit.levels)
        return FanState(
            on=bool(state.automatic) or bool(state.level),
            percentage=percentage,
            preset=AUTOMATIC if state.automatic else None,
        )

    plan.add(
        FanPoint(
            device=identity,
            id=identity,
            description=VENTILATION,
            set=send,
            speeds=unit.levels,
            presets=(AUTOMATIC,),
            turn_on_for=run_for,
            # Two thirds are 66 % in the command, and 67 % in the state.
            tolerance=1,
        ),
        shown(VentilationState, key, show),
        key,
    )
