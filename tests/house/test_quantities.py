"""The same quantity belongs to the same place, whatever system it comes from."""

from typing import Final

from homeassistant.const import EntityCategory

from .shown import Shown

_DIAGNOSTIC: Final = EntityCategory.DIAGNOSTIC
CATEGORIES: Final = {
    ("sensor", "voltage"): None,
    ("sensor", "current"): None,
    ("sensor", "power"): None,
    ("sensor", "energy"): None,
    ("sensor", "temperature"): None,
    ("sensor", "humidity"): None,
    ("sensor", "gas"): None,
    ("sensor", "water"): None,
    ("sensor", "timestamp"): _DIAGNOSTIC,
    ("sensor", "signal_strength"): _DIAGNOSTIC,
    ("sensor", "battery"): _DIAGNOSTIC,
    ("binary_sensor", "battery"): _DIAGNOSTIC,
    ("binary_sensor", "connectivity"): _DIAGNOSTIC,
    ("button", "identify"): EntityCategory.CONFIG,
    ("button", "restart"): EntityCategory.CONFIG,
}
"""By domain and device class."""
OTHERS: Final = {
    "cozify_battery_voltage": _DIAGNOSTIC,
    "iotile_battery": _DIAGNOSTIC,
    "fuse_limit_phase": _DIAGNOSTIC,
    "power_limit": _DIAGNOSTIC,
}
"""By translation key: of a battery, or what is set and not measured."""


def test_categories(shown: Shown) -> None:
    problems = [
        f"{entity.entity_id}: {entity.entity_category}"
        for entity in shown.entities
        if (kind := (entity.domain, entity.original_device_class or "")) in CATEGORIES
        and entity.entity_category
        is not OTHERS.get(entity.translation_key or "", CATEGORIES[kind])
    ]
    assert not problems, "\n".join(problems)
