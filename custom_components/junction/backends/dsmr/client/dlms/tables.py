"""Lists whose values are identified by position (``docs/protocols/dlms.md#lists-by-place``)."""

from dataclasses import dataclass
from typing import Final

from . import axdr
from .axdr import Node
from .clock import is_clock

# Possible contents of a position other than OBIS ids.
CLOCK: Final = "clock"
NAME: Final = "name"
SKIP: Final = "-"
NUMBER: Final = "0-0:96.1.0"
TITLE: Final = "0-0:42.0.0"

_POWER: Final = "1.7.0 2.7.0 3.7.0 4.7.0"
_VOLTS: Final = "32.7.0 52.7.0 72.7.0"
_AMPERES: Final = "31.7.0 51.7.0 71.7.0"
_IMPORT_BY_PHASE: Final = "21.7.0 41.7.0 61.7.0"
_EXPORT_BY_PHASE: Final = "22.7.0 42.7.0 62.7.0"
_TARIFFS: Final = "1.8.0 1.8.1 1.8.2 2.8.0 2.8.1 2.8.2"
# Croatia: the end of both lists.
_HEP_PHASES: Final = (
    _IMPORT_BY_PHASE,
    _EXPORT_BY_PHASE,
    _VOLTS,
    _AMPERES,
    *([SKIP] * 5),
)

_STRINGS: Final = frozenset({axdr.OCTETS, axdr.TEXT, axdr.UTF8})
_ENERGY: Final = frozenset({axdr.UINT32, 0x15})
_SWITCH: Final = frozenset({axdr.ENUM, axdr.BOOLEAN})
_SHORT: Final = frozenset({axdr.UINT16})


@dataclass(frozen=True, slots=True)
class Table:
    """One list: the OBIS id of each position.

    ``volts``, ``amperes``, and ``factor`` are the exponents of voltages, currents, and
    power factors. ``tags`` are the types that distinguish it from others of the same
    length.
    """

    manufacturer: str | None
    ids: tuple[str, ...]
    tags: dict[int, frozenset[int]]
    volts: int = -1
    amperes: int = -2
    factor: int = -3

    def fits(self, nodes: tuple[Node, ...]) -> bool:
        """Return whether every value has the type that this list requires."""
        if len(nodes) != len(self.ids):
            return False
        return all(
            node.tag in self.tags[place] if place in self.tags else _fits(name, node)
            for place, (name, node) in enumerate(zip(self.ids, nodes, strict=True))
        )


def _fits(name: str, node: Node) -> bool:
    """Return whether the type of a value matches the table's entry."""
    if name == SKIP:
        return True
    if name == CLOCK:
        return is_clock(node.octets)
    if name in (NAME, NUMBER, TITLE):
        return node.tag in _STRINGS and node.text is not None
    c, d, _ = name.split(":")[1].split(".")
    if d == "8":
        return node.tag in _ENERGY
    if int(c) % 20 in (11, 12, 13) or c == "13":
        return node.tag in _SHORT
    return node.tag in _ENERGY


def _table(
    manufacturer: str | None,
    *ids: str,
    tags: dict[int, frozenset[int]] | None = None,
    volts: int = -1,
    amperes: int = -2,
) -> Table:
    return Table(
        manufacturer,
        tuple(_full(one) for part in ids for one in part.split()),
        tags or {},
        volts,
        amperes,
    )


def _full(name: str) -> str:
    if name in (CLOCK, NAME, SKIP) or ":" in name:
        return name
    return f"1-0:{name}"


_RELAY: Final = "0-0:96.3.10"
_TARIFF: Final = "0-0:96.14.0"
_PUSH: Final = SKIP

TABLES: Final = (
    # Slovenia: Ljubljana, Celje, and others.
    _table(
        "ISK", TITLE, NAME, _POWER, _VOLTS, _AMPERES, _IMPORT_BY_PHASE, _EXPORT_BY_PHASE
    ),
    _table(
        "ISK",
        TITLE,
        NAME,
        _RELAY,
        _TARIFF,
        _TARIFFS,
        "3.8.0 4.8.0",
        tags={2: _SWITCH, 3: frozenset({axdr.OCTETS})},
    ),
    _table("ISK", TITLE, NAME, _VOLTS, _AMPERES, _POWER),
    _table("ISK", TITLE, NAME, _POWER, "32.7.0 31.7.0 21.7.0 22.7.0"),
    _table("ISK", TITLE, NAME, "1.8.1 1.8.2 2.8.1 2.8.2 3.8.1 3.8.2 4.8.1 4.8.2"),
    _table("ISK", TITLE, NAME, _POWER, "32.7.0 2.8.1 2.8.2"),
    _table("ISK", TITLE, "1.7.0 2.7.0", _TARIFFS),
    _table("ISK", TITLE, NAME, "32.7.0 31.7.0", _POWER),
    _table(
        "ISK",
        NUMBER,
        SKIP,
        "1.8.0 2.8.0",
        tags={1: frozenset({0x11})},
    ),
    # Austria: Carinthia; the first value is the id of the push itself.
    _table(
        "ISK",
        _PUSH,
        NUMBER,
        SKIP,
        SKIP,
        "1.8.0 2.8.0 3.8.0 4.8.0 1.7.0 2.7.0",
        SKIP,
        SKIP,
        tags={
            0: frozenset({axdr.OCTETS}),
            2: frozenset({axdr.OCTETS}),
            3: frozenset({axdr.OCTETS}),
            10: _STRINGS,
            11: _STRINGS,
        },
    ),
    # Austria: Vienna.
    _table(None, CLOCK, "1.8.0 2.8.0 3.8.0 4.8.0", _POWER),
    # Austria: Burgenland, with and without phase angles.
    _table(
        "LGZ",
        _VOLTS,
        _AMPERES,
        "1.7.0 2.7.0 1.8.0 2.8.0",
        "81.7.40 81.7.51 81.7.62",
        NUMBER,
        tags={10: _SHORT, 11: _SHORT, 12: _SHORT},
        volts=0,
    ),
    _table("LGZ", _VOLTS, _AMPERES, "1.7.0 2.7.0 1.8.0 2.8.0", NUMBER, volts=0),
    # Croatia: HEP.
    _table(
        "ISK",
        NUMBER,
        SKIP,
        SKIP,
        _TARIFFS,
        "5.8.0 6.8.0 7.8.0 8.8.0 1.7.0 2.7.0 13.7.0",
        *_HEP_PHASES,
    ),
    _table(
        "ISK",
        NUMBER,
        SKIP,
        SKIP,
        _TARIFFS,
        "1.7.0 2.7.0",
        *_HEP_PHASES,
    ),
    # Switzerland: AM550, encrypted.
    _table(
        "ISK",
        _TARIFFS,
        SKIP,
        CLOCK,
        "2.7.0 1.7.0",
        _AMPERES,
        "32.7.0 72.7.0",
        tags={6: _STRINGS},
    ),
)

_KAIFA_HEAD: Final = ("1-0:0.2.129", "0-0:96.1.0", "0-0:96.1.7")
_KAIFA_CLOCK: Final = "0-0:1.0.0"
_KAIFA_ENERGY: Final = tuple(f"1-0:{c}.8.0" for c in range(1, 5))
_KAIFA_POWER: Final = tuple(f"1-0:{c}.7.0" for c in range(1, 5))
_KAIFA_ONE: Final = (*_KAIFA_HEAD, *_KAIFA_POWER, "1-0:31.7.0", "1-0:32.7.0")
_KAIFA_THREE: Final = (
    *_KAIFA_HEAD,
    *_KAIFA_POWER,
    *(f"1-0:{c}.7.0" for c in (31, 51, 71, 32, 52, 72)),
)
KAIFA: Final = {
    len(ids): ids
    for ids in (
        _KAIFA_ONE,
        _KAIFA_THREE,
        (*_KAIFA_ONE, _KAIFA_CLOCK, *_KAIFA_ENERGY),
        (*_KAIFA_THREE, _KAIFA_CLOCK, *_KAIFA_ENERGY),
    )
}
"""Kaifa's lists by the number of their values."""


def table_of(nodes: tuple[Node, ...]) -> Table | None:
    """Return the table of a list, None if it is unknown or ambiguous."""
    fitting = [table for table in TABLES if table.fits(nodes)]
    return fitting[0] if len(fitting) == 1 else None
