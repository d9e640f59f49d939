"""Kamstrup's lists, which contain no scales (``docs/protocols/dlms.md#kamstrup``)."""

from collections.abc import Mapping
from math import hypot
import re
from typing import Final

from .axdr import Node
from .clock import read_clock
from .models import ClockTime, ListKind, MeterList, PushReading
from .units import is_power_factor, scaled, unit_of

NAME_ID: Final = "1-1:0.2.129"
_CLOCK: Final = re.compile(r"\d+-\d+:1\.0\.0")
_TRANSFORMER: Final = "685"
# A larger current (A) than any meter without transformers measures is in mA.
_LARGEST: Final = 200.0
# Apparent power from U and I relative to the measured one: about ten means mA.
_TEN: Final = (8.0, 12.5)
_ENOUGH: Final = 1000.0

# Power of ten of energy by the country in the type: Swedish meters count Wh, others 10 Wh.
_BY_TYPE: Final = {"04": 1, "01": 1, "06": 1, "09": 0}


def read_kamstrup(name: str, pairs: list[tuple[str | None, Node]]) -> MeterList | None:
    """Return the list of pairs of OBIS ids and values, None if an id is missing."""
    values: dict[str, Node] = {}
    time: ClockTime | None = None
    for obis, node in pairs:
        if obis is None:
            return None
        if _CLOCK.fullmatch(obis):
            time = read_clock(node.octets)
        elif node.number is not None or node.text is not None:
            values[obis] = node
    texts = {obis.partition(":")[2]: _text(node) for obis, node in values.items()}
    model = texts.get("96.1.1")
    exponents = {
        "A": -3 if _has_transformers(values, model) else -2,
        "Wh": (exponent := energy_exponent(model)),
        "varh": exponent,
        "VAh": exponent,
    }
    readings = [PushReading(NAME_ID, name, "")]
    for obis, node in values.items():
        if (number := node.number) is None:
            readings.append(PushReading(obis, node.text or "", ""))
            continue
        unit = unit_of(obis)
        power = -2 if is_power_factor(obis) else exponents.get(unit, 0)
        readings.append(PushReading(obis, scaled(number, power), unit))
    return MeterList(
        ListKind.KAMSTRUP,
        tuple(readings),
        time=time,
        number=texts.get("0.0.5") or texts.get("0.0.1"),
        name=name,
        manufacturer="KAM",
        model=model,
    )


def energy_exponent(model: str | None) -> int:
    """Return the power of ten of energy for a meter type.

    Swedish meters count Wh, all others 10 Wh. Lists without a type are Danish or Swiss.
    """
    if model is None:
        return 1
    return _BY_TYPE.get(model[-3:-1], 1)


def is_energy_certain(model: str | None) -> bool:
    """Return whether the unit of energy is known for a type, or for lists without one."""
    return model is None or model[-3:-1] in _BY_TYPE


def _text(node: Node) -> str:
    return node.text or str(node.number)


def _has_transformers(values: Mapping[str, Node], model: str | None) -> bool:
    """Detect a meter behind current transformers, which reports mA."""
    if model is not None and model.startswith(_TRANSFORMER):
        return True
    numbers = {
        obis.partition(":")[2]: node.number or 0 for obis, node in values.items()
    }
    amperes = {c: numbers.get(f"{c}.7.0", 0) / 100 for c in (31, 51, 71)}
    if max(amperes.values()) > _LARGEST:
        return True
    apparent = sum(a * numbers.get(f"{c + 1}.7.0", 0) for c, a in amperes.items())
    # Per phase if available: opposite directions of two phases may cancel each other
    # out.
    phases = [numbers.get(f"{c}.7.0") for c in (21, 41, 61, 22, 42, 62)]
    known = [abs(one) for one in phases if one is not None]
    active = sum(known) if known else numbers.get("1.7.0", 0) + numbers.get("2.7.0", 0)
    measured = hypot(active, numbers.get("3.7.0", 0) + numbers.get("4.7.0", 0))
    return measured >= _ENOUGH and _TEN[0] <= apparent / measured <= _TEN[1]
