"""Positions of shutters and covers."""

import pytest

from custom_components.junction.backends.openmotics.client.models import (
    Motion,
    ShutterState,
)
from custom_components.junction.backends.openmotics.entities import shutters


@pytest.mark.parametrize(
    ("position", "steps", "percent"),
    [(0, 100, 100), (99, 100, 0), (50, 100, 49), (10, 21, 50), (120, 101, 0)],
)
def test_positions(position: int, steps: int, percent: int) -> None:
    assert shutters.to_percent(position, steps) == percent
    assert shutters.to_percent(None, steps) is None


@pytest.mark.parametrize("steps", [2, 21, 100, 101])
def test_positions_come_back(steps: int) -> None:
    for position in range(steps):
        percent = shutters.to_percent(position, steps)
        assert percent is not None
        assert shutters.to_position(percent, steps) == position


def test_what_a_cover_shows() -> None:
    down = shutters.cover_state(ShutterState(motion=Motion.DOWN), 100)
    assert (down.closed, down.position) == (True, None)
    half = shutters.cover_state(ShutterState(motion=Motion.STOPPED), 100)
    assert half.closed is None
    assert shutters.cover_state(ShutterState(), 100).closed is None
    # The cloud does not say that 99 is all of the way.
    down = shutters.cover_state(ShutterState(motion=Motion.DOWN, position=99), 101)
    assert (down.closed, down.position) == (True, 0)
    up = shutters.cover_state(ShutterState(motion=Motion.UP, position=1), 101)
    assert (up.closed, up.position) == (False, 100)
    near = shutters.cover_state(ShutterState(motion=Motion.STOPPED, position=99), 101)
    assert (near.closed, near.position) == (False, 1)
