"""How a point is made of what is known."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from homeassistant.components.binary_sensor import BinarySensorEntityDescription
from homeassistant.components.sensor import SensorEntityDescription
from homeassistant.const import EntityCategory

from ....model import (
    UNAVAILABLE,
    BinarySensorPoint,
    Detailed,
    Point,
    PointKey,
    SensorPoint,
)
from ..known import Group, Known

SERVER: Final = "server"
GAS_METER: Final = "gas"


def _always(known: Known) -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One point. It is added once ``exists``, and enabled if it is ``on`` then.

    ``live``: true for the moment of a reading only, so not shown while none come.
    """

    key: str
    value: Callable[[Known], object]
    group: Group = Group.READING
    exists: Callable[[Known], bool] = _always
    on: Callable[[Known], bool] | bool = True
    live: bool = False
    device: str = SERVER
    binary: bool = False
    diagnostic: bool = False
    placeholders: Mapping[str, str] | None = None
    translation: str | None = None
    more: Mapping[str, Any] | None = None

    def point(self, known: Known) -> Point[Any]:
        """Return the point as it is to be added."""
        facts: dict[str, Any] = {
            "key": self.key,
            "translation_key": self.translation or f"dsmr_reader_{self.key}",
            "entity_registry_enabled_default": (
                self.on if isinstance(self.on, bool) else self.on(known)
            ),
            **(self.more or {}),
        }
        if self.diagnostic:
            facts["entity_category"] = EntityCategory.DIAGNOSTIC
        if self.binary:
            return BinarySensorPoint(
                device=self.device, description=BinarySensorEntityDescription(**facts)
            )
        return SensorPoint(
            device=self.device,
            description=SensorEntityDescription(**facts),
            placeholders=self.placeholders or {},
        )

    @property
    def point_key(self) -> PointKey:
        """The key of the point."""
        return (self.device, self.key)

    def state(self, known: Known) -> object:
        """Return what the point shows now."""
        if self.group not in known.fresh or (self.live and not known.is_receiving):
            return UNAVAILABLE
        return self.value(known)


def is_known(value: Callable[[Known], object]) -> Callable[[Known], bool]:
    """Return whether there is a value."""
    return lambda known: value(known) is not None


def counts(value: Callable[[Known], float | None]) -> Callable[[Known], bool]:
    """Return whether there is a value above 0."""
    return lambda known: (value(known) or 0) > 0


def with_reset(value: Callable[[Known], float | None]) -> Callable[[Known], object]:
    """Let a total say since when it counts."""

    def detailed(known: Known) -> object:
        return Detailed(value(known), last_reset=known.day_start)

    return detailed
