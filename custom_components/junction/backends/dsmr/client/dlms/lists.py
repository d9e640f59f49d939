"""Read the lists of all manufacturers (``docs/protocols/dlms.md#lists``)."""

from collections.abc import Callable, Iterator
from typing import Final

from . import axdr
from .axdr import Node
from .builder import CLOCK_OBIS, LIST_NAME, STRINGS, ListBuilder, manufacturer_of
from .clock import is_clock
from .kamstrup import read_kamstrup
from .models import ListKind, MeterList, PushReading
from .positional import read_positional
from .tables import KAIFA
from .units import is_power_factor, scale_and_unit, scaled, unit_of

_WHOLE_VOLTS: Final = 1000
_OBIS_SIZE: Final = 6
_LAST_GROUP: Final = 0xFF
_OBJECT: Final = [axdr.UINT16, axdr.OCTETS, axdr.INT8, axdr.UINT16]


class UnknownListError(ValueError):
    """The list has an unknown format; ``pattern`` holds its types, but no values."""

    def __init__(self, pattern: str) -> None:
        """Store the pattern."""
        super().__init__(pattern)
        self.pattern = pattern


def read_list(body: Node, manufacturer: str | None = None) -> MeterList:
    """Return the parsed list; ``maker`` (FLAG letters) is a guess from elsewhere.

    Raises UnknownListError. Nothing of a list is used if a part of it cannot be parsed.
    """
    nodes = body.items
    for reader in (_described, _kamstrup, _kaifa, _objects, read_positional):
        if nodes and (found := reader(nodes, manufacturer)) is not None:
            return found
    raise UnknownListError(pattern_of(body))


def pattern_of(body: Node) -> str:
    """Return the types of a list as hexadecimal digits, preceded by its length."""
    tags = "".join(f"{node.tag:02X}" for node in body.items[:64])
    return f"{len(body.items)}:{tags}"


def obis_of(node: Node) -> str | None:
    """Return A-B:C.D.E of six octets, None for other data."""
    octets = node.octets
    if node.tag != axdr.OCTETS or len(octets) != _OBIS_SIZE:
        return None
    if octets[5] != _LAST_GROUP:
        return None
    a, b, c, d, e, _ = octets
    return f"{a}-{b}:{c}.{d}.{e}"


type _Value = tuple[str | None, Node, tuple[int, str] | None]
"""OBIS id, value, and scale with unit."""


def _pairs(nodes: tuple[Node, ...]) -> Iterator[_Value]:
    """Yield the values of a list with ids, in structures or one after another.

    Raises ValueError if an id is missing, except for the time at the beginning and the
    meter's number at the end.
    """
    at = 0
    while at < len(nodes):
        node = nodes[at]
        if node.tag == axdr.NULL:
            at += 1
        elif at == 0 and is_clock(node.octets):
            yield CLOCK_OBIS, node, None
            at += 1
        elif node.tag == axdr.STRUCTURE:
            inner = node.items
            if len(inner) not in (2, 3) or (obis := obis_of(inner[0])) is None:
                raise ValueError("no id")
            yield obis, inner[1], _scale(inner[2]) if len(inner) == 3 else None
            at += 1
        elif (obis := obis_of(node)) is not None and at + 1 < len(nodes):
            scale = scale_and_unit(nodes[at + 2]) if at + 2 < len(nodes) else None
            yield obis, nodes[at + 1], scale
            at += 2 if scale is None else 3
        elif at == len(nodes) - 1 and node.text is not None:
            yield None, node, None
            at += 1
        else:
            raise ValueError("no id")


def _scale(node: Node) -> tuple[int, str]:
    if (found := scale_and_unit(node)) is None:
        raise ValueError("no scale")
    return found


def _with_pairs(
    kind: ListKind,
    nodes: tuple[Node, ...],
    manufacturer: str | None,
    fixed: Callable[[str, Node], PushReading | None],
) -> MeterList | None:
    builder = ListBuilder(kind, manufacturer, fixed)
    try:
        for value in _pairs(nodes):
            builder.add(*value)
    except ValueError:
        return None
    return builder.build()


def _described(nodes: tuple[Node, ...], manufacturer: str | None) -> MeterList | None:
    """Read self-describing lists: OBIS id, value, scale, and unit."""
    structures = [node for node in nodes if node.tag == axdr.STRUCTURE]
    if not structures or any(
        obis_of(node.items[0]) is None and scale_and_unit(node) is None
        for node in structures
        if node.items
    ):
        return None
    return _with_pairs(ListKind.DESCRIBED, nodes, manufacturer, _as_object)


def _kamstrup(nodes: tuple[Node, ...], _: str | None) -> MeterList | None:
    """Read Kamstrup's lists: OBIS ids without scales."""
    name = nodes[0].text or ""
    if not name.startswith("Kamstrup_V"):
        return None
    try:
        pairs = [(obis, node) for obis, node, _ in _pairs(nodes[1:])]
    except ValueError:
        return None
    return read_kamstrup(name, pairs)


def _kaifa(nodes: tuple[Node, ...], manufacturer: str | None) -> MeterList | None:
    """Read Kaifa's lists: by position, or with OBIS ids; the scales are the same."""
    if len(nodes) == 1 and nodes[0].tag == axdr.UINT32:
        reading = _as_kaifa("1-0:1.7.0", nodes[0])
        return MeterList(ListKind.KAIFA, (reading,), manufacturer=manufacturer or "KFM")
    first = obis_of(nodes[0])
    if first is not None and LIST_NAME.fullmatch(first) and len(nodes) > 1:
        if not (nodes[1].text or "").startswith("KFM_"):
            return None
        return _with_pairs(ListKind.KAIFA, nodes, "KFM", _as_kaifa)
    ids = KAIFA.get(len(nodes))
    if ids is None or not (nodes[0].text or "").startswith("KFM_"):
        return None
    builder = ListBuilder(ListKind.KAIFA, "KFM", _as_kaifa)
    for obis, node in zip(ids, nodes, strict=True):
        is_text = obis in ids[:3] or obis == CLOCK_OBIS
        if is_text != (node.tag in STRINGS):
            return None
        builder.add(obis, node, None)
    return builder.build()


def _as_kaifa(obis: str, node: Node) -> PushReading:
    unit = unit_of(obis)
    exponent = {"A": -3, "V": -1}.get(unit, 0)
    return PushReading(obis, scaled(node.number or 0, exponent), unit)


def _objects(nodes: tuple[Node, ...], manufacturer: str | None) -> MeterList | None:
    """Read lists that begin with a table of their objects."""
    table = nodes[0]
    if table.tag != axdr.ARRAY or not table.items:
        return None
    ids: list[str | None] = []
    for one in table.items:
        if [item.tag for item in one.items] != _OBJECT:
            return None
        ids.append(obis_of(one.items[1]))
    if len(ids) == len(nodes):
        ids = ids[1:]
    values = nodes[1:]
    if len(ids) != len(values) or None in ids:
        return None
    texts = [node.text for node in values if node.tag in STRINGS]
    manufacturer = manufacturer_of(*texts) or manufacturer

    def fixed(obis: str, node: Node) -> PushReading | None:
        return _as_object(obis, node, manufacturer)

    builder = ListBuilder(ListKind.OBJECTS, manufacturer or "LGZ", fixed)
    for obis, node in zip(ids, values, strict=True):
        try:
            builder.add(obis, node, None)
        except ValueError:
            return None
    return builder.build()


def _as_object(
    obis: str, node: Node, manufacturer: str | None = None
) -> PushReading | None:
    """Return a value without a scale, as Landis+Gyr and Iskra define it."""
    number = node.number or 0
    unit = unit_of(obis)
    exponent = 0
    if unit == "V":
        # One manufacturer sends whole volts, another one tenths.
        exponent = 0 if number < _WHOLE_VOLTS and manufacturer != "ISK" else -1
    elif unit == "A":
        # Meters with transformers send whole amperes, in 64 bits.
        exponent = 0 if node.tag in _WIDE else -2
    elif is_power_factor(obis):
        exponent = -3
    return PushReading(obis, scaled(number, exponent), unit)


_WIDE: Final = frozenset({0x14, 0x15})
