"""A quantity has the same presentation in all systems."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from homeassistant.components.sensor import SensorDeviceClass
from homeassistant.const import EntityCategory
from homeassistant.helpers import entity_registry as er

from custom_components.junction.model.quantities import CATEGORIES, DIGITS

from ..quantities import OWN_CATEGORIES, OWN_DIGITS, WITHOUT_DIGITS, wrong_icon
from .shown import Shown

# Measurements are the purpose of a device.
MEASURED: Final = {
    SensorDeviceClass.CURRENT,
    SensorDeviceClass.ENERGY,
    SensorDeviceClass.FREQUENCY,
    SensorDeviceClass.GAS,
    SensorDeviceClass.HUMIDITY,
    SensorDeviceClass.POWER,
    SensorDeviceClass.TEMPERATURE,
    SensorDeviceClass.VOLTAGE,
    SensorDeviceClass.WATER,
}


def wrong_category(entity: er.RegistryEntry) -> Iterator[str]:
    """Yield the faults of an entity's category on its device page."""
    kind, key = entity.original_device_class or "", entity.translation_key or ""
    if kind not in CATEGORIES and (entity.domain != "sensor" or kind not in MEASURED):
        return
    expected = OWN_CATEGORIES.get(key, CATEGORIES.get(kind))
    if entity.entity_category is not expected:
        yield f"category {entity.entity_category}, of {kind} elsewhere {expected}"


def wrong_digits(entity: er.RegistryEntry) -> Iterator[str]:
    """Yield the faults of a sensor's displayed precision."""
    kind, unit = entity.original_device_class, entity.unit_of_measurement
    if entity.domain != "sensor" or kind is None or kind in WITHOUT_DIGITS:
        return
    options: Mapping[str, Any] = entity.options.get("sensor") or {}
    shown = options.get("suggested_display_precision")
    digits = DIGITS.get(kind)
    expected = None if digits is None else digits.get(unit)
    if expected is None:
        yield f"{kind} in {unit} is missing in model/quantities.py"
    elif shown != OWN_DIGITS.get(entity.translation_key or "", expected):
        yield f"{shown} digits, of {kind} in {unit} elsewhere {expected}"


def test_the_same_in_all_systems(shown: Shown) -> None:
    """Digits, icons, and categories, of entities that are off by default, too."""
    problems = [
        f"{shown.system} {entity.entity_id} ({entity.translation_key}): {problem}"
        for entity in shown.entities
        for problem in (
            *wrong_category(entity),
            *wrong_digits(entity),
            *wrong_icon(
                entity.domain, entity.translation_key, entity.original_device_class
            ),
        )
    ]
    assert not problems, "\n".join(problems)


def test_something_is_compared(shown: Shown) -> None:
    kinds = {entity.original_device_class for entity in shown.entities}
    assert kinds & (MEASURED | {*CATEGORIES})
    assert all(
        category is not EntityCategory.CONFIG or kind in {"identify", "restart"}
        for kind, category in CATEGORIES.items()
    )
