"""Parse V0 configurations.

Protocol: docs/protocols/openmotics.md#conventions.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from ....http import json_fields as j
from ..models import (
    EnergyModule,
    GroupAction,
    Input,
    Key,
    Kind,
    Output,
    OutputType,
    PulseCounter,
    Sensor,
    Shutter,
    ShutterGroup,
    Ventilation,
)
from .rows import UNSET_BYTE, UNSET_WORD, Rooms, Row, name, numbered, room_of, used

TIME_STEPS: Final = 100
"""Steps of shutters whose position is calculated from time."""

# Old configurations have one array per quantity.
OLD_QUANTITIES: Final = ("temperature", "humidity", "brightness")

FIRST_FOREIGN: Final = 200
"""Sensors can be set from this id on; the others answer "readonly"."""

FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "get_output_configurations": (
        "id",
        "module_type",
        "name",
        "type",
        "room",
        "in_use",
    ),
    "get_input_configurations": ("id", "module_type", "name", "room", "in_use"),
    "get_thermostat_configurations": (
        "id",
        "name",
        "room",
        "thermostat_group",
        "sensor",
        "output0",
        "output1",
        "setp3",
        "setp4",
        "setp5",
    ),
    "get_cooling_configurations": (
        "id",
        "sensor",
        "output0",
        "output1",
        "setp3",
        "setp4",
        "setp5",
    ),
    "get_group_action_configurations": (
        "id",
        "name",
        "actions",
        "internal",
        "show_in_app",
    ),
}
"""Fields to request of long configurations."""


def outputs(rows: Iterable[Row], names: Rooms, unused: set[Key]) -> Iterator[Output]:
    """Read outputs, without the relays of shutters."""
    for row, number in numbered(rows):
        kind = _output_type(row)
        if not used(row):
            # Not in use; if it has a state one day, it was put to use.
            continue
        if kind is OutputType.SHUTTER_RELAY:
            unused.add((Kind.OUTPUT, str(number)))
            continue
        yield Output(
            id=number,
            name=name(row),
            type=kind,
            dimmable=(j.text(row, "module_type") or "").upper() == "D",
            room=room_of(row, names),
        )


def inputs(rows: Iterable[Row], names: Rooms) -> Iterator[Input]:
    """Read inputs. A module with a lowercase letter is virtual."""
    for row, number in numbered(rows):
        if used(row):
            yield Input(
                id=number,
                name=name(row),
                virtual=(j.text(row, "module_type") or "").islower()
                or j.text(row, "module", "hardware_type") == "virtual",
                room=room_of(row, names),
            )


def shutters(
    rows: Iterable[Row],
    names: Rooms,
    unused: set[Key],
    *,
    positions: bool,
    timed_positions: bool,
) -> Iterator[Shutter]:
    """Read shutters, without the empty slots that Core gateways list.

    ``positions``: shutters with steps support positions; ``timed_positions``: all of
    them do.
    """
    for row, number in numbered(rows):
        up, down = (j.number(row, f"timer_{way}") for way in ("up", "down"))
        times = [time for time in (up, down) if time and time < UNSET_BYTE]
        if not used(row):
            continue
        if not (name(row) or times):
            unused.add((Kind.SHUTTER, str(number)))
            continue
        steps = j.integer(row, "steps")
        stepped = steps is not None and 2 <= steps < UNSET_WORD
        yield Shutter(
            id=number,
            name=name(row),
            steps=steps if stepped and steps is not None else TIME_STEPS,
            seconds=max(times, default=60.0),
            positions=positions and (stepped or timed_positions),
            room=room_of(row, names),
        )


def shutter_groups(rows: Iterable[Row], names: Rooms) -> Iterator[ShutterGroup]:
    """Read groups of shutters; older gateways do not report which are in use."""
    for row, number in numbered(rows):
        times = (j.number(row, "timer_up"), j.number(row, "timer_down"))
        set_up = any(time is not None and time < UNSET_BYTE for time in times)
        if used(row) and (set_up or j.boolean(row, "in_use")):
            yield ShutterGroup(id=number, room=room_of(row, names))


def sensors(rows: Iterable[Row], names: Rooms) -> Iterator[Sensor]:
    """Read the sensors of gateways that list every quantity separately."""
    for row, number in numbered(rows):
        if not used(row):
            continue
        source = j.text(row, "source", "type") or "master"
        plugin = j.text(row, "source", "name") or ""
        external = j.text(row, "external_id")
        yield Sensor(
            key=str(number),
            device=(
                f"{source}.{plugin}.{external}" if external else f"sensor.{number}"
            ),
            name=name(row),
            quantity=j.text(row, "physical_quantity"),
            unit=j.text(row, "unit"),
            source=source,
            external=external,
            plugin=plugin or None,
            # The master sets the values of the others; below 200 all are its own.
            writable=bool(j.boolean(row, "virtual"))
            if source == "master"
            else number >= FIRST_FOREIGN,
            room=room_of(row, names),
        )


def old_sensors(
    rows: Iterable[Row], names: Rooms, values: Mapping[Key, object]
) -> Iterator[Sensor]:
    """Read the sensors of older gateways: those that have a value."""
    units = dict(zip(OLD_QUANTITIES, ("celcius", "percent", "percent"), strict=True))
    for row, number in numbered(rows):
        if not used(row) or not name(row):
            continue
        for quantity, unit in units.items():
            if values.get((Kind.SENSOR, f"{number}.{quantity}")) is not None:
                yield Sensor(
                    key=f"{number}.{quantity}",
                    device=f"sensor.{number}",
                    name=name(row),
                    quantity=quantity,
                    unit=unit,
                    room=room_of(row, names),
                )


def modules(rows: Iterable[Row]) -> Iterator[EnergyModule]:
    """Read energy and power modules. Fields beyond their ports are null."""
    for row, number in numbered(rows):
        version = j.integer(row, "version") or 0
        ports = version if version in {8, 12} else 8
        yield EnergyModule(
            id=number,
            name=name(row),
            version=version,
            inputs=tuple(
                (j.text(row, f"input{port}") or "").strip() for port in range(ports)
            ),
        )


def pulses(rows: Iterable[Row], names: Rooms) -> Iterator[PulseCounter]:
    """Read pulse counters, whose status is a list in the order of their ids."""
    ordered = sorted(numbered(rows), key=lambda pair: pair[1])
    for index, (row, number) in enumerate(ordered):
        wired = j.integer(row, "input") not in {None, UNSET_BYTE}
        if used(row) and (name(row) or wired):
            yield PulseCounter(
                id=number,
                index=index,
                name=name(row),
                wired=wired,
                room=room_of(row, names),
            )


def group_actions(rows: Iterable[Row]) -> Iterator[GroupAction]:
    """Read group actions; most of the 256 are empty."""
    for row, number in numbered(rows):
        if name(row) and j.text(row, "actions") and not j.boolean(row, "internal"):
            shown = j.boolean(row, "show_in_app")
            yield GroupAction(id=number, name=name(row), shown=shown is not False)


def ventilations(rows: Iterable[Row], names: Rooms) -> Iterator[Ventilation]:
    """Read ventilation units."""
    for row, number in numbered(rows):
        yield Ventilation(
            id=number,
            name=name(row),
            levels=j.integer(row, "amount_of_levels") or 4,
            vendor=j.text(row, "device", "vendor"),
            model=j.text(row, "device", "type"),
            serial=j.text(row, "device", "serial"),
            room=room_of(row, names),
        )


def _output_type(row: Row) -> OutputType:
    try:
        return OutputType(j.integer(row, "type") or 0)
    except ValueError:
        return OutputType.GENERIC
