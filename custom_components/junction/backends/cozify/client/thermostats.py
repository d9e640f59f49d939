"""Which temperatures a thermostat can be set to (docs/protocols/cozify.md#thermostats)."""

from dataclasses import dataclass
from typing import Final

from ...http import json_fields as j
from .models import State

TARGETS: Final = ("targetTemp", "targetTemperature")
"""The field of the wanted temperature: hubs use one or the other."""

_TOLD: Final = (
    ("minTargetTemp", "maxTargetTemp"),
    ("minTargetTemperature", "maxTargetTemperature"),
    ("minTemperature", "maxTemperature"),
)
_LOWEST: Final = 1.0
_HIGHEST: Final = 95.0
"""Between these (°C) a reported value can be a wanted temperature, and no code for none."""


def target(state: State) -> float | None:
    """Return the wanted temperature in °C."""
    return next(
        (v for name in TARGETS if (v := j.number(state, name)) is not None), None
    )


@dataclass(frozen=True, slots=True)
class TargetRange:
    """The limits of the wanted temperature, in °C."""

    low: float = 5.0
    high: float = 35.0

    def of(self, state: State) -> TargetRange:
        """Return the limits of a device, given those that were known before.

        Limits that the device tells are the truth. Most tell none: then what it reports
        to be set to is among what it can be set to, and stays so.
        """
        for fields in _TOLD:
            low, high = (j.number(state, field) for field in fields)
            if (
                low is not None
                and high is not None
                and _LOWEST <= low < high <= _HIGHEST
            ):
                return TargetRange(low, high)
        value = target(state)
        if value is None or not _LOWEST <= value <= _HIGHEST:
            return self
        return TargetRange(min(self.low, value), max(self.high, value))
