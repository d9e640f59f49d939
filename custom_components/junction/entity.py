"""Base class of all entities, and how platforms add them."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from enum import IntFlag
from math import isfinite
from typing import Any, Final, override

from homeassistant.core import callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.typing import UndefinedType

from .compat import async_forget_cached
from .const import DOMAIN
from .coordinator import JunctionConfigEntry, JunctionCoordinator
from .devices import device_identifier, entity_unique_id
from .model import UNAVAILABLE, Detailed, Point, PointKey, Steer, name_beside
from .together import one_of_several

_NO_DETAILS: Final = Detailed[Any](None)


class JunctionEntity[PointT: Point[Any], StateT](Entity):
    """Entity of one point. Platforms map its state to attributes in ``_show``."""

    _attr_has_entity_name = True
    _attr_should_poll = False
    _detailed = False

    def __init__(self, coordinator: JunctionCoordinator, point: PointT) -> None:
        """Set what never changes; ``adopt`` sets the rest."""
        entry = coordinator.config_entry
        self.coordinator = coordinator
        self._attr_unique_id = entity_unique_id(entry, point.key)
        self._attr_device_info = DeviceInfo(
            identifiers={device_identifier(entry, point.device)}
        )
        self.adopt(point)

    @callback
    def adopt(self, point: PointT) -> None:
        """Set everything that a point fixes."""
        self.point = point
        self.entity_description = point.description
        if point.name is not None:
            self._attr_name = point.name
        elif hasattr(self, "_attr_name"):
            del self._attr_name
        self._attr_translation_placeholders = dict(point.placeholders)
        self._describe()
        self._load()

    @callback
    def readopt(self, point: PointT) -> None:
        """Replace the point by one that the backend made anew, and write the state."""
        async_forget_cached(self)
        self.adopt(point)
        self.coordinator.listeners.async_wake((point.key,))

    def _describe(self) -> None:
        """Set the ``_attr_`` values of the platform that the point fixes."""

    @property
    def current(self) -> StateT | None:
        """The plain state now, None when unknown or unavailable."""
        state: StateT | None = self.point.read(self.coordinator.state(self.point.key))
        return state

    def _show(self, state: StateT | None) -> None:
        """Set the ``_attr_`` values of the platform from a state."""

    def _is_available(self, state: object) -> bool:
        return state is not UNAVAILABLE

    def _load(self) -> None:
        state = self.coordinator.state(self.point.key)
        available = self._is_available(state)
        if available is not self._attr_available:
            # Home Assistant forgets what it remembers of an attribute that is set, so
            # what stays the same is better left alone at every write.
            self._attr_available = available
        if isinstance(state, Detailed):
            self._show_details(state)
            self._detailed = True
        elif self._detailed:
            self._show_details(_NO_DETAILS)
            self._detailed = False
        if available:
            self._show(self.point.read(state))

    def _show_details(self, state: Detailed[Any]) -> None:
        self._attr_extra_state_attributes = dict(state.attributes)

    @callback
    def _write(self) -> None:
        self._load()
        self.async_write_ha_state()

    @override
    async def async_added_to_hass(self) -> None:
        """Listen to the point of this entity."""
        self.async_on_remove(
            self.coordinator.listeners.async_listen_point(self.point.key, self._write)
        )
        # Whatever was pushed between the making of this object and now.
        self._load()

    @callback
    @override
    def async_entity_id_changed(self, old_entity_id: str) -> None:
        """Stay as it is when renamed, for nothing here depends on the entity id.

        Home Assistant 2026.11 asks each class with an ``async_added_to_hass`` of its own,
        and adds those again that do not answer.
        """

    async def async_update(self) -> None:
        """Request a refresh (``homeassistant.update_entity``)."""
        self.coordinator.refresh()

    @override
    def _name_internal(
        self, device_class_name: str | None, platform_translations: dict[str, str]
    ) -> str | UndefinedType | None:
        """Leave out what the name of the device ends with: it is shown before.

        This makes the name in the user's language as well as the one of the entity id;
        whoever overrides ``name`` makes entity ids that depend on the language.
        """
        name = super()._name_internal(device_class_name, platform_translations)
        if not isinstance(name, str):
            return name
        # Home Assistant asks for it before it gives the entity its device.
        device = next(
            (
                spec.name
                for spec in self.coordinator.topology.devices
                if spec.id == self.point.device
            ),
            None,
        )
        return name_beside(device, name) if device else name

    @property
    def shown_name(self) -> str:
        """The name by which people know the entity."""
        state = self.hass.states.get(self.entity_id)
        return self.entity_id if state is None else state.name

    @asynccontextmanager
    async def _guarded(self) -> AsyncGenerator[str]:
        """Name the entity in what goes wrong with a command to it."""
        name = self.shown_name
        async with one_of_several(self.hass, self._context, name):
            with self.coordinator.guard(name):
                yield name

    async def _command(
        self,
        send: Callable[[], Awaitable[None]],
        expected: StateT | None = None,
        *,
        takes: float = 0.0,
    ) -> None:
        """Send a command; return when the device obeyed, or when it may take its time.

        Without an expected state the backend's acceptance is enough. ``takes`` is how
        many seconds the device takes on purpose. Raises HomeAssistantError with the
        reason, and the name of the entity, in the user's language.
        """
        commands = self.coordinator.commands
        async with self._guarded() as name:
            if expected is None:
                await commands.accept(self.point, send)
            else:
                await commands.set(self.point, send, expected, name=name, takes=takes)

    async def _offered[*Args](
        self, steer: Steer[*Args] | None, *args: *Args, expected: StateT | None = None
    ) -> None:
        """Send a command, or raise if the point does not offer it."""
        if steer is None:
            raise self._not_offered()
        await self._command(lambda: steer(*args), expected)

    def _checked(self, field: str, value: float) -> float:
        """Return a number that is one: "nan" is none, and gets through other checks."""
        if isfinite(value):
            return value
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="field_invalid",
            translation_placeholders={"field": field, "detail": str(value)},
        )

    def _not_offered(self) -> ServiceValidationError:
        return ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="not_offered",
            translation_placeholders={"entity": self.shown_name},
        )

    def offers_turn_on_for(self, fields: Mapping[str, Any]) -> bool:
        """Return whether the backend itself can end what the action begins."""
        return False


def features[FlagT: IntFlag](always: FlagT, offered: Mapping[FlagT, object]) -> FlagT:
    """Return the flags of all features that are offered."""
    for flag, offer in offered.items():
        if offer:
            always |= flag
    return always


class JunctionStatelessEntity[PointT: Point[Any]](JunctionEntity[PointT, Any]):
    """Entity of a point without a state, available as long as its device answers."""

    @override
    def _is_available(self, state: object) -> bool:
        return self.coordinator.responds(self.point.device)


@callback
def async_add_points[PointT: Point[Any]](
    entry: JunctionConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
    kind: type[PointT],
    make: Callable[[JunctionCoordinator, PointT], JunctionEntity[PointT, Any]],
) -> None:
    """Add an entity for every point of a kind, now and whenever one appears."""
    coordinator = entry.runtime_data
    entities: dict[PointKey, JunctionEntity[PointT, Any]] = {}

    @callback
    def follow() -> None:
        points = {
            point.key: point
            for point in coordinator.topology.points
            if isinstance(point, kind)
        }
        # What left the registry (it was gone, or a person removed it) is new if it
        # comes back.
        registry = er.async_get(coordinator.hass)
        for key, entity in list(entities.items()):
            if entity.entity_id and registry.async_get(entity.entity_id) is None:
                del entities[key]
        subentries = {d.id: d.subentry for d in coordinator.topology.devices}
        new: dict[str | None, list[JunctionEntity[PointT, Any]]] = {}
        for key, point in points.items():
            if key not in entities:
                entity = entities.setdefault(key, make(coordinator, point))
                new.setdefault(subentries.get(key[0]), []).append(entity)
            elif entities[key].point is not point:
                entities[key].readopt(point)
        for subentry, added in new.items():
            async_add_entities(added, config_subentry_id=subentry)

    follow()
    entry.async_on_unload(coordinator.listeners.async_listen_topology(follow))
