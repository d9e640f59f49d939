"""PID controllers: thermostats where they control a temperature.

See docs/protocols/mycodo.md#pid-controllers and
docs/protocols/mycodo.md#web-routes.
"""

from collections.abc import Callable, Iterator
from typing import Final

from homeassistant.components.climate import (
    ClimateEntityDescription,
    HVACAction,
    HVACMode,
)
from homeassistant.components.number import NumberEntityDescription
from homeassistant.components.select import SelectEntityDescription
from homeassistant.components.sensor import SensorEntityDescription
from homeassistant.const import EntityCategory

from ....model import (
    UNAVAILABLE,
    ClimateCommand,
    ClimatePoint,
    ClimateState,
    NumberPoint,
    SelectPoint,
    SensorPoint,
)
from ..client import (
    Listing,
    MeasurementRow,
    MycodoClient,
    MycodoState,
    Pid,
    PidCommands,
    unit_text,
)
from ..settings import Settings
from .description import DescribedPoint, Source
from .meaning import Meaning, meaning

GAINS: Final = ("kp", "ki", "kd")
RUNNING: Final = "running"
HELD: Final = "held"
PAUSED: Final = "paused"
OPERATIONS: Final = (RUNNING, HELD, PAUSED)

_TEMPERATURES: Final = ("C", "F", "K")
# Range of a thermostat in °C.
_LOWEST, _HIGHEST = -50.0, 150.0

_MODES: Final = {"raise": HVACMode.HEAT, "lower": HVACMode.COOL}
_WRITE_SETPOINT_LIMIT: Final = 1e6


def build(
    listing: Listing, settings: Settings, client: MycodoClient, commands: PidCommands
) -> Iterator[DescribedPoint]:
    """Yield the points of all PID controllers, without their measurements."""
    for pid in listing.pids.values():
        controlled = listing.controlled(pid)
        if controlled is None:
            continue
        unit = listing.unit(controlled)
        found = meaning(
            controlled.meaning,
            unit,
            text=unit_text(unit, listing.units),
            beside=frozenset(),
        )
        writable = settings.can_control and settings.pid_routes
        # A setpoint would be overwritten by the one that the PID follows.
        settable = writable and not pid.follows
        if controlled.meaning in ("temperature", "dewpoint") and unit in _TEMPERATURES:
            yield _climate(
                listing, pid, controlled, settings, client, commands, settable=settable
            )
        elif writable:
            if settable:
                yield _setpoint(pid.id, found, commands)
            yield _operation(pid.id, commands)
        if not settings.channel:
            # With the daemon's own port they are numbers instead.
            for gain in GAINS:
                yield _shown_gain(pid.id, gain)
        if not settable:
            used = listing.used_setpoint(pid) if pid.follows else None
            yield _shown_setpoint(pid.id, found, used)


def operation(pid: Pid) -> str:
    """Return the operation mode of a PID."""
    if pid.paused:
        return PAUSED
    return HELD if pid.held else RUNNING


async def _operate(commands: PidCommands, pid: str, wanted: str) -> None:
    # Hold and pause are independent, so end one before setting the other.
    await commands.resume(pid)
    if wanted == HELD:
        await commands.hold(pid)
    elif wanted == PAUSED:
        await commands.pause(pid)


def _climate(
    listing: Listing,
    pid: Pid,
    controlled: MeasurementRow,
    settings: Settings,
    client: MycodoClient,
    commands: PidCommands,
    *,
    settable: bool,
) -> DescribedPoint:
    unit = listing.unit(controlled)
    mode = _MODES.get(pid.direction, HVACMode.HEAT_COOL)
    routes = settings.can_control and settings.pid_routes
    identity = pid.id

    async def send(command: ClimateCommand) -> None:
        if command.target is not None:
            await commands.set_setpoint(identity, command.target)
        if command.preset is not None:
            await _operate(commands, identity, command.preset)
        if command.mode is not None:
            await client.activate(identity, command.mode is not HVACMode.OFF)

    meant = meaning(controlled.meaning, unit, beside=frozenset())
    return DescribedPoint(
        ClimatePoint(
            device=identity,
            description=ClimateEntityDescription(
                key="pid", name=None, translation_key="mycodo_pid"
            ),
            modes=(mode, HVACMode.OFF),
            set=send if settings.can_control else None,
            unit=meant.unit or "",
            min_temperature=_in(unit, _LOWEST),
            max_temperature=_in(unit, _HIGHEST),
            step=0.1,
            targets=settable,
            presets=OPERATIONS if routes else (),
            tolerance=0.05,
        ),
        Source.PIDS,
        _read_climate(identity, controlled.id, mode),
        subject=identity,
        needs=(controlled.id,),
    )


def _in(unit: str, celsius: float) -> float:
    """Return a temperature in °C in one of Mycodo's units."""
    return {"F": celsius * 1.8 + 32, "K": celsius + 273.15}.get(unit, celsius)


def _read_climate(
    identity: str, controlled: str, mode: HVACMode
) -> Callable[[MycodoState], object]:
    def read(mycodo: MycodoState) -> object:
        if (pid := mycodo.pid(identity)) is None:
            return UNAVAILABLE
        reading = (mycodo.readings or {}).get(controlled)
        return ClimateState(
            mode=mode if pid.active else HVACMode.OFF,
            action=_action(mycodo, pid),
            current=None if reading is None else reading.value,
            target=pid.setpoint,
            preset=operation(pid),
        )

    return read


def _action(mycodo: MycodoState, pid: Pid) -> HVACAction | None:
    """Return the action of a PID by its outputs; None if their states are unknown."""
    if not pid.active:
        return HVACAction.OFF
    if mycodo.outputs is None:
        return None
    if pid.raises is not None and mycodo.driven(pid.raises):
        return HVACAction.HEATING
    if pid.lowers is not None and mycodo.driven(pid.lowers):
        return HVACAction.COOLING
    return HVACAction.IDLE


def _setpoint(identity: str, found: Meaning, commands: PidCommands) -> DescribedPoint:
    """Return the setpoint of a PID that does not control a temperature."""
    factor = found.factor

    async def set_value(value: float) -> None:
        await commands.set_setpoint(identity, value / factor)

    def read(mycodo: MycodoState) -> object:
        if (pid := mycodo.pid(identity)) is None:
            return UNAVAILABLE
        return None if pid.setpoint is None else pid.setpoint * factor

    return DescribedPoint(
        NumberPoint(
            device=identity,
            id="setpoint_number",
            description=NumberEntityDescription(
                key="setpoint",
                translation_key="mycodo_setpoint",
                native_unit_of_measurement=found.unit,
                native_min_value=-_WRITE_SETPOINT_LIMIT,
                native_max_value=_WRITE_SETPOINT_LIMIT,
                native_step=0.01,
            ),
            set_value=set_value,
            tolerance=0.005,
        ),
        Source.PIDS,
        read,
        subject=identity,
    )


def _shown_setpoint(identity: str, found: Meaning, used: str | None) -> DescribedPoint:
    """Return the read-only setpoint of a PID.

    ``used`` is the row of the setpoint that it follows, if not its own setting.
    """

    def read(mycodo: MycodoState) -> object:
        if (pid := mycodo.pid(identity)) is None:
            return UNAVAILABLE
        setpoint = pid.setpoint
        if used is not None:
            reading = (mycodo.readings or {}).get(used)
            setpoint = None if reading is None else reading.value
        return None if setpoint is None else setpoint * found.factor

    return DescribedPoint(
        SensorPoint(
            device=identity,
            id="setpoint_shown",
            description=SensorEntityDescription(
                key="setpoint",
                translation_key="mycodo_set_to",
                device_class=found.device_class,
                native_unit_of_measurement=found.unit,
            ),
        ),
        Source.PIDS,
        read,
        subject=identity,
        needs=() if used is None else (used,),
    )


def _shown_gain(identity: str, gain: str) -> DescribedPoint:
    def read(mycodo: MycodoState) -> object:
        pid = mycodo.pid(identity)
        return UNAVAILABLE if pid is None else getattr(pid, gain)

    return DescribedPoint(
        SensorPoint(
            device=identity,
            id=f"{gain}_shown",
            description=SensorEntityDescription(
                key=gain,
                translation_key=f"mycodo_{gain}",
                entity_category=EntityCategory.DIAGNOSTIC,
                entity_registry_enabled_default=False,
            ),
        ),
        Source.PIDS,
        read,
        subject=identity,
    )


def _operation(identity: str, commands: PidCommands) -> DescribedPoint:
    async def select(wanted: str) -> None:
        await _operate(commands, identity, wanted)

    def read(mycodo: MycodoState) -> object:
        pid = mycodo.pid(identity)
        return UNAVAILABLE if pid is None else operation(pid)

    return DescribedPoint(
        SelectPoint(
            device=identity,
            description=SelectEntityDescription(
                key="operation",
                translation_key="mycodo_operation",
                options=list(OPERATIONS),
            ),
            select=select,
        ),
        Source.PIDS,
        read,
        subject=identity,
    )
