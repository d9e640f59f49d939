"""Actions: the shared ones, and those that backends declare."""

from collections.abc import Callable, Collection, Coroutine, Mapping
from functools import partial
from typing import Any, cast

from homeassistant.auth.permissions.const import POLICY_CONTROL, POLICY_READ
from homeassistant.components.light.const import ATTR_BRIGHTNESS, ATTR_BRIGHTNESS_PCT
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import ATTR_ENTITY_ID
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import ServiceValidationError, Unauthorized, UnknownUser
from homeassistant.helpers import (
    config_validation as cv,
    entity_registry as er,
    service,
)
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.entity_platform import async_get_platforms
from homeassistant.helpers.selector import ConfigEntrySelector
from homeassistant.util.hass_dict import HassKey
from homeassistant.util.json import JsonObjectType
import probatio as vol

from .backends.base import Access, Action, BackendInfo
from .cleaning import clean_value
from .const import ATTR_DURATION, ATTR_ENTRY, CONF_BACKEND, DOMAIN, SERVICE_TURN_ON_FOR
from .coordinator import JunctionConfigEntry
from .entity import JunctionEntity
from .schemas import check_fields, checked, named_devices, named_entities, target_entry

# By name of the action and of the backend: several backends may offer the same action.
type _Declared = dict[str, dict[str, Action]]
_DECLARED: HassKey[_Declared] = HassKey(f"{DOMAIN}_actions")
# What people call the backends that declared actions, by name.
_TITLES: HassKey[dict[str, str]] = HassKey(f"{DOMAIN}_action_titles")

LONGEST_DURATION = 366 * 24 * 3600.0

# Backends take seconds; users may also write "00:10:00". Zero is refused: some backends
# take it for "no limit".
DURATION = vol.All(
    cv.positive_time_period,
    lambda span: span.total_seconds(),
    vol.Range(min=0, min_included=False, max=LONGEST_DURATION),
)


_TURN_ON_FOR = cv.make_entity_service_schema(
    {
        vol.Required(ATTR_DURATION): DURATION,
        vol.Exclusive(ATTR_BRIGHTNESS, ATTR_BRIGHTNESS): vol.All(
            vol.Coerce(int), vol.Range(min=1, max=255)
        ),
        vol.Exclusive(ATTR_BRIGHTNESS_PCT, ATTR_BRIGHTNESS): vol.All(
            vol.Coerce(float), vol.Range(min=1, max=100)
        ),
    }
)


def _level_of(
    validator: Callable[[dict[str, Any]], Any],
) -> Callable[[dict[str, Any]], Any]:
    """Return a validator that returns the brightness as 1-255, also if it is given in percent."""

    def validate(fields: dict[str, Any]) -> Any:  # noqa: ANN401 - validators return any type
        found = validator(fields)
        if (percent := found.pop(ATTR_BRIGHTNESS_PCT, None)) is not None:
            found[ATTR_BRIGHTNESS] = round(percent * 2.55)
        return found

    return validate


@callback
def async_register_services(hass: HomeAssistant) -> None:
    """Register the shared actions."""
    hass.services.async_register(
        DOMAIN,
        SERVICE_TURN_ON_FOR,
        partial(_turn_on_for, hass),
        schema=vol.Schema(_level_of(checked(_TURN_ON_FOR))),
        supports_response=SupportsResponse.OPTIONAL,
    )


@callback
def async_register_actions(hass: HomeAssistant, info: BackendInfo) -> None:
    """Register the actions of a backend; calling it again has no effect.

    Several backends may offer the same action. The entry determines which backend
    handles it, and with that which fields it takes.
    """
    declared = hass.data.setdefault(_DECLARED, {})
    hass.data.setdefault(_TITLES, {})[info.name] = info.title
    for action in info.actions:
        offers = declared.setdefault(action.name, {})
        offers[info.name] = action
        hass.services.async_register(
            DOMAIN,
            action.name,
            _backend_action(hass, offers),
            schema=_schema(hass, offers),
            supports_response=(
                SupportsResponse.OPTIONAL
                if any(offer.response for offer in offers.values())
                else SupportsResponse.NONE
            ),
        )


async def _turn_on_for(hass: HomeAssistant, call: ServiceCall) -> ServiceResponse:
    able = _able_or_refuse(
        hass,
        call,
        named=lambda entity: entity.offers_turn_on_for(call.data),
        rest=lambda entity: entity.offers_turn_on_for({}),
    )
    done = await service.entity_service_call(hass, able, "async_turn_on_for", call)
    return None if done is None else {**done}


@callback
def _able_or_refuse(
    hass: HomeAssistant,
    call: ServiceCall,
    *,
    named: Callable[[JunctionEntity[Any, Any]], bool],
    rest: Callable[[JunctionEntity[Any, Any]], bool],
) -> dict[str, Entity]:
    """Return the entities that can carry out an action.

    Raises before anything happens if an entity named by the user does not support all
    of it. Entities that came through an area, device, floor, or label are skipped
    instead.
    """
    entities: dict[str, JunctionEntity[Any, Any]] = {
        entity.entity_id: entity
        for platform in async_get_platforms(hass, DOMAIN)
        for entity in platform.entities.values()
        if isinstance(entity, JunctionEntity)
    }
    unable = [
        entity.shown_name
        for entity_id in cv.ensure_list(call.data.get(ATTR_ENTITY_ID))
        if (entity := entities.get(entity_id)) and not named(entity)
    ]
    if unable:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="not_offered",
            translation_placeholders={"entity": ", ".join(unable)},
        )
    return {entity_id: entity for entity_id, entity in entities.items() if rest(entity)}


@callback
def _schema(hass: HomeAssistant, offers: Mapping[str, Action]) -> vol.Schema:
    """Return the schema of an action's fields, which depends on the backend of the entry."""
    entry = {
        vol.Optional(ATTR_ENTRY): ConfigEntrySelector({"integration": DOMAIN}),
    }

    def validate(fields: dict[str, Any]) -> Any:  # noqa: ANN401 - validators return any type
        meant = target_entry(hass, offers.values(), fields)
        offer = _offer(hass, offers, meant)
        given = {**fields, ATTR_ENTRY: meant}
        if offer is None:
            # The handler reports what is wrong with the entry.
            return given
        return checked(vol.Schema({**entry, **offer.schema}))(given)

    named = checked(vol.Schema(entry, extra=vol.ALLOW_EXTRA))

    def check(fields: dict[str, Any]) -> Any:  # noqa: ANN401 - validators return any type
        named(fields)
        # Validate the original fields, so that unknown ones are refused, not removed.
        return validate(fields)

    return vol.Schema(check)


@callback
def _backend_action(
    hass: HomeAssistant, offers: Mapping[str, Action]
) -> Callable[[ServiceCall], Coroutine[Any, Any, ServiceResponse]]:
    async def handle(call: ServiceCall) -> ServiceResponse:
        fields = dict(call.data)
        entry_id = fields.pop(ATTR_ENTRY)
        if (offer := _offer(hass, offers, entry_id)) is None:
            raise ServiceValidationError(
                translation_domain=DOMAIN,
                translation_key="wrong_entry",
                translation_placeholders={"systems": _systems(hass, offers)},
            )
        check_fields(offer, fields)
        entities = named_entities(hass, entry_id, offer, fields)
        fields |= named_devices(hass, entry_id, offer, fields)
        await _check_access(hass, call, offer, entry_id, entities)
        coordinator = _loaded_entry(hass, entry_id).runtime_data
        with coordinator.guard():
            response = await offer.handler(coordinator.backend, fields)
        return cast("JsonObjectType", clean_value(response or {}))

    return handle


async def _check_access(
    hass: HomeAssistant,
    call: ServiceCall,
    action: Action,
    entry_id: str,
    entities: Collection[str],
) -> None:
    """Check the user's permissions as Home Assistant's own actions do. Raises Unauthorized."""
    if call.context.user_id is None:
        return
    user = await hass.auth.async_get_user(call.context.user_id)
    if user is None:
        raise UnknownUser(context=call.context)
    if user.is_admin:
        return
    if action.access is Access.READ and not entities:
        registry = er.async_get(hass)
        entities = [
            entity.entity_id
            for entity in er.async_entries_for_config_entry(registry, entry_id)
        ]
    policy = POLICY_READ if action.access is Access.READ else POLICY_CONTROL
    for entity in entities:
        if not user.permissions.check_entity(entity, policy):
            raise Unauthorized(
                context=call.context,
                entity_id=entity,
                config_entry_id=entry_id,
                permission=policy,
            )
    if action.access is Access.ADMIN or not entities:
        raise Unauthorized(context=call.context, config_entry_id=entry_id)


@callback
def _systems(hass: HomeAssistant, offers: Mapping[str, Action]) -> str:
    """Return what people call the systems that offer an action."""
    titles = hass.data[_TITLES]
    return ", ".join(sorted(titles[name] for name in offers))


@callback
def _offer(
    hass: HomeAssistant, offers: Mapping[str, Action], entry_id: str
) -> Action | None:
    """Return the action of the entry's backend, or None."""
    entry = hass.config_entries.async_get_entry(entry_id)
    if entry is None or entry.domain != DOMAIN:
        return None
    return offers.get(entry.data.get(CONF_BACKEND, ""))


def _loaded_entry(hass: HomeAssistant, entry_id: str) -> JunctionConfigEntry:
    entry: JunctionConfigEntry = hass.config_entries.async_get_known_entry(entry_id)
    if entry.state is not ConfigEntryState.LOADED:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="entry_not_loaded",
            translation_placeholders={"entry": entry.title},
        )
    return entry
