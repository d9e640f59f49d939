"""Description and state reader of one entity of the meter."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Any, Final

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import EntityCategory

from ....model import Detailed, SensorPoint, SensorValue
from ..client.models import Telegram

type Value = SensorValue | Detailed[SensorValue] | None

METER: Final = "meter"
"""Device id of the electricity meter; it survives a replacement of the meter."""

PHASES: Final = (1, 2, 3)
QUADRANTS: Final = (1, 2, 3, 4)
RESTORE: Final = timedelta(days=1)


class Pace(Enum):
    """How often a value is updated (options of the entry)."""

    POWER = auto()
    """For values that automations use for control."""
    SLOW = auto()
    """For values that would only fill the database if updated with every telegram."""
    AT_ONCE = auto()
    """Rare events, never delayed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PointDescription:
    """One entity: the telegram lines that it depends on, and how to read its value.

    ``lasting`` values stay valid during a short interruption. ``exists`` decides
    whether a meter has it, ``enabled`` whether it is enabled by default.
    """

    description: SensorEntityDescription
    keys: tuple[str, ...]
    value: Callable[[Telegram], Value]
    pace: Pace = Pace.SLOW
    lasting: bool = False
    restore: bool = False
    placeholders: dict[str, str] = field(default_factory=dict)
    exists: Callable[[Telegram], bool] | None = None
    enabled: Callable[[Telegram], bool] | None = None

    @property
    def id(self) -> str:
        """Return the id of the point."""
        return self.description.key

    def is_in(self, telegram: Telegram) -> bool:
        """Return whether this meter has it."""
        if self.exists is not None:
            return self.exists(telegram)
        return any(key in telegram.readings for key in self.keys)

    def point(self, telegram: Telegram | None) -> SensorPoint:
        """Return the point; without a telegram (after a restart) with defaults."""
        description = self.description
        if telegram and self.enabled and not self.enabled(telegram):
            description = replace(description, entity_registry_enabled_default=False)
        return SensorPoint(
            device=METER,
            description=description,
            placeholders=self.placeholders,
            restore=RESTORE if self.restore else None,
        )


def number(
    key: str,
    obis: str,
    device_class: SensorDeviceClass | None,
    unit: str | None,
    *,
    state_class: SensorStateClass | None = SensorStateClass.MEASUREMENT,
    pace: Pace = Pace.SLOW,
    on: bool = True,
    diagnostic: bool = False,
    translation: str | None = None,
    enabled: Callable[[Telegram], bool] | None = None,
    **placeholders: str,
) -> PointDescription:
    """Return the row of a numeric line."""
    counter = state_class is SensorStateClass.TOTAL_INCREASING

    def value(telegram: Telegram) -> Value:
        return telegram.quantity(obis, unit)

    return PointDescription(
        description=SensorEntityDescription(
            key=key,
            translation_key=translation or key,
            device_class=device_class,
            native_unit_of_measurement=unit,
            # Use the printed unit, so that Home Assistant does not look for another one
            # at every write.
            suggested_unit_of_measurement=unit,
            state_class=state_class,
            entity_registry_enabled_default=on,
            entity_category=EntityCategory.DIAGNOSTIC if diagnostic else None,
        ),
        keys=(obis,),
        value=value,
        pace=pace,
        lasting=counter,
        restore=counter,
        placeholders=placeholders,
        enabled=enabled,
    )


def per_phase(
    key: str, group: int, *args: Any, quantity: str = "7.0", **kwargs: Any
) -> Iterator[PointDescription]:
    """Yield one row for each phase; ``group`` is the C value of L1 minus 20."""
    for phase in PHASES:
        yield number(
            f"{key}_l{phase}",
            f"1-0:{20 * phase + group}.{quantity}",
            *args,
            translation=f"{key}_phase",
            phase=f"L{phase}",
            **kwargs,
        )


def at_once(
    key: str,
    obis: str,
    value: Callable[[Telegram], Value],
    *,
    on: bool = False,
    diagnostic: bool = True,
    lasting: bool = True,
    restore: bool = False,
    exists: Callable[[Telegram], bool] | None = None,
    more_keys: tuple[str, ...] = (),
    **description: Any,
) -> PointDescription:
    """Return the row of a value that is not a plain number, updated at once."""
    return PointDescription(
        description=SensorEntityDescription(
            key=key,
            translation_key=key,
            entity_registry_enabled_default=on,
            entity_category=EntityCategory.DIAGNOSTIC if diagnostic else None,
            **description,
        ),
        keys=(obis, *more_keys),
        value=value,
        pace=Pace.AT_ONCE,
        lasting=lasting,
        restore=restore,
        exists=exists,
    )


def iso(moment: datetime | None) -> str | None:
    """Return a time in the format of attributes."""
    return moment.isoformat() if moment else None
