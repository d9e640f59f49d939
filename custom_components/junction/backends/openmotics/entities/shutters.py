"""Shutters and groups of shutters.

OpenMotics counts positions from open to closed, Home Assistant the other way.

On the wire: docs/protocols/openmotics.md#shutters.
"""

from functools import partial
from typing import Final

from homeassistant.components.cover import CoverDeviceClass, CoverEntityDescription

from ....model import CoverPoint, CoverState
from ..client.errors import UnknownPositionError
from ..client.gateway import Direction
from ..client.models import Kind, Motion, Shutter, ShutterState
from .description import HUB, Installation, Plan, disabled, enabled_if, shown

SHUTTER: Final = CoverEntityDescription(
    key="shutter", name=None, device_class=CoverDeviceClass.SHUTTER
)
# Seconds; the gateway tells at once, and when it is polled soon after a command.
REACTS_WITHIN: Final = 5.0
GROUP: Final = CoverEntityDescription(
    key="shutter_group",
    translation_key="openmotics_shutter_group",
    device_class=CoverDeviceClass.SHUTTER,
)


def add(plan: Plan, installation: Installation) -> None:
    """Add all shutters, and their groups for those who want them."""
    for shutter in installation.configuration.shutters:
        _add_one(plan, installation, shutter)
    for group in installation.configuration.shutter_groups:
        move = partial(_move_group, installation, group.id)
        plan.add(
            CoverPoint(
                device=HUB,
                id=f"shutter_group_{group.id}",
                description=disabled(GROUP),
                placeholders={"number": str(group.id)},
                open=partial(move, Direction.UP),
                close=partial(move, Direction.DOWN),
                stop=partial(move, Direction.STOP),
                assumed=True,
            ),
            lambda _states: CoverState(),
        )


async def _move_group(
    installation: Installation, group: int, direction: Direction
) -> None:
    await installation.stir(installation.gateway.move_shutter_group(group, direction))


def to_percent(position: int | None, steps: int) -> int | None:
    """Return how open a shutter is, in percent, by its position from 0 to steps - 1."""
    if position is None:
        return None
    return round(100 - min(max(position, 0), steps - 1) * 100 / (steps - 1))


def to_position(percent: int, steps: int) -> int:
    """Return the position of a shutter that is to be open by so many percent."""
    return round((100 - percent) * (steps - 1) / 100)


def cover_state(state: ShutterState, steps: int) -> CoverState:
    """Return what a cover shows."""
    percent = to_percent(state.position, steps)
    motion = state.motion
    closed: bool | None
    if percent is not None:
        closed = percent == 0
    else:
        closed = {Motion.DOWN: True, Motion.UP: False}.get(motion) if motion else None
    return CoverState(
        closed=closed,
        position=percent,
        opening=motion is Motion.GOING_UP,
        closing=motion is Motion.GOING_DOWN,
    )


def _add_one(plan: Plan, installation: Installation, shutter: Shutter) -> None:
    key = (Kind.SHUTTER, str(shutter.id))
    identity = f"shutter_{shutter.id}"

    async def move(direction: Direction) -> None:
        await installation.stir(
            installation.gateway.move_shutter(shutter.id, direction)
        )

    async def place(percent: int) -> None:
        state = installation.states.get(key)
        if not isinstance(state, ShutterState) or state.position is None:
            # The gateway would drive it up first, and hold the request that long.
            raise UnknownPositionError(shutter.name)
        position = to_position(percent, shutter.steps)
        await installation.stir(
            installation.gateway.place_shutter(
                shutter.id, position, seconds=shutter.seconds
            )
        )

    plan.device(
        identity,
        shutter.name,
        kind="shutter",
        number=shutter.id,
        room=shutter.room,
        model="Shutter",
    )
    plan.add(
        CoverPoint(
            device=identity,
            id=identity,
            description=enabled_if(
                bool(shutter.name) and not shutter.internal, SHUTTER
            ),
            position_steps=shutter.steps - 1,
            open=partial(move, Direction.UP),
            close=partial(move, Direction.DOWN),
            stop=partial(move, Direction.STOP),
            set_position=place if shutter.positions else None,
            reacts_within=REACTS_WITHIN,
        ),
        shown(ShutterState, key, lambda state: cover_state(state, shutter.steps)),
        key,
    )
