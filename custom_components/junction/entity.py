"""Base classes of entities, and adding of entities to platforms."""

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
        """Set everything that depends on the point."""
        self.point = point
        self.entity_description = point.description
        if point.name is not None:
            self._attr_name = point.name
        elif hasattr(self, "_attr_name"):
            del self._attr_name
        self._attr_translation_placeholders = dict(point.placeholders)
        self._describe()
        self._load(self._reported)

    @callback
    def readopt(self, point: PointT) -> None:
        """Replace the point by a new version of it, and write the state."""
        async_forget_cached(self)
        self.adopt(point)
        self.coordinator.listeners.async_wake((point.key,))

    def _describe(self) -> None:
        """Set the platform's ``_attr_`` values that depend on the point."""

    @property
    def _reported(self) -> object:
        """The state as the backend reported it."""
        return self.coordinator.state(self.point.key)

    @property
    def current(self) -> StateT | None:
        """Return the plain state, None if unknown or unavailable."""
        state: StateT | None = self.point.read(self._reported)
        return state

    def _show(self, state: StateT | None) -> None:
        """Set the platform's ``_attr_`` values from a state."""

    def _is_available(self, state: object) -> bool:
        return state is not UNAVAILABLE

    def _load(self, state: object) -> None:
        available = self._is_available(state)
        if available is not self._attr_available:
            # Setting an attribute clears Home Assistant's cache, so set it only on a
            # change.
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
        self._write_reported(self._reported)

    def _write_reported(self, state: object) -> None:
        self._load(state)
        self.async_write_ha_state()

    @override
    async def async_added_to_hass(self) -> None:
        """Subscribe to the point of this entity."""
        self.async_on_remove(
            self.coordinator.listeners.async_listen_point(self.point.key, self._write)
        )
        # The state may have changed since this object was created.
        self._load(self._reported)

    @callback
    @override
    def async_entity_id_changed(self, old_entity_id: str) -> None:
        """Keep the entity loaded when it is renamed: nothing here depends on the entity id.

        Home Assistant 2026.11 calls this on each class with its own
        ``async_added_to_hass``, and re-adds entities that do not implement it.
        """

    async def async_update(self) -> None:
        """Request a refresh (``homeassistant.update_entity``)."""
        self.coordinator.refresh()

    @override
    def _name_internal(
        self, device_class_name: str | None, platform_translations: dict[str, str]
    ) -> str | UndefinedType | None:
        """Return the name without the words that the device's name ends with.

        Home Assistant shows the device's name before it. This method makes both the
        name in the user's language and the name for the entity id; overriding ``name``
        would make entity ids depend on the language.
        """
        name = super()._name_internal(device_class_name, platform_translations)
        if not isinstance(name, str):
            return name
        # Home Assistant calls this before the entity has its device.
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
        """Return the name that the user sees."""
        state = self.hass.states.get(self.entity_id)
        return self.entity_id if state is None else state.name

    @asynccontextmanager
    async def _guarded(self) -> AsyncGenerator[str]:
        """Add the entity's name to the errors of a command."""
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
        """Send a command; return when the device confirms it, or at once if it takes time.

        Without an expected state the command is done once the backend accepts it.
        ``takes`` is the time in seconds that the device needs on purpose. Raises
        HomeAssistantError with the reason and the name of the entity in the user's
        language.
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
        """Send a command. Raises HomeAssistantError if the point does not support it."""
        if steer is None:
            raise self._not_offered()
        await self._command(lambda: steer(*args), expected)

    def _checked(self, field: str, value: float) -> float:
        """Return a finite number. Raises for "nan", which passes other checks."""
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
        """Return whether the backend can turn off by itself what the action turns on."""
        return False


def features[FlagT: IntFlag](always: FlagT, offered: Mapping[FlagT, object]) -> FlagT:
    """Return the flags of all supported features."""
    for flag, offer in offered.items():
        if offer:
            always |= flag
    return always


class JunctionStatelessEntity[PointT: Point[Any]](JunctionEntity[PointT, Any]):
    """Entity of a point without a state, available as long as its device responds."""

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
    """Add entities for all points of a kind, now and whenever the topology changes."""
    coordinator = entry.runtime_data
    entities: dict[PointKey, JunctionEntity[PointT, Any]] = {}

    @callback
    def follow() -> None:
        points = {
            point.key: point
            for point in coordinator.topology.points
            if isinstance(point, kind)
        }
        # A point whose entity left the registry (gone, or removed by the user) is added
        # again.
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
