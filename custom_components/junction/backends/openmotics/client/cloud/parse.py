"""Parse the cloud's lists into configuration and states.

Any field may be missing or null, which affects only that field.

Protocol: docs/protocols/openmotics.md#cloud-of-today.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Final

from ....http import UnexpectedJsonError, json_fields as j
from ..models import (
    Configuration,
    GroupAction,
    GroupState,
    Input,
    Key,
    Kind,
    Lamp,
    Output,
    OutputState,
    OutputType,
    Sensor,
    Shutter,
    ShutterState,
    States,
    Thermostat,
    ThermostatGroup,
    UnitState,
    Ventilation,
    VentilationState,
)
from ..v0.states import motion, preset

PERCENT_STEPS: Final = 101
"""Default number of shutter steps: positions up to 100 were seen."""
LOCKS: Final = frozenset({"CLOUD_LOCK", "LOCAL_LOCK"})
"""Locks that a command sets; HW_LOCK is a wall switch."""
_UNITS: Final[Mapping[str, str]] = {"brightness": "percent", "comfort_index": "percent"}

KINDS: Final[Mapping[str, Kind]] = {
    "outputs": Kind.OUTPUT,
    "lights": Kind.LAMP,
    "inputs": Kind.INPUT,
    "shutters": Kind.SHUTTER,
    "sensors": Kind.SENSOR,
    "thermostats/groups": Kind.GROUP,
    "thermostats/units": Kind.UNIT,
    "ventilations/units": Kind.VENTILATION,
    "groupactions": Kind.ACTION,
}
"""Kind of the rows in each list."""
FILTERED_KINDS: Final[Mapping[str, Kind]] = {
    "outputs": Kind.OUTPUT,
    "shutters": Kind.SHUTTER,
    "groupactions": Kind.ACTION,
}
"""Kind of the rows in each filtered list."""

type Row = Mapping[str, Any]
type Lists = Mapping[str, Iterable[Row]]


def installations(answer: object) -> dict[str, str]:
    """Return the names of an account's installations by id, in the format of either cloud.

    Raises UnexpectedJsonError if there is no list.
    """
    rows = j.mappings(answer)
    if rows is None:
        rows = j.mappings(answer, "installations")
    if rows is None:
        raise UnexpectedJsonError("installations")
    return {str(number): j.text(row, "name") or "" for row, number in _numbered(rows)}


def keys(kind: Kind, rows: Iterable[Row]) -> set[Key]:
    """Return the keys of rows."""
    return {(kind, str(number)) for _, number in _numbered(rows)}


def configuration(lists: Lists, kept: Collection[Key] = ()) -> Configuration:
    """Return the configuration from the lists.

    ``kept`` are the keys that the cloud's filter hides, but that are in use already.
    """
    rooms = {
        number: name
        for row, number in _numbered(lists.get("rooms", ()))
        if (name := j.text(row, "name"))
    }
    unused: set[Key] = set()
    units = tuple(_thermostats(lists, rooms))
    return Configuration(
        outputs=tuple(_outputs(lists["outputs"], rooms, unused, kept)),
        lamps=tuple(_lamps(lists, rooms)),
        inputs=tuple(
            Input(id=number, name=_name(row), room=_room(row, rooms))
            for row, number in _numbered(lists["inputs"])
            if _pressed(row) is not None
        ),
        shutters=tuple(_shutters(lists["shutters"], rooms, kept)),
        sensors=tuple(
            Sensor(
                key=str(number),
                device=f"sensor.{number}",
                name=_name(row),
                quantity=(quantity := j.text(row, "physical_quantity")),
                unit=_UNITS.get(quantity or ""),
                room=_room(row, rooms),
            )
            for row, number in _numbered(lists["sensors"])
        ),
        thermostats=units,
        groups=tuple(_groups(lists["thermostats/groups"], units)),
        actions=tuple(
            GroupAction(
                id=number, name=name, internal=(Kind.ACTION, str(number)) in kept
            )
            for row, number in _numbered(lists["groupactions"])
            if (name := _name(row))
        ),
        ventilations=tuple(
            Ventilation(id=number, name=_name(row), room=_room(row, rooms))
            for row, number in _numbered(lists["ventilations/units"])
        ),
        unused=frozenset(unused),
    )


def states(path: str, rows: Iterable[Row]) -> States:
    """Return the states in the rows of one list."""
    found: dict[Key, object] = {}
    for row, number in _numbered(rows):
        key = str(number)
        status = j.mapping(row, "status") or {}
        match path:
            case "outputs" | "lights":
                level = j.integer(status, "value")
                kind = Kind.OUTPUT if path == "outputs" else Kind.LAMP
                found[kind, key] = OutputState(
                    on=j.boolean(status, "on"),
                    level=None if level is None else min(max(level, 0), 100),
                    locked=j.boolean(status, "locked"),
                )
            case "inputs":
                found[Kind.INPUT, key] = _pressed(row)
            case "shutters":
                found[Kind.SHUTTER, key] = ShutterState(
                    motion=motion(j.text(status, "state")),
                    position=j.integer(status, "position"),
                    locked=j.boolean(status, "locked"),
                    preset=j.integer(status, "preset_position"),
                )
            case "sensors":
                quantity = j.text(row, "physical_quantity") or ""
                found[Kind.SENSOR, key] = j.number(status, quantity)
            case "thermostats/groups":
                found[Kind.GROUP, key] = GroupState(
                    cooling=_mode(j.text(status, "mode"))
                )
            case "thermostats/units":
                found[Kind.UNIT, key] = _unit(status)
            case "ventilations/units":
                mode = j.text(status, "mode")
                found[Kind.VENTILATION, key] = VentilationState(
                    automatic=None if mode is None else mode.startswith("auto"),
                    level=j.integer(status, "level"),
                )
            case _:
                continue
    return found


def _outputs(
    rows: Iterable[Row],
    rooms: Mapping[int, str],
    unused: set[Key],
    kept: Collection[Key],
) -> Iterator[Output]:
    for row, number in _numbered(rows):
        kind = OutputType.__members__.get(j.text(row, "type") or "", OutputType.GENERIC)
        if kind is OutputType.SHUTTER_RELAY:
            unused.add((Kind.OUTPUT, str(number)))
            continue
        yield Output(
            id=number,
            name=_name(row),
            type=kind,
            dimmable="RANGE" in (j.sequence(row, "capabilities") or ()),
            room=_room(row, rooms),
            internal=(Kind.OUTPUT, str(number)) in kept,
        )


def _lamps(lists: Lists, rooms: Mapping[int, str]) -> Iterator[Lamp]:
    """Yield lights of other vendors, without those that are outputs too."""
    outputs = {
        (number, j.integer(row, "local_id"), _name(row))
        for row, number in _numbered(lists["outputs"])
    }
    for row, number in _numbered(lists.get("lights", ())):
        if (number, j.integer(row, "local_id"), _name(row)) not in outputs:
            yield Lamp(
                id=number,
                name=_name(row),
                dimmable="RANGE" in (j.sequence(row, "capabilities") or ()),
                room=_room(row, rooms),
            )


def _shutters(
    rows: Iterable[Row], rooms: Mapping[int, str], kept: Collection[Key]
) -> Iterator[Shutter]:
    for row, number in _numbered(rows):
        steps = j.integer(row, "configuration", "steps")
        able = frozenset(map(str, j.sequence(row, "capabilities") or ()))
        yield Shutter(
            id=number,
            name=_name(row),
            steps=steps if steps and 2 <= steps < 65535 else PERCENT_STEPS,
            positions="POSITION" in able,
            lockable=not LOCKS.isdisjoint(able),
            preset="PRESET" in able,
            preset_settable="CHANGE_PRESET" in able,
            room=_room(row, rooms),
            internal=(Kind.SHUTTER, str(number)) in kept,
        )


def _thermostats(lists: Lists, rooms: Mapping[int, str]) -> Iterator[Thermostat]:
    cools = {
        number
        for row, number in _numbered(lists["thermostats/groups"])
        if "COOLING" in (j.sequence(row, "capabilities") or ())
    }
    for row, number in _numbered(lists["thermostats/units"]):
        group = j.integer(row, "location", "thermostat_group_id") or 0
        driven = (
            j.integer(row, "configuration", way, f"output_{index}_id")
            for way in ("heating", "cooling")
            for index in (0, 1)
        )
        yield Thermostat(
            id=number,
            name=_name(row),
            group=group,
            cooling=group in cools,
            outputs=frozenset(one for one in driven if one is not None),
            room=_room(row, rooms),
        )


def _groups(
    rows: Iterable[Row], units: Iterable[Thermostat]
) -> Iterator[ThermostatGroup]:
    used = {unit.group for unit in units}
    for row, number in _numbered(rows):
        if number in used:
            yield ThermostatGroup(
                id=number,
                name=_name(row),
                cooling="COOLING" in (j.sequence(row, "capabilities") or ()),
            )


def _unit(status: Row) -> UnitState:
    steering = j.number(status, "steering_power")
    return UnitState(
        on=_on(j.value(status, "state")),
        preset=preset(j.text(status, "active_preset") or j.text(status, "preset")),
        current=_first(status, "current_temperature", "actual_temperature"),
        setpoint=_first(status, "current_setpoint", "setpoint"),
        steering=None if steering is None else min(abs(steering), 100.0),
    )


def _first(row: Row, *names: str) -> float | None:
    found = (j.number(row, name) for name in names)
    return next((value for value in found if value is not None), None)


def _on(state: object) -> bool | None:
    if isinstance(state, str):
        return {"ON": True, "OFF": False}.get(state.upper())
    return state if isinstance(state, bool) else None


def _mode(mode: str | None) -> bool | None:
    return {"COOLING": True, "HEATING": False}.get((mode or "").upper())


def _pressed(row: Row) -> bool | None:
    """Return whether an input is pressed, from either of its two formats."""
    pressed = j.boolean(row, "status")
    return pressed if pressed is not None else j.boolean(row, "status", "on")


def _numbered(rows: Iterable[Row]) -> Iterator[tuple[Row, int]]:
    for row in rows:
        if (number := j.integer(row, "id")) is not None:
            yield row, number


def _name(row: Row) -> str:
    return (j.text(row, "name") or "").strip()


def _room(row: Row, rooms: Mapping[int, str]) -> str | None:
    number = j.integer(row, "location", "room_id")
    return None if number is None else rooms.get(number)
