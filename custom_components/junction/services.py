"""The actions: shared ones, and those that backends declare."""

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv, service
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.entity_platform import async_get_platforms
from homeassistant.helpers.selector import ConfigEntrySelector
import probatio as vol

from .backends.base import Action, BackendInfo
from .const import ATTR_DURATION, CONF_BACKEND, DOMAIN, SERVICE_TURN_ON_FOR
from .coordinator import JunctionConfigEntry

ATTR_ENTRY = "entry"

# Backends take seconds; people may write "00:10:00" as well.
DURATION = vol.All(cv.positive_time_period, lambda span: span.total_seconds())


@callback
def async_register_services(hass: HomeAssistant) -> None:
    """Register the shared actions, whatever is configured now."""
    hass.services.async_register(
        DOMAIN,
        SERVICE_TURN_ON_FOR,
        partial(_turn_on_for, hass),
        schema=cv.make_entity_service_schema({vol.Required(ATTR_DURATION): DURATION}),
    )


@callback
def async_register_actions(hass: HomeAssistant, info: BackendInfo) -> None:
    """Register the actions of a backend; more than once does no harm."""
    for action in info.actions:
        hass.services.async_register(
            DOMAIN,
            action.name,
            _backend_action(hass, info.name, action),
            schema=vol.Schema(
                {
                    vol.Required(ATTR_ENTRY): ConfigEntrySelector(
                        {"integration": DOMAIN}
                    ),
                    **action.schema,
                }
            ),
            supports_response=(
                SupportsResponse.OPTIONAL if action.response else SupportsResponse.NONE
            ),
        )


async def _turn_on_for(hass: HomeAssistant, call: ServiceCall) -> None:
    entities: dict[str, Entity] = {
        entity.entity_id: entity
        for platform in async_get_platforms(hass, DOMAIN)
        for entity in platform.entities.values()
        if hasattr(entity, "async_turn_on_for")
    }
    await service.entity_service_call(hass, entities, "async_turn_on_for", call)


@callback
def _backend_action(
    hass: HomeAssistant, backend: str, action: Action
) -> Callable[[ServiceCall], Coroutine[Any, Any, ServiceResponse]]:
    async def handle(call: ServiceCall) -> ServiceResponse:
        fields = dict(call.data)
        coordinator = _loaded_entry(hass, backend, fields.pop(ATTR_ENTRY)).runtime_data
        with coordinator.guard():
            response = await action.handler(coordinator.backend, fields)
        return response or {}

    return handle


def _loaded_entry(
    hass: HomeAssistant, backend: str, entry_id: str
) -> JunctionConfigEntry:
    entry: JunctionConfigEntry | None = hass.config_entries.async_get_entry(entry_id)
    if (
        entry is None
        or entry.domain != DOMAIN
        or entry.data.get(CONF_BACKEND) != backend
    ):
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="wrong_entry"
        )
    if entry.state is not ConfigEntryState.LOADED:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="entry_not_loaded",
            translation_placeholders={"entry": entry.title},
        )
    return entry
