"""Validate the numbers that actions take."""

from math import isfinite

import probatio as vol


def finite(value: object) -> float:
    """Return a finite number."""
    number = vol.Coerce(float)(value)
    if isinstance(value, bool) or not isfinite(number):
        raise vol.Invalid("expected a number")
    return float(number)


def whole(value: object) -> int:
    """Return an integer; 2.5 is refused, because it would be stored as 2."""
    number = float(str(value)) if isinstance(value, str) else value
    if isinstance(number, bool) or not isinstance(number, int | float):
        raise vol.Invalid("expected a whole number")
    if number != number // 1:
        raise vol.Invalid("expected a whole number")
    return int(number)
