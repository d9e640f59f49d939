"""Sensors whose unit is uncertain."""

from typing import Any

import pytest

from custom_components.junction.backends.cozify.client.models import Device
from custom_components.junction.backends.cozify.entities import binary_sensors
from custom_components.junction.backends.cozify.entities.sensors import (
    ENERGIES,
    SENSORS,
    build,
)
from custom_components.junction.backends.cozify.settings import Settings
from custom_components.junction.model import look


def shown(capability: str, key: str, **state: Any) -> object:
    """Return the state of a device with one capability."""
    said = {"type": "X", "capabilities": [capability], "state": state}
    device = Device.parse("some-id", said)
    (found,) = (
        built
        for built in build(device, Settings())
        if built.point.description.key == key
    )
    assert found.read is not None
    return found.read(device)


@pytest.mark.parametrize(
    ("said", "hectopascal"),
    [
        (101325, 1013.25),
        (1013.25, 1013.25),
        (300, 300),
        (1200, 1200),
        (30_000, 300),
        (120_000, 1200),
        # Neither makes sense as the pressure of air.
        (0, None),
        (1201, None),
        (29_999, None),
        (-1, None),
        ("1013", 1013),
        ("high", None),
        (None, None),
    ],
)
def test_pressure(said: object, hectopascal: float | None) -> None:
    assert shown("PRESSURE", "pressure", pressure=said) == hectopascal


@pytest.mark.parametrize("said", [0, None, -5, "soon", 10**30])
def test_last_seen_never(said: object) -> None:
    assert shown("DEVICE", "last_seen", lastSeen=said) is None


@pytest.mark.parametrize(
    ("capability", "key", "field", "said", "value"),
    [
        ("TEMPERATURE", "temperature", "temperature", 29.9212555797485, 29.92),
        ("HUMIDITY", "humidity", "humidity", 41.00000000001, 41.0),
        ("LUX", "illuminance", "lux", 120.04, 120.0),
        ("CO2", "co2", "co2Ppm", 612.0000001, 612),
        ("BATTERY_C", "battery", "battery", 87.0, 87),
        ("POWER_METER", "energy", "totalPower", 123.45600000000002, 123.456),
        ("BATTERY_U", "battery_voltage", "batteryV", 2.9000000000000004, 2.9),
        # Zigbee's codes for "unknown".
        ("BATTERY_C", "battery", "battery", 255, None),
        ("BATTERY_C", "battery", "battery", -1, None),
        ("HUMIDITY", "humidity", "humidity", 655.35, None),
        ("TEMPERATURE", "temperature", "temperature", -327.68, None),
    ],
)
def test_noise_and_codes_are_no_measurements(
    capability: str, key: str, field: str, said: float, value: float | None
) -> None:
    found = shown(capability, key, **{field: said})
    assert found == value
    assert type(found) is type(value)


def test_no_more_digits_are_shown_than_are_measured() -> None:
    for row in (*SENSORS, *ENERGIES):
        digits = look(row.description).digits
        assert digits is not None
        assert digits <= row.digits


@pytest.mark.parametrize(
    ("kind", "capability", "field", "names_itself"),
    [
        ("CONTACT", "CONTACT", "open", True),
        ("MULTI_SENSOR", "CONTACT", "open", False),
        ("CO", "CO", "coDetected", True),
        ("MULTI_SENSOR", "LOW_TEMP", "lowTemp", False),
    ],
)
def test_what_has_one_purpose_is_named_as_its_device(
    kind: str, capability: str, field: str, *, names_itself: bool
) -> None:
    said = {"type": kind, "capabilities": [capability], "state": {field: True}}
    (found,) = binary_sensors.build(Device.parse("some-id", said))
    description = found.point.description
    if names_itself:
        assert (description.name, description.translation_key) == (None, None)
    else:
        assert description.translation_key == f"cozify_{description.key}"
