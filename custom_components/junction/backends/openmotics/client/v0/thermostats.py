"""Parse V0 configurations of thermostats and their groups.

Protocol: docs/protocols/openmotics.md#thermostats.
"""

from collections.abc import Iterable, Iterator

from ....http import json_fields as j
from ..models import Thermostat, ThermostatGroup
from .rows import UNSET_BYTE, Rooms, Row, name, numbered, room_of


def thermostats(
    heating: Iterable[Row], cooling: Iterable[Row], names: Rooms
) -> Iterator[Thermostat]:
    """Read thermostats, without the unused units that pad the lists."""
    cools = {
        number: outputs
        for row, number in numbered(cooling)
        if (outputs := _outputs_of(row))
    }
    for row, number in numbered(heating):
        if not configured(row):
            continue
        driven = _outputs_of(row)
        yield Thermostat(
            id=number,
            name=name(row),
            group=j.integer(row, "thermostat_group") or 0,
            cooling=number in cools,
            outputs=driven | cools.get(number, frozenset()),
            room=room_of(row, names),
        )


def configured(row: Row, *, sensor: bool = True) -> bool:
    """Return whether a row is a thermostat: it has a sensor or an output."""
    has_sensor = j.integer(row, "sensor") not in {None, UNSET_BYTE}
    return (sensor and has_sensor) or bool(_outputs_of(row))


def thermostat_groups(
    rows: Iterable[Row], units: Iterable[Thermostat]
) -> Iterator[ThermostatGroup]:
    """Read the groups that have units; older gateways list none, but have one."""
    units = list(units)
    titles = {number: name(row) for row, number in numbered(rows)}
    for number in sorted({unit.group for unit in units}):
        yield ThermostatGroup(
            id=number,
            name=titles.get(number, ""),
            cooling=any(unit.cooling for unit in units if unit.group == number),
        )


def _outputs_of(row: Row) -> frozenset[int]:
    found = (j.integer(row, f"output{number}") for number in (0, 1))
    return frozenset(one for one in found if one is not None and one < UNSET_BYTE)
