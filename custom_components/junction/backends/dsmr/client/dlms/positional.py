"""Read lists whose order the grid operator defines (``docs/protocols/dlms.md#lists``)."""

from . import axdr
from .axdr import Node
from .builder import CLOCK_OBIS, ListBuilder
from .models import ListKind, MeterList, PushReading
from .tables import CLOCK, NAME, NUMBER, SKIP, TITLE, Table, table_of
from .units import is_power_factor, scaled, unit_of


def read_positional(
    nodes: tuple[Node, ...], manufacturer: str | None
) -> MeterList | None:
    """Return a list by the positions of its values, None if no table matches."""
    table = table_of(nodes)
    if table is None:
        return None
    name: str | None = None

    def fixed(obis: str, node: Node) -> PushReading:
        return _by_place(table, obis, node)

    builder = ListBuilder(
        ListKind.POSITIONAL, manufacturer or table.manufacturer, fixed
    )
    for place, (obis, node) in enumerate(zip(table.ids, nodes, strict=True)):
        if obis == SKIP:
            continue
        if obis == CLOCK:
            builder.add(CLOCK_OBIS, node, None)
        elif obis == NAME:
            name = node.text
            builder.add("0-0:96.1.3", node, None)
        elif obis in (NUMBER, TITLE):
            builder.add(obis, node, None)
        elif place in table.tags and node.number is None:
            builder.add(obis, Node(axdr.ENUM, _switch(node)), None)
        else:
            builder.add(obis, node, None)
    found = builder.build()
    if found is None:
        return None
    return MeterList(
        found.kind,
        found.readings,
        time=found.time,
        number=found.number,
        name=name,
        manufacturer=found.manufacturer,
    )


def _switch(node: Node) -> int:
    """Return the state of a switch: a boolean, or two octets with its number."""
    if isinstance(node.value, bytes):
        return node.value[-1] if node.value else 0
    return int(bool(node.value))


def _by_place(table: Table, obis: str, node: Node) -> PushReading:
    unit = unit_of(obis)
    exponent = {"V": table.volts, "A": table.amperes}.get(unit, 0)
    if is_power_factor(obis):
        exponent = table.factor
    return PushReading(obis, scaled(node.number or 0, exponent), unit)
