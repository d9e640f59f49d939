"""Temperature limits of thermostats."""

from typing import Any

import pytest

from custom_components.junction.backends.cozify.client import TargetRange

USUAL = TargetRange()


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ({}, (5, 35)),
        ({"targetTemp": 21.0}, (5, 35)),
        # The current setpoint is always within the limits.
        ({"targetTemperature": 45}, (5, 45)),
        ({"targetTemp": 3.5}, (3.5, 35)),
        # Codes for "none" are no temperatures.
        ({"targetTemp": -1}, (5, 35)),
        ({"targetTemp": 0}, (5, 35)),
        ({"targetTemp": 327.67}, (5, 35)),
        ({"targetTemp": "warm"}, (5, 35)),
        # Reported limits apply.
        ({"minTemperature": 16, "maxTemperature": 31, "targetTemp": 40}, (16, 31)),
        ({"minTargetTemp": 10, "maxTargetTemp": 28}, (10, 28)),
        ({"minTargetTemperature": 8, "maxTargetTemperature": 40}, (8, 40)),
        # Unless they make no sense, or belong to a light.
        ({"minTemperature": 31, "maxTemperature": 16}, (5, 35)),
        ({"minTemperature": 2202.6, "maxTemperature": 4000}, (5, 35)),
        ({"minTemperature": 16}, (5, 35)),
    ],
)
def test_limits(state: dict[str, Any], expected: tuple[float, float]) -> None:
    found = USUAL.of(state)
    assert (found.low, found.high) == expected


def test_what_was_possible_once_stays_possible() -> None:
    hot = USUAL.of({"targetTemp": 45})
    assert hot.of({"targetTemp": 21}) == hot
