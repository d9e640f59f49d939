"""Units and scales of DLMS (``docs/protocols/dlms.md#units``)."""

import re
from typing import Final

from .axdr import ENUM, INT8, STRUCTURE, Node

UNITS: Final = {
    13: "m³",
    14: "m³",
    27: "W",
    28: "VA",
    29: "var",
    30: "Wh",
    31: "VAh",
    32: "varh",
    33: "A",
    35: "V",
    44: "Hz",
    255: "",
}
_WIDEST: Final = 9
_ID: Final = re.compile(r"1-\d+:(\d+)\.(\d+)\.\d+")
_PHASES: Final = (0, 20, 40, 60)


def _units() -> dict[tuple[int, int], str]:
    known: dict[tuple[int, int], str] = {(14, 7): "Hz"}
    for first in _PHASES:
        for quantity, unit in (
            *((c, "W") for c in (1, 2, 15, 16)),
            *((c, "var") for c in range(3, 9)),
            (9, "VA"),
            (10, "VA"),
        ):
            known[first + quantity, 7] = unit
            known[first + quantity, 8] = unit + "h"
        known[first + 11, 7] = "A"
        known[first + 12, 7] = "V"
    return known


_BY_ID: Final = _units()


def unit_of(obis: str) -> str:
    """Return the default unit of an OBIS id."""
    found = _ID.fullmatch(obis)
    return _BY_ID.get((int(found[1]), int(found[2])), "") if found else ""


def is_power_factor(obis: str) -> bool:
    """Return whether an id is that of a power factor, of all phases or of one."""
    found = _ID.fullmatch(obis)
    return found is not None and int(found[2]) == 7 and int(found[1]) in _FACTORS


_FACTORS: Final = frozenset(first + 13 for first in _PHASES)


def scaled(number: float, exponent: int) -> float:
    """Return a number times a power of ten, without binary rounding errors."""
    if isinstance(number, int) and exponent >= 0:
        return number * int(10**exponent)
    if isinstance(number, int):
        divisor: int = 10**-exponent
        return round(number / divisor, -exponent)
    return round(number * 10.0**exponent, max(0, -exponent) + 3)


def scale_and_unit(node: Node) -> tuple[int, str] | None:
    """Return the exponent and the unit of a scaler structure, None for other data.

    Also returns None for units that these meters should not have.
    """
    if node.tag != STRUCTURE or [item.tag for item in node.items] != [INT8, ENUM]:
        return None
    exponent, unit = (item.value for item in node.items)
    assert isinstance(exponent, int) and isinstance(unit, int)
    if abs(exponent) > _WIDEST:
        return None
    return exponent, UNITS.get(unit, "")
