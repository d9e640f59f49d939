"""Names of entities do not repeat those of their devices."""

import pytest

from custom_components.junction.model import name_on


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
