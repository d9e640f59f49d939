"""Base entity of covers and valves."""

from .entity import JunctionEntity
from .model import CoverPoint, CoverState, Steer, ValvePoint


class JunctionMovingEntity[PointT: CoverPoint | ValvePoint](
    JunctionEntity[PointT, CoverState]
):
    """Entity that opens and closes, which takes its time.

    A command counts as done when the thing is seen to move, or to be there already;
    where only the end of a movement is told, or nothing, when the backend accepted it.
    """

    async def _move[*Args](
        self, steer: Steer[*Args] | None, *args: *Args, expected: CoverState
    ) -> None:
        """Set in motion."""
        if steer is None:
            raise self._not_offered()
        point = self.point
        async with self._guarded() as name:
            await self.coordinator.commands.move(
                point,
                lambda: steer(*args),
                expected,
                name=name,
                reacts_within=point.reacts_within,
                arrives_within=point.arrives_within,
            )

    async def _open(self) -> None:
        await self._move(self.point.open, expected=OPEN)

    async def _close(self) -> None:
        await self._move(self.point.close, expected=CLOSED)

    async def _stop(self) -> None:
        await self._move(self.point.stop, expected=STANDING)

    async def _set_position(self, position: int) -> None:
        await self._move(
            self.point.set_position, position, expected=CoverState(position=position)
        )


OPEN = CoverState(closed=False, position=100)
CLOSED = CoverState(closed=True, position=0)
STANDING = CoverState(opening=False, closing=False)
