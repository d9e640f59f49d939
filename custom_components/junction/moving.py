"""Base entity of covers and valves."""

from .entity import JunctionEntity
from .model import CoverPoint, CoverState, Steer, ValvePoint


class JunctionMovingEntity[PointT: CoverPoint | ValvePoint](
    JunctionEntity[PointT, CoverState]
):
    """Entity that opens and closes, which takes time.

    A command is done when the device reports that it moves or has arrived; if the
    backend reports only the end of a movement, or nothing, once the backend accepts it.
    """

    async def _move[*Args](
        self, steer: Steer[*Args] | None, *args: *Args, expected: CoverState
    ) -> None:
        """Send a command that starts a movement."""
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
