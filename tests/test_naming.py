"""Names of entities do not repeat those of their devices."""

import pytest

from custom_components.junction.model import name_beside, name_on


@pytest.mark.parametrize(
    ("device", "name", "shown"),
    [
        ("House", "House total", "Total"),
        ("House", "house - total", "Total"),
        ("Tank", "TANK: pH", "pH"),
        ("House", "House", "House"),
        ("House", "House ", "House "),
        ("House", "Household total", "Household total"),
        ("House", "Total of House", "Total of House"),
        ("Växthus", "växthus_Luft", "Luft"),
        ("", "Total", "Total"),
        ("House", "", ""),
    ],
)
def test_without_the_name_of_the_device(device: str, name: str, shown: str) -> None:
    assert name_on(device, name) == shown


@pytest.mark.parametrize(
    ("device", "name", "shown"),
    [
        ("Average temperature", "Temperature", None),
        ("House", "House", None),
        ("CPU load", "CPU load (1 minute)", "(1 minute)"),
        ("Outdoor temperature", "Temperature lowest", "Lowest"),
        ("House", "House - total", "Total"),
        ("Tank", "TANK: pH", "pH"),
        ("Temperature", "Temperatures", "Temperatures"),
        ("Heating", "Setpoint", "Setpoint"),
        ("Lämpötila", "lämpötila", None),
        ("", "Total", "Total"),
    ],
)
def test_beside_the_name_of_the_device(
    device: str, name: str, shown: str | None
) -> None:
    assert name_beside(device, name) == shown
