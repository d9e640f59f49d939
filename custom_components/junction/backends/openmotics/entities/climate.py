"""Thermostats and their groups, on both engines (§1.9), and ventilation (§1.11)."""

from math import ceil
from typing import Final

from homeassistant.components.climate import (
    ClimateEntityDescription,
    HVACAction,
    HVACMode,
)
from homeassistant.components.fan import FanEntityDescription
from homeassistant.components.select import SelectEntityDescription
from homeassistant.components.sensor import SensorEntityDescription, SensorStateClass
from homeassistant.components.switch import SwitchEntityDescription
from homeassistant.const import UnitOfRatio, UnitOfTemperature

from ....model import (
    UNAVAILABLE,
    ClimateCommand,
    ClimatePoint,
    ClimateState,
    FanCommand,
    FanPoint,
    FanState,
    SelectPoint,
    SensorPoint,
    SwitchPoint,
)
from ..models import (
    GroupState,
    Key,
    Kind,
    Preset,
    States,
    Thermostat,
    ThermostatGroup,
    UnitState,
    Ventilation,
    VentilationState,
)
from .site import Plan, Site, enabled_if, shown

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
VENTILATION: Final = FanEntityDescription(
    key="ventilation", translation_key="openmotics_ventilation", name=None
)
LEVEL: Final = SensorEntityDescription(
    key="ventilation_level",
    translation_key="openmotics_ventilation_level",
    state_class=SensorStateClass.MEASUREMENT,
)
AUTOMATIC: Final = "auto"

MIN_TEMPERATURE: Final = 6.0
MAX_TEMPERATURE: Final = 32.0


def add(plan: Plan, site: Site) -> None:
    """Add thermostats, their groups, and ventilation."""
    for group in site.configuration.groups:
        _add_group(plan, site, group)
    for unit in site.configuration.thermostats:
        _add_unit(plan, site, unit)
    for ventilation in site.configuration.ventilations:
        _add_ventilation(plan, site, ventilation)


def _cools(states: States, group: int) -> bool | None:
    state = states.get((Kind.GROUP, str(group)))
    return state.cooling if isinstance(state, GroupState) else None


def _add_unit(plan: Plan, site: Site, unit: Thermostat) -> None:
    key: Key = (Kind.UNIT, str(unit.id))
    identity = f"thermostat_{unit.id}"
    abilities = site.gateway.abilities
    # A unit does what its group does, so it offers that mode only.
    works = HVACMode.COOL if _cools(site.states, unit.group) else HVACMode.HEAT

    async def steer(command: ClimateCommand) -> None:
        on = None
        if command.mode is not None and abilities.unit_off:
            on = command.mode is not HVACMode.OFF
        preset = None if command.preset is None else Preset(command.preset)
        if (on, command.target, preset) != (None, None, None):
            await site.gateway.set_thermostat(
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
            id=identity,
            description=enabled_if(bool(unit.name), THERMOSTAT),
            modes=(HVACMode.OFF, works) if abilities.unit_off else (works,),
            set=steer,
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


def _add_group(plan: Plan, site: Site, group: ThermostatGroup) -> None:
    key: Key = (Kind.GROUP, str(group.id))
    identity = f"thermostat_group_{group.id}"
    units: tuple[Key, ...] = tuple(
        (Kind.UNIT, str(unit.id))
        for unit in site.configuration.thermostats
        if unit.group == group.id
    )

    async def choose(mode: str) -> None:
        await site.gateway.set_thermostat_group(group.id, cooling=mode == COOLING)

    async def switch(on: bool) -> None:
        await site.gateway.set_thermostat_group(group.id, on=on)

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
    if site.gateway.abilities.group_on:
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


def _add_ventilation(plan: Plan, site: Site, unit: Ventilation) -> None:
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
    if not site.gateway.abilities.ventilation:
        plan.add(
            SensorPoint(device=identity, id=identity, description=LEVEL),
            shown(VentilationState, key, lambda state: state.level),
            key,
        )
        return

    async def steer(command: FanCommand) -> None:
        level: int | None = None
        if not command.on:
            level = 0
        elif command.preset is None and command.percentage is not None:
            level = ceil(command.percentage * unit.levels / 100)
        await site.gateway.set_ventilation(unit.id, level)

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
            set=steer,
            speeds=unit.levels,
            presets=(AUTOMATIC,),
            # What lies between two levels becomes the higher one.
            tolerance=100 / unit.levels,
        ),
        shown(VentilationState, key, show),
        key,
    )
