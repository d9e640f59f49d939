"""Units of Mycodo, and the unit that a measurement is stored in.

A query with another unit than the stored one never has values, and no error. The lists
do not show whether a conversion is set, but the texts of the choice lists end with the
stored unit.

See docs/protocols/mycodo.md#the-unit-that-counts and
docs/protocols/mycodo.md#units-and-measurement-types.
"""

from collections.abc import Iterable, Mapping
import re
from typing import Final

from .models import Choice, MeasurementRow, Unit

UNITS: Final[Mapping[str, str]] = {
    "A": "A",
    "C": "°C",
    "F": "°F",
    "GB": "GB",
    "Hz": "Hz",
    "K": "°K",
    "MB": "MB",
    "MHz": "MHz",
    "Ohm": "Ω",
    "Pa": "Pa",
    "V": "V",
    "W": "W",
    "bearing": "bearing",
    "bool": "bool",
    "cie": "cie",
    "cm": "cm",
    "cm_water": "cm_water",
    "cpm": "cpm",
    "cpu_load": "Proc.",
    "day": "day",
    "decimal": "",
    "degree": "°",
    "eight_bit_color": "8-bit",
    "ft": "ft",
    "full": "full",
    "g": "g",
    "g_force": "g",
    "h": "h",
    "hPa": "hPa",
    "ir": "IR",
    "kB": "kB",
    "kHz": "kHz",
    "kJ_kg": "kJ/kg",
    "kPa": "kPa",
    "kWh": "kWh",
    "kg": "kg",
    "kg_kg": "kg/kg",
    "kn": "knot",
    "l": "l",
    "l_hr": "l/hr",
    "l_min": "l/min",
    "l_s": "l/s",
    "lux": "lx",
    "m": "m",
    "m3_kg": "m^3/kg",
    "mA": "mA",
    "mV": "mV",
    "m_s": "m/s",
    "m_s_s": "m/s/s",
    "mg_L": "mg/L",
    "minute": "min",
    "ml": "ml",
    "mm": "mm",
    "mph": "mph",
    "none": "",
    "pH": "pH",
    "percent": "%",
    "pid_value": "",
    "ppb": "ppb",
    "ppm": "ppm",
    "ppm_min": "ppm/min",
    "ppt": "ppt",
    "psi": "psi",
    "rpm": "rpm",
    "s": "s",
    "setpoint": "",
    "steps": "steps",
    "uS_cm": "μS/cm",
    "uSv_hr": "μSv/hr",
    "uT": "μT",
    "ug_m3": "μg/m^3",
    "unitless": "",
    "us": "µs",
    "va": "VA",
    "var": "VAr",
}
"""Built-in units of Mycodo: id to the displayed text."""

# Groups of units that can be converted into each other, and one conversion across
# groups.
_GROUPS: Final = (
    ("m_s", "mph", "kn"),
    ("g_force", "m_s_s"),
    ("C", "F", "K"),
    ("Hz", "kHz", "MHz"),
    ("ft", "m", "mm", "cm"),
    ("kB", "MB", "GB"),
    ("ppt", "ppm", "ppb", "percent", "decimal"),
    ("Pa", "hPa", "kPa", "psi", "cm_water"),
    ("l_s", "l_min", "l_hr"),
    ("s", "minute", "h", "day"),
    ("V", "mV"),
    ("A", "mA"),
    ("l", "ml"),
    ("g", "kg"),
)
_TARGETS: Final[Mapping[str, tuple[str, ...]]] = {
    unit: tuple(other for other in group if other != unit)
    for group in _GROUPS
    for unit in group
}

# Maps both micro signs and the ohm sign to one character.
_LOOKALIKES: Final = str.maketrans({"µ": "μ", "Ω": "Ω"})
# Versions of Mycodo use different ids.
_ALIASES: Final = {"d": "day"}
# Common spellings of units that Mycodo writes differently.
_WRITTEN: Final[Mapping[str, str]] = {
    "K": "K",
    "m_s_s": "m/s²",
    "kn": "kn",
    "l_hr": "L/h",
    "uSv_hr": "μSv/h",
    "us": "μs",
    "var": "var",
    "day": "d",
    "Ohm": "Ohm",
    "ppt": "‰",
    "bearing": "°",
}
_SHOWN: Final = re.compile(r"\(([^()]*)\)\s*$")


def targets(unit: str) -> tuple[str, ...]:
    """Return the units into which Mycodo can convert a unit by default.

    Users can add conversions, which no list shows.
    """
    return _TARGETS.get(unit, ())


def unit_text(unit: str, custom: Iterable[Unit] = ()) -> str | None:
    """Return Mycodo's text of a unit, None for an unknown one."""
    if unit in UNITS:
        return UNITS[unit]
    return next((known.text for known in custom if known.id == unit), None)


def unit_id(typed: str, custom: Iterable[Unit] = ()) -> str | None:
    """Return the id of a unit as typed (``C``, ``°C``, ``m/s``), None if unknown.

    An id takes precedence over a text, and a built-in unit over a user-defined one.
    """
    known = {**{one.id: one.text for one in custom}, **UNITS}
    if typed in known:
        return typed
    wanted = _plain(typed)
    for same in (str, str.casefold):
        for unit in (*UNITS, *(one for one in known if one not in UNITS)):
            texts = (unit, known[unit], _WRITTEN.get(unit, ""))
            if same(wanted) in {same(_plain(text)) for text in texts if text}:
                return unit
    return None


def _plain(text: str) -> str:
    """Return a unit for comparison, without look-alikes, whitespace, and powers."""
    text = text.translate(_LOOKALIKES).replace("²", "^2").replace("³", "^3")
    return "".join(text.split())


def stored_unit(
    row: MeasurementRow, shown: str | None, custom: Iterable[Unit] = ()
) -> str:
    """Return the id of the unit that a row's values are stored in.

    ``shown`` is the text of its choice list, None without one (functions).
    """
    declared = row.declared_unit
    found = _SHOWN.search(shown or "")
    if found is None or not declared:
        return declared
    text = found[1].translate(_LOOKALIKES)
    text = _ALIASES.get(text, text)
    texts = {
        unit: words.translate(_LOOKALIKES)
        for unit, words in (*UNITS.items(), *((u.id, u.text) for u in custom))
    }
    if texts.get(declared) == text:
        return declared
    reachable = (*targets(row.unit), *targets(declared))
    # The default conversions first: texts such as "g" are ambiguous.
    for unit in (*reachable, *texts):
        if texts.get(unit) == text:
            return unit
    # The last words in parentheses were a channel's name, not a unit.
    return declared


def by_measurement(choices: Iterable[Choice]) -> dict[str, str]:
    """Return the texts of choice lists by measurement id."""
    return {choice.value.rpartition(",")[2]: choice.item for choice in choices}
