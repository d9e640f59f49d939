"""Normalize the units that meters print (``docs/protocols/dsmr.md#units``).

Energy is returned in kWh, kvarh, or kVAh, power in kW, kvar, or kVA, volumes in m³,
heat in GJ or MJ, and everything else without a prefix, whatever prefix and spelling is
printed.
"""

from functools import lru_cache
from typing import Final

# Spellings in lower case: the normalized unit, and the factor for a value without a
# prefix. Values are divided where that is exact.
_BASES: Final[dict[str, tuple[str, float]]] = {
    "wh": ("kWh", 1e-3),
    "varh": ("kvarh", 1e-3),
    "vah": ("kVAh", 1e-3),
    "w": ("kW", 1e-3),
    "var": ("kvar", 1e-3),
    "va": ("kVA", 1e-3),
    "v": ("V", 1.0),
    "a": ("A", 1.0),
    "hz": ("Hz", 1.0),
    "s": ("s", 1.0),
    "j": ("MJ", 1e-6),
}
_PREFIXES: Final = {"m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}
# Units for which a lowercase m never means milli: milliwatt hours, millijoules.
_NEVER_MILLI: Final = frozenset({"wh", "varh", "vah", "j"})
# Units for which an uppercase M never means mega.
_NEVER_MEGA: Final = frozenset({"v", "a", "s", "hz"})

# Units without prefixes, or normalized to another unit.
_WHOLE: Final[dict[str, tuple[str, float]]] = {
    "gj": ("GJ", 1.0),
    "tj": ("GJ", 1e3),
    "m3": ("m³", 1.0),
    "m^3": ("m³", 1.0),
    "m³": ("m³", 1.0),
    "mb3": ("m³", 1.0),
    "nm3": ("m³", 1.0),
    "sm3": ("m³", 1.0),
    "cbm": ("m³", 1.0),
    "l": ("m³", 1e-3),
    "dl": ("m³", 1e-4),
    "hl": ("m³", 1e-1),
    "kl": ("m³", 1.0),
    "ml": ("m³", 1e-6),
    "ltr": ("m³", 1e-3),
    "dm3": ("m³", 1e-3),
    "dm^3": ("m³", 1e-3),
    "dm³": ("m³", 1e-3),
    "cm3": ("m³", 1e-6),
    "cm^3": ("m³", 1e-6),
    "cm³": ("m³", 1e-6),
    "ft3": ("m³", 0.028316846592),
    "ft^3": ("m³", 0.028316846592),
    "ft³": ("m³", 0.028316846592),
    "cf": ("m³", 0.028316846592),
    "ccf": ("m³", 2.8316846592),
    "gal": ("m³", 0.003785411784),
    "min": ("s", 60.0),
    "h": ("s", 3600.0),
    "sec": ("s", 1.0),
    "volt": ("V", 1.0),
    "amp": ("A", 1.0),
}
_DECIMALS: Final = 9

_PER_KILOWATT_HOUR: Final = 3.6
# Units of one quantity: a value divided by this is in the first unit.
_FAMILIES: Final[tuple[dict[str, float], ...]] = (
    {"kWh": 1.0, "MJ": _PER_KILOWATT_HOUR, "GJ": _PER_KILOWATT_HOUR / 1000},
)


@lru_cache(maxsize=256)
def unit(printed: str) -> tuple[str, float]:
    """Return the normalized unit, and the factor for values.

    An unknown unit is returned as printed, with a factor of 1.
    """
    text = printed.strip()
    lower = text.lower()
    if (whole := _WHOLE.get(lower)) is not None:
        return whole
    if (base := _BASES.get(lower)) is not None:
        return base
    prefix, rest = text[:1], lower[1:]
    if (base := _BASES.get(rest)) is None:
        return text, 1.0
    if prefix == "m" and rest in _NEVER_MILLI:
        prefix = "M"
    elif prefix == "M" and rest in _NEVER_MEGA:
        return text, 1.0
    elif prefix not in _PREFIXES:
        prefix = prefix.lower()
    if (times := _PREFIXES.get(prefix)) is None:
        return text, 1.0
    return base[0], times * base[1]


def is_unit(printed: str) -> bool:
    """Return whether a text is a unit that meters print, in any spelling."""
    return unit(printed) != (printed.strip(), 1.0) or printed.strip() in _CANONICAL


_CANONICAL: Final = frozenset(
    {unit for unit, _ in (*_BASES.values(), *_WHOLE.values())}
)


def scaled(value: float, factor: float) -> float:
    """Return a printed value in the normalized unit, without binary rounding errors."""
    if factor == 1.0:
        return value
    if factor < 1.0 and (inverse := round(1 / factor)) * factor == 1.0:
        return value / inverse
    return round(value * factor, _DECIMALS)


def converted(value: float, have: str | None, want: str | None) -> float | None:
    """Return a value in another unit, None if that is another quantity.

    A value without a unit is assumed to be in the wanted one: some meters print none.
    """
    if have is None or have == want:
        return value
    for family in _FAMILIES:
        if have in family and want in family:
            return round(value / family[have] * family[want], _DECIMALS)
    return None
