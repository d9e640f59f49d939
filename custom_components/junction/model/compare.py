"""Compare the state of a point with the expected state of a command."""

from dataclasses import fields, is_dataclass, replace
from typing import Any, cast

from .states import TOLERANCE, UNAVAILABLE, CoverState, Detailed


def merge(current: object, expected: object) -> object:
    """Return the current state, updated with all fields that the expected one sets."""
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

    Fields that are None on either side are ignored, as long as at least one field
    agrees. Numbers may differ by ``tolerance``.
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
        # A color: the hue is an angle, and irrelevant without saturation.
        hue: float = abs(expected[0] - actual[0]) % 360
        saturation: float = abs(expected[1] - actual[1])
        return saturation <= tolerance and (
            min(hue, 360 - hue) <= tolerance or expected[1] <= tolerance
        )
    if isinstance(expected, int | float) and not isinstance(expected, bool):
        return isinstance(actual, int | float) and abs(expected - actual) <= tolerance
    return expected == actual


def is_response(expected: object, before: object, now: object) -> bool:
    """Return whether a device carried out part of a command.

    It did if a commanded field changed, to the nearest value that the device supports.
    A device that is on although it was turned off did not obey, whatever else changed.
    """
    before, now = _plain(before), _plain(now)
    if now is None:
        return False
    if not is_dataclass(expected) or type(now) is not type(expected):
        return now == expected if isinstance(expected, bool) else now != before
    changed = False
    for item in fields(expected):
        if (wanted := getattr(expected, item.name)) is None:
            continue
        new = getattr(now, item.name)
        if isinstance(wanted, bool) and new is not None and new != wanted:
            return False
        old = None if before is None else getattr(before, item.name, None)
        changed |= new is not None and new != old
    return changed


def has_moved(expected: CoverState, before: object, now: object) -> bool:
    """Return whether a cover or valve reports that it moves as commanded.

    After a stop command this is True once it stands still. If it stands open after a
    close command, it has not moved, and the earlier state was outdated.
    """
    before, now = _plain(before), _plain(now)
    if not isinstance(now, CoverState):
        return False
    if expected.opening is False and expected.closing is False:
        return is_still(now)
    old = before if isinstance(before, CoverState) else CoverState()
    if bool(now.opening) != bool(old.opening) or bool(now.closing) != bool(old.closing):
        return True
    told = expected.closed
    if told is not None and told == old.closed and now.closed == (not told):
        return False
    return (
        (now.closed is not None and now.closed != old.closed)
        or (now.position is not None and now.position != old.position)
        or (now.tilt is not None and now.tilt != old.tilt)
    )


def is_still(now: object) -> bool:
    """Return whether a cover or valve stands still, as far as known."""
    now = _plain(now)
    return not isinstance(now, CoverState) or not (now.opening or now.closing)


def needs_nothing(expected: CoverState, now: object) -> bool:
    """Return whether a cover or valve is already doing what the command asks for."""
    now = _plain(now)
    if expected.opening is False and expected.closing is False:
        return is_still(now)
    if not isinstance(now, CoverState) or expected.position is None:
        return False
    if now.position is None:
        return bool(
            (now.opening and expected.position == 100)
            or (now.closing and expected.position == 0)
        )
    return bool(
        (now.opening and expected.position > now.position)
        or (now.closing and expected.position < now.position)
    )


def _plain(state: object) -> object:
    """Return the value of a state, None if it has none."""
    if isinstance(state, Detailed):
        state = state.value
    return None if state is UNAVAILABLE else state
