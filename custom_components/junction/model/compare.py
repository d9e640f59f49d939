"""Compare the state of a point with the state that a command should lead to."""

from dataclasses import fields, is_dataclass, replace
from typing import Any, cast

from .states import TOLERANCE, Detailed


def merge(current: object, expected: object) -> object:
    """Return the current state with everything that the expected one is explicit about."""
    if isinstance(current, Detailed):
        return replace(current, value=merge(current.value, expected))
    if is_dataclass(expected) and type(current) is type(expected):
        said = {
            item.name: value
            for item in fields(expected)
            if (value := getattr(expected, item.name)) is not None
        }
        return replace(cast("Any", current), **said)
    return expected


def agrees(expected: object, actual: object, tolerance: float = 0.0) -> bool:
    """Return whether an actual state confirms an expected one.

    What is None on either side does not matter, as long as anything agrees at all;
    numbers may differ by the tolerance.
    """
    if isinstance(actual, Detailed):
        actual = actual.value
    if is_dataclass(expected) and type(actual) is type(expected):
        results = [
            agrees(one, other, item.metadata.get(TOLERANCE, tolerance))
            for item in fields(expected)
            if (one := getattr(expected, item.name)) is not None
            and (other := getattr(actual, item.name)) is not None
        ]
        return bool(results) and all(results)
    if isinstance(expected, tuple) and isinstance(actual, tuple):
        # A colour: the hue is an angle, and of no importance without saturation.
        hue: float = abs(expected[0] - actual[0]) % 360
        saturation: float = abs(expected[1] - actual[1])
        return saturation <= tolerance and (
            min(hue, 360 - hue) <= tolerance or expected[1] <= tolerance
        )
    if isinstance(expected, int | float) and not isinstance(expected, bool):
        return isinstance(actual, int | float) and abs(expected - actual) <= tolerance
    return expected == actual
