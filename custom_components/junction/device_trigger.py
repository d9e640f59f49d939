"""Device triggers for the events of remotes, wall buttons, and doorbells.

There is one trigger for each event type of each event entity. HomeKit, among others,
turns them into programmable switches.
"""

from typing import Any

from homeassistant.components.device_automation import DEVICE_TRIGGER_BASE_SCHEMA
from homeassistant.components.event import (
    ATTR_EVENT_TYPE,
    ATTR_EVENT_TYPES,
    DOMAIN as EVENT_DOMAIN,
)
from homeassistant.const import (
    CONF_DEVICE_ID,
    CONF_DOMAIN,
    CONF_ENTITY_ID,
    CONF_PLATFORM,
    CONF_TYPE,
    STATE_UNAVAILABLE,
    STATE_UNKNOWN,
)
from homeassistant.core import (
    CALLBACK_TYPE,
    Event,
    EventStateChangedData,
    HassJob,
    HomeAssistant,
    State,
    callback,
)
from homeassistant.helpers import config_validation as cv, entity_registry as er
from homeassistant.helpers.event import async_track_state_change_event
from homeassistant.helpers.trigger import TriggerActionType, TriggerInfo
from homeassistant.helpers.typing import ConfigType
import probatio as vol

from .const import DOMAIN

TRIGGER_SCHEMA = DEVICE_TRIGGER_BASE_SCHEMA.extend(
    {
        vol.Required(CONF_ENTITY_ID): cv.entity_id_or_uuid,
        vol.Required(CONF_TYPE): cv.string,
    }
)


async def async_get_triggers(
    hass: HomeAssistant, device_id: str
) -> list[dict[str, Any]]:
    """Return the triggers of a device, even while its entry is not loaded."""
    return [
        {
            CONF_PLATFORM: "device",
            CONF_DOMAIN: DOMAIN,
            CONF_DEVICE_ID: device_id,
            CONF_ENTITY_ID: entity.id,
            CONF_TYPE: event_type,
        }
        # Disabled entities are excluded: they receive no events.
        for entity in er.async_entries_for_device(er.async_get(hass), device_id)
        if entity.platform == DOMAIN and entity.domain == EVENT_DOMAIN
        for event_type in (entity.capabilities or {}).get(ATTR_EVENT_TYPES, ())
    ]


async def async_attach_trigger(
    hass: HomeAssistant,
    config: ConfigType,
    action: TriggerActionType,
    trigger_info: TriggerInfo,
) -> CALLBACK_TYPE:
    """Run the action whenever an event of the type happens."""
    entity_id = er.async_validate_entity_id(er.async_get(hass), config[CONF_ENTITY_ID])
    wanted: str = config[CONF_TYPE]
    job = HassJob(action, f"{DOMAIN} device trigger {entity_id} {wanted}")

    @callback
    def on_state(event: Event[EventStateChangedData]) -> None:
        old, new = event.data["old_state"], event.data["new_state"]
        if new is None or not _is_new_event(old, new):
            return
        if new.attributes.get(ATTR_EVENT_TYPE) == wanted:
            hass.async_run_hass_job(
                job,
                {
                    "trigger": {
                        **trigger_info["trigger_data"],
                        **config,
                        "description": f"{new.name}: {wanted}",
                    }
                },
                event.context,
            )

    return async_track_state_change_event(hass, entity_id, on_state)


def _is_new_event(old: State | None, new: State) -> bool:
    """Return whether a state change is a new event, not a restored or recovered state."""
    return (
        old is not None
        and old.state != STATE_UNAVAILABLE
        and new.state not in {STATE_UNAVAILABLE, STATE_UNKNOWN}
        and new.state != old.state
    )
