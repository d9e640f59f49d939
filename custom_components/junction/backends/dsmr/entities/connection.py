"""State of the connection, and link quality counters."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntityDescription,
)
from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import EntityCategory, UnitOfTime

from ....model import BinarySensorPoint, Delta, Point, PointKey, SensorPoint
from ..client.statistics import LinkStatistics
from .description import METER
from .events import MESSAGE_EVENT

CONNECTED: Final = BinarySensorPoint(
    device=METER,
    description=BinarySensorEntityDescription(
        key="connected",
        translation_key="p1_connection",
        device_class=BinarySensorDeviceClass.CONNECTIVITY,
        entity_category=EntityCategory.DIAGNOSTIC,
    ),
)


def _counters() -> Iterator[tuple[str, SensorPoint]]:
    """Yield the counters, each with its attribute of ``LinkStatistics``."""
    for name in (
        "telegrams",
        "crc_errors",
        "framing_errors",
        "decode_errors",
        "lost_telegrams",
        "reconnects",
        "interval",
    ):
        unit: dict[str, Any] = {"state_class": SensorStateClass.TOTAL_INCREASING}
        if name == "interval":
            unit = {
                "state_class": SensorStateClass.MEASUREMENT,
                "device_class": SensorDeviceClass.DURATION,
                "native_unit_of_measurement": UnitOfTime.SECONDS,
                # The interval of meters is one second or ten.
                "suggested_display_precision": 2,
            }
        yield (
            name,
            SensorPoint(
                device=METER,
                description=SensorEntityDescription(
                    key=f"link_{name}",
                    translation_key=f"link_{name}",
                    entity_category=EntityCategory.DIAGNOSTIC,
                    entity_registry_enabled_default=False,
                    **unit,
                ),
            ),
        )


COUNTERS: Final = tuple(_counters())
CONNECTION_POINTS: Final[tuple[Point[Any], ...]] = (
    CONNECTED,
    MESSAGE_EVENT,
    *(point for _, point in COUNTERS),
)


def counter_states(statistics: LinkStatistics) -> dict[PointKey, object]:
    """Return the states of the counters."""
    return {point.key: getattr(statistics, name) for name, point in COUNTERS}


def with_states(delta: Delta, states: Mapping[PointKey, object]) -> Delta:
    """Return a delta with additional states."""
    return Delta(
        states={**delta.states, **states},
        devices=delta.devices,
        topology=delta.topology,
    )
