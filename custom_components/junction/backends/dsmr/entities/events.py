"""Event for a received message."""

from typing import Final

from homeassistant.components.event import EventEntityDescription

from ....model import EventPoint
from .description import METER

MESSAGE_RECEIVED: Final = "received"
MESSAGE_EVENT: Final = EventPoint(
    device=METER,
    description=EventEntityDescription(
        key="message_event",
        translation_key="message_event",
        event_types=[MESSAGE_RECEIVED],
        entity_registry_enabled_default=False,
    ),
)
