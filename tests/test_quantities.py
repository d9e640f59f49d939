"""Quantities: common presentation, in every table of entities."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Any, Final

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntityDescription,
)
from homeassistant.components.sensor import SensorDeviceClass, SensorEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.junction.backends import BACKENDS
from custom_components.junction.backends.iotile.entities import units
from custom_components.junction.backends.mycodo.entities.meaning import (
    HA_UNITS,
    MEASUREMENTS,
    meaning,
)
from custom_components.junction.model import BinarySensorPoint, Look, SensorPoint, look
from custom_components.junction.model.quantities import DIGITS

from .quantities import OWN_CATEGORIES, OWN_DIGITS, WITHOUT_DIGITS, wrong_icon
from .test_translations import tables
from .texts import icons

TEMPERATURE: Final = "sensor.room_temperature"


def described() -> Iterator[tuple[str, Any]]:
    """Yield every description of all systems, by its domain."""
    yield from tables()
    for measurement, unit in product(sorted(MEASUREMENTS), sorted(HA_UNITS)):
        found = meaning(measurement, unit, beside=frozenset())
        if not found.binary:
            yield "sensor", found.sensor()


def test_every_description_looks_like_the_same_elsewhere() -> None:
    problems: set[str] = set()
    seen = 0
    for domain, description in described():
        kind = getattr(description, "device_class", None)
        if kind is None:
            continue
        seen += 1
        key = description.translation_key or ""
        expected = look(description)
        named = f"{domain} {key or description.key} of {kind}"
        problems |= {f"{named}: {one}" for one in wrong_icon(domain, key, kind)}
        category = description.entity_category
        if expected.category and category not in {None, expected.category}:
            problems.add(f"{named}: {category}, elsewhere {expected.category}")
        if domain == "sensor" and kind not in WITHOUT_DIGITS:
            unit = description.native_unit_of_measurement
            own = description.suggested_display_precision
            allowed = {None, expected.digits, OWN_DIGITS.get(key)}
            if own not in allowed:
                problems.add(f"{named}: {own} digits in {unit}, {expected.digits}")
            elif own is None and expected.digits is None:
                problems.add(f"{named}: {unit} is missing in model/quantities.py")
    assert seen > 300
    assert not problems, "\n".join(sorted(problems))


def test_measured_by_meters_is_no_diagnosis() -> None:
    """Voltage from any meter is not diagnostic, like power."""
    measured = {
        SensorDeviceClass.CURRENT,
        SensorDeviceClass.FREQUENCY,
        SensorDeviceClass.POWER,
        SensorDeviceClass.POWER_FACTOR,
        SensorDeviceClass.VOLTAGE,
    }
    problems = {
        f"{description.translation_key}: {category}"
        for domain, description in described()
        if domain == "sensor" and description.device_class in measured
        if (category := description.entity_category or look(description).category)
        is not OWN_CATEGORIES.get(description.translation_key or "")
    }
    assert not problems


def test_every_unit_of_iotile_has_digits() -> None:
    for found in units._UNITS.values():
        if found.device_class is not None:
            assert found.unit in DIGITS[found.device_class], found


def test_one_role_has_one_icon() -> None:
    """Also without a device class: each quantity has a single icon."""
    by_role: dict[tuple[str, str], dict[str, str]] = {}
    for path, icon in icons().items():
        parts = path.split(".")
        if parts[0] == "entity" and parts[-1] == "default" and len(parts) == 4:
            role = parts[2]
            for system in sorted((*BACKENDS, "forward"), key=len, reverse=True):
                role = role.removeprefix(f"{system}_")
            by_role.setdefault((parts[1], role), {})[parts[2]] = icon
    assert len(by_role) > 100
    assert not [keys for keys in by_role.values() if len({*keys.values()}) > 1]


def sensor(**more: Any) -> SensorEntityDescription:
    return SensorPoint(
        device="d",
        description=SensorEntityDescription(key="it", name="It", **more),
    ).description


def test_what_is_left_open_is_filled_in() -> None:
    power = sensor(
        device_class=SensorDeviceClass.POWER, native_unit_of_measurement="kW"
    )
    assert power.suggested_display_precision == 3
    assert power.entity_category is None
    # Digits of the displayed unit, not of the native one.
    energy = sensor(
        device_class=SensorDeviceClass.ENERGY,
        native_unit_of_measurement="Wh",
        suggested_unit_of_measurement="kWh",
    )
    assert energy.suggested_display_precision == 2
    seen = sensor(device_class=SensorDeviceClass.TIMESTAMP)
    assert seen.entity_category is EntityCategory.DIAGNOSTIC
    assert seen.suggested_display_precision is None
    # One description for all points that share it.
    assert power is sensor(
        device_class=SensorDeviceClass.POWER, native_unit_of_measurement="kW"
    )


def test_what_is_said_stays() -> None:
    kind = SensorDeviceClass.POWER
    said = sensor(
        device_class=kind,
        native_unit_of_measurement="kW",
        suggested_display_precision=1,
        entity_category=EntityCategory.DIAGNOSTIC,
    )
    assert said.suggested_display_precision == 1
    assert said.entity_category is EntityCategory.DIAGNOSTIC
    # An unknown currency, and a custom unit.
    assert sensor(device_class=kind, native_unit_of_measurement="PS") == (
        SensorEntityDescription(
            key="it", name="It", device_class=kind, native_unit_of_measurement="PS"
        )
    )


def test_roles_are_of_their_class_only() -> None:
    volts = SensorEntityDescription(
        key="battery_voltage",
        device_class=SensorDeviceClass.VOLTAGE,
        native_unit_of_measurement="V",
    )
    assert look(volts) == Look(2, EntityCategory.DIAGNOSTIC)
    power = replace(volts, device_class=SensorDeviceClass.POWER)
    assert look(power) == Look(None, None)


def test_binary_sensors_have_no_digits() -> None:
    point = BinarySensorPoint(
        device="d",
        description=BinarySensorEntityDescription(
            key="it", device_class=BinarySensorDeviceClass.CONNECTIVITY
        ),
    )
    assert point.description.entity_category is EntityCategory.DIAGNOSTIC


@pytest.mark.parametrize("chosen", [0, 4])
async def test_what_a_person_chose_stays(
    hass: HomeAssistant, entry: MockConfigEntry, chosen: int
) -> None:
    """The displayed unit and precision stay when their suggestions change."""
    registry = er.async_get(hass)
    unique_id = await _id_of_temperature(hass, entry, registry)
    chosen_options: tuple[dict[str, Any], ...] = (
        {"display_precision": chosen, "suggested_display_precision": 3},
        {"unit_of_measurement": "°F", "suggested_display_precision": 3},
    )
    for options in chosen_options:
        registry.async_update_entity_options(unique_id, "sensor", options)
        assert await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done()
        kept = dict(registry.entities[unique_id].options["sensor"])
        assert kept.pop("suggested_display_precision") == 1
        options.pop("suggested_display_precision")
        assert kept == options
        assert await hass.config_entries.async_unload(entry.entry_id)


async def _id_of_temperature(
    hass: HomeAssistant, entry: MockConfigEntry, registry: er.EntityRegistry
) -> str:
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert registry.entities[TEMPERATURE].options["sensor"] == {
        "suggested_display_precision": 1
    }
    assert await hass.config_entries.async_unload(entry.entry_id)
    return TEMPERATURE
