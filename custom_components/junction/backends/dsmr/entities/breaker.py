"""The breaker inside the meter, and its relays."""

from collections.abc import Iterator
from typing import Final

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntityDescription,
)
from homeassistant.components.sensor import SensorDeviceClass
from homeassistant.const import EntityCategory

from ....model import BinarySensorPoint
from ..client.models import Telegram
from .description import METER, PointDescription, Value, at_once

BREAKER: Final[dict[float | None, str]] = {0: "off", 1: "on", 2: "ready"}
RELAY: Final = BinarySensorEntityDescription(
    key="relay",
    translation_key="relay",
    device_class=BinarySensorDeviceClass.POWER,
    entity_category=EntityCategory.DIAGNOSTIC,
    entity_registry_enabled_default=False,
)


def breaker() -> Iterator[PointDescription]:
    """Yield the state of the breaker."""

    def state(telegram: Telegram) -> Value:
        return BREAKER.get(telegram.number("0-0:96.3.10"))

    yield at_once(
        "breaker",
        "0-0:96.3.10",
        state,
        device_class=SensorDeviceClass.ENUM,
        options=list(BREAKER.values()),
    )


def relay_point(number: int) -> BinarySensorPoint:
    """Return the point of relay ``number`` (1-4) of the electricity meter."""
    return BinarySensorPoint(
        device=METER,
        description=RELAY,
        id=f"relay_{number}",
        placeholders={"number": str(number)},
    )
