"""Thermostats and their groups, for both engines.

Protocol: docs/protocols/openmotics.md#thermostats.
"""

from typing import Final

from homeassistant.components.climate import (
    ClimateEntityDescription,
    HVACAction,
    HVACMode,
)
from homeassistant.components.select import SelectEntityDescription
from homeassistant.components.sensor import SensorEntityDescription, SensorStateClass
from homeassistant.components.switch import SwitchEntityDescription
from homeassistant.const import UnitOfRatio, UnitOfTemperature

from ....model import (
    UNAVAILABLE,
    ClimateCommand,
    ClimatePoint,
    ClimateState,
    PointKey,
    SelectPoint,
    SensorPoint,
    SwitchPoint,
)
from ..client.models import (
    GroupState,
    Key,
    Kind,
    Preset,
    States,
    Thermostat,
    ThermostatGroup,
    UnitState,
)
from .description import Installation, Plan, enabled_if, shown

THERMOSTAT: Final = ClimateEntityDescription(
    key="thermostat", translation_key="openmotics_thermostat", name=None
)
DEMAND: Final = SensorEntityDescription(
    key="demand",
    translation_key="openmotics_demand",
    native_unit_of_measurement=UnitOfRatio.PERCENTAGE,
    state_class=SensorStateClass.MEASUREMENT,
    suggested_display_precision=0,
)
HEATING: Final = "heating"
COOLING: Final = "cooling"
GROUP_MODE: Final = SelectEntityDescription(
    key="group_mode",
    translation_key="openmotics_group_mode",
    options=[HEATING, COOLING],
)
GROUP_ON: Final = SwitchEntityDescription(
    key="group_on", translation_key="openmotics_group_on"
)
MIN_TEMPERATURE: Final = 6.0
MAX_TEMPERATURE: Final = 32.0


def thermostat_point(number: int) -> PointKey:
    """Return the climate point of a unit."""
    return f"thermostat_{number}", f"thermostat_{number}"


def add(plan: Plan, installation: Installation) -> None:
    """Add thermostats and their groups."""
    for group in installation.configuration.groups:
        _add_group(plan, installation, group)
    for unit in installation.configuration.thermostats:
        _add_unit(plan, installation, unit)


def _cools(states: States, group: int) -> bool | None:
    state = states.get((Kind.GROUP, str(group)))
    return state.cooling if isinstance(state, GroupState) else None


def _add_unit(plan: Plan, installation: Installation, unit: Thermostat) -> None:
    key: Key = (Kind.UNIT, str(unit.id))
    identity, point = thermostat_point(unit.id)
    abilities = installation.gateway.abilities
    # A unit has the mode of its group, so it offers only that mode.
    works = HVACMode.COOL if _cools(installation.states, unit.group) else HVACMode.HEAT

    async def send(command: ClimateCommand) -> None:
        on = None
        if command.mode is not None and abilities.unit_off:
            on = command.mode is not HVACMode.OFF
        preset = None if command.preset is None else Preset(command.preset)
        if (on, command.target, preset) != (None, None, None):
            await installation.gateway.set_thermostat(
                unit.id, on=on, setpoint=command.target, preset=preset
            )

    def show(states: States) -> object:
        state = states.get(key)
        if not isinstance(state, UnitState):
            return UNAVAILABLE
        return ClimateState(
            mode=None if state.on is None else works if state.on else HVACMode.OFF,
            action=_action(state, works),
            current=state.current,
            target=state.setpoint,
            preset=state.preset,
        )

    plan.device(
        identity,
        unit.name,
        kind="thermostat",
        number=unit.id,
        room=unit.room,
        model="Thermostat",
    )
    plan.add(
        ClimatePoint(
            device=identity,
            id=point,
            description=enabled_if(bool(unit.name), THERMOSTAT),
            modes=(HVACMode.OFF, works) if abilities.unit_off else (works,),
            set=send,
            unit=UnitOfTemperature.CELSIUS,
            min_temperature=MIN_TEMPERATURE,
            max_temperature=MAX_TEMPERATURE,
            step=0.5,
            presets=tuple(map(str, abilities.presets)),
        ),
        show,
        key,
    )
    plan.add(
        SensorPoint(
            device=identity,
            id=f"{identity}_demand",
            description=enabled_if(bool(unit.name), DEMAND),
        ),
        shown(UnitState, key, lambda state: state.steering),
        key,
    )


def _action(state: UnitState, works: HVACMode) -> HVACAction | None:
    if state.on is False:
        return HVACAction.OFF
    if state.steering is None:
        return None
    if not state.steering:
        return HVACAction.IDLE
    return HVACAction.COOLING if works is HVACMode.COOL else HVACAction.HEATING


def _add_group(plan: Plan, installation: Installation, group: ThermostatGroup) -> None:
    key: Key = (Kind.GROUP, str(group.id))
    identity = f"thermostat_group_{group.id}"
    units: tuple[Key, ...] = tuple(
        (Kind.UNIT, str(unit.id))
        for unit in installation.configuration.thermostats
        if unit.group == group.id
    )

    async def choose(mode: str) -> None:
        await installation.gateway.set_thermostat_group(
            group.id, cooling=mode == COOLING
        )

    async def switch(on: bool) -> None:
        await installation.gateway.set_thermostat_group(group.id, on=on)

    def show_mode(state: GroupState) -> object:
        return None if state.cooling is None else COOLING if state.cooling else HEATING

    def show_on(states: States) -> object:
        found = [
            state.on
            for unit in units
            if isinstance(state := states.get(unit), UnitState)
        ]
        return any(found) if found else UNAVAILABLE

    plan.device(
        identity,
        group.name,
        kind="thermostat_group",
        number=group.id,
        model="Thermostat group",
    )
    if group.cooling:
        plan.add(
            SelectPoint(
                device=identity,
                id=f"{identity}_mode",
                description=GROUP_MODE,
                select=choose,
            ),
            shown(GroupState, key, show_mode),
            key,
        )
    if installation.gateway.abilities.group_on:
        plan.add(
            SwitchPoint(
                device=identity,
                id=f"{identity}_on",
                description=GROUP_ON,
                set_on=switch,
            ),
            show_on,
            *units,
        )
