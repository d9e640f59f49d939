"""What is measured, where it is not certain in which unit."""

from typing import Any

import pytest

from custom_components.junction.backends.cozify.client.models import Device
from custom_components.junction.backends.cozify.entities.sensors import build
from custom_components.junction.backends.cozify.settings import Settings


def shown(capability: str, key: str, **state: Any) -> object:
    """Return what is shown of a device with one capability."""
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
