"""Shutters and groups of shutters.

OpenMotics counts positions from open to closed, Home Assistant from closed to open.

Protocol: docs/protocols/openmotics.md#shutters.
"""

from functools import partial
from typing import Final

from homeassistant.components.button import ButtonEntityDescription
from homeassistant.components.cover import CoverDeviceClass, CoverEntityDescription
from homeassistant.components.number import NumberEntityDescription
from homeassistant.components.switch import SwitchEntityDescription
from homeassistant.const import EntityCategory, UnitOfRatio

from ....model import (
    ButtonPoint,
    CoverPoint,
    CoverState,
    Detailed,
    NumberPoint,
    SwitchPoint,
)
from ..client.errors import UnknownPositionError
from ..client.gateway import Direction
from ..client.models import Kind, Motion, Shutter, ShutterState
from .description import HUB, Installation, Plan, disabled, enabled_if, shown

SHUTTER: Final = CoverEntityDescription(
    key="shutter", name=None, device_class=CoverDeviceClass.SHUTTER
)
# Seconds; the gateway pushes at once, or is polled soon after a command.
REACTS_WITHIN: Final = 5.0
LOCK: Final = SwitchEntityDescription(
    key="lock",
    translation_key="openmotics_shutter_lock",
    entity_category=EntityCategory.CONFIG,
)
RECALL: Final = ButtonEntityDescription(
    key="recall", translation_key="openmotics_shutter_recall"
)
PRESET: Final = NumberEntityDescription(
    key="preset",
    translation_key="openmotics_shutter_preset",
    native_unit_of_measurement=UnitOfRatio.PERCENTAGE,
    native_min_value=0,
    native_max_value=100,
    native_step=1,
    entity_category=EntityCategory.CONFIG,
)
_ENDS: Final = {Motion.UP: 100, Motion.DOWN: 0}
"""Position in percent of a shutter that has arrived."""
GROUP: Final = CoverEntityDescription(
    key="shutter_group",
    translation_key="openmotics_shutter_group",
    device_class=CoverDeviceClass.SHUTTER,
)


def add(plan: Plan, installation: Installation) -> None:
    """Add all shutters, and their groups, which are disabled by default."""
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
    await installation.send_stateless(
        installation.gateway.move_shutter_group(group, direction)
    )


def to_percent(position: int | None, steps: int) -> int | None:
    """Return how far a shutter is open, in percent, for its position from 0 to steps - 1."""
    if position is None:
        return None
    return round(100 - min(max(position, 0), steps - 1) * 100 / (steps - 1))


def to_position(percent: int, steps: int) -> int:
    """Return the position of a shutter that is open by so many percent."""
    return round((100 - percent) * (steps - 1) / 100)


def cover_state(state: ShutterState, steps: int) -> CoverState:
    """Return the state of a cover.

    At an end it depends on the motion, not on the position: the cloud does not report
    the number of steps of a timed shutter, so 99 may be the last one.
    """
    percent = to_percent(state.position, steps)
    motion = state.motion
    end = None if motion is None else _ENDS.get(motion)
    if percent is not None and end is not None:
        percent = end
    closed: bool | None
    if percent is not None:
        closed = percent == 0
    else:
        closed = None if end is None else end == 0
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
        await installation.send_stateless(
            installation.gateway.move_shutter(shutter.id, direction)
        )

    async def place(percent: int) -> None:
        state = installation.states.get(key)
        if not isinstance(state, ShutterState) or state.position is None:
            # The gateway would open it fully first, and block the request that long.
            raise UnknownPositionError(shutter.name)
        position = to_position(percent, shutter.steps)
        await installation.send_stateless(
            installation.gateway.place_shutter(
                shutter.id, position, seconds=shutter.seconds
            )
        )

    def show(state: ShutterState) -> object:
        cover = cover_state(state, shutter.steps)
        if state.locked is None:
            return cover
        return Detailed(cover, {"locked": state.locked})

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
        shown(ShutterState, key, show),
        key,
    )
    if shutter.lockable:
        plan.add(
            SwitchPoint(
                device=identity,
                id=f"{identity}_lock",
                description=LOCK,
                set_on=lambda on: installation.gateway.lock_shutter(shutter.id, on),
            ),
            shown(ShutterState, key, lambda state: state.locked),
            key,
        )
    if shutter.preset:
        plan.add(
            ButtonPoint(
                device=identity,
                id=f"{identity}_recall",
                description=RECALL,
                press=lambda: installation.send_stateless(
                    installation.gateway.recall_shutter(shutter.id)
                ),
            )
        )
    if shutter.preset_settable:
        plan.add(
            NumberPoint(
                device=identity,
                id=f"{identity}_preset",
                description=PRESET,
                set_value=lambda percent: installation.gateway.set_shutter_preset(
                    shutter.id, to_position(round(percent), shutter.steps)
                ),
            ),
            shown(
                ShutterState,
                key,
                lambda state: to_percent(state.preset, shutter.steps),
            ),
            key,
        )
