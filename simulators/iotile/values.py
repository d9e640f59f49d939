"""What the server makes of raw numbers, and of those to show.

See docs/protocols/iotile.md#value-conversion.
"""

from typing import Any

type Json = dict[str, Any]


def convert(stream: Json | None, raw: int) -> tuple[float, str]:
    """Return what the server makes of a raw number, and the type of the point."""
    if stream is None:
        return float(raw), "Num"
    if stream["raw_value_format"] == "<l" and raw & 0x80000000:
        raw = raw - (1 << 32)
    raw = max(-2147483647, min(2147483647, raw))
    m, d = stream["multiplication_factor"] or 1, stream["division_factor"] or 1
    value = (stream["offset"] or 0.0) + raw * m / d
    unit = stream["input_unit"]
    if unit is None:
        return value, "Num"
    return unit["o"] + value * unit["m"] / unit["d"], "ITR"


def shown(stream: Json | None, value: float | None) -> float | None:
    """Return the value in the display unit."""
    unit = stream and stream["output_unit"]
    if not unit or value is None:
        return value
    found: float = unit["o"] + value * unit["m"] / unit["d"]
    return found
