"""Show where a light transition leads while it runs, and confirm that it got there."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from ....errors import BackendError
from ....model import Point, PointKey, agrees, merge
from ...http import Clock

CONFIRM: Final = 5.0
"""Seconds after the end of a transition in which the hub should have told of it."""


@dataclass(slots=True, eq=False)
class _Fade:
    """A transition that runs: what it leads to, and what the hub last said meanwhile."""

    point: Point[Any]
    expected: object
    shown: object
    actual: object
    task: asyncio.Task[None] | None = None


class Transitions:
    """The transitions of one hub.

    Lamps report their target at once, or every step on the way, or nothing until the
    end. In all cases their end is what is shown until then; ``show`` is given what to
    show otherwise, ``gave_up`` the point whose lamp never got there.
    """

    def __init__(
        self,
        show: Callable[[PointKey, object], None],
        gave_up: Callable[[Point[Any]], None],
        clock: Clock | None = None,
    ) -> None:
        """Have none."""
        self._show = show
        self._gave_up = gave_up
        self._clock = clock or Clock()
        self._fades: dict[PointKey, _Fade] = {}
        self.resends = 0

    def begin(
        self,
        point: Point[Any],
        expected: object,
        current: object,
        seconds: float,
        again: Callable[[], Awaitable[None]],
    ) -> None:
        """Show what a transition leads to, from now on."""
        self.end(point.key)
        if agrees(expected, current, point.tolerance):
            # It is so already, and the hub will have nothing to tell.
            return
        fade = _Fade(point, expected, merge(current, expected), current)
        self._fades[point.key] = fade
        fade.task = asyncio.create_task(
            self._watch(fade, seconds, again), name="cozify transition"
        )
        self._show(point.key, fade.shown)

    def end(self, key: PointKey) -> None:
        """Forget a transition: something else was commanded."""
        if (fade := self._fades.pop(key, None)) is not None and fade.task is not None:
            fade.task.cancel()

    async def close(self) -> None:
        """Forget all of them."""
        tasks = [fade.task for fade in self._fades.values() if fade.task]
        self._fades.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def settle(self, key: PointKey, state: object) -> object:
        """Return what to show for a state that the hub reports."""
        if (fade := self._fades.get(key)) is None:
            return state
        fade.actual = state
        if not agrees(fade.expected, state, fade.point.tolerance):
            return fade.shown
        self.end(key)
        return state

    async def _watch(
        self, fade: _Fade, seconds: float, again: Callable[[], Awaitable[None]]
    ) -> None:
        await self._clock.sleep(seconds + CONFIRM)
        self.resends += 1
        try:
            await again()
            await self._clock.sleep(CONFIRM)
        except BackendError:
            # The loss of the hub is told elsewhere.
            pass
        del self._fades[fade.point.key]
        self._show(fade.point.key, fade.actual)
        self._gave_up(fade.point)
