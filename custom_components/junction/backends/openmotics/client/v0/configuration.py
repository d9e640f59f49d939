"""Parse V0 configurations into what there is.

On the wire: docs/protocols/openmotics.md#conventions.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

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
    Thermostat,
    ThermostatGroup,
    Ventilation,
)

UNSET_BYTE: Final = 255
UNSET_WORD: Final = 65535
TIME_STEPS: Final = 100
"""Steps of shutters that run by time."""

# Where a configuration says the sensor's quantity by the array that it is in (OLD).
OLD_QUANTITIES: Final = ("temperature", "humidity", "brightness")

FIRST_FOREIGN: Final = 200
"""From this id on sensors may be fed; the others answer "readonly"."""

type Row = Mapping[str, Any]
type Rooms = Mapping[int, str]

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
"""The fields to ask for where a configuration is long."""


def used(row: Row) -> bool:
    """Return whether something is in use, however old the gateway is."""
    return j.boolean(row, "in_use") is not False and j.text(row, "name") != "NOT_IN_USE"


def name(row: Row) -> str:
    """Return the name without blanks around it, "" without one."""
    return (j.text(row, "name") or "").strip()


def rooms(rows: Iterable[Row]) -> dict[int, str]:
    """Return the names of the rooms that have one."""
    return {
        number: text
        for row in rows
        if (number := j.integer(row, "id")) is not None and (text := name(row))
    }


def outputs(rows: Iterable[Row], names: Rooms, unused: set[Key]) -> Iterator[Output]:
    """Read outputs. Relays of shutters never are ones."""
    for row, number in _numbered(rows):
        kind = _output_type(row)
        if not used(row):
            # Not even known: when it speaks it was put to use.
            continue
        if kind is OutputType.SHUTTER_RELAY:
            unused.add((Kind.OUTPUT, str(number)))
            continue
        yield Output(
            id=number,
            name=name(row),
            type=kind,
            dimmable=(j.text(row, "module_type") or "").upper() == "D",
            room=_room(row, names),
        )


def inputs(rows: Iterable[Row], names: Rooms) -> Iterator[Input]:
    """Read inputs. A module with a small letter is virtual."""
    for row, number in _numbered(rows):
        if used(row):
            yield Input(
                id=number,
                name=name(row),
                virtual=(j.text(row, "module_type") or "").islower()
                or j.text(row, "module", "hardware_type") == "virtual",
                room=_room(row, names),
            )


def shutters(
    rows: Iterable[Row],
    names: Rooms,
    unused: set[Key],
    *,
    positions: bool,
    timed_positions: bool,
) -> Iterator[Shutter]:
    """Read shutters, without the places for some that Core gateways list.

    ``positions``: stepped ones can be sent to a position; ``timed_positions``: all can.
    """
    for row, number in _numbered(rows):
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
            room=_room(row, names),
        )


def shutter_groups(rows: Iterable[Row], names: Rooms) -> Iterator[ShutterGroup]:
    """Read groups of shutters; older gateways do not say which are used."""
    for row, number in _numbered(rows):
        times = (j.number(row, "timer_up"), j.number(row, "timer_down"))
        set_up = any(time is not None and time < UNSET_BYTE for time in times)
        if used(row) and (set_up or j.boolean(row, "in_use")):
            yield ShutterGroup(id=number, room=_room(row, names))


def sensors(rows: Iterable[Row], names: Rooms) -> Iterator[Sensor]:
    """Read sensors of gateways that list every quantity of its own."""
    for row, number in _numbered(rows):
        if not used(row):
            continue
        source = j.text(row, "source", "type") or "master"
        maker = j.text(row, "source", "name") or ""
        external = j.text(row, "external_id")
        yield Sensor(
            key=str(number),
            device=(f"{source}.{maker}.{external}" if external else f"sensor.{number}"),
            name=name(row),
            quantity=j.text(row, "physical_quantity"),
            unit=j.text(row, "unit"),
            source=source,
            external=external,
            maker=maker or None,
            # Of the others the master has its own values; below 200 all are its.
            writable=bool(j.boolean(row, "virtual"))
            if source == "master"
            else number >= FIRST_FOREIGN,
            room=_room(row, names),
        )


def old_sensors(
    rows: Iterable[Row], names: Rooms, values: Mapping[Key, object]
) -> Iterator[Sensor]:
    """Read sensors of older gateways: what has a value is there."""
    units = dict(zip(OLD_QUANTITIES, ("celcius", "percent", "percent"), strict=True))
    for row, number in _numbered(rows):
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
                    room=_room(row, names),
                )


def thermostats(
    heating: Iterable[Row], cooling: Iterable[Row], names: Rooms
) -> Iterator[Thermostat]:
    """Read thermostats; the lists are padded with units that are none."""
    cools = {
        number: outputs
        for row, number in _numbered(cooling)
        if (outputs := _outputs_of(row))
    }
    for row, number in _numbered(heating):
        if not configured(row):
            continue
        driven = _outputs_of(row)
        yield Thermostat(
            id=number,
            name=name(row),
            group=j.integer(row, "thermostat_group") or 0,
            cooling=number in cools,
            outputs=driven | cools.get(number, frozenset()),
            room=_room(row, names),
        )


def configured(row: Row, *, sensor: bool = True) -> bool:
    """Return whether a row is a thermostat: it has a sensor or an output."""
    has_sensor = j.integer(row, "sensor") not in {None, UNSET_BYTE}
    return (sensor and has_sensor) or bool(_outputs_of(row))


def thermostat_groups(
    rows: Iterable[Row], units: Iterable[Thermostat]
) -> Iterator[ThermostatGroup]:
    """Read the groups that have units; older gateways list none, and have one."""
    units = list(units)
    titles = {number: name(row) for row, number in _numbered(rows)}
    for number in sorted({unit.group for unit in units}):
        yield ThermostatGroup(
            id=number,
            name=titles.get(number, ""),
            cooling=any(unit.cooling for unit in units if unit.group == number),
        )


def modules(rows: Iterable[Row]) -> Iterator[EnergyModule]:
    """Read energy and power modules. What lies beyond their ports is null."""
    for row, number in _numbered(rows):
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
    ordered = sorted(_numbered(rows), key=lambda pair: pair[1])
    for index, (row, number) in enumerate(ordered):
        wired = j.integer(row, "input") not in {None, UNSET_BYTE}
        if used(row) and (name(row) or wired):
            yield PulseCounter(
                id=number,
                index=index,
                name=name(row),
                wired=wired,
                room=_room(row, names),
            )


def group_actions(rows: Iterable[Row]) -> Iterator[GroupAction]:
    """Read group actions; of 256 most are empty."""
    for row, number in _numbered(rows):
        if name(row) and j.text(row, "actions") and not j.boolean(row, "internal"):
            shown = j.boolean(row, "show_in_app")
            yield GroupAction(id=number, name=name(row), shown=shown is not False)


def ventilations(rows: Iterable[Row], names: Rooms) -> Iterator[Ventilation]:
    """Read ventilation units."""
    for row, number in _numbered(rows):
        yield Ventilation(
            id=number,
            name=name(row),
            levels=j.integer(row, "amount_of_levels") or 4,
            vendor=j.text(row, "device", "vendor"),
            model=j.text(row, "device", "type"),
            serial=j.text(row, "device", "serial"),
            room=_room(row, names),
        )


def _numbered(rows: Iterable[Row]) -> Iterator[tuple[Row, int]]:
    for row in rows:
        if (number := j.integer(row, "id")) is not None:
            yield row, number


def _output_type(row: Row) -> OutputType:
    try:
        return OutputType(j.integer(row, "type") or 0)
    except ValueError:
        return OutputType.GENERIC


def _outputs_of(row: Row) -> frozenset[int]:
    found = (j.integer(row, f"output{number}") for number in (0, 1))
    return frozenset(one for one in found if one is not None and one < UNSET_BYTE)


def _room(row: Row, names: Rooms) -> str | None:
    number = j.integer(row, "room")
    return None if number is None else names.get(number)
