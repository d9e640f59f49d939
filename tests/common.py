"""What the tests of the entities do often."""

from datetime import datetime
from typing import Any

from homeassistant.core import HomeAssistant, State


def shown(hass: HomeAssistant, entity_id: str) -> str:
    """Return what an entity shows."""
    return state_of(hass, entity_id).state


def state_of(hass: HomeAssistant, entity_id: str) -> State:
    """Return the state of an entity that must have one."""
    state = hass.states.get(entity_id)
    assert state is not None, entity_id
    return state


def writes(hass: HomeAssistant) -> dict[str, datetime]:
    """Return when each entity was written last, be it with the state it had."""
    return {state.entity_id: state.last_reported for state in hass.states.async_all()}


def written_since(hass: HomeAssistant, before: dict[str, datetime]) -> set[str]:
    """Return the entities that were written after `before` was taken."""
    return {entity for entity, at in writes(hass).items() if at != before.get(entity)}


async def act(
    hass: HomeAssistant, action: str, entity_id: str | list[str], **data: Any
) -> None:
    """Perform an action on entities and wait for its end."""
    domain, name = action.split(".")
    await hass.services.async_call(
        domain, name, data, blocking=True, target={"entity_id": entity_id}
    )
