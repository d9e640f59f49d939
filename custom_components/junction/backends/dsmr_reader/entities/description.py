"""Description and state reader of one point."""

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
from ..client.state import Group, ReaderState

SERVER: Final = "server"
GAS_METER: Final = "gas"


def _always(state: ReaderState) -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class PointDescription:
    """One point: added once it ``exists``, enabled by default if it is ``on`` then.

    ``live`` values are valid only at the time of a reading, and are unavailable while
    the server receives none.
    """

    key: str
    value: Callable[[ReaderState], object]
    group: Group = Group.READING
    exists: Callable[[ReaderState], bool] = _always
    on: Callable[[ReaderState], bool] | bool = True
    live: bool = False
    device: str = SERVER
    binary: bool = False
    diagnostic: bool = False
    placeholders: Mapping[str, str] | None = None
    translation: str | None = None
    more: Mapping[str, Any] | None = None

    def point(self, state: ReaderState) -> Point[Any]:
        """Return the point to add."""
        facts: dict[str, Any] = {
            "key": self.key,
            "translation_key": self.translation or f"dsmr_reader_{self.key}",
            "entity_registry_enabled_default": (
                self.on if isinstance(self.on, bool) else self.on(state)
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
        """Return the key of the point."""
        return (self.device, self.key)

    def state(self, state: ReaderState) -> object:
        """Return the current state of the point."""
        if self.group not in state.fresh or (self.live and not state.is_receiving):
            return UNAVAILABLE
        return self.value(state)


def is_known(value: Callable[[ReaderState], object]) -> Callable[[ReaderState], bool]:
    """Return a function that checks whether there is a value."""
    return lambda state: value(state) is not None


def counts(
    value: Callable[[ReaderState], float | None],
) -> Callable[[ReaderState], bool]:
    """Return a function that checks whether there is a value above 0."""
    return lambda state: (value(state) or 0) > 0


def with_reset(
    value: Callable[[ReaderState], float | None],
) -> Callable[[ReaderState], object]:
    """Return a function that adds the start of the period to a total."""

    def detailed(state: ReaderState) -> object:
        return Detailed(value(state), last_reset=state.day_start)

    return detailed
