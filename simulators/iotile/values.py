"""Conversion of raw values, and to display units.

See docs/protocols/iotile.md#value-conversion.
"""

from typing import Any

type Json = dict[str, Any]


def convert(
    stream: Json | None, raw: int, variable: Json | None = None
) -> tuple[float, str]:
    """Return the converted value of a raw number, and the type of the point.

    A stream without an input unit uses that of its variable; with ``mdo_type`` V the factors of
    the variable apply, not those of the stream.
    """
    if stream is None:
        return float(raw), "Num"
    if stream["raw_value_format"] == "<l" and raw & 0x80000000:
        raw = raw - (1 << 32)
    raw = max(-2147483647, min(2147483647, raw))
    factors = variable if stream["mdo_type"] == "V" and variable else stream
    m, d = factors["multiplication_factor"] or 1, factors["division_factor"] or 1
    value = (factors["offset"] or 0.0) + raw * m / d
    unit = stream["input_unit"] or (variable and variable["input_unit"])
    if unit is None:
        return value, "Num"
    return unit["o"] + value * unit["m"] / unit["d"], "ITR"


def shown(
    stream: Json | None, value: float | None, variable: Json | None = None
) -> float | None:
    """Return the value in the display unit of the stream or its variable."""
    unit = (stream and stream["output_unit"]) or (variable and variable["output_unit"])
    if not unit or value is None:
        return value
    found: float = unit["o"] + value * unit["m"] / unit["d"]
    return found
