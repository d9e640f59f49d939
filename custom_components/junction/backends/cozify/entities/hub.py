"""Points of the hub itself: groups, scenes, rules, and alarms.

See docs/protocols/cozify.md#groups-scenes-rules-and-rooms.
"""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, Protocol

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntityDescription,
)
from homeassistant.components.light import LightEntityDescription
from homeassistant.components.select import SelectEntityDescription
from homeassistant.components.switch import SwitchEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.helpers.entity import EntityDescription

from ....model import (
    UNAVAILABLE,
    BinarySensorPoint,
    Detailed,
    EventPoint,
    Point,
    ScenePoint,
    SelectPoint,
    SwitchPoint,
)
from ..client import CozifyState, Group, Kind, Rule, Scene, is_light
from . import events
from .controls import is_on
from .description import DeviceControl
from .lights import Lamp

HUB: Final = "hub"
"""Device id of the hub itself."""

SCENE: Final = EntityDescription(key="scene")
SCENE_SWITCH: Final = SwitchEntityDescription(
    key="scene_switch",
    translation_key="cozify_scene",
    entity_registry_enabled_default=False,
)
RULE: Final = SwitchEntityDescription(
    key="rule",
    translation_key="cozify_rule",
    entity_category=EntityCategory.CONFIG,
    entity_registry_enabled_default=False,
)
HOME, AWAY = "home", "away"
MODE: Final = SelectEntityDescription(
    key="home_mode", translation_key="cozify_home_mode", options=[HOME, AWAY]
)
ALARMS: Final = BinarySensorEntityDescription(
    key="alarms",
    translation_key="cozify_alarms",
    device_class=BinarySensorDeviceClass.PROBLEM,
)
GROUP_LIGHT: Final = LightEntityDescription(
    key="group",
    translation_key="cozify_group",
    entity_registry_enabled_default=False,
)
GROUP_SWITCH: Final = SwitchEntityDescription(
    key="group",
    translation_key="cozify_group",
    entity_registry_enabled_default=False,
)


class HubControl(DeviceControl, Protocol):
    """The part of the backend that these points use in addition."""

    async def switch_scene(self, scene: str, *, on: bool) -> None:
        """Switch a scene."""

    async def switch_rule(self, rule: str, *, on: bool) -> None:
        """Switch a rule."""


@dataclass(frozen=True, slots=True)
class HubPoint:
    """A point of the hub; ``read`` returns its state from the hub's state."""

    point: Point[Any]
    read: Callable[[CozifyState], object] | None


def build(hub: HubControl, state: CozifyState) -> Iterator[HubPoint]:
    """Yield the points of the hub."""
    yield HubPoint(BinarySensorPoint(device=HUB, description=ALARMS), _alarms)
    yield HubPoint(EventPoint(device=HUB, description=events.ALARM), None)
    for scene in state.scenes.values():
        yield from _scene(hub, scene)
    modes = {scene.mode: scene.id for scene in state.scenes.values() if scene.mode}
    if len(modes) == 2:
        yield _mode(hub, modes)
    for rule in state.rules.values():
        yield _rule(hub, rule)
    for group in state.groups.values():
        if (built := _group(hub, group)) is not None:
            yield built


def _alarms(state: CozifyState) -> Detailed[bool]:
    count = sum(not alarm.closed for alarm in state.alarms.values())
    return Detailed(count > 0, {"count": count})


def _scene(hub: HubControl, scene: Scene) -> Iterator[HubPoint]:
    async def activate() -> None:
        await hub.switch_scene(scene.id, on=True)

    async def set_on(on: bool) -> None:
        await hub.switch_scene(scene.id, on=on)

    yield HubPoint(
        ScenePoint(
            device=HUB,
            id=f"scene_{scene.id}",
            name=scene.name,
            description=SCENE,
            activate=activate,
        ),
        None,
    )
    yield HubPoint(
        SwitchPoint(
            device=HUB,
            id=f"scene_switch_{scene.id}",
            placeholders={"name": scene.name},
            description=SCENE_SWITCH,
            set_on=set_on,
        ),
        _whether_on(Kind.SCENE, scene.id),
    )


def _whether_on(kind: Kind, key: str) -> Callable[[CozifyState], object]:
    """Return a function that reads whether a scene or a rule is on."""

    def read(state: CozifyState) -> object:
        known = state.items[kind].get(key)
        return known.on if isinstance(known, Scene | Rule) else UNAVAILABLE

    return read


def _mode(hub: HubControl, modes: dict[str, str]) -> HubPoint:
    async def select(option: str) -> None:
        await hub.switch_scene(modes[option.upper()], on=True)

    def read(state: CozifyState) -> str | None:
        for scene in state.scenes.values():
            if scene.mode and scene.on:
                return scene.mode.lower()
        return None

    return HubPoint(SelectPoint(device=HUB, description=MODE, select=select), read)


def _rule(hub: HubControl, rule: Rule) -> HubPoint:
    async def set_on(on: bool) -> None:
        await hub.switch_rule(rule.id, on=on)

    return HubPoint(
        SwitchPoint(
            device=HUB,
            id=f"rule_{rule.id}",
            placeholders={"name": rule.name},
            description=RULE,
            set_on=set_on,
        ),
        _whether_on(Kind.RULE, rule.id),
    )


def _group(hub: HubControl, group: Group) -> HubPoint | None:
    """Return the point of a group, which is disabled by default because of its members."""
    point: Point[Any]
    read: Callable[[Any], object]
    place = {"id": f"group_{group.id}", "placeholders": {"name": group.name}}
    if is_light(group):
        built = Lamp(hub, group).build(
            group, owner=HUB, description=GROUP_LIGHT, **place
        )
        assert built.read is not None
        point, read = built.point, built.read
    elif group.can("ON_OFF"):
        set_on: Callable[[bool], Awaitable[None]] = _switch_of(hub, group.id)
        point = SwitchPoint(
            device=HUB,
            id=f"group_{group.id}",
            placeholders={"name": group.name},
            description=GROUP_SWITCH,
            set_on=set_on,
        )
        read = is_on
    else:
        return None

    def of_group(state: CozifyState) -> object:
        known = state.groups.get(group.id)
        return UNAVAILABLE if known is None else read(known)

    return HubPoint(point, of_group)


def _switch_of(hub: HubControl, key: str) -> Callable[[bool], Awaitable[None]]:
    async def set_on(on: bool) -> None:
        await hub.switch(key, on=on)

    return set_on
