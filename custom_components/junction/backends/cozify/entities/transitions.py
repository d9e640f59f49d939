"""Show the target of a light transition while it runs, and confirm it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from ....errors import BackendError
from ....model import Point, PointKey, agrees, merge
from ...http import Clock

CONFIRM: Final = 5.0
"""Seconds after the end of a transition within which the hub should report it."""


@dataclass(slots=True, eq=False)
class _Fade:
    """A running transition: its target, and the last state that the hub reported."""

    point: Point[Any]
    expected: object
    shown: object
    actual: object
    task: asyncio.Task[None] | None = None


class Transitions:
    """Transitions of one hub.

    Lights report their target at once, every step, or nothing until the end. In all
    cases the target is shown until then. ``show`` is called with the state to show
    afterwards, ``gave_up`` with the point of a light that did not reach its target.
    """

    def __init__(
        self,
        show: Callable[[PointKey, object], None],
        gave_up: Callable[[Point[Any]], None],
        clock: Clock | None = None,
    ) -> None:
        """Initialize without transitions."""
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
        """Show the target of a transition from now on."""
        self.end(point.key)
        if agrees(expected, current, point.tolerance):
            # The light is in the target state already, so the hub will report nothing.
            return
        fade = _Fade(point, expected, merge(current, expected), current)
        self._fades[point.key] = fade
        fade.task = asyncio.create_task(
            self._watch(fade, seconds, again), name="cozify transition"
        )
        self._show(point.key, fade.shown)

    def end(self, key: PointKey) -> None:
        """Forget a transition after another command."""
        if (fade := self._fades.pop(key, None)) is not None and fade.task is not None:
            fade.task.cancel()

    async def close(self) -> None:
        """Forget all transitions."""
        tasks = [fade.task for fade in self._fades.values() if fade.task]
        self._fades.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def shown_state(self, key: PointKey, state: object) -> object:
        """Return the state to show for a state that the hub reports."""
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
            # The coordinator reports a lost connection.
            pass
        del self._fades[fade.point.key]
        self._show(fade.point.key, fade.actual)
        self._gave_up(fade.point)
